//! Tests calendars of exercises.

use super::office::{Warehouse, xlsx};

#[tokio::test]
async fn calendars_are_read_with_quarters_statuses_and_types_by_alias() {
    let rows: &[&[&str]] = &[
        &["Region 3 HMCC training and exercise calendar"],
        &["Exercise", "Type", "Planned Quarter", "Status", "Lead Organization", "Threat/Hazard"],
        &["Surge call", "Call-down", "Q1 2024", "Complete", "Region 3 HMCC", "Pandemic"],
        &["Burn annex", "TTE", "March 2024", "Held", "Region 3 HMCC", "Fire"],
        &["Command post", "CPX", "4/12/2024", "Conducted", "Region 3 HMCC", "Hurricane"],
        &[
            "Coalition surge",
            "MRSE",
            "May 30 \u{2013} June 2, 2024",
            "",
            "Region 3 HMCC",
            "Hurricane",
        ],
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
        .ask(
            "select concat_ws(' ', e.name, t.code, e.status, e.local_date, e.end_local_date) from \
            warehouse.event e join warehouse.exercise using (event_id) join \
            warehouse.exercise_type t using (exercise_type_id) order by 1",
        )
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
    // A rejected row of a calendar or a log is corrected and loaded alone.
    let csv = warehouse.mended(&[("Planned Quarter", "Q3 2024")]).await;
    let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted),
        (Some("exercise_calendar"), 1, 1),
        "{report:?}"
    );
}

#[tokio::test]
async fn an_exercise_with_a_year_a_season_or_a_quarter_and_no_month_is_loaded_and_told() {
    let told = "select concat_ws(' ', e.name, e.status, e.local_date, e.end_local_date) from \
        warehouse.event e join warehouse.exercise using (event_id) order by 1";
    let alone: &[&[&str]] = &[
        &["Exercise Name", "Exercise Type", "Date", "Sponsor"],
        &["Whole year", "Drill", "2024", "Region 3 HMCC"],
        &["Fiscal year", "Drill", "FY24", "Region 3 HMCC"],
        &["Season", "Tabletop", "Spring 2024", "Region 3 HMCC"],
        &["Far off", "Tabletop", "2048", "Region 3 HMCC"],
    ];
    let columns: &[&[&str]] = &[
        &["Region 3 HMCC training and exercise plan"],
        &["Exercise", "Type", "Fiscal Year", "Quarter"],
        &["Own quarter", "Drill", "FY24", "Q2"],
        &["Season in it", "Drill", "FY24", "Fall"],
        &["Day in it", "Drill", "FY24", "9/14"],
        &["Only the year", "Tabletop", "2024", ""],
        &["To be told", "Tabletop", "2024", "TBD"],
        &["Wrong", "Tabletop", "2024", "99"],
    ];
    let title: &[&[&str]] = &[
        &["2024 Exercise Calendar"],
        &["Exercise", "Type", "When"],
        &["Play", "Game", "Q3"],
        &["Burn", "Tabletop", "Summer"],
        &["March on", "Drill", "March 14-15"],
        &["Quarter 4 (October - December 2024)"],
        &["Below", "Drill", "TBD"],
        &["2025"],
        &["Next", "Drill", "Q1"],
    ];
    for (rows, loaded, rejected, expected) in [
        (
            alone,
            4,
            0,
            vec![
                "Far off PLANNED 2048-01-01 2048-12-31",
                "Fiscal year HELD 2023-07-01 2024-06-30",
                "Season HELD 2024-03-01 2024-05-31",
                "Whole year HELD 2024-01-01 2024-12-31",
            ],
        ),
        (
            columns,
            5,
            1,
            vec![
                "Day in it HELD 2023-09-14 2023-09-14",
                "Only the year HELD 2024-01-01 2024-12-31",
                "Own quarter HELD 2023-10-01 2023-12-31",
                "Season in it HELD 2023-09-01 2023-11-30",
                "To be told HELD 2024-01-01 2024-12-31",
            ],
        ),
        (
            title,
            5,
            0,
            vec![
                "Below HELD 2024-10-01 2024-12-31",
                "Burn HELD 2024-06-01 2024-08-31",
                "March on HELD 2024-03-14 2024-03-15",
                "Next HELD 2025-01-01 2025-03-31",
                "Play HELD 2024-07-01 2024-09-30",
            ],
        ),
    ] {
        let warehouse = Warehouse::new().await;
        let report = warehouse.loaded("calendar.xlsx", xlsx(&[("Plan", rows)])).await;
        assert_eq!(warehouse.ask(told).await, expected, "{report:?}");
        assert_eq!((report.inserted, report.rejected), (loaded, rejected), "{report:?}");
        let warned =
            report.details.iter().find(|warning| warning.code.as_str() == "INEXACT_DATE").unwrap();
        assert!(
            warned.message.contains("gives no exact date; its complete period is used, 20"),
            "{warned:?}"
        );
        if rejected > 0 {
            let csv = warehouse.mended(&[("Quarter", "Q4")]).await;
            let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
            assert_eq!((report.read, report.inserted), (1, 1), "{report:?}");
            let days = "select local_date || ' ' || end_local_date from warehouse.event where name \
                = 'Wrong'";
            assert_eq!(
                warehouse.ask(days).await,
                ["2024-10-01 2024-12-31"],
                "a refused row carries its year"
            );
        }
    }
}
