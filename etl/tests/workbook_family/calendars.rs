//! Calendars of exercises.

use super::office::{Warehouse, xlsx};

#[tokio::test]
async fn calendars_are_read_with_quarters_statuses_and_types_by_alias() {
    let rows: &[&[&str]] = &[
        &["Region 3 HMCC training and exercise calendar"],
        &["Exercise", "Type", "Planned Quarter", "Status", "Lead Organization", "Threat/Hazard"],
        &["Surge call", "Call-down", "Q1 2024", "Complete", "Region 3 HMCC", "Pandemic"],
        &["Burn annex", "TTE", "March 2024", "Held", "Region 3 HMCC", "Fire"],
        &["Command post", "CPX", "4/12/2024", "Conducted", "Region 3 HMCC", "Hurricane"],
        &["Coalition surge", "MRSE", "May 30 \u{2013} June 2, 2024", "", "Region 3 HMCC", "Hurricane"],
        &["County play", "FX", "Q2 2030", "Tentative", "Region 3 HMCC", "Flood"],
        &["Big one", "Full Scale", "6/3-5/2024", "Cancelled", "Region 3 HMCC", "Earthquake"],
        &["Lost one", "Drill", "whenever", "", "Region 3 HMCC", ""],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("calendar.xlsx", xlsx(&[("FY", rows)])).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted, report.rejected),
        (Some("exercise_calendar"), 7, 6, 1),
        "{report:?}"
    );
    let told = warehouse
        .ask("select concat_ws(' ', e.name, t.code, e.status, e.local_date, e.end_local_date) from warehouse.event e join warehouse.exercise using (event_id) join warehouse.exercise_type t using (exercise_type_id) order by 1")
        .await;
    assert_eq!(
        told,
        [
            "Big one FSE CANCELLED 2024-06-03 2024-06-05",
            "Burn annex TTX HELD 2024-03-01 2024-03-31",
            "Coalition surge FE HELD 2024-05-30 2024-06-02",
            "Command post FE HELD 2024-04-12 2024-04-12",
            "County play FE PLANNED 2030-04-01 2030-06-30",
            "Surge call DRL HELD 2024-01-01 2024-03-31",
        ]
    );
    // A refused row of a calendar or a log is mended and loaded by itself.
    let csv = warehouse.mended(&[("Planned Quarter", "Q3 2024")]).await;
    let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted),
        (Some("exercise_calendar"), 1, 1),
        "{report:?}"
    );
}
