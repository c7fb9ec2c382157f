//! GraphQL over HTTP beyond plain queries: automatic persisted queries, event streams, methods,
//! and the codes of rejections.

use std::io::{BufRead, BufReader};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::AGENT;
use hotwash_tests::{Server, run};
use serde_json::{Value, json};

const TEXT: &str = "{ regions { code } }";
/// SHA-256 of [`TEXT`].
const HASH: &str = "32d23810f7c0d236a0cd28a96d1aaaf926a9f0e9f13227c75d2c683bb3f3413a";
const UPDATES: &str = "subscription { warehouseUpdated { version } }";
const GRAPHQL_JSON: &str = "application/graphql-response+json";

fn key(url: &str, name: &str) -> String {
    run(url, &["key", "create", name, "--role", "analyst"]).trim().to_owned()
}

/// Posts a body and gives status and answer.
fn post(server: &Server, accept: &str, body: &Value) -> (u16, Value) {
    let request = AGENT.post(format!("{}/graphql", server.base)).header("accept", accept);
    let mut answer = request.send_json(body).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

#[tokio::test]
async fn a_document_is_sent_once_and_named_by_its_hash_from_then_on() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let by_hash = json!({ "extensions": persisted(HASH) });
    let with_text = json!({ "query": TEXT, "extensions": persisted(HASH) });
    let (status, answer) = post(&server, "*/*", &by_hash);
    assert_eq!((status, code(&answer)), (200, "PERSISTED_QUERY_NOT_FOUND"), "{answer}");
    assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotFound");
    let (status, answer) = post(&server, GRAPHQL_JSON, &by_hash);
    assert_eq!((status, code(&answer)), (400, "PERSISTED_QUERY_NOT_FOUND"), "{answer}");
    // The answer is cached by then; the hash must be learned all the same.
    server.data(TEXT);
    for body in [&with_text, &by_hash, &by_hash] {
        let (status, answer) = post(&server, GRAPHQL_JSON, body);
        assert_eq!(status, 200, "{answer}");
        assert!(answer["data"]["regions"].is_array(), "{answer}");
    }
    // GET, as a cache in between needs it.
    let extensions = by_hash["extensions"].to_string();
    let mut answer = AGENT
        .get(format!("{}/graphql", server.base))
        .query("extensions", &extensions)
        .call()
        .unwrap();
    let answer: Value = answer.body_mut().read_json().unwrap();
    assert!(answer["data"]["regions"].is_array(), "{answer}");
    for (wrong, message) in [
        (json!({ "query": "{ regions { name } }", "extensions": persisted(HASH) }), "not the SHA"),
        (json!({ "query": TEXT, "extensions": persisted("abc") }), "not the SHA"),
        (json!({ "extensions": { "persistedQuery": { "sha256Hash": HASH } } }), "version"),
        (json!({ "extensions": { "persistedQuery": { "version": 1 } } }), "sha256Hash"),
    ] {
        let (status, answer) = post(&server, GRAPHQL_JSON, &wrong);
        assert_eq!((status, code(&answer)), (400, "BAD_USER_INPUT"), "{wrong}: {answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains(message), "{answer}");
    }
    // A document that does not run is not stored.
    let wrong = "{ nonsense }";
    let hash = "4192c01ccf5574e380efb7a52661db6adc2d9cc27133b858407daa9bf7de783a";
    post(&server, GRAPHQL_JSON, &json!({ "query": wrong, "extensions": persisted(hash) }));
    let (_, answer) = post(&server, GRAPHQL_JSON, &json!({ "extensions": persisted(hash) }));
    assert_eq!(code(&answer), "PERSISTED_QUERY_NOT_FOUND");
    drop(server);
    let storeless = Server::start(database.url(), &["--no-cache", "documents"]);
    let (_, answer) = post(&storeless, "*/*", &by_hash);
    assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotSupported", "{answer}");
    assert_eq!(code(&answer), "PERSISTED_QUERY_NOT_SUPPORTED");
}

#[tokio::test]
async fn a_trusted_list_is_not_extended_by_persisted_queries() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("documents.json");
    std::fs::write(&list, json!({ "one": TEXT }).to_string()).unwrap();
    let server = Server::start(database.url(), &["--trusted-documents", list.to_str().unwrap()]);
    let other = "{ regions { name } }";
    let by_hash = json!({ "extensions": persisted(HASH) });
    assert_eq!(code(&post(&server, "*/*", &by_hash).1), "PERSISTED_QUERY_NOT_FOUND");
    let other = json!({ "query": other });
    assert_eq!(code(&post(&server, "*/*", &other).1), "FORBIDDEN");
    let (_, answer) =
        post(&server, "*/*", &json!({ "query": TEXT, "extensions": persisted(HASH) }));
    assert!(answer["data"]["regions"].is_array(), "{answer}");
    assert!(post(&server, "*/*", &by_hash).1["data"]["regions"].is_array());
}

/// An event stream under way.
struct Events {
    events: Receiver<(String, String)>,
}

impl Events {
    /// Opens a stream; gives the status and the answer where none begins.
    fn open(server: &Server, key: Option<&str>, body: &Value) -> Result<Self, (u16, Value)> {
        let mut request =
            AGENT.post(format!("{}/graphql", server.base)).header("accept", "text/event-stream");
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut answer = request.header("accept-encoding", "gzip").send_json(body).unwrap();
        if answer.status().as_u16() != 200 {
            return Err((answer.status().as_u16(), answer.body_mut().read_json().unwrap()));
        }
        let kind = answer.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/event-stream"), "{kind}");
        let (send, events) = channel();
        let mut lines = BufReader::new(answer.into_body().into_reader()).lines();
        std::thread::spawn(move || {
            let mut event = String::new();
            while let Some(Ok(line)) = lines.next() {
                if let Some(name) = line.strip_prefix("event: ") {
                    event = name.to_owned();
                } else if let Some(data) = line.strip_prefix("data:")
                    && send.send((event.clone(), data.trim().to_owned())).is_err()
                {
                    return;
                }
            }
        });
        Ok(Self { events })
    }

    /// The next event with its data; none once the stream has ended.
    fn next(&self) -> Option<(String, Value)> {
        let (event, data) = self.events.recv_timeout(Duration::from_secs(20)).ok()?;
        Some((event, serde_json::from_str(&data).unwrap_or_default()))
    }

    /// The result of the next event.
    fn result(&self) -> Value {
        let (event, data) = self.next().unwrap();
        assert_eq!(event, "next", "{data}");
        data
    }
}

#[tokio::test]
async fn an_event_stream_carries_a_subscription_and_ends_with_its_key() {
    let database = TestDatabase::new().await;
    let (revoked, other) = (key(database.url(), "revoked"), key(database.url(), "other"));
    let server = Server::start(
        database.url(),
        &["--max-sockets", "2", "--max-subscriptions", "2", "--rate", "1000"],
    );
    let updates = json!({ "query": UPDATES });
    let stream = Events::open(&server, Some(&revoked), &updates).ok().unwrap();
    let version = stream.result()["data"]["warehouseUpdated"]["version"].as_i64().unwrap();
    run(database.url(), &["load", &samples()]);
    let newer = stream.result()["data"]["warehouseUpdated"]["version"].as_i64().unwrap();
    assert!(newer > version, "a load is an event");
    assert_eq!(server.measured("hotwash_websockets"), 1);
    let second = Events::open(&server, Some(&revoked), &updates).ok().unwrap();
    second.result();
    let (status, answer) = Events::open(&server, Some(&revoked), &updates).err().unwrap();
    assert_eq!((status, code(&answer)), (429, "RATE_LIMITED"), "{answer}");
    let kept = Events::open(&server, Some(&other), &updates).ok().unwrap();
    kept.result();
    run(database.url(), &["key", "revoke", "revoked"]);
    let began = Instant::now();
    for stream in [stream, second] {
        // Further versions of the load may come before.
        let mut last = stream.result();
        while last["data"].is_object() {
            last = stream.result();
        }
        assert_eq!(code(&last), "UNAUTHENTICATED", "{last}");
        assert_eq!(stream.next().unwrap().0, "complete");
        assert_eq!(stream.next(), None);
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(server.measured("hotwash_websockets"), 1, "another key's stream stays open");
    let (status, answer) = Events::open(&server, None, &updates).err().unwrap();
    assert_eq!((status, code(&answer)), (401, "UNAUTHENTICATED"), "{answer}");
}

fn samples() -> String {
    hotwash_tests::repository()
        .join("etl/samples/disaster_declarations_summaries_v2.csv")
        .to_string_lossy()
        .into_owned()
}

#[tokio::test]
async fn an_event_stream_answers_queries_and_rejects_what_does_not_run() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let open = |body: Value| Events::open(&server, None, &body);
    let stream = open(json!({ "query": TEXT })).ok().unwrap();
    assert!(stream.result()["data"]["regions"].is_array());
    assert_eq!(stream.next().unwrap().0, "complete");
    assert_eq!(stream.next(), None);
    for wrong in ["{ nonsense }", "{", "subscription { nonsense }"] {
        let stream = open(json!({ "query": wrong })).ok().unwrap();
        let result = stream.result();
        assert_eq!(code(&result), "BAD_USER_INPUT", "{wrong}");
        assert!(result.get("data").is_none(), "{wrong}: {result}");
        assert_eq!(stream.next().unwrap().0, "complete", "{wrong}");
    }
    for (body, message) in [
        (json!({}), "the member query"),
        (json!([{ "query": TEXT }, { "query": TEXT }]), "an event stream runs one operation"),
    ] {
        let (status, answer) = open(body).err().unwrap();
        assert_eq!((status, code(&answer)), (400, "BAD_USER_INPUT"), "{answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains(message), "{answer}");
    }
    // Streams that the client leaves are no longer counted.
    drop(open(json!({ "query": UPDATES })).ok().unwrap());
    // As `EventSource` of a browser asks.
    let mut answer = AGENT
        .get(format!("{}/graphql", server.base))
        .query("query", TEXT)
        .header("accept", "text/event-stream")
        .call()
        .unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    assert!(text.contains("event: next\ndata: {\"data\":{\"regions\":["), "{text}");
    assert!(text.ends_with("event: complete\ndata:\n\n"), "{text}");
}

#[tokio::test]
async fn other_methods_are_answered_with_those_allowed() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let client = reqwest::Client::new();
    let send = async |method: &str, path: &str| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let answer = client.request(method, format!("{}{path}", server.base)).send().await.unwrap();
        let header =
            |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (allow, kind) = (header("allow"), header("content-type"));
        (answer.status().as_u16(), allow, kind, answer.text().await.unwrap())
    };
    for (path, methods, allow) in [
        ("/graphql", &["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"][..], "GET, HEAD, POST"),
        ("/export/events.csv", &["POST", "PUT", "DELETE"], "GET, HEAD"),
        ("/metrics", &["POST"], "GET, HEAD"),
        ("/metrics/incident_burden.json", &["POST"], "GET, HEAD"),
        ("/metrics/incident_burden", &["POST"], "GET, HEAD"),
        ("/healthz", &["POST", "DELETE"], "GET, HEAD"),
        ("/", &["POST"], "GET, HEAD"),
        ("/data", &["PUT"], "GET, HEAD"),
        ("/sign-in", &["PUT"], "GET, HEAD, POST"),
        ("/sign-out", &["GET"], "POST"),
    ] {
        for method in methods {
            let (status, allowed, _, body) = send(method, path).await;
            assert_eq!((status, allowed.as_deref()), (405, Some(allow)), "{method} {path}: {body}");
            let body: Value = serde_json::from_str(&body).unwrap();
            let help = if path == "/graphql" { &body["errors"][0]["extensions"] } else { &body };
            assert_eq!(help["help"], "docs/errors.md#method_not_allowed", "{body}");
        }
    }
    assert_eq!(send("PUT", "/nothing").await.0, 404);
    for (path, kind) in [
        ("/graphql?query={regions{code}}", "application/json"),
        ("/export/events.csv", "text/csv"),
        ("/metrics/incident_burden.json", "application/json"),
        ("/metrics/incident_burden", "text/html"),
    ] {
        let (status, _, head, body) = send("HEAD", path).await;
        assert_eq!((status, body.as_str()), (200, ""), "{path}");
        assert!(head.as_deref().unwrap_or_default().starts_with(kind), "{path}: {head:?}");
        assert_eq!(send("GET", path).await.2, head, "{path}");
    }
    for (path, expected) in [
        ("/graphql?query={nonsense}", 200),
        ("/graphql", 400),
        ("/export/nothing.csv", 404),
        ("/export/events.csv?nothing=1", 400),
    ] {
        assert_eq!(send("HEAD", path).await.0, expected, "{path}");
    }
}

#[tokio::test]
async fn a_rate_limit_has_a_code_of_its_own_and_states_how_long_to_wait() {
    let database = TestDatabase::new().await;
    let key = key(database.url(), "program");
    let server = Server::start(database.url(), &["--rate", "1"]);
    let rejected = (0..8).map(|_| server.query_as(Some(&key), TEXT)).find(|one| one.0 != 200);
    let (status, headers, answer) = rejected.unwrap();
    assert_eq!((status, code(&answer)), (429, "RATE_LIMITED"), "{answer}");
    let wait = headers.iter().find(|(name, _)| name == "retry-after").unwrap();
    assert!(wait.1.parse::<u64>().unwrap() >= 1);
}
