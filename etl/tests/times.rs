//! Tests dates and times of files: none is lost or misread at midnight, at a clock change, by a
//! zone, a serial number or a short year.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use std::io::{Cursor, Read};
use std::sync::Arc;

use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use office::{Warehouse, zipped};
use rust_xlsxwriter::{Format, Workbook};

fn fault(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(name))
        .unwrap()
}

fn counts(report: &FileReport) -> (u64, u64, u64) {
    (report.read, report.inserted, report.rejected)
}

/// Returns the milestones of a log's incidents in UTC: `L-1 notified 03-15 03:50`.
async fn stamps(warehouse: &Warehouse) -> Vec<String> {
    warehouse
        .ask(
            "select concat_ws(' ', e.source_id, t.code, to_char(m.occurred_at at time zone 'UTC', \
             'MM-DD HH24:MI')) \
             from warehouse.milestone m join warehouse.event e using (event_id) \
             join warehouse.milestone_type t using (milestone_type_id) \
             order by e.source_id, m.occurred_at, t.sort_order",
        )
        .await
}

/// Pairs of milestones of one incident that are not in the order of their types.
const OUT_OF_ORDER: &str = "select concat_ws(' ', e.source_id, a.occurred_at, b.occurred_at) from \
    warehouse.milestone a \
    join warehouse.milestone b using (event_id) join warehouse.event e using (event_id) \
    join warehouse.milestone_type s on s.milestone_type_id = a.milestone_type_id \
    join warehouse.milestone_type t on t.milestone_type_id = b.milestone_type_id \
    where s.sort_order < t.sort_order and a.occurred_at > b.occurred_at";

async fn reasons(warehouse: &Warehouse) -> Vec<String> {
    warehouse
        .ask(
            "select concat_ws(' | ', column_name, value, reason) from meta.reject order by \
        reject_id",
        )
        .await
}

/// Returns code, row and value of each warning.
fn warned(report: &FileReport) -> Vec<String> {
    let times = ["SKIPPED_LOCAL_TIME", "REPEATED_LOCAL_TIME", "ZONE_OUT_OF_SEASON"];
    let warned = report.details.iter().filter(|warning| times.contains(&warning.code.as_str()));
    let mut warned: Vec<String> = warned
        .map(|warning| {
            let (column, value) = (warning.column.as_deref(), warning.value.as_deref());
            format!(
                "{} {} {} {}",
                warning.code.as_str(),
                warning.first_row,
                column.unwrap_or("-"),
                value.unwrap_or("-")
            )
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
    let days = "select concat_ws(' ', opened_on, due_original_on, completed_on) from \
        warehouse.corrective_action order by due_original_on";
    assert_eq!(
        warehouse.ask(days).await,
        ["2025-06-01 2025-09-15", "2025-06-01 2025-12-31 2025-08-20"]
    );
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
            "L-1 demobilized 03-16 04:00",
            "L-2 notified 02-01 05:00",
            "L-2 acknowledged 02-01 05:05",
            "L-2 activated 02-01 05:30",
            "L-2 demobilized 02-03 05:00",
            "L-3 notified 02-29 05:00",
            "L-3 acknowledged 02-29 05:10",
            "L-3 activated 02-29 06:00",
            "L-3 demobilized 03-01 05:00",
        ]
    );
    let days =
        "select concat_ws(' ', source_id, local_date) from warehouse.event order by source_id";
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
            "D-1 demobilized 11-03 08:00",
            "D-2 notified 11-03 05:50",
            "D-2 acknowledged 11-03 06:10",
            "D-2 activated 11-03 06:30",
            "D-2 demobilized 11-03 08:00",
        ]
    );
    assert_eq!(
        warned(&report),
        [
            "REPEATED_LOCAL_TIME 2 Acknowledged At 2024-11-03 01:10",
            "REPEATED_LOCAL_TIME 2 Activated At 2024-11-03 01:40",
            "SKIPPED_LOCAL_TIME 4 Acknowledged At 2025-03-09 02:30",
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
        [
            "SKIPPED_LOCAL_TIME 2 Acknowledged At 2025-03-09 02:15",
            "SKIPPED_LOCAL_TIME 2 Notified At 2025-03-09 02:05",
        ]
    );
}

#[tokio::test]
async fn a_time_of_day_that_no_clock_shows_is_rejected_with_its_value() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("log.csv", fault("26-duty-log-impossible-time.csv")).await;
    assert_eq!(counts(&report), (1, 0, 1), "{report:?}");
    let reasons = reasons(&warehouse).await;
    assert!(
        reasons[0].starts_with("Notified At | 3/14/2025 0975 | must be a date and time"),
        "{reasons:?}"
    );
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
    assert_eq!(warned(&report), ["SKIPPED_LOCAL_TIME 3 acknowledged_at 2025-03-09 02:05"]);
}

#[tokio::test]
async fn the_day_of_a_universal_time_is_that_of_the_events_zone() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("events.csv", fault("37-events-utc-evening.csv")).await;
    assert_eq!(counts(&report), (1, 1, 0), "{report:?}");
    let day = "select concat_ws(' ', e.local_date, e.end_local_date, 'FY' || d.fiscal_year) from \
        warehouse.event e \
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
    let days = "select concat_ws(' ', source_id, local_date, to_char(start_at at time zone 'UTC', \
        'YYYY-MM-DD HH24:MI')) \
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

/// Creates a sheet of texts, and of numbers with their display format.
fn sheet(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, (text, format)) in (0..).zip(*cells) {
            match (text.parse::<f64>(), *format) {
                (Ok(number), "") => sheet.write_number(row, column, number).unwrap(),
                (Ok(number), format) => sheet
                    .write_number_with_format(
                        row,
                        column,
                        number,
                        &Format::new().set_num_format(format),
                    )
                    .unwrap(),
                (Err(_), _) => sheet.write_string(row, column, *text).unwrap(),
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// Changes the workbook's dates to count from 1904.
fn since_1904(workbook: Vec<u8>) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut parts = Vec::new();
    for place in 0..zip.len() {
        let mut part = zip.by_index(place).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        if name == "xl/workbook.xml" {
            bytes = String::from_utf8(bytes)
                .unwrap()
                .replace("<workbookPr ", "<workbookPr date1904=\"true\" ")
                .into_bytes();
        }
        parts.push((name, bytes));
    }
    zipped(&parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

#[tokio::test]
async fn cells_of_a_workbook_are_dates_and_times_in_both_date_systems() {
    let heading: &[(&str, &str)] = &[
        "Incident ID",
        "Incident Name",
        "Date",
        "Notified At",
        "Acknowledged At",
        "Activated At",
        "Demobilized At",
    ]
    .map(|text| (text, ""));
    // 2025-03-14, 23:55, 24:00 as a duration, `0015` as a number, 2025-03-15 09:15.
    let times: &[(&str, &str)] = &[("0.996527777777778", "h:mm"), ("1", "[h]:mm"), ("15", "")];
    for is_1904 in [false, true] {
        let serial = |serial: f64| (if is_1904 { serial - 1462.0 } else { serial }).to_string();
        let (day, end) = (serial(45_730.0), serial(45_731.385_416_666_664));
        let typed = [
            &[("X-1", ""), ("Typed", ""), (day.as_str(), "m/d/yyyy")],
            times,
            &[(&end, "m/d/yyyy h:mm")],
        ]
        .concat();
        let plain =
            [&[("X-2", ""), ("Plain", ""), (day.as_str(), "")], times, &[(end.as_str(), "")]]
                .concat();
        let workbook = sheet(&[heading, &typed, &plain]);
        let workbook = if is_1904 { since_1904(workbook) } else { workbook };
        let warehouse = Warehouse::new().await;
        let report = warehouse.loaded("log.xlsx", workbook).await;
        assert_eq!(counts(&report), (2, 2, 0), "{report:?}");
        let expected = ["X-1", "X-2"].map(|id| {
            [
                "notified 03-15 03:55",
                "acknowledged 03-15 04:00",
                "activated 03-15 04:15",
                "demobilized 03-15 13:15",
            ]
            .map(|stamp| format!("{id} {stamp}"))
        });
        assert_eq!(stamps(&warehouse).await, expected.concat(), "1904: {is_1904}");
        // The same numbers in a template and by a layout.
        let template = sheet(&[
            &["event_id", "kind", "name", "start_at"].map(|text| (text, "")),
            &[("E-1", ""), ("exercise", ""), ("Plain", ""), (end.as_str(), "")],
            &[("E-2", ""), ("exercise", ""), ("Typed", ""), (end.as_str(), "m/d/yyyy h:mm")],
        ]);
        let template = if is_1904 { since_1904(template) } else { template };
        assert_eq!(counts(&warehouse.loaded("events.xlsx", template).await), (2, 2, 0));
        let table = sheet(&[
            &["Call", "When", "Nature"].map(|text| (text, "")),
            &[("C-1", ""), (end.as_str(), ""), ("Flood", "")],
        ]);
        let table = if is_1904 { since_1904(table) } else { table };
        assert_eq!(counts(&by_layout(&warehouse, CALLS, "calls.xlsx", table).await), (1, 1, 0));
        let starts = "select source_id || to_char(start_at at time zone 'UTC', ' MM-DD HH24:MI') \
            from warehouse.event \
            where source_id ~ '^(C|E)-' order by source_id";
        let expected = ["C-1", "E-1", "E-2"].map(|id| format!("{id} 03-15 13:15"));
        assert_eq!(warehouse.ask(starts).await, expected, "1904: {is_1904}");
    }
}

/// Layout of calls with dates in any style.
const CALLS: &str = "name = \"calls\"\nrecord = \"incidents\"\nkey = [\"Call\"]\n[fields]\nname \
    = \"Nature\"\nstart_at = \"When\"\n";

async fn by_layout(warehouse: &Warehouse, layout: &str, name: &str, bytes: Vec<u8>) -> FileReport {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    std::fs::write(&path, layout).unwrap();
    let inputs = vec![(name.to_owned(), Ok(Input::memory(name, bytes)))];
    let options = Options { layout: Some(path), ..Options::default() };
    let report =
        load_inputs(warehouse.database.url(), inputs, &options, &Quiet).await.unwrap().remove(0);
    assert_eq!(report.error, None, "{report:?}");
    report
}

#[tokio::test]
async fn templates_read_moments_in_every_style_and_reject_what_is_none() {
    let warehouse = Warehouse::new().await;
    let rows = [
        ("2025-03-14T09:15:00-0500", "", Ok("2025-03-14 14:15 2025-03-14")),
        ("2025-03-14 09:15 EDT", "", Ok("2025-03-14 13:15 2025-03-14")),
        ("3/14/2025 7:5 PM", "", Ok("2025-03-14 23:05 2025-03-14")),
        ("12/31/2024 24:00", "", Ok("2025-01-01 05:00 2025-01-01")),
        ("2/14/15 2400", "", Ok("2015-02-15 05:00 2015-02-15")),
        ("45730.3854166667", "", Ok("2025-03-14 13:15 2025-03-14")),
        ("2025-07-01T02:00:00Z", "", Ok("2025-07-01 02:00 2025-06-30")),
        ("2025-07-01T06:00:00Z", "America/Anchorage", Ok("2025-07-01 06:00 2025-06-30")),
        ("2025-07-01T22:00:00-10:00", "", Ok("2025-07-02 08:00 2025-07-01")),
        ("2025-07-01T22:00:00-10:00", "America/New_York", Ok("2025-07-02 08:00 2025-07-02")),
        ("2025-07-01 22:00", "Pacific/Honolulu", Ok("2025-07-02 08:00 2025-07-01")),
        ("2/29/2024", "", Ok("2024-02-29 05:00 2024-02-29")),
        ("Feb 29 2023", "", Err("must be a date and time")),
        ("14/03/2025 09:15", "", Err("begins with the day")),
        ("3/14/0025 09:15", "", Err("is of the year 25")),
        ("2101-01-01", "", Err("is of the year 2101")),
        ("2025-03-14 25:00", "", Err("must be a date and time")),
        ("2025-03-14 0975", "", Err("must be a date and time")),
    ];
    let mut text = "event_id,kind,name,start_at,time_zone\n".to_owned();
    for (number, (at, zone, _)) in rows.iter().enumerate() {
        text += &format!("E-{number:02},exercise,Drill {number},{at},{zone}\n");
    }
    let report = warehouse.loaded("events.csv", text.into_bytes()).await;
    let stored = warehouse
        .ask(
            "select to_char(start_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI ') || local_date \
            from warehouse.event order by source_id",
        )
        .await;
    let expected: Vec<&str> = rows.iter().filter_map(|(.., read)| read.ok()).collect();
    assert_eq!(stored, expected, "{report:?}");
    let reasons = reasons(&warehouse).await;
    let rejected: Vec<_> =
        rows.iter().filter_map(|(at, _, read)| Some((at, read.err()?))).collect();
    assert_eq!(reasons.len(), rejected.len(), "{reasons:?}");
    for (reason, (at, why)) in reasons.iter().zip(rejected) {
        assert!(reason.starts_with(&format!("start_at | {at} | {why}")), "{reason}");
    }
}

#[tokio::test]
async fn templates_and_layouts_settle_a_clock_change_by_the_order_of_the_row() {
    let warehouse = Warehouse::new().await;
    let events = "event_id,kind,name,start_at,end_at,time_zone\n\
        E-1,exercise,Night one,2024-11-03 01:50,2024-11-03 01:10,\n\
        E-2,exercise,Night two,2024-11-03 01:10,2024-11-03 01:50,America/Chicago\n\
        E-3,exercise,Night three,2025-03-09 02:30,2025-03-09 03:40,America/Denver\n\
        E-4,exercise,Night four,2025-03-09 02:30,2025-03-09 03:40,Pacific/Honolulu\n";
    let report = warehouse.loaded("events.csv", events.into()).await;
    assert_eq!(counts(&report), (4, 4, 0), "{report:?}");
    let times = "select concat_ws(' ', source_id, to_char(start_at at time zone 'UTC', 'HH24:MI'), \
        to_char(end_at at time zone 'UTC', 'HH24:MI')) \
        from warehouse.event order by source_id";
    assert_eq!(
        warehouse.ask(times).await,
        ["E-1 05:50 06:10", "E-2 06:10 06:50", "E-3 09:30 09:40", "E-4 12:30 13:40"]
    );
    assert_eq!(
        warned(&report),
        [
            "REPEATED_LOCAL_TIME 3 end_at 2024-11-03 01:50",
            "REPEATED_LOCAL_TIME 3 start_at 2024-11-03 01:10",
            "SKIPPED_LOCAL_TIME 4 start_at 2025-03-09 02:30",
        ]
    );
    let requests = "resource_request_id,event_id,resource,quantity_requested,requested_at,filled_at\n\
        Q-1,E-1,cots,5,2024-11-03 01:50,2024-11-03 01:10\n";
    let report = warehouse.loaded("requests.csv", requests.into()).await;
    assert_eq!((counts(&report), warned(&report)), ((1, 1, 0), Vec::new()), "{report:?}");
    // By a layout with its own zone, for a record without one; and the second time is not on the
    // next day.
    let layout = "name = \"radios\"\nrecord = \"resource_requests\"\nkey = [\"No\"]\ntime_zone \
        = \"America/Chicago\"\n[fields]\n\
        resource = \"What\"\nquantity_requested = \"Count\"\nrequested_at = { columns = \
        [\"Day\", \"Asked\"] }\n\
        filled_at = { columns = [\"Day\", \"Came\"], after = \"requested_at\" }\n";
    let table = "No,What,Count,Day,Asked,Came\nR-1,radios,5,11/3/2024,0150,0110\nR-2,radios,6,11/2/2024,2350,0015\nR-3,radios,7,11/2/2024,2350,2400\n";
    let report = by_layout(&warehouse, layout, "radios.csv", table.into()).await;
    assert_eq!((counts(&report), warned(&report)), ((3, 3, 0), Vec::new()), "{report:?}");
    let times = "select concat_ws(' ', source_id, to_char(requested_at at time zone 'UTC', 'DD \
        HH24:MI'), to_char(filled_at at time zone 'UTC', 'DD HH24:MI')) \
        from warehouse.resource_request order by source_id";
    assert_eq!(
        warehouse.ask(times).await,
        [
            "Q-1 03 05:50 03 06:10",
            "R-1 03 06:50 03 07:10",
            "R-2 03 04:50 03 05:15",
            "R-3 03 04:50 03 05:00"
        ]
    );
}

#[tokio::test]
async fn a_layouts_format_is_the_only_one_and_keeps_the_pivot() {
    let warehouse = Warehouse::new().await;
    let layout = format!("date_time_format = \"%d/%m/%y %H:%M\"\n{CALLS}");
    let table = "Call,When,Nature\nC-1,05/06/25 09:15,Flood one\nC-2,05/06/25 24:00,Flood \
        two\nC-3,05/06/68 09:15,Flood three\nC-4,05/13/25 09:15,Flood four\n";
    let report = by_layout(&warehouse, &layout, "calls.csv", table.into()).await;
    assert_eq!(counts(&report), (4, 3, 1), "{report:?}");
    let days = "select source_id || ' ' || local_date from warehouse.event order by source_id";
    assert_eq!(warehouse.ask(days).await, ["C-1 2025-06-05", "C-2 2025-06-06", "C-3 1968-06-05"]);
    assert!(reasons(&warehouse).await[0].contains("05/13/25 09:15"));
}

#[tokio::test]
async fn entries_of_a_log_keep_their_order_through_the_night_whichever_end_comes_first() {
    let night = [
        "2024-11-03 01:40,Duty officer notified by CMED",
        "2024-11-03 01:55,Coalition plan activated",
        "2024-11-03 01:05,First situation report sent",
        "2024-11-03 03:00,Stood down",
    ];
    for is_falling in [false, true] {
        let warehouse = Warehouse::new().await;
        let mut rows: Vec<String> =
            night.iter().map(|entry| format!("Mill fire,{entry}\n")).collect();
        if is_falling {
            rows.reverse();
        }
        let text = format!("Incident Name,Date/Time,Significant Event\n{}", rows.concat());
        let report = warehouse.loaded("webeoc.csv", text.into_bytes()).await;
        assert_eq!((counts(&report), warned(&report)), ((4, 4, 0), Vec::new()), "{report:?}");
        let times = "select to_char(occurred_at at time zone 'UTC', 'HH24:MI') from \
            warehouse.milestone order by occurred_at";
        let stored = warehouse.ask(times).await;
        assert!(
            stored.starts_with(&["05:40".into(), "05:55".into()])
                && stored.contains(&"08:00".into()),
            "{stored:?}"
        );
    }
}

#[tokio::test]
async fn a_tracker_rejects_unlikely_years_and_warns_of_days_before_months() {
    let warehouse = Warehouse::new().await;
    let text = "ID,Exercise,Corrective Action,Start Date,Due Date,Status\n\
        R3-1,Surge,Buy radios,6/1/2025,30/06/2025,Open\n\
        R3-2,Surge,Train staff,6/1/2025,05/07/2025,Open\n\
        R3-3,Surge,Write a plan,6/1/2025,1/1/1900,Open\n\
        R3-4,Surge,Print cards,6/1/0025,7/1/2025,Open\n\
        R3-5,Surge,Check tags,2025-06-01T03:30:00Z,12/31/2025 24:00,Open\n";
    let report = warehouse.loaded("tracker.csv", text.into()).await;
    assert_eq!(counts(&report), (5, 3, 2), "{report:?}");
    let reasons = reasons(&warehouse).await;
    assert!(reasons[0].starts_with("Due Date | 1/1/1900 | is of the year 1900"), "{reasons:?}");
    assert!(reasons[1].starts_with("Start Date | 6/1/0025 | is of the year 25"), "{reasons:?}");
    let warning =
        report.details.iter().find(|warning| warning.code.as_str() == "DAY_FIRST_DATE").unwrap();
    assert_eq!(
        (warning.value.as_deref(), warning.first_row),
        (Some("30/06/2025"), 2),
        "{warning:?}"
    );
    let days = "select concat_ws(' ', opened_on, due_original_on) from warehouse.corrective_action \
        order by text desc";
    assert_eq!(
        warehouse.ask(days).await,
        ["2025-06-01 2025-05-07", "2025-05-31 2025-12-31", "2025-06-01 2025-06-30"]
    );
}

#[tokio::test]
async fn public_feeds_saved_by_a_spreadsheet_keep_their_dates() {
    let warehouse = Warehouse::new().await;
    let fema = "femaDeclarationString,disasterNumber,state,declarationType,incidentType,incidentBeginDate,fipsStateCode,fipsCountyCode\n\
        DR-1-MA,1,MA,DR,Flood,12/10/2021 0:00,25,000\nDR-2-MA,2,MA,DR,Flood,12/10/53,25,000\n\
        DR-3-MA,3,MA,DR,Flood,2021-12-10T00:00:00.000Z,25,000\nDR-4-MA,4,MA,DR,Flood,12/10/1921,25,000\nDR-5-MA,5,MA,DR,Flood,44540,25,000\n";
    assert_eq!(counts(&warehouse.loaded("fema.csv", fema.into()).await), (5, 4, 1));
    let fires = "ics_id,ics_name,ics_wildfire_ignition_date,ics_state,ics_county,ics_wildfire_area\n\
        I-1,Elm,6/14/21,CA,,1.5\nI-2,Oak,2021-06-14 00:00:00,CA,,1.5\nI-3,Ash,6/31/2021,CA,,1.5\n";
    assert_eq!(counts(&warehouse.loaded("ics.csv", fires.into()).await), (3, 2, 1));
    let storms = "EVENT_ID,EVENT_TYPE,CZ_TYPE,CZ_FIPS,CZ_TIMEZONE,DEATHS_DIRECT,INJURIES_DIRECT,WFO,BEGIN_YEARMONTH,BEGIN_DAY,BEGIN_TIME,CZ_NAME,STATE,STATE_FIPS\n\
        71,Flood,C,25,AKST-9,0,0,BOX,199603,31,2400,SUFFOLK,MASSACHUSETTS,25\n72,Flood,C,25,EST,0,0,BOX,1503,31,0,SUFFOLK,MASSACHUSETTS,25\n";
    assert_eq!(counts(&warehouse.loaded("storms.csv", storms.into()).await), (2, 1, 1));
    let days = "select concat_ws(' ', source_id, local_date, to_char(start_at at time zone 'UTC', \
        'MM-DD HH24:MI')) from warehouse.event order by 1";
    assert_eq!(
        warehouse.ask(days).await,
        [
            "71 1996-04-01 04-01 09:00",
            "DR-1-MA 2021-12-10 12-10 00:00",
            "DR-2-MA 1953-12-10 12-10 00:00",
            "DR-3-MA 2021-12-10 12-10 00:00",
            "DR-5-MA 2021-12-10 12-10 00:00",
            "I-1 2021-06-14 06-14 00:00",
            "I-2 2021-06-14 06-14 00:00",
        ]
    );
    let reasons = reasons(&warehouse).await;
    assert!(
        reasons.iter().any(|reason| reason.contains("12/10/1921 | is of the year 1921")),
        "{reasons:?}"
    );
    assert!(
        reasons.iter().any(|reason| reason.contains("1503 31 | is of the year 15")),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn timestamps_of_parquet_are_universal_or_local_as_their_column_says() {
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::writer::SerializedFileWriter;
    let schema = "message events { required binary event_id (STRING); required binary kind \
        (STRING); required binary name (STRING); \
        required int64 start_at (TIMESTAMP(MICROS,false)); required int64 end_at \
        (TIMESTAMP(NANOS,true)); }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for text in ["E-1", "exercise", "Evening drill"] {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&[ByteArray::from(text)], None, None).unwrap();
        column.close().unwrap();
    }
    // 2025-06-30 22:00 local time, to 2025-07-01 03:00 UTC.
    for at in [1_751_320_800_000_000, 1_751_338_800_000_000_000] {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&[at], None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    let warehouse = Warehouse::new().await;
    assert_eq!(counts(&warehouse.loaded("events.parquet", bytes).await), (1, 1, 0));
    let times = "select concat_ws(' ', local_date, to_char(start_at at time zone 'UTC', 'DD \
        HH24:MI'), to_char(end_at at time zone 'UTC', 'DD HH24:MI')) from warehouse.event";
    assert_eq!(warehouse.ask(times).await, ["2025-06-30 01 02:00 01 03:00"]);
}

#[tokio::test]
async fn a_milestone_is_recognized_in_both_spellings() {
    let warehouse = Warehouse::new().await;
    let events = "event_id,kind,name,start_at\nE1,incident,Mill fire,2025-03-14 09:00\n";
    let milestones = "event_id,milestone,occurred_at\n\
        E1,demobilised,2025-03-14 10:00-04:00\nE1,demobilized,2025-03-14 11:00-04:00\n";
    for (name, text) in [("events.csv", events), ("milestones.csv", milestones)] {
        let report = warehouse.loaded(name, text.as_bytes().to_vec()).await;
        assert_eq!(counts(&report).2, 0, "{report:?}");
    }
    assert_eq!(
        stamps(&warehouse).await,
        ["E1 demobilized 03-14 14:00", "E1 demobilized 03-14 15:00"]
    );
}
