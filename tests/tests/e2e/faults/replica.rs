//! Reading from a streaming replica: lists and snapshots come from it, keys and the access log go
//! to the primary.

use std::time::{Duration, Instant};

use hotwash_tests::{Server, coalition, run, soundness};

use super::load_all;
use super::private::Private;

const COUNTS: &str = "{ events(first: 1) { totalCount nodes { name } } \
    metric(id: \"incident_burden\", groupBy: []) { rows { n } } }";

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_metrics_are_read_from_a_streaming_replica_and_only_keys_and_the_log_touch_the_primary()
 {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let primary = Private::new().await;
    let replica = primary.replica().await;
    assert_eq!(replica.number("select pg_is_in_recovery()::integer::bigint").await, 1);
    let made = run(primary.url(), &["key", "create", "analyst", "--role", "analyst"]);
    let key = made.split_whitespace().find(|word| word.starts_with("hw_")).unwrap().to_owned();
    let server = Server::start(primary.url(), &["--read-url", replica.url()]);
    load_all(primary.url(), &files);
    let events = primary.number("select count(*) from warehouse.event").await;
    until("the replica's server follows the primary's loads", || {
        let (_, _, answer) = server.query_as(Some(&key), COUNTS);
        answer["data"]["events"]["totalCount"] == events
            && answer["data"]["metric"]["rows"][0]["n"].as_i64() > Some(0)
    });
    assert!(soundness::metrics(replica.url()).await == soundness::metrics(primary.url()).await);
    let readers = "select count(*) from pg_stat_activity where application_name = 'hotwash api'";
    assert_eq!(primary.number(readers).await, 0, "no list is read from the primary");
    assert!(replica.number(readers).await > 0, "lists are read from the replica");
    let mut tries = 0;
    while primary
        .number("select count(*) from access.access_log where viewer = 'analyst' and status = 'OK'")
        .await
        == 0
    {
        tries += 1;
        assert!(tries < 100, "the access log is written to the primary");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(
        primary.number("select count(*) from access.api_key where last_used_at is not null").await,
        1
    );

    // When the replica dies, lists report it and metrics use the last snapshot; both recover with
    // the replica. A different query each time, since answers are cached while the warehouse is
    // unchanged.
    let mut turn = 0;
    let mut counts = || {
        turn += 1;
        server.query_as(Some(&key), &COUNTS.replace("first: 1", &format!("first: {turn}"))).2
    };
    replica.kill();
    until("lists are unavailable while the replica is away", || {
        counts()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    });
    let (_, _, last) = server
        .query_as(Some(&key), "{ metric(id: \"incident_burden\", groupBy: []) { rows { n } } }");
    assert!(last["data"]["metric"]["rows"][0]["n"].as_i64() > Some(0), "{last}");
    replica.start();
    until("lists are back with the replica", || counts()["data"]["events"]["totalCount"] == events);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_of_another_schema_is_rejected_at_startup() {
    let _limit = super::limit();
    let primary = hotwash_schema::testing::TestDatabase::new().await;
    let other = hotwash_schema::testing::TestDatabase::new().await;
    let client = hotwash_schema::connect::connect(other.url()).await.unwrap();
    client.execute("delete from __diesel_schema_migrations", &[]).await.unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--read-url", other.url()];
    let output = hotwash_tests::hotwash(primary.url(), &serve).output().unwrap();
    let message = hotwash_tests::both(&output);
    assert!(
        !output.status.success()
            && message.contains("--read-url")
            && message.contains("hotwash migrate"),
        "{message}"
    );
}
