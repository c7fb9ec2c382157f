//! What may befall a warehouse, each as a test: after it, every row read is accounted for, the
//! doctor finds nothing, and every metric is that of a fresh warehouse loaded from the same files.
//! Some take long: `tests/run --faults` runs those whole.

mod clock;
mod connections;
mod cut;
mod disk;
mod killed;
mod log;
mod lost;
mod migration;
pub mod private;
mod reference;
mod replica;
mod servers;
mod soak;
mod supervised;

use std::path::Path;

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::TimeLimit;
use hotwash_tests::{both, hotwash, output, soundness};
use serde_json::Value;

/// Whether the long ones were asked for.
fn long() -> bool {
    std::env::var_os("HOTWASH_FAULTS").is_some()
}

/// Time within which a fault's test must end.
fn limit() -> TimeLimit {
    TimeLimit::minutes(if long() { 120 } else { 15 })
}

/// Loads and gives one report a file, each accounted for, whatever the exit code.
fn load(url: &str, folder: &Path) -> Vec<Value> {
    let output = output(hotwash(url, &["load", "--json"]).arg(folder));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let reports: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{}", both(&output))))
        .collect();
    assert!(!reports.is_empty(), "{}", both(&output));
    reports.iter().for_each(soundness::accounted);
    reports
}

/// As [`load`], and no file is refused.
fn load_whole(url: &str, folder: &Path) {
    for report in load(url, folder) {
        assert!(report["error"].is_null(), "{report}");
    }
}

/// Every metric of a fresh warehouse that loaded this folder.
async fn fresh_metrics(folder: &Path) -> Vec<String> {
    let fresh = TestDatabase::new().await;
    load_whole(fresh.url(), folder);
    soundness::metrics(fresh.url()).await
}

/// Loads what a fault kept out, and holds the warehouse to what must be true of it.
async fn mended(url: &str, folder: &Path, expected: &[String]) {
    load_whole(url, folder);
    soundness::sound(url).await;
    soundness::same(&soundness::metrics(url).await, expected);
}
