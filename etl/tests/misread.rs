//! Tests files of coalitions that were once misread silently. They have shifted rows, other kinds
//! of events in a calendar, zones in a column, or formulas without values. Others have scores
//! beyond their scale, or sheets that an inspection confused.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use std::io::Read;

use hotwash_etl::code::WarningCode;
use hotwash_etl::inspect::{inspect, suggest};
use hotwash_etl::load::{FileReport, Options};
use office::{Warehouse, codes, docx, heading, table, xlsx, zipped};

fn counts(report: &FileReport) -> (u64, u64, u64) {
    (report.read, report.inserted, report.rejected)
}

/// Returns the reasons of the rejects, with their rows.
async fn reasons(warehouse: &Warehouse) -> Vec<String> {
    warehouse
        .ask("select row_number || ' ' || reason from meta.reject order by file_id, row_number")
        .await
}

#[tokio::test]
async fn a_row_with_more_cells_than_its_header_is_rejected_and_not_read_shifted() {
    for (name, text) in [
        (
            "tracker.csv",
            "Exercise;Corrective Action;Responsible Organization;Due Date;Status\nHarbor TTX;Buy \
             cots; tents;MDPH;9/1/2025;Open\nHarbor TTX;\"Buy cots; tents\";MDPH;9/1/2025;Open;\n",
        ),
        (
            "calendar.csv",
            "Exercise Name,Exercise Type,Start Date,Sponsor,Status\nRadio Drill,Drill,March 5, \
             2025,MDPH,Completed\nSurge TTX,TTX,\"March 6, 2025\",MDPH,Completed\n",
        ),
        (
            "log.csv",
            "Incident ID,Incident Name,Hazard,Region,Notified At,Acknowledged At\nA-1,Fire, \
             mill,Fire,3,2025-03-14 10:00,2025-03-14 10:05\nA-2,\"Fire, mill\",Fire,3,2025-03-15 \
             10:00,2025-03-15 10:05\n",
        ),
    ] {
        let warehouse = Warehouse::new().await;
        let report = warehouse.loaded(name, text.into()).await;
        assert_eq!(counts(&report), (2, 1, 1), "{name}: {report:?}");
        let reasons = reasons(&warehouse).await;
        assert!(
            reasons[0].starts_with("2 the row has ") && reasons[0].contains("quotation marks"),
            "{name}: {reasons:?}"
        );
    }
}

#[tokio::test]
async fn a_calendar_keeps_exercises_and_rejects_incidents_and_training() {
    let warehouse = Warehouse::new().await;
    let text = "Event,Type,Date,Location,Lead\nHoliday parade,Planned Event,4/21/2025,Lynn,MDPH\n\
        Winter storm,Real-World Incident,2/9/2025,Lynn,MDPH\nICS-300,Training,3/4/2025,Lynn,MDPH\n\
        Radio Drill,Drill,3/5/2025,Lynn,MDPH\nQuarterly thing,Quarterly,3/6/2025,Lynn,MDPH\n";
    let report = warehouse.loaded("events.csv", text.into()).await;
    assert_eq!(counts(&report), (5, 1, 4), "{report:?}");
    assert_eq!(
        warehouse.ask("select kind || ' ' || name from warehouse.event").await,
        ["EXERCISE Radio Drill"]
    );
    let text = "Exercise Name,Exercise Type,Start Date,Sponsor\nRadio check,Comms \
        check,3/5/2025,MDPH\nIce storm,Real-world,3/6/2025,MDPH\n";
    let report = warehouse.loaded("calendar.csv", text.into()).await;
    assert_eq!(
        counts(&report),
        (2, 1, 1),
        "a heading that says exercise is enough for an unknown type: {report:?}"
    );
}

#[tokio::test]
async fn exercises_of_one_name_and_day_at_several_places_or_times_stay_apart() {
    let warehouse = Warehouse::new().await;
    let text = "Exercise Name,Exercise Type,Start Date,Start \
        Time,Location,Sponsor\nEvacuation,Drill,4/10/2025,0900,Lynn,Region 3 HMCC\n\
        Evacuation,Drill,4/10/2025,0900,Lowell,Region 3 \
        HMCC\nEvacuation,Drill,4/10/2025,1400,Lowell,Region 3 HMCC\n\
        Evacuation,TTX,4/10/2025,1400,Lowell,Region 3 \
        HMCC\nEvacuation,TTX,4/10/2025,1400,Lowell,Region 3 HMCC\n";
    let report = warehouse.loaded("calendar.csv", text.into()).await;
    assert_eq!(counts(&report), (5, 4, 1), "{report:?}");
    assert!(reasons(&warehouse).await[0].starts_with("6 duplicate of row 5"));
    let again = warehouse.loaded("calendar.csv", text.into()).await;
    assert_eq!((again.inserted, again.unchanged, again.rejected), (0, 4, 1), "{again:?}");
}

#[tokio::test]
async fn a_duty_log_reads_times_in_the_zone_of_its_column() {
    let warehouse = Warehouse::new().await;
    let text = "Incident ID,Incident Name,Hazard,Time Zone,Notified At,Acknowledged \
        At\nZ-1,Fire,Fire,America/Chicago,7/4/2025 13:00,7/4/2025 13:05\n\
        Z-2,Flood,Flood,Central Time,11/2/2025 1:50,11/2/2025 1:10\nZ-3,Storm,Ice Storm,,7/4/2025 \
        13:00,7/4/2025 13:05\nZ-4,Gas,Flood,Mars,7/4/2025 13:00,7/4/2025 13:05\n";
    let report = warehouse.loaded("log.csv", text.into()).await;
    assert_eq!(counts(&report), (4, 3, 1), "{report:?}");
    assert_eq!(report.lost_columns().count(), 0);
    let times = "select concat_ws(' ', e.name, e.time_zone, to_char(min(m.occurred_at) at time \
        zone 'UTC', 'HH24:MI'), \
        to_char(max(m.occurred_at) at time zone 'UTC', 'HH24:MI')) from warehouse.event e join \
        warehouse.milestone m using (event_id) \
        group by e.event_id order by 1";
    assert_eq!(
        warehouse.ask(times).await,
        [
            "Fire America/Chicago 18:00 18:05",
            "Flood America/Chicago 06:50 07:10",
            "Storm America/New_York 17:00 17:05"
        ]
    );
    assert!(reasons(&warehouse).await[0].contains("must be a time zone"));
}

/// Creates a workbook whose formulas have no saved values, as written by programs that do not
/// compute them.
fn unsaved(workbook: Vec<u8>) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let mut parts = Vec::new();
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        let name = part.name().unwrap().into_owned();
        if name.contains("worksheets/") {
            bytes = String::from_utf8(bytes)
                .unwrap()
                .replace(" t=\"str\"><f>", "><f>")
                .replace("</f><v></v>", "</f>")
                .replace("</f><v>0</v>", "</f>")
                .into();
        }
        parts.push((name, bytes));
    }
    zipped(&parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

#[tokio::test]
async fn a_calendar_and_a_log_reject_rows_whose_dates_are_formulas_without_values() {
    for (name, rows) in [
        (
            "calendar.xlsx",
            &[
                ["Exercise Name", "Exercise Type", "Start Date", "End Date", "Sponsor"],
                ["Surge TTX", "TTX", "2025-04-05", "=C2+1", "MDPH"],
                ["Radio Drill", "Drill", "2025-04-05", "2025-04-06", "MDPH"],
            ],
        ),
        (
            "log.xlsx",
            &[
                ["Incident Name", "Hazard", "Region", "Notified At", "Acknowledged At"],
                ["Flood", "Flood", "3", "=E2-1", "2025-03-15 10:05"],
                ["Fire", "Fire", "3", "2025-03-15 10:00", "2025-03-15 10:05"],
            ],
        ),
    ] {
        let rows: Vec<&[&str]> = rows.iter().map(<[&str; 5]>::as_slice).collect();
        let warehouse = Warehouse::new().await;
        let report = warehouse.loaded(name, unsaved(xlsx(&[("Sheet1", &rows)]))).await;
        assert_eq!(counts(&report), (2, 1, 1), "{name}: {report:?}");
        let reasons = reasons(&warehouse).await;
        assert!(
            reasons[0].contains("holds a formula whose value was not saved"),
            "{name}: {reasons:?}"
        );
    }
}

#[tokio::test]
async fn scores_beyond_the_scale_that_is_stated_above_a_table_reject_the_file() {
    let rows: &[&[&str]] = &[
        &["Facility: Example Valley Hospital"],
        &["Scale: 1 to 4"],
        &["Hazard", "Probability", "Severity"],
        &["Hurricane", "4", "3"],
        &["Fire", "5", "3"],
    ];
    let report = Warehouse::new().await.load("hva.xlsx", xlsx(&[("HVA", rows)])).await;
    let error = report.error.unwrap();
    assert!(
        error.contains("scale of Probability is stated as 1 to 4, and its greatest value is 5"),
        "{error}"
    );
}

#[tokio::test]
async fn the_agency_that_owns_an_action_is_read_and_who_validated_it_is_not() {
    let warehouse = Warehouse::new().await;
    let text = "Ref,Source Event,Improvement Action,Action Owner (Agency),Target Date,% \
        Complete,Validated By\n\
        A1,Harbor FSE,Buy cots,Lowell General Hospital,9/1/2025,50%,Mary Jones\n";
    let report = warehouse.loaded("tracker.csv", text.into()).await;
    assert!(
        !codes(&report).contains(&"UNREAD_DATE") && report.lost_columns().count() == 0,
        "{report:?}"
    );
    let owner = "select o.name from warehouse.corrective_action a join warehouse.organization o on \
        o.organization_id = a.owner_organization_id";
    assert_eq!(warehouse.ask(owner).await, ["Lowell General Hospital"]);
}

#[tokio::test]
async fn an_inspection_keeps_sheets_apart_and_counts_an_event_once() {
    let head: &[&str] =
        &["Incident ID", "Incident Name", "Hazard", "Notified At", "Acknowledged At"];
    let of = |id, name, at| [id, name, "Flood", at, "2025-03-09 03:10"];
    let (new, old) =
        (of("A-1", "Thaw", "2025-03-09 02:30"), of("B-1", "Old flood", "2024-03-14 10:00"));
    let bytes = xlsx(&[
        ("2025", &[head, &new]),
        ("2024", &[head, &[old[0], old[1], old[2], old[3], "2024-03-14 10:05"]]),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.xlsx");
    std::fs::write(&path, bytes).unwrap();
    let found = inspect(&path, &Options::default(), &Err("none".into())).await;
    let read_as = |sheet: &str| {
        let column = found.columns.iter().find(|column| {
            column.sheet.as_deref() == Some(sheet) && column.heading == "Notified At"
        });
        column.unwrap().values[0].read_as.clone().unwrap()
    };
    assert_eq!(read_as("2024"), "2024-03-14 10:00");
    assert_eq!(
        read_as("2025"),
        "2025-03-09 03:10",
        "a time that does not exist is shown as it is read"
    );
    assert_eq!(found.events.listed.len(), 2, "{:?}", found.events);
}

#[tokio::test]
async fn a_rejected_table_is_named_by_its_headings_and_not_by_the_title_above_them() {
    let warehouse = Warehouse::new().await;
    let text = "Example Valley Fire Department,,,,\nIncident log,,,,\nIncident Number,Incident \
        Type,Alarm Date,Units Responding,Civilian Injuries\n\
        25-1,Structure Fire,3/1/2025,4,0\n";
    let error = warehouse.load("fire.csv", text.into()).await.error.unwrap();
    assert!(
        error.contains("Incident Number, Incident Type") && !error.contains("Example Valley"),
        "{error}"
    );
    assert!(
        error.contains("fire department's log") && error.contains("nearest is duty_officer_log"),
        "{error}"
    );
    assert!(!error.contains(", , "), "{error}");
    let text =
        "Incident ID,Incident Name,Hazard,Region,Notified At\nA-1,Fire,Fire,3,2025-03-14 10:00\n";
    let error = warehouse.load("log.csv", text.into()).await.error.unwrap();
    assert!(
        error.contains("which also has acknowledged_at, activated_at"),
        "names only what the file lacks: {error}"
    );
}

#[tokio::test]
async fn participants_counted_in_a_sentence_or_a_table_are_no_organizations() {
    let overview = |participants: &str| {
        heading(1, "Exercise Overview")
            + &table(&[
                &["Exercise Name", "Radio Surge"],
                &["Exercise Dates", "March 9, 2025"],
                &["Scope", "Functional exercise"],
                &["Sponsor", "Region 3 HMCC"],
                &["Participating Organizations", participants],
            ])
    };
    let plan = heading(1, "Improvement Plan")
        + &table(&[
            &[
                "Core Capability",
                "Issue",
                "Corrective Action",
                "Primary Responsible Organization",
                "Completion Date",
            ],
            &["Medical Surge", "Bed counts late", "Write a card", "Region 3 HMCC", "9/15/2025"],
        ]);
    let by_type = heading(1, "Participants")
        + &table(&[&["Type", "Number"], &["Hospitals", "14"], &["Total", "17"]]);
    for body in [
        vec![overview("12 hospitals, 4 EMS agencies and 3 local health departments"), plan.clone()],
        vec![overview("Twelve hospitals and four EMS agencies; 85 players"), plan.clone()],
        vec![overview("Red Cross"), by_type, plan.clone()],
    ] {
        let warehouse = Warehouse::new().await;
        let report = warehouse.loaded("aar.docx", docx(&body)).await;
        let names = warehouse
            .ask(
                "select name from warehouse.organization where organization_id > 0 and source <> \
                'hotwash' order by 1",
            )
            .await;
        assert!(
            names.iter().all(|name| ["Red Cross", "Region 3 HMCC"].contains(&name.as_str())),
            "{names:?}"
        );
        assert!(codes(&report).contains(&"PARTICIPANTS_BY_TYPE"), "{report:?}");
    }
}

#[tokio::test]
async fn participants_that_are_still_open_or_errors_are_no_organizations() {
    let body = heading(1, "Exercise Overview")
        + &table(&[
            &["Exercise Name", "Radio Surge"],
            &["Exercise Dates", "March 9, 2025"],
            &["Scope", "Functional exercise"],
            &["Sponsor", "Region 3 HMCC"],
            &["Participating Organizations", "TBD; #N/A; Red Cross; Various"],
        ]);
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("aar.docx", docx(&[body])).await;
    let query = "select o.name from warehouse.participation join warehouse.organization o using \
        (organization_id)";
    assert_eq!(warehouse.ask(query).await, ["Red Cross"]);
    let doubts = report.details.iter().filter(|one| one.code == WarningCode::UnknownOrganization);
    assert_eq!(doubts.map(|one| one.occurrences).sum::<u64>(), 3, "{report:?}");
}

#[test]
fn a_suggested_layout_takes_a_column_of_ids_for_its_key_and_leaves_callers_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.csv");
    std::fs::write(
        &path,
        "CallID,Nature,CreateTime,CallerName\n1001,MEDICAL,2025-03-09 01:55,Jane \
         Doe\n1002,MEDICAL,2025-03-09 01:55,John Roe\n",
    )
    .unwrap();
    let text = suggest(&path).unwrap();
    assert!(text.contains("key = [\"CallID\"]") && !text.contains("CallerName"), "{text}");
}

#[tokio::test]
async fn a_hazard_without_scores_is_reported() {
    let rows: &[&[&str]] = &[
        &["Facility: Example Valley Hospital"],
        &["Scale: 1 to 5"],
        &["Hazard", "Probability", "Severity"],
        &["Hurricane", "4", "3"],
        &["Flood"],
        &["Drought", "5", "3"],
    ];
    let report = Warehouse::new().await.loaded("hva.xlsx", xlsx(&[("HVA", rows)])).await;
    assert_eq!(counts(&report), (2, 2, 0), "{report:?}");
    let unscored =
        report.details.iter().find(|warning| warning.code.as_str() == "NOT_SCORED").unwrap();
    assert_eq!((unscored.value.as_deref(), unscored.first_row), (Some("Flood"), 5));
}

#[tokio::test]
async fn an_exercise_counts_as_held_only_if_its_status_says_so() {
    let warehouse = Warehouse::new().await;
    let expected = [
        ("Held", "HELD"),
        ("Conducted 3/4", "HELD"),
        ("Yes", "HELD"),
        ("Not held", "CANCELLED"),
        ("Did not occur", "CANCELLED"),
        ("Postponed", "CANCELLED"),
        ("To be conducted", "PLANNED"),
        ("Not yet conducted", "PLANNED"),
        ("Will be held in the fall", "PLANNED"),
        ("Rescheduled", "PLANNED"),
    ];
    let row = |(number, (status, _)): (usize, &(&str, &str))| {
        format!("Drill {number},Drill,3/4/2025,Region 3 HMCC,{status}\n")
    };
    let rows: String = expected.iter().enumerate().map(row).collect();
    let text = format!("Exercise Name,Exercise Type,Start Date,Sponsor,Status\n{rows}");
    let report = warehouse.loaded("calendar.csv", text.into()).await;
    assert_eq!(codes(&report), ["NEW_ORGANIZATION"], "{report:?}");
    let statuses = warehouse.ask("select status from warehouse.event order by name").await;
    assert_eq!(statuses, expected.map(|(_, status)| status));
    let text = "Exercise Name,Exercise Type,Start Date,Sponsor,Status\nCyber,TTX,3/4/2025,Region 3 \
        HMCC,Incomplete\n";
    let report = warehouse.loaded("next.csv", text.into()).await;
    assert_eq!(codes(&report), ["UNREAD_STATUS"], "{report:?}");
}

/// Returns the actions with owner, status and days, in the order of their texts.
async fn actions(warehouse: &Warehouse) -> Vec<String> {
    let query = "select concat_ws(' | ', a.text, o.name, a.status, a.due_current_on::text, \
        a.completed_on::text) from warehouse.corrective_action a left join \
        warehouse.organization o on o.organization_id = a.owner_organization_id and \
        o.organization_id > 0 order by a.text";
    warehouse.ask(query).await
}

#[tokio::test]
async fn a_second_table_below_or_beside_the_first_is_read_by_its_own_headings() {
    let warehouse = Warehouse::new().await;
    let rows: &[&[&str]] = &[
        &["Open actions"],
        &["Corrective Action", "Responsible Organization", "Due Date", "Status"],
        &["Buy cots", "MDPH", "6/30/2026", "Open"],
        &["Closed actions"],
        &["Responsible Organization", "Corrective Action", "Status", "Date Completed"],
        &["MDPH", "Buy radios", "Completed", "9/1/2025"],
    ];
    let report = warehouse.loaded("below.xlsx", xlsx(&[("Plan", rows)])).await;
    assert_eq!(counts(&report), (2, 2, 0), "{report:?}");
    assert_eq!(
        actions(&warehouse).await,
        ["Buy cots | MDPH | OPEN | 2026-06-30", "Buy radios | MDPH | COMPLETED | 2025-09-01"]
    );
    let warehouse = Warehouse::new().await;
    let rows: &[&[&str]] = &[
        &[
            "Corrective Action",
            "Responsible Organization",
            "Due Date",
            "Status",
            "",
            "Corrective Action",
            "Responsible Organization",
            "Date Completed",
        ],
        &["Buy cots", "MDPH", "6/30/2026", "Open", "", "Buy radios", "MDPH", "9/1/2025"],
    ];
    let report = warehouse.loaded("beside.xlsx", xlsx(&[("Plan", rows)])).await;
    assert_eq!(actions(&warehouse).await, ["Buy cots | MDPH | OPEN | 2026-06-30"]);
    assert_eq!(report.lost_columns().count(), 3, "{report:?}");
}

#[tokio::test]
async fn what_is_no_owner_and_no_action_is_not_stored_as_one() {
    let warehouse = Warehouse::new().await;
    let owners =
        ["Various", "See notes", "All", "6/30/2026", "50%", "?", "ext. 4412", "Unassigned", "MDPH"];
    let row = |owner: &&str| format!("Act for {owner},\"{owner}\",6/1/2026,Open\n");
    let rows: String = owners.iter().map(row).collect();
    let text = format!("Corrective Action,Responsible Organization,Due Date,Status\n{rows}");
    let report = warehouse.loaded("owners.csv", text.into()).await;
    assert_eq!(counts(&report), (9, 9, 0), "{report:?}");
    let owned = "select distinct o.name from warehouse.corrective_action a join \
        warehouse.organization o on o.organization_id = a.owner_organization_id and \
        o.organization_id > 0";
    assert_eq!(warehouse.ask(owned).await, ["MDPH"]);
    let rows: String =
        ["N/A", "None", "TBD", "-"].map(|text| format!("{text},MDPH,6/1/2026,Open\n")).concat();
    let text = format!("Corrective Action,Responsible Organization,Due Date,Status\n{rows}");
    let report = warehouse.loaded("none.csv", text.into()).await;
    assert_eq!(counts(&report), (4, 0, 4), "{report:?}");
}

#[tokio::test]
async fn a_share_is_read_by_its_column_and_a_completion_is_not_in_the_future() {
    let warehouse = Warehouse::new().await;
    let shares = ["0", "1", "50", "100", "n/a", "110", "-5"];
    let row = |(number, share): (usize, &&str)| format!("Act {number},MDPH,6/1/2026,{share}\n");
    let rows: String = shares.iter().enumerate().map(row).collect();
    let text = format!("Corrective Action,Responsible Organization,Due Date,% Complete\n{rows}");
    let report = warehouse.loaded("shares.csv", text.into()).await;
    assert_eq!(counts(&report), (7, 7, 0), "{report:?}");
    let statuses = warehouse.ask("select status from warehouse.corrective_action order by text");
    assert_eq!(
        statuses.await,
        ["OPEN", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED", "OPEN", "OPEN", "OPEN"]
    );
    assert_eq!(codes(&report), ["NEW_ORGANIZATION", "UNREAD_STATUS"], "{report:?}");
    let text = "Corrective Action,Responsible Organization,Due Date,Status,Date Completed\nBuy \
        cots,MDPH,6/1/2026,Completed,6/1/2099\nBuy tents,MDPH,6/1/2026,Completed 6/30/2099,\n";
    let report = warehouse.loaded("future.csv", text.into()).await;
    assert_eq!(counts(&report), (2, 0, 2), "{report:?}");
}

#[tokio::test]
async fn separate_days_of_a_list_are_no_exercise_of_a_week() {
    let warehouse = Warehouse::new().await;
    let text = "Exercise Name,Exercise Type,Start Date,Sponsor,Status\nRadio drill,Drill,\"5/5/2025, \
                5/12/2025\",MDPH,Completed\nSurge drill,Drill,5/6/2025 & 5/7/2025,MDPH,Completed\n";
    let report = warehouse.loaded("calendar.csv", text.into()).await;
    assert_eq!(counts(&report), (2, 1, 1), "{report:?}");
    let reasons = reasons(&warehouse).await;
    assert!(reasons[0].starts_with("2 names separate days"), "{reasons:?}");
    let body = office::overview().replace("June 3, 2025", "June 3, 10 and 17, 2025");
    let report = warehouse.loaded("aar.docx", docx(&[body])).await;
    assert_eq!(codes(&report), ["NEW_ORGANIZATION", "SEPARATE_DAYS"], "{report:?}");
}

#[tokio::test]
async fn letters_of_mac_roman_are_read_as_written() {
    let warehouse = Warehouse::new().await;
    let mut text = b"Exercise,Exercise Date,Corrective Action,Responsible Organization,Due \
                     Date,Status\nMac TTX,3/4/2025,R\x8evise el plan,Jos\x8e Mar\x92a Health \
                     Center,6/30/2026,Open\n"
        .to_vec();
    warehouse.loaded("mac.csv", text.clone()).await;
    text.iter_mut().filter(|byte| matches!(byte, 0x8e | 0x92)).for_each(|byte| {
        *byte = if *byte == 0x8e { 0xe9 } else { 0xed };
    });
    let report = warehouse.loaded("windows.csv", text).await;
    assert_eq!(report.unchanged, 1, "{report:?}");
    let texts = warehouse.ask("select text from warehouse.corrective_action").await;
    assert_eq!(texts, ["R\u{e9}vise el plan"]);
}

#[tokio::test]
async fn doubtful_statuses_do_not_complete_an_action_or_hold_an_exercise() {
    let warehouse = Warehouse::new().await;
    let statuses = [
        ("Complete?", "OPEN"),
        ("Done by June 2027", "OPEN"),
        ("Completed in part", "IN_PROGRESS"),
        ("Closed w/o action", "CANCELLED"),
        ("Closed - no action taken", "CANCELLED"),
        ("Done for Lynn, open for Salem", "OPEN"),
        ("\"Completed, but must be revisited\"", "OPEN"),
        ("\"Open\nClosed\"", "OPEN"),
        ("Completed by MDPH", "COMPLETED"),
        ("\"Completed\n3/1/2026\"", "COMPLETED 2026-03-01"),
    ];
    let rows: String = statuses
        .iter()
        .zip(10..)
        .map(|((status, _), number)| {
            format!(
                "Step {number},MDPH,6/30/2026,{}\n",
                status.replace("Lynn, open", "Lynn - open")
            )
        })
        .collect();
    let text = format!("Corrective Action,Responsible Organization,Due Date,Status\n{rows}");
    warehouse.loaded("tracker.csv", text.into_bytes()).await;
    let found = warehouse
        .ask(
            "select status || coalesce(' ' || completed_on::text, '') from \
             warehouse.corrective_action order by text",
        )
        .await;
    for ((status, expected), found) in statuses.iter().zip(&found) {
        assert!(found.starts_with(expected), "{status}: {found}");
    }
    let text = "Exercise Name,Exercise Type,Start Date,Sponsor,Status\nRadio \
                drill,Drill,5/5/2090,MDPH,Completed\nSurge drill,Drill,5/5/2090,MDPH,Completed?\n";
    let report = warehouse.loaded("calendar.csv", text.into()).await;
    assert_eq!(counts(&report), (2, 1, 1), "{report:?}");
    let events = warehouse.ask("select name || ' ' || status from warehouse.event").await;
    assert_eq!(events, ["Surge drill PLANNED"]);
}

#[tokio::test]
async fn hints_in_brackets_and_missing_scores_are_told() {
    let warehouse = Warehouse::new().await;
    let text = "Corrective Action,Responsible Organization,Due Date,Status\n(what),(who),(when),(Open \
                or Closed)\nBuy cots,MDPH (lead); Salem Hospital (support),6/30/2026,Open\n";
    let report = warehouse.loaded("tracker.csv", text.into()).await;
    assert_eq!(counts(&report), (2, 1, 1), "{report:?}");
    let owners =
        warehouse.ask("select name from warehouse.organization where name like 'MDPH%'").await;
    assert_eq!(owners, ["MDPH"]);
    let text = "Salem Hospital\nDate: 3/15/2025\nEvent,Probability,Human Impact,Property Impact,Business \
                Impact,Preparedness,Internal Response,External \
                Response\nHurricane,3,,3,3,1,1,1\nTornado,1,1,1,1,1,1,1\n[Insert hazard],1,1,1,1,1,1,1\n";
    let report = warehouse.loaded("hva.csv", text.into()).await;
    assert_eq!(counts(&report), (2, 2, 0), "{report:?}");
    let told = report.details.iter().filter(|told| told.code.as_str() == "NOT_SCORED");
    let values: Vec<&str> = told.map(|told| told.value.as_deref().unwrap_or_default()).collect();
    assert_eq!(values.len(), 2, "{report:?}");
    assert!(values.contains(&"Hurricane") && values.contains(&"[Insert hazard]"), "{values:?}");
}
