//! Tests the exported tables: their content, the files that an export rewrites, and the remains of
//! a killed export.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hotwash_metrics::{MANIFEST, MetricCaches, Snapshot, TablesError, export_tables};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use serde_json::Value;

/// Six exercises, one per year, alternately in regions 1 and 4C and the last in both, with two
/// ratings each; two actions.
const RECORDS: &str = "
insert into meta.batch (tool_version) values ('test');
insert into meta.file (batch_id, name, source) values (1, 'records.csv', 'hotwash');
insert into warehouse.event (event_id, kind, name, start_at, local_date, source, source_id, \
    batch_id, file_id, source_row, content_hash)
    select n, 'EXERCISE', 'Event ' || n, day, day, 'hotwash', n::text, 1, 1, n, '\\x00'::bytea
    from generate_series(1, 6) n cross join lateral (select make_date(2018 + n, 3, 1) as day) d;
insert into warehouse.event_region (event_id, region_id) select n, region_id from \
    generate_series(1, 6) n join warehouse.region
    on region_scheme_id = 1 and (code = case when n % 2 = 0 then '4C' else '1' end or n = 6 and \
    code = '1');
insert into warehouse.exercise (event_id, exercise_type_id) select n, 1 from generate_series(1, 6) \
    n;
insert into warehouse.capability_rating (event_id, capability_id, rating_scale_id, rating, source, \
    source_id, batch_id, file_id, source_row, content_hash)
    select n, k, 1, 'P', 'hotwash', n || '-' || k, 1, 1, n, '\\x00'::bytea from generate_series(1, \
    6) n, generate_series(1, 2) k;
insert into warehouse.corrective_action (region_id, text, status, opened_on, source, source_id, \
    batch_id, file_id, source_row, content_hash)
    select region_id, 'Action', 'OPEN', date '2024-05-01', 'hotwash', 'a' || region_id, 1, 1, 1, \
    '\\x00'::bytea
    from warehouse.region where region_scheme_id = 1 and code in ('1', '4C');
";

async fn warehouse() -> (TestDatabase, tempfile::TempDir) {
    let database = TestDatabase::new().await;
    connect(database.url()).await.unwrap().batch_execute(RECORDS).await.unwrap();
    (database, tempfile::tempdir().unwrap())
}

async fn change(database: &TestDatabase, sql: &str) -> Snapshot {
    connect(database.url()).await.unwrap().batch_execute(sql).await.unwrap();
    Snapshot::load(database.url()).await.unwrap()
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join(MANIFEST)).unwrap()).unwrap()
}

/// Returns the paths that the manifest names, by table.
fn named(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let manifest = manifest(folder);
    let tables = manifest["tables"].as_object().unwrap().iter();
    let paths = |table: &Value| {
        table["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["path"].as_str().unwrap().to_owned())
            .collect()
    };
    tables.map(|(name, table)| (name.clone(), paths(table))).collect()
}

/// Returns all Parquet files below a folder with their modification times.
fn files(folder: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "parquet" || ending == "part") {
            let changed = path.metadata().unwrap().modified().unwrap();
            found.insert(path, changed);
        }
    }
    found
}

/// Checks that every file in the manifest exists with the stated number of rows.
fn check_complete(folder: &Path) {
    for table in manifest(folder)["tables"].as_object().unwrap().values() {
        let mut rows = 0;
        for file in table["files"].as_array().unwrap() {
            let path = folder.join(file["path"].as_str().unwrap());
            let data = ParquetReader::new(fs::File::open(&path).unwrap()).finish().unwrap();
            assert_eq!(data.height() as u64, file["rows"].as_u64().unwrap(), "{}", path.display());
            assert_eq!(path.metadata().unwrap().len(), file["bytes"].as_u64().unwrap());
            rows += data.height() as u64;
        }
        assert_eq!(rows, table["rows"].as_u64().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_partitioned_by_year_and_region_with_labels_as_strings() {
    let (database, folder) = warehouse().await;
    let snapshot = Snapshot::load(database.url()).await.unwrap();
    let done = export_tables(&snapshot, folder.path()).unwrap();
    assert_eq!((done.version, done.unchanged, done.removed), (snapshot.version, 0, 0));
    assert_eq!(manifest(folder.path())["version"], snapshot.version);
    assert_eq!(done.rows as usize, snapshot.rows());
    check_complete(folder.path());
    let named = named(folder.path());
    let folders: BTreeSet<&str> =
        named["ratings"].iter().map(|path| path.rsplit_once('/').unwrap().0).collect();
    let expected: BTreeSet<String> =
        [(2019, "1"), (2020, "4C"), (2021, "1"), (2022, "4C"), (2023, "1"), (2024, "1+4C")]
            .map(|(year, region)| format!("ratings/year={year}/region={region}"))
            .into();
    assert_eq!(folders, expected.iter().map(String::as_str).collect());
    assert_eq!(named["actions"].len(), 2, "an action has the region of its own");
    assert!(
        named["organizations"].iter().all(|path| path.starts_with("organizations/part-")),
        "a table without a day"
    );
    let last = named["ratings"].iter().find(|path| path.contains("1+4C")).unwrap();
    let data =
        ParquetReader::new(fs::File::open(folder.path().join(last)).unwrap()).finish().unwrap();
    let text = |name: &str| data.column(name).unwrap().str().unwrap().get(0).unwrap().to_owned();
    assert_eq!((text("regions").as_str(), text("event_kind").as_str()), ("1+4C", "EXERCISE"));
    // March 1, 2024, in days since 1970, and its month in months since the year 0.
    let integer = |name: &str| data.column(name).unwrap().i32().unwrap().get(0).unwrap();
    assert_eq!((integer("local_date"), integer("local_date~month")), (19_783, 2024 * 12 + 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_changed_partitions_are_written_and_the_previous_version_stays_readable() {
    let (database, folder) = warehouse().await;
    let folder = folder.path();
    let first = export_tables(&Snapshot::load(database.url()).await.unwrap(), folder).unwrap();
    let before = files(folder);
    // A process that reads again, with its labels in another order, finds every partition
    // unchanged.
    let again = export_tables(&Snapshot::load(database.url()).await.unwrap(), folder).unwrap();
    assert_eq!((again.written, again.unchanged, again.removed), (0, first.written, 0));
    assert_eq!(files(folder), before);

    let rated = "update warehouse.capability_rating set rating = 'U' where source_id = '2-1'";
    let second = export_tables(&change(&database, rated).await, folder).unwrap();
    // The single partition of ratings, and the values computed from them for the event's report.
    assert!((1..=2).contains(&second.written), "{second:?}");
    assert!(second.version > first.version && manifest(folder)["version"] == second.version);
    assert_eq!(second.removed, 0);
    let after = files(folder);
    assert!(
        before.iter().all(|(path, changed)| after.get(path) == Some(changed)),
        "no file is ever changed"
    );
    check_complete(folder);

    // The event loses its region: its partitions disappear, and older ones are removed.
    let moved = "delete from warehouse.event_region where event_id = 2";
    let third = export_tables(&change(&database, moved).await, folder).unwrap();
    assert_eq!(third.removed, second.written, "what the version before the last alone had");
    check_complete(folder);
    assert!(
        named(folder)["ratings"].iter().any(|path| path.contains("year=2020/region=unmapped/"))
    );
    assert!(named(folder)["ratings"].iter().all(|path| !path.contains("year=2020/region=4C/")));
    let gone = "delete from warehouse.capability_rating where event_id = 2";
    export_tables(&change(&database, gone).await, folder).unwrap();
    assert!(!folder.join("ratings/year=2020/region=4C").exists(), "folders left empty go");
    check_complete(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_export_leaves_the_version_before_and_the_next_one_cleans_up() {
    let (database, folder) = warehouse().await;
    let folder = folder.path();
    export_tables(&Snapshot::load(database.url()).await.unwrap(), folder).unwrap();
    let (text, known) = (fs::read(folder.join(MANIFEST)).unwrap(), files(folder));
    // The manifest cannot be replaced, as if the process had ended just before.
    fs::create_dir(folder.join("manifest.part")).unwrap();
    let rated = "update warehouse.capability_rating set rating = 'U' where source_id = '2-1'";
    let fresh = change(&database, rated).await;
    assert!(matches!(export_tables(&fresh, folder), Err(TablesError::Path { .. })));
    assert_eq!(fs::read(folder.join(MANIFEST)).unwrap(), text);
    assert!(known.keys().all(|path| path.exists()));
    check_complete(folder);
    // Half a file of a killed process, and an unrelated file.
    let half = folder.join("ratings/year=2019/region=1/part-0123.part");
    let other = folder.join("ratings/notes.txt");
    fs::write(&half, "PAR1").unwrap();
    fs::write(&other, "mine").unwrap();
    fs::remove_dir(folder.join("manifest.part")).unwrap();
    let done = export_tables(&fresh, folder).unwrap();
    assert_eq!((done.written, done.removed), (0, 1), "what was written is whole and kept");
    assert!(!half.exists() && other.exists());
    check_complete(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_is_never_put_over_a_newer_one_and_two_exports_never_mix() {
    let (database, folder) = warehouse().await;
    let folder = folder.path();
    let old = Snapshot::load(database.url()).await.unwrap();
    let new = change(
        &database,
        "update warehouse.capability_rating set rating = 'U' where source_id = '2-1'",
    )
    .await;
    export_tables(&new, folder).unwrap();
    assert!(matches!(export_tables(&old, folder), Err(TablesError::Older { .. })));
    let held = fs::File::options().write(true).open(folder.join(".lock")).unwrap();
    held.lock().unwrap();
    assert!(matches!(export_tables(&new, folder), Err(TablesError::Busy(_))));
    drop(held);
    assert_eq!(export_tables(&new, folder).unwrap().written, 0);
}

#[cfg(feature = "engine")]
#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_not_there_is_an_error_and_no_number() {
    use hotwash_metrics::{EngineAddress, MetricError, MetricQuery, RemoteTables, evaluate};
    use hotwash_schema::access::Viewer;

    let (database, folder) = warehouse().await;
    let snapshot = Snapshot::load(database.url()).await.unwrap();
    export_tables(&snapshot, folder.path()).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let far = RemoteTables::new(&EngineAddress {
        engine: format!("flightsql://127.0.0.1:{port}"),
        tables: folder.path().display().to_string(),
        manifest: None,
        timeout: std::time::Duration::from_secs(5),
    })
    .unwrap();
    let there = far.snapshot(None, MetricCaches::default()).unwrap();
    assert_eq!(
        (there.version, there.generation(), there.rows()),
        (snapshot.version, snapshot.generation(), snapshot.rows())
    );
    assert_eq!(there.bytes(), 0, "nothing of the tables is held here");
    let region = |snapshot: &Snapshot| {
        snapshot.regions.values().map(|one| one.code.clone()).collect::<Vec<_>>()
    };
    assert_eq!(region(&there), region(&snapshot));
    let asked =
        evaluate(&there, "capability_performance", &MetricQuery::default(), &Viewer::local());
    assert!(
        matches!(asked, Err(MetricError::Engine(said)) if said.contains("did not answer")),
        "a clean error"
    );
}
