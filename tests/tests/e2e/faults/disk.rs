//! A disk that is full: while files are staged, while they are merged, while the report or a backup
//! is written.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hotwash_tests::{both, coalition, hotwash, repository, soundness};

use super::private::Private;
use super::{fresh_metrics, load, load_all, mended};

/// A small file system in memory, gone when dropped.
struct Disk(PathBuf);

impl Disk {
    /// None, with a sentence, where mounting is not allowed.
    fn new(folder: PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir_all(&folder).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(&folder)
            .stderr(Stdio::null())
            .status();
        if mount.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        println!(
            "skipped: a small disk cannot be mounted here (root and the right to mount are needed)"
        );
        None
    }

    fn grow(&self, size: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,size={size}")])
            .arg(&self.0)
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn storms() -> PathBuf {
    repository().join("etl/samples/StormEvents_details-ftp_v1.0_d1994_c20170717.csv.gz")
}

/// Loads the storms while the statements at `location` write too much for the disk.
async fn filled(location: &str) {
    let postgres = Private::new().await;
    let Some(disk) = Disk::new(postgres.folder().join("small"), "1m") else { return };
    postgres.own(&disk.0);
    postgres.run(&format!("create tablespace small location '{}'", disk.0.display())).await;
    for statement in location.split(';') {
        postgres.run(statement).await;
    }
    let reports = load(postgres.url(), &storms());
    let message = reports[0]["error"].as_str().unwrap_or_default();
    assert!(message.contains("disk is full") && message.contains("load again"), "{:?}", reports[0]);
    assert_eq!(
        postgres.number("select count(*) from warehouse.event").await,
        0,
        "a file loads whole or not at all"
    );
    soundness::sound(postgres.url()).await;
    disk.grow("512m");
    load_all(postgres.url(), &storms());
    let fresh = hotwash_schema::testing::TestDatabase::new().await;
    load_all(fresh.url(), &storms());
    soundness::sound(postgres.url()).await;
    soundness::same_metrics(postgres.url(), fresh.url()).await;
    // Nothing of the test's own may lie on the disk when it goes.
    drop(postgres);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_full_while_staging_is_reported_and_once_there_is_room_the_load_completes() {
    let _limit = super::limit();
    filled("alter role hotwash set temp_tablespaces = 'small'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_full_in_the_merge_is_reported_and_once_there_is_room_the_load_completes() {
    let _limit = super::limit();
    filled(
        "alter table warehouse.incident set tablespace small;alter table \
        warehouse.event_source_label set tablespace small",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_full_during_a_report_or_backup_is_reported_and_existing_files_stay() {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let expected = fresh_metrics(&files).await;
    let database = hotwash_schema::testing::TestDatabase::new().await;
    load_all(database.url(), &files);
    let Some(disk) = Disk::new(folder.path().join("small"), "64k") else { return };
    let path = |name: &str| disk.0.join(name).to_string_lossy().into_owned();
    let refused = |arguments: &[&str]| {
        let output = hotwash(database.url(), arguments).output().unwrap();
        let message = both(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
        assert!(
            message.contains("No space left") && !message.contains("panicked"),
            "{arguments:?}: {message}"
        );
        assert!(
            message.contains(&disk.0.display().to_string()),
            "{arguments:?}: says where: {message}"
        );
    };
    let empty = |disk: &Path| {
        for entry in std::fs::read_dir(disk).unwrap().flatten() {
            let _ = std::fs::remove_dir_all(entry.path());
            let _ = std::fs::remove_file(entry.path());
        }
    };
    for (name, arguments) in [
        ("report.pdf", vec!["report", "--pdf"]),
        ("warehouse.hotwash", vec!["backup"]),
        ("pages", vec!["report", "--html"]),
    ] {
        let target = path(name);
        if name != "pages" {
            std::fs::write(&target, "the last one").unwrap();
        }
        refused(&[arguments.as_slice(), &[target.as_str()]].concat());
        if name != "pages" {
            assert_eq!(
                std::fs::read_to_string(&target).unwrap(),
                "the last one",
                "{name}: what was there stays"
            );
        }
        empty(&disk.0);
    }
    disk.grow("64m");
    assert!(
        hotwash(database.url(), &["report", "--pdf", &path("report.pdf")])
            .status()
            .unwrap()
            .success()
    );
    assert!(std::fs::read(path("report.pdf")).unwrap().starts_with(b"%PDF"));
    mended(database.url(), &files, &expected).await;
}
