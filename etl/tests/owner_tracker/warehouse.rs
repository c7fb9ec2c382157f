//! A warehouse with three owners of open actions, and what the tests read from it.

use std::path::Path;

use chrono::NaiveDate;
use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use hotwash_etl::tracker::{Division, TrackerOptions, write};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;

use crate::copy::Copy;

/// Open actions of the hospital.
pub const BOARD: &str = "Revise the bed board";
pub const REPEATER: &str = "Install a repeater, and test it";
pub const CLOCK: &str = "Set a clock time for reports";

pub const ORGANIZATIONS: &str = "organization_id,name,region,discipline\n\
    O1,Fairbrook Hospital,1,acute_care_hospital\n\
    O2,Elmsford Fire Department,2,emergency_medical_services\n";
pub const ACTIONS: &str = "action_id,text,status,opened_on,due_on,owner_organization_id,region,priority,\
    sensitivity\n\
    A1,Revise the bed board,OPEN,2025-01-10,2025-06-30,O1,1,HIGH,PUBLIC\n\
    A2,\"Install a repeater, and test it\",IN_PROGRESS,2025-01-10,2025-07-31,O1,1,LOW,\n\
    A3,Set a clock time for reports,OPEN,2025-01-10,,O1,1,,\n\
    A4,Drill the reports,COMPLETED,2025-01-10,,O1,1,,\n\
    A5,Buy radios,OPEN,2025-02-01,2025-08-01,O2,2,,\n\
    A6,Name a liaison,PROPOSED,2025-02-01,,,3,,\n";

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub async fn load_files(database: &TestDatabase, files: &[(&str, Vec<u8>)]) -> Vec<FileReport> {
    let inputs = files
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), Ok(Input::memory(name, bytes.clone()))))
        .collect();
    let reports = load_inputs(database.url(), inputs, &Options::default(), &Quiet).await.unwrap();
    assert!(reports.iter().all(FileReport::is_accounted), "{reports:?}");
    reports
}

/// Loads a filled tracker, which must be recognized.
pub async fn load(database: &TestDatabase, bytes: Vec<u8>) -> FileReport {
    let report = load_files(database, &[("back.xlsx", bytes)]).await.remove(0);
    assert_eq!(report.source.as_deref(), Some("owner_tracker"), "{report:?}");
    assert_eq!(report.error, None);
    report
}

pub async fn lines(database: &TestDatabase, sql: &str) -> Vec<String> {
    let client = connect(database.url()).await.unwrap();
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Returns the actions: text, status, due date, day of completion, owner, region.
pub async fn actions(database: &TestDatabase) -> Vec<String> {
    lines(
        database,
        "select concat_ws(' | ', a.text, a.status, coalesce(a.due_current_on::text, '-'), \
         coalesce(a.completed_on::text, '-'), o.name, r.code, a.sensitivity) from \
         warehouse.corrective_action a join warehouse.organization o on o.organization_id = \
         a.owner_organization_id join warehouse.region r on r.region_id = a.region_id order by 1",
    )
    .await
}

/// Returns the requests with the day of their first answer, by action.
pub async fn answers(database: &TestDatabase) -> Vec<String> {
    lines(
        database,
        "select concat_ws(' ', a.source_id, t.asked_on, t.due_on, coalesce(t.answered_on::text, \
         '-')) from warehouse.tracker_request t join warehouse.corrective_action a using \
         (corrective_action_id) order by 1",
    )
    .await
}

pub fn codes(report: &FileReport) -> Vec<String> {
    let code = |warning: &hotwash_etl::load::Warning| {
        format!(
            "{} {} {}",
            warning.code.as_str(),
            warning.column.as_deref().unwrap_or("-"),
            warning.value.as_deref().unwrap_or("-")
        )
    };
    report.details.iter().map(code).collect()
}

pub async fn warehouse() -> TestDatabase {
    let database = TestDatabase::new().await;
    let files = [("organizations.csv", ORGANIZATIONS), ("actions.csv", ACTIONS)]
        .map(|(name, text)| (name, text.as_bytes().to_vec()));
    let reports = load_files(&database, &files).await;
    assert!(
        reports.iter().all(|report| report.error.is_none() && report.rejected == 0),
        "{reports:?}"
    );
    database
}

pub fn options(folder: &Path, by: Division) -> TrackerOptions {
    TrackerOptions { by, folder: folder.to_owned(), asked_on: day("2025-06-01"), due_on: None }
}

/// Writes the trackers of all owners, and returns that of the hospital.
pub async fn sent(database: &TestDatabase) -> (tempfile::TempDir, Copy) {
    let folder = tempfile::tempdir().unwrap();
    write(database.url(), &options(folder.path(), Division::Owner)).await.unwrap();
    let file = folder.path().join("fairbrook-hospital-2025-06-01.xlsx");
    (folder, Copy::open(&file))
}
