//! `hotwash serve`: what a client meets at its doors, and that a load in another process is seen.

use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, both, hotwash, repository, run};

fn declarations() -> String {
    repository().join("etl/samples/disaster_declarations_summaries_v2.csv").to_string_lossy().into_owned()
}

#[tokio::test]
async fn a_load_in_another_process_is_seen_by_metrics_within_seconds_and_lists_agree() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let count = "{ incidents(first: 1) { totalCount } metric(id: \"incident_burden\", groupBy: []) { snapshotVersion rows { n } } }";
    let before = server.data(count);
    assert_eq!(before["incidents"]["totalCount"], 0, "{before}");
    run(database.url(), &["load", &declarations()]);
    let deadline = Instant::now() + Duration::from_secs(10);
    let after = loop {
        let now = server.data(count);
        if now["metric"]["snapshotVersion"] != before["metric"]["snapshotVersion"]
            && now["metric"]["rows"][0]["n"].as_i64().unwrap_or(0) > 0
        {
            break now;
        }
        assert!(Instant::now() < deadline, "the snapshot did not follow the load: {now}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(after["metric"]["rows"][0]["n"], after["incidents"]["totalCount"], "{after}");
}

#[tokio::test]
async fn health_readiness_and_measurements_are_served() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    for path in ["healthz", "readyz", "metrics"] {
        let response = ureq::get(format!("{}/{path}", server.base)).call().unwrap();
        assert_eq!(response.status(), 200, "/{path}");
    }
}

#[tokio::test]
async fn a_wrong_query_names_its_fault_with_a_code_and_never_sql() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    for (query, code) in [
        ("{ incidents(first: 5000) { totalCount } }", "BAD_USER_INPUT"),
        ("{ nonsense }", "BAD_USER_INPUT"),
        ("{ metric(id: \"no_such_metric\") { rows { n } } }", "BAD_USER_INPUT"),
        ("{ incidents(after: \"garbage\") { totalCount edges { cursor } } }", "BAD_USER_INPUT"),
        ("{ node(id: \"garbage\") { id } }", "BAD_USER_INPUT"),
    ] {
        let answer = server.post(query);
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{query}\n{answer}");
        assert!(!answer.to_string().to_lowercase().contains("select "), "{answer}");
    }
}

#[tokio::test]
async fn a_port_in_use_and_a_foreign_address_are_refused_with_advice() {
    let database = TestDatabase::new().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = hotwash(database.url(), &["serve", "--listen", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(both(&output).contains(&address), "{}", both(&output));
    let output = hotwash(database.url(), &["serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(both(&output).contains("127.0.0.1"), "says what to do: {}", both(&output));
}

#[cfg(unix)]
#[tokio::test]
async fn the_server_stops_gracefully_on_a_signal() {
    let database = TestDatabase::new().await;
    let mut child = hotwash(database.url(), &["serve", "--listen", "127.0.0.1:0"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(3));
    assert!(child.try_wait().unwrap().is_none(), "the server still runs");
    let killed = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(killed.success());
    let deadline = Instant::now() + Duration::from_secs(15);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < deadline, "not stopped 15 s after SIGTERM");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(status.code(), Some(0), "a graceful stop is a success");
}
