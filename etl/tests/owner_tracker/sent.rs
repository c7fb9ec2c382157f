//! Workbooks and requests that are written.

use hotwash_documents::archive::Archive;
use hotwash_documents::input::Input;
use hotwash_etl::tracker::{Division, TrackerError, TrackerOptions, write};

use crate::copy::Copy;
use crate::warehouse::{
    BOARD, CLOCK, REPEATER, answers, day, load_files, options, sent, warehouse,
};

#[tokio::test]
async fn each_owner_gets_a_workbook_and_each_request_is_stored() {
    let database = warehouse().await;
    let folder = tempfile::tempdir().unwrap();
    let written = write(database.url(), &options(folder.path(), Division::Owner)).await.unwrap();
    let files: Vec<(&str, usize)> =
        written.trackers.iter().map(|one| (one.file.as_str(), one.actions)).collect();
    assert_eq!(
        files,
        [
            ("unassigned-2025-06-01.xlsx", 1),
            ("fairbrook-hospital-2025-06-01.xlsx", 3),
            ("elmsford-fire-department-2025-06-01.xlsx", 1),
        ]
    );
    assert_eq!(
        answers(&database).await,
        ["A1", "A2", "A3", "A5", "A6"].map(|id| format!("{id} 2025-06-01 2025-06-15 -"))
    );
    let copy = Copy::open(&folder.path().join("fairbrook-hospital-2025-06-01.xlsx"));
    assert_eq!(copy.value(BOARD, "Status"), "Open");
    assert_eq!(copy.value(BOARD, "Due Date"), "2025-06-30");
    assert_eq!(copy.value(BOARD, "Priority"), "High");
    assert_eq!(copy.value(REPEATER, "Status"), "In progress");
    assert_eq!(copy.value(CLOCK, "Responsible Organization"), "Fairbrook Hospital");
    // The file of requests loads again, and changes nothing.
    let requests = std::fs::read(folder.path().join(written.requests.unwrap())).unwrap();
    let again = load_files(&database, &[("requests.csv", requests)]).await.remove(0);
    assert_eq!((again.read, again.unchanged), (5, 5), "{again:?}");
}

#[tokio::test]
async fn the_workbook_locks_what_is_not_the_owners_and_lists_the_statuses() {
    let database = warehouse().await;
    let (folder, _) = sent(&database).await;
    let file = folder.path().join("fairbrook-hospital-2025-06-01.xlsx");
    let archive = Archive::open(&Input::open(&file).unwrap()).unwrap();
    let part = |name: &str| String::from_utf8(archive.part(name).unwrap()).unwrap();
    let sheet = part("xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<sheetProtection") && !sheet.contains("password"), "{sheet}");
    assert!(sheet.contains("\"Proposed,Open,In progress,Completed,Deferred,Canceled\""), "{sheet}");
    assert!(sheet.contains("type=\"date\"") && sheet.contains("\"Yes\""), "{sheet}");
    assert!(part("xl/styles.xml").contains("<protection locked=\"0\"/>"));
    assert!(part("xl/workbook.xml").contains("state=\"hidden\""));
}

#[tokio::test]
async fn regions_get_workbooks_too() {
    let database = warehouse().await;
    let folder = tempfile::tempdir().unwrap();
    let written = write(database.url(), &options(folder.path(), Division::Region)).await.unwrap();
    let actions: Vec<usize> = written.trackers.iter().map(|one| one.actions).collect();
    assert_eq!(actions, [3, 1, 1], "{written:?}");
}

#[tokio::test]
async fn a_workbook_that_may_be_filled_in_is_never_overwritten() {
    let database = warehouse().await;
    let (folder, _) = sent(&database).await;
    let file = folder.path().join("unassigned-2025-06-01.xlsx");
    std::fs::write(&file, b"filled in").unwrap();
    let again = write(database.url(), &options(folder.path(), Division::Owner)).await;
    assert!(matches!(again, Err(TrackerError::Exists(_))), "{again:?}");
    assert_eq!(std::fs::read(&file).unwrap(), b"filled in");
    let count = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(count, 4, "a run that fails leaves no file");
    assert_eq!(answers(&database).await.len(), 5, "and no request");
    let past = TrackerOptions {
        due_on: Some(day("2025-05-31")),
        ..options(folder.path(), Division::Owner)
    };
    let past = write(database.url(), &past).await;
    assert!(matches!(past, Err(TrackerError::DuePassed { .. })), "{past:?}");
}
