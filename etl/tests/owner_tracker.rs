//! Tests sent trackers: written from a warehouse, filled in and saved by another program, loaded.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

use chrono::{Datelike, NaiveDate};
use hotwash_documents::archive::Archive;
use hotwash_documents::grid::{Grid, GridCell, sheets};
use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use hotwash_etl::tracker::{Division, TrackerError, TrackerOptions, write};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use proptest::prelude::*;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};

const ORGANIZATIONS: &str = "organization_id,name,region,discipline\n\
    O1,Fairbrook Hospital,1,acute_care_hospital\n\
    O2,Elmsford Fire Department,2,emergency_medical_services\n";
const ACTIONS: &str = "action_id,text,status,opened_on,due_on,owner_organization_id,region,priority,\
    sensitivity\n\
    A1,Revise the bed board,OPEN,2025-01-10,2025-06-30,O1,1,HIGH,PUBLIC\n\
    A2,\"Install a repeater, and test it\",IN_PROGRESS,2025-01-10,2025-07-31,O1,1,LOW,\n\
    A3,Set a clock time for reports,OPEN,2025-01-10,,O1,1,,\n\
    A4,Drill the reports,COMPLETED,2025-01-10,,O1,1,,\n\
    A5,Buy radios,OPEN,2025-02-01,2025-08-01,O2,2,,\n\
    A6,Name a liaison,PROPOSED,2025-02-01,,,3,,\n";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn load_files(database: &TestDatabase, files: &[(&str, Vec<u8>)]) -> Vec<FileReport> {
    let inputs = files
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), Ok(Input::memory(name, bytes.clone()))))
        .collect();
    let reports = load_inputs(database.url(), inputs, &Options::default(), &Quiet).await.unwrap();
    assert!(reports.iter().all(FileReport::is_accounted), "{reports:?}");
    reports
}

/// Loads a filled tracker, which must be recognized.
async fn load(database: &TestDatabase, bytes: Vec<u8>) -> FileReport {
    let report = load_files(database, &[("back.xlsx", bytes)]).await.remove(0);
    assert_eq!(report.source.as_deref(), Some("owner_tracker"), "{report:?}");
    assert_eq!(report.error, None);
    report
}

async fn lines(database: &TestDatabase, sql: &str) -> Vec<String> {
    let client = connect(database.url()).await.unwrap();
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Returns the actions: text, status, due date, day of completion, owner, region.
async fn actions(database: &TestDatabase) -> Vec<String> {
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
async fn answers(database: &TestDatabase) -> Vec<String> {
    lines(
        database,
        "select concat_ws(' ', a.source_id, t.asked_on, t.due_on, coalesce(t.answered_on::text, \
         '-')) from warehouse.tracker_request t join warehouse.corrective_action a using \
         (corrective_action_id) order by 1",
    )
    .await
}

fn codes(report: &FileReport) -> Vec<String> {
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

async fn warehouse() -> TestDatabase {
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

fn options(folder: &Path, by: Division) -> TrackerOptions {
    TrackerOptions { by, folder: folder.to_owned(), asked_on: day("2025-06-01"), due_on: None }
}

/// Writes the trackers of all owners, and returns that of the hospital.
async fn sent(database: &TestDatabase) -> (tempfile::TempDir, Copy) {
    let folder = tempfile::tempdir().unwrap();
    write(database.url(), &options(folder.path(), Division::Owner)).await.unwrap();
    let file = folder.path().join("fairbrook-hospital-2025-06-01.xlsx");
    (folder, Copy::open(&file))
}

/// A tracker opened in a spreadsheet program, which stores what it shows and little else.
#[derive(Clone)]
struct Copy {
    sheets: Vec<Grid>,
    saved_on: NaiveDate,
}

impl Copy {
    fn open(file: &Path) -> Self {
        let archive = Archive::open(&Input::open(file).unwrap()).unwrap();
        Self { sheets: sheets(&archive, usize::MAX).unwrap(), saved_on: day("2025-06-05") }
    }

    fn on(mut self, saved_on: &str) -> Self {
        self.saved_on = day(saved_on);
        self
    }

    /// Returns the index of the header.
    fn header(&self) -> usize {
        let is_header = |row: &hotwash_documents::grid::GridRow| row.cell(0).text() == "Hotwash ID";
        self.sheets[0].rows.iter().position(is_header).unwrap()
    }

    fn column(&self, heading: &str) -> usize {
        let header = &self.sheets[0].rows[self.header()];
        header.cells().iter().position(|cell| cell.text() == heading).unwrap()
    }

    /// Returns the index of the row with an action.
    fn row(&self, action: &str) -> usize {
        let column = self.column("Corrective Action");
        let rows = &self.sheets[0].rows;
        rows.iter().rposition(|row| row.cell(column).text() == action).unwrap()
    }

    fn value(&self, action: &str, heading: &str) -> String {
        self.sheets[0].rows[self.row(action)].cell(self.column(heading)).text()
    }

    /// Writes a cell; dates as a program stores them.
    fn set(mut self, action: &str, heading: &str, value: &str) -> Self {
        let (row, column) = (self.row(action), self.column(heading));
        self.replace(row, column, value);
        self
    }

    fn replace(&mut self, row: usize, column: usize, value: &str) {
        let old = &self.sheets[0].rows[row];
        let mut cells: Vec<GridCell> =
            (0..old.cells().len().max(column + 1)).map(|at| old.cell(at).clone()).collect();
        cells[column] = match value.parse::<NaiveDate>() {
            Ok(day) => GridCell::Moment(day.and_hms_opt(0, 0, 0).unwrap()),
            Err(_) if value.is_empty() => GridCell::Empty,
            Err(_) => GridCell::Text(value.to_owned()),
        };
        self.sheets[0].rows[row] = hotwash_documents::grid::GridRow::of(old.number, cells);
    }

    fn without(mut self, action: &str) -> Self {
        let row = self.row(action);
        self.sheets[0].rows.remove(row);
        self
    }

    fn reversed(mut self) -> Self {
        let first = self.header() + 1;
        self.sheets[0].rows[first..].reverse();
        self
    }

    /// Adds a row below the table.
    fn with_new(mut self, cells: &[(&str, &str)]) -> Self {
        self.sheets[0].rows.push(hotwash_documents::grid::GridRow::of(0, Vec::new()));
        let row = self.sheets[0].rows.len() - 1;
        for (heading, value) in cells {
            let column = self.column(heading);
            self.replace(row, column, value);
        }
        self
    }

    /// Returns the bytes of the saved file. Rows lie below one another without gaps.
    fn save(&self) -> Vec<u8> {
        let mut workbook = Workbook::new();
        let saved = ExcelDateTime::from_ymd(
            self.saved_on.year() as u16,
            self.saved_on.month() as u8,
            self.saved_on.day() as u8,
        );
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&saved.unwrap()));
        let date = Format::new().set_num_format("m/d/yyyy");
        for grid in &self.sheets {
            let sheet = workbook.add_worksheet();
            sheet.set_name(&grid.name).unwrap().set_hidden(grid.name == "hotwash");
            for (row, cells) in (0..).zip(&grid.rows) {
                for (column, cell) in (0..).zip(cells.cells()) {
                    match cell {
                        GridCell::Empty => {}
                        GridCell::Moment(at) => {
                            let day = at.date();
                            let day = ExcelDateTime::from_ymd(
                                day.year() as u16,
                                day.month() as u8,
                                day.day() as u8,
                            );
                            let day = day.unwrap();
                            sheet.write_datetime_with_format(row, column, &day, &date).unwrap();
                        }
                        other => {
                            sheet.write_string(row, column, other.text()).unwrap();
                        }
                    }
                }
            }
        }
        workbook.save_to_buffer().unwrap()
    }
}

const BOARD: &str = "Revise the bed board";
const REPEATER: &str = "Install a repeater, and test it";
const CLOCK: &str = "Set a clock time for reports";

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

#[tokio::test]
async fn an_untouched_file_says_nothing() {
    let database = warehouse().await;
    let (folder, copy) = sent(&database).await;
    let before = actions(&database).await;
    let as_written = std::fs::read(folder.path().join("fairbrook-hospital-2025-06-01.xlsx"));
    for bytes in [as_written.unwrap(), copy.save(), copy.reversed().save()] {
        let report = load(&database, bytes).await;
        assert_eq!((report.read, codes(&report)), (0, vec!["NOTHING_ANSWERED - -".to_owned()]));
    }
    assert_eq!(actions(&database).await, before);
    assert!(answers(&database).await.iter().all(|line| line.ends_with('-')));
}

#[tokio::test]
async fn a_filled_file_is_matched_by_id_however_it_was_sorted_cut_or_extended() {
    let database = warehouse().await;
    let (_folder, copy) = sent(&database).await;
    let filled = copy
        .set(BOARD, "Status", "Completed")
        .set(BOARD, "Completed On", "2025-06-03")
        .set(CLOCK, "Due Date", "2025-09-30")
        .without(REPEATER)
        .with_new(&[
            ("Corrective Action", "Train the night shift"),
            ("Due Date", "2025-12-31"),
            ("Status", "In progress"),
        ])
        .reversed();
    let report = load(&database, filled.save()).await;
    assert_eq!((report.read, report.inserted, report.updated), (3, 1, 2), "{report:?}");
    assert_eq!(report.details, []);
    let after = actions(&database).await;
    assert_eq!(
        after,
        [
            "Buy radios | OPEN | 2025-08-01 | - | Elmsford Fire Department | 2 | RESTRICTED",
            "Drill the reports | COMPLETED | - | 2025-01-10 | Fairbrook Hospital | 1 | RESTRICTED",
            "Install a repeater, and test it | IN_PROGRESS | 2025-07-31 | - | Fairbrook Hospital | \
             1 | RESTRICTED",
            "Name a liaison | PROPOSED | - | - | Unmapped | 3 | RESTRICTED",
            "Revise the bed board | COMPLETED | 2025-06-30 | 2025-06-03 | Fairbrook Hospital | 1 | \
             PUBLIC",
            "Set a clock time for reports | OPEN | 2025-09-30 | - | Fairbrook Hospital | 1 | \
             RESTRICTED",
            "Train the night shift | IN_PROGRESS | 2025-12-31 | - | Fairbrook Hospital | 1 | \
             RESTRICTED",
        ]
    );
    assert_eq!(
        answers(&database).await[..3],
        [
            "A1 2025-06-01 2025-06-15 2025-06-05",
            "A2 2025-06-01 2025-06-15 -",
            "A3 2025-06-01 2025-06-15 2025-06-05"
        ]
    );
    let again = load(&database, filled.save()).await;
    assert_eq!((again.read, again.unchanged), (3, 3), "{again:?}");
    assert_eq!(actions(&database).await, after);
}

#[tokio::test]
async fn an_owner_can_answer_that_nothing_changed() {
    let database = warehouse().await;
    let (_folder, copy) = sent(&database).await;
    let before = actions(&database).await;
    let report = load(&database, copy.set(REPEATER, "No Change", "Yes").save()).await;
    assert_eq!((report.read, report.updated), (1, 1), "{report:?}");
    assert_eq!(actions(&database).await, before);
    assert_eq!(answers(&database).await[1], "A2 2025-06-01 2025-06-15 2025-06-05");
}

#[tokio::test]
async fn the_day_of_an_answer_by_phone_is_stated_with_the_request() {
    let database = warehouse().await;
    let (_folder, copy) = sent(&database).await;
    let id = copy.value(BOARD, "Hotwash ID");
    let tracker = id.split('-').next().unwrap();
    let first_answer = async || answers(&database).await.swap_remove(0);
    // The last stated day counts. A file without one leaves it as it was.
    for (stated, stored) in
        [("2025-06-13", "2025-06-13"), ("2025-06-12", "2025-06-12"), ("", "2025-06-12")]
    {
        let requests = format!(
            "request_id,tracker,action_source,action_id,asked_on,due_on,answered_on\n\
             {id},{tracker},hotwash,A1,2025-06-01,2025-06-15,{stated}\n"
        );
        load_files(&database, &[("requests.csv", requests.into_bytes())]).await;
        assert_eq!(first_answer().await, format!("A1 2025-06-01 2025-06-15 {stored}"));
    }
    // Of a stated day and those of filled trackers, the first counts.
    let copy = copy.set(BOARD, "No Change", "Yes");
    for (saved, stored) in [("2025-06-14", "2025-06-12"), ("2025-06-03", "2025-06-03")] {
        load(&database, copy.clone().on(saved).save()).await;
        assert_eq!(first_answer().await, format!("A1 2025-06-01 2025-06-15 {stored}"));
    }
}

#[tokio::test]
async fn of_two_copies_the_later_day_wins_cell_by_cell_in_any_order() {
    let mut results = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let database = warehouse().await;
        let (_folder, copy) = sent(&database).await;
        let early = copy
            .clone()
            .on("2025-06-04")
            .set(BOARD, "Status", "Deferred")
            .set(BOARD, "Due Date", "2025-10-31")
            .set(REPEATER, "Due Date", "2025-11-30");
        let late = copy
            .on("2025-06-08")
            .set(BOARD, "Status", "Completed")
            .set(BOARD, "Completed On", "2025-06-07")
            .set(CLOCK, "Status", "In progress");
        let copies = [early.save(), late.save()];
        let mut said = Vec::new();
        for index in order {
            said.extend(codes(&load(&database, copies[index].clone()).await));
        }
        // Each order reports the contradiction once, from the copy that was loaded last.
        let expected = if order == [0, 1] {
            "UNSEEN_REPORT Status COMPLETED"
        } else {
            "OLDER_ANSWER Status DEFERRED"
        };
        assert_eq!(said, [expected]);
        results.push((actions(&database).await, answers(&database).await));
    }
    assert_eq!(results[0], results[1]);
    let (actions, answers) = &results[0];
    assert!(
        actions.iter().any(|line| line.starts_with(
            "Revise the bed board | COMPLETED | 2025-10-31 | 2025-06-07 | Fairbrook Hospital"
        )),
        "{actions:?}"
    );
    assert_eq!(answers[0], "A1 2025-06-01 2025-06-15 2025-06-04");
}

#[tokio::test]
async fn the_day_of_the_answers_can_be_written_above_the_table() {
    let database = warehouse().await;
    let (_folder, copy) = sent(&database).await;
    let mut copy = copy.set(REPEATER, "No Change", "x");
    let label =
        copy.sheets[0].rows.iter().position(|row| row.cell(0).text() == "Date of your answers:");
    copy.replace(label.unwrap(), 2, "2025-06-11");
    load(&database, copy.save()).await;
    assert_eq!(answers(&database).await[1], "A2 2025-06-01 2025-06-15 2025-06-11");
    copy.replace(label.unwrap(), 2, "2025-05-11");
    let wrong = load_files(&database, &[("back.xlsx", copy.save())]).await.remove(0);
    assert!(wrong.error.unwrap().contains("from 2025-06-01"));
}

#[tokio::test]
async fn what_a_row_cannot_say_is_rejected_with_its_reason() {
    let database = warehouse().await;
    let (_folder, copy) = sent(&database).await;
    let before = actions(&database).await;
    let id = copy.value(BOARD, "Hotwash ID");
    for (copy, column, reason) in [
        (
            copy.clone().set(BOARD, "Hotwash ID", "BCDFGHJK-001"),
            "Hotwash ID",
            "no ID of this tracker",
        ),
        (copy.clone().set(BOARD, "Hotwash ID", ""), "Hotwash ID", id.as_str()),
        (
            copy.clone().set(BOARD, "Corrective Action", CLOCK),
            "Corrective Action",
            "IDs were moved",
        ),
        (copy.clone().set(BOARD, "Status", "Nearly there"), "Status", "must be one of Proposed"),
        (copy.clone().set(BOARD, "Status", "Validated"), "Status", "must be one of Proposed"),
        (copy.clone().set(BOARD, "Due Date", "soon"), "Due Date", "date"),
        (copy.clone().set(BOARD, "Completed On", "2024-06-03"), "Completed On", "not be before"),
        (copy.clone().set(BOARD, "Completed On", "2025-08-03"), "Completed On", "not be after"),
        (copy.clone().set(BOARD, "No Change", "maybe"), "No Change", "must be Yes or empty"),
        (copy.clone().with_new(&[("Status", "Open")]), "Corrective Action", "must not be empty"),
    ] {
        let report = load(&database, copy.save()).await;
        assert_eq!((report.read, report.rejected), (1, 1), "{column} {reason}: {report:?}");
        let last = lines(
            &database,
            "select column_name || ': ' || reason from meta.reject order by reject_id desc limit 1",
        )
        .await;
        assert!(last[0].starts_with(column) && last[0].contains(reason), "{last:?}");
    }
    assert_eq!(actions(&database).await, before);
}

#[tokio::test]
async fn a_changed_locked_cell_and_an_emptied_one_are_reported_and_change_nothing() {
    let database = warehouse().await;
    let (_folder, copy) = sent(&database).await;
    let before = actions(&database).await;
    let copy = copy
        .set(BOARD, "Corrective Action", "Revise all boards")
        .set(REPEATER, "Responsible Organization", "Elmsford Fire Department")
        .set(REPEATER, "Due Date", "");
    let report = load(&database, copy.save()).await;
    assert_eq!(report.read, 0, "{report:?}");
    let mut found = codes(&report);
    found.sort();
    assert_eq!(
        found,
        [
            "EMPTIED_CELL Due Date 2025-07-31",
            "LOCKED_CELL Corrective Action Revise all boards",
            "LOCKED_CELL Responsible Organization Elmsford Fire Department",
            "NOTHING_ANSWERED - -",
        ]
    );
    assert_eq!(actions(&database).await, before);
}

#[tokio::test]
async fn a_tracker_of_another_warehouse_or_without_its_hidden_sheet_is_rejected() {
    let (first, second) = (warehouse().await, warehouse().await);
    let (folder, copy) = sent(&first).await;
    let filled = copy.set(BOARD, "Status", "Deferred");
    let report = load(&second, filled.save()).await;
    assert_eq!((report.read, report.rejected), (1, 1), "{report:?}");
    // With the file of requests, another warehouse with the same actions knows the answers.
    let requests = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let requests = requests.into_iter().find(|path| path.extension() == Some("csv".as_ref()));
    let requests = std::fs::read(requests.unwrap()).unwrap();
    let files = [("back.xlsx", filled.save()), ("requests.csv", requests)];
    let reports = load_files(&second, &files).await;
    assert_eq!((reports[0].updated, reports[1].inserted), (1, 5), "{reports:?}");
    let mut bare = filled.clone();
    bare.sheets.truncate(1);
    let report = load_files(&first, &[("back.xlsx", bare.save())]).await.remove(0);
    assert!(report.error.unwrap().contains("hidden sheet hotwash"));
}

/// A cell of one copy: which action, which column, which value.
type Edit = (usize, usize, usize);

fn edited(copy: &Copy, saved_on: u32, edits: &[Edit]) -> Vec<u8> {
    let mut copy = copy.clone().on(&format!("2025-06-{saved_on:02}"));
    for (action, column, value) in edits {
        let action = [BOARD, REPEATER, CLOCK][*action];
        let value = match column {
            0 => ["Open", "In progress", "Completed", "Deferred", "Canceled"][*value],
            1 => ["2025-07-01", "2025-08-01", "2025-09-01", "2025-10-01", "2025-11-01"][*value],
            _ => "Yes",
        };
        copy = copy.set(action, ["Status", "Due Date", "No Change"][*column], value);
    }
    copy.save()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]
    #[test]
    fn the_order_in_which_copies_of_different_days_are_loaded_decides_nothing(
        copies in prop::collection::btree_map(
            2_u32..20, prop::collection::vec((0_usize..3, 0_usize..3, 0_usize..5), 0..5), 2..4),
        seed in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut results = Vec::new();
            for is_rotated in [false, true] {
                let database = warehouse().await;
                let (_folder, copy) = sent(&database).await;
                let mut files: Vec<Vec<u8>> =
                    copies.iter().map(|(day, edits)| edited(&copy, *day, edits)).collect();
                if is_rotated {
                    let count = files.len();
                    files.rotate_left(1 + seed.index(count - 1));
                    files.reverse();
                }
                for file in files {
                    load(&database, file).await;
                }
                let history = lines(
                    &database,
                    "select concat_ws(' ', a.source_id, h.changed_on, h.sequence, h.change, \
                     h.status, h.due_on) from warehouse.action_status_history h join \
                     warehouse.corrective_action a using (corrective_action_id) order by 1",
                )
                .await;
                results.push((actions(&database).await, answers(&database).await, history));
            }
            assert_eq!(results[0], results[1]);
        });
    }
}
