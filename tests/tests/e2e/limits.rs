//! Limits: each is enforced, named in the error, and does not affect other keys.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, hotwash, run};
use serde_json::{Value, json};

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

/// Posts a body as it is: status and answer.
fn post(server: &Server, key: Option<&str>, body: &Value) -> (u16, Value, Option<String>) {
    let mut request =
        ureq::post(format!("{}/graphql", server.base)).config().http_status_as_error(false).build();
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let mut response = request.send_json(body).unwrap();
    let wait = response.headers().get("retry-after").map(|wait| wait.to_str().unwrap().to_owned());
    (response.status().as_u16(), response.body_mut().read_json().unwrap(), wait)
}

/// Sends a request's head as it is and gives the first line of the answer.
fn head(server: &Server, lines: &[&str]) -> String {
    let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes()).unwrap();
    let mut answer = vec![0; 2_000];
    let read = stream.read(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn requests_beyond_each_limit_are_rejected_and_the_error_names_the_limit() {
    let database = TestDatabase::new().await;
    let server = Server::start(
        database.url(),
        &[
            "--max-depth",
            "6",
            "--max-cost",
            "2000",
            "--max-body-bytes",
            "20000",
            "--max-batch",
            "2",
            "--max-aliases",
            "3",
            "--max-directives",
            "4",
            "--max-fields",
            "40",
        ],
    );
    let deep = "{ events(first: 1) { nodes { incident { event { incident { event { incident { \
        event { name } } } } } } } } }";
    let aliases = "{ a: metrics { id } b: metrics { id } c: metrics { id } d: metrics { id } }";
    let directives = "{ regions @include(if: true) @skip(if: false) { code @include(if: true) \
        @skip(if: false) name @include(if: true) } }";
    let fields = format!("{{ regions {{ {} }} }}", "code ".repeat(41));
    let multiplied = format!(
        "{{ events(first: 1) {{ nodes {{ ...f0 }} }} }} {} fragment f40 on Event {{ name }}",
        (0..40)
            .map(|level| format!("fragment f{level} on Event {{ ...f{0} ...f{0} }} ", level + 1))
            .collect::<String>()
    );
    let nested = "{ events(first: 20) { nodes { regions { nodes { code name } } } } }";
    for (query, limit) in [
        (deep, "depth"),
        (aliases, "aliases"),
        (directives, "directives"),
        (fields.as_str(), "fields"),
        (multiplied.as_str(), "fields"),
        ("{ events(first: 1000) { nodes { name kind status } } }", "cost"),
        (nested, "cost"),
        ("{ __schema { types { fields { type { fields { name } } } } } }", "cost"),
    ] {
        let answer = server.post(query);
        let error = &answer["errors"][0];
        assert_eq!(
            (code(&answer), error["extensions"]["limit"].as_str()),
            ("QUERY_TOO_COMPLEX", Some(limit)),
            "{answer}"
        );
        assert!(
            error["message"].as_str().unwrap().contains(&error["extensions"]["most"].to_string()),
            "{answer}"
        );
    }
    let by_variable = json!({ "query": "query q($n: Int) { events(first: $n) { nodes { name kind \
        status } } }", "variables": { "n": 1000 } });
    assert_eq!(code(&post(&server, None, &by_variable).1), "QUERY_TOO_COMPLEX");
    let long = server.post(&format!("{{ regions {{ code }} }} # {}", "x".repeat(25_000)));
    assert_eq!(code(&long), "QUERY_TOO_COMPLEX", "{long}");
    let one = json!({ "query": "{ regions { code } }" });
    let (status, answer, _) = post(&server, None, &json!([one, one, one]));
    assert_eq!((status, code(&answer)), (400, "QUERY_TOO_COMPLEX"));
    let opened = server.post(&format!("{}a{}", "{a".repeat(3_000), "}".repeat(3_000)));
    assert_eq!(code(&opened), "QUERY_TOO_COMPLEX", "{opened}");
    assert!(opened.to_string().len() < 1_000, "what cannot be read is not sent back whole");
    let circle = server.post(
        "{ events(first: 1) { nodes { ...a } } } fragment a on Event { ...b } fragment b on \
            Event { name ...a }",
    );
    assert_eq!(code(&circle), "BAD_USER_INPUT", "{circle}");
    assert!(circle.to_string().contains(" spreads itself by way of "), "{circle}");
    // After all that, the server still answers.
    assert_eq!(server.data("{ regions { code } }")["regions"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn every_answer_states_its_cost_and_a_spent_budget_how_long_to_wait() {
    let database = TestDatabase::new().await;
    let made = run(database.url(), &["key", "create", "program", "--role", "analyst"]);
    let key = Some(made.trim());
    let server = Server::start(database.url(), &["--budget", "1000"]);
    let query = json!({ "query": "{ regions { code name } }" });
    for left in [799, 598, 397] {
        // The first answer is computed, the others come from the cache.
        let (_, answer, _) = post(&server, key, &query);
        let cost = &answer["extensions"]["cost"];
        assert_eq!(
            (cost["query"].as_i64(), cost["budget"].as_i64()),
            (Some(201), Some(1000)),
            "{answer}"
        );
        let reported = cost["left"].as_i64().unwrap();
        assert!(
            (left..left + 150).contains(&reported),
            "{reported} of {left}: a budget of 1000 a minute gains 17 a second"
        );
        assert!(answer["data"]["regions"].is_array());
    }
    let (_, batch, _) = post(&server, key, &json!([{ "query": "{ warehouse { version } }" }]));
    assert_eq!(batch[0]["extensions"]["cost"]["query"], 2, "{batch}");
    let large = json!({ "query": "{ events(first: 450) { nodes { name kind } } }" });
    let (status, answer, wait) = post(&server, key, &large);
    assert_eq!((status, code(&answer)), (429, "RATE_LIMITED"), "{answer}");
    assert!(wait.unwrap().parse::<u64>().unwrap() >= 1);
    let (status, _, _) = post(&server, key, &json!({ "query": "{ warehouse { version } }" }));
    assert_eq!(status, 200, "what is left can still be spent");
}

#[tokio::test]
async fn each_query_of_a_batch_counts_against_the_rate_limit() {
    let database = TestDatabase::new().await;
    let key = run(database.url(), &["key", "create", "program", "--role", "analyst"]);
    let server = Server::start(database.url(), &["--rate", "1"]);
    let one = json!({ "query": "{ regions { code } }" });
    let (status, _, wait) =
        post(&server, Some(key.trim()), &json!([one, one, one, one, one, one, one, one]));
    assert_eq!(status, 429, "one a second allows four at once, not eight");
    assert!(wait.unwrap().parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn only_trusted_documents_run_where_a_list_is_given() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("documents.json");
    std::fs::write(
        &list,
        r#"{ "abc": "query codes { regions { code } }", "sha256:def": "{ metrics { id } }" }"#,
    )
    .unwrap();
    let server = Server::start(database.url(), &["--trusted-documents", list.to_str().unwrap()]);
    for trusted in [
        json!({ "documentId": "abc" }),
        json!({ "documentId": "sha256:def" }),
        json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "def" } } }),
        json!({ "query": "query codes {\n  regions { code }\n}" }),
    ] {
        let (status, answer, _) = post(&server, None, &trusted);
        assert!(status == 200 && answer["data"].is_object(), "{trusted}: {answer}");
    }
    for (other, message) in [
        (json!({ "query": "{ regions { code name } }" }), "only trusted documents"),
        (json!({ "documentId": "xyz" }), "no trusted document is named xyz"),
        (json!({ "query": "{ __schema { types { name } } }" }), "only trusted documents"),
    ] {
        let (_, answer, _) = post(&server, None, &other);
        assert_eq!(code(&answer), "FORBIDDEN", "{answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains(message), "{answer}");
    }
    let (_, _, text) = server.page("/graphql?documentId=abc");
    assert!(text.contains("\"code\""), "{text}");
    drop(server);
    let open = Server::start(database.url(), &[]);
    let (_, answer, _) = post(&open, None, &json!({ "documentId": "abc" }));
    assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer}");
    std::fs::write(&list, "{}").unwrap();
    let output = hotwash(database.url(), &["serve", "--trusted-documents", list.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(
        !output.status.success()
            && String::from_utf8_lossy(&output.stderr).contains("contains no document")
    );
}

#[tokio::test]
async fn pages_of_other_sites_are_closed_out_unless_the_operator_allows_one() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &["--allow-origin", "https://charts.example.org"]);
    let host = server.base.trim_start_matches("http://").to_owned();
    let (host, own) = (format!("host: {host}"), format!("origin: http://{host}"));
    let upgrade = |origin: &str| {
        let lines = [
            "GET /graphql HTTP/1.1",
            &host,
            "connection: upgrade",
            "upgrade: websocket",
            "sec-websocket-version: 13",
            "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
            "sec-websocket-protocol: graphql-transport-ws",
            origin,
        ];
        head(&server, &lines)[..12].to_owned()
    };
    assert_eq!(upgrade("origin: https://evil.example.org"), "HTTP/1.1 403");
    assert_eq!(upgrade("origin: https://charts.example.org"), "HTTP/1.1 101");
    assert_eq!(upgrade(&own), "HTTP/1.1 101");
    let send_query = |origin: &str| {
        let lines = [
            "OPTIONS /graphql HTTP/1.1",
            &host,
            "connection: close",
            "access-control-request-method: POST",
            "access-control-request-headers: content-type,authorization",
            origin,
        ];
        head(&server, &lines).to_lowercase()
    };
    assert!(
        send_query("origin: https://charts.example.org")
            .contains("access-control-allow-origin: https://charts.example.org")
    );
    assert!(
        !send_query("origin: https://evil.example.org").contains("access-control-allow-origin")
    );
    drop(server);
    let closed = Server::start(database.url(), &[]);
    let response = ureq::get(format!("{}/graphql?query={{__typename}}", closed.base))
        .header("origin", "https://charts.example.org")
        .call()
        .unwrap();
    assert!(
        response.headers().get("access-control-allow-origin").is_none(),
        "closed unless one is allowed"
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(response.headers().get(name).unwrap(), value);
    }
    // A form of another site begins no session.
    let answer = ureq::post(format!("{}/sign-in", closed.base))
        .config()
        .http_status_as_error(false)
        .build()
        .header("origin", "https://evil.example.org")
        .send_form([("key", "hw_x")])
        .unwrap();
    assert_eq!(answer.status(), 403);
}

/// Whether a statement of the API waits in this database.
async fn waits(url: &str) -> bool {
    let client = connect(url).await.unwrap();
    let sql = "select exists (select from pg_stat_activity where datname = current_database() and \
        application_name = 'hotwash api' and state = 'active')";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_query_is_canceled_in_postgres_when_its_client_disconnects() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &["--timeout-ms", "60000"]);
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute("begin; lock table warehouse.event in access exclusive mode")
        .await
        .unwrap();
    let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
    let body = json!({ "query": "{ events { totalCount } }" }).to_string();
    let head = "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json";
    stream
        .write_all(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes())
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !waits(database.url()).await {
        assert!(Instant::now() < deadline, "the query never reached Postgres");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(stream);
    while waits(database.url()).await {
        assert!(Instant::now() < deadline, "the query still runs although nobody waits for it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    client.batch_execute("rollback").await.unwrap();
    assert_eq!(server.data("{ events { totalCount } }")["events"]["totalCount"], 0);
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_canceled_in_postgres() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &["--timeout-ms", "300"]);
    let (client, connection) =
        tokio_postgres::connect(database.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    // A lock that the list must wait for.
    client
        .batch_execute("begin; lock table warehouse.event in access exclusive mode")
        .await
        .unwrap();
    // The second is not planned: its statement is not one of the typed tree.
    for query in
        ["{ events { totalCount } }", "{ changes(since: \"2026-01-01\") { happened { count } } }"]
    {
        let base = server.base.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let mut response = ureq::post(format!("{base}/graphql"))
                .send_json(serde_json::json!({ "query": query }))
                .unwrap();
            response.body_mut().read_json::<serde_json::Value>().unwrap()
        })
        .await
        .unwrap();
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "TIMEOUT", "{query}: {answer}");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("the query took longer"), "{query}: {answer}");
    }
    client.batch_execute("rollback").await.unwrap();
    assert_eq!(server.data("{ events { totalCount } }")["events"]["totalCount"], 0);
}
