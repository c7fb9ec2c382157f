//! Tests workbooks as coalitions write them. They have vertically merged cells, lines across that
//! name an exercise or month, and marks below statuses. Logs name their incident once, and dates
//! lack a year.

use super::office::{Warehouse, codes, xlsx};

/// Capability, text, owner, status, first and current due date, completion date and elements of all
/// actions.
const ACTIONS: &str = "select concat_ws(' | ', c.name, a.text, case when o.organization_id > 0 \
    then o.name else '-' end, a.status, coalesce(a.due_original_on::text, '-'), \
    coalesce(a.due_current_on::text, '-'), coalesce(a.completed_on::text, '-'), \
    (select string_agg(e.code, '+' order by e.code) from warehouse.corrective_action_element join \
    warehouse.element e using (element_id) where corrective_action_id = a.corrective_action_id)) \
    from warehouse.corrective_action a join warehouse.capability c using (capability_id) left join \
    warehouse.organization o on o.organization_id = a.owner_organization_id order by 1";
const STAMPS: &str = "select concat_ws(' ', e.name, t.code, to_char(m.occurred_at at time zone \
    'America/New_York', 'MM-DD HH24:MI')) from warehouse.milestone m \
    join warehouse.event e using (event_id) join warehouse.milestone_type t using \
    (milestone_type_id) order by m.occurred_at";
const EVENTS: &str = "select concat_ws(' | ', e.name, t.code, e.local_date, e.end_local_date) from \
    warehouse.event e join warehouse.exercise using (event_id) join warehouse.exercise_type t \
    using (exercise_type_id) order by 1";

/// Creates a workbook of one sheet with merged areas: first row, first column, last row, last
/// column, from 0.
fn merged(rows: &[&[&str]], areas: &[(u32, u16, u32, u16)]) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (first_row, first_column, last_row, last_column) in areas {
        let text = rows[*first_row as usize][usize::from(*first_column)];
        let format = rust_xlsxwriter::Format::new();
        sheet
            .merge_range(*first_row, *first_column, *last_row, *last_column, text, &format)
            .unwrap();
    }
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            let is_merged = areas.iter().any(|(top, left, bottom, right)| {
                (*top..=*bottom).contains(&row) && (*left..=*right).contains(&column)
            });
            if !text.is_empty() && !is_merged {
                sheet.write_string(row, column, *text).unwrap();
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[tokio::test]
async fn what_a_merged_cell_says_holds_for_each_of_its_rows() {
    let rows: &[&[&str]] = &[
        &["", "Finding", "", "Plan", "", "", ""],
        &[
            "Exercise",
            "Capability",
            "Area for Improvement",
            "Corrective Action",
            "Organization",
            "Due",
            "Status",
        ],
        &[
            "Harbor Spill",
            "Information Sharing",
            "No channel",
            "Name a channel",
            "MDPH",
            "8/1/2026",
            "Open",
        ],
        &["", "", "", "Program radios", "MDPH", "9/1/2026", "Open"],
        &["", "Medical Surge", "Decon ran cold", "Rent a heater", "MDPH", "10/1/2026", "Open"],
        &["", "", "", "Train the team", "", "", "Open"],
    ];
    let areas = [
        (0, 1, 0, 2),
        (0, 3, 0, 6),
        (2, 0, 5, 0),
        (2, 1, 3, 1),
        (2, 2, 3, 2),
        (4, 1, 5, 1),
        (4, 4, 5, 4),
        (4, 5, 5, 5),
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.xlsx", merged(rows, &areas)).await;
    assert_eq!((report.read, report.inserted), (4, 4), "{report:?}");
    assert_eq!(
        warehouse.ask(ACTIONS).await,
        [
            "Information Sharing | Name a channel | MDPH | OPEN | 2026-08-01 | 2026-08-01 | -",
            "Information Sharing | Program radios | MDPH | OPEN | 2026-09-01 | 2026-09-01 | -",
            "Medical Surge | Rent a heater | MDPH | OPEN | 2026-10-01 | 2026-10-01 | -",
            "Medical Surge | Train the team | MDPH | OPEN | 2026-10-01 | 2026-10-01 | -",
        ]
    );
}

#[tokio::test]
async fn a_line_across_a_tracker_names_the_exercise_or_capability_of_the_rows_below() {
    let warehouse = Warehouse::new().await;
    let events = "event_id,kind,name,start_at\nE-1,exercise,Ransomware \
        Tabletop,2025-10-09\nE-2,exercise,Evacuation Drill,2025-11-02\n";
    warehouse.loaded("events.csv", events.as_bytes().to_vec()).await;
    let sheet: &[&[&str]] = &[
        &["Capability", "Corrective Action", "Responsible", "Due Date", "Status"],
        &["Exercise: Ransomware Tabletop (10/9/2025)"],
        &["Cybersecurity", "Buy offline backups", "MDPH", "3/31/2026", "On Track"],
        &["Evacuation Drill, November 2, 2025"],
        &["Mass Care"],
        &["", "Buy sleds", "MDPH", "12/31/2026", "Overdue"],
        &["Fatality Mgmt", "Buy bags", "MDPH", "soon?", "Open"],
        &["* due dates are the region's"],
        &["Total", "3"],
    ];
    let report = warehouse.loaded("tracker.xlsx", xlsx(&[("Tracker", sheet)])).await;
    assert_eq!((report.read, report.inserted), (3, 3), "{report:?}");
    assert!(
        !codes(&report).contains(&"UNREAD_STATUS")
            && !codes(&report).contains(&"UNMAPPED_CAPABILITY"),
        "{report:?}"
    );
    assert_eq!(
        warehouse
            .ask(
                "select concat_ws(' | ', e.name, c.name, a.text) from \
            warehouse.corrective_action a join warehouse.event e using (event_id) join \
            warehouse.capability c using (capability_id) order by 1"
            )
            .await,
        [
            "Evacuation Drill | Fatality Management | Buy bags",
            "Evacuation Drill | Mass Care | Buy sleds",
            "Ransomware Tabletop | Cybersecurity | Buy offline backups",
        ]
    );
    let titled: &[&[&str]] = &[
        &["Exercise:", "Evacuation Drill", "", "Exercise Date:", "11/2/2025"],
        &["Capability", "Corrective Action", "Responsible", "Due Date", "Status"],
        &["Mass Care", "Count the sleds", "MDPH", "12/31/2026", "Open"],
    ];
    warehouse.loaded("titled.xlsx", xlsx(&[("Plan", titled)])).await;
    assert_eq!(
        warehouse
            .ask(
                "select e.name from warehouse.corrective_action a join warehouse.event e \
            using (event_id) where a.text like 'Count%'"
            )
            .await,
        ["Evacuation Drill"]
    );
}

#[tokio::test]
async fn statuses_and_elements_in_columns_of_their_own_are_read_from_their_marks() {
    let sheet: &[&[&str]] = &[
        &["", "", "", "POETE", "", "", "", "", "", "Status"],
        &[
            "AFI",
            "Corrective Action",
            "Owner",
            "P",
            "O",
            "E",
            "T",
            "E",
            "Due Date",
            "Not Started",
            "In Progress",
            "Complete",
        ],
        &["Pagers failed", "Replace pagers", "MDPH", "", "", "X", "", "", "6/30/2026", "", "x", ""],
        &[
            "Sheets old",
            "Renew job sheets",
            "MDPH",
            "X",
            "",
            "",
            "X",
            "",
            "7/31/2026",
            "",
            "",
            "3/1/2026",
        ],
        &[
            "No drill",
            "Drill the night shift",
            "MDPH",
            "",
            "",
            "",
            "",
            "\u{2713}",
            "8/31/2026",
            "X",
            "",
            "",
        ],
    ];
    let warehouse = Warehouse::new().await;
    warehouse.loaded("tracker.xlsx", xlsx(&[("Plan", sheet)])).await;
    assert_eq!(
        warehouse.ask(ACTIONS).await,
        [
            "Unmapped | Drill the night shift | MDPH | OPEN | 2026-08-31 | 2026-08-31 | - | \
             exercises",
            "Unmapped | Renew job sheets | MDPH | COMPLETED | 2026-07-31 | 2026-07-31 | 2026-03-01 \
             | planning+training",
            "Unmapped | Replace pagers | MDPH | IN_PROGRESS | 2026-06-30 | 2026-06-30 | - | \
             equipment",
        ]
    );
}

#[tokio::test]
async fn a_completion_date_beside_a_due_date_is_the_day_it_was_done() {
    let sheet: &[&[&str]] = &[
        &["As of 2/1/2026"],
        &[
            "Action",
            "Owner",
            "Completion Date",
            "Original Due Date",
            "Revised Due Date",
            "Completion %",
            "Status",
        ],
        &["Poll stock", "MDPH", "1/20/2026", "11/1/2025", "1/31/2026", "100%", ""],
        &["Write a rule", "MDPH", "N/A", "30/11/2025", "", "", "In Progress"],
        &["Call members", "MDPH", "Complete", "12/1/2025", "Jan/Feb 2026", "", ""],
    ];
    let warehouse = Warehouse::new().await;
    warehouse.loaded("tracker.xlsx", xlsx(&[("Plan", sheet)])).await;
    assert_eq!(
        warehouse.ask(ACTIONS).await,
        [
            "Unmapped | Call members | MDPH | COMPLETED | 2025-12-01 | 2026-02-28 | 2026-02-01",
            "Unmapped | Poll stock | MDPH | COMPLETED | 2025-11-01 | 2026-01-31 | 2026-01-20",
            "Unmapped | Write a rule | MDPH | IN_PROGRESS | 2025-11-30 | 2025-11-30 | -",
        ]
    );
}

#[tokio::test]
async fn calendars_name_their_months_once() {
    let lines: &[&[&str]] = &[
        &["2025 Training and Exercise Calendar"],
        &["Exercise Name", "Exercise Type", "Date", "Sponsor", "Status"],
        &["APRIL"],
        &["Burn annex", "Tabletop", "4/8/2025", "Region 1 HMCC", "Held"],
        &["Pediatric play", "Game", "April 15 - 17", "Region 1 HMCC", "Held"],
        &["MAY 2025"],
        &["Radio check", "Drill", "Monthly (1st Tuesday)", "Region 1 HMCC", "Held"],
        &["Planning", "Workshop", "TBD", "Region 1 HMCC", ""],
        &["Lost", "Workshop", "2/30/2025", "Region 1 HMCC", ""],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("calendar.xlsx", xlsx(&[("Plan", lines)])).await;
    assert_eq!((report.read, report.inserted, report.rejected), (5, 4, 1), "{report:?}");
    assert_eq!(
        warehouse.ask(EVENTS).await,
        [
            "Burn annex | TTX | 2025-04-08 | 2025-04-08",
            "Pediatric play | GAME | 2025-04-15 | 2025-04-17",
            "Planning | WKS | 2025-05-01 | 2025-05-31",
            "Radio check | DRL | 2025-05-01 | 2025-05-31",
        ]
    );
    let csv = warehouse.mended(&[("Date", "20")]).await;
    let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
    assert_eq!((report.read, report.inserted), (1, 1), "{report:?}");
    assert_eq!(
        warehouse.ask("select local_date::text from warehouse.event where name = 'Lost'").await,
        ["2025-05-20"],
        "a refused row carries its month"
    );
    let columns: &[&[&str]] = &[
        &["Month", "Day(s)", "Activity", "Category"],
        &["January 2025", "14", "Winter play", "Table-top"],
        &["", "22-23", "Comms check", "Drill"],
    ];
    let warehouse = Warehouse::new().await;
    warehouse.loaded("columns.xlsx", merged(columns, &[(1, 0, 2, 0)])).await;
    assert_eq!(
        warehouse.ask(EVENTS).await,
        [
            "Comms check | DRL | 2025-01-22 | 2025-01-23",
            "Winter play | TTX | 2025-01-14 | 2025-01-14"
        ]
    );
}

#[tokio::test]
async fn a_log_names_its_incident_and_its_day_once() {
    let log = "Incident: Route 2 gas leak,,,\nRegion 2 HMCC Duty Officer \
        Log,,,\nDate,Time,Entry,Logged by\n\
        11/3/2024,2315 hrs,Duty officer paged by CMED,Agnes Quillfeather\n,2321,Page \
        acknowledged,Agnes Quillfeather\n\
        ,2350 hrs,Plan activated at level 2,\n,0012,Situation report #1 \
        sent,\n11/4/2024,0145,Called the town,\n,0600,Demobilized,\n,2561,Called \
        again,Quillfeather\n";
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("log.csv", log.as_bytes().to_vec()).await;
    assert_eq!((report.read, report.inserted, report.rejected), (7, 6, 1), "{report:?}");
    assert_eq!(
        warehouse.ask(STAMPS).await,
        [
            "Route 2 gas leak notified 11-03 23:15",
            "Route 2 gas leak acknowledged 11-03 23:21",
            "Route 2 gas leak activated 11-03 23:50",
            "Route 2 gas leak first_sitrep 11-04 00:12",
            "Route 2 gas leak demobilized 11-04 06:00",
        ]
    );
    assert_eq!(
        warehouse
            .ask(
                "select r.code from warehouse.event_region join warehouse.region r using \
            (region_id)"
            )
            .await,
        ["2"]
    );
    assert!(
        warehouse
            .ask(
                "select row_content::text from meta.reject where row_content::text ilike '%quill%'"
            )
            .await
            .is_empty()
    );
    let form: &[&[&str]] = &[
        &["ACTIVITY LOG (ICS 214)"],
        &["1. Incident Name:", "Heat Emergency", "2. Operational Period:", "7/15/2024"],
        &["3. Name: Agnes Quillfeather", "", "4. ICS Position: Duty Officer"],
        &["Date/Time", "Notable Activities"],
        &["7/15/2024 1100Z", "Notified by OPEM"],
        &["7/15/2024 0712", "Acknowledged to OPEM"],
        &["0800", "Activated the plan"],
        &["8. Prepared by: Agnes Quillfeather"],
    ];
    let warehouse = Warehouse::new().await;
    warehouse.loaded("ics214.xlsx", xlsx(&[("ICS 214", form)])).await;
    assert_eq!(
        warehouse.ask(STAMPS).await,
        [
            "Heat Emergency notified 07-15 07:00",
            "Heat Emergency acknowledged 07-15 07:12",
            "Heat Emergency activated 07-15 08:00"
        ]
    );
}

#[tokio::test]
async fn counts_that_are_about_so_many_are_counts() {
    let sheet: &[&[&str]] = &[
        &["Incident Name", "Date", "Time Notified", "Time Acknowledged", "# Patients"],
        &["Flood", "8/2/2024", "2250", "2258", "84"],
        &["Outage", "8/9/2024", "1410", "1415", "12 (approx)"],
        &["Crash", "8/20/2024", "0705", "0709", "~20"],
        &["Smoke", "8/21/2024", "0705", "0709", "4-5"],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("log.xlsx", xlsx(&[("Log", sheet)])).await;
    assert_eq!((report.read, report.inserted, report.rejected), (4, 3, 1), "{report:?}");
    assert_eq!(
        warehouse
            .ask(
                "select concat_ws(' ', name, patients) from warehouse.event join \
            warehouse.incident using (event_id) order by 1"
            )
            .await,
        ["Crash 20", "Flood 84", "Outage 12"]
    );
}

#[tokio::test]
async fn an_assessment_that_tells_its_year_alone_is_of_that_year_and_two_hazards_in_one_name_are_known()
 {
    let sheet: &[&[&str]] = &[
        &["Cape Harbor Hospital"],
        &["Hazard Vulnerability Analysis FY2021"],
        &[
            "EVENT",
            "PROBABILITY",
            "HUMAN IMPACT",
            "PROPERTY IMPACT",
            "BUSINESS IMPACT",
            "PREPAREDNESS",
            "INTERNAL RESPONSE",
            "EXTERNAL RESPONSE",
            "RISK",
        ],
        &["Malware / Ransomware", "3", "1", "0", "3", "2", "2", "3", "61%"],
        &["Elopement", "1", "1", "1", "1", "1", "1", "1", "11%"],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("hva.xlsx", xlsx(&[("HVA", sheet)])).await;
    assert!(
        codes(&report).contains(&"NO_DATE") && !codes(&report).contains(&"UNMAPPED_HAZARD"),
        "{report:?}"
    );
    assert_eq!(
        warehouse
            .ask(
                "select concat_ws(' ', h.code, a.assessed_on) from warehouse.risk_score join \
            warehouse.hazard h using (hazard_id) join warehouse.risk_assessment a using \
            (risk_assessment_id) order by 1"
            )
            .await,
        ["cyber_attack 2021-06-30", "security_other 2021-06-30"]
    );
}

#[tokio::test]
async fn lists_of_patients_and_persons_are_refused_without_their_names() {
    let sheet: &[&[&str]] = &[
        &["HICS 254 \u{2013} Disaster Victim/Patient Tracking"],
        &["Triage #", "MR#", "Last Name", "First Name", "DOB", "Time In"],
        &["T-1", "0045512", "Quillfeather", "Agnes", "1/2/1970", "0915"],
    ];
    let warehouse = Warehouse::new().await;
    let error = warehouse.load("hics254.xlsx", xlsx(&[("HICS 254", sheet)])).await.error.unwrap();
    assert!(error.contains("patients") && !error.contains("Quillfeather"), "{error}");
    let roster: &[&[&str]] = &[&["Roster"], &["Agnes Quillfeather", "Cape Cod Hospital", "Days"]];
    let error = warehouse.load("roster.xlsx", xlsx(&[("Roster", roster)])).await.error.unwrap();
    assert!(!error.contains("Quillfeather"), "{error}");
}
