//! Assessments on scales of their own, and the parts of office files that a reader may overlook: hidden rows and sheets, formulas
//! without values, merged cells, tracked changes, text boxes and content controls.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use hotwash_etl::load::FileReport;
use office::{Warehouse, codes, xlsx};

fn fault(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(name)).unwrap()
}

fn counts(report: &FileReport) -> (u64, u64, u64, u64) {
    (report.read, report.inserted, report.unchanged, report.rejected)
}

/// The message of the first warning of a kind.
fn message<'a>(report: &'a FileReport, code: &str) -> &'a str {
    report.details.iter().find(|warning| warning.code == code).map_or("", |warning| warning.message.as_str())
}

/// Risk, the sheet's own risk and inherent risk of each hazard that applies, in percent; `n/a` for the others.
const SCORED: &str = "select concat_ws(' ', label || ':', case when not applicable then 'n/a' end, round(risk::numeric * 100), \
    round(risk_printed::numeric * 100), round(inherent_risk::numeric * 100)) from warehouse.risk_score \
    where file_id = (select max(file_id) from meta.file) order by rank_in_assessment nulls last, label";

/// Names of the organizations that the loaded files brought.
const ORGANIZATIONS: &str =
    "select name from warehouse.organization where organization_id > 0 and source <> 'hotwash' order by 1";

async fn scored(name: &str, bytes: Vec<u8>) -> (FileReport, Vec<String>) {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded(name, bytes).await;
    (report, warehouse.ask(SCORED).await)
}

#[tokio::test]
async fn a_register_is_scored_by_the_scale_in_its_headings() {
    let (report, scored) = scored("register.xlsx", fault("24-matrix-scale-1-to-5.xlsx")).await;
    assert_eq!(counts(&report), (4, 4, 0, 0), "{report:?}");
    assert_eq!(scored, ["Cyber Attack: 80 80", "Flood: 80 80", "Hurricane: 36 36", "Ice Storm: 24 24"]);
    assert!(message(&report, "own_scale").contains("1 to 5"), "{report:?}");
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
    assert!(scored[7..].iter().all(|row| row.ends_with(": n/a 0") || row.ends_with(": n/a")), "{scored:?}");
    assert!(!codes(&report).contains(&"risk_differs"), "{report:?}");
}

#[tokio::test]
async fn a_composite_of_averages_is_scored_by_its_fractions() {
    let (report, scored) = scored("hva.xlsx", fault("L2-hva-composite-averages.xlsx")).await;
    assert_eq!(counts(&report), (16, 16, 0, 0), "{report:?}");
    assert_eq!(scored[..3], ["Tornado: 67 67 85", "Earthquake: 67 65 81", "Severe Thunderstorm: 48 47 49"]);
    assert_eq!(scored.iter().filter(|row| row.contains("n/a")).count(), 3, "{scored:?}");
}

#[tokio::test]
async fn instructions_name_nobody() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("hva.xlsx", fault("29-hva-with-instructions-sheet.xlsx")).await;
    assert_eq!(counts(&report), (3, 3, 0, 0), "{report:?}");
    assert!(message(&report, "no_organization").contains("does not say whose it is"), "{report:?}");
    assert_eq!(warehouse.ask(ORGANIZATIONS).await, [""; 0]);
}

#[tokio::test]
async fn a_fire_log_is_no_assessment() {
    let report = Warehouse::new().await.load("fires.csv", fault("28-fire-incidents-with-counts.csv")).await;
    assert!(report.error.is_some() && report.source.is_none(), "{report:?}");
}

/// A register of three hazards with a head of its own.
fn register(head: &[&'static str; 3], rows: &[[&'static str; 3]]) -> Vec<u8> {
    let mut sheet: Vec<&[&str]> = vec![&["Facility: Holy Family Hospital"], &["Date: 2025-03-15"], head];
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
    let fives = plain([["5", "4"], ["3", "5"], ["1", "1"]]);
    for (head, rows, expected) in [
        (["Hazard", "Probability 1-10", "Impact 1-10"], tens, ["Hurricane: 50", "Flood: 40", "Ice Storm: 1"]),
        (["Hazard", "Likelihood (out of 10)", "Severity /10"], tens, ["Hurricane: 50", "Flood: 40", "Ice Storm: 1"]),
        (["Hazard", "Likelihood", "Consequence"], words, ["Flood: 100", "Hurricane: 64", "Ice Storm: 8"]),
        (["Hazard", "Likelihood", "Impact"], three, ["Flood: 67", "Hurricane: 67", "Ice Storm: n/a"]),
        (["Hazard", "Probability (%)", "Impact (1-5)"], percent, ["Hurricane: 40", "Flood: 10", "Ice Storm: n/a"]),
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
        (["Hazard", "Likelihood", "Impact"], fours, "the scale of Likelihood, Impact is not stated"),
        (["Hazard", "Likelihood (1-5)", "Impact (1-5)"], beyond, "is stated as 1 to 5, and its greatest value is 9"),
    ] {
        let report = Warehouse::new().await.load("register.xlsx", register(&head, &rows)).await;
        assert!(report.error.as_deref().is_some_and(|error| error.contains(said)), "{said}: {report:?}");
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
    let report = warehouse.loaded("register.xlsx", xlsx(&[("Register", rows), ("Legend", legend)])).await;
    assert_eq!(warehouse.ask(SCORED).await, ["Hurricane: 48 48", "Flood: 32 32", "Ice Storm: 8 8"], "{report:?}");
    assert_eq!(warehouse.ask(ORGANIZATIONS).await, ["Holy Family Hospital"]);
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
    assert!(codes(&report).contains(&"risk_differs"));
    let (_, percents) = scored("register.xlsx", sheet(["80%", "24%", "4%"])).await;
    assert_eq!(percents, ["Hurricane: 80 80", "Flood: 24 24", "Ice Storm: 4 4"]);
}

#[tokio::test]
async fn an_assessment_on_0_to_4_under_other_headings_is_known_by_its_own_percentages() {
    // No legend: only the percentages show the scale, `P / 4 x S / 24`.
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
    assert_eq!(scored, ["Hurricane: 58 58 67", "Flood: 44 44 50", "Ice Storm: 8 8 8"], "{report:?}");
    assert!(message(&report, "own_scale").contains("0 to 4, as its own percentages show"), "{report:?}");
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
