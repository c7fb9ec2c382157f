//! `hotwash load` on real files: what it reports and rejects, and that nothing is lost or stored
//! partially.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::{Running, TimeLimit};
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, both, hotwash, output, repository, run};
use rand::{Rng, SeedableRng};
use serde_json::Value;

const FIELDS: [&str; 14] = [
    "file",
    "source",
    "batch",
    "read",
    "inserted",
    "updated",
    "unchanged",
    "rejected",
    "warnings",
    "redacted",
    "seconds",
    "error",
    "columns",
    "details",
];

fn sample(name: &str) -> PathBuf {
    let found = find(&repository().join("etl/samples"), name);
    found.unwrap_or_else(|| panic!("no sample {name} under etl/samples"))
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    std::fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() { find(&path, name) } else { (path.file_name()? == name).then_some(path) }
    })
}

fn declarations() -> PathBuf {
    sample("disaster_declarations_summaries_v2.csv")
}

fn storms() -> PathBuf {
    sample("StormEvents_details-ftp_v1.0_d1994_c20170717.csv.gz")
}

/// Runs `load --json` and gives one object a file, whatever the exit code.
fn load(url: &str, paths: &[&Path], more: &[&str]) -> (Vec<Value>, Option<i32>) {
    let mut command = hotwash(url, &["load", "--json"]);
    let output = output(command.args(more).args(paths));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{}", both(&output))));
    (lines.collect(), output.status.code())
}

fn accounted(report: &Value) {
    let number = |field: &str| report[field].as_i64().unwrap();
    let reported =
        number("inserted") + number("updated") + number("unchanged") + number("rejected");
    assert_eq!(
        number("read"),
        reported,
        "read = inserted + updated + unchanged + rejected: {report}"
    );
}

async fn scalar(url: &str, sql: &str) -> i64 {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_report_names_every_field_of_the_contract_and_accounts_for_every_record() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let (reports, code) = load(database.url(), &[&declarations()], &[]);
    assert_eq!((reports.len(), code), (1, Some(0)));
    let mut fields: Vec<&str> =
        reports[0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = FIELDS.to_vec();
    fields.sort_unstable();
    expected.sort_unstable();
    assert_eq!(fields, expected);
    accounted(&reports[0]);
    assert_eq!(reports[0]["source"], "openfema_declarations");
}

#[test]
fn a_load_whose_database_stays_away_is_reported_in_json_all_the_same() {
    let _limit = TimeLimit::minutes(10);
    let (reports, code) =
        load("postgresql://hotwash@127.0.0.1:9/none", &[&declarations(), &storms()], &[]);
    assert_eq!((reports.len(), code), (2, Some(1)), "{reports:?}");
    for (report, path) in reports.iter().zip([declarations(), storms()]) {
        assert_eq!(report["file"], path.display().to_string());
        assert!(
            report["error"].as_str().is_some_and(|error| error.contains("127.0.0.1")),
            "{report}"
        );
        accounted(report);
    }
}

#[tokio::test]
async fn loading_the_same_file_twice_changes_nothing() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let (first, _) = load(database.url(), &[&declarations(), &storms()], &[]);
    let version = scalar(
        database.url(),
        "select max(version) from meta.table_version where table_name like 'warehouse.%'",
    )
    .await;
    let (second, _) = load(database.url(), &[&declarations(), &storms()], &[]);
    for (before, after) in first.iter().zip(&second) {
        accounted(before);
        accounted(after);
        assert!(before["inserted"].as_i64().unwrap() > 0);
        assert_eq!(
            (&after["inserted"], &after["updated"]),
            (&Value::from(0), &Value::from(0)),
            "{after}"
        );
        assert_eq!(before["read"], after["read"]);
    }
    let again = scalar(
        database.url(),
        "select max(version) from meta.table_version where table_name like 'warehouse.%'",
    )
    .await;
    assert_eq!(
        version, again,
        "an unchanged file must not raise the version of any warehouse table"
    );
}

#[tokio::test]
async fn killing_the_loader_anywhere_leaves_the_warehouse_as_before_or_as_after() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let mut random = rand::rngs::StdRng::seed_from_u64(20_260_630);
    let began = Instant::now();
    let (whole, _) = load(database.url(), &[&storms()], &[]);
    let full_time = began.elapsed();
    let after = scalar(database.url(), "select count(*) from warehouse.event").await;
    assert_eq!(whole[0]["inserted"].as_i64().unwrap(), after);
    let mut killed_before_the_end = 0;
    // As soon as the file is being read, then once in each later quarter of the time.
    for quarter in 0..4 {
        let database = TestDatabase::new().await;
        let mut command = hotwash(database.url(), &["load", "--json"]);
        let mut child =
            Running::spawn(command.arg(storms()).stdout(Stdio::null()).stderr(Stdio::null()));
        while scalar(database.url(), "select count(*) from meta.file").await == 0 {
            assert!(!child.has_ended(), "the load ended before its file began");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if quarter > 0 {
            tokio::time::sleep(
                full_time.mul_f64((f64::from(quarter) + random.random_range(0.05..0.95)) / 4.0),
            )
            .await;
        }
        child.kill();
        // Wait until Postgres has finished the loader's statements.
        let others = "select count(*) from pg_stat_activity where datname = current_database() and \
            application_name = 'hotwash'";
        let deadline = Instant::now() + Duration::from_secs(120);
        while scalar(database.url(), others).await > 0 {
            assert!(Instant::now() < deadline, "a connection of the killed loader stays");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let events = scalar(database.url(), "select count(*) from warehouse.event").await;
        assert!(
            events == 0 || events == after,
            "{events} events after kill -9: neither none nor all {after}"
        );
        killed_before_the_end += i32::from(events == 0);
        let (again, _) = load(database.url(), &[&storms()], &[]);
        accounted(&again[0]);
        assert_eq!(scalar(database.url(), "select count(*) from warehouse.event").await, after);
        let orphans = "select count(*) from warehouse.event e left join warehouse.incident i using \
            (event_id) where i.event_id is null";
        assert_eq!(scalar(database.url(), orphans).await, 0);
    }
    assert!(
        killed_before_the_end > 0,
        "no kill hit the load before its commit: the test proves nothing"
    );
}

#[tokio::test]
async fn two_loaders_of_the_same_file_give_one_copy() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let start = || {
        let mut load = hotwash(database.url(), &["load", "--json"]);
        Running::spawn(load.arg(declarations()).stdout(Stdio::piped()).stderr(Stdio::piped()))
    };
    let children = [start(), start()];
    let mut inserted = 0;
    for child in children {
        let output = child.output();
        assert!(output.status.success(), "{}", both(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        accounted(&report);
        inserted += report["inserted"].as_i64().unwrap();
    }
    assert_eq!(inserted, 687, "each row of the file is new to exactly one of the two");
    assert_eq!(scalar(database.url(), "select count(*) from warehouse.event").await, 94);
}

#[tokio::test]
async fn a_dry_run_reports_and_stores_nothing() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let (reports, _) = load(database.url(), &[&declarations()], &["--dry-run"]);
    assert!(reports[0]["inserted"].as_i64().unwrap() > 0);
    assert_eq!(scalar(database.url(), "select count(*) from warehouse.event").await, 0);
    assert_eq!(scalar(database.url(), "select count(*) from meta.file").await, 0);
}

#[tokio::test]
async fn unreadable_files_are_rejected_with_advice_and_the_rest_is_loaded() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    write("empty.csv", b"");
    write("unknown.csv", b"color,shape\nred,round\n");
    let gzip = std::fs::read(storms()).unwrap();
    write("truncated.csv.gz", &gzip[..gzip.len() / 2]);
    write("old.doc", &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0, 0, 0]);
    std::fs::copy(declarations(), folder.path().join("good.csv")).unwrap();
    let (reports, code) = load(database.url(), &[folder.path()], &[]);
    assert_eq!(code, Some(1), "a refused file fails the command");
    assert_eq!(reports.len(), 5);
    for report in &reports {
        accounted(report);
        let name = report["file"].as_str().unwrap();
        let error = report["error"].as_str().unwrap_or_default();
        match name {
            _ if name.ends_with("good.csv") => {
                assert!(error.is_empty() && report["inserted"].as_i64().unwrap() > 0)
            }
            _ if name.ends_with("empty.csv") => assert!(error.contains("empty"), "{error}"),
            _ if name.ends_with("unknown.csv") => {
                assert!(error.contains("color"), "names the headings found: {error}")
            }
            _ if name.ends_with("old.doc") => assert!(error.contains(".docx"), "{error}"),
            _ => assert!(!error.is_empty(), "{report}"),
        }
    }
    let missing = hotwash(database.url(), &["load", "no-such-file.csv"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert!(both(&missing).contains("no-such-file.csv"), "{}", both(&missing));
}

#[tokio::test]
async fn latin_1_and_utf_16_files_load_as_their_utf_8_twin() {
    let _limit = TimeLimit::minutes(10);
    let utf8 = std::fs::read_to_string(declarations()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(utf8.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let latin1: Vec<u8> = utf8
        .replace("TORNADOES", "TORNADOES \u{e9}")
        .chars()
        .map(|c| if (c as u32) < 256 { c as u8 } else { b'?' })
        .collect();
    let mut counts = Vec::new();
    for (name, bytes) in
        [("utf8.csv", utf8.into_bytes()), ("utf16.csv", utf16), ("latin1.csv", latin1)]
    {
        let database = TestDatabase::new().await;
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let (reports, _) = load(database.url(), &[&path], &[]);
        counts.push((
            reports[0]["read"].clone(),
            reports[0]["inserted"].clone(),
            reports[0]["rejected"].clone(),
        ));
    }
    assert!(counts.windows(2).all(|pair| pair[0] == pair[1]), "{counts:?}");
}

#[tokio::test]
async fn rejected_rows_can_be_exported_mended_and_loaded_again() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(declarations()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.truncate(4);
    lines[1] = lines[1].replace("2021-12-10T00:00:00.000Z", "2021-13-45T00:00:00.000Z");
    let path = folder.path().join("with-a-bad-row.csv");
    std::fs::write(&path, lines.join("\n")).unwrap();
    let (reports, code) = load(database.url(), &[&path], &["--strict"]);
    accounted(&reports[0]);
    assert_eq!((reports[0]["rejected"].as_i64(), code), (Some(1), Some(3)), "{reports:?}");
    let rejects = run(database.url(), &["rejects"]);
    assert!(rejects.contains("2021-13-45") && rejects.contains("incidentBeginDate"), "{rejects}");
    let mend = folder.path().join("mend");
    let reported = run(database.url(), &["rejects", "--into", &mend.display().to_string()]);
    let own = std::fs::read_to_string(mend.join("with-a-bad-row.csv.rejects.csv")).unwrap();
    assert!(reported.ends_with(": 1 row\n") && own == rejects, "{reported}");
    // The columns are in the order of the file.
    let original = lines[0].trim_start_matches('\u{feff}').replace('"', "");
    let heading = rejects.lines().next().unwrap();
    assert!(heading.starts_with(&format!("{original},reject_file,")), "{heading} / {original}");
    let mended = folder.path().join("mended.csv");
    std::fs::write(&mended, &rejects).unwrap();
    let (again, _) = load(database.url(), &[&mended], &[]);
    assert_eq!(again[0]["rejected"].as_i64(), Some(1), "{again:?}");
    assert_eq!(run(database.url(), &["rejects", "--all"]).lines().count(), 3);
    std::fs::write(&mended, rejects.replace("2021-13-45", "2021-12-10")).unwrap();
    let (again, code) = load(database.url(), &[&mended], &["--strict"]);
    assert_eq!((again[0]["rejected"].as_i64(), code), (Some(0), Some(0)), "{again:?}");
    // The attempt that was rejected leaves the list too.
    assert_eq!(run(database.url(), &["rejects"]).lines().count(), 1);
    assert_eq!(run(database.url(), &["rejects", "--all"]).lines().count(), 3);
}

#[tokio::test]
async fn a_spreadsheet_runs_no_text_of_a_reject_and_the_mended_row_has_its_own_text() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.csv");
    let text = "event_id,kind,name,start_at,regions,sensitivity\n\
        =E1,INCIDENT,=1+1,2025-13-01,3,PUBLIC\n";
    std::fs::write(&path, text).unwrap();
    load(database.url(), &[&path], &[]);
    let rejects = run(database.url(), &["rejects"]);
    assert!(rejects.contains("'=E1,INCIDENT,'=1+1,2025-13-01,"), "{rejects}");
    let plain = run(database.url(), &["rejects", "--keep-formulas"]);
    assert!(plain.contains("\n=E1,INCIDENT,=1+1,2025-13-01,"), "{plain}");
    let mended = folder.path().join("mended.csv");
    std::fs::write(&mended, rejects.replace("2025-13-01", "2025-03-01")).unwrap();
    let (reports, _) = load(database.url(), &[&mended], &[]);
    assert_eq!(reports[0]["inserted"].as_i64(), Some(1), "{reports:?}");
    let name = "select source_id || ' ' || name from warehouse.event where event_id > 0";
    let client = hotwash_schema::connect::connect(database.url()).await.unwrap();
    assert_eq!(client.query_one(name, &[]).await.unwrap().get::<_, String>(0), "=E1 =1+1");
}

#[tokio::test]
async fn a_corrected_file_that_is_loaded_again_closes_its_own_rejects_alone() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let events = |region: &str, broken: &str| {
        format!(
            "event_id,kind,name,start_at\n{region}-1,incident,Fire,2025-01-02\n\
             BOTH,incident,Statewide outage,2025-01-09\n{region}-2,incident,Flood,{broken}\n"
        )
    };
    let file = |region: &str, broken: &str| {
        let path = folder.path().join(region);
        std::fs::create_dir_all(&path).unwrap();
        let path = path.join("events.csv");
        std::fs::write(&path, events(region, broken)).unwrap();
        path
    };
    let open = || {
        let rejects = run(database.url(), &["rejects"]);
        rejects.lines().skip(1).map(|line| line[..3].to_owned()).collect::<Vec<_>>()
    };
    load(database.url(), &[&file("N", "2025-13-01")], &[]);
    // A file of the same name from elsewhere is no edition of it, even with a record of both.
    load(database.url(), &[&file("S", "2025-02-01")], &[]);
    assert_eq!(open(), ["N-2"]);
    load(database.url(), &[&file("N", "2025-03-01")], &[]);
    assert_eq!(open(), [""; 0]);
}

#[tokio::test]
async fn a_database_that_is_down_gets_one_clear_sentence() {
    let _limit = TimeLimit::minutes(10);
    let output = hotwash("postgres://nobody@127.0.0.1:1/none", &["load"])
        .arg(declarations())
        .output()
        .unwrap();
    let text = both(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("127.0.0.1") && !text.contains("panicked"), "{text}");
}

/// Counts the actions, ratings and findings whose references were resolved.
async fn links(database: &TestDatabase) -> Vec<i64> {
    let client = hotwash_schema::connect::connect(database.url()).await.unwrap();
    let row = client
        .query_one(
            "select count(*), count(finding_id), count(event_id), count(*) filter (where \
             owner_organization_id > 0), \
                 (select count(*) filter (where organization_id > 0) from \
                 warehouse.capability_rating), \
                 (select count(*) filter (where organization_id > 0) from \
                 warehouse.resource_request), \
                 (select count(event_id) from warehouse.resource_request), (select \
                 count(organization_id) from warehouse.milestone) \
             from warehouse.corrective_action",
            &[],
        )
        .await
        .unwrap();
    (0..row.len()).map(|column| row.get(column)).collect()
}

#[tokio::test]
async fn what_is_named_before_it_is_loaded_is_found_when_it_comes() {
    let _limit = TimeLimit::minutes(10);
    let expected = links(&generated(5).await).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    run("", &["generate", path, "--seed", "5"]);
    let file = |name: &str| {
        folder.path().join(format!("fictional_{name}.csv")).to_string_lossy().into_owned()
    };

    let actions_first = TestDatabase::new().await;
    run(actions_first.url(), &["load", &file("actions")]);
    run(actions_first.url(), &["load", path]);
    assert_eq!(
        links(&actions_first).await,
        expected,
        "findings and owners came after their actions"
    );

    let organizations_last = TestDatabase::new().await;
    let named =
        ["events", "ratings", "findings", "actions", "milestones", "resource_requests"].map(file);
    run(
        organizations_last.url(),
        &[&["load"][..], &named.each_ref().map(String::as_str)[..]].concat(),
    );
    assert_ne!(links(&organizations_last).await, expected, "nobody is known yet");
    run(organizations_last.url(), &["load", path]);
    assert_eq!(links(&organizations_last).await, expected, "organizations came last");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_may_not_be_read_is_named_and_not_taken_for_an_empty_one() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    let closed = files.join("closed");
    std::fs::create_dir_all(&closed).unwrap();
    std::fs::copy(declarations(), files.join("good.csv")).unwrap();
    // Root may read everything: then somebody else runs the program, which must lie where they
    // reach it.
    let program = folder.path().join("hotwash");
    std::fs::copy(hotwash_tests::binary(), &program).unwrap();
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap()
    };
    mode(folder.path(), 0o755);
    mode(&closed, 0o000);
    let load = |path: &Path| {
        let mut command = std::process::Command::new(&program);
        command
            .args(["load", "--json"])
            .arg(path)
            .env("DATABASE_URL", database.url())
            .stdin(Stdio::null());
        if std::fs::read_dir(&closed).is_ok() {
            command.uid(65_534).gid(65_534);
        }
        output(&mut command)
    };
    let refused = load(&closed);
    let message = both(&refused);
    assert_eq!(refused.status.code(), Some(1), "{message}");
    assert!(
        message.contains("closed: Permission denied") && message.contains("right to read"),
        "{message}"
    );
    let partly = load(&files);
    mode(&closed, 0o755);
    let message = both(&partly);
    assert_eq!(
        partly.status.code(),
        Some(1),
        "a folder inside that is passed over fails the command: {message}"
    );
    assert!(message.contains("closed: Permission denied"), "{message}");
    assert_eq!(
        scalar(database.url(), "select count(*) from warehouse.event").await,
        94,
        "{message}"
    );
}

#[tokio::test]
async fn unread_columns_and_unknown_values_of_a_tracker_are_shown_everywhere() {
    let _limit = TimeLimit::minutes(10);
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tracker.csv");
    let text = "Exercise/Incident,Date of Exercise/Incident,Corrective Action,Responsible \
        Organization,Due Date,Status,Budget Line\n\
        Harbor Surge,5/14/2025,Buy radios,MDPH,6/1/2026,Open,B-12\n";
    std::fs::write(&path, text).unwrap();
    let (reports, code) = load(database.url(), &[&path], &["--strict"]);
    accounted(&reports[0]);
    assert_eq!(code, Some(3), "a column was lost: {reports:?}");
    let lost: Vec<&Value> = reports[0]["columns"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|column| column["fate"] == "UNREAD")
        .collect();
    assert_eq!(
        (lost.len(), &lost[0]["heading"], &lost[0]["samples"][0]),
        (1, &"Budget Line".into(), &"B-12".into())
    );
    let details = reports[0]["details"].to_string();
    assert!(details.contains("UNKNOWN_EVENT") && details.contains("Harbor Surge"), "{details}");
    let loaded = output(hotwash(database.url(), &["load"]).arg(&path));
    let text = both(&loaded);
    assert!(
        loaded.status.success() && text.contains("Budget Line") && text.contains("B-12"),
        "{text}"
    );
    assert!(text.contains("Harbor Surge"), "the event that nobody has loaded is warned of: {text}");

    let server = Server::start(database.url(), &[]);
    let answer = server.data(
        "{ batches(first: 2) { nodes { files(first: 5) { nodes { name columns(first: 50) { nodes { \
         heading fate field filled samples nearest } } } } } } \
           correctiveActions(first: 5) { nodes { id namedEvent namedEventDate event { id } } } }",
    );
    let columns = answer["batches"]["nodes"][0]["files"]["nodes"][0]["columns"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    let unread = columns.iter().find(|column| column["fate"] == "UNREAD").unwrap();
    assert_eq!(
        (&unread["heading"], &unread["samples"], &unread["filled"]),
        (&"Budget Line".into(), &serde_json::json!(["B-12"]), &1.into())
    );
    let action = &answer["correctiveActions"]["nodes"][0];
    assert_eq!(
        (&action["namedEvent"], &action["namedEventDate"]),
        (&"Harbor Surge".into(), &"2025-05-14".into()),
        "{action}"
    );
    let (_, _, page) = server.page("/data");
    assert!(
        page.contains("Budget Line") && page.contains("B-12"),
        "the Data page shows the unread column"
    );
    let (_, _, record) = server.page(&format!("/record/{}", action["id"].as_str().unwrap()));
    assert!(
        record.contains("Harbor Surge") && record.contains("May 14, 2025"),
        "the record shows the event it names"
    );
}
