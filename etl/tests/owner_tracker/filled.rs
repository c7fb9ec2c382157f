//! Filled workbooks that are loaded.

use crate::warehouse::{
    BOARD, CLOCK, REPEATER, actions, answers, codes, lines, load, load_files, sent, warehouse,
};

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
    let filled = copy.filled();
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
