//! Two servers on one database while files are loaded, and each restarted in its turn.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::{AGENT, Stop};
use hotwash_tests::{Server, coalition, repository, run, soundness};
use serde_json::Value;

const QUERY: &str = "{ events(first: 5) { totalCount nodes { name } } \
     metric(id: \"incident_burden\", groupBy: [REGION]) { snapshotVersion rows { n value } } }";

/// A minimal load balancer: queries whichever server reports ready.
fn send_query(servers: &[Mutex<String>], turn: usize) -> Result<Value, String> {
    for place in 0..servers.len() * 50 {
        let base = servers[(turn + place) % servers.len()].lock().unwrap().clone();
        let ready =
            AGENT.get(format!("{base}/readyz")).call().is_ok_and(|ready| ready.status() == 200);
        if !ready {
            std::thread::sleep(Duration::from_millis(10));
            continue;
        }
        let mut answer = AGENT
            .post(format!("{base}/graphql"))
            .send_json(serde_json::json!({ "query": QUERY }))
            .map_err(|error| format!("{base}: {error}"))?;
        let status = answer.status();
        let value: Value =
            answer.body_mut().read_json().map_err(|error| format!("{base}: {status}: {error}"))?;
        return if value.get("errors").is_none() {
            Ok(value)
        } else {
            Err(format!("{base}: {value}"))
        };
    }
    Err("no server was ready".into())
}

fn version(base: &str) -> i64 {
    let mut ready = AGENT.get(format!("{base}/readyz")).call().unwrap();
    ready.body_mut().read_json::<Value>().unwrap()["snapshotVersion"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_answer_every_request_through_loads_and_restarts_and_reach_one_version() {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let database = TestDatabase::new().await;
    let drained = ["--drain-seconds", "1"];
    let mut running =
        [Server::start(database.url(), &drained), Server::start(database.url(), &drained)];
    let bases = [Mutex::new(running[0].base.clone()), Mutex::new(running[1].base.clone())];
    let (stop, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let stopping = Stop(&stop);
        let clients: Vec<_> = (0..2)
            .map(|client| {
                let (bases, stop, answered) = (&bases, &stop, &answered);
                scope.spawn(move || {
                    let mut turn = client;
                    while !stop.load(Ordering::Relaxed) {
                        send_query(bases, turn)?;
                        answered.fetch_add(1, Ordering::Relaxed);
                        turn += 1;
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    Ok::<_, String>(())
                })
            })
            .collect();
        run(database.url(), &["load", files.to_str().unwrap()]);
        for place in 0..2 {
            // Start the new server before the old one stops, as supervisors do.
            let fresh = Server::start(database.url(), &drained);
            bases[place].lock().unwrap().clone_from(&fresh.base);
            let old = std::mem::replace(&mut running[place], fresh);
            assert_eq!(old.stop(), Some(0), "a graceful stop is a success");
            let sample = repository().join("etl/samples/disaster_declarations_summaries_v2.csv");
            run(database.url(), &["load", sample.to_str().unwrap()]);
        }
        drop(stopping);
        for client in clients {
            client.join().unwrap().unwrap_or_else(|error| panic!("a request failed: {error}"));
        }
    });
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let versions = [version(&running[0].base), version(&running[1].base)];
        let client = connect(database.url()).await.unwrap();
        let present: i64 =
            client.query_one("select meta.warehouse_version()", &[]).await.unwrap().get(0);
        if versions == [present; 2] {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "the servers are at {versions:?}, the warehouse at {present}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    for server in running {
        assert_eq!(server.stop(), Some(0));
    }
    // The access log contains the requests to the stopped servers.
    let client = connect(database.url()).await.unwrap();
    let noted: i64 = client
        .query_one(
            "select count(*) from access.access_log where status = 'OK' and operation like \
             '%incident_burden%'",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(noted.unsigned_abs(), answered.load(Ordering::Relaxed), "as many as were answered");
    assert!(noted > 20, "there was something going on: {noted}");
    soundness::sound(database.url()).await;
}
