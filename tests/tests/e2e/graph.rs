//! The graph in all directions: records by their ids, and the lists of the records that reference
//! one. Each count equals that of SQL, and no viewer sees more there than in the lists of the query.

use hotwash_schema::connect::connect;
use hotwash_schema::global_id::global_id;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, run};
use serde_json::{Value, json};
use tokio_postgres::Client;

/// Type, list of the type, and the SQL that counts its records for `$1`, the key of a row.
type List = (&'static str, &'static str, &'static str);

const OF_EVENTS_OF_REGION: &str = "join warehouse.event_region w using (event_id) where \
    w.region_id = $1";

/// Lists of reverse relations: type, field, and table with the condition for a row's key.
const LISTS: [List; 31] = [
    ("Organization", "participations", "participation where organization_id = $1"),
    ("Organization", "milestones", "milestone where organization_id = $1"),
    ("Organization", "informationReports", "information_report where organization_id = $1"),
    ("Organization", "resourceRequests", "resource_request where organization_id = $1"),
    ("Organization", "capabilityRatings", "capability_rating where organization_id = $1"),
    ("Organization", "findings", "finding where organization_id = $1"),
    ("Organization", "correctiveActions", "corrective_action where owner_organization_id = $1"),
    ("Organization", "riskAssessments", "risk_assessment where organization_id = $1"),
    ("Organization", "sponsoredExercises", "exercise where sponsor_organization_id = $1"),
    (
        "Organization",
        "requirements",
        "requirement join warehouse.organization x using (discipline_id) where x.organization_id = \
         $1",
    ),
    ("Region", "events", "event_region where region_id = $1"),
    ("Region", "organizations", "organization where organization_id > 0 and region_id = $1"),
    ("Region", "correctiveActions", "corrective_action where region_id = $1"),
    ("Region", "capabilityRatings", "capability_rating {events}"),
    ("Region", "findings", "finding {events}"),
    ("Region", "incidents", "incident {events}"),
    ("Region", "exercises", "exercise {events}"),
    ("Region", "participations", "participation where region_id = $1"),
    ("Region", "riskAssessments", "risk_assessment where region_id = $1"),
    ("Region", "municipalities", "municipality_region where valid_to is null and region_id = $1"),
    ("Capability", "capabilityRatings", "capability_rating where capability_id = $1"),
    ("Capability", "findings", "finding where capability_id = $1"),
    ("Capability", "correctiveActions", "corrective_action where capability_id = $1"),
    ("Capability", "objectives", "objective where capability_id = $1"),
    ("Capability", "crosswalk", "capability_crosswalk where from_capability_id = $1"),
    ("Capability", "crosswalkFrom", "capability_crosswalk where to_capability_id = $1"),
    ("Hazard", "events", "event where hazard_id = $1"),
    ("Hazard", "riskScores", "risk_score where hazard_id = $1"),
    (
        "Hazard",
        "findings",
        "finding join warehouse.event e using (event_id) where e.hazard_id = $1",
    ),
    (
        "Municipality",
        "events",
        "event_county join warehouse.municipality m using (county_id) where m.municipality_id = $1",
    ),
    ("Municipality", "organizations", "organization where municipality_id = $1"),
];

/// Rows with most to show: of each type, its busiest key.
async fn busiest(client: &Client, kind: &str, list: &str, rows: &str) -> Option<i64> {
    let table = kind.to_lowercase();
    let counted = rows.replace("$1", &format!("o.{table}_id"));
    let sql = format!(
        "select o.{table}_id::bigint, (select count(*) from warehouse.{counted}) from \
         warehouse.{table} o where o.{table}_id > 0 order by 2 desc, 1 limit 1"
    );
    let row = client.query_one(&sql, &[]).await.unwrap_or_else(|error| panic!("{list}: {error}"));
    (row.get::<_, i64>(1) > 0).then(|| row.get(0))
}

/// Adds what the generator does not write: an after-action report, objectives, and links.
async fn completed(database: &TestDatabase) -> Client {
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute(
            "insert into warehouse.after_action_report (event_id, layout, has_overview, draft_on, \
                final_on, participants_listed, batch_id, file_id, source_row, content_hash)
             select event_id, 'hseep_2013', true, local_date + 30, local_date + 60, false, \
                batch_id, file_id, source_row, ''::bytea from warehouse.event join \
                warehouse.exercise using (event_id) on conflict do nothing;
             insert into warehouse.objective (event_id, number, text, capability_id)
             select event_id, n, 'Objective ' || n, (select min(capability_id) from \
                warehouse.capability where capability_id > 0)
             from warehouse.exercise, generate_series(1, 3) n on conflict do nothing;
             insert into warehouse.event_link (event_id, linked_event_id, relation)
             select event_id, (select min(event_id) from warehouse.event), 'PARENT' from \
                warehouse.exercise where event_id > (select min(event_id) from warehouse.event) \
                order by event_id limit 4;
             update warehouse.milestone set organization_id = (select min(organization_id) from \
                warehouse.organization where organization_id > 0) where milestone_id % 2 = 0;
             update warehouse.finding f set organization_id = p.organization_id from \
                warehouse.participation p where p.event_id = f.event_id and f.finding_id % 2 = 0;
             update warehouse.capability_rating f set organization_id = p.organization_id from \
                warehouse.participation p where p.event_id = f.event_id;
             update warehouse.organization o set municipality_id = (select min(municipality_id) \
                from warehouse.municipality_region r where r.region_id = o.region_id);
             insert into warehouse.event_county (event_id, county_id) select w.event_id, \
                min(m.county_id) from warehouse.event_region w join warehouse.municipality_region \
                using (region_id) join warehouse.municipality m using (municipality_id) group by 1 \
                on conflict do nothing",
        )
        .await
        .unwrap();
    client
}

fn count_query(kind: &str, key: i64, list: &str, arguments: &str) -> String {
    let id = global_id(kind, key);
    format!(
        "{{ node(id: \"{id}\") {{ ... on {kind} {{ {list}{arguments} {{ totalCount nodes {{ id }} }} }} }} }}"
    )
}

#[tokio::test]
async fn a_list_of_referencing_records_has_the_records_that_sql_finds() {
    let database = generated(5).await;
    let client = completed(&database).await;
    let server = Server::start(database.url(), &["--budget", "0", "--no-cache", "answers"]);
    let mut empty = Vec::new();
    for (kind, list, rows) in LISTS {
        let rows = rows.replace("{events}", OF_EVENTS_OF_REGION);
        let Some(key) = busiest(&client, kind, list, &rows).await else {
            empty.push((kind, list));
            continue;
        };
        let sql = format!("select count(*) from warehouse.{rows}").replace("$1", &key.to_string());
        let expected: i64 = client.query_one(&sql, &[]).await.unwrap().get(0);
        let answer = server.data(&count_query(kind, key, list, "(first: 1000)"));
        let found = &answer["node"][list];
        assert_eq!(found["totalCount"], expected, "{kind}.{list} of {key}");
        let nodes = found["nodes"].as_array().unwrap().len();
        assert_eq!(nodes as i64, expected.min(1000), "{kind}.{list} of {key}");
        let two = server.data(&count_query(kind, key, list, "(first: 2, filter: {})"));
        assert_eq!(two["node"][list]["totalCount"], expected, "{kind}.{list} of {key}");
        assert!(two["node"][list]["nodes"].as_array().unwrap().len() <= 2);
    }
    assert_eq!(empty, [], "the data has no such records");
}

#[tokio::test]
async fn a_list_of_referencing_records_opens_nothing_that_the_query_closes() {
    let database = generated(5).await;
    let client = completed(&database).await;
    let key =
        run(database.url(), &["key", "create", "region-1", "--role", "region", "--region", "1"]);
    let steering = run(database.url(), &["key", "create", "steering", "--role", "viewer"]);
    let server = Server::start(database.url(), &["--budget", "0", "--no-cache", "answers"]);
    let ids = |list: &Value| -> Vec<Value> {
        list["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect()
    };
    // Of region 3, as a viewer of region 1: what the root lists show of it, and no more.
    let region: i32 = client
        .query_one(
            "select region_id from warehouse.region where code = '3' and region_scheme_id = 1",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    for (list, filter, all) in [
        ("events", "regionCode: { eq: \"3\" }", "event_region where region_id = $1"),
        ("findings", "regionCode: { eq: \"3\" }", "finding {events}"),
        ("capabilityRatings", "regionCode: { eq: \"3\" }", "capability_rating {events}"),
        (
            "correctiveActions",
            "regionCode: { eq: \"3\" }",
            "corrective_action where region_id = $1",
        ),
        ("resourceRequests", "regionCode: { eq: \"3\" }", "resource_request where region_id = $1"),
        ("riskAssessments", "regionCode: { eq: \"3\" }", "risk_assessment where region_id = $1"),
    ] {
        let all = all.replace("{events}", OF_EVENTS_OF_REGION);
        let all =
            format!("select count(*) from warehouse.{all}").replace("$1", &region.to_string());
        let all: i64 = client.query_one(&all, &[]).await.unwrap().get(0);
        let order = "first: 1000, orderBy: []";
        let nested = count_query("Region", region.into(), list, &format!("({order})"));
        let nested = server.query_as(Some(key.trim()), &nested).2["data"]["node"][list].clone();
        let root = format!(
            "{{ {list}({order}, filter: {{ {filter} }}) {{ totalCount nodes {{ id }} }} }}"
        );
        let root = server.query_as(Some(key.trim()), &root).2["data"][list].clone();
        assert_eq!(nested["totalCount"], root["totalCount"], "{list}");
        assert_eq!(ids(&nested), ids(&root), "{list}");
        assert!(nested["totalCount"].as_i64().unwrap() < all, "{list}: {nested} of {all}");
        let aggregate = count_query("Region", region.into(), list, "");
        let answer = server.query_as(Some(steering.trim()), &aggregate).2;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{list}: {answer}");
    }
    // Nor does a filter find what is closed.
    let closed: String = client
        .query_one(
            "select text from warehouse.corrective_action a where region_id = $1 and sensitivity = \
             'RESTRICTED' and not region_from_event order by 1 limit 1",
            &[&region],
        )
        .await
        .unwrap()
        .get(0);
    let query = format!(
        "{{ municipalities(filter: {{ regions: {{ code: {{ eq: \"3\" }}, correctiveActions: {{ text: \
         {{ eq: {} }} }} }} }}) {{ totalCount }} }}",
        json!(closed)
    );
    let total =
        |key| server.query_as(Some(key), &query).2["data"]["municipalities"]["totalCount"].clone();
    let analyst = run(database.url(), &["key", "create", "analyst", "--role", "analyst"]);
    assert!(total(analyst.trim()).as_i64() > Some(0), "the filter finds what is open");
    assert_eq!(total(key.trim()), 0, "the filter finds what is closed");
}

#[tokio::test]
async fn nodes_come_in_the_order_of_their_ids_with_null_for_none() {
    let database = generated(5).await;
    let client = completed(&database).await;
    let key =
        run(database.url(), &["key", "create", "region-1", "--role", "region", "--region", "1"]);
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let closed: i64 = client
        .query_one(
            "select min(event_id) from warehouse.event v where sensitivity = 'RESTRICTED' and not \
             statewide and not exists (select from warehouse.event_region w join warehouse.region g \
             using (region_id) where w.event_id = v.event_id and g.code = '1')",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    let open: i64 = client
        .query_one(
            "select min(event_id) from warehouse.event_region join warehouse.region g using \
             (region_id) where g.code = '1'",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    let ids = [
        global_id("Event", open),
        global_id("Region", 1),
        global_id("Event", closed),
        global_id("Event", 99_999_999),
        global_id("Event", open),
    ];
    let query = |ids: &[String]| {
        format!("{{ nodes(ids: {}) {{ __typename id ... on Event {{ kind }} }} }}", json!(ids))
    };
    let answer = server.query_as(Some(key.trim()), &query(&ids)).2;
    let nodes = answer["data"]["nodes"].as_array().unwrap();
    let found: Vec<&Value> = nodes.iter().map(|node| &node["id"]).collect();
    let expected = [json!(ids[0]), json!(ids[1]), Value::Null, Value::Null, json!(ids[0])];
    assert_eq!(found, expected.iter().collect::<Vec<_>>(), "{answer}");
    assert_eq!(nodes[1]["__typename"], "Region");
    assert!(nodes[0]["kind"].is_string() && nodes[1].get("kind").is_none(), "{answer}");
    let one = server
        .query_as(Some(key.trim()), &format!("{{ nodes(ids: {}) {{ id }} }}", json!(ids[0])))
        .2;
    assert_eq!(one["data"]["nodes"], json!([{ "id": ids[0] }]), "one id counts as a list of one");
    for (ids, message) in [
        (vec![ids[0].clone(); 101], "101 ids were given; give at most 100 at a time"),
        (vec![global_id("Nothing", 1)], "there is no type Nothing"),
        (vec!["no id".to_owned()], "no id is not an id of this API"),
    ] {
        let answer = server.query_as(Some(key.trim()), &query(&ids)).2;
        let error = &answer["errors"][0];
        assert!(error["message"].as_str().unwrap().contains(message), "{answer}");
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn an_event_has_its_report_its_objectives_and_its_links() {
    let database = generated(5).await;
    let client = completed(&database).await;
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let answer = server.data(
        "{ eventLinks(first: 1) { totalCount nodes { relation source { row } linkedEvent { \
         linkedFrom { totalCount } } event { links { nodes { relation linkedEvent { id } } } \
         afterActionReport { layout hasOverview draftOn finalOn participantsListed source { row } \
         event { id } } objectives { totalCount nodes { number text capability { code } } } } } } \
         afterActionReports { totalCount } objectives { totalCount } \
         requirements { totalCount nodes { program code period dueOn } } \
         municipalities(first: 1, orderBy: [{ name: ASC }]) { totalCount nodes { name geoid \
         county { name municipalities { totalCount } } regions { nodes { code } } } } \
         capabilityCrosswalks(first: 1) { totalCount nodes { relation from { code framework } to { \
         code framework } } } \
         afterActionReportAggregate(groupBy: [LAYOUT]) { key { layout } count } \
         requirementAggregate { count } }",
    );
    for (list, table) in [
        ("eventLinks", "event_link"),
        ("afterActionReports", "after_action_report"),
        ("objectives", "objective"),
        ("requirements", "requirement"),
        ("municipalities", "municipality where municipality_id > 0"),
        ("capabilityCrosswalks", "capability_crosswalk"),
    ] {
        let sql = format!("select count(*) from warehouse.{table}");
        let expected: i64 = client.query_one(&sql, &[]).await.unwrap().get(0);
        assert!(expected > 0, "{table} is empty");
        assert_eq!(answer[list]["totalCount"], expected, "{list}");
    }
    let link = &answer["eventLinks"]["nodes"][0];
    assert_eq!(link["linkedEvent"]["linkedFrom"]["totalCount"], 4, "{link}");
    let event = &link["event"];
    assert_eq!(event["links"]["nodes"][0]["relation"], "PARENT", "{event}");
    let report = &event["afterActionReport"];
    assert_eq!((&report["layout"], &report["hasOverview"]), (&json!("hseep_2013"), &json!(true)));
    assert!(report["draftOn"].is_string() && report["source"]["row"].is_i64(), "{report}");
    assert_eq!(event["objectives"]["totalCount"], 3);
    assert_eq!(event["objectives"]["nodes"][2]["text"], "Objective 3");
    let municipality = &answer["municipalities"]["nodes"][0];
    assert!(municipality["county"]["municipalities"]["totalCount"].as_i64() > Some(0));
    assert!(municipality["regions"]["nodes"][0]["code"].is_string(), "{municipality}");
    let crosswalk = &answer["capabilityCrosswalks"]["nodes"][0];
    assert!(crosswalk["from"]["code"].is_string() && crosswalk["to"]["code"].is_string());
}

#[tokio::test]
async fn a_filter_counts_related_records_as_sql_does() {
    let database = generated(5).await;
    let client = connect(database.url()).await.unwrap();
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let open = "a.status in ('OPEN', 'IN_PROGRESS')";
    for (filter, condition) in [
        (
            "correctiveActions: { count: { gte: 3 }, status: { in: [OPEN, IN_PROGRESS] }, \
             dueCurrentOn: { lt: \"2026-06-30\" } }",
            format!(
                "(select count(*) from warehouse.corrective_action a where a.event_id = \
                 e.event_id and {open} and a.due_current_on < '2026-06-30') >= 3"
            ),
        ),
        (
            "correctiveActions: { count: { eq: 0 } }",
            "not exists (select from warehouse.corrective_action a where a.event_id = \
             e.event_id)"
                .to_owned(),
        ),
        (
            "participations: { count: { gt: 2, lte: 1000 } }, kind: { eq: EXERCISE }",
            "e.kind = 'EXERCISE' and (select count(*) from warehouse.participation a where \
             a.event_id = e.event_id) between 3 and 1000"
                .to_owned(),
        ),
        (
            "findings: { count: { ne: 1 } }, regions: { count: { eq: 1 } }",
            "(select count(*) from warehouse.finding a where a.event_id = e.event_id) <> 1 and \
             (select count(*) from warehouse.event_region a where a.event_id = e.event_id) = 1"
                .to_owned(),
        ),
        (
            "correctiveActions: { count: null, status: { eq: COMPLETED } }",
            "exists (select from warehouse.corrective_action a where a.event_id = e.event_id and \
             a.status = 'COMPLETED')"
                .to_owned(),
        ),
    ] {
        let sql = format!("select count(*) from warehouse.event e where {condition}");
        let expected: i64 = client.query_one(&sql, &[]).await.unwrap().get(0);
        assert!(expected > 0, "no event passes {filter}");
        let query = format!(
            "{{ events(filter: {{ {filter} }}) {{ totalCount }} \
             eventAggregate(filter: {{ {filter} }}) {{ count }} }}"
        );
        let answer = server.data(&query);
        assert_eq!(answer["events"]["totalCount"], expected, "{filter}");
        assert_eq!(answer["eventAggregate"][0]["count"], expected, "{filter}");
    }
    let wrong = "{ events(filter: { regions: { count: { gte: 1.5 } } }) { totalCount } }";
    let answer = server.post(wrong);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
}

#[tokio::test]
async fn a_list_is_ordered_by_fields_of_related_records_as_sql_orders_it() {
    let database = generated(5).await;
    let client = connect(database.url()).await.unwrap();
    let key =
        run(database.url(), &["key", "create", "region-1", "--role", "region", "--region", "1"]);
    let analyst = run(database.url(), &["key", "create", "analyst", "--role", "analyst"]);
    let server = Server::start(database.url(), &["--budget", "0", "--no-cache", "answers"]);
    // By a record that is already joined, and by those that are not.
    for (list, order, sql) in [
        (
            "findings",
            "{ event: { localDate: DESC } }, { number: ASC }",
            "select 'Finding:' || f.finding_id from warehouse.finding f join warehouse.event e \
             using (event_id) order by e.local_date desc, f.number nulls last, f.finding_id",
        ),
        (
            "correctiveActions",
            "{ ownerOrganization: { name: DESC } }",
            "select 'CorrectiveAction:' || a.corrective_action_id from warehouse.corrective_action \
             a left join warehouse.organization o on o.organization_id = a.owner_organization_id \
             and o.organization_id > 0 order by o.name desc nulls last, a.corrective_action_id desc",
        ),
        (
            "correctiveActions",
            "{ finding: { event: { name: ASC } } }",
            "select 'CorrectiveAction:' || a.corrective_action_id from warehouse.corrective_action \
             a left join warehouse.finding f using (finding_id) left join warehouse.event e on \
             e.event_id = f.event_id order by e.name nulls last, a.corrective_action_id",
        ),
    ] {
        let sql = format!(
            "select translate(encode(convert_to(t.id, 'UTF8'), 'base64'), '+/=', '-_') from \
            ({}) t (id)",
            sql
        );
        let rows = client.query(&sql, &[]).await.unwrap();
        let expected: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert!(expected.len() > 20, "{list}");
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let query = format!(
                "{{ {list}(first: 400, orderBy: [{order}]{after}) {{ nodes {{ id }} pageInfo {{ \
                 hasNextPage endCursor }} }} }}"
            );
            let answer = server.query_as(Some(analyst.trim()), &query).2;
            let page = &answer["data"][list];
            let nodes = page["nodes"].as_array().unwrap_or_else(|| panic!("{query}\n{answer}"));
            found.extend(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()));
            if page["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = format!(", after: {}", page["pageInfo"]["endCursor"]);
        }
        assert_eq!(found, expected, "{list} by {order}");
    }
    // A field of a record that is closed to the viewer orders nothing.
    let query = "{ correctiveActions(first: 1000, orderBy: [{ event: { name: ASC } }]) { nodes { \
        event { name } } } }";
    let answer = server.query_as(Some(key.trim()), query).2;
    let nodes = answer["data"]["correctiveActions"]["nodes"].as_array().unwrap();
    let names: Vec<Option<&str>> =
        nodes.iter().map(|node| node["event"]["name"].as_str()).collect();
    let first_closed = names.iter().position(Option::is_none).unwrap_or(names.len());
    assert!(first_closed > 0 && names[first_closed..].iter().all(Option::is_none), "{names:?}");
}
