//! Requests that name a snapshot: all see one state, or the answer is an error.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::{AGENT, wait_until};
use hotwash_tests::websocket::{Received, Socket};
use hotwash_tests::{Server, coalition, run};
use serde_json::{Value, json};

const METRIC: &str = "{ metric(id: \"capability_performance\", asOf: \"2026-06-30\", \
    groupBy: [REGION]) { snapshotVersion rows { value n } } }";
const LIST: &str = "{ events(first: 1) { totalCount } }";
const SUBSCRIPTION: &str = "subscription { warehouseUpdated { version } }";

/// Returns status and answer of a GraphQL request that names a snapshot.
fn named(server: &Server, snapshot: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/graphql?snapshot={snapshot}", server.base);
    let accept = "application/graphql-response+json";
    let mut answer = AGENT.post(url).header("accept", accept).send_json(body).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

/// Returns code and message of the first error.
fn error(answer: &Value) -> (&str, &str) {
    let error = &answer["errors"][0];
    let [code, message] = [&error["extensions"]["code"], &error["message"]]
        .map(|text| text.as_str().unwrap_or_default());
    (code, message)
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_of_a_named_snapshot_stay_and_changed_records_are_an_error() {
    let (database, folder) = (TestDatabase::new().await, tempfile::tempdir().unwrap());
    let files = coalition::small(folder.path());
    let load = |name: &str| {
        run(database.url(), &["load", files.join(format!("fictional_{name}")).to_str().unwrap()]);
    };
    load("organizations.csv");
    load("events.csv");
    let server = Server::start(database.url(), &[]);
    let status = server.data("{ warehouse { snapshotVersion } }");
    let before = status["warehouse"]["snapshotVersion"].to_string();
    let (metric, list) = (json!({ "query": METRIC }), json!({ "query": LIST }));
    let (_, first) = named(&server, &before, &metric);
    assert_eq!(first["data"], server.data(METRIC));
    assert_eq!(named(&server, &before, &list).1["data"], server.data(LIST));
    let exported = server.page("/export/events.csv");
    assert_eq!(server.page(&format!("/export/events.csv?snapshot={before}")), exported);

    load("ratings.csv");
    let mut after = before.clone();
    wait_until("the server has the ratings", || {
        let status = &server.data("{ warehouse { version snapshotVersion } }")["warehouse"];
        after = status["snapshotVersion"].to_string();
        after != before && status["version"] == status["snapshotVersion"]
    });
    assert_ne!(server.data(METRIC), first["data"]);
    assert_eq!(named(&server, &before, &metric).1["data"], first["data"]);
    let moved = format!("the warehouse changed from snapshot {before} to {after}");
    for query in
        [LIST.to_owned(), format!("{{ a: {} b: {}", &METRIC[2..METRIC.len() - 2], &LIST[2..])]
    {
        let (status, answer) = named(&server, &before, &json!({ "query": query }));
        let (code, message) = error(&answer);
        assert_eq!((status, code), (409, "SNAPSHOT_MOVED"), "{query}\n{answer}");
        assert!(message.starts_with(&moved) && answer.get("data").is_none(), "{answer}");
        let (status, answer) = named(&server, &after, &json!({ "query": query }));
        assert!(status == 200 && answer.get("errors").is_none(), "{query}\n{answer}");
    }
    let (_, batch) = named(&server, &before, &json!([metric, list]));
    assert_eq!(batch[0]["data"], first["data"]);
    assert_eq!(error(&batch[1]).0, "SNAPSHOT_MOVED");

    // Metrics and lists as files.
    let path = "/metrics/capability_performance.json?groupBy=REGION&asOf=2026-06-30&snapshot=";
    let file = |snapshot: &str| {
        let (status, _, text) = server.page(&[path, snapshot].concat());
        (status, serde_json::from_str::<Value>(&text).unwrap())
    };
    for (snapshot, rows) in [(&before, first["data"].clone()), (&after, server.data(METRIC))] {
        let (status, answer) = file(snapshot);
        assert_eq!((status, answer["snapshotVersion"].to_string()), (200, snapshot.clone()));
        let counts = |rows: &Value| -> Vec<Value> {
            rows.as_array().unwrap().iter().map(|row| row["n"].clone()).collect()
        };
        assert_eq!(counts(&answer["rows"]), counts(&rows["metric"]["rows"]));
    }
    let event = serde_json::from_str::<Value>(
        server.page("/export/events.jsonl").2.lines().next().unwrap_or_default(),
    );
    let event = event.unwrap()["id"].as_str().unwrap().to_owned();
    for path in [
        "/export/events.csv".to_owned(),
        "/export/events.parquet".to_owned(),
        format!("/export/event/{event}.zip"),
    ] {
        let (status, _, text) = server.page(&format!("{path}?snapshot={before}"));
        assert!(
            status == 409 && text.contains("SNAPSHOT_MOVED") && text.contains(&moved),
            "{text}"
        );
        assert_eq!(server.page(&format!("{path}?snapshot={after}")).0, 200, "{path}");
    }

    // A socket whose opening request names one.
    let header = [("hotwash-snapshot", before.as_str())];
    let mut socket = Socket::open(&server.base, &header).unwrap();
    socket.send(&json!({ "type": "connection_init" }));
    assert_eq!(socket.receive(), Received::Message(json!({ "type": "connection_ack" })));
    let mut answered = |id: &str, query: &str| match socket.answer(id, query) {
        Received::Message(message) => message["payload"].clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(answered("1", METRIC)["data"], first["data"]);
    assert_eq!(answered("2", LIST)[0]["extensions"]["code"], "SNAPSHOT_MOVED");
    assert_eq!(answered("3", SUBSCRIPTION)[0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_the_server_does_not_have_is_an_error_with_a_remedy() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let metric = json!({ "query": METRIC });
    let unknown = "this server does not have snapshot 123456: it has ";
    let remedy = "ask without snapshot, and name the number of the answer";
    let (status, answer) = named(&server, "123456", &metric);
    let (code, message) = error(&answer);
    assert_eq!((status, code), (410, "SNAPSHOT_GONE"), "{answer}");
    assert!(message.starts_with(unknown) && message.ends_with(remedy), "{message}");
    for path in
        ["/metrics/action_closure.csv?", "/export/events.csv?", "/graphql?query={regions{code}}&"]
    {
        let (status, _, text) = server.page(&format!("{path}snapshot=123456"));
        assert!(
            status == 410 && text.contains("SNAPSHOT_GONE") && text.contains(unknown),
            "{text}"
        );
        let (status, _, text) = server.page(&format!("{path}snapshot=latest"));
        assert!(status == 400 && text.contains("snapshot=latest: write the number"), "{text}");
    }
}
