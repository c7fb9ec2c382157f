//! The template family of workbooks: risk assessments, trackers, logs and calendars with other headings, layouts and styles,
//! each made in memory and counted by hand.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use office::{Warehouse, codes, xlsx};

const KAISER: [&str; 9] = [
    "EVENT",
    "PROBABILITY",
    "HUMAN IMPACT",
    "PROPERTY IMPACT",
    "BUSINESS IMPACT",
    "PREPARED-NESS",
    "INTERNAL RESPONSE",
    "EXTERNAL RESPONSE",
    "RISK",
];

#[tokio::test]
async fn the_worked_sheet_of_seventeen_hazards_gives_what_it_prints() {
    // Six rows as a public filled sheet has them, the others so that its sums come out: 18 and 185, the whole 0.353 x 0.605 = 21 %.
    let rows: [(&str, [&str; 7], &str); 17] = [
        ("Earthquake", ["3", "3", "3", "3", "3", "3", "2"], "94%"),
        ("Epidemic", ["2", "3", "2", "3", "3", "3", "2"], "59%"),
        ("Flood, External", ["2", "3", "3", "3", "3", "3", "2"], "63%"),
        ("Dust/Sand Storm", ["1", "1", "2", "1", "3", "3", "3"], "24%"),
        ("Drought", ["1", "2", "2", "2", "2", "2", "2"], "22%"),
        ("Blizzard", ["0", "1", "1", "1", "1", "1", "1"], "0%"),
        ("Hurricane", ["0", "2", "2", "2", "2", "2", "1"], "0%"),
        ("Tornado", ["1", "2", "2", "2", "2", "2", "2"], "22%"),
        ("Severe Thunderstorm", ["1", "1", "1", "1", "2", "2", "2"], "17%"),
        ("Snow Fall", ["0", "1", "1", "1", "1", "1", "1"], "0%"),
        ("Ice Storm", ["0", "1", "1", "1", "1", "1", "1"], "0%"),
        ("Tidal Wave", ["0", "1", "1", "1", "1", "1", "1"], "0%"),
        ("Temperature Extremes", ["2", "2", "1", "2", "2", "2", "2"], "41%"),
        ("Wild Fire", ["2", "2", "2", "2", "2", "2", "2"], "44%"),
        ("Landslide", ["1", "1", "1", "1", "2", "2", "2"], "17%"),
        ("Dam Inundation", ["1", "2", "2", "2", "2", "2", "1"], "20%"),
        ("Volcano", ["1", "2", "2", "2", "2", "2", "1"], "20%"),
    ];
    let sum = |from: usize, to: usize| -> f64 {
        rows.iter().flat_map(|(_, scores, _)| &scores[from..to]).map(|score| score.parse::<f64>().unwrap()).sum()
    };
    let (probability, severity) = (sum(0, 1) / (3.0 * 17.0), sum(1, 7) / (18.0 * 17.0));
    assert_eq!((sum(0, 1), sum(1, 7), (probability * severity * 100.0).round()), (18.0, 185.0, 21.0));
    let mut sheet: Vec<Vec<&str>> = vec![
        vec!["HAZARD AND VULNERABILITY ASSESSMENT TOOL"],
        vec!["NATURALLY OCCURRING EVENTS"],
        vec!["Facility: Lawrence General Hospital", "", "Date: 3/15/2025"],
        vec!["", "", "SEVERITY = (MAGNITUDE - MITIGATION)"],
        KAISER.to_vec(),
        vec![
            "",
            "Likelihood this will occur",
            "Possibility of death or injury",
            "Physical losses and damages",
            "Interuption of services",
            "Preplanning",
            "Time, effectivness, resouces",
            "Community/ Mutual Aid staff and supplies",
            "Relative threat*",
        ],
        vec![
            "SCORE",
            "0 = N/A\n1 = Low\n2 = Moderate\n3 = High",
            "0 = N/A\n1 = Low\n2 = Moderate\n3 = High",
            "",
            "",
            "0 = N/A\n1 = High\n2 = Moderate\n3 = Low or none",
            "",
            "",
            "0 - 100%",
        ],
    ];
    for (hazard, scores, printed) in &rows {
        sheet.push([&[*hazard], scores.as_slice(), &[*printed]].concat());
    }
    sheet.push(vec!["AVERAGE SCORE", "1.06", "1.82", "1.76", "1.82", "2.06", "2.06", "1.88", "21%"]);
    sheet.push(vec!["*Threat increases with percentage."]);
    sheet.push(vec!["", "18", "RISK = PROBABILITY * SEVERITY"]);
    sheet.push(vec!["", "185", "0.21", "0.35", "0.60"]);
    let sheet: Vec<&[&str]> = sheet.iter().map(Vec::as_slice).collect();
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("hva.xlsx", xlsx(&[("Natural", &sheet)])).await;
    assert_eq!((report.source.as_deref(), report.read, report.inserted), (Some("hva_xlsx"), 17, 17), "{report:?}");
    assert!(!codes(&report).contains(&"risk_differs") && !codes(&report).contains(&"unmapped_hazard"), "{report:?}");
    let mut expected: Vec<String> =
        rows.iter().map(|(hazard, _, printed)| format!("{hazard}: {}", printed.trim_end_matches('%'))).collect();
    expected.sort();
    assert_eq!(warehouse.scores().await, expected);
    assert_eq!(warehouse.ask("select concat_ws(' ', o.name, assessed_on) from warehouse.risk_assessment join warehouse.organization o using (organization_id)").await, ["Lawrence General Hospital 2025-03-15"]);
}

#[tokio::test]
async fn assessments_are_read_in_every_edition_and_layout() {
    // Two hazards each: a hurricane of 2 x (3+2+2+1+2+2)/18 and one that does not apply.
    let body: &[&[&str]] =
        &[&["Hurricane", "2", "3", "2", "2", "1", "2", "2", "0.444"], &["Tornado", "0", "", "", "", "", "", "", "0"]];
    let classic = [
        &[
            &["HAZARD AND VULNERABILITY ASSESSMENT TOOL"] as &[&str],
            &["Lawrence General Hospital"],
            &["2025-03-15"],
            &KAISER,
        ],
        body,
    ]
    .concat();
    let newer: &[&[&str]] = &[
        &["Hazard Vulnerability Analysis"],
        &["", "YEAR", "2025"],
        &["", "SITE & ADDRESS", "Lawrence General Hospital, 1 General Street, Lawrence"],
        &[
            "Alert Type",
            "Alerts",
            "Activations",
            "Probability",
            "Human Impact",
            "Property Impact",
            "Business Impact",
            "Preparedness",
            "Internal Response",
            "External Response",
            "Risk",
        ],
        &["Hurricane", "1", "0", "2", "3", "2", "2", "1", "2", "2", "=D5*E5"],
        &["Tornado", "0", "0", "0", "0", "0", "0", "0", "0", "0", "=D6*E6"],
    ];
    let two_rows: &[&[&str]] = &[
        &["Facility", "Lawrence General Hospital"],
        &["Date", "March 15, 2025"],
        &["", "", "SEVERITY (MAGNITUDE - MITIGATION)"],
        &["Event", "Probability"],
        &[
            "",
            "",
            "Human Impact",
            "Property Impact",
            "Operational Impact",
            "Preparedness",
            "Internal Response",
            "External Response",
            "Risk %",
        ],
        &["Hurricane", "2 - Moderate", "3", "2", "2", "1", "2", "2", "44%"],
        &["Tornado", "N/A", "0", "0", "0", "0", "0", "0", "0%"],
    ];
    let state: &[&[&str]] = &[
        &["Facility Name: Lawrence General Hospital"],
        &["Assessment Date: 3/15/2025"],
        &[
            "Incident",
            "Probability (0-3)",
            "Human Impact (0-3)",
            "Property Impact (0-3)",
            "Business Impact (0-3)",
            "Preparedness (0-3)",
            "Internal Response (0-3)",
            "External Response (0-3)",
            "Risk",
        ],
        &["Hurricane", "2", "3", "2", "2", "1", "2", "2", "44"],
        &["Tornado", "0", "0", "0", "0", "0", "0", "0", "0"],
        &["Average", "1", "1.5", "1", "1", "0.5", "1", "1", "22"],
    ];
    for (name, sheet, edition) in [
        ("classic", classic.as_slice(), "classic"),
        ("newer", newer, "2014 and later"),
        ("two header rows", two_rows, "classic"),
        ("state", state, "classic"),
    ] {
        let warehouse = Warehouse::new().await;
        let report = warehouse.loaded("hva.xlsx", xlsx(&[("HVA", sheet)])).await;
        assert_eq!((report.read, report.inserted), (2, 2), "{name}: {report:?}");
        assert_eq!(warehouse.scores().await[0], "Hurricane: 44", "{name}");
        let about = "select concat_ws(' | ', o.name, edition, m.code, extract(year from assessed_on)) from warehouse.risk_assessment \
            join warehouse.organization o using (organization_id) join warehouse.assessment_method m using (assessment_method_id)";
        assert_eq!(
            warehouse.ask(about).await,
            [format!("Lawrence General Hospital | {edition} | kaiser_hva | 2025")],
            "{name}"
        );
        assert_eq!(
            warehouse.ask("select label from warehouse.risk_score where applicable").await,
            ["Hurricane"],
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_product_of_the_older_layout_is_read_from_figures_and_from_marks() {
    let figures: &[&[&str]] = &[
        &["Lawrence Nursing Center"],
        &["Date: 3/15/2025"],
        &["EVENT", "PROBABILITY", "RISK", "PREPAREDNESS", "TOTAL"],
        &["Hurricane", "2", "5", "1", "10"],
        &["Tornado", "0", "4", "3", "0"],
    ];
    let marks: &[&[&str]] = &[
        &["Lawrence Nursing Center"],
        &["Date: 3/15/2025"],
        &["EVENT", "PROBABILITY", "", "", "", "RISK", "", "", "", "", "PREPAREDNESS", "", "", "TOTAL"],
        &[
            "",
            "HIGH",
            "MED",
            "LOW",
            "NONE",
            "LIFE THREAT",
            "HEALTH/ SAFETY",
            "HIGH DISRUPTION",
            "MOD DISRUPTION",
            "LOW DISRUPTION",
            "POOR",
            "FAIR",
            "GOOD",
            "",
        ],
        &["SCORE", "3", "2", "1", "0", "5", "4", "3", "2", "1", "3", "2", "1", ""],
        &["Hurricane", "", "X", "", "", "X", "", "", "", "", "", "", "X", "10"],
        &["Tornado", "", "", "", "X", "", "X", "", "", "", "X", "", "", "0"],
    ];
    for (name, sheet) in [("figures", figures), ("marks", marks)] {
        let warehouse = Warehouse::new().await;
        let report = warehouse.loaded("hva.xlsx", xlsx(&[("Sheet1", sheet)])).await;
        assert_eq!(
            (report.source.as_deref(), report.read, report.inserted),
            (Some("hva_xlsx"), 2, 2),
            "{name}: {report:?}"
        );
        assert_eq!(warehouse.scores().await, ["Hurricane: 22", "Tornado: 0"], "{name}");
        assert_eq!(warehouse.ask("select m.code from warehouse.risk_assessment join warehouse.assessment_method m using (assessment_method_id)").await, ["ashe"], "{name}");
    }
}

#[tokio::test]
async fn a_refused_hazard_is_mended_and_joins_its_assessment() {
    let sheet: &[&[&str]] = &[
        &["Lawrence General Hospital"],
        &["Date: 3/15/2025"],
        &KAISER,
        &["Hurricane", "2", "3", "2", "2", "1", "2", "2", ""],
        &["Tornado", "5", "1", "1", "1", "1", "1", "1", ""],
        &["Huricane", "1", "1", "1", "1", "1", "1", "1", ""],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("hva.xlsx", xlsx(&[("Natural", sheet)])).await;
    assert_eq!((report.read, report.inserted, report.rejected), (3, 2, 1), "{report:?}");
    let miss = report.details.iter().find(|warning| warning.code == "unmapped_hazard").unwrap();
    assert!(miss.message.contains("did you mean Hurricane?"), "{miss:?}");
    let csv = warehouse.mended(&[("PROBABILITY", "3")]).await;
    let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
    assert_eq!((report.source.as_deref(), report.read, report.inserted), (Some("hva_xlsx"), 1, 1), "{report:?}");
    assert_eq!(warehouse.ask("select count(*)::text from warehouse.risk_assessment").await, ["1"]);
    assert_eq!(
        warehouse
            .ask(
                "select concat_ws(' ', category, label, probability) from warehouse.risk_score where label = 'Tornado'"
            )
            .await,
        ["natural Tornado 3"]
    );
    let mended_sheet: Vec<&[&str]> = sheet
        .iter()
        .map(
            |row| {
                if row[0] == "Tornado" { &["Tornado", "3", "1", "1", "1", "1", "1", "1", ""] as &[&str] } else { row }
            },
        )
        .collect();
    let again = warehouse.loaded("hva.xlsx", xlsx(&[("Natural", &mended_sheet)])).await;
    assert_eq!((again.read, again.unchanged), (3, 3), "the mended workbook says the same: {again:?}");
}

#[tokio::test]
async fn trackers_are_read_with_other_headings_on_several_sheets_and_in_every_style() {
    let first: &[&[&str]] = &[
        &["Region 3 HMCC improvement plan tracker"],
        &["Status as of 10/1/2025"],
        &[],
        &[
            "#",
            "Exercise",
            "Issue",
            "Action Item",
            "POETE",
            "Owner",
            "Point of Contact",
            "Target Date",
            "Status %",
            "Comments",
        ],
        &[
            "1",
            "Winter Surge",
            "Beds were counted twice",
            "Revise the bed board",
            "Planning",
            "Lawrence General Hospital",
            "Jane Doe",
            "45930",
            "50%",
            "",
        ],
        &[
            "2",
            "Winter Surge",
            "Radios failed",
            "Install a repeater",
            "Equipment",
            "Lawrence Fire Department",
            "",
            "Q4 2025",
            "Closed 3/1/24",
            "",
        ],
        &[
            "3",
            "Winter Surge",
            "Late reports",
            "Set a clock time",
            "P/T",
            "MDPH",
            "",
            "ASAP",
            "In Progress",
            "call 978-555-0100",
        ],
        &["4", "Winter Surge", "No drill", "Drill the reports", "Exercises", "Jane Doe", "", "Summer 2026", "0.25", ""],
        &["Note: percentages are estimates"],
    ];
    let second: &[&[&str]] = &[
        &["Corrective Action", "Lead Organization", "Dates", "", "Progress"],
        &["", "", "Start", "Due", ""],
        &["Buy a display", "MDPH", "7/1/2025", "30-Jun-26", "Not started"],
        &["Buy a second display", "MDPH", "", "Ongoing", "Deferred"],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse
        .loaded("tracker.xlsx", xlsx(&[("2025", first), ("Lists", &[&["Open", "Closed"]]), ("Older", second)]))
        .await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted, report.rejected),
        (Some("improvement_plan_xlsx"), 6, 6, 0),
        "{report:?}"
    );
    let told = warehouse
        .ask("select concat_ws(' | ', text, status, coalesce(due_current_on::text, due_text), completed_on) from warehouse.corrective_action order by 1")
        .await;
    assert_eq!(
        told,
        [
            "Buy a display | OPEN | 2026-06-30",
            "Buy a second display | DEFERRED | Ongoing",
            "Drill the reports | IN_PROGRESS | 2026-08-31",
            "Install a repeater | COMPLETED | 2025-12-31 | 2024-03-01",
            "Revise the bed board | IN_PROGRESS | 2025-09-30",
            "Set a clock time | IN_PROGRESS | ASAP",
        ]
    );
    assert!(codes(&report).contains(&"person_dropped"), "{report:?}");
    assert!(
        warehouse
            .ask("select organization::text from warehouse.organization where name ilike '%jane%'")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn words_say_more_than_shares_and_lines_of_totals_are_no_actions() {
    let sheet: &[&[&str]] = &[
        &["Updated: 10/15/2025"],
        &["Core Capability", "Action Item", "Assigned To", "Target Date", "% Complete", "Comments/Status"],
        &["Info Sharing", "Use one form", "MDPH", "3/31/2025", "1", "Done 3/15/2025"],
        &["Medical Surge", "Name a deputy", "MDPH", "TBD", "0.5", ""],
        &["Medical Surge", "Test the trailer", "MDPH", "6/30/25", "", "N/A - duplicate"],
        &["Medical Surge", "Open a second lane", "MDPH", "6/30/25", "75", "soon, we hope"],
        &["Medical Surge", "12", "MDPH", "6/30/25", "0", ""],
        &["Total", "5", "", "", "0.4", ""],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.xlsx", xlsx(&[("Tracker", sheet)])).await;
    assert_eq!((report.read, report.inserted, report.rejected), (5, 4, 1), "{report:?}");
    let told = "select concat_ws(' | ', c.name, text, status, completed_on) from warehouse.corrective_action join warehouse.capability c using (capability_id) order by 1";
    let expected = [
        "Information Sharing | Use one form | COMPLETED | 2025-03-15",
        "Medical Surge | Name a deputy | IN_PROGRESS",
        "Medical Surge | Open a second lane | IN_PROGRESS",
        "Medical Surge | Test the trailer | CANCELLED",
    ];
    assert_eq!(warehouse.ask(told).await, expected);
    assert_eq!(
        warehouse.ask("select concat_ws(' | ', column_name, value, reason) from meta.reject").await,
        ["Action Item | 12 | must say in words what is to be done"]
    );
    // The same as spreadsheets of other countries write it, with semicolons.
    let lines: Vec<String> = sheet.iter().map(|row| row.join(";")).collect();
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.csv", lines.join("\n").into_bytes()).await;
    assert_eq!((report.read, report.inserted, report.rejected), (5, 4, 1), "{report:?}");
    assert_eq!(warehouse.ask(told).await, expected);
}

#[tokio::test]
async fn what_two_facilities_owe_alike_is_two_actions_and_each_goes_on_with_its_owner() {
    let heading: &[&str] = &["ID", "Exercise", "Capability", "Action Item", "Owner", "Due", "Status"];
    let owed = |id: &'static str, owner: &'static str, status: &'static str| {
        [id, "Surge Test", "Medical Surge", "Use one form for beds", owner, "6/30/2026", status]
    };
    let (north, south) = (owed("", "Example Hospital North", "Open"), owed("", "Example Hospital South", "Open"));
    // Whichever of the two was made first.
    for (owner, expected) in [
        ("Example Hospital North", ["Example Hospital North | COMPLETED", "Example Hospital South | OPEN"]),
        ("Example Hospital South", ["Example Hospital North | OPEN", "Example Hospital South | COMPLETED"]),
    ] {
        let warehouse = Warehouse::new().await;
        let events = "event_id,kind,name,start_at\nE-1,exercise,Surge Test,2025-11-12\n";
        let report = warehouse.loaded("events.csv", events.as_bytes().to_vec()).await;
        assert_eq!(report.inserted, 1, "{report:?}");
        let older: &[&[&str]] = &[&["As of 12/1/2025"], heading, &north, &south, &north];
        let report = warehouse.loaded("older.xlsx", xlsx(&[("Plan", older)])).await;
        assert_eq!((report.read, report.inserted, report.unchanged), (3, 2, 1), "{report:?}");
        let done = owed("A-7", owner, "Completed 2/1/2026");
        let newer: &[&[&str]] = &[&["As of 3/1/2026"], heading, &done];
        let report = warehouse.loaded("newer.xlsx", xlsx(&[("Plan", newer)])).await;
        assert_eq!((report.read, report.updated, codes(&report)), (1, 1, vec!["matched_by_similarity"]), "{report:?}");
        let told = "select concat_ws(' | ', o.name, a.status) from warehouse.corrective_action a \
            join warehouse.organization o on o.organization_id = a.owner_organization_id order by 1";
        assert_eq!(warehouse.ask(told).await, expected);
    }
}

#[tokio::test]
async fn logs_are_read_with_times_in_every_style_and_entry_by_entry() {
    let times: &[&[&str]] = &[
        &["Duty Officer Log, Region 3"],
        &[
            "Date",
            "Incident",
            "Type",
            "Town",
            "Time Notified",
            "Ack Time",
            "MCC Activated",
            "Initial Sitrep",
            "Demob",
            "# of Patients",
        ],
        &["3/14/2025", "Mill fire", "Fire", "Lawrence", "0915", "9:20 AM", "0945", "10:30", "1600", "4"],
        &["3/15/2025", "Ice storm", "Ice storm", "Haverhill", "2330", "2340", "0015", "", "", ""],
        &["3/16/2025", "Night call", "Flood", "Lawrence", "0915", "0900", "", "", "", ""],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("log.xlsx", xlsx(&[("Log", times)])).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted, report.rejected),
        (Some("duty_officer_log"), 3, 2, 1),
        "{report:?}"
    );
    let stamps = "select concat_ws(' ', e.name, t.code, to_char(m.occurred_at at time zone 'America/New_York', 'MM-DD HH24:MI')) from warehouse.milestone m \
        join warehouse.event e using (event_id) join warehouse.milestone_type t using (milestone_type_id) order by e.name, m.occurred_at";
    assert_eq!(
        warehouse.ask(stamps).await,
        [
            "Ice storm notified 03-14 23:30".replace("03-14", "03-15"),
            "Ice storm acknowledged 03-15 23:40".into(),
            "Ice storm activated 03-16 00:15".into(),
            "Mill fire notified 03-14 09:15".into(),
            "Mill fire acknowledged 03-14 09:20".into(),
            "Mill fire activated 03-14 09:45".into(),
            "Mill fire first_sitrep 03-14 10:30".into(),
            "Mill fire demobilised 03-14 16:00".into(),
        ]
    );
    let board = "Incident Name,Date/Time,Position,Entered By,Significant Event\n\
        Mill fire,03/14/2025 09:15:00,Duty Officer,Jane Doe,Duty officer notified by CMED\n\
        Mill fire,03/14/2025 09:40:00,Duty Officer,Jane Doe,Coalition plan activated\n\
        Mill fire,03/14/2025 09:50:00,Liaison,Jane Doe,Talked with the hospital\n\
        Mill fire,03/14/2025 16:00:00,Duty Officer,Jane Doe,Stood down\n\
        Mill fire,soon,Duty Officer,Jane Doe,Hotwash\n";
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("webeoc.csv", board.as_bytes().to_vec()).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted, report.rejected),
        (Some("duty_officer_log"), 5, 4, 1),
        "{report:?}"
    );
    assert_eq!(
        warehouse.ask(stamps).await,
        ["Mill fire notified 03-14 09:15", "Mill fire activated 03-14 09:40", "Mill fire demobilised 03-14 16:00"]
    );
    assert!(
        warehouse
            .ask("select row_content::text from meta.reject where row_content::text ilike '%jane%'")
            .await
            .is_empty()
    );
    let milestones = "Incident,Region,Milestone,Date,Time,Notes\n\
        Mill fire,3,Notification received,3/14/2025,0915,\n\
        Mill fire,3,Activated,3/14/2025,9:40 AM,\n\
        Mill fire,3,SitRep #1 issued,3/14/2025,25:00,\n";
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("milestones.csv", milestones.as_bytes().to_vec()).await;
    assert_eq!((report.read, report.inserted, report.rejected), (3, 2, 1), "{report:?}");
    assert_eq!(warehouse.ask(stamps).await, ["Mill fire notified 03-14 09:15", "Mill fire activated 03-14 09:40"]);
}

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
