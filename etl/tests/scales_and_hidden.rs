//! Tests assessments with their own scales, and content of office files that a reader may miss.
//! That content is hidden rows and sheets, formulas without values, merged cells, tracked changes,
//! text boxes and content controls.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use hotwash_etl::load::FileReport;
use office::{Warehouse, codes, xlsx};

fn fault(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(name))
        .unwrap()
}

fn counts(report: &FileReport) -> (u64, u64, u64, u64) {
    (report.read, report.inserted, report.unchanged, report.rejected)
}

/// Returns the message of the first warning with this code.
fn message<'a>(report: &'a FileReport, code: &str) -> &'a str {
    report
        .details
        .iter()
        .find(|warning| warning.code.as_str() == code)
        .map_or("", |warning| warning.message.as_str())
}

/// Risk, the sheet's own risk and inherent risk of each hazard that applies, in percent; `n/a` for
/// the others.
const SCORED: &str = "select concat_ws(' ', label || ':', case when not applicable then 'n/a' end, \
    round(risk::numeric * 100), \
    round(risk_printed::numeric * 100), round(inherent_risk::numeric * 100)) from \
    warehouse.risk_score \
    where file_id = (select max(file_id) from meta.file) order by rank_in_assessment nulls last, \
    label";

/// Names of the organizations in the loaded files.
const ORGANIZATIONS: &str = "select name from warehouse.organization where organization_id > 0 and \
    source <> 'hotwash' order by 1";

async fn scored(name: &str, bytes: Vec<u8>) -> (FileReport, Vec<String>) {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded(name, bytes).await;
    (report, warehouse.ask(SCORED).await)
}

#[tokio::test]
async fn a_register_is_scored_by_the_scale_in_its_headings() {
    let (report, scored) = scored("register.xlsx", fault("24-matrix-scale-1-to-5.xlsx")).await;
    assert_eq!(counts(&report), (4, 4, 0, 0), "{report:?}");
    assert_eq!(
        scored,
        ["Cyber Attack: 80 80", "Flood: 80 80", "Hurricane: 36 36", "Ice Storm: 24 24"]
    );
    assert!(message(&report, "OWN_SCALE").contains("1 to 5"), "{report:?}");
}

#[tokio::test]
async fn a_workbook_is_scored_by_the_scale_of_its_legend_and_what_does_not_apply_has_no_risk() {
    let (report, scored) = scored("hva.xlsx", fault("L1-hva-scale-0-to-4.xlsx")).await;
    assert_eq!(counts(&report), (17, 17, 0, 0), "{report:?}");
    assert_eq!(
        scored[..7],
        [
            "Flood (external): 41 41 31",
            "Epidemic / Outbreak: 25 25 25",
            "Earthquake: 22 22 25",
            "Hurricane: 16 16 13",
            "Volcano: 15 15 10",
            "Drought: 14 14 8",
            "Thunderstorm, Severe: 13 13 10"
        ]
    );
    assert!(
        scored[7..].iter().all(|row| row.ends_with(": n/a 0") || row.ends_with(": n/a")),
        "{scored:?}"
    );
    assert!(!codes(&report).contains(&"RISK_DIFFERS"), "{report:?}");
}

#[tokio::test]
async fn a_composite_of_averages_is_scored_by_its_fractions() {
    let (report, scored) = scored("hva.xlsx", fault("L2-hva-composite-averages.xlsx")).await;
    assert_eq!(counts(&report), (16, 16, 0, 0), "{report:?}");
    assert_eq!(
        scored[..3],
        ["Tornado: 67 67 85", "Earthquake: 67 65 81", "Severe Thunderstorm: 48 47 49"]
    );
    assert_eq!(scored.iter().filter(|row| row.contains("n/a")).count(), 3, "{scored:?}");
}

#[tokio::test]
async fn instructions_name_nobody() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("hva.xlsx", fault("29-hva-with-instructions-sheet.xlsx")).await;
    assert_eq!(counts(&report), (3, 3, 0, 0), "{report:?}");
    assert!(
        message(&report, "NO_ORGANIZATION").contains("does not name its organization"),
        "{report:?}"
    );
    assert_eq!(warehouse.ask(ORGANIZATIONS).await, [""; 0]);
}

#[tokio::test]
async fn a_fire_log_is_no_assessment() {
    let report =
        Warehouse::new().await.load("fires.csv", fault("28-fire-incidents-with-counts.csv")).await;
    assert!(report.error.is_some() && report.source.is_none(), "{report:?}");
}

/// Creates a register of three hazards with its own header.
fn register(head: &[&'static str; 3], rows: &[[&'static str; 3]]) -> Vec<u8> {
    let mut sheet: Vec<&[&str]> =
        vec![&["Facility: Holy Family Hospital"], &["Date: 2025-03-15"], head];
    sheet.extend(rows.iter().map(|row| row.as_slice()));
    xlsx(&[("Register", &sheet)])
}

#[tokio::test]
async fn registers_on_other_scales_are_scored_by_them() {
    let plain = |rows: [[&'static str; 2]; 3]| {
        let names = ["Hurricane", "Flood", "Ice Storm"];
        [0, 1, 2].map(|at| [names[at], rows[at][0], rows[at][1]])
    };
    let tens = plain([["10", "5"], ["4", "10"], ["1", "1"]]);
    let words = plain([["Likely", "Major"], ["Almost Certain", "Catastrophic"], ["Rare", "Minor"]]);
    let three = plain([["H", "M"], ["Medium", "High"], ["N/A", ""]]);
    let percent = plain([["50%", "4"], ["10%", "5"], ["0%", "1"]]);
    let turned = plain([["1", "1"], ["3", "2"], ["2", "3"]]);
    let four = plain([["Very High", "High"], ["Low", "Medium"], ["Medium", "Low"]]);
    let fives = plain([["5", "4"], ["3", "5"], ["1", "1"]]);
    for (head, rows, expected) in [
        (
            ["Hazard", "Probability 1-10", "Impact 1-10"],
            tens,
            ["Hurricane: 50", "Flood: 40", "Ice Storm: 1"],
        ),
        (
            ["Hazard", "Likelihood (out of 10)", "Severity /10"],
            tens,
            ["Hurricane: 50", "Flood: 40", "Ice Storm: 1"],
        ),
        (
            ["Hazard", "Likelihood", "Consequence"],
            words,
            ["Flood: 100", "Hurricane: 64", "Ice Storm: 8"],
        ),
        (
            ["Hazard", "Likelihood", "Impact"],
            three,
            ["Flood: 67", "Hurricane: 67", "Ice Storm: n/a"],
        ),
        (
            ["Hazard", "Probability (%)", "Impact (1-5)"],
            percent,
            ["Hurricane: 40", "Flood: 10", "Ice Storm: n/a"],
        ),
        (
            [
                "Hazard",
                "Probability (1 = High, 2 = Medium, 3 = Low)",
                "Impact (1 = High, 2 = Medium, 3 = Low)",
            ],
            turned,
            ["Hurricane: 100", "Flood: 22", "Ice Storm: 22"],
        ),
        (["Hazard", "Likelihood", "Impact"], four, ["Hurricane: 75", "Flood: 13", "Ice Storm: 13"]),
        (["Hazard", "Likelihood", "Impact"], fives, ["Hurricane: 80", "Flood: 60", "Ice Storm: 4"]),
    ] {
        let (report, scored) = scored("register.xlsx", register(&head, &rows)).await;
        assert_eq!(scored, expected, "{head:?}: {report:?}");
    }
}

#[tokio::test]
async fn a_register_whose_scale_cannot_be_told_is_rejected_for_it() {
    let fours = [["Hurricane", "4", "2"], ["Flood", "3", "4"], ["Ice Storm", "1", "1"]];
    let beyond = [["Hurricane", "9", "8"], ["Flood", "7", "9"], ["Ice Storm", "1", "1"]];
    for (head, rows, said) in [
        (
            ["Hazard", "Likelihood", "Impact"],
            fours,
            "the scale of Likelihood, Impact is not stated",
        ),
        (
            ["Hazard", "Likelihood (1-5)", "Impact (1-5)"],
            beyond,
            "is stated as 1 to 5, and its greatest value is 9",
        ),
    ] {
        let report = Warehouse::new().await.load("register.xlsx", register(&head, &rows)).await;
        assert!(
            report.error.as_deref().is_some_and(|error| error.contains(said)),
            "{said}: {report:?}"
        );
    }
}

#[tokio::test]
async fn a_legend_on_another_sheet_states_the_scale_of_a_register() {
    let rows: &[&[&str]] = &[
        &["Holy Family Hospital risk register"],
        &["Date: 2025-03-15"],
        &["Hazard", "Likelihood", "Impact", "Score", "Rank"],
        &["Hurricane", "4", "3", "12", "1"],
        &["Flood", "2", "4", "8", "2"],
        &["Ice Storm", "Rare", "2", "2", "3"],
    ];
    let legend: &[&[&str]] = &[
        &["How to score"],
        &["Score", "Likelihood", "Impact"],
        &["5", "Almost certain", "Catastrophic: loss of the hospital"],
        &["4", "Likely", "Major"],
        &["3", "Possible", "Moderate"],
        &["2", "Unlikely", "Minor"],
        &["1", "Rare", "Insignificant"],
        &["Extreme Medical Center Group must act at once"],
    ];
    let warehouse = Warehouse::new().await;
    let report =
        warehouse.loaded("register.xlsx", xlsx(&[("Register", rows), ("Legend", legend)])).await;
    assert_eq!(
        warehouse.ask(SCORED).await,
        ["Hurricane: 48 48", "Flood: 32 32", "Ice Storm: 8 8"],
        "{report:?}"
    );
    assert_eq!(warehouse.ask(ORGANIZATIONS).await, ["Holy Family Hospital"]);
    let own = "select concat_ws(' ', label, score_printed, rank_printed, scale) from \
        warehouse.risk_score \
        join warehouse.risk_assessment using (risk_assessment_id) order by rank_printed";
    assert_eq!(
        warehouse.ask(own).await,
        ["Hurricane 12 1 1 to 5", "Flood 8 2 1 to 5", "Ice Storm 2 3 1 to 5"]
    );
}

#[tokio::test]
async fn a_legend_beside_the_table_and_a_scale_in_one_heading_count_for_all() {
    let beside: &[&[&str]] = &[
        &["Facility: Holy Family Hospital", "", "Date: 2025-03-15"],
        &["Hazard", "Likelihood", "Impact", "Score", "", "Legend", ""],
        &["Hurricane", "4", "4", "16", "", "5", "Almost certain"],
        &["Flood", "2", "3", "6", "", "4", "Likely"],
        &["Tornado", "1", "2", "2", "", "3", "Possible"],
        &["Ice Storm", "3", "3", "9", "", "2", "Unlikely"],
        &["Blizzard", "2", "2", "4", "", "1", "Rare"],
    ];
    let (report, by_legend) = scored("register.xlsx", xlsx(&[("Register", beside)])).await;
    let expected =
        ["Hurricane: 64 64", "Ice Storm: 36 36", "Flood: 24 24", "Blizzard: 16 16", "Tornado: 8 8"];
    assert_eq!(by_legend, expected, "{report:?}");
    let one: &[&[&str]] = &[
        &["Facility: Holy Family Hospital", "", "Date: 2025-03-15"],
        &[
            "EVENT",
            "PROBABILITY (0-4)",
            "HUMAN IMPACT",
            "PROPERTY IMPACT",
            "BUSINESS IMPACT",
            "PREPAREDNESS",
            "INTERNAL RESPONSE",
            "EXTERNAL RESPONSE",
        ],
        &["Hurricane", "4", "3", "2", "4", "1", "2", "3"],
        &["Tornado", "0", "", "", "", "", "", ""],
    ];
    let (report, by_heading) = scored("hva.xlsx", xlsx(&[("Natural", one)])).await;
    assert_eq!(by_heading, ["Hurricane: 63 75", "Tornado: n/a"], "{report:?}");
}

#[tokio::test]
async fn a_sum_or_a_percentage_of_their_own_is_kept_beside_ours() {
    let sheet = |own: [&'static str; 3]| {
        let rows: Vec<Vec<&str>> = vec![
            vec!["Facility: Holy Family Hospital", "", "Date: 2025-03-15"],
            vec!["Hazard", "Likelihood (1-5)", "Impact (1-5)", "Risk Score"],
            vec!["Hurricane", "4", "5", own[0]],
            vec!["Flood", "2", "3", own[1]],
            vec!["Ice Storm", "1", "1", own[2]],
        ];
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        xlsx(&[("Register", &rows)])
    };
    let (report, sums) = scored("register.xlsx", sheet(["9", "5", "2"])).await;
    assert_eq!(sums, ["Hurricane: 80 90", "Flood: 24 50", "Ice Storm: 4 20"], "{report:?}");
    assert!(codes(&report).contains(&"RISK_DIFFERS"));
    let (_, percents) = scored("register.xlsx", sheet(["80%", "24%", "4%"])).await;
    assert_eq!(percents, ["Hurricane: 80 80", "Flood: 24 24", "Ice Storm: 4 4"]);
}

#[tokio::test]
async fn an_assessment_on_0_to_4_under_other_headings_is_known_by_its_own_percentages() {
    // Without a legend, only the percentages show the scale, `P / 4 x S / 24`.
    let rows: &[&[&str]] = &[
        &["Facility: Holy Family Hospital", "", "Date: 2025-03-15"],
        &[
            "Type of Event",
            "Likelihood this will occur",
            "Impact on People",
            "Impact on Property",
            "Operational Impact",
            "Planning",
            "Internal Resources",
            "External Resources",
            "Relative Risk",
        ],
        &["Hurricane", "4", "2", "3", "3", "2", "2", "2", "58%"],
        &["Flood", "2", "4", "4", "4", "3", "3", "3", "44%"],
        &["Ice Storm", "1", "1", "2", "1", "1", "2", "1", "8%"],
    ];
    let (report, scored) = scored("hva.xlsx", xlsx(&[("HVA", rows)])).await;
    assert_eq!(
        scored,
        ["Hurricane: 58 58 67", "Flood: 44 44 50", "Ice Storm: 8 8 8"],
        "{report:?}"
    );
    assert!(
        message(&report, "OWN_SCALE").contains("0 to 4, as its own percentages show"),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_rejected_row_of_a_register_carries_its_scale() {
    let rows: &[&[&str]] = &[
        &["Facility: Holy Family Hospital", "", "Scale: 1 to 5"],
        &["Date: 2025-03-15"],
        &["Hazard", "Likelihood", "Impact"],
        &["Hurricane", "4", "2"],
        &["Flood", "2", "3"],
        &["Ice Storm", "7", "4"],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("register.xlsx", xlsx(&[("Register", rows)])).await;
    assert_eq!(counts(&report), (3, 2, 0, 1), "{report:?}");
    let csv = warehouse.mended(&[("Likelihood", "2")]).await;
    let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
    assert_eq!(warehouse.ask(SCORED).await, ["Ice Storm: 32"], "{report:?}");
    assert_eq!(warehouse.ask("select count(*)::text from warehouse.risk_assessment").await, ["1"]);
}
#[tokio::test]
async fn formulas_without_values_are_named() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.xlsx", fault("08-formula-no-cached-value.xlsx")).await;
    let said = message(&report, "FORMULA_WITHOUT_VALUE");
    for cell in ["I4", "J4", "F5", "I5", "J5"] {
        assert!(said.contains(cell), "{report:?}");
    }
    assert_eq!((report.read, report.rejected), (2, 2), "an unknown status is not open: {report:?}");
}

#[tokio::test]
async fn hidden_rows_and_sheets_are_reported_and_a_very_hidden_template_is_skipped() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.xlsx", fault("09-hidden-rows-and-sheets.xlsx")).await;
    assert_eq!(counts(&report), (4, 4, 0, 0), "{report:?}");
    assert!(message(&report, "HIDDEN_ROWS").contains("row 6"), "{report:?}");
    let sheets = |code| {
        report
            .details
            .iter()
            .find(|warning| warning.code.as_str() == code)
            .and_then(|found| found.value.clone())
    };
    assert_eq!(sheets("HIDDEN_SHEET").as_deref(), Some("Old copy 2024"), "{report:?}");
    assert_eq!(sheets("VERY_HIDDEN_SHEET").as_deref(), Some("Template"), "{report:?}");
    let actions = warehouse.ask("select text from warehouse.corrective_action order by 1").await;
    assert!(!actions.iter().any(|text| text.contains("Example")), "{actions:?}");
}

#[tokio::test]
async fn a_report_on_a_real_event_is_read_by_its_own_headings() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("aar.docx", fault("L7-coalition-covid-aar.docx")).await;
    assert_eq!(report.rejected, 0, "{report:?}");
    let event =
        "select concat_ws(' | ', name, kind, local_date, end_local_date) from warehouse.event";
    assert_eq!(
        warehouse.ask(event).await,
        ["COVID-19 Response (Real World Event) | INCIDENT | 2020-03-01 | 2020-10-31"]
    );
    assert!(
        message(&report, "DATES_TAKEN").contains("Real World Event Information & Important Dates"),
        "{report:?}"
    );
    assert_eq!(
        warehouse.ask("select count(*)::text from warehouse.corrective_action").await,
        ["2"]
    );
}

#[tokio::test]
async fn participants_counted_by_type_are_no_organizations() {
    let warehouse = Warehouse::new().await;
    let report =
        warehouse.loaded("aar.docx", fault("L8-coalition-patient-tracking-aar.docx")).await;
    assert_eq!(report.rejected, 0, "{report:?}");
    let names = warehouse.ask(ORGANIZATIONS).await;
    assert!(names.contains(&"West Central Healthcare Coalition".to_owned()), "{names:?}");
    assert!(
        !names.iter().any(|name| name.contains(char::is_numeric) || name.contains("grant")),
        "{names:?}"
    );
    assert_eq!(warehouse.ask("select count(*)::text from warehouse.participation").await, ["0"]);
    let said = message(&report, "PARTICIPANTS_BY_TYPE");
    assert!(
        said.contains("Hospitals 14") && said.contains("EMS agencies 9") && said.contains("23"),
        "{report:?}"
    );
    assert_eq!(warehouse.ask("select program from warehouse.exercise").await, ["HPP grant"]);
}

const TRACKER: [&str; 8] = [
    "ID",
    "Exercise",
    "Exercise Date",
    "Capability",
    "Corrective Action",
    "Responsible Organization",
    "Due Date",
    "Status",
];

/// Creates a tracker of three actions; `change` modifies its sheet.
fn tracker(change: impl Fn(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, TRACKER).unwrap();
    for (at, action) in ["Buy radios", "Train staff", "Write a plan"].iter().enumerate() {
        let id = format!("R3-{at}");
        let cells =
            [&id, "Surge", "2025-05-14", "Medical Surge", action, "MDPH", "2026-06-01", "Open"];
        sheet.write_row(at as u32 + 1, 0, cells).unwrap();
    }
    change(sheet);
    workbook.save_to_buffer().unwrap()
}

#[tokio::test]
async fn hidden_columns_filters_and_merges_are_reported_and_read() {
    let warehouse = Warehouse::new().await;
    let bytes = tracker(|sheet| {
        sheet.set_column_hidden(6).unwrap();
        sheet.autofilter(0, 0, 3, 7).unwrap();
        sheet
            .filter_column(
                4,
                &rust_xlsxwriter::FilterCondition::new().add_list_filter("Buy radios"),
            )
            .unwrap();
        sheet.set_row_hidden(2).unwrap();
        sheet.set_row_hidden(3).unwrap();
    });
    let report = warehouse.loaded("tracker.xlsx", bytes).await;
    assert_eq!(counts(&report), (3, 3, 0, 0), "{report:?}");
    assert!(
        message(&report, "HIDDEN_ROWS").contains("rows 3, 4 are hidden, by a filter"),
        "{report:?}"
    );
    let column =
        report.details.iter().find(|warning| warning.code.as_str() == "HIDDEN_COLUMN").unwrap();
    assert_eq!(column.column.as_deref(), Some("Due Date"));
    assert_eq!(
        warehouse
            .ask("select distinct due_original_on::text from warehouse.corrective_action")
            .await,
        ["2026-06-01"]
    );

    let warehouse = Warehouse::new().await;
    let bytes = tracker(|sheet| {
        let plain = rust_xlsxwriter::Format::new();
        sheet.merge_range(1, 1, 3, 1, "Surge", &plain).unwrap();
        sheet.merge_range(3, 6, 3, 7, "Complete", &plain).unwrap();
    });
    let report = warehouse.loaded("tracker.xlsx", bytes).await;
    let said: Vec<&str> = report
        .details
        .iter()
        .filter(|warning| warning.code.as_str() == "MERGED_CELLS")
        .map(|warning| warning.message.as_str())
        .collect();
    assert!(said.iter().any(|text| text.contains("rows 2 to 4")), "{report:?}");
    assert!(said.iter().any(|text| text.contains("cells G4 to H4 are merged")), "{report:?}");
    let json = serde_json::to_value(&report).unwrap().to_string();
    assert!(json.contains("MERGED_CELLS"));
}

#[tokio::test]
async fn a_hidden_row_of_an_assessment_is_reported() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let rows: [&[&str]; 5] = [
        &["Facility: Holy Family Hospital", "", "Date: 2025-03-15"],
        &["Hazard", "Likelihood (1-5)", "Impact (1-5)"],
        &["Hurricane", "4", "5"],
        &["Flood", "2", "3"],
        &["Ice Storm", "1", "1"],
    ];
    for (row, cells) in (0..).zip(rows) {
        sheet.write_row(row, 0, cells.iter().copied()).unwrap();
    }
    sheet.set_row_hidden(3).unwrap();
    let (report, scored) = scored("register.xlsx", workbook.save_to_buffer().unwrap()).await;
    assert_eq!(scored, ["Hurricane: 80", "Flood: 24", "Ice Storm: 4"]);
    assert!(message(&report, "HIDDEN_ROWS").contains("row 4 is hidden"), "{report:?}");
}

const OVERVIEW: [&[&str]; 5] = [
    &["Exercise Name", "Winter Surge"],
    &["Exercise Dates", "June 3, 2025"],
    &["Scope", "A tabletop exercise"],
    &["Threat or Hazard", "Ice storm"],
    &["Sponsor", "Region 3 HMCC"],
];
const PLAN: [&str; 5] = [
    "Core Capability",
    "Issue/Area for Improvement",
    "Corrective Action",
    "Capability Element",
    "Completion Date",
];

#[tokio::test]
async fn tracked_changes_text_boxes_and_content_controls_are_read_and_reported() {
    let run = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
    let changed = format!(
        "<w:p>{}<w:ins w:id=\"1\">{}</w:ins><w:del \
         w:id=\"2\"><w:r><w:delText>pagers</w:delText></w:r></w:del></w:p>",
        run("Buy "),
        run("radios")
    );
    let control = format!(
        "<w:sdt><w:sdtPr><w:dropDownList/></w:sdtPr><w:sdtContent><w:p>{}</w:p></w:sdtContent></w:sdt>",
        run("Equipment")
    );
    let prompt = format!(
        "<w:p><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt></w:p>",
        run("Choose an item.")
    );
    let boxed = format!(
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent>{}{}{}</w:txbxContent></wps:txbx></w:drawing></mc:Choice>\
         <mc:Fallback><w:pict><w:txbxContent>{}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
        office::heading(2, "Strengths"),
        office::bullet("Staff knew the plan."),
        office::p(""),
        office::p("Staff knew the plan."),
    );
    let hidden =
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Internal remark</w:t></w:r></w:p>".to_owned();
    let body = [
        office::heading(1, "Exercise Overview"),
        office::table(&OVERVIEW),
        office::heading(1, "Analysis of Core Capabilities"),
        office::heading(2, "Medical Surge"),
        boxed,
        hidden,
        prompt,
        office::heading(1, "Improvement Plan"),
        office::table(&[
            &PLAN,
            &["Medical Surge", "No radios", &changed, &control, "December 31, 2025"],
        ]),
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("aar.docx", office::docx(&body)).await;
    assert_eq!(
        warehouse.ask("select text from warehouse.corrective_action").await,
        ["Buy radios"],
        "{report:?}"
    );
    let elements = "select e.code from warehouse.corrective_action_element join warehouse.element \
        e using (element_id)";
    assert_eq!(warehouse.ask(elements).await, ["equipment"]);
    let strengths = "select text from warehouse.finding where kind = 'STRENGTH'";
    assert_eq!(warehouse.ask(strengths).await, ["Staff knew the plan."]);
    assert!(
        message(&report, "TRACKED_CHANGES")
            .contains("1 insertion read as accepted, 1 deletion as gone"),
        "{report:?}"
    );
    for code in ["TEXT_BOXES", "UNANSWERED_PROMPTS", "HIDDEN_TEXT"] {
        assert!(message(&report, code).ends_with("1 in the document"), "{code}: {report:?}");
    }
}

#[tokio::test]
async fn days_in_prose_are_taken_with_a_word_or_rejected_under_the_heading_of_the_document() {
    let overview = |days: &str, scope: &str| {
        let rows: [&[&str]; 5] = [
            &["Event Name", "Flood response"],
            &["Real World Event Information & Important Dates", days],
            &["Scope", scope],
            &["Threat or Hazard", "Flood"],
            &["Sponsor", "Region 3 HMCC (PHEP funding)"],
        ];
        office::docx(&[office::heading(1, "Real World Event Overview"), office::table(&rows)])
    };
    let warehouse = Warehouse::new().await;
    let report = warehouse
        .loaded("one.docx", overview("The coalition opened its center on May 14, 2025.", ""))
        .await;
    assert!(codes(&report).contains(&"DATES_TAKEN"), "{report:?}");
    assert_eq!(warehouse.ask("select local_date::text from warehouse.event").await, ["2025-05-14"]);
    let sponsor = "select name from warehouse.organization where name like '%Region 3%'";
    assert!(!warehouse.ask(sponsor).await.iter().any(|name| name.contains("PHEP")));

    let warehouse = Warehouse::new().await;
    let several = "Opened on May 14, 2025 and again on June 2, 2025.";
    let report = warehouse.loaded("several.docx", overview(several, "Two openings")).await;
    assert_eq!(report.rejected, 1, "{report:?}");
    let column = "select column_name from meta.reject";
    assert_eq!(warehouse.ask(column).await, ["Real World Event Information & Important Dates"]);
}
