//! The database goes away at every moment at which it is used: the message and its remedy are
//! always the same.

use std::process::{Output, Stdio};

use hotwash_schema::connect::connect;
use hotwash_schema::loss::REMEDY;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::Running;
use hotwash_tests::{both, coalition, hotwash, output, repository};
use tokio_postgres::Client;

use super::killed::waiting;
use super::private::Private;
use super::{fresh_metrics, mended};

fn message(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", both(output));
    let message = both(output);
    assert!(message.contains(REMEDY), "without the remedy: {message}");
    assert!(!message.contains("panicked"), "{message}");
    message
}

/// Starts a command that comes to wait for a lock on this table, and gives it once it waits.
async fn held(client: &Client, url: &str, lock: &str, arguments: &[&str]) -> Running {
    client.batch_execute(&format!("begin; lock table {lock} mode")).await.unwrap();
    let running = start(url, arguments);
    waiting(url).await;
    running
}

fn start(url: &str, arguments: &[&str]) -> Running {
    Running::spawn(hotwash(url, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()))
}

/// Ends the connections of commands, as an administrator would; the test's own connection is the
/// one that runs this.
const TERMINATE: &str = "select pg_terminate_backend(pid) from pg_stat_activity where datname = \
    current_database() \
     and pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread")]
async fn every_command_that_loses_its_connection_gives_the_remedy() {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let expected = fresh_metrics(&files).await;
    let database = TestDatabase::new().await;
    super::load_all(database.url(), &files);
    let client = connect(database.url()).await.unwrap();
    let target = folder.path().join("target").display().to_string();
    let (target, events) = (target.as_str(), files.join("fictional_events.csv"));
    let text = std::fs::read_to_string(&events).unwrap();
    // Change the file, so that there is something to store.
    std::fs::write(&events, text.replace("HELD", "PLANNED")).unwrap();
    for (lock, arguments) in [
        ("warehouse.event in access exclusive", vec!["status"]),
        ("meta.reject in access exclusive", vec!["rejects"]),
        ("warehouse.event in access exclusive", vec!["doctor"]),
        ("warehouse.event in access exclusive", vec!["metric", "incident_burden"]),
        ("warehouse.event in access exclusive", vec!["report", "--html", target]),
        (
            "warehouse.event in access exclusive",
            vec!["export", target, "--only", "events", "--format", "csv"],
        ),
        (
            "warehouse.event in access exclusive",
            vec!["export", target, "--only", "events", "--format", "parquet"],
        ),
        ("access.api_key in access exclusive", vec!["key", "list"]),
        ("access.api_key in access exclusive", vec!["serve", "--listen", "127.0.0.1:0"]),
        ("access.bi_login in access exclusive", vec!["bi", "revoke", "nobody"]),
        ("warehouse.region in access exclusive", vec!["migrate"]),
        ("meta.file in share", vec!["load", events.to_str().unwrap()]),
        ("warehouse.event in share", vec!["load", events.to_str().unwrap()]),
    ] {
        let running = held(&client, database.url(), lock, &arguments).await;
        client.batch_execute(TERMINATE).await.unwrap();
        let output = running.output();
        client.batch_execute("rollback").await.unwrap();
        println!("{arguments:?}: {}", message(&output));
    }
    std::fs::write(&events, text).unwrap();
    mended(database.url(), &files, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_loses_postgres_at_any_moment_reports_what_is_stored_and_to_load_again() {
    let _limit = super::limit();
    let file = repository().join("etl/samples/disaster_declarations_summaries_v2.csv");
    let expected = fresh_metrics(&file).await;
    let load = ["load", "--json", file.to_str().unwrap()];
    let postgres = Private::new().await;
    // Committing takes as long as it takes Postgres to go away.
    postgres
        .run(
            "create function public.slow() returns trigger language plpgsql as \
                 $$ begin if new.status = 'LOADED' then perform pg_sleep(600); end if; return \
                 null; end $$; \
             create constraint trigger slow after update on meta.file deferrable initially deferred \
                 for each row execute function public.slow(); \
             alter table meta.file enable always trigger slow",
        )
        .await;
    for how in ["kill -9", "immediate", "fast"] {
        for moment in ["begin", "merge", "commit"] {
            let client = connect(postgres.url()).await.unwrap();
            let running = match moment {
                "begin" => held(&client, postgres.url(), "meta.file in share", &load).await,
                "merge" => held(&client, postgres.url(), "warehouse.event in share", &load).await,
                _ => {
                    let running = start(postgres.url(), &load);
                    sleeping(&client).await;
                    running
                }
            };
            match how {
                "kill -9" => postgres.kill(),
                mode => postgres.stop(mode),
            }
            let message = message(&running.output());
            // At the beginning the lock stops the load before its first file if there is an earlier
            // load to end, otherwise in it.
            assert!(
                moment == "begin" || message.contains("loading again is safe"),
                "{how} at {moment}: {message}"
            );
            assert_eq!(
                message.contains("being committed"),
                moment == "commit",
                "{how} at {moment}: {message}"
            );
            postgres.start();
            assert_eq!(
                postgres.number("select count(*) from warehouse.event").await,
                0,
                "{how} at {moment}"
            );
        }
    }
    postgres.run("drop trigger slow on meta.file").await;
    postgres.kill();
    let message = message(&output(&mut hotwash(postgres.url(), &load)));
    assert!(message.contains("cannot reach Postgres at 127.0.0.1"), "{message}");
    postgres.start();
    mended(postgres.url(), &file, &expected).await;
}

/// Waits until a commit sleeps.
async fn sleeping(client: &Client) {
    let sql = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(std::time::Instant::now() < deadline, "no load came to its commit");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_load_reports_what_is_stored_and_how_to_publish_it() {
    let _limit = super::limit();
    let database = TestDatabase::new().await;
    let file = repository().join("etl/samples/disaster_declarations_summaries_v2.csv");
    let client = connect(database.url()).await.unwrap();
    let load = ["load", "--json", file.to_str().unwrap()];
    let running = held(&client, database.url(), "warehouse.event in share", &load).await;
    let signal =
        std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(signal.unwrap().success());
    let output = running.output();
    client.batch_execute("rollback").await.unwrap();
    let message = both(&output);
    assert_eq!(output.status.code(), Some(1), "{message}");
    for part in ["interrupted", "the current file is not", "hotwash migrate"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let events: i64 =
        client.query_one("select count(*) from warehouse.event", &[]).await.unwrap().get(0);
    assert_eq!(events, 0);
}
