//! Backups: complete, rejected when damaged or newer, and never overwriting existing data.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{both, coalition, hotwash, run, soundness};

/// First bytes of a backup, its digest, and the schema's version in 20 characters.
const VERSION: std::ops::Range<usize> = 48..68;

async fn backed_up(folder: &Path) -> (TestDatabase, String) {
    let database = TestDatabase::new().await;
    let (files, backup) = (coalition::small(folder), folder.join("warehouse.hotwash"));
    run(database.url(), &["load", files.to_str().unwrap()]);
    run(database.url(), &["backup", backup.to_str().unwrap()]);
    (database, backup.to_str().unwrap().to_owned())
}

/// A command on a private Postgres of its own, as on a new machine.
fn at_home(home: &Path, arguments: &[&str]) -> Command {
    let mut command = hotwash("", arguments);
    command.env_remove("DATABASE_URL").env("HOTWASH_HOME", home);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_restored_into_a_fresh_home_gives_every_metric_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let (database, backup) = backed_up(folder.path()).await;
    let home = tempfile::tempdir().unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let at = |arguments: &[&str]| {
        let output = at_home(home.path(), arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", both(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    at(&["postgres", "start"]);
    at(&["restore", &backup]);
    at(&["doctor"]);
    let status: serde_json::Value =
        serde_json::from_str(&at(&["postgres", "status", "--json"])).unwrap();
    soundness::same_metrics(status["url"].as_str().unwrap(), database.url()).await;
    let files = folder.path().join("coalition");
    let again = at(&["load", "--json", files.to_str().unwrap()]);
    for line in again.lines() {
        let report: serde_json::Value = serde_json::from_str(line).unwrap();
        soundness::accounted(&report);
        assert_eq!(
            (report["inserted"].as_i64(), report["updated"].as_i64()),
            (Some(0), Some(0)),
            "{report}"
        );
    }
    at(&["postgres", "stop"]);
}

#[tokio::test]
async fn a_damaged_or_newer_backup_is_rejected_and_existing_data_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (database, backup) = backed_up(folder.path()).await;
    let refused = |url: &str, message: &str| {
        let output = hotwash(url, &["restore", &backup]).output().unwrap();
        assert!(
            !output.status.success() && both(&output).contains(message),
            "{message}: {}",
            both(&output)
        );
    };
    refused(database.url(), "holds records already");
    // Records that are no events, and keys, count too.
    let assessments = TestDatabase::new().await;
    let scores = folder.path().join("coalition/fictional_risk_scores.csv");
    run(assessments.url(), &["load", scores.to_str().unwrap()]);
    refused(assessments.url(), "holds records already");
    let keyed = TestDatabase::new().await;
    run(keyed.url(), &["key", "create", "analyst", "--role", "analyst"]);
    refused(keyed.url(), "holds keys already");

    let whole = std::fs::read(&backup).unwrap();
    let empty = TestDatabase::new().await;
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    std::fs::write(&backup, &damaged).unwrap();
    refused(empty.url(), "checksum");
    std::fs::write(&backup, &whole[..whole.len() - 1]).unwrap();
    refused(empty.url(), "checksum");
    std::fs::write(&backup, &whole[..30]).unwrap();
    refused(empty.url(), "too short");
    // A raised version alone counts as damage; with a matching digest it is a newer schema.
    let mut newer = whole;
    newer[VERSION].copy_from_slice(format!("{:>20}", "20991231000000").as_bytes());
    std::fs::write(&backup, &newer).unwrap();
    refused(empty.url(), "checksum");
    let digest = blake3::hash(&newer[VERSION.start..]);
    newer[16..48].copy_from_slice(digest.as_bytes());
    std::fs::write(&backup, &newer).unwrap();
    refused(empty.url(), "use a newer hotwash");
    // A backup of an early version, whose migrations are gone, cannot be upgraded.
    let mut replaced = newer;
    replaced[VERSION].copy_from_slice(format!("{:>20}", "20261128230500").as_bytes());
    let digest = blake3::hash(&replaced[VERSION.start..]);
    replaced[16..48].copy_from_slice(digest.as_bytes());
    std::fs::write(&backup, &replaced).unwrap();
    refused(empty.url(), "load your files again");
    soundness::sound(empty.url()).await;
}

#[tokio::test]
async fn a_failed_backup_leaves_the_last_one_and_no_password_is_in_the_process_list() {
    let folder = tempfile::tempdir().unwrap();
    let (database, backup) = backed_up(folder.path()).await;
    let whole = std::fs::read(&backup).unwrap();
    let password = database.url().split(':').nth(2).unwrap().split('@').next().unwrap().to_owned();
    let mut child = hotwash(database.url(), &["backup", &backup])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut seen = 0;
    while child.try_wait().unwrap().is_none() {
        for process in std::fs::read_dir("/proc").unwrap().flatten() {
            let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            if line.contains("pg_dump") {
                seen += 1;
                assert!(!line.contains(&password), "{line}");
            }
        }
    }
    assert!(seen > 0, "pg_dump was seen at work");
    let other =
        hotwash("postgres://nobody@127.0.0.1:1/none", &["backup", &backup]).output().unwrap();
    assert!(!other.status.success());
    assert!(
        std::fs::read(&backup).unwrap().len() > whole.len() / 2,
        "the last backup is still there"
    );
}
