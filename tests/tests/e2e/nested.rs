//! Nothing that nests ends the server: values, selections, types and JSON of every depth over every
//! transport get an answer with a code.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::websocket::{Received, Socket};
use hotwash_tests::{Server, both, hotwash, run};
use serde_json::{Value, json};

/// Depths, from what a person may write to what only an attacker would; many are near sizes that
/// once crashed the server.
const DEPTHS: [usize; 12] =
    [100, 300, 511, 512, 656, 672, 1_024, 2_047, 2_048, 4_097, 20_000, 100_000];

fn nested(
    before: &str,
    open: &str,
    inner: &str,
    close: &str,
    after: &str,
    levels: usize,
) -> String {
    [before, &open.repeat(levels), inner, &close.repeat(levels), after].concat()
}

/// Returns documents with this many levels: what is nested, and the document.
fn documents(levels: usize) -> Vec<(&'static str, String)> {
    let filter = |open, inner, close| {
        nested("{ events(filter: ", open, inner, close, ") { totalCount } }", levels)
    };
    vec![
        ("and", filter("{and:[", "{}", "]}")),
        ("or with strings", filter("{name:{ne:\"}]\"},or:[", "{}", "]}")),
        ("not", filter("{not:", "{}", "}")),
        ("relations", filter("{incident:{event:", "{}", "}}")),
        ("an unknown field", filter("{a:", "{}", "}")),
        ("lists", filter("[", "", "]")),
        ("never closed", filter("{and:[", "", "")),
        (
            "parameters of a metric",
            nested(
                "{ metric(id: \"incident_burden\", parameters: ",
                "{a:[",
                "1",
                "]}",
                ") { asOf } }",
                levels,
            ),
        ),
        (
            "the default of a variable",
            nested(
                "query q($f: EventFilter = ",
                "{not:",
                "{}",
                "}",
                ") { regions { code } }",
                levels,
            ),
        ),
        (
            "an argument of a directive",
            nested("{ __typename @skip(if: ", "[", "true", "]", ") }", levels),
        ),
        (
            "an order",
            nested("{ events(orderBy: ", "[", "{name: ASC}", "]", ") { totalCount } }", levels),
        ),
        (
            "the type of a variable",
            nested("query q($f: ", "[", "Int", "]", ") { regions { code } }", levels),
        ),
        ("selections", nested("", "{ node(id: \"x\") ", "{ id }", "}", "", levels)),
        ("inline fragments", nested("{ events ", "{ ... on Event ", "{ name }", "}", "}", levels)),
        (
            "after a block string",
            nested(
                "{ events(filter: {name: {eq: \"\"\"[[\\\"\"\"[[\"\"\"}, not: ",
                "{not:",
                "{}",
                "}",
                "}) { totalCount } }",
                levels,
            ),
        ),
        (
            "after a comment",
            nested(
                "{ # \"\"\" \" [\n events(filter: ",
                "{not:",
                "{}",
                "}",
                ") { totalCount } }",
                levels,
            ),
        ),
        ("fragments", fragments("{ events { nodes { ...f0 } } }", levels)),
        ("fragments that nobody uses", fragments("{ regions { code } }", levels)),
    ]
}

/// Fragments that each spread the next.
fn fragments(query: &str, levels: usize) -> String {
    // A request has at most a million bytes.
    let levels = levels.min(20_000);
    let chain: String = (0..levels)
        .map(|level| format!("fragment f{level} on Event{{...f{}}}", level + 1))
        .collect();
    format!("{query}{chain}fragment f{levels} on Event{{name}}")
}

struct Requester<'a> {
    server: &'a Server,
    key: &'a str,
}

impl Requester<'_> {
    fn post(&self, body: &str) -> (u16, Value) {
        let mut response = ureq::post(format!("{}/graphql", self.server.base))
            .config()
            .http_status_as_error(false)
            .build()
            .header("authorization", format!("Bearer {}", self.key))
            .content_type("application/json")
            .send(body)
            .expect("the server lives");
        (response.status().as_u16(), response.body_mut().read_json().expect("the answer is JSON"))
    }

    fn get(&self, path: &str, pairs: &[(&str, &str)]) -> (u16, Value) {
        let mut request = ureq::get(format!("{}{path}", self.server.base))
            .config()
            .http_status_as_error(false)
            .build()
            .header("authorization", format!("Bearer {}", self.key));
        for (name, value) in pairs {
            request = request.query(name, value);
        }
        let mut response = request.call().expect("the server lives");
        (response.status().as_u16(), response.body_mut().read_json().unwrap_or_default())
    }

    fn is_alive(&self) {
        let (_, answer) = self.post(&json!({ "query": "{ regions { code } }" }).to_string());
        assert_eq!(answer["data"]["regions"].as_array().map(Vec::len), Some(6), "{answer}");
    }
}

fn code(answer: &Value) -> String {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned()
}

#[tokio::test]
async fn values_of_every_depth_get_a_code_over_every_transport() {
    let database = TestDatabase::new().await;
    let key = run(database.url(), &["key", "create", "steering", "--role", "viewer"]);
    let server = Server::start(
        database.url(),
        &["--rate", "0", "--budget", "0", "--max-body-bytes", "4000000"],
    );
    let requester = Requester { server: &server, key: key.trim() };
    let mut socket = Socket::with_key(&server.base, key.trim());
    for levels in DEPTHS {
        for (what, document) in documents(levels) {
            let check = |over: &str, answer: &Value| {
                let error = &answer["errors"][0];
                assert_eq!(
                    code(answer),
                    "QUERY_TOO_COMPLEX",
                    "{what}, {levels} levels over {over}: {answer}"
                );
                assert!(
                    answer.to_string().len() < 2_000,
                    "{what} over {over}: the answer repeats the query"
                );
                assert_eq!(
                    error["extensions"]["limit"], "nesting",
                    "{what}, {levels} levels over {over}: {answer}"
                );
                let message = error["message"].as_str().unwrap();
                assert!(message.contains(&error["extensions"]["most"].to_string()), "{message}");
                assert!(message.contains("nest"), "it says what to do: {message}");
            };
            let one = json!({ "query": document });
            check("POST", &requester.post(&one.to_string()).1);
            let (_, batch) =
                requester.post(&json!([one, { "query": "{ regions { code } }" }]).to_string());
            check("a batch", &batch[0]);
            assert!(
                batch[1]["data"]["regions"].is_array(),
                "the other query of the batch is answered: {batch}"
            );
            // Longer addresses are rejected before anything reads them.
            if document.len() < 8_000 {
                check("GET", &requester.get("/graphql", &[("query", &document)]).1);
            }
            match socket.run_text(&one.to_string()) {
                Received::Message(answer) => check("WebSocket", &answer),
                closed => {
                    // The maximum message of a socket is smaller than a request body.
                    assert!(document.len() > 60_000, "{what}, {levels} levels: {closed:?}");
                    socket = Socket::with_key(&server.base, key.trim());
                }
            }
        }
        requester.is_alive();
    }
}

#[tokio::test]
async fn values_near_the_limit_are_answered_or_rejected_with_it() {
    let database = TestDatabase::new().await;
    let key = run(database.url(), &["key", "create", "program", "--role", "analyst"]);
    let server = Server::start(database.url(), &["--rate", "0", "--budget", "0"]);
    let requester = Requester { server: &server, key: key.trim() };
    for levels in 1..=80 {
        // Postgres takes minutes to plan queries through dozens of relations, and is stopped by the
        // time limit.
        let relations = if levels > 5 { "relations" } else { "" };
        for (what, document) in documents(levels).into_iter().filter(|(what, _)| *what != relations)
        {
            let (_, answer) = requester.post(&json!({ "query": document }).to_string());
            let found = code(&answer);
            assert!(
                matches!(found.as_str(), "none" | "BAD_USER_INPUT" | "QUERY_TOO_COMPLEX"),
                "{what}, {levels} levels: {answer}"
            );
        }
        // Conditions nested a few levels deep, as a coalition may write them, are answered.
        let (_, answer) = requester.post(&json!({ "query": documents(levels)[0].1 }).to_string());
        let brackets = 2 * levels + 3;
        assert_eq!(
            answer["data"]["events"]["totalCount"].is_number(),
            brackets <= 64,
            "{levels} levels: {answer}"
        );
    }
    requester.is_alive();
}

#[tokio::test]
async fn json_of_every_depth_is_answered() {
    let database = TestDatabase::new().await;
    let key = run(database.url(), &["key", "create", "program", "--role", "analyst"]);
    let server = Server::start(
        database.url(),
        &["--rate", "0", "--budget", "0", "--max-body-bytes", "4000000"],
    );
    let requester = Requester { server: &server, key: key.trim() };
    let query = "query q($f: EventFilter) { events(filter: $f) { totalCount } }";
    for levels in [
        1, 29, 30, 31, 32, 60, 61, 62, 63, 64, 65, 100, 120, 126, 127, 128, 129, 1_000, 20_000,
        100_000,
    ] {
        for (open, inner, close) in
            [("{\"and\":[", "{}", "]}"), ("{\"not\":", "{}", "}"), ("[", "", "]")]
        {
            let value = nested("", open, inner, close, "", levels);
            let deep = levels * open.matches(['{', '[']).count() + inner.len() / 2;
            let has_code = |over: &str, deep: usize, answer: &Value| {
                let expected: &[&str] =
                    if deep > 64 { &["QUERY_TOO_COMPLEX"] } else { &["none", "BAD_USER_INPUT"] };
                assert!(
                    expected.contains(&code(answer).as_str()),
                    "{levels} {open} over {over}: {answer}"
                );
            };
            let body = format!("{{\"query\":{},\"variables\":{{\"f\":{value}}}}}", json!(query));
            has_code("POST", deep + 2, &requester.post(&body).1);
            let batch = requester.post(&format!("[{body}]")).1;
            has_code("a batch", deep + 3, if batch.is_array() { &batch[0] } else { &batch });
            if value.len() < 8_000 {
                let variables = format!("{{\"f\":{value}}}");
                has_code(
                    "GET",
                    deep + 1,
                    &requester.get("/graphql", &[("query", query), ("variables", &variables)]).1,
                );
                let (status, message) = requester.get("/export/events.csv", &[("filter", &value)]);
                let message = message["error"].as_str().unwrap_or_default();
                let is_rejected = status == 400 && message.contains("nested");
                assert_eq!(
                    is_rejected,
                    deep > 64,
                    "{levels} {open} in a filter: {status} {message}"
                );
                // A metric's parameters are numbers and words: nothing of them nests.
                let (status, message) =
                    requester.get("/metrics/incident_burden.json", &[("response", &value)]);
                let message = message["error"].as_str().unwrap_or_default();
                assert!(
                    status == 400 && message.contains("it takes all, responded"),
                    "{levels} {open}: {status} {message}"
                );
            }
            match Socket::with_key(&server.base, key.trim()).run_text(&body) {
                Received::Message(answer) => has_code("WebSocket", deep, &answer),
                // Messages that the protocol's reader does not read, 128 levels deep, close their
                // socket.
                closed => assert!(deep > 120, "{levels} {open}: {closed:?}"),
            }
        }
        requester.is_alive();
    }
    for levels in [200, 50_000] {
        let parameter = format!("response={}", nested("", "[", "", "]", "", levels));
        let output = hotwash(database.url(), &["metric", "incident_burden", "--param", &parameter])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", both(&output));
        assert!(both(&output).contains("it takes all, responded"), "{}", both(&output));
    }
}

#[tokio::test]
async fn trusted_documents_are_no_way_around_the_limit() {
    let database = TestDatabase::new().await;
    let key = run(database.url(), &["key", "create", "steering", "--role", "viewer"]);
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("documents.json");
    let trusted = "query q($f: EventFilter) { events(filter: $f) { totalCount } }";
    std::fs::write(&list, json!({ "abc": trusted }).to_string()).unwrap();
    let arguments = [
        "--rate",
        "0",
        "--trusted-documents",
        list.to_str().unwrap(),
        "--max-body-bytes",
        "4000000",
    ];
    let server = Server::start(database.url(), &arguments);
    let requester = Requester { server: &server, key: key.trim() };
    let mut socket = Socket::with_key(&server.base, key.trim());
    for levels in DEPTHS {
        for (what, document) in documents(levels) {
            let one = json!({ "query": document });
            let (_, answer) = requester.post(&one.to_string());
            assert!(
                ["FORBIDDEN", "QUERY_TOO_COMPLEX"].contains(&code(&answer).as_str()),
                "{what} {levels}: {answer}"
            );
            if document.len() < 60_000 {
                let Received::Message(answer) = socket.run_text(&one.to_string()) else {
                    panic!("{what} {levels}: the socket closed")
                };
                assert!(
                    ["FORBIDDEN", "QUERY_TOO_COMPLEX"].contains(&code(&answer).as_str()),
                    "{what} {levels}: {answer}"
                );
            }
        }
        let value = nested("", "{\"not\":", "{}", "}", "", levels);
        let (_, answer) =
            requester.post(&format!("{{\"documentId\":\"abc\",\"variables\":{{\"f\":{value}}}}}"));
        assert_eq!(code(&answer), "QUERY_TOO_COMPLEX", "{levels}: {answer}");
    }
    let (_, answer) = requester.post(&json!({ "documentId": "abc" }).to_string());
    assert!(
        answer["data"]["events"].is_object() || code(&answer) == "FORBIDDEN",
        "the server lives: {answer}"
    );
    drop(server);
    let deep = documents(700).remove(0).1;
    std::fs::write(&list, json!({ "abc": deep }).to_string()).unwrap();
    let output = hotwash(database.url(), &["serve", "--trusted-documents", list.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", both(&output));
    assert!(both(&output).contains("nests brackets 1403 deep"), "{}", both(&output));
}
