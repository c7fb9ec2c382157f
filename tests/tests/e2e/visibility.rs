//! Nobody learns of what they may not see: to a region's key, a warehouse must answer as if
//! everything closed to it were not there. So each viewer's answers are compared with those of a
//! copy from which the naive rule has deleted all that is closed to them: random queries over the
//! whole schema, single records, exports, and SQL as a BI login.

use std::collections::{BTreeSet, HashMap};

use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::bi::{grant, revoke};
use hotwash_schema::connect::connect;
use hotwash_schema::record::{RECORD_TYPES, Visibility};
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::wait_until;
use hotwash_tests::coalition::generated;
use hotwash_tests::queries::Queries;
use hotwash_tests::{Server, run};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tokio_postgres::Client;

const CODES: [&str; 6] = ["1", "2", "3", "4AB", "4C", "5"];
/// Random queries a viewer.
const QUERIES: usize = 150;

/// A copy of a database, dropped by its end.
struct Copy {
    url: String,
    name: String,
    maintenance: String,
}

impl Copy {
    async fn of(url: &str, number: usize) -> Self {
        let (server, name) = url.rsplit_once('/').unwrap();
        let maintenance = format!("{server}/postgres");
        let copy = format!("{name}_{number}");
        let client = connect(&maintenance).await.unwrap();
        let create = format!("create database {copy} template {name}");
        let mut tries = 0;
        // A template must have no connections; a closed one may take a moment to go.
        while let Err(error) = client.batch_execute(&create).await {
            tries += 1;
            assert!(tries < 100, "{error}");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        Self { url: format!("{server}/{copy}"), name: copy, maintenance }
    }

    async fn drop(self) {
        let client = connect(&self.maintenance).await.unwrap();
        client.batch_execute(&format!("drop database {} with (force)", self.name)).await.unwrap();
    }
}

/// Events E-shared of regions 3 and 4C, E-public of 4C, E-state and E-own of 3, each with four
/// actions.
fn marked_actions(url: &str) {
    let folder = tempfile::tempdir().unwrap();
    let events = "event_id,kind,name,start_at,regions,statewide,hazards,sensitivity\n\
        E-shared,exercise,Shared,2025-03-14 09:00,3; 4C,no,flood,RESTRICTED\n\
        E-public,exercise,Public,2025-03-14 09:00,4C,no,flood,PUBLIC\n\
        E-state,exercise,Statewide,2025-03-14 09:00,,yes,flood,RESTRICTED\n\
        E-own,exercise,Own,2025-03-14 09:00,3,no,flood,RESTRICTED\n";
    let mut findings = String::from("finding_id,event_id,kind,text\n");
    let mut actions =
        String::from("action_id,event_id,finding_id,region,text,status,opened_on,sensitivity\n");
    for event in ["shared", "public", "state", "own"] {
        findings += &format!("F-{event},E-{event},AREA_FOR_IMPROVEMENT,Area {event}\n");
        for (region, mark) in
            [("4C", "RESTRICTED"), ("4C", "PUBLIC"), ("3", "RESTRICTED"), ("", "")]
        {
            let name = [event, region, mark].join(" ");
            actions +=
                &format!("{name},E-{event},F-{event},{region},Act {name},OPEN,2025-04-01,{mark}\n");
        }
    }
    for (name, rows) in
        [("1-events.csv", events), ("2-findings.csv", &findings), ("3-actions.csv", &actions)]
    {
        std::fs::write(folder.path().join(name), rows).unwrap();
        run(url, &["load", folder.path().join(name).to_str().unwrap()]);
    }
}

#[tokio::test]
async fn an_action_restricted_to_its_region_is_closed_to_others_whatever_its_event_is() {
    let database = TestDatabase::new().await;
    marked_actions(database.url());
    let key =
        run(database.url(), &["key", "create", "region-3", "--role", "region", "--region", "3"]);
    let (server, key) = (Server::start(database.url(), &[]), Some(key.trim()));
    // Its own, the public ones, and those that name no region of events of its own: a public event
    // opens none.
    let open = [
        "Act own  ",
        "Act own 3 RESTRICTED",
        "Act own 4C PUBLIC",
        "Act public 3 RESTRICTED",
        "Act public 4C PUBLIC",
        "Act shared  ",
        "Act shared 3 RESTRICTED",
        "Act shared 4C PUBLIC",
        "Act state  ",
        "Act state 3 RESTRICTED",
        "Act state 4C PUBLIC",
    ];
    let open: Vec<String> = open.iter().map(|text| text.trim().to_owned()).collect();
    let texts = |actions: &Value| -> Vec<String> {
        let mut texts: Vec<String> = actions
            .as_array()
            .unwrap()
            .iter()
            .map(|action| action["text"].as_str().unwrap().trim().to_owned())
            .collect();
        texts.sort();
        texts
    };
    let answer = server
        .query_as(
            key,
            "{ correctiveActions(first: 100) { totalCount nodes { text event { name } } } }",
        )
        .2;
    let list = &answer["data"]["correctiveActions"];
    assert_eq!(texts(&list["nodes"]), open, "{answer}");
    assert_eq!(list["totalCount"], open.len(), "{answer}");
    let answer = server.query_as(key, "{ correctiveActionAggregate { count } }").2;
    assert_eq!(answer["data"]["correctiveActionAggregate"][0]["count"], open.len(), "{answer}");
    let closed = "{ shared: findings(filter: { correctiveActions: { text: { eq: \"Act shared 4C \
        RESTRICTED\" } } }) { totalCount } \
                    public: findings(filter: { correctiveActions: { text: { eq: \"Act public  \" } \
                    } }) { totalCount } \
                    state: findings(filter: { correctiveActions: { text: { eq: \"Act state 4C \
                    RESTRICTED\" } } }) { totalCount } }";
    let answer = server.query_as(key, closed).2;
    for event in ["shared", "public", "state"] {
        assert_eq!(
            answer["data"][event]["totalCount"], 0,
            "a filter finds what is closed: {answer}"
        );
    }
    let (status, file) = exported(&server, key, "correctiveActions");
    assert_eq!((status, file.lines().count()), (200, open.len() + 1), "{file}");
    let page = ureq::get(format!("{}/actions?region=4C", server.base))
        .header("authorization", format!("Bearer {}", key.unwrap()));
    let page = page.call().unwrap().body_mut().read_to_string().unwrap();
    assert!(page.contains("Act shared 4C PUBLIC") && !page.contains("4C RESTRICTED"), "{page}");
    let login = format!("bi_{:016x}", rand::random::<u64>());
    let granted = grant(database.pool(), &login, Role::Region, &["3".to_owned()]).await.unwrap();
    let (_, server) = database.url().rsplit_once('@').unwrap();
    let reader =
        connect(&format!("postgres://{login}:{}@{server}", granted.password)).await.unwrap();
    let rows = reader
        .query("select trim(action) from bi.fact_corrective_action order by 1", &[])
        .await
        .unwrap();
    let seen: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    drop(reader);
    revoke(database.pool(), &login).await.unwrap();
    assert_eq!(seen, open, "as a BI login");
}

/// A warehouse in which all kinds of openness occur.
async fn coalition() -> TestDatabase {
    let database = generated(11).await;
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute(
            "update warehouse.event set sensitivity = case when event_id % 9 = 0 then 'PUBLIC' \
             else 'RESTRICTED' end, statewide = event_id % 13 = 0;
             update warehouse.corrective_action a set sensitivity = case when corrective_action_id \
                % 11 = 0 then 'PUBLIC' else 'RESTRICTED' end,
                 region_from_event = corrective_action_id % 3 = 0,
                 region_id = case corrective_action_id % 3
                     when 0 then coalesce((select min(region_id) from warehouse.event_region w \
                where w.event_id = a.event_id), -1)
                     when 1 then (select region_id from warehouse.region where region_id > 0 and \
                region_scheme_id = 1 order by (region_id * 7 + corrective_action_id) % 11, \
                region_id limit 1)
                     else region_id end;
             update warehouse.risk_assessment set sensitivity = case when risk_assessment_id % 5 = \
                0 then 'PUBLIC' else 'RESTRICTED' end",
        )
        .await
        .unwrap();
    database
}

/// Keys of the rows that the rule in code opens, from rows of key, public, state-wide and regions.
async fn open(client: &Client, viewer: &Viewer, sql: &str) -> Vec<i64> {
    let rows = client.query(sql, &[]).await.unwrap();
    let sees = |row: &tokio_postgres::Row| {
        let regions: Vec<String> = row.get(3);
        viewer.sees_record(row.get(1), row.get(2), regions.iter().map(String::as_str))
    };
    rows.iter().filter(|row| sees(row)).map(|row| row.get(0)).collect()
}

/// Deletes the records that the access rule hides from a viewer.
async fn delete_closed(client: &Client, viewer: &Viewer) {
    let region =
        "(select array_agg(g.code) from warehouse.region g where g.region_id = t.region_id)";
    let events = open(
        client,
        viewer,
        "select v.event_id, v.sensitivity = 'PUBLIC', v.statewide, array(select g.code from \
         warehouse.event_region w join warehouse.region g using (region_id) where w.event_id = \
         v.event_id) from warehouse.event v",
    )
    .await;
    let rows = client
        .query(
            "select t.corrective_action_id, t.sensitivity = 'PUBLIC', (select g.code from \
             warehouse.region g where g.region_id = t.region_id and not t.region_from_event),
                    coalesce(v.statewide, false),
                    array(select g.code from warehouse.event_region w join warehouse.region g \
                using (region_id) where w.event_id = t.event_id),
                    coalesce(v.sensitivity = 'PUBLIC', false)
             from warehouse.corrective_action t left join warehouse.event v using (event_id)",
            &[],
        )
        .await
        .unwrap();
    let mut actions: Vec<i64> = Vec::new();
    let (mut closed_in_open_events, mut open_in_closed_events) = (0, 0);
    for row in &rows {
        let (public, region, statewide): (bool, Option<String>, bool) =
            (row.get(1), row.get(2), row.get(3));
        let regions: Vec<String> = row.get(4);
        let sees = viewer.sees_action(
            public,
            region.as_deref(),
            statewide,
            regions.iter().map(String::as_str),
        );
        let sees_event =
            viewer.sees_record(row.get(5), statewide, regions.iter().map(String::as_str));
        closed_in_open_events += usize::from(sees_event && !sees);
        open_in_closed_events += usize::from(sees && !sees_event);
        actions.extend(sees.then(|| row.get::<_, i64>(0)));
    }
    assert!(
        closed_in_open_events > 10 && open_in_closed_events > 10,
        "{closed_in_open_events} closed actions of open events, {open_in_closed_events} open ones \
         of closed events"
    );
    // Types whose rows are their own region's, whatever records they name.
    let mut kept = HashMap::from([
        ("event_id".to_owned(), events),
        ("corrective_action_id".to_owned(), actions),
    ]);
    let mut own = vec!["corrective_action"];
    for record in RECORD_TYPES.iter() {
        let public = match record.visibility {
            Visibility::OwnRegion => "false",
            Visibility::PublicOrOwnRegion => "t.sensitivity = 'PUBLIC'",
            _ => continue,
        };
        let name = record.name;
        let rows = format!(
            "select t.{name}_id::bigint, {public}, false, coalesce({region}, '{{}}') from \
             warehouse.{name} t"
        );
        kept.insert(format!("{name}_id"), open(client, viewer, &rows).await);
        own.push(name);
    }
    client
        .batch_execute(
            "set session_replication_role = replica; delete from meta.reject; delete \
            from meta.file_column",
        )
        .await
        .unwrap();
    let columns = client
        .query(
            "select c.table_name::text, c.column_name::text from information_schema.columns c join \
             information_schema.tables t using (table_schema, table_name)
             where table_schema = 'warehouse' and table_type = 'BASE TABLE'
               and column_name = any($1)",
            &[&kept.keys().collect::<Vec<_>>()],
        )
        .await
        .unwrap();
    for row in &columns {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        if own.contains(&table.as_str()) && column != format!("{table}_id") {
            continue;
        }
        let sql = format!(
            "delete from warehouse.{table} where {column} is not null and not ({column}::bigint = \
             any($1))"
        );
        client.execute(&sql, &[&kept[&column]]).await.unwrap();
    }
    client
        .batch_execute(
            "delete from warehouse.finding_element x where not exists (select from \
             warehouse.finding f where f.finding_id = x.finding_id);
             delete from warehouse.information_report x where not exists (select from \
                warehouse.information_request f where f.information_request_id = \
                x.information_request_id);
             set session_replication_role = origin; analyze",
        )
        .await
        .unwrap();
}

/// A column with references: its table, its name, and the table that it refers to.
type Reference = (&'static str, &'static str, &'static str);

/// References to closed actions, which lists, aggregates and exports hide.
const TO_ACTIONS: [Reference; 1] =
    [("tracker_request", "corrective_action_id", "corrective_action")];

/// References of open records to closed events and findings. Lists and aggregates hide them; exports
/// have their ids, and nothing else of them.
const TO_EVENTS: [Reference; 4] = [
    ("corrective_action", "event_id", "event"),
    ("corrective_action", "validated_event_id", "event"),
    ("corrective_action", "finding_id", "finding"),
    ("resource_request", "event_id", "event"),
];

/// Empties references to deleted records, as deleting them without replica mode would. Row-level
/// security opens whole rows, so a BI login reads the id of a closed record that an open one refers
/// to, and nothing else of it.
async fn empty_closed_references(client: &Client, references: &[Reference]) {
    let mut sql = "set session_replication_role = replica;".to_owned();
    for (table, column, to) in references {
        sql += &format!(
            "update warehouse.{table} t set {column} = null where not exists (select from \
             warehouse.{to} r where r.{to}_id = t.{column});"
        );
    }
    client.batch_execute(&(sql + "set session_replication_role = origin")).await.unwrap();
}

fn exported(server: &Server, key: Option<&str>, list: &str) -> (u16, String) {
    let mut request = ureq::get(format!("{}/export/{list}.csv", server.base))
        .config()
        .http_status_as_error(false)
        .build();
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let mut response = request.call().unwrap();
    (
        response.status().as_u16(),
        response.body_mut().with_config().limit(1 << 28).read_to_string().unwrap(),
    )
}

/// Returns a digest of what a login reads from every table and view.
async fn digests(client: &Client, relations: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for relation in relations {
        let sql = format!(
            "select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), \
             '') from {relation} t"
        );
        let digest: String = client
            .query_one(&sql, &[])
            .await
            .unwrap_or_else(|error| panic!("{relation}: {error:?}"))
            .get(0);
        all.push(format!("{relation} {digest}"));
    }
    all
}

#[tokio::test]
async fn to_a_region_the_warehouse_is_as_if_all_that_is_closed_to_it_were_not_there() {
    let database = coalition().await;
    let seed = std::env::var("HOTWASH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut random = StdRng::seed_from_u64(seed);
    let mut viewers: Vec<Viewer> = (0..3)
        .map(|number| {
            let regions: BTreeSet<&str> = (0..=number)
                .map(|_| *CODES.choose(&mut random).expect("there are regions"))
                .collect();
            Viewer {
                name: format!("viewer-{number}"),
                role: Role::Region,
                regions: regions.into_iter().map(str::to_owned).collect(),
            }
        })
        .collect();
    viewers[2].name = "viewer-of-several".into();
    // A copy has its own sums of the last publication; schema/tests/visibility.rs compares them
    // with records.
    let relations: Vec<String> = {
        let client = connect(database.url()).await.unwrap();
        let sql = "select format('%I.%I', table_schema, table_name) from information_schema.tables
                   where table_schema in ('warehouse', 'bi') and table_name not like 'metric\\_%'
                   and table_name not in ('action_change_daily', 'fact_action_backlog_daily', \
            'fact_capability_rating_monthly') order by 1";
        client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    let mut copies = Vec::new();
    for (number, viewer) in viewers.iter().enumerate() {
        let copy = Copy::of(database.url(), number).await;
        let client = connect(&copy.url).await.unwrap();
        delete_closed(&client, viewer).await;
        copies.push((copy, digests(&client, &relations).await));
        empty_closed_references(&client, &TO_ACTIONS).await;
    }
    hotwash_tests::coalition::released(database.url());
    let whole =
        Server::start(database.url(), &["--rate", "0", "--budget", "0", "--no-cache", "answers"]);
    let queries = Queries::of(&whole);
    let analyst = run(database.url(), &["key", "create", "analyst", "--role", "analyst"]);
    for (viewer, (copy, expected)) in viewers.iter().zip(copies) {
        let mut arguments = vec!["key", "create", &viewer.name, "--role", "region"];
        for code in &viewer.regions {
            arguments.extend(["--region", code]);
        }
        let key = run(database.url(), &arguments);
        let key = Some(key.trim());
        wait_until("the server knows that a key was made", || {
            whole.query_as(None, "{ regions { code } }").0 == 401
        });
        let reduced = Server::start(&copy.url, &["--no-cache", "answers"]);
        for list in queries.lists() {
            assert_eq!(
                exported(&whole, key, &list),
                exported(&reduced, None, &list),
                "{list} as {viewer:?}"
            );
        }
        drop(reduced);
        let client = connect(&copy.url).await.unwrap();
        empty_closed_references(&client, &TO_EVENTS).await;
        drop(client);
        let reduced = Server::start(&copy.url, &["--no-cache", "answers"]);
        let mut reported = 0;
        for number in 0..QUERIES {
            let query = queries.any(&mut random);
            let (_, _, seen) = whole.query_as(key, &query);
            let (_, _, expected) = reduced.query_as(None, &query);
            // The copy has no closed records, so its aggregates count all.
            let data = seen["data"].to_string();
            let data = data.replace("\"OPEN_AND_OWN_RECORDS\"", "\"ALL_RECORDS\"");
            let data: serde_json::Value = serde_json::from_str(&data).unwrap();
            assert_eq!(
                (&data, &seen["errors"]),
                (&expected["data"], &expected["errors"]),
                "query {number} of seed {seed} as {viewer:?}\n{query}"
            );
            reported += usize::from(seen["data"].to_string().len() > 100);
        }
        assert!(reported > QUERIES / 3, "only {reported} of {QUERIES} answers say anything");
        for (kind, id) in queries.ids(&mut random, 60) {
            let query = queries.node(&kind, &id, &mut random);
            let (seen, expected) =
                (whole.query_as(key, &query).2, reduced.query_as(None, &query).2);
            assert_eq!(seen["data"], expected["data"], "{query} as {viewer:?}\n{seen}");
        }
        // A metric's rows name records that are open alone.
        let provenance = "{ a: metric(id: \"capability_performance\", groupBy: [REGION]) { rows { \
            records(first: 200) { totalCount nodes { id } } } } \
                           b: metric(id: \"action_closure\", groupBy: [REGION]) { rows { \
                           records(first: 200) { totalCount nodes { id } } } } \
                           c: metric(id: \"incident_burden\", groupBy: [REGION]) { rows { \
                           records(first: 200) { totalCount nodes { id } } } } }";
        let named = whole.query_as(key, provenance).2;
        let ids: Vec<&Value> = ["a", "b", "c"]
            .iter()
            .flat_map(|metric| named["data"][metric]["rows"].as_array().unwrap())
            .flat_map(|row| row["records"]["nodes"].as_array().unwrap())
            .map(|record| &record["id"])
            .collect();
        assert!(!ids.is_empty(), "{named}");
        for id in ids.choose_multiple(&mut random, 30) {
            let answer = whole.query_as(key, &format!("{{ node(id: {id}) {{ id }} }}")).2;
            assert_eq!(
                &answer["data"]["node"]["id"], *id,
                "a metric named a record that is closed to {viewer:?}"
            );
        }
        // The same through SQL.
        let login = format!("bi_{:016x}", random.random::<u64>());
        let granted = grant(database.pool(), &login, Role::Region, &viewer.regions).await.unwrap();
        let (_, rest) = database.url().split_once("://").unwrap();
        let (_, server) = rest.rsplit_once('@').unwrap();
        let reader =
            connect(&format!("postgres://{login}:{}@{server}", granted.password)).await.unwrap();
        let seen = digests(&reader, &relations).await;
        drop(reader);
        revoke(database.pool(), &login).await.unwrap();
        assert_eq!(seen, expected, "SQL as {viewer:?}");
        drop(reduced);
        copy.drop().await;
    }
    // Viewers of aggregates get an error from every list, and no single record.
    let viewer = run(database.url(), &["key", "create", "steering", "--role", "viewer"]);
    for (kind, id) in queries.ids(&mut random, 30) {
        let answer = whole
            .query_as(
                Some(viewer.trim()),
                &format!("{{ node(id: \"{id}\") {{ ... on {kind} {{ id }} }} }}"),
            )
            .2;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{kind}: {answer}");
    }
    let all = whole.query_as(Some(analyst.trim()), "{ findings { totalCount } }").2;
    assert!(all["data"]["findings"]["totalCount"].as_i64().unwrap() > 0, "{all}");
}
