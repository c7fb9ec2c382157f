//! Fault tests. After each fault every read row is accounted for, the doctor finds nothing, and
//! every metric equals that of a fresh warehouse loaded from the same files. Some tests are slow;
//! `tests/run --faults` runs them in full.

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

/// Returns whether slow tests are enabled.
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

/// Loads a folder and fails if a file is rejected.
fn load_all(url: &str, folder: &Path) {
    for report in load(url, folder) {
        assert!(report["error"].is_null(), "{report}");
    }
}

/// Every metric of a fresh warehouse that loaded this folder.
async fn fresh_metrics(folder: &Path) -> Vec<String> {
    let fresh = TestDatabase::new().await;
    load_all(fresh.url(), folder);
    soundness::metrics(fresh.url()).await
}

/// Loads what the fault prevented, then checks all invariants.
async fn mended(url: &str, folder: &Path, expected: &[String]) {
    load_all(url, folder);
    soundness::sound(url).await;
    soundness::same(&soundness::metrics(url).await, expected);
}
