//! `kill -9`: of the loader anywhere, of Postgres under load; and two loaders of the same files at
//! once.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hotwash_schema::connect::connect;
use hotwash_schema::loss::REMEDY;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::{Running, Stop, wait_until};
use hotwash_tests::{Server, both, coalition, hotwash, repository, soundness};
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tokio_postgres::Client;

use super::private::Private;
use super::{fresh_metrics, load_all, mended};

/// Findings of the doctor that a kill may leave; the next load fixes them.
const UNPUBLISHED: &[&str] = &["metrics are published of the records that are there"];

#[tokio::test(flavor = "multi_thread")]
async fn a_loader_killed_at_random_points_leaves_complete_files_and_the_next_load_the_same_warehouse()
 {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let count = i64::try_from(std::fs::read_dir(&files).unwrap().count()).unwrap();
    let expected = fresh_metrics(&files).await;
    let timed = TestDatabase::new().await;
    let began = Instant::now();
    load_all(timed.url(), &files);
    let whole = began.elapsed();
    let points = if super::long() { 100 } else { 3 };
    let mut random = rand::rngs::StdRng::seed_from_u64(20_260_630);
    let (mut midway, mut published) = (0, 0);
    for point in 0..points {
        let database = TestDatabase::new().await;
        let client = connect(database.url()).await.unwrap();
        let mut load = hotwash(database.url(), &["load", "--json"]);
        let mut child =
            Running::spawn(load.arg(&files).stdout(Stdio::null()).stderr(Stdio::null()));
        // After so many files, whatever the machine's speed, and somewhere in the next, or after
        // them all in publishing.
        while loaded(&client).await < point % (count + 1) && !child.has_ended() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(
            whole.mul_f64(random.random_range(0.0..1.0)) / u32::try_from(count).unwrap(),
        )
        .await;
        child.kill();
        let whole_files = loaded(&client).await;
        midway += i32::from((1..count).contains(&whole_files));
        published += i32::from(whole_files == count);
        // Statements of the killed loader finish or roll back before anything is loaded again.
        left(&client).await;
        soundness::sound_but(database.url(), UNPUBLISHED).await;
        mended(database.url(), &files, &expected).await;
        let running: i64 = client
            .query_one("select count(*) from meta.file where status = 'RUNNING'", &[])
            .await
            .unwrap()
            .get(0);
        assert_eq!(running, 0, "point {point}: what was killed is told as failed");
    }
    assert!(midway > 0, "no kill hit between the first file and the last: the test proves nothing");
    assert!(!super::long() || published > 0, "no kill hit the publishing after the last file");
}

/// Waits until no other connection is at work in this database.
async fn left(client: &Client) {
    let others = "select count(*) from pg_stat_activity where datname = current_database() and pid \
        <> pg_backend_pid()";
    let deadline = Instant::now() + Duration::from_secs(60);
    while client.query_one(others, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(Instant::now() < deadline, "a connection of the killed loader stays");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a connection of this server waits for a lock.
pub async fn waiting(url: &str) {
    let client = connect(url).await.unwrap();
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and \
        wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_secs(120);
    while client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(Instant::now() < deadline, "nothing came to wait for the lock");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn loaded(client: &Client) -> i64 {
    client
        .query_one("select count(*) from meta.file where status = 'LOADED'", &[])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_loaders_of_the_same_folder_give_the_warehouse_of_one() {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let expected = fresh_metrics(&files).await;
    let database = TestDatabase::new().await;
    let start = || {
        let mut load = hotwash(database.url(), &["load", "--json"]);
        Running::spawn(load.arg(&files).stdout(Stdio::piped()).stderr(Stdio::piped()))
    };
    let mut inserted = 0;
    for child in [start(), start()] {
        let output = child.output();
        assert!(output.status.success(), "{}", both(&output));
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let report: Value = serde_json::from_str(line).unwrap();
            soundness::accounted(&report);
            assert!(report["error"].is_null(), "{report}");
            inserted += report["inserted"].as_i64().unwrap();
        }
    }
    let fresh = TestDatabase::new().await;
    let once: i64 = super::load(fresh.url(), &files)
        .iter()
        .map(|report| report["inserted"].as_i64().unwrap())
        .sum();
    assert_eq!(inserted, once, "each row is new to exactly one of the two");
    mended(database.url(), &files, &expected).await;
}

/// Outcomes seen by one client while the database came and went.
#[derive(Default, Debug)]
struct Met {
    answers: u32,
    unavailable: u32,
    other: Vec<String>,
}

// A different query each time, since answers are cached while the warehouse is unchanged.
fn list(turn: u64) -> String {
    format!("{{ events(first: 3) {{ totalCount nodes {{ turn{turn}: name }} }} }}")
}

fn metric(turn: u64) -> String {
    format!("{{ metric(id: \"incident_burden\", groupBy: []) {{ rows {{ turn{turn}: n }} }} }}")
}

/// Sends queries until stopped.
fn send_query(server: &Server, stop: &AtomicBool, query: fn(u64) -> String) -> Met {
    let (mut met, mut turn) = (Met::default(), 0);
    while !stop.load(Ordering::Relaxed) {
        turn += 1;
        let answer = server.post(&query(turn));
        match answer["errors"][0]["extensions"]["code"].as_str() {
            None => met.answers += 1,
            Some("UNAVAILABLE") => met.unavailable += 1,
            Some(_) => met.other.push(answer.to_string()),
        }
    }
    met
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_killed_under_load_gives_unavailable_or_the_last_snapshot_and_all_recovers_by_itself()
 {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let expected = fresh_metrics(&files).await;
    let postgres = Private::new().await;
    load_all(postgres.url(), &files);
    let server = Server::start(postgres.url(), &[]);
    let storms =
        repository().join("etl/samples/StormEvents_details-ftp_v1.0_d1994_c20170717.csv.gz");
    // The loader waits in its merge for this lock, which readers do not meet: the kill comes in its
    // midst.
    let holder = connect(postgres.url()).await.unwrap();
    holder.batch_execute("begin; lock table warehouse.incident in share mode").await.unwrap();
    let mut load = hotwash(postgres.url(), &["load", "--json"]);
    let loader = Running::spawn(load.arg(&storms).stdout(Stdio::piped()).stderr(Stdio::piped()));
    waiting(postgres.url()).await;
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let stopping = Stop(&stop);
        let lists = scope.spawn(|| send_query(&server, &stop, list));
        let metrics = scope.spawn(|| send_query(&server, &stop, metric));
        postgres.kill();
        let output = loader.output();
        assert_eq!(
            output.status.code(),
            Some(1),
            "the loader says that it failed: {}",
            both(&output)
        );
        let message = String::from_utf8_lossy(&output.stdout);
        assert!(message.contains(REMEDY), "with the remedy: {}", both(&output));
        let mut reported = Value::Null;
        wait_until("/readyz says since when the database is unreachable", || {
            let (status, _, body) = server.page("/readyz");
            reported = serde_json::from_str(&body).unwrap();
            status == 503 && reported["unreachableSince"].is_string()
        });
        assert!(
            reported["snapshotReadAt"].is_string(),
            "the age of the last snapshot is told: {reported}"
        );
        let (status, _, page) = server.page("/");
        assert_eq!(status, 200);
        assert!(page.contains("has not answered since"), "the report says of what age it is");
        wait_until("a list was asked for while the database was away", || {
            server.post(&list(0))["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        });
        let status = server.data("{ warehouse { snapshotVersion unreachableSince timeZone } }");
        assert!(status["warehouse"]["unreachableSince"].is_string(), "{status}");
        let stored = server.post("{ warehouse { snapshotVersion version } }");
        assert_eq!(stored["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{stored}");
        assert!(stored["data"]["warehouse"].is_null(), "no number of the snapshot: {stored}");
        postgres.start();
        wait_until("the server found the database again", || {
            server.page("/readyz").0 == 200 && server.post(&list(0)).get("errors").is_none()
        });
        drop(stopping);
        let (lists, metrics) = (lists.join().unwrap(), metrics.join().unwrap());
        assert!(lists.other.is_empty() && lists.unavailable + lists.answers > 0, "{lists:?}");
        assert!(
            metrics.other.is_empty() && metrics.unavailable == 0 && metrics.answers > 0,
            "{metrics:?}"
        );
    });
    mended(postgres.url(), &files, &expected).await;
    load_all(postgres.url(), &storms);
    let fresh = TestDatabase::new().await;
    load_all(fresh.url(), &files);
    load_all(fresh.url(), &storms);
    soundness::sound(postgres.url()).await;
    soundness::same_metrics(postgres.url(), fresh.url()).await;
}
