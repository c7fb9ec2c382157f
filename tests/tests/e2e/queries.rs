//! The GraphQL contract: the entire schema answers, in every form of query.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, repository, run};
use serde_json::Value;

fn sample(name: &str) -> String {
    repository().join("etl/samples").join(name).to_string_lossy().into_owned()
}

const SCHEMA: &str = "{ __schema { types { name kind description
    fields { name description args { name description } type { ...T } }
    inputFields { name description type { ...T } } enumValues { name description } } } }
    fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name kind } } \
    } }";

/// The name of a type without lists and bangs.
fn named(kind: &Value) -> String {
    let mut at = kind;
    while !at["ofType"].is_null() {
        at = &at["ofType"];
    }
    at["name"].as_str().unwrap().to_owned()
}

struct Schema(Value);

impl Schema {
    fn types(&self) -> impl Iterator<Item = &Value> {
        self.0["__schema"]["types"].as_array().unwrap().iter()
    }

    fn of(&self, name: &str) -> &Value {
        self.types()
            .find(|one| one["name"] == name)
            .unwrap_or_else(|| panic!("there is no type {name}"))
    }

    fn members(&self, name: &str, kind: &str) -> Vec<(String, String)> {
        let list = self.of(name)[kind].as_array().cloned().unwrap_or_default();
        list.iter()
            .map(|one| (one["name"].as_str().unwrap().to_owned(), named(&one["type"])))
            .collect()
    }

    /// Fields of a type with a single value.
    fn plain(&self, name: &str) -> Vec<String> {
        let plain = |kind: &str| matches!(self.of(kind)["kind"].as_str(), Some("SCALAR" | "ENUM"));
        self.members(name, "fields")
            .into_iter()
            .filter(|(_, kind)| plain(kind))
            .map(|(name, _)| name)
            .collect()
    }
}

#[tokio::test]
async fn everything_in_the_schema_is_described_and_answers() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &["--max-fields", "5000", "--no-cache", "answers"]);
    let schema = Schema(server.data(SCHEMA));
    // Built-in types of the specification are described there.
    let given = ["ID", "String", "Int", "Float", "Boolean"];
    let ours = |name: &str| !name.starts_with("__") && !given.contains(&name);
    for one in schema.types().filter(|one| ours(one["name"].as_str().unwrap())) {
        let described = |what: &Value, path: &str| {
            let given = what["description"].as_str().is_some_and(|text| !text.is_empty());
            assert!(given, "{path} has no description");
        };
        let name = one["name"].as_str().unwrap();
        described(one, name);
        for kind in ["fields", "inputFields", "enumValues"] {
            for member in one[kind].as_array().into_iter().flatten() {
                let path = format!("{name}.{}", member["name"].as_str().unwrap());
                described(member, &path);
                for argument in member["args"].as_array().into_iter().flatten() {
                    described(argument, &format!("{path}({})", argument["name"]));
                }
            }
        }
    }
    let mut requested = 0;
    let mut send_query = |query: String| {
        requested += 1;
        server.data(&query)
    };
    for (list, kind) in schema.members("Query", "fields") {
        if let Some(record) = kind.strip_suffix("Connection") {
            // Every field and relation, one deep and two deep.
            let mut fields = schema.plain(record);
            for (relation, target) in schema.members(record, "fields") {
                if !fields.contains(&relation) {
                    let nested = match target.strip_suffix("Connection") {
                        Some(target) => {
                            let plain = schema.plain(target).join(" ");
                            let info = schema.plain("PageInfo").join(" ");
                            format!(
                                "totalCount nodes {{ {plain} }} edges {{ cursor node {{ id }} }} \
                                 pageInfo {{ {info} }}"
                            )
                        }
                        None => schema.plain(&target).join(" "),
                    };
                    fields.push(format!("{relation} {{ {nested} }}"));
                }
            }
            let page = send_query(format!(
                "{{ {list}(first: 3) {{ totalCount nodes {{ {} }} }} }}",
                fields.join(" ")
            ));
            // Every record is a node.
            if let Some(id) = page[&list]["nodes"][0]["id"].as_str() {
                let node = send_query(format!(
                    "{{ node(id: \"{id}\") {{ __typename id ... on {record} {{ {} }} }} }}",
                    fields.join(" ")
                ));
                assert_eq!(node["node"]["__typename"], record);
                assert_eq!(node["node"]["id"], id);
            }
            for (field, kind) in schema.members(&format!("{record}Filter"), "inputFields") {
                if ["and", "or", "not"].contains(&field.as_str()) {
                    continue;
                }
                let of_value = schema.members(&kind, "inputFields");
                let is_value = of_value.iter().any(|(operator, _)| operator == "isNull");
                let filter = match schema.of(&kind)["kind"].as_str() {
                    Some("SCALAR") => "\"plan or training\"",
                    _ if kind.ends_with("KeyFilter") => "{}",
                    _ if is_value => "{ isNull: true }",
                    _ => "{ not: {} }",
                };
                send_query(format!(
                    "{{ {list}(first: 1, filter: {{ {field}: {filter} }}) {{ totalCount }} }}"
                ));
            }
            for (field, kind) in schema.members(&format!("{record}Order"), "inputFields") {
                for direction in ["ASC", "DESC"] {
                    // A field of a related record.
                    let related = schema.members(&kind, "inputFields");
                    let mut related = related.iter();
                    let related = related.find(|(_, kind)| schema.of(kind)["kind"] == "ENUM");
                    let order = match related {
                        Some((of_related, _)) => {
                            format!("{field}: {{ {of_related}: {direction} }}")
                        }
                        None => format!("{field}: {direction}"),
                    };
                    let page = send_query(format!(
                        "{{ {list}(first: 1, orderBy: [{{ {order} }}]) {{ pageInfo {{ endCursor }} \
                         }} }}"
                    ));
                    if let Some(cursor) = page[&list]["pageInfo"]["endCursor"].as_str() {
                        send_query(format!(
                            "{{ {list}(first: 1, orderBy: [{{ {order} }}], after: \"{cursor}\") {{ \
                             nodes {{ id }} }} }}"
                        ));
                    }
                }
            }
        } else if let Some(record) = kind.strip_suffix("Group") {
            let keys =
                schema.of(&format!("{record}GroupKey"))["enumValues"].as_array().unwrap().clone();
            let shown = schema.plain(&format!("{record}GroupKeys")).join(" ");
            let functions: Vec<String> = schema
                .members(&kind, "fields")
                .iter()
                .filter(|(name, _)| !["key", "count", "scope"].contains(&name.as_str()))
                .map(|(name, target)| {
                    let p = if name == "percentile" { "(p: 0.9)" } else { "" };
                    let plain = schema.plain(target).into_iter().map(|name| match name.as_str() {
                        "minutesBetween" => "minutesBetween(to: \"activated\")".to_owned(),
                        _ => name,
                    });
                    format!("{name}{p} {{ {} }}", plain.collect::<Vec<_>>().join(" "))
                })
                .collect();
            for key in keys {
                let key = key["name"].as_str().unwrap();
                let groups = send_query(format!(
                    "{{ {list}(groupBy: [{key}], having: {{ count: {{ gt: 0 }} }}, orderBy: [{{ \
                     count: DESC }}], limit: 500) {{ key {{ {shown} }} count {} }} }}",
                    functions.join(" ")
                ));
                let none = send_query(format!(
                    "{{ {list}(groupBy: [{key}], having: {{ count: {{ lt: 0 }} }}) {{ count }} }}"
                ));
                assert!(
                    groups[&list].is_array() && none[&list] == serde_json::json!([]),
                    "{list} by {key}"
                );
            }
        }
    }
    assert!(requested > 300, "{requested} queries over the whole schema");
}

#[tokio::test]
async fn answers_have_the_requested_order_names_and_types() {
    let database = TestDatabase::new().await;
    run(database.url(), &["load", &sample("disaster_declarations_summaries_v2.csv")]);
    let server = Server::start(database.url(), &[]);
    let answer = server.page(&format!(
        "/graphql?query={}",
        "{__typename b:metrics{__typename} a:incidents(first:1){__typename edges{__typename \
         n:node{...F}} p:pageInfo{__typename hasNextPage}} ...R} \
         fragment F on Node{__typename id ...on Incident{d:deathsDirect event{...on \
         Event{regions(first:0){__typename nodes{code}} hazard{__typename}}}} ...on Exercise{type}} \
         fragment R on Query{a:incidents(first:1){totalCount nodes{source{row}}} regions{code}}"
            .replace(' ', "%20")
            .replace('{', "%7B")
            .replace('}', "%7D")
    ));
    let text = answer.2;
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert!(whole.get("errors").is_none(), "{text}");
    let places: Vec<usize> = ["\"__typename\":\"Query\"", "\"b\":", "\"a\":", "\"regions\":"]
        .iter()
        .map(|name| text.find(name).unwrap())
        .collect();
    assert!(places.is_sorted(), "{places:?} {text}");
    let node = &whole["data"]["a"]["edges"][0]["n"];
    assert_eq!(
        node.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(),
        ["__typename", "id", "d", "event"],
        "an exercise's fields are not an incident's"
    );
    assert_eq!(
        node["event"]["regions"],
        serde_json::json!({ "__typename": "RegionConnection", "nodes": [] })
    );
    assert_eq!(node["event"]["hazard"]["__typename"], "Hazard");
    assert_eq!(whole["data"]["a"]["totalCount"], 94, "two places of one name are one answer");
    assert!(whole["data"]["a"]["nodes"][0]["source"]["row"].is_i64());
}

#[tokio::test]
async fn an_error_has_its_path_and_spares_the_other_fields() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let answer = server.post("{ regions { code } x: incidents(first: 5000) { totalCount } }");
    assert_eq!(answer["data"]["x"], Value::Null, "{answer}");
    assert_eq!(answer["data"]["regions"].as_array().map(Vec::len), Some(6), "{answer}");
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!(answer["errors"][0]["path"], serde_json::json!(["x"]));
    let answer = server.post(
        "{ regions { code } m: metric(id: \"no_such_metric\") { asOf } warehouse { version } }",
    );
    assert_eq!(answer["data"]["m"], Value::Null, "{answer}");
    assert!(answer["data"]["warehouse"]["version"].is_i64(), "{answer}");
    assert_eq!(answer["errors"][0]["path"], serde_json::json!(["m"]));
    let answer = server.post("{ n: node(id: \"nonsense\") { id } regions { code } }");
    assert_eq!(answer["data"]["n"], Value::Null, "a node may be missing: {answer}");
    assert_eq!(answer["data"]["regions"].as_array().map(Vec::len), Some(6));
    assert_eq!(answer["errors"][0]["path"], serde_json::json!(["n"]));
}

#[tokio::test]
async fn a_cursor_keeps_its_position_when_records_are_inserted_before_it() {
    let database = TestDatabase::new().await;
    run(database.url(), &["load", &sample("disaster_declarations_summaries_v2.csv")]);
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let page = |after: &str| {
        server.data(&format!(
            "{{ incidents(first: 20{after}, filter: {{ declarationType: {{ isNull: false }} }}) {{ \
             nodes {{ id }} pageInfo {{ endCursor hasNextPage }} }} }}"
        ))
    };
    let ids = |page: &Value| -> Vec<String> {
        let nodes = page["incidents"]["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = server.data("{ incidents(first: 1000) { nodes { id } } }");
    let (mut seen, mut at) = (Vec::new(), String::new());
    loop {
        let one = page(&at);
        seen.extend(ids(&one));
        if at.is_empty() {
            // Newer and older incidents come in between two pages.
            run(database.url(), &["load", &sample("storm_data_search_results_suffolk_ma.csv")]);
        }
        if one["incidents"]["pageInfo"]["hasNextPage"] != true {
            break;
        }
        at = format!(", after: {}", one["incidents"]["pageInfo"]["endCursor"]);
    }
    assert_eq!(seen, ids(&all), "each once, in order, none left out");
}

#[tokio::test]
async fn exports_take_the_filters_of_lists_and_metrics_come_as_files() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &[]);
    let filter = "{\"event\":{\"hazard\":{\"category\":{\"eq\":\"biological\"}}},\"text\":{\"contains\":\"'\"}}";
    let encoded: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let expected = server.data(
        "{ correctiveActions(filter: { event: { hazard: { category: { eq: \"biological\" } } }, \
         text: { contains: \"'\" } }) { totalCount } \
           every: correctiveActions { totalCount } }",
    );
    for ending in ["csv", "jsonl"] {
        let (status, kind, text) =
            server.page(&format!("/export/correctiveActions.{ending}?filter={encoded}"));
        assert_eq!(status, 200, "{kind} {text}");
        let rows = match ending {
            "csv" => csv::Reader::from_reader(text.as_bytes()).records().count(),
            _ => text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(),
        };
        assert_eq!(Value::from(rows), expected["correctiveActions"]["totalCount"], "{ending}");
    }
    assert_ne!(expected["correctiveActions"]["totalCount"], expected["every"]["totalCount"]);
    for (address, status, message) in [
        (
            "/export/correctiveActions.csv?filter=%7B%22nonsense%22%3A1%7D",
            400,
            "has no filter nonsense",
        ),
        ("/export/correctiveActions.csv?filter=nonsense", 400, "not JSON"),
        ("/export/nonsense.csv", 404, "correctiveActions"),
        ("/export/regions.xlsx", 404, ".arrow"),
        ("/metrics/nonsense.arrow", 404, "action_closure"),
        ("/metrics/action_closure.xlsx", 404, "parquet"),
        ("/metrics/action_closure.parquet?asOf=yesterday", 400, "2026-06-30"),
        ("/metrics/action_closure.parquet?nonsense=1", 400, "nonsense"),
    ] {
        let (found, _, text) = server.page(address);
        assert_eq!((found, text.contains(message)), (status, true), "{address}: {text}");
    }
    let from_graphql = server.data(
        "{ metric(id: \"action_closure\", groupBy: [REGION], asOf: \"2026-06-30\") { rows { region \
         value n } } }",
    );
    let (_, kind, text) =
        server.page("/metrics/action_closure.json?groupBy=REGION&asOf=2026-06-30");
    assert_eq!(kind, "application/json");
    let from_file: Value = serde_json::from_str(&text).unwrap();
    for (one, other) in from_graphql["metric"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .zip(from_file["rows"].as_array().unwrap())
    {
        for name in ["region", "value", "n"] {
            assert_eq!(one[name], other[name]);
        }
    }
    let accepted = |accept: &str| {
        let address = format!("{}/metrics/action_closure", server.base);
        let mut response = ureq::get(address).header("accept", accept).call().unwrap();
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, response.body_mut().read_to_vec().unwrap())
    };
    for (accept, kind, begin) in [
        ("text/html,*/*;q=0.8", "text/html; charset=utf-8", "<!doctype html>"),
        ("text/csv", "text/csv; charset=utf-8", "region,"),
        ("application/json", "application/json", "{\"definition\""),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet", "PAR1"),
        ("application/vnd.apache.arrow.file", "application/vnd.apache.arrow.file", "ARROW1"),
    ] {
        let (found, body) = accepted(accept);
        assert_eq!(found, kind);
        assert!(body.starts_with(begin.as_bytes()), "{accept}: {:?}", &body[..20.min(body.len())]);
    }
    let (status, _, page) = server.page("/graphiql");
    assert!(status == 200 && !page.contains("https://"), "{page}");
}
