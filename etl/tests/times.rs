//! Dates and times of files: nothing lost or misread at midnight, at a clock change, by a zone, a serial or a short year.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use hotwash_etl::load::FileReport;
use office::Warehouse;

fn fault(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(name)).unwrap()
}

fn counts(report: &FileReport) -> (u64, u64, u64) {
    (report.read, report.inserted, report.rejected)
}

/// Milestones of a log's incidents in UTC: `L-1 notified 03-15 03:50`.
async fn stamps(warehouse: &Warehouse) -> Vec<String> {
    warehouse
        .ask(
            "select concat_ws(' ', e.source_id, t.code, to_char(m.occurred_at at time zone 'UTC', 'MM-DD HH24:MI')) \
             from warehouse.milestone m join warehouse.event e using (event_id) \
             join warehouse.milestone_type t using (milestone_type_id) \
             order by e.source_id, m.occurred_at, t.sort_order",
        )
        .await
}

/// Pairs of milestones of one incident that are not in the order of their types.
const OUT_OF_ORDER: &str = "select concat_ws(' ', e.source_id, a.occurred_at, b.occurred_at) from warehouse.milestone a \
    join warehouse.milestone b using (event_id) join warehouse.event e using (event_id) \
    join warehouse.milestone_type s on s.milestone_type_id = a.milestone_type_id \
    join warehouse.milestone_type t on t.milestone_type_id = b.milestone_type_id \
    where s.sort_order < t.sort_order and a.occurred_at > b.occurred_at";

async fn reasons(warehouse: &Warehouse) -> Vec<String> {
    warehouse.ask("select concat_ws(' | ', column_name, value, reason) from meta.reject order by reject_id").await
}

/// What was warned of: code, row and value.
fn warned(report: &FileReport) -> Vec<String> {
    let times = ["skipped_local_time", "repeated_local_time", "zone_out_of_season"];
    let warned = report.details.iter().filter(|warning| times.contains(&warning.code));
    let mut warned: Vec<String> = warned
        .map(|warning| {
            let (column, value) = (warning.column.as_deref(), warning.value.as_deref());
            format!("{} {} {} {}", warning.code, warning.first_row, column.unwrap_or("-"), value.unwrap_or("-"))
        })
        .collect();
    warned.sort();
    warned
}

#[tokio::test]
async fn plain_numbers_of_a_1904_workbook_are_its_dates() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.xlsx", fault("02-date1904-untagged-serials.xlsx")).await;
    assert_eq!(counts(&report), (2, 2, 0), "{report:?}");
    let days = "select concat_ws(' ', opened_on, due_original_on, completed_on) from warehouse.corrective_action order by due_original_on";
    assert_eq!(warehouse.ask(days).await, ["2025-06-01 2025-09-15", "2025-06-01 2025-12-31 2025-08-20"]);
}

#[tokio::test]
async fn midnight_at_the_end_of_a_day_begins_the_next_one() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("log.csv", fault("14-duty-log-24-00.csv")).await;
    assert_eq!(counts(&report), (3, 3, 0), "{report:?}");
    assert_eq!(
        stamps(&warehouse).await,
        [
            "L-1 notified 03-15 03:50",
            "L-1 acknowledged 03-15 04:00",
            "L-1 activated 03-15 04:20",
            "L-1 demobilised 03-16 04:00",
            "L-2 notified 02-01 05:00",
            "L-2 acknowledged 02-01 05:05",
            "L-2 activated 02-01 05:30",
            "L-2 demobilised 02-03 05:00",
            "L-3 notified 02-29 05:00",
            "L-3 acknowledged 02-29 05:10",
            "L-3 activated 02-29 06:00",
            "L-3 demobilised 03-01 05:00",
        ]
    );
    let days = "select concat_ws(' ', source_id, local_date) from warehouse.event order by source_id";
    assert_eq!(warehouse.ask(days).await, ["L-1 2025-03-14", "L-2 2025-02-01", "L-3 2024-02-29"]);
}

#[tokio::test]
async fn times_of_a_night_with_a_clock_change_stay_in_order() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("log.csv", fault("15-duty-log-dst.csv")).await;
    assert_eq!(counts(&report), (3, 3, 0), "{report:?}");
    assert_eq!(warehouse.ask(OUT_OF_ORDER).await, [""; 0]);
    let stored = stamps(&warehouse).await;
    assert_eq!(
        stored[..8],
        [
            "D-1 notified 11-03 04:50",
            "D-1 acknowledged 11-03 05:10",
            "D-1 activated 11-03 05:40",
            "D-1 demobilised 11-03 08:00",
            "D-2 notified 11-03 05:50",
            "D-2 acknowledged 11-03 06:10",
            "D-2 activated 11-03 06:30",
            "D-2 demobilised 11-03 08:00",
        ]
    );
    assert_eq!(
        warned(&report),
        [
            "repeated_local_time 2 Acknowledged At 2024-11-03 01:10",
            "repeated_local_time 2 Activated At 2024-11-03 01:40",
            "skipped_local_time 4 Acknowledged At 2025-03-09 02:30",
        ]
    );
}

#[tokio::test]
async fn a_skipped_hour_in_cells_of_a_workbook_is_warned_of_and_stays_in_order() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("log.xlsx", fault("27-duty-log-skipped-hour.xlsx")).await;
    assert_eq!(counts(&report), (1, 1, 0), "{report:?}");
    assert_eq!(warehouse.ask(OUT_OF_ORDER).await, [""; 0]);
    assert_eq!(stamps(&warehouse).await[0], "S-1 notified 03-09 07:05");
    assert_eq!(
        warned(&report),
        ["skipped_local_time 2 Acknowledged At 2025-03-09 02:15", "skipped_local_time 2 Notified At 2025-03-09 02:05",]
    );
}

#[tokio::test]
async fn a_time_of_day_that_no_clock_shows_is_rejected_with_its_value() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("log.csv", fault("26-duty-log-impossible-time.csv")).await;
    assert_eq!(counts(&report), (1, 0, 1), "{report:?}");
    let reasons = reasons(&warehouse).await;
    assert!(reasons[0].starts_with("Notified At | 3/14/2025 0975 | must be a date and time"), "{reasons:?}");
}

#[tokio::test]
async fn offsets_decide_in_the_hour_that_occurs_twice() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("log.csv", fault("36-duty-log-offsets.csv")).await;
    assert_eq!(counts(&report), (2, 2, 0), "{report:?}");
    assert_eq!(
        stamps(&warehouse).await,
        [
            "A notified 11-02 05:50",
            "A acknowledged 11-02 05:55",
            "A activated 11-02 06:10",
            "B notified 03-09 06:50",
            "B acknowledged 03-09 07:05",
            "B activated 03-09 07:20",
        ]
    );
    assert_eq!(warned(&report), ["skipped_local_time 3 acknowledged_at 2025-03-09 02:05"]);
}

#[tokio::test]
async fn the_day_of_a_universal_time_is_that_of_the_events_zone() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("events.csv", fault("37-events-utc-evening.csv")).await;
    assert_eq!(counts(&report), (1, 1, 0), "{report:?}");
    let day = "select concat_ws(' ', e.local_date, e.end_local_date, 'FY' || d.fiscal_year) from warehouse.event e \
        join warehouse.calendar_date d on d.date_key = to_char(e.local_date, 'YYYYMMDD')::integer";
    assert_eq!(warehouse.ask(day).await, ["2025-06-30 2025-07-01 FY2025"]);
}

#[tokio::test]
async fn a_storm_file_saved_by_a_spreadsheet_keeps_its_century() {
    let warehouse = Warehouse::new().await;
    let text = String::from_utf8(fault("19-noaa-two-digit-year.csv")).unwrap();
    let right = text.replace("2/14/15", "02/14/2015").replace("3/10/24", "03/10/2024");
    warehouse.loaded("right.csv", right.into_bytes()).await;
    let report = warehouse.loaded("again.csv", text.clone().into_bytes()).await;
    assert_eq!((report.read, report.unchanged, report.rejected), (3, 3, 0), "{report:?}");
    let days = "select concat_ws(' ', source_id, local_date, to_char(start_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')) \
        from warehouse.event order by source_id";
    let stored = [
        "900001 2015-02-14 2015-02-15 00:00",
        "900002 2024-03-01 2024-03-01 05:00",
        "900003 2024-03-10 2024-03-10 06:30",
    ];
    assert_eq!(warehouse.ask(days).await, stored);
    let unlikely = text.replace("2/14/15", "2/14/0015");
    let report = warehouse.loaded("unlikely.csv", unlikely.into_bytes()).await;
    assert_eq!((report.unchanged, report.rejected), (2, 1), "{report:?}");
    assert!(reasons(&warehouse).await[0].starts_with("BEGIN_DATE | 2/14/0015 | is of the year 15"));
    assert_eq!(warehouse.ask(days).await, stored);
}
