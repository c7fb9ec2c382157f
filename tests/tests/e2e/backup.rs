//! A backup is the whole warehouse, and a damaged one is refused.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{both, hotwash, run};

fn metrics(url: &str) -> String {
    ["capability_performance", "action_time_to_close", "improvement_priority"]
        .map(|id| run(url, &["metric", id, "--as-of", "2026-06-30", "--format", "json"]))
        .join("\n")
}

#[tokio::test]
async fn a_restored_warehouse_answers_as_the_one_that_was_backed_up() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (files, backup) = (folder.path().join("files"), folder.path().join("warehouse.hotwash"));
    let backup = backup.to_str().unwrap();
    run(database.url(), &["generate", files.to_str().unwrap()]);
    run(database.url(), &["load", files.to_str().unwrap()]);
    run(database.url(), &["backup", backup]);
    let other = TestDatabase::new().await;
    run(other.url(), &["restore", backup]);
    assert_eq!(metrics(other.url()), metrics(database.url()));
    let again = hotwash(other.url(), &["restore", backup]).output().unwrap();
    assert!(!again.status.success() && both(&again).contains("holds records already"), "{}", both(&again));
    let mut bytes = std::fs::read(backup).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(backup, &bytes).unwrap();
    let empty = TestDatabase::new().await;
    let damaged = hotwash(empty.url(), &["restore", backup]).output().unwrap();
    assert!(!damaged.status.success() && both(&damaged).contains("checksum"), "{}", both(&damaged));
}
