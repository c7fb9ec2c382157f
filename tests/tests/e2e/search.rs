//! Full-text search: stems, rank and excerpts over findings, actions and events, by the access rule
//! of lists.

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, run};
use serde_json::{Value, json};
use tokio_postgres::Client;

/// Gives records of the generated coalition words that occur nowhere else.
async fn worded(database: &TestDatabase) -> Client {
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute(
            "create temporary table chosen as select event_id, row_number() over (order by \
                event_id) as place from warehouse.event where sensitivity = 'RESTRICTED' and not \
                statewide and exists (select from warehouse.finding f where f.event_id = \
                event.event_id) limit 20;
             update warehouse.event set narrative = 'The zeppelins drifted over <b>the \
                harbor</b>.' \
                where event_id = (select event_id from chosen where place = 1);
             update warehouse.finding set text = 'A zeppelin was late; the zeppelin crew waited.' \
                where finding_id = (select min(finding_id) from warehouse.finding join chosen \
                using \
                (event_id) where place = 2);
             update warehouse.finding set analysis = 'Nobody had planned for zeppelins.' where \
                finding_id = (select min(finding_id) from warehouse.finding join chosen using \
                (event_id) where place = 3);
             update warehouse.corrective_action set text = 'Moor every zeppelin', sensitivity = \
                'RESTRICTED', region_from_event = false where corrective_action_id in (select \
                min(corrective_action_id) from warehouse.corrective_action where region_id > 0 \
                group by region_id)",
        )
        .await
        .unwrap();
    client
}

const HITS: &str = "recordType id title rank excerpt { text isMatch } event { name } record { id }";

fn hits(server: &Server, key: Option<&str>, arguments: &str) -> Vec<Value> {
    let query = format!("{{ search({arguments}) {{ {HITS} }} }}");
    let answer = server.query_as(key, &query).2;
    answer["data"]["search"].as_array().unwrap_or_else(|| panic!("{query}\n{answer}")).clone()
}

#[tokio::test]
async fn a_search_ranks_stems_of_words_and_marks_them() {
    let database = generated(5).await;
    let client = worded(&database).await;
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let found = hits(&server, None, "text: \"zeppelin\"");
    let kinds =
        |found: &[Value]| found.iter().map(|hit| hit["recordType"].clone()).collect::<Vec<_>>();
    let count = |kind: &str| kinds(&found).iter().filter(|one| **one == kind).count() as i64;
    let regions = "select count(distinct region_id) from warehouse.corrective_action where text = \
        'Moor every zeppelin'";
    let actions: i64 = client.query_one(regions, &[]).await.unwrap().get(0);
    assert!(actions > 3);
    assert_eq!((count("FINDING"), count("CORRECTIVE_ACTION"), count("EVENT")), (2, actions, 1));
    // The text that has the word twice comes first, and words of the first column before others.
    assert_eq!(found[0]["title"], "A zeppelin was late; the zeppelin crew waited.");
    let rank = |hit: &Value| hit["rank"].as_f64().unwrap();
    assert!(found.is_sorted_by(|one, other| rank(one) >= rank(other)), "{found:#?}");
    let narrated = found.iter().find(|hit| hit["recordType"] == "EVENT").unwrap();
    let matching: Vec<&Value> = narrated["excerpt"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|part| part["isMatch"] == true)
        .map(|part| &part["text"])
        .collect();
    assert_eq!(matching, ["zeppelins"]);
    let text: String = narrated["excerpt"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["text"].as_str().unwrap())
        .collect();
    assert!(text.contains("the harbor") && !text.contains('<'), "markup is left out: {text}");
    assert_eq!(narrated["event"]["name"], narrated["title"]);
    assert_eq!(narrated["record"]["id"], narrated["id"]);
    // The syntax of web searches, kinds and a number of hits.
    let of_findings = |text: &str| {
        let text = json!(text);
        hits(&server, None, &format!("text: {text}, recordTypes: [FINDING]")).len()
    };
    assert_eq!(of_findings("zeppelins -crew"), 1);
    assert_eq!(of_findings("\"zeppelin crew\""), 1);
    assert_eq!(of_findings("\"crew zeppelin\""), 0);
    assert_eq!(of_findings("\"zeppelin crew\" or zeppelins"), 2);
    assert_eq!(of_findings("zeppelin submarine"), 0);
    assert_eq!(hits(&server, None, "text: \"zeppelin\", first: 2").len(), 2);
    // The filter finds the same records, in lists, aggregates and related records.
    let filtered = server.data(
        "{ findings(filter: { search: \"Zeppelins\" }) { totalCount } findingAggregate(filter: { \
         search: \"zeppelin\" }) { count } events(filter: { findings: { search: \"zeppelin\" } }) \
         { totalCount } }",
    );
    assert_eq!(filtered["findings"]["totalCount"], 2);
    assert_eq!(filtered["findingAggregate"][0]["count"], 2);
    assert_eq!(filtered["events"]["totalCount"], 2);
}

#[tokio::test]
async fn a_search_finds_what_the_lists_show_the_viewer() {
    let database = generated(5).await;
    let _client = worded(&database).await;
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let key = |name: &str, arguments: &[&str]| {
        let create = [&["key", "create", name], arguments].concat();
        run(database.url(), &create).trim().to_owned()
    };
    let region = key("region-1", &["--role", "region", "--region", "1"]);
    let analyst = key("analyst", &["--role", "analyst"]);
    let steering = key("steering", &["--role", "viewer"]);
    let ids = |key: &str, kind: &str| {
        let arguments = format!("text: \"zeppelin\", recordTypes: [{kind}], first: 100");
        let mut ids: Vec<String> = hits(&server, Some(key), &arguments)
            .iter()
            .map(|hit| hit["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    for (kind, list) in
        [("FINDING", "findings"), ("CORRECTIVE_ACTION", "correctiveActions"), ("EVENT", "events")]
    {
        let filter = "filter: { search: \"zeppelin\" }";
        let query = format!("{{ {list}(first: 100, {filter}) {{ nodes {{ id }} }} }}");
        let answer = server.query_as(Some(&region), &query).2;
        let mut listed: Vec<String> = answer["data"][list]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| node["id"].as_str().unwrap().to_owned())
            .collect();
        listed.sort();
        assert_eq!(ids(&region, kind), listed, "{kind}");
        assert!(listed.len() <= ids(&analyst, kind).len(), "{kind}");
    }
    assert_eq!(ids(&region, "CORRECTIVE_ACTION").len(), 1, "that of region 1");
    let query = "{ search(text: \"zeppelin\") { title } }";
    let answer = server.query_as(Some(&steering), query).2;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    // A search without words is an error, not an empty list.
    for (query, message) in [
        ("{ search(text: \"\") { title } }", "has no word"),
        ("{ search(text: \"the of\") { title } }", "only words that searches ignore"),
        ("{ search(text: \"x\", first: 101) { title } }", "must lie between 1 and 100"),
        ("{ findings(filter: { search: \" - \" }) { totalCount } }", "search: \" - \" has no word"),
    ] {
        let answer = server.query_as(Some(&analyst), query).2;
        let error = &answer["errors"][0];
        assert!(error["message"].as_str().unwrap().contains(message), "{answer}");
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    }
}
