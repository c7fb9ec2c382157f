//! Tests which rejects the next edition of a file closes, by what identifies its rows.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use office::{Warehouse, docx, heading, p, table, xlsx};

/// Returns the rows of open rejects of files with this name, each with the number of its load.
async fn open(warehouse: &Warehouse, name: &str) -> Vec<String> {
    let rows = warehouse
        .ask(
            "select f.name || ' ' || f.batch_id || ':' || row_number from meta.reject join \
             meta.file f using (file_id) where corrected_at is null order by reject_id",
        )
        .await;
    let own = |row: &String| Some(row.strip_prefix(name)?.trim().to_owned());
    rows.iter().filter_map(own).collect()
}

const WRONG: [&str; 3] = ["2025-13-01", "2025-13-02", "2025-13-03"];
const RIGHT: [&str; 3] = ["2025-01-01", "2025-01-02", "2025-01-03"];

fn events(region: &str, dates: [&str; 3]) -> Vec<u8> {
    let rows = ["1", "2", "3"].iter().zip(dates);
    let rows = rows.map(|(row, date)| format!("{region}-{row},incident,Fire,{date}\n"));
    format!("event_id,kind,name,start_at\n{}", rows.collect::<String>()).into_bytes()
}

#[tokio::test]
async fn the_next_edition_of_a_file_without_a_good_row_closes_its_rejects() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("events.csv", events("N", WRONG)).await;
    assert_eq!((report.inserted, report.rejected), (0, 3), "{report:?}");
    // A file of the same name from elsewhere closes none of them.
    assert_eq!(warehouse.loaded("events.csv", events("S", RIGHT)).await.rejected, 0);
    assert_eq!(open(&warehouse, "events.csv").await, ["1:2", "1:3", "1:4"]);
    // A row that is rejected again is listed once, for the newer edition.
    let half = [RIGHT[0], RIGHT[1], WRONG[2]];
    assert_eq!(warehouse.loaded("events.csv", events("N", half)).await.rejected, 1);
    assert_eq!(open(&warehouse, "events.csv").await, ["3:4"]);
    // A row with an id is found wherever it is.
    let text = String::from_utf8(events("N", RIGHT)).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.swap(1, 3);
    let report = warehouse.loaded("events.csv", lines.join("\n").into_bytes()).await;
    assert_eq!((report.inserted, report.unchanged), (1, 2), "{report:?}");
    assert_eq!(open(&warehouse, "events.csv").await, [""; 0]);
}

#[tokio::test]
async fn a_number_that_is_another_rows_id_closes_no_reject() {
    let warehouse = Warehouse::new().await;
    let events =
        |rows: &str| format!("event_id,kind,name,start_at,deaths_direct\n{rows}").into_bytes();
    let wrong = "1,incident,Fire,2025-13-01,2\n2,incident,Flood,2025-13-02,0\n";
    assert_eq!(warehouse.loaded("events.csv", events(wrong)).await.rejected, 2);
    let second = "2,incident,Flood,2025-01-02,0\n";
    assert_eq!(warehouse.loaded("events.csv", events(second)).await.inserted, 1);
    assert_eq!(open(&warehouse, "events.csv").await, ["1:2"]);
}

#[tokio::test]
async fn a_row_without_an_id_is_found_by_its_other_cells() {
    let warehouse = Warehouse::new().await;
    let calendar = |planned: [&str; 2], name: &str| {
        let rows: &[&[&str]] = &[
            &["Exercise", "Type", "Planned Quarter", "Status", "Lead Organization"],
            &[name, "Call-down", planned[0], "Complete", "Region 3 HMCC"],
            &["Burn annex", "TTX", planned[1], "Held", "Region 3 HMCC"],
        ];
        xlsx(&[("FY", rows)])
    };
    let wrong = ["soon", "whenever"];
    let report = warehouse.loaded("calendar.xlsx", calendar(wrong, "Surge call")).await;
    assert_eq!((report.inserted, report.rejected), (0, 2), "{report:?}");
    // The first row has another name and day, so it is another exercise.
    let report = warehouse.loaded("calendar.xlsx", calendar(["Q1 2024", "Q2 2024"], "Drill")).await;
    assert_eq!(report.rejected, 0, "{report:?}");
    assert_eq!(open(&warehouse, "calendar.xlsx").await, ["1:2"]);
    warehouse.loaded("calendar.xlsx", calendar(["Q1 2024", "Q2 2024"], "Surge call")).await;
    assert_eq!(open(&warehouse, "calendar.xlsx").await, [""; 0]);
}

#[tokio::test]
async fn a_corrected_report_closes_the_rejects_of_all_its_records() {
    let warehouse = Warehouse::new().await;
    let report = |name: &str, dates: &str, actions: &[&str]| {
        let rows = actions.iter().map(|action| {
            ["Medical Surge", "Triage was late", *action, "Region 3 HMCC", "6/3/2026"]
        });
        let rows: Vec<[&str; 5]> = rows.collect();
        let head = [
            "Core Capability",
            "Issue/Area for Improvement",
            "Corrective Action",
            "Primary Responsible Organization",
            "Completion Date",
        ];
        let mut plan: Vec<&[&str]> = vec![&head];
        plan.extend(rows.iter().map(|row| row.as_slice()));
        docx(&[
            heading(1, "Exercise Overview"),
            table(&[
                &["Exercise Name", name],
                &["Exercise Dates", dates],
                &["Threat or Hazard", "Ice storm"],
                &["Sponsor", "Region 3 HMCC"],
            ]),
            heading(1, "Appendix A: Improvement Plan"),
            p("Actions of the exercise."),
            table(&plan),
        ])
    };
    let actions = ["Train triage", "Buy tags"];
    let rejected = warehouse.load("AAR.docx", report("Winter TTX", "to be set", &actions)).await;
    assert!(rejected.inserted == 0 && rejected.rejected > 2, "{rejected:?}");
    // A shorter report of the same name is another one.
    let other = warehouse.loaded("AAR.docx", report("Spring TTX", "May 3, 2025", &[])).await;
    assert_eq!(other.rejected, 0, "{other:?}");
    assert_eq!(open(&warehouse, "AAR.docx").await.len() as u64, rejected.rejected);
    let corrected =
        warehouse.loaded("AAR.docx", report("Winter TTX", "June 3, 2025", &actions)).await;
    assert_eq!(corrected.rejected, 0, "{corrected:?}");
    assert_eq!(open(&warehouse, "AAR.docx").await, [""; 0]);
}
