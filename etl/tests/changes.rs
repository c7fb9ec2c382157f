//! Tests what changed between two days: what happened, apart from what was only learned later.
#![allow(clippy::unwrap_used, missing_docs)]

mod loading;

use chrono::NaiveDate;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::changes::{ChangeGroup, Changes, changes};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use loading::load;

/// Loads files as if on a day.
async fn load_on(database: &TestDatabase, on: &str, files: &[(&str, &str)]) {
    load(database, files).await;
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute(&format!(
            "update warehouse.record_version set valid_to = '{on} 12:00Z' where valid_to > now() - \
             interval '1 hour'; \
             update meta.batch set started_at = '{on} 12:00Z' where started_at > now() - interval \
             '1 hour'"
        ))
        .await
        .unwrap();
}

const EVENTS: &str = "event_id,kind,name,start_at,time_zone,regions,exercise_type,sensitivity\n\
    FSE-1,EXERCISE,Surge exercise,2025-06-04T09:00,America/New_York,1,FSE,RESTRICTED\n\
    TTX-2,EXERCISE,Tabletop,2025-06-05T09:00,America/New_York,1,TTX,RESTRICTED\n\
    DR-3,EXERCISE,Drill,2025-06-06T09:00,America/New_York,1,DRL,RESTRICTED\n";

/// Time stamps of final reports: a later one of an event does not count, nor one of an event whose
/// report states the day.
const STAMPS: &str = "milestone_id,event_id,milestone,occurred_at\n\
    M1,FSE-1,aar_final,2025-09-03T17:00\n\
    M2,TTX-2,aar_final,2025-09-08T23:30\n\
    M3,DR-3,aar_final,2025-08-25T17:00\n\
    M4,DR-3,aar_final,2025-09-07T17:00\n";

const HEAD: &str = "action_id,event_id,region,framework,capability,text,status,opened_on,\
    due_original_on,due_on,due_changed_on,completed_on,reported_on,sensitivity";

/// Rows of a tracker: id, status, days of opening and first due date, due date, day of its change,
/// day of completion, and day of the report.
fn tracker(rows: &[[&str; 8]]) -> String {
    let row = |[id, status, opened, first, due, moved, completed, reported]: &[&str; 8]| {
        format!(
            "{id},FSE-1,1,PHEP,10 Medical Surge,Action {id},{status},{opened},{first},{due},\
             {moved},{completed},{reported},RESTRICTED"
        )
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!("{HEAD}\n{}\n", rows.join("\n"))
}

/// A warehouse whose second load, in September, also brings what happened before.
async fn warehouse() -> TestDatabase {
    let database = TestDatabase::new().await;
    let first = tracker(&[
        ["A1", "OPEN", "2025-06-10", "2025-09-30", "2025-09-30", "", "", "2025-07-01"],
        ["A2", "OPEN", "2025-06-10", "2025-08-15", "2025-08-15", "", "", "2025-07-01"],
        ["A3", "OPEN", "2025-06-10", "2025-12-31", "2025-12-31", "", "", "2025-07-01"],
        ["A6", "OPEN", "2025-06-10", "2025-09-08", "2025-09-08", "", "", "2025-07-01"],
        ["A7", "OPEN", "2025-06-10", "2025-12-31", "2025-12-31", "", "", "2025-07-01"],
        ["A8", "OPEN", "2025-06-10", "2025-12-31", "2025-12-31", "", "", "2025-07-01"],
        ["A9", "OPEN", "2025-06-10", "2025-08-31", "2025-08-31", "", "", "2025-07-01"],
    ]);
    load_on(&database, "2025-07-02", &[("events.csv", EVENTS), ("first.csv", &first)]).await;
    let second = tracker(&[
        [
            "A1",
            "COMPLETED",
            "2025-06-10",
            "2025-09-30",
            "2025-09-30",
            "",
            "2025-08-20",
            "2025-09-05",
        ],
        ["A3", "OPEN", "2025-06-10", "2025-12-31", "2026-03-31", "2025-09-03", "", "2025-09-05"],
        ["A4", "OPEN", "2025-09-02", "2025-12-31", "2025-12-31", "", "", "2025-09-05"],
        ["A5", "OPEN", "2025-08-01", "2025-08-20", "2025-08-20", "", "", "2025-09-05"],
        [
            "A7",
            "COMPLETED",
            "2025-06-10",
            "2025-12-31",
            "2025-12-31",
            "",
            "2025-09-04",
            "2025-09-05",
        ],
        ["A8", "OPEN", "2025-06-10", "2025-12-31", "2026-01-31", "2025-08-10", "", "2025-09-05"],
    ]);
    let files = [("second.csv", second.as_str()), ("stamps.csv", STAMPS)];
    load_on(&database, "2025-09-10", &files).await;
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute(
            "insert into warehouse.after_action_report (event_id, layout, final_on, batch_id, \
             file_id, source_row, content_hash) select event_id, 'test', '2025-09-12', 2, (select \
             file_id from meta.file where name = 'second.csv'), 9, '' from warehouse.event where \
             source_id = 'FSE-1'",
        )
        .await
        .unwrap();
    database
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn changed(database: &TestDatabase, viewer: &Viewer, since: &str, until: &str) -> Changes {
    let mut connection = AsyncPgConnection::establish(database.url()).await.unwrap();
    changes(&mut connection, viewer, day(since), day(until)).await.unwrap()
}

/// Changes as lines, without requirements.
fn lines(groups: &[ChangeGroup]) -> Vec<String> {
    let line = |group: &ChangeGroup| {
        let kind = group.kind.code();
        let changes = group.changes.iter().map(|change| {
            let place = change.file.as_deref().zip(change.row);
            let (file, row) = place.unwrap_or_default();
            let before = change.due_before.map(|day| format!(" was {day}")).unwrap_or_default();
            let due = change.due_on.map(|day| format!(" due {day}")).unwrap_or_default();
            format!("{kind} {} {}{before}{due} {file} {row}", change.day, change.text)
        });
        changes.collect::<Vec<_>>()
    };
    groups.iter().filter(|group| group.kind.code() != "REQUIREMENT_DUE").flat_map(line).collect()
}

#[tokio::test]
async fn what_happened_is_apart_from_what_was_only_learned() {
    let database = warehouse().await;
    let found = changed(&database, &Viewer::local(), "2025-09-01", "2025-09-30").await;
    assert_eq!(
        lines(&found.happened),
        [
            "ACTION_OPENED 2025-09-02 Action A4 due 2025-12-31 second.csv 4",
            "ACTION_CLOSED 2025-09-04 Action A7 due 2025-12-31 second.csv 6",
            "ACTION_OVERDUE 2025-09-09 Action A6 due 2025-09-08 first.csv 5",
            "ACTION_OVERDUE 2025-09-01 Action A9 due 2025-08-31 first.csv 8",
            "ACTION_MOVED 2025-09-03 Action A3 was 2025-12-31 due 2026-03-31 second.csv 3",
            "FINAL_REPORT 2025-09-12 Surge exercise second.csv 9",
            "FINAL_REPORT 2025-09-08 Tabletop stamps.csv 3",
        ]
    );
    assert_eq!(
        lines(&found.learned),
        [
            "ACTION_OPENED 2025-08-01 Action A5 due 2025-08-20 second.csv 5",
            "ACTION_CLOSED 2025-08-20 Action A1 due 2025-09-30 second.csv 2",
            "ACTION_OVERDUE 2025-08-21 Action A5 due 2025-08-20 second.csv 5",
            "ACTION_MOVED 2025-08-10 Action A8 was 2025-12-31 due 2026-01-31 second.csv 7",
            "FINAL_REPORT 2025-08-25 Drill stamps.csv 4",
        ]
    );
    let learned = &found.learned[0].changes[0];
    assert_eq!((learned.batch, learned.loaded_on), (Some(2), Some(day("2025-09-10"))));
    assert_eq!(learned.region.as_deref(), Some("1"));
    // The same happened in August for those who look at August: nothing is learned later then.
    let august = changed(&database, &Viewer::local(), "2025-08-01", "2025-09-30").await;
    assert_eq!(lines(&august.learned), Vec::<String>::new());
    assert_eq!(august.happened[0].changes.len(), 2, "{august:?}");
    // The first load is where knowledge begins.
    let july = changed(&database, &Viewer::local(), "2025-07-01", "2025-07-31").await;
    assert_eq!(lines(&july.learned), Vec::<String>::new(), "{july:?}");
    // Loading the same once more tells nothing new.
    let client = connect(database.url()).await.unwrap();
    let all: i64 = client
        .query_one("select count(*) from warehouse.record_version", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(all, 4, "A1, A3, A7 and A8 changed");
    let october = changed(&database, &Viewer::local(), "2025-10-01", "2025-10-31").await;
    assert_eq!(lines(&october.happened), Vec::<String>::new());
    assert_eq!(lines(&october.learned), Vec::<String>::new());
}

#[tokio::test]
async fn a_viewer_sees_changes_of_visible_records_only_and_requirements_are_open() {
    let database = warehouse().await;
    let viewer = |role: Role, regions: &[&str]| Viewer {
        name: "test".into(),
        role,
        regions: regions.iter().map(|code| (*code).to_owned()).collect(),
    };
    let count = async |viewer: Viewer| {
        let found = changed(&database, &viewer, "2025-09-01", "2025-09-30").await;
        (lines(&found.happened).len(), lines(&found.learned).len(), found.has_records)
    };
    assert_eq!(count(viewer(Role::Analyst, &[])).await, (7, 5, true));
    assert_eq!(count(viewer(Role::Region, &["1"])).await, (7, 5, true));
    assert_eq!(count(viewer(Role::Region, &["2"])).await, (0, 0, true));
    assert_eq!(count(viewer(Role::Region, &[])).await, (0, 0, false));
    assert_eq!(count(viewer(Role::Viewer, &[])).await, (0, 0, false));
    // Region 1 could not see the version of A8 when its due date moved: its old date stays hidden.
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute(
            "update warehouse.record_version set region_ids = '{}' where content ->> 'text' = \
             'Action A8'",
        )
        .await
        .unwrap();
    let found = changed(&database, &viewer(Role::Region, &["1"]), "2025-09-01", "2025-09-30").await;
    assert!(!format!("{found:?}").contains("2025, 8, 10"), "{found:?}");
    assert!(lines(&found.learned).iter().all(|line| !line.contains("A8 was")), "{found:?}");
    // Requirements of the coming 60 days are open to everyone.
    client
        .batch_execute(
            "insert into warehouse.requirement (program, code, period, name, period_start, due_on) \
             values ('HPP', 'TEST', 'BP9', 'Hold a surge exercise', '2025-01-01', '2025-11-29'), \
             ('HPP', 'TEST', 'BP10', 'Later', '2025-01-01', '2025-11-30')",
        )
        .await
        .unwrap();
    let found = changed(&database, &viewer(Role::Viewer, &[]), "2025-09-01", "2025-09-30").await;
    let due: Vec<&str> = found
        .happened
        .iter()
        .flat_map(|group| &group.changes)
        .map(|change| change.text.as_str())
        .filter(|text| text.contains("TEST"))
        .collect();
    assert_eq!(due, ["HPP TEST: Hold a surge exercise (BP9)"]);
}

#[tokio::test]
async fn days_in_the_wrong_order_are_an_error() {
    let database = TestDatabase::new().await;
    let mut connection = AsyncPgConnection::establish(database.url()).await.unwrap();
    let viewer = Viewer::local();
    let wrong = changes(&mut connection, &viewer, day("2025-02-01"), day("2025-01-01")).await;
    let error = wrong.unwrap_err().to_string();
    assert!(error.contains("2025-02-01") && error.contains("earlier day first"), "{error}");
}
