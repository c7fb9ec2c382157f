//! Tests that struck-through text, an author's deletion, is never read as if it still applied, and
//! that a warning or a reject names it.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use hotwash_etl::load::FileReport;
use office::{HEAD, Warehouse, codes, docx, heading, overview, table};
use rust_xlsxwriter::{Format, Workbook};

const PLAN: [&str; 5] = [
    "Core Capability",
    "Issue/Area for Improvement",
    "Corrective Action",
    "Primary Responsible Organization",
    "Completion Date",
];

fn struck_values(report: &FileReport) -> Vec<&str> {
    let struck = report.details.iter().filter(|told| told.code.as_str() == "STRUCK_THROUGH");
    struck.map(|told| told.value.as_deref().unwrap_or_default()).collect()
}

#[tokio::test]
async fn struck_text_of_a_report_is_left_out_and_named() {
    let run = |text: &str, properties: &str| {
        format!("<w:r><w:rPr>{properties}</w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
    };
    let struck = |text: &str| format!("<w:p>{}</w:p>", run(text, "<w:strike/>"));
    let part = format!(
        "<w:p>{}{}{}</w:p>",
        run("Buy ", "<w:strike w:val=\"0\"/>"),
        run("twenty ", "<w:dstrike/>"),
        run("thirty radios", "")
    );
    let moved = format!("<w:p>{}{}</w:p>", run("12/1/2025", "<w:strike/>"), run(" 3/1/2026", ""));
    let owner = format!(
        "<w:p>{}{}</w:p>",
        run("Salem Fire Department", "<w:strike/>"),
        run(" Lynn Fire Department", "")
    );
    let mark = struck("X");
    let whole: Vec<String> =
        ["Mass Care", "Cots were late", "Buy cots", "MDPH", "1/1/2026"].map(struck).to_vec();
    let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
    let body = [
        overview(),
        heading(1, "Analysis of Core Capabilities"),
        table(&[&HEAD, &["Objective 1", "Medical Surge", &mark, "X", "", ""]]),
        heading(1, "Appendix A: Improvement Plan"),
        table(&[
            &PLAN,
            &["Medical Surge", "Radios failed", &part, &owner, &moved],
            &whole,
            &["Medical Surge", "Lists were old", &struck("Print lists"), "MDPH", "1/1/2026"],
        ]),
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("aar.docx", docx(&body)).await;
    assert_eq!(
        warehouse.actions().await,
        [
            "Medical Surge | Radios failed | Buy thirty radios | Lynn Fire Department | OPEN | 2026-03-01"
        ]
    );
    assert_eq!(warehouse.ratings().await, ["Objective 1 | Medical Surge | S"]);
    let told = struck_values(&report);
    for text in ["Buy cots", "Print lists", "twenty", "12/1/2025", "Salem Fire Department", "X"] {
        assert!(told.contains(&text), "{text}: {told:?}");
    }
}

/// Returns a workbook of one sheet; cells that begin with `~` are struck through.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let (plain, struck) = (Format::new(), Format::new().set_font_strikethrough());
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            match (text.strip_prefix('~'), text.split_once('|')) {
                (Some(text), _) => sheet.write_string_with_format(row, column, text, &struck),
                (None, Some((text, gone))) => {
                    sheet.write_rich_string(row, column, &[(&plain, text), (&struck, gone)])
                }
                (None, None) => sheet.write_string(row, column, *text),
            }
            .unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[tokio::test]
async fn struck_actions_of_a_tracker_are_rejected_unless_they_are_done() {
    let warehouse = Warehouse::new().await;
    let tracker = workbook(&[
        &["Capability", "Corrective Action", "Responsible Organization", "Due Date", "Status"],
        &["~Mass Care", "~Buy cots", "~MDPH", "~6/30/2026", "~Open"],
        &["~Mass Care", "~Buy tents", "~MDPH", "~6/30/2026", "~Completed"],
        &["Mass Care", "~Buy lamps", "MDPH", "6/30/2026", "Closed"],
        &["Mass Care", "Buy 30 radios|, and 20 poles", "~MEMA", "~6/30/2026", "Open"],
    ]);
    let report = warehouse.loaded("tracker.xlsx", tracker).await;
    assert_eq!((report.read, report.inserted, report.rejected), (4, 3, 1), "{report:?}");
    let actions = warehouse
        .ask(
            "select concat_ws(' | ', text, status, due_current_on::text) \
             from warehouse.corrective_action order by source_row",
        )
        .await;
    assert_eq!(
        actions,
        [
            "Buy tents | COMPLETED | 2026-06-30",
            "Buy lamps | COMPLETED | 2026-06-30",
            "Buy 30 radios | OPEN"
        ]
    );
    let reasons = warehouse
        .ask("select row_number || ' ' || column_name || ' ' || reason from meta.reject")
        .await;
    assert!(reasons[0].starts_with("2 Corrective Action is struck through"), "{reasons:?}");
    assert_eq!(struck_values(&report).len(), 3, "{report:?}");
}

#[tokio::test]
async fn struck_rows_of_a_calendar_are_rejected() {
    let warehouse = Warehouse::new().await;
    let calendar = workbook(&[
        &["Exercise Name", "Exercise Type", "Start Date", "Sponsor", "Status"],
        &["~Radio drill", "~Drill", "~5/5/2025", "~MDPH", "~Completed"],
        &["Surge drill", "Drill", "5/6/2025", "MDPH", "Completed"],
    ]);
    let report = warehouse.loaded("calendar.xlsx", calendar).await;
    assert_eq!((report.read, report.inserted, report.rejected), (2, 1, 1), "{report:?}");
    assert!(!codes(&report).contains(&"STRUCK_THROUGH"), "{report:?}");
}
