//! Nobody learns of what they may not see: to a region's key, a warehouse must answer as if everything closed to it were not there. So each
//! viewer's answers are compared with those of a copy from which the naive rule has deleted all that is closed to them: random queries over
//! the whole schema, single records, exports, and SQL as a BI login.

use std::collections::BTreeSet;

use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::bi::{grant, revoke};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
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

/// A warehouse in which all kinds of openness occur.
async fn coalition() -> TestDatabase {
    let database = generated(11).await;
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute(
            "update warehouse.event set sensitivity = case when event_id % 9 = 0 then 'PUBLIC' else 'RESTRICTED' end, statewide = event_id % 13 = 0;
             update warehouse.corrective_action set sensitivity = case when corrective_action_id % 11 = 0 then 'PUBLIC' else 'RESTRICTED' end;
             update warehouse.risk_assessment set sensitivity = case when risk_assessment_id % 5 = 0 then 'PUBLIC' else 'RESTRICTED' end",
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

/// Deletes what the rule in code closes to a viewer.
async fn delete_closed(client: &Client, viewer: &Viewer) {
    let region = "(select array_agg(g.code) from warehouse.region g where g.region_id = t.region_id)";
    let events = open(
        client,
        viewer,
        "select v.event_id, v.sensitivity = 'PUBLIC', v.statewide, array(select g.code from warehouse.event_region w join warehouse.region g using (region_id) where w.event_id = v.event_id) from warehouse.event v",
    )
    .await;
    let actions = open(
        client,
        viewer,
        "select t.corrective_action_id, t.sensitivity = 'PUBLIC' or coalesce(v.sensitivity = 'PUBLIC', false), coalesce(v.statewide, false),
                array(select g.code from warehouse.region g where g.region_id = t.region_id
                      union select g.code from warehouse.event_region w join warehouse.region g using (region_id) where w.event_id = t.event_id)
         from warehouse.corrective_action t left join warehouse.event v using (event_id)",
    )
    .await;
    let assessments = open(
        client,
        viewer,
        &format!("select t.risk_assessment_id, t.sensitivity = 'PUBLIC', false, coalesce({region}, '{{}}') from warehouse.risk_assessment t"),
    )
    .await;
    let requests = open(
        client,
        viewer,
        &format!(
            "select t.resource_request_id, false, false, coalesce({region}, '{{}}') from warehouse.resource_request t"
        ),
    )
    .await;
    client.batch_execute("set session_replication_role = replica; delete from meta.reject").await.unwrap();
    let columns = client
        .query(
            "select c.table_name::text, c.column_name::text from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
             where table_schema = 'warehouse' and table_type = 'BASE TABLE'
               and column_name in ('event_id', 'corrective_action_id', 'risk_assessment_id', 'resource_request_id')",
            &[],
        )
        .await
        .unwrap();
    for row in &columns {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        // These are their own region's, whatever their event is.
        if column == "event_id" && ["corrective_action", "resource_request"].contains(&table.as_str()) {
            continue;
        }
        let kept = match column.as_str() {
            "event_id" => &events,
            "corrective_action_id" => &actions,
            "risk_assessment_id" => &assessments,
            _ => &requests,
        };
        let sql =
            format!("delete from warehouse.{table} where {column} is not null and not ({column}::bigint = any($1))");
        client.execute(&sql, &[kept]).await.unwrap();
    }
    client
        .batch_execute(
            "delete from warehouse.finding_element x where not exists (select from warehouse.finding f where f.finding_id = x.finding_id);
             delete from warehouse.information_report x where not exists (select from warehouse.information_request f where f.information_request_id = x.information_request_id);
             set session_replication_role = origin; analyze",
        )
        .await
        .unwrap();
}

fn exported(server: &Server, key: Option<&str>, list: &str) -> (u16, String) {
    let mut request =
        ureq::get(format!("{}/export/{list}.csv", server.base)).config().http_status_as_error(false).build();
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let mut response = request.call().unwrap();
    (response.status().as_u16(), response.body_mut().with_config().limit(1 << 28).read_to_string().unwrap())
}

/// What a login reads of every table and view, as one number each.
async fn digests(client: &Client, relations: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for relation in relations {
        let sql = format!(
            "select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {relation} t"
        );
        let digest: String =
            client.query_one(&sql, &[]).await.unwrap_or_else(|error| panic!("{relation}: {error:?}")).get(0);
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
            let regions: BTreeSet<&str> =
                (0..=number).map(|_| *CODES.choose(&mut random).expect("there are regions")).collect();
            Viewer {
                name: format!("viewer-{number}"),
                role: Role::Region,
                regions: regions.into_iter().map(str::to_owned).collect(),
            }
        })
        .collect();
    viewers[2].name = "viewer-of-several".into();
    let mut copies = Vec::new();
    for (number, viewer) in viewers.iter().enumerate() {
        let copy = Copy::of(database.url(), number).await;
        delete_closed(&connect(&copy.url).await.unwrap(), viewer).await;
        copies.push(copy);
    }
    // The sums of the last publication keep their own rows in a copy: they are compared with records in schema/tests/visibility.rs.
    let relations: Vec<String> = {
        let client = connect(database.url()).await.unwrap();
        let sql = "select format('%I.%I', table_schema, table_name) from information_schema.tables
                   where table_schema in ('warehouse', 'bi') and table_name not like 'metric\\_%'
                   and table_name not in ('action_change_daily', 'fact_action_backlog_daily', 'fact_capability_rating_monthly') order by 1";
        client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    let whole = Server::start(database.url(), &["--rate", "0", "--budget", "0", "--answers-mib", "0"]);
    let queries = Queries::of(&whole);
    let analyst = run(database.url(), &["key", "create", "analyst", "--role", "analyst"]);
    for (viewer, copy) in viewers.iter().zip(copies) {
        let mut arguments = vec!["key", "create", &viewer.name, "--role", "region"];
        for code in &viewer.regions {
            arguments.extend(["--region", code]);
        }
        let key = run(database.url(), &arguments);
        let key = Some(key.trim());
        std::thread::sleep(std::time::Duration::from_millis(2_100));
        let reduced = Server::start(&copy.url, &["--answers-mib", "0"]);
        let mut told = 0;
        for number in 0..QUERIES {
            let query = queries.any(&mut random);
            let (_, _, seen) = whole.ask_as(key, &query);
            let (_, _, expected) = reduced.ask_as(None, &query);
            assert_eq!(
                (&seen["data"], &seen["errors"]),
                (&expected["data"], &expected["errors"]),
                "query {number} of seed {seed} as {viewer:?}\n{query}"
            );
            told += usize::from(seen["data"].to_string().len() > 100);
        }
        assert!(told > QUERIES / 3, "only {told} of {QUERIES} answers say anything");
        for (kind, id) in queries.ids(&mut random, 60) {
            let query = queries.node(&kind, &id, &mut random);
            let (seen, expected) = (whole.ask_as(key, &query).2, reduced.ask_as(None, &query).2);
            assert_eq!(seen["data"], expected["data"], "{query} as {viewer:?}\n{seen}");
        }
        for list in queries.lists() {
            assert_eq!(exported(&whole, key, &list), exported(&reduced, None, &list), "{list} as {viewer:?}");
        }
        // A metric's rows name records that are open alone.
        let provenance = "{ a: metric(id: \"capability_performance\", groupBy: [REGION]) { rows { records(first: 200) { id } } } \
                           b: metric(id: \"action_closure\", groupBy: [REGION]) { rows { records(first: 200) { id } } } \
                           c: metric(id: \"incident_burden\", groupBy: [REGION]) { rows { records(first: 200) { id } } } }";
        let named = whole.ask_as(key, provenance).2;
        let ids: Vec<&Value> = ["a", "b", "c"]
            .iter()
            .flat_map(|metric| named["data"][metric]["rows"].as_array().unwrap())
            .flat_map(|row| row["records"].as_array().unwrap())
            .map(|record| &record["id"])
            .collect();
        assert!(!ids.is_empty(), "{named}");
        for id in ids.choose_multiple(&mut random, 30) {
            let answer = whole.ask_as(key, &format!("{{ node(id: {id}) {{ id }} }}")).2;
            assert_eq!(&answer["data"]["node"]["id"], *id, "a metric named a record that is closed to {viewer:?}");
        }
        // The same through SQL.
        let login = format!("bi_{:016x}", random.random::<u64>());
        let granted = grant(database.url(), &login, Role::Region, &viewer.regions).await.unwrap();
        let (_, rest) = database.url().split_once("://").unwrap();
        let (_, server) = rest.rsplit_once('@').unwrap();
        let reader = connect(&format!("postgres://{login}:{}@{server}", granted.password)).await.unwrap();
        let seen = digests(&reader, &relations).await;
        drop(reader);
        revoke(database.url(), &login).await.unwrap();
        let expected = digests(&connect(&copy.url).await.unwrap(), &relations).await;
        assert_eq!(seen, expected, "SQL as {viewer:?}");
        drop(reduced);
        copy.drop().await;
    }
    // Who sees aggregates alone is told so by every list, and finds no single record.
    let viewer = run(database.url(), &["key", "create", "steering", "--role", "viewer"]);
    for (kind, id) in queries.ids(&mut random, 30) {
        let answer =
            whole.ask_as(Some(viewer.trim()), &format!("{{ node(id: \"{id}\") {{ ... on {kind} {{ id }} }} }}")).2;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{kind}: {answer}");
    }
    let all = whole.ask_as(Some(analyst.trim()), "{ findings { totalCount } }").2;
    assert!(all["data"]["findings"]["totalCount"].as_i64().unwrap() > 0, "{all}");
}
