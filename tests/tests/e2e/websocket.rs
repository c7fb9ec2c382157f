//! GraphQL over WebSocket: the protocol `graphql-transport-ws`, authentication, and how sockets
//! close.

use std::time::{Duration, Instant};

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::coalition::generated;
use hotwash_tests::websocket::{Received, Socket};
use hotwash_tests::{Server, run};
use serde_json::{Value, json};

const QUERY: &str = "{ regions { code } }";
const UPDATES: &str = "subscription { warehouseUpdated { version } }";
const SOON: Duration = Duration::from_millis(300);

fn key(url: &str, name: &str) -> String {
    run(url, &["key", "create", name, "--role", "analyst"]).trim().to_owned()
}

/// The data of a result, or a failed test.
fn data(received: Received) -> Value {
    match received {
        Received::Message(message) if message["type"] == "next" => {
            message["payload"]["data"].clone()
        }
        other => panic!("no result: {other:?}"),
    }
}

/// Code of the error in an `error` message, or a failed test.
fn error_code(received: Received) -> String {
    match received {
        Received::Message(message) if message["type"] == "error" => {
            message["payload"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
        }
        other => panic!("no error: {other:?}"),
    }
}

#[tokio::test]
async fn the_socket_of_a_revoked_key_closes_within_two_seconds() {
    let database = TestDatabase::new().await;
    let (revoked, kept) = (key(database.url(), "revoked"), key(database.url(), "kept"));
    let server = Server::start(database.url(), &[]);
    let mut idle = Socket::with_key(&server.base, &revoked);
    let mut subscribed = Socket::with_key(&server.base, &revoked);
    assert!(
        data({
            subscribed.subscribe("1", UPDATES);
            subscribed.receive()
        })["warehouseUpdated"]
            .is_object()
    );
    let mut header =
        Socket::open(&server.base, &[("authorization", &format!("Bearer {revoked}"))]).unwrap();
    header.send(&json!({ "type": "connection_init" }));
    assert_eq!(header.receive(), Received::Message(json!({ "type": "connection_ack" })));
    let mut other = Socket::with_key(&server.base, &kept);
    run(database.url(), &["key", "revoke", "revoked"]);
    let began = Instant::now();
    for socket in [&mut idle, &mut subscribed, &mut header] {
        match socket.receive_within(Duration::from_secs(10)) {
            Received::Closed(4401, reason) => assert!(reason.contains("ended"), "{reason}"),
            other => panic!("not closed as unauthorized: {other:?}"),
        }
        assert!(
            began.elapsed() < Duration::from_secs(2),
            "closed only after {:?}",
            began.elapsed()
        );
    }
    [idle, subscribed, header].into_iter().for_each(Socket::finish);
    assert!(
        data(other.answer("1", QUERY))["regions"].is_array(),
        "another key's socket stays open"
    );
    assert_eq!(server.measured("hotwash_websockets"), 1);
}

#[tokio::test]
async fn a_socket_ends_with_the_key_that_expires_and_the_local_user_s_with_the_first_key() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let mut local = Socket::connected(&server.base, &json!({}));
    assert!(data(local.answer("1", QUERY))["regions"].is_array());
    let expiring = key(database.url(), "expiring");
    assert!(
        matches!(local.receive(), Received::Closed(4401, _)),
        "from the first key on everybody needs one"
    );
    let mut socket = Socket::with_key(&server.base, &expiring);
    let client = connect(database.url()).await.unwrap();
    client
        .execute("update access.api_key set expires_at = now() + interval '1 second'", &[])
        .await
        .unwrap();
    let began = Instant::now();
    assert!(matches!(socket.receive(), Received::Closed(4401, _)));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn each_operation_runs_under_the_viewer_of_its_moment() {
    let database = generated(1).await;
    let key =
        run(database.url(), &["key", "create", "changing", "--role", "analyst"]).trim().to_owned();
    let server = Server::start(database.url(), &[]);
    let mut socket = Socket::with_key(&server.base, &key);
    let details = "{ correctiveActions(first: 1) { totalCount } }";
    assert!(
        data(socket.answer("1", details))["correctiveActions"]["totalCount"].as_i64().unwrap() > 0
    );
    let client = connect(database.url()).await.unwrap();
    client.execute("update access.api_key set role = 'VIEWER'", &[]).await.unwrap();
    std::thread::sleep(Duration::from_millis(2_100));
    let Received::Message(answer) = socket.answer("2", details) else {
        panic!("the socket is lost")
    };
    assert_eq!(answer["payload"]["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
}

#[tokio::test]
async fn a_key_comes_by_header_or_connection_parameters_and_nothing_else_opens_a_connection() {
    let database = TestDatabase::new().await;
    let key = key(database.url(), "client");
    let server = Server::start(database.url(), &[]);
    let given = format!("Bearer {key}");
    for parameters in
        [json!({ "authorization": given }), json!({ "Authorization": given, "other": 1 })]
    {
        let mut socket = Socket::connected(&server.base, &parameters);
        assert!(data(socket.answer("1", QUERY))["regions"].is_array());
    }
    for (parameters, reason) in [
        (json!(null), "connectionParams"),
        (json!({}), "connectionParams"),
        (json!({ "authorization": key }), "connectionParams"),
        (json!({ "authorization": 5 }), "connectionParams"),
        (json!({ "authorization": "Bearer hw_wrong" }), "is unknown"),
    ] {
        let mut socket = Socket::open(&server.base, &[]).unwrap();
        socket.send(&json!({ "type": "connection_init", "payload": parameters }));
        match socket.receive() {
            Received::Closed(4401, message) => {
                assert!(message.contains(reason), "{parameters}: {message}")
            }
            other => panic!("{parameters}: {other:?}"),
        }
    }
    assert_eq!(
        Socket::open(&server.base, &[("authorization", "Bearer hw_wrong")]).err(),
        Some(401)
    );
    // Connection parameters do not admit pages of other sites.
    assert_eq!(
        Socket::open(&server.base, &[("origin", "https://evil.example.org")]).err(),
        Some(403)
    );
    // Behind a proxy without a key nobody is the local user.
    let keyless = TestDatabase::new().await;
    let server = Server::start(keyless.url(), &[]);
    let mut socket = Socket::open(&server.base, &[("x-forwarded-for", "192.0.2.1")]).unwrap();
    socket.send(&json!({ "type": "connection_init" }));
    assert!(matches!(socket.receive(), Received::Closed(4401, _)));
}

#[tokio::test]
async fn a_session_opens_a_socket_and_its_key_ends_it() {
    let database = TestDatabase::new().await;
    let key = key(database.url(), "reader");
    let server = Server::start(database.url(), &[]);
    let agent: ureq::Agent = ureq::Agent::config_builder().max_redirects(0).build().into();
    let signed =
        agent.post(format!("{}/sign-in", server.base)).send_form([("key", key.as_str())]).unwrap();
    let cookie =
        signed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut socket =
        Socket::open(&server.base, &[("cookie", &cookie), ("origin", &server.base)]).unwrap();
    socket.send(&json!({ "type": "connection_init" }));
    assert_eq!(socket.receive(), Received::Message(json!({ "type": "connection_ack" })));
    run(database.url(), &["key", "revoke", "reader"]);
    let began = Instant::now();
    assert!(matches!(socket.receive(), Received::Closed(4401, _)));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn sockets_and_operations_of_a_key_are_bounded_and_free_again_when_they_end() {
    let database = TestDatabase::new().await;
    let (one, two) = (key(database.url(), "one"), key(database.url(), "two"));
    let server = Server::start(
        database.url(),
        &["--max-sockets", "2", "--max-subscriptions", "3", "--rate", "1000"],
    );
    let mut sockets =
        vec![Socket::with_key(&server.base, &one), Socket::with_key(&server.base, &one)];
    let mut third = Socket::open(&server.base, &[]).unwrap();
    third.send(&json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer \
        {one}") } }));
    match third.receive() {
        Received::Closed(1013, reason) => {
            assert!(reason.starts_with("RATE_LIMITED: ") && reason.contains('2'), "{reason}")
        }
        other => panic!("{other:?}"),
    }
    let mut other = Socket::with_key(&server.base, &two);
    assert!(data(other.answer("1", QUERY))["regions"].is_array(), "another key has its own bounds");
    // Three operations over both sockets.
    for (socket, id) in [(0, "a"), (0, "b"), (1, "a")] {
        sockets[socket].subscribe(id, UPDATES);
        data(sockets[socket].receive());
    }
    assert_eq!(error_code(sockets[1].answer("c", QUERY)), "RATE_LIMITED");
    sockets[0].send(&json!({ "id": "a", "type": "complete" }));
    assert!(
        data(sockets[0].answer("ping", "{ __typename }")).is_object(),
        "the message before was taken"
    );
    sockets[1].subscribe("c", UPDATES);
    data(sockets[1].receive());
    // A closed socket no longer counts, nor do its operations.
    assert_eq!(sockets.remove(1).close(1000, ""), Received::Closed(1000, String::new()));
    let deadline = Instant::now() + Duration::from_secs(5);
    while server.measured("hotwash_websockets") > 2 {
        assert!(Instant::now() < deadline, "the closed socket is still counted");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut again = Socket::with_key(&server.base, &one);
    assert!(data(again.answer("1", QUERY))["regions"].is_array());
}

#[tokio::test]
async fn the_protocol_is_spoken_as_written() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &["--max-body-bytes", "20000"]);
    // Pings, before and after the connection is open.
    let mut socket = Socket::open(&server.base, &[]).unwrap();
    socket.send(&json!({ "type": "ping" }));
    assert_eq!(socket.receive(), Received::Message(json!({ "type": "pong" })));
    socket.send(&json!({ "type": "pong" }));
    socket.send(&json!({ "type": "connection_init", "payload": null }));
    assert_eq!(socket.receive(), Received::Message(json!({ "type": "connection_ack" })));
    socket.send(&json!({ "type": "ping", "payload": { "n": 1 } }));
    assert_eq!(
        socket.receive(),
        Received::Message(json!({ "type": "pong", "payload": { "n": 1 } }))
    );
    // Results, errors of the request, errors of a field.
    assert!(data(socket.answer("1", QUERY))["regions"].is_array());
    for wrong in ["{ nonsense }", "{", "query A { __typename } query B { __typename }", ""] {
        assert_eq!(error_code(socket.answer("1", wrong)), "BAD_USER_INPUT", "{wrong}");
        assert_eq!(
            socket.receive_within(SOON),
            Received::Nothing,
            "an error is the last message: {wrong}"
        );
    }
    assert_eq!(error_code(socket.answer("1", "subscription { nonsense }")), "BAD_USER_INPUT");
    // A subscription continues next to queries, under its id, until the client completes it.
    socket.subscribe("updates", UPDATES);
    let Received::Message(first) = socket.receive() else { panic!("no result") };
    assert_eq!((&first["id"], &first["type"]), (&json!("updates"), &json!("next")));
    assert!(data(socket.answer("1", QUERY))["regions"].is_array());
    socket.send(&json!({ "id": "updates", "type": "complete" }));
    assert_eq!(
        socket.receive_within(SOON),
        Received::Nothing,
        "what the client completes is not completed again"
    );
    socket.subscribe("updates", UPDATES);
    data(socket.receive());
    assert_eq!(
        socket.close(4321, "Byebye"),
        Received::Closed(4321, String::new()),
        "a close frame is answered"
    );
    // A subscription straight after another socket was closed.
    let mut socket = Socket::connected(&server.base, &json!({}));
    socket.subscribe("1", UPDATES);
    data(socket.receive());
}

/// Sends messages on an open socket, or on one whose connection is not open, and gives how the
/// server closes it.
fn closed_by(server: &Server, acknowledged: bool, messages: &[&str]) -> (u16, String) {
    let mut socket = if acknowledged {
        Socket::connected(&server.base, &json!({}))
    } else {
        Socket::open(&server.base, &[]).unwrap()
    };
    messages.iter().for_each(|message| socket.send_text(message));
    loop {
        match socket.receive() {
            Received::Message(message) if message["type"] == "next" => {}
            Received::Closed(code, reason) => {
                socket.finish();
                return (code, reason);
            }
            other => panic!("{messages:?} was answered by {other:?}"),
        }
    }
}

#[tokio::test]
async fn sockets_are_closed_with_the_codes_of_the_protocol() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &["--max-body-bytes", "20000"]);
    let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"subscription { warehouseUpdated { version } }"}}"#;
    for message in [
        "",
        "nonsense",
        "[]",
        "5",
        "{}",
        r#"{"type":"unknown"}"#,
        r#"{"type":"start","id":"1","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","id":1,"payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":"1","payload":{}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":5}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","variables":[]}}"#,
        r#"{"type":"complete"}"#,
        r#"{"type":"connection_init","payload":5}"#,
        r#"{"type":"ping","payload":[]}"#,
    ] {
        for acknowledged in [false, true] {
            let (code, reason) = closed_by(&server, acknowledged, &[message]);
            assert_eq!(code, 4400, "{message}: {reason}");
            assert!(reason.starts_with("Invalid message: "), "{reason}");
        }
    }
    let unauthorized = closed_by(&server, false, &[subscribe]);
    assert_eq!(
        unauthorized,
        (4401, "Unauthorized".into()),
        "no operation before the connection is open"
    );
    assert_eq!(
        closed_by(&server, true, &[subscribe, subscribe]),
        (4409, "Subscriber for 1 already exists".into())
    );
    let init = r#"{"type":"connection_init"}"#;
    assert_eq!(
        closed_by(&server, true, &[init]),
        (4429, "Too many initialisation requests".into())
    );
    let began = Instant::now();
    assert_eq!(closed_by(&server, false, &[]), (4408, "Connection initialisation timeout".into()));
    assert!((2_500..5_000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    let large = json!({ "type": "ping", "payload": { "x": "x".repeat(20_000) } }).to_string();
    assert_eq!(closed_by(&server, true, &[&large]).0, 1009);
    let mut socket = Socket::connected(&server.base, &json!({}));
    socket.socket.send(tungstenite::Message::binary(init)).unwrap();
    assert!(matches!(socket.receive(), Received::Closed(4400, _)));
    let other = Socket::open(&server.base, &[("sec-websocket-protocol", "graphql-ws")]);
    assert_eq!(other.err(), Some(101), "no other protocol is agreed to");
    // On shutdown an open socket gets a close frame and does not delay the server.
    let mut socket = Socket::connected(&server.base, &json!({}));
    socket.subscribe("1", UPDATES);
    data(socket.receive());
    let stopped = std::thread::spawn(move || server.stop_within(Duration::from_secs(8)));
    assert_eq!(socket.receive(), Received::Closed(1001, "Going away".into()));
    assert_eq!(stopped.join().unwrap(), Some(0));
}
