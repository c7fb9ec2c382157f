//! Upgrades of warehouses with records, from every earlier schema and from other views, functions,
//! triggers and policies; and a migration interrupted at any point.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{SinkExt, TryStreamExt};
use hotwash_schema::connect::connect;
use hotwash_schema::migrate::{check, migrate, migrate_to};
use hotwash_schema::objects::{ObjectFile, shipped};
use hotwash_schema::pool::Pool;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{coalition, hotwash, repository, run, soundness};
use tokio_postgres::Client;

use super::{load_all, mended};

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

/// Takes a database back to nothing, then to its first migrations: tables without views,
/// functions, triggers and policies.
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

/// Copies the records into the columns that the older schema has, as that version of Hotwash stored
/// them.
async fn fill(from: &Client, to: &Client) {
    let tables = "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in \
        ('warehouse', 'meta', 'access') and tablename <> 'schema_object' order by 1";
    to.batch_execute("set session_replication_role = replica; delete from meta.table_version")
        .await
        .unwrap();
    for row in to.query(tables, &[]).await.unwrap() {
        let table: String = row.get(0);
        let theirs: BTreeSet<String> = columns(from, &table).await.into_iter().collect();
        let ours = columns(to, &table).await;
        let common: Vec<&str> =
            ours.iter().map(String::as_str).filter(|column| theirs.contains(*column)).collect();
        let list = common.join(", ");
        let source = from.copy_out(&format!("copy {table} ({list}) to stdout")).await.unwrap();
        let sink =
            to.copy_in::<_, Bytes>(&format!("copy {table} ({list}) from stdin")).await.unwrap();
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
    load_all(present.url(), &files);
    let expected = soundness::metrics(present.url()).await;
    let count = migrations().len();
    // The first and the last always; those between when there is time.
    let starts: BTreeSet<usize> =
        if super::long() { (1..=count).collect() } else { [1, count].into() };
    for first in starts {
        let old = under_schema(first, present.url()).await;
        assert!(
            check(&Pool::new(old.url())).await.unwrap_err().to_string().contains("hotwash migrate")
        );
        run(old.url(), &["migrate"]);
        soundness::sound(old.url()).await;
        soundness::same(&soundness::metrics(old.url()).await, &expected);
        // The same files again: what was loaded under the old schema is known as the same.
        mended(old.url(), &files, &expected).await;
    }
}

/// The shipped files as an earlier version might have had them: a function, a policy and a trigger
/// with other statements, a view with other values, and a view that is gone today.
fn older() -> Vec<ObjectFile> {
    let mut files = shipped();
    for file in &mut files {
        let (from, to) = match file.name.as_str() {
            "functions/bi/summarize" => ("a.sensitivity = 'PUBLIC' or ", ""),
            "policies/risk_assessment" => ("(select access.sees_detail()) and ", ""),
            "triggers/note_beginning" => ("insert or update or delete or truncate", "insert"),
            "views/bi/dim_event" => (" owes_aar as", " not owes_aar as"),
            _ => continue,
        };
        assert!(file.sql.contains(from), "{} no longer contains {from:?}", file.name);
        *file = ObjectFile::new(&file.name, &file.sql.replace(from, to));
    }
    let gone = "create view bi.gone as select event_id from warehouse.event;";
    files.push(ObjectFile::new("views/bi/gone", gone));
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn older_views_functions_triggers_and_policies_are_replaced_and_every_metric_stays() {
    let _limit = super::limit();
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let database = TestDatabase::new().await;
    load_all(database.url(), &files);
    let expected = soundness::metrics(database.url()).await;
    migrate_to(database.url(), None, older()).await.unwrap();
    let refused = hotwash(database.url(), &["metric", "action_on_time"]).output().unwrap();
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("hotwash migrate"), "{message}");
    let report = run(database.url(), &["migrate"]);
    for part in ["functions/bi/summarize (changed)", "files are gone: views/bi/gone"] {
        assert!(report.contains(part), "{part}: {report}");
    }
    soundness::sound(database.url()).await;
    soundness::same(&soundness::metrics(database.url()).await, &expected);
    mended(database.url(), &files, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_stopped_anywhere_changes_nothing_and_the_next_one_completes() {
    let _limit = super::limit();
    let whole = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    load_all(whole.url(), &files);
    let expected = soundness::metrics(whole.url()).await;
    let old = under_schema(1, whole.url()).await;
    let to = connect(old.url()).await.unwrap();
    let made = "select (select count(*) from meta.schema_object) + (select count(*) from \
        pg_views where schemaname in ('bi', 'access')) + (select count(*) from pg_policies)";
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
            .batch_execute(&format!("begin; lock table {held} in row exclusive mode"))
            .await
            .unwrap();
        let url = old.url().to_owned();
        let migration = tokio::spawn(async move { migrate(&url).await });
        let waiting = "select pid from pg_stat_activity where datname = current_database() and \
            wait_event_type = 'Lock' and state = 'active' and query not like '%advisory%'";
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(row) = to.query_opt(waiting, &[]).await.unwrap() {
                to.execute("select pg_terminate_backend($1)", &[&row.get::<_, i32>(0)])
                    .await
                    .unwrap();
                break;
            }
            assert!(!migration.is_finished(), "{held}: the migration did not wait");
            assert!(Instant::now() < deadline, "the migration neither waited nor ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let outcome = migration.await.unwrap();
        assert!(outcome.is_err(), "{held}: {outcome:?}");
        assert_eq!(to.query_one(made, &[]).await.unwrap().get::<_, i64>(0), 0, "{held}");
        holder.batch_execute("rollback").await.unwrap();
    }
    run(old.url(), &["migrate"]);
    check(&Pool::new(old.url())).await.unwrap();
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
    load_all(whole.url(), &files);
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
    assert!(check(&Pool::new(old.url())).await.is_err(), "it was killed midway");
    run(old.url(), &["migrate"]);
    check(&Pool::new(old.url())).await.unwrap();
    soundness::sound(old.url()).await;
    soundness::same(&soundness::metrics(old.url()).await, &expected);
    mended(old.url(), &files, &expected).await;
}
