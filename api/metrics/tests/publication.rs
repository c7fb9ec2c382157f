//! Tests that publication and readers do not block each other.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Duration;

use hotwash_metrics::{Snapshot, publish};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;

/// Queries of dashboards: the table, a view of each kind over it, and the sums that a publication
/// refreshes.
const READ: &str = "select count(*), min(warehouse_version) from bi.metric_value";
const SHOWN: [&str; 4] = [
    "select count(*) from bi.metric_action_closure",
    "select count(*) from bi.metric_capability_performance",
    "select count(*) from bi.fact_capability_rating_monthly",
    "select count(*) from bi.fact_action_backlog_daily",
];

/// An event in a region: enough to give a few metrics rows.
const EVENT: &str = "with batch as (insert into meta.batch (tool_version) values ('test') \
    returning batch_id), \
    file as (insert into meta.file (batch_id, name, source) select batch_id, 'records.csv', \
    'hotwash' from batch returning batch_id, file_id), \
    event as (insert into warehouse.event (kind, name, start_at, local_date, source, source_id, \
    batch_id, file_id, source_row, content_hash) \
        select 'EXERCISE', 'An exercise', date '2025-03-01', date '2025-03-01', 'hotwash', \
        gen_random_uuid()::text, batch_id, file_id, 1, '\\x00'::bytea from file returning event_id) \
    insert into warehouse.event_region (event_id, region_id) select event_id, region_id from \
    event, warehouse.region where code = '1' and region_scheme_id = 1";

#[tokio::test(flavor = "multi_thread")]
async fn readers_and_a_publication_do_not_wait_for_each_other_and_a_reader_sees_one_version() {
    let database = TestDatabase::new().await;
    let url = database.url();
    let as_of = "2026-06-30".parse().unwrap();
    let writer = connect(url).await.unwrap();
    writer.batch_execute(EVENT).await.unwrap();
    let first = Snapshot::load(url).await.unwrap();
    assert!(publish(url, &first, as_of).await.unwrap() > 0);
    writer.batch_execute(EVENT).await.unwrap();
    let second = Snapshot::load(url).await.unwrap();

    // A slow dashboard has a read in progress.
    let mut slow = connect(url).await.unwrap();
    let slow = slow
        .build_transaction()
        .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        .start()
        .await
        .unwrap();
    let before = slow.query_one(READ, &[]).await.unwrap();
    for view in SHOWN {
        slow.query_one(view, &[]).await.unwrap();
    }
    // Other readers come and go meanwhile; none may wait.
    let others = tokio::spawn({
        let url = url.to_owned();
        async move {
            let reader = connect(&url).await.unwrap();
            reader.batch_execute("set lock_timeout = '2s'").await.unwrap();
            let mut versions = Vec::new();
            loop {
                for view in SHOWN {
                    reader.query_one(view, &[]).await.unwrap();
                }
                let row = reader
                    .query_one(
                        "select min(warehouse_version), max(warehouse_version) from \
                        bi.metric_value",
                        &[],
                    )
                    .await
                    .unwrap();
                let (least, most): (i64, i64) = (row.get(0), row.get(1));
                assert_eq!(least, most, "rows of two versions were seen at once");
                versions.push(least);
                if Some(&least) != versions.first() {
                    return versions.len();
                }
            }
        }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let published =
        tokio::time::timeout(Duration::from_secs(60), publish(url, &second, as_of)).await;
    assert!(published.expect("a publication waits for no reader").unwrap() > 0);
    tokio::time::timeout(Duration::from_secs(60), others)
        .await
        .expect("readers come to the new version")
        .unwrap();
    let after = slow.query_one(READ, &[]).await.unwrap();
    let told = |row: &tokio_postgres::Row| (row.get::<_, i64>(0), row.get::<_, i64>(1));
    assert_eq!(told(&after), told(&before), "what has begun to be read stays as it was");
}
