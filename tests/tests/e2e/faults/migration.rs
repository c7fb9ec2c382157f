//! Upgrades with records in place, from every schema there has been; and a migration that is
//! stopped anywhere.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{SinkExt, TryStreamExt};
use hotwash_schema::connect::connect;
use hotwash_schema::migrate::{check, migrate};
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{coalition, hotwash, repository, run, soundness};
use tokio_postgres::Client;

use super::{load_whole, mended};

/// The migrations there are, oldest first: version and statements.
fn migrations() -> Vec<(String, PathBuf)> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(repository().join("schema/migrations"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    let version = |folder: &PathBuf| {
        folder.file_name().unwrap().to_str().unwrap().split('_').next().unwrap().replace('-', "")
    };
    folders.iter().map(|folder| (version(folder), folder.join("up.sql"))).collect()
}

/// Takes a database back to nothing, then to its first migrations.
async fn as_of(client: &Client, first: usize) {
    client
        .batch_execute(
            "drop schema bi, warehouse, meta, access cascade; delete from \
            __diesel_schema_migrations",
        )
        .await
        .unwrap();
    for (version, file) in migrations().into_iter().take(first) {
        client.batch_execute(&std::fs::read_to_string(&file).unwrap()).await.unwrap();
        client
            .execute("insert into __diesel_schema_migrations (version) values ($1)", &[&version])
            .await
            .unwrap();
    }
}

async fn columns(client: &Client, table: &str) -> Vec<String> {
    let sql = "select quote_ident(attname) from pg_attribute where attrelid = $1::text::regclass \
        and attnum > 0 and not attisdropped and attgenerated = '' order by attnum";
    client.query(sql, &[&table]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// The name that a column of an older schema has among these today.
fn name_of_today<'a>(theirs: &BTreeSet<String>, column: &'a str) -> &'a str {
    match column {
        "programme" if theirs.contains("program") => "program",
        "told" if theirs.contains("claim") => "claim",
        same => same,
    }
}

/// Copies what the older schema has a place for: the records as that version of Hotwash would have
/// held them.
async fn fill(from: &Client, to: &Client) {
    let tables = "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in \
        ('warehouse', 'meta', 'access') order by 1";
    to.batch_execute("set session_replication_role = replica; delete from meta.table_version")
        .await
        .unwrap();
    for row in to.query(tables, &[]).await.unwrap() {
        let table: String = row.get(0);
        let theirs: BTreeSet<String> = columns(from, &table).await.into_iter().collect();
        let ours = columns(to, &table).await;
        let common: Vec<(&str, &str)> = ours
            .iter()
            .map(|column| (column.as_str(), name_of_today(&theirs, column)))
            .filter(|(_, today)| theirs.contains(*today))
            .collect();
        let list = |names: Vec<&str>| names.join(", ");
        let theirs = list(common.iter().map(|(_, today)| *today).collect());
        let ours = list(common.iter().map(|(column, _)| *column).collect());
        let source = from.copy_out(&format!("copy {table} ({theirs}) to stdout")).await.unwrap();
        let sink =
            to.copy_in::<_, Bytes>(&format!("copy {table} ({ours}) from stdin")).await.unwrap();
        futures::pin_mut!(source, sink);
        while let Some(piece) = source.try_next().await.unwrap() {
            sink.send(piece).await.unwrap();
        }
        sink.finish().await.unwrap();
    }
    to.batch_execute(
        "delete from meta.setting; set session_replication_role = origin;
         do $$ declare s record; begin
             for s in select format('%I.%I', n.nspname, t.relname) as place, a.attname as name \
            from pg_class t join pg_namespace n on n.oid = t.relnamespace
                 join pg_attribute a on a.attrelid = t.oid where n.nspname in ('warehouse', \
            'meta', 'access') and a.attidentity <> '' loop
                 execute format('select setval(pg_get_serial_sequence(%L, %L), greatest((select \
            max(%I) from %s), 1))', s.place, s.name, s.name, s.place);
             end loop;
         end $$",
    )
    .await
    .unwrap();
}

/// A warehouse of so many migrations, with the records of this one.
async fn under_schema(count: usize, records: &str) -> TestDatabase {
    let old = TestDatabase::new().await;
    let (from, to) = (connect(records).await.unwrap(), connect(old.url()).await.unwrap());
    as_of(&to, count).await;
    fill(&from, &to).await;
    old
}

#[tokio::test(flavor = "multi_thread")]
async fn every_schema_there_has_been_is_upgraded_with_its_records_and_every_metric_stays() {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let present = TestDatabase::new().await;
    load_whole(present.url(), &files);
    let expected = soundness::metrics(present.url()).await;
    let count = migrations().len();
    // The first and the last but one always; those between when there is time.
    let starts: Vec<usize> = if super::long() { (1..count).collect() } else { vec![1, count - 1] };
    for first in starts {
        let old = under_schema(first, present.url()).await;
        assert!(check(old.url()).await.unwrap_err().to_string().contains("hotwash migrate"));
        run(old.url(), &["migrate"]);
        soundness::sound(old.url()).await;
        soundness::same(&soundness::metrics(old.url()).await, &expected);
        // The same files again: what was loaded under the old schema is known as the same.
        mended(old.url(), &files, &expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_stopped_anywhere_leaves_a_schema_that_the_next_one_completes() {
    let _limit = super::limit();
    let whole = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    load_whole(whole.url(), &files);
    let expected = soundness::metrics(whole.url()).await;
    let old = under_schema(1, whole.url()).await;
    let to = connect(old.url()).await.unwrap();
    let count = "select count(*) from __diesel_schema_migrations";
    let mut reached = vec![1_i64];
    // Each of these tables is held until the migration waits for it; then the server ends the
    // migration's connection.
    for held in [
        "warehouse.corrective_action",
        "warehouse.corrective_action_source",
        "bi.metric_value",
        "warehouse.hazard",
    ] {
        let holder = connect(old.url()).await.unwrap();
        holder
            .batch_execute(&format!("begin; lock table {held} in access share mode"))
            .await
            .unwrap();
        let url = old.url().to_owned();
        let migration = tokio::spawn(async move { migrate(&url).await });
        let waiting = "select pid from pg_stat_activity where datname = current_database() and \
            wait_event_type = 'Lock' and state = 'active' and query not like '%advisory%'";
        let deadline = Instant::now() + Duration::from_secs(60);
        let stopped = loop {
            if let Some(row) = to.query_opt(waiting, &[]).await.unwrap() {
                to.execute("select pg_terminate_backend($1)", &[&row.get::<_, i32>(0)])
                    .await
                    .unwrap();
                break true;
            }
            if migration.is_finished() {
                break false;
            }
            assert!(Instant::now() < deadline, "the migration neither waited nor ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let outcome = migration.await.unwrap();
        assert_eq!(outcome.is_err(), stopped, "{held}: {outcome:?}");
        reached.push(to.query_one(count, &[]).await.unwrap().get(0));
        holder.batch_execute("rollback").await.unwrap();
    }
    assert!(reached.windows(2).all(|pair| pair[0] <= pair[1]) && reached.len() > 2, "{reached:?}");
    assert!(
        *reached.iter().find(|count| **count > 1).unwrap() < migrations().len() as i64,
        "stopped midway: {reached:?}"
    );
    run(old.url(), &["migrate"]);
    check(old.url()).await.unwrap();
    soundness::sound(old.url()).await;
    soundness::same(&soundness::metrics(old.url()).await, &expected);
    mended(old.url(), &files, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migrate_that_is_killed_leaves_a_schema_that_the_next_one_completes() {
    let _limit = super::limit();
    let whole = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    load_whole(whole.url(), &files);
    let expected = soundness::metrics(whole.url()).await;
    let old = under_schema(1, whole.url()).await;
    let to = connect(old.url()).await.unwrap();
    let holder = connect(old.url()).await.unwrap();
    holder
        .batch_execute("begin; lock table warehouse.corrective_action in access share mode")
        .await
        .unwrap();
    let mut child = hotwash(old.url(), &["migrate"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and \
        wait_event_type = 'Lock' and query not like '%advisory%'";
    let deadline = Instant::now() + Duration::from_secs(60);
    while to.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(
            Instant::now() < deadline && child.try_wait().unwrap().is_none(),
            "the migration did not wait"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    holder.batch_execute("rollback").await.unwrap();
    assert!(check(old.url()).await.is_err(), "it was killed midway");
    run(old.url(), &["migrate"]);
    check(old.url()).await.unwrap();
    soundness::sound(old.url()).await;
    soundness::same(&soundness::metrics(old.url()).await, &expected);
    mended(old.url(), &files, &expected).await;
}
