//! Tests that every rating, finding, action and score of the sample documents is accounted for. The
//! samples are fictional, in the layouts of the public templates. Counts were made by hand from the
//! documents.
#![allow(clippy::unwrap_used, missing_docs)]

use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;

fn sample(name: &str) -> (String, Result<Input, String>) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(name);
    (name.to_owned(), Ok(Input::open(&path).unwrap()))
}

async fn load(database: &TestDatabase, names: &[&str]) -> Vec<FileReport> {
    let inputs = names.iter().map(|name| sample(name)).collect();
    load_inputs(database.url(), inputs, &Options::default(), &Quiet).await.unwrap()
}

async fn count(database: &TestDatabase, sql: &str) -> i64 {
    let client = connect(database.url()).await.unwrap();
    client.query_one(sql, &[]).await.unwrap().get(0)
}

const ALL: [(&str, &str); 6] = [
    ("aar_ip_full_scale_exercise.docx", "hseep_aar_docx"),
    ("aar_ip_incident_2007_layout.docx", "hseep_aar_docx"),
    ("hva_four_sheets.xlsx", "hva_xlsx"),
    ("hva_one_sheet_2017_edition.xlsx", "hva_xlsx"),
    ("improvement_plan_tracker.xlsx", "improvement_plan_xlsx"),
    ("duty_officer_log.csv", "duty_officer_log"),
];

/// Read, inserted and rejected by file, counted by hand. The exercise's report has 1 event, 4
/// ratings, 4 strengths, 6 areas for improvement, 9 actions and 6 organizations. The incident's has
/// 1, 2, 2, 2, 6 and 5. Two rows of the newer HVA contain a 5. In the log, 21 rows have an
/// impossible date, a region 7, or an acknowledgment before the notification.
const EXPECTED: [(u64, u64, u64); 6] =
    [(30, 30, 0), (18, 18, 0), (54, 54, 0), (54, 52, 2), (120, 120, 0), (200, 179, 21)];

#[tokio::test]
async fn every_record_of_the_samples_is_accounted_for_and_again_changes_nothing() {
    let database = TestDatabase::new().await;
    let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
    for (report, ((_, source), (read, inserted, rejected))) in
        load(&database, &names).await.iter().zip(ALL.iter().zip(EXPECTED))
    {
        assert_eq!(report.error, None, "{report:?}");
        assert_eq!(report.source.as_deref(), Some(*source));
        assert_eq!(
            (report.read, report.inserted, report.rejected),
            (read, inserted, rejected),
            "{report:?}"
        );
    }
    for (sql, expected) in [
        ("select count(*) from warehouse.capability_rating where rating = 'S'", 3),
        ("select count(*) from warehouse.capability_rating where rating = 'U'", 3),
        ("select count(*) from warehouse.finding where kind = 'STRENGTH'", 6),
        ("select count(*) from warehouse.finding where kind = 'AREA_FOR_IMPROVEMENT'", 8),
        ("select count(*) from warehouse.corrective_action where source = 'hseep_aar_docx'", 15),
        // Every action of a report answers an area of its analysis, even if the plan omits its
        // final period.
        (
            "select count(*) from warehouse.corrective_action where source = 'hseep_aar_docx' and \
             finding_id is null",
            0,
        ),
        (
            "select count(*) from warehouse.corrective_action where due_precision = 'QUARTER' and \
             due_original_on = '2026-06-30'",
            1,
        ),
        (
            "select count(*) from warehouse.corrective_action where source = 'hseep_aar_docx' and \
             status = 'IN_PROGRESS' and due_original_on is null",
            4,
        ),
        ("select count(*) from warehouse.risk_score where applicable", 81),
        ("select count(*) from warehouse.risk_score where hazard_id = -1", 0),
        (
            "select count(*) from warehouse.event where source = 'hseep_aar_docx' and kind = \
             'EXERCISE' and local_date = '2025-06-04'",
            1,
        ),
        (
            "select count(*) from warehouse.event where source = 'hseep_aar_docx' and kind = \
             'INCIDENT' and local_date = '2024-10-16' and end_local_date = '2024-10-18'",
            1,
        ),
        (
            "select count(*) from warehouse.after_action_report where final_on in ('2025-07-30', \
             '2025-01-15')",
            2,
        ),
        (
            "select count(*) from warehouse.event_region join warehouse.event using (event_id) \
             join warehouse.region using (region_id) where source = 'hseep_aar_docx' and code in \
             ('3', '5')",
            2,
        ),
    ] {
        assert_eq!(count(&database, sql).await, expected, "{sql}");
    }
    for (report, (read, _, rejected)) in load(&database, &names).await.iter().zip(EXPECTED) {
        assert_eq!(
            (report.read, report.inserted, report.updated, report.rejected),
            (read, 0, 0, rejected),
            "{report:?}"
        );
    }
}

#[tokio::test]
async fn no_contact_detail_of_the_samples_is_stored() {
    let database = TestDatabase::new().await;
    let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
    let reports = load(&database, &names).await;
    assert!(reports.iter().map(|report| report.redacted).sum::<u64>() > 100);
    let client = connect(database.url()).await.unwrap();
    let tables = client
        .query(
            "select format('%I.%I', table_schema, table_name) from information_schema.tables \
            where table_schema in ('warehouse', 'meta') and table_type = 'BASE TABLE'",
            &[],
        )
        .await
        .unwrap();
    for table in tables.iter().map(|row| row.get::<_, String>(0)) {
        let found = count(
            &database,
            &format!(
                "select count(*) from {table} t where t::text like \
            '%555-01%' or t::text like '%prep@%' or t::text like '%.preparedness@%' or t::text \
            like '%Preparedness coordinator%'"
            ),
        )
        .await;
        assert_eq!(found, 0, "{table}");
    }
}

fn tracker(saved: &str, rows: &[[&str; 6]]) -> Input {
    let mut text = format!(
        "Tracker as of {saved}\n\nEvent,Event Date,Capability,Action Item,Target Date,Status %\n"
    );
    for row in rows {
        text += &row.map(|cell| format!("\"{cell}\"")).join(",");
        text.push('\n');
    }
    Input::memory("tracker.csv", text.into_bytes())
}

async fn load_one(database: &TestDatabase, input: Input) -> FileReport {
    let inputs = vec![(input.name().to_owned(), Ok(input))];
    load_inputs(database.url(), inputs, &Options::default(), &Quiet).await.unwrap().remove(0)
}

const EVENT: &str = "Merrimack Valley Mass Casualty Full-Scale Exercise";
const WHAT: &str = "Revise the annex, and have the steering committee adopt it";

/// Returns the status, first and current due date, completion and history of one action.
async fn story(database: &TestDatabase) -> String {
    let client = connect(database.url()).await.unwrap();
    let sql = "select string_agg(format('%s %s->%s done %s: %s', a.status, a.due_original_on, \
        a.due_current_on, a.completed_on, \
        (select string_agg(h.changed_on || ' ' || h.change, ', ' order by h.changed_on, \
        h.sequence) from warehouse.action_status_history h where h.corrective_action_id = \
        a.corrective_action_id)), ' | ') \
        from warehouse.corrective_action a join warehouse.event e using (event_id) join \
        warehouse.capability c using (capability_id) \
        where c.name = 'Information Sharing' and a.text ilike 'revise%'";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_action_in_a_report_and_two_trackers_is_one_whatever_their_order() {
    let row = |due: &'static str, status: &'static str| {
        [EVENT, "2025-06-04", "Information Sharing", WHAT, due, status]
    };
    let older = || tracker("2025-09-01", &[row("2025-12-31", "50%")]);
    let newer = || tracker("2026-01-15", &[row("2025-12-31", "Completed 12/10/2025")]);
    let report = || sample("aar_ip_full_scale_exercise.docx").1.unwrap();
    let mut stories = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let database = TestDatabase::new().await;
        for which in order {
            let told = load_one(&database, [report(), older(), newer()][which].clone()).await;
            assert!(told.error.is_none() && told.is_accounted() && told.rejected == 0, "{told:?}");
            if which == 1 && order[0] == 0 {
                assert!(
                    told.details
                        .iter()
                        .any(|warning| warning.code.as_str() == "MATCHED_BY_SIMILARITY"),
                    "{told:?}"
                );
            }
        }
        stories.push(story(&database).await);
    }
    let expected = "COMPLETED 2025-06-21->2025-12-31 done 2025-12-10: 2025-01-15 OPENED, \
        2025-09-01 DUE_DATE, 2025-09-01 STATUS, 2025-12-10 COMPLETED";
    assert_eq!(stories, [expected; 3]);
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_refused_and_the_rest_of_the_folder_is_loaded() {
    use std::io::Write;
    let database = TestDatabase::new().await;
    let zipped = |parts: &[(&str, Vec<u8>)]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let mut cut = std::fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/documents/hva_four_sheets.xlsx"),
    )
    .unwrap();
    cut.truncate(4_000);
    let document = |body: &str| {
        format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>").into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "old.doc",
            [vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], vec![0; 600]].concat(),
            "save it as .docx",
        ),
        ("cut.xlsx", cut, "damaged or cut short"),
        (
            "macros.xlsm",
            zipped(&[("xl/workbook.xml", vec![]), ("xl/vbaProject.bin", vec![1])]),
            "macros",
        ),
        (
            "bomb.docx",
            zipped(&[("word/document.xml", vec![b' '; 513 << 20])]),
            "unzips to more than",
        ),
        (
            "letter.docx",
            zipped(&[("word/document.xml", document("<w:p><w:r><w:t>Dear all</w:t></w:r></w:p>"))]),
            "no known",
        ),
        (
            "deep.docx",
            zipped(&[("word/document.xml", document(&"<w:sdt>".repeat(500)))]),
            "too deeply",
        ),
        (
            "other.zip",
            zipped(&[("readme.txt", b"hello".to_vec())]),
            "neither a workbook nor a Word document",
        ),
    ];
    let mut inputs: Vec<(String, Result<Input, String>)> = cases
        .iter()
        .map(|(name, bytes, _)| ((*name).to_owned(), Ok(Input::memory(name, bytes.clone()))))
        .collect();
    inputs.push(sample("hva_four_sheets.xlsx"));
    let reports = load_inputs(database.url(), inputs, &Options::default(), &Quiet).await.unwrap();
    for (report, (name, _, said)) in reports.iter().zip(&cases) {
        let error = report.error.as_deref().unwrap_or_default();
        assert!(error.contains(said), "{name}: {error}");
    }
    assert_eq!(reports.last().map(|report| report.inserted), Some(54));
}

#[tokio::test]
async fn a_row_that_comes_back_and_reports_in_any_order_make_the_same_history() {
    let row = |status: &'static str| {
        [EVENT, "2025-06-04", "Information Sharing", WHAT, "2025-12-31", status]
    };
    let files = || {
        [
            tracker("2025-08-01", &[row("In progress")]),
            tracker("2025-09-01", &[row("Completed 8/20/2025")]),
            tracker("2025-12-01", &[row("In progress")]),
        ]
    };
    let mut stories = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 2, 0]] {
        let database = TestDatabase::new().await;
        load_one(&database, sample("aar_ip_full_scale_exercise.docx").1.unwrap()).await;
        for round in 0..2 {
            for which in order {
                let told = load_one(&database, files()[which].clone()).await;
                assert!(
                    told.error.is_none() && told.is_accounted() && told.rejected == 0,
                    "{told:?}"
                );
                assert!(
                    round == 0 || told.unchanged == 1,
                    "again changes nothing: {order:?} {which} {told:?}"
                );
            }
        }
        stories.push(story(&database).await);
    }
    let expected = "IN_PROGRESS 2025-06-21->2025-12-31 done : 2025-01-15 OPENED, 2025-08-01 \
        DUE_DATE, 2025-08-01 STATUS, 2025-08-20 COMPLETED, 2025-12-01 REOPENED";
    for story in &stories {
        assert_eq!(story, &stories[0], "{stories:#?}");
    }
    assert_eq!(stories[0], expected);
}
