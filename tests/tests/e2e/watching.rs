//! `hotwash load --watch`: an inbox that takes up finished files only, and loses none when it is
//! killed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::{Running, TimeLimit};
use hotwash_tests::hotwash;
use rand::{Rng, SeedableRng};
use serde_json::Value;

/// A file of exercises with an id each.
fn calendar(first: u32, rows: u32) -> String {
    let mut text =
        String::from("ID,Exercise Name,Exercise Type,Start Date,Region,Sponsor,Status\n");
    for number in first..first + rows {
        text += &format!(
            "EX-{number},Exercise number {number},Tabletop,2025-{:02}-10,3,Example \
             Coalition,Held\n",
            number % 12 + 1
        );
    }
    text
}

fn watch(url: &str, inbox: &Path, more: &[&str]) -> Running {
    let mut command = hotwash(url, &["load", "--watch", "--json"]);
    Running::spawn(command.args(more).arg(inbox).stdout(Stdio::piped()).stderr(Stdio::null()))
}

/// Waits until a condition is true, for at most a minute.
fn wait(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(90), "{what} never came");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn report_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".report.json");
    name.into()
}

fn report(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(report_path(path)).unwrap()).unwrap()
}

async fn count(url: &str, sql: &str) -> i64 {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn finished_files_are_loaded_and_put_away_with_a_report_and_half_written_ones_wait() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path();
    std::fs::write(inbox.join("calendar.csv"), calendar(0, 3)).unwrap();
    std::fs::write(inbox.join("letter.txt"), "Dear all,\nthis is no table.\n").unwrap();
    std::fs::write(inbox.join("upload.csv.part"), calendar(50, 3)).unwrap();
    let mut slow = std::fs::File::create(inbox.join("slow.csv")).unwrap();
    let text = calendar(100, 40);
    slow.write_all(&text.as_bytes()[..900]).unwrap();
    slow.flush().unwrap();
    let child = watch(database.url(), inbox, &[]);
    let (done, failed) = (inbox.join("done/calendar.csv"), inbox.join("failed/letter.txt"));
    wait("the finished file", || done.exists() && failed.exists());
    assert_eq!(report(&done)["inserted"], 3);
    let refused = report(&failed);
    assert!(refused["error"].as_str().is_some_and(|error| !error.is_empty()), "{refused}");
    // The same name again gets a name of its own.
    std::fs::write(inbox.join("calendar.csv"), calendar(0, 4)).unwrap();
    let second = inbox.join("done/calendar (2).csv");
    wait("the second file", || second.exists());
    assert_eq!(
        (report(&second)["unchanged"].as_i64(), report(&second)["inserted"].as_i64()),
        (Some(3), Some(1))
    );
    assert!(inbox.join("slow.csv").exists() && inbox.join("upload.csv.part").exists());
    slow.write_all(&text.as_bytes()[900..]).unwrap();
    drop(slow);
    std::fs::rename(inbox.join("upload.csv.part"), inbox.join("upload.csv")).unwrap();
    let (slow, upload) = (inbox.join("done/slow.csv"), inbox.join("done/upload.csv"));
    wait("the slow file", || slow.exists() && upload.exists());
    assert_eq!(
        (report(&slow)["inserted"].as_i64(), report(&upload)["inserted"].as_i64()),
        (Some(40), Some(3))
    );
    // A service manager's signal stops the watcher cleanly after it reported every file.
    std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    let output = child.output();
    assert!(output.status.success());
    let reported = String::from_utf8(output.stdout).unwrap();
    let files: Vec<Value> =
        reported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(files.len(), 5, "{reported}");
    assert_eq!(count(database.url(), "select count(*) from warehouse.event").await, 47);
}

#[tokio::test]
async fn a_dry_run_of_the_inbox_reports_each_file_once_and_moves_and_stores_nothing() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calendar.csv");
    std::fs::write(&file, calendar(0, 3)).unwrap();
    let mut child = watch(database.url(), folder.path(), &["--dry-run"]);
    let mut lines =
        BufReader::new(child.child().stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut reported = || serde_json::from_str::<Value>(&lines.next().unwrap()).unwrap();
    let report = reported();
    assert_eq!((report["inserted"].as_i64(), report["batch"].is_null()), (Some(3), true));
    // Once a later file is reported, the first one was looked at again and passed over.
    for name in ["later.csv", "last.csv"] {
        std::fs::write(folder.path().join(name), calendar(100, 1)).unwrap();
        assert_eq!(reported()["file"], name);
    }
    child.kill();
    assert!(file.exists() && !folder.path().join("done").exists());
    assert_eq!(count(database.url(), "select count(*) from warehouse.event").await, 0);
}

#[tokio::test]
async fn killing_the_watcher_at_any_moment_loses_no_file() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path();
    let mut random = rand::rngs::StdRng::seed_from_u64(20_261_124);
    for round in 0..8_u32 {
        std::fs::write(inbox.join(format!("calendar {round}.csv")), calendar(round * 100, 100))
            .unwrap();
        let child = watch(database.url(), inbox, &[]);
        std::thread::sleep(Duration::from_millis(2_000 + random.random_range(0..1_500)));
        child.kill();
    }
    let child = watch(database.url(), inbox, &[]);
    let done = |round: u32| inbox.join(format!("done/calendar {round}.csv"));
    wait("every file", || (0..8).all(|round| done(round).exists()));
    child.kill();
    for round in 0..8 {
        let report = report(&done(round));
        assert_eq!(
            report["inserted"].as_i64().unwrap() + report["unchanged"].as_i64().unwrap(),
            100,
            "{report}"
        );
    }
    assert_eq!(count(database.url(), "select count(*) from warehouse.event").await, 800);
    assert_eq!(
        count(
            database.url(),
            "select count(*) from meta.file where status = 'LOADED' and \
        read <> inserted + updated + unchanged + rejected"
        )
        .await,
        0
    );
}
