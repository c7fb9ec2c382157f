//! Standard error that cannot be written: nobody reads it any more, its disk is full, or its pipe
//! is full.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{ChildStderr, Stdio};
use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::Server;

/// Longest time for an answer of a server under this fault.
const LIMIT: Duration = Duration::from_secs(10);

const DROPPED: &str = "hotwash_log_lines_dropped_total";

/// Requests the page this often; each request is a line of the log. Every answer must come within
/// the limit.
fn requests(server: &Server, count: usize) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(LIMIT)).build().into();
    for number in 0..count {
        let answer = agent.get(format!("{}/healthz", server.base)).call();
        let answer =
            answer.unwrap_or_else(|error| panic!("request {number} is not answered: {error}"));
        assert_eq!(answer.status(), 200);
    }
}

/// Stops the server as a supervisor does; it must end within the limit.
fn stops(server: Server) {
    assert_eq!(server.stop_within(LIMIT), Some(0), "SIGTERM is a graceful stop");
}

/// Waits until so many dropped lines are counted.
fn counts(server: &Server, least: i64) {
    let deadline = Instant::now() + LIMIT;
    while server.measured(DROPPED) < least {
        assert!(
            Instant::now() < deadline,
            "only {} of {least} lines are counted",
            server.measured(DROPPED)
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn start(url: &str, stderr: Stdio) -> (Server, Option<ChildStderr>) {
    let stderr = std::cell::Cell::new(Some(stderr));
    let mut server = Server::start_as(url, &[], &|command| {
        command.stderr(stderr.take().expect("it is started once"));
    });
    let reader = server.stderr();
    (server, reader)
}

#[tokio::test]
async fn a_server_whose_log_has_no_reader_answers_counts_dropped_lines_and_stops() {
    let database = TestDatabase::new().await;
    let (server, reader) = start(database.url(), Stdio::piped());
    drop(reader);
    requests(&server, 20);
    counts(&server, 20);
    stops(server);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_whose_log_disk_is_full_answers_counts_dropped_lines_and_stops() {
    let database = TestDatabase::new().await;
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (server, _) = start(database.url(), full.into());
    requests(&server, 20);
    counts(&server, 20);
    stops(server);
}

#[tokio::test]
async fn a_server_whose_log_pipe_is_full_answers_counts_dropped_lines_and_stops() {
    let database = TestDatabase::new().await;
    let (server, reader) = start(database.url(), Stdio::piped());
    // The pipe takes some hundred lines and the queue some thousand.
    let deadline = Instant::now() + Duration::from_secs(120);
    while server.measured(DROPPED) == 0 {
        assert!(Instant::now() < deadline, "no line is dropped");
        requests(&server, 500);
    }
    let dropped = server.measured(DROPPED);
    requests(&server, 100);
    counts(&server, dropped + 100);
    // Once the log is read again, it states how many lines are missing.
    let lines = BufReader::new(reader.expect("standard error is piped")).lines();
    let reports = std::thread::spawn(move || {
        let mut reports = Vec::new();
        for line in lines.map_while(Result::ok) {
            let line: serde_json::Value =
                serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
            reports.extend(line["dropped"].as_i64());
        }
        reports
    });
    std::thread::sleep(Duration::from_secs(1));
    requests(&server, 5);
    let dropped = server.measured(DROPPED);
    stops(server);
    let reports = reports.join().unwrap();
    assert_eq!(
        reports.iter().sum::<i64>(),
        dropped,
        "each dropped line is reported once: {reports:?}"
    );
}

#[tokio::test]
async fn a_server_whose_log_pipe_is_full_stops_on_a_signal() {
    let database = TestDatabase::new().await;
    let (server, reader) = start(database.url(), Stdio::piped());
    let deadline = Instant::now() + Duration::from_secs(120);
    while server.measured(DROPPED) == 0 {
        assert!(Instant::now() < deadline, "no line is dropped");
        requests(&server, 500);
    }
    stops(server);
    drop(reader);
}
