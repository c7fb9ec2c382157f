//! How the root fields of an operation are answered: some by plans of Hotwash, others by the
//! library, and all in one answer.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::AGENT;
use hotwash_tests::{Server, coalition, run};
use serde_json::{Value, json};

/// Metric as of a fixed day.
const METRIC: &str = "metric(id: \"capability_performance\", asOf: \"2026-06-30\")";

/// Posts a request and returns the text of the answer.
fn text(server: &Server, body: &Value) -> String {
    let url = format!("{}/graphql", server.base);
    AGENT.post(url).send_json(body).unwrap().body_mut().read_to_string().unwrap()
}

/// Posts a query and returns the answer's `data` as text, with its members in order.
fn data(server: &Server, query: &str, variables: &Value) -> String {
    let text = text(server, &json!({ "query": query, "variables": variables }));
    let data = text.strip_prefix("{\"data\":").unwrap_or_else(|| panic!("{query}\n{text}"));
    data.split(",\"extensions\":").next().unwrap().to_owned()
}

#[tokio::test]
async fn root_fields_come_in_the_requested_order_whatever_answers_them() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let events = r#""e":{"totalCount":0,"nodes":[]}"#;
    let metric = r#""m":{"asOf":"2026-06-30","unit":"SHARE"}"#;
    let query = format!(
        "{{ m: {METRIC} {{ asOf }} z: __typename t: __type(name: \"Event\") {{ name }} \
         e: events(first: 1) {{ totalCount }} w: warehouse {{ timeZone }} \
         a: eventAggregate {{ count }} n: node(id: \"RXZlbnQ6OTk5\") {{ id }} \
         m: {METRIC} {{ unit }} ... on Query {{ e: events(first: 1) {{ nodes {{ id }} }} }} \
         s: __schema {{ queryType {{ name }} }} }}"
    );
    let expected = format!(r#"{{{metric},"z":"Query","t":{{"name":"Event"}},{events},"#)
        + r#""w":{"timeZone":"America/New_York"},"a":[{"count":0}],"n":null,"#
        + r#""s":{"queryType":{"name":"Query"}}}"#;
    assert_eq!(data(&server, &query, &Value::Null), expected);
    let reversed = "query Q($first: Int, $id: ID!) { ...F m: metric(id: $id, asOf: \"2026-06-30\") \
         { asOf unit } } fragment F on Query { e: events(first: $first) { ...C } } \
         fragment C on EventConnection { totalCount nodes { ... on Node { id } } }";
    let variables = json!({ "first": 1, "id": "capability_performance" });
    assert_eq!(data(&server, reversed, &variables), format!("{{{events},{metric}}}"));
}

#[tokio::test]
async fn skipped_fields_are_left_out_at_the_root_and_below() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let query = "query Q($yes: Boolean!, $no: Boolean = false) { \
         ... @include(if: $yes) { regions @skip(if: $yes) { code } } \
         ... @include(if: $no) { hazards { code } } \
         events(first: 1) { totalCount @include(if: $yes) nodes @skip(if: $yes) { id } } \
         warehouse { timeZone version @include(if: $no) } \
         metrics @include(if: $no) { id } t: __typename @skip(if: $yes) }";
    let expected = r#"{"events":{"totalCount":0},"warehouse":{"timeZone":"America/New_York"}}"#;
    assert_eq!(data(&server, query, &json!({ "yes": true })), expected);
    for field in
        ["events(first: 1) @skip(if: $yes) { totalCount }", "metrics @skip(if: $yes) { id }"]
    {
        let query = format!("query Q($yes: Boolean!) {{ {field} }}");
        assert_eq!(data(&server, &query, &json!({ "yes": true })), "{}");
    }
}

#[tokio::test]
async fn a_failed_field_is_null_as_far_up_as_its_type_requires() {
    let (database, folder) = (TestDatabase::new().await, tempfile::tempdir().unwrap());
    let files = coalition::small(folder.path());
    for name in ["organizations.csv", "events.csv", "ratings.csv"] {
        run(database.url(), &["load", files.join(format!("fictional_{name}")).to_str().unwrap()]);
    }
    let server = Server::start(database.url(), &["--federation"]);
    let failed = |query: &str| {
        let text = text(&server, &json!({ "query": query }));
        let answer: Value = serde_json::from_str(&text).unwrap();
        let paths = answer["errors"].as_array().into_iter().flatten();
        let mut paths: Vec<String> = paths.map(|error| error["path"].to_string()).collect();
        paths.sort();
        let data = text.strip_prefix("{\"data\":").unwrap().split(",\"errors\":").next().unwrap();
        (data.to_owned(), paths)
    };
    let (data, paths) = failed(
        "{ b: events(first: 5000) { totalCount } t: __typename m: metric(id: \"nope\") { asOf } \
         w: warehouse { timeZone } n: nodes(ids: [\"nonsense\"]) { id } }",
    );
    let spared = r#"{"b":null,"t":"Query","m":null,"w":{"timeZone":"America/New_York"},"n":null}"#;
    assert_eq!(data, spared);
    assert_eq!(paths, [r#"["b"]"#, r#"["m"]"#, r#"["n"]"#]);
    // The records of a row are required, and so are the rows.
    let (data, paths) = failed(&format!(
        "{{ t: __typename m: {METRIC} {{ asOf rows {{ n records(first: 5000) {{ totalCount }} }} }} \
         e: events(first: 0) {{ nodes {{ id }} }} }}"
    ));
    assert_eq!(data, r#"{"t":"Query","m":null,"e":{"nodes":[]}}"#);
    assert_eq!(paths.first().map(String::as_str), Some(r#"["m","rows",0,"records"]"#));
    // The only root field that is required.
    let (data, paths) = failed(
        "{ r: regions { code } _entities(representations: [{ __typename: \"Event\" }]) \
         { __typename } }",
    );
    assert_eq!((data.as_str(), paths), ("null", vec![r#"["_entities"]"#.to_owned()]));
}
