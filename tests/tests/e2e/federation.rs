//! Apollo Federation: the subgraph's schema, and records that other subgraphs refer to.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::AGENT;
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, run};
use serde_json::{Value, json};

const ENTITIES: &str = "query($all: [_Any!]!) { _entities(representations: $all) { __typename \
    ... on Event { id name } ... on CorrectiveAction { id text } } }";
const NODES: &str = "query($all: [ID!]!) { nodes(ids: $all) { __typename \
    ... on Event { id name } ... on CorrectiveAction { id text } } }";

fn ask(server: &Server, key: Option<&str>, query: &str, all: &Value) -> Value {
    let mut request = AGENT.post(format!("{}/graphql", server.base));
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let body = json!({ "query": query, "variables": { "all": all } });
    request.send_json(body).unwrap().body_mut().read_json().unwrap()
}

fn reference(kind: &str, id: &Value) -> Value {
    json!({ "__typename": kind, "id": id })
}

#[tokio::test]
async fn the_schema_is_a_subgraph_only_with_the_option() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &["--federation"]);
    let served = server.data("{ _service { sdl } }");
    let sdl = served["_service"]["sdl"].as_str().unwrap();
    assert_eq!(sdl, run(database.url(), &["schema", "--federation"]));
    for part in [
        "extend schema @link(",
        "https://specs.apollo.dev/federation/v2",
        "\"@key\"",
        "type Event implements Node @key(fields: \"id\") {",
        "type Region implements Node @key(fields: \"id\") {",
        "type PageInfo @shareable {",
    ] {
        assert!(sdl.contains(part), "{part}");
    }
    for other in ["_entities", "_Any", "_service", "schema {"] {
        assert!(!sdl.contains(other), "{other} is added by gateways");
    }
    drop(server);
    let plain = Server::start(database.url(), &[]);
    for query in ["{ _service { sdl } }", "{ _entities(representations: []) { __typename } }"] {
        let answer = plain.post(query);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    }
    assert!(!run(database.url(), &["schema"]).contains("@key"));
}

#[tokio::test]
async fn references_are_resolved_under_the_access_rule_and_cost_as_ids_do() {
    let database = generated(1).await;
    let create = |name: &str, more: &[&str]| {
        let arguments = [&["key", "create", name, "--role"], more].concat();
        run(database.url(), &arguments).trim().to_owned()
    };
    let analyst = create("analyst", &["analyst"]);
    let region = create("region", &["region", "--region", "1"]);
    let server = Server::start(database.url(), &["--federation", "--rate", "0", "--budget", "0"]);
    let list =
        "{ events(first: 40) { nodes { id } } correctiveActions(first: 60) { nodes { id } } }";
    let (_, _, lists) = server.query_as(Some(&analyst), list);
    let ids = |name: &str| {
        let nodes = lists["data"][name]["nodes"].as_array().unwrap().clone();
        nodes.into_iter().map(|node| node["id"].clone()).collect::<Vec<_>>()
    };
    let (events, actions) = (ids("events"), ids("correctiveActions"));
    let references = events.iter().map(|id| reference("Event", id));
    let references = references.chain(actions.iter().map(|id| reference("CorrectiveAction", id)));
    let (references, all) = (Value::from_iter(references), Value::from([events, actions].concat()));
    let mut visible = Vec::new();
    for key in [&analyst, &region] {
        let entities = ask(&server, Some(key), ENTITIES, &references);
        let nodes = ask(&server, Some(key), NODES, &all);
        assert_eq!(entities["data"]["_entities"], nodes["data"]["nodes"], "{entities}");
        let cost = |answer: &Value| answer["extensions"]["cost"]["query"].as_i64().unwrap();
        assert_eq!(cost(&entities), cost(&nodes));
        let records = entities["data"]["_entities"].as_array().unwrap();
        assert_eq!(records.len(), 100);
        visible.push(records.iter().filter(|record| !record.is_null()).count());
    }
    assert_eq!(visible[0], 100);
    assert!(0 < visible[1] && visible[1] < 100, "{visible:?}");
    let event = &references[0]["id"];
    for (wrong, message) in [
        (json!([{ "__typename": "Event" }]), "write each as"),
        (json!(["RXZlbnQ6MQ"]), "write each as"),
        (json!([reference("Region", event)]), "is an id of type Event, not Region"),
        (json!([reference("Nothing", event)]), "is an id of type Event, not Nothing"),
        (json!([reference("Event", &json!("nonsense"))]), "nonsense"),
        (Value::from(vec![reference("Event", event); 1001]), "at most 1000"),
        (json!([null]), "must not be null"),
    ] {
        let answer = ask(&server, Some(&analyst), ENTITIES, &wrong);
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        assert!(error["message"].as_str().unwrap().contains(message), "{message}: {error}");
    }
    let answer = ask(&server, None, ENTITIES, &references);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer}");
}
