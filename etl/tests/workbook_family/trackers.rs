//! Tests trackers of corrective actions.

use super::office::{Warehouse, codes, xlsx};

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
        &[
            "4",
            "Winter Surge",
            "No drill",
            "Drill the reports",
            "Exercises",
            "Jane Doe",
            "",
            "Summer 2026",
            "0.25",
            "",
        ],
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
        .loaded(
            "tracker.xlsx",
            xlsx(&[("2025", first), ("Lists", &[&["Open", "Closed"]]), ("Older", second)]),
        )
        .await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted, report.rejected),
        (Some("improvement_plan_xlsx"), 6, 6, 0),
        "{report:?}"
    );
    let told = warehouse
        .ask(
            "select concat_ws(' | ', text, status, coalesce(due_current_on::text, due_text), \
            completed_on) from warehouse.corrective_action order by 1",
        )
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
    assert!(codes(&report).contains(&"PERSON_DROPPED"), "{report:?}");
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
        &[
            "Core Capability",
            "Action Item",
            "Assigned To",
            "Target Date",
            "% Complete",
            "Comments/Status",
        ],
        &["Info Sharing", "Use one form", "MDPH", "3/31/2025", "1", "Done 3/15/2025"],
        &["Medical Surge", "Name a deputy", "MDPH", "TBD", "0.5", ""],
        &["Medical Surge", "Test the trailer", "MDPH", "6/30/25", "", "N/A - duplicate"],
        &["Medical Surge", "Open a second lane", "MDPH", "6/30/25", "75", "soon, we hope"],
        &["Medical Surge", "12", "MDPH", "6/30/25", "0", ""],
        &["Total", "5", "", "", "0.4", ""],
        &["Sum:", "5", "", "", "", ""],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.xlsx", xlsx(&[("Tracker", sheet)])).await;
    assert_eq!((report.read, report.inserted, report.rejected), (5, 4, 1), "{report:?}");
    let told = "select concat_ws(' | ', c.name, text, status, completed_on) from \
        warehouse.corrective_action join warehouse.capability c using (capability_id) order by 1";
    let expected = [
        "Information Sharing | Use one form | COMPLETED | 2025-03-15",
        "Medical Surge | Name a deputy | IN_PROGRESS",
        "Medical Surge | Open a second lane | IN_PROGRESS",
        "Medical Surge | Test the trailer | CANCELLED",
    ];
    assert_eq!(warehouse.ask(told).await, expected);
    assert_eq!(
        warehouse.ask("select concat_ws(' | ', column_name, value, reason) from meta.reject").await,
        ["Action Item | 12 | must state in words what is to be done"]
    );
    // The same as written by spreadsheets of other countries, with semicolons.
    let lines: Vec<String> = sheet.iter().map(|row| row.join(";")).collect();
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.csv", lines.join("\n").into_bytes()).await;
    assert_eq!((report.read, report.inserted, report.rejected), (5, 4, 1), "{report:?}");
    assert_eq!(warehouse.ask(told).await, expected);
}

#[tokio::test]
async fn what_two_facilities_owe_alike_is_two_actions_and_each_goes_on_with_its_owner() {
    let heading: &[&str] =
        &["ID", "Exercise", "Capability", "Action Item", "Owner", "Due", "Status"];
    let owed = |id: &'static str, owner: &'static str, status: &'static str| {
        [id, "Surge Test", "Medical Surge", "Use one form for beds", owner, "6/30/2026", status]
    };
    let (north, south) =
        (owed("", "Example Hospital North", "Open"), owed("", "Example Hospital South", "Open"));
    // In either order of creation.
    for (owner, expected) in [
        (
            "Example Hospital North",
            ["Example Hospital North | COMPLETED", "Example Hospital South | OPEN"],
        ),
        (
            "Example Hospital South",
            ["Example Hospital North | OPEN", "Example Hospital South | COMPLETED"],
        ),
    ] {
        let warehouse = Warehouse::new().await;
        let events = "event_id,kind,name,start_at\nE-1,exercise,Surge Test,2025-11-12\n";
        let report = warehouse.loaded("events.csv", events.as_bytes().to_vec()).await;
        assert_eq!(report.inserted, 1, "{report:?}");
        let older: &[&[&str]] = &[&["As of 12/1/2025"], heading, &north, &south, &north];
        let report = warehouse.loaded("older.xlsx", xlsx(&[("Plan", older)])).await;
        assert_eq!((report.read, report.inserted, report.rejected), (3, 2, 1), "{report:?}");
        let done = owed("A-7", owner, "Completed 2/1/2026");
        let newer: &[&[&str]] = &[&["As of 3/1/2026"], heading, &done];
        let report = warehouse.loaded("newer.xlsx", xlsx(&[("Plan", newer)])).await;
        assert_eq!(
            (report.read, report.updated, codes(&report)),
            (1, 1, vec!["MATCHED_BY_SIMILARITY"]),
            "{report:?}"
        );
        let told = "select concat_ws(' | ', o.name, a.status) from warehouse.corrective_action a \
            join warehouse.organization o on o.organization_id = a.owner_organization_id order by \
            1";
        assert_eq!(warehouse.ask(told).await, expected);
    }
}

#[tokio::test]
async fn a_due_date_without_a_year_is_the_first_such_day_from_the_start_the_event_or_the_report_on()
{
    let rows: &[&[&str]] = &[
        &["Region 3 HMCC improvement plan, status as of 10/1/2025"],
        &[
            "Exercise",
            "Exercise Date",
            "Corrective Action",
            "Capability",
            "Owner",
            "Date Opened",
            "Due Date",
            "Status",
        ],
        &["Surge", "6/4/2025", "Revise the bed board", "Medical Surge", "MDPH", "", "3/15", "Open"],
        &[
            "Surge",
            "6/4/2025",
            "Install a repeater",
            "Medical Surge",
            "MDPH",
            "7/1",
            "end of June",
            "Open",
        ],
        &["", "", "Set a clock time", "Medical Surge", "MDPH", "", "15 March", "Open"],
        &["", "", "Drill the reports", "Medical Surge", "MDPH", "1/5/2024", "Q1", "Open"],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.xlsx", xlsx(&[("Plan", rows)])).await;
    let told = "select concat_ws(' ', text, opened_on, due_original_on, due_precision) from \
        warehouse.corrective_action order by 1";
    assert_eq!(
        warehouse.ask(told).await,
        [
            "Drill the reports 2024-01-05 2024-03-31 QUARTER",
            "Install a repeater 2025-07-01 2026-06-30 MONTH",
            "Revise the bed board 2025-10-01 2026-03-15 DAY",
            "Set a clock time 2025-10-01 2026-03-15 DAY",
        ],
        "{report:?}"
    );
    let warned = report.details.iter().filter(|warning| warning.code.as_str() == "NO_YEAR");
    let warned: Vec<String> = warned
        .map(|warning| format!("{} {}", warning.column.as_deref().unwrap_or(""), warning.message))
        .collect();
    assert!(
        warned.iter().any(|said| said
            == "Due Date has no year: the first such day on or after 2025-06-04 \
                is taken, 2026-03-15"),
        "{warned:?}"
    );
    assert_eq!(warned.len(), 5, "{warned:?}");
}

#[tokio::test]
async fn a_refused_row_of_an_action_that_two_facilities_share_comes_back_as_the_same_action() {
    let rows = |region: &'static str| -> Vec<u8> {
        let rows: &[&[&str]] = &[
            &[
                "Exercise",
                "Corrective Action",
                "Core Capability",
                "Owner",
                "Region",
                "Due Date",
                "Status",
            ],
            &[
                "Surge",
                "Revise the bed board",
                "Medical Surge",
                "Anna Jaques Hospital",
                "3",
                "3/15/2026",
                "Open",
            ],
            &[
                "Surge",
                "Revise the bed board",
                "Medical Surge",
                "Lowell General Hospital",
                region,
                "3/15/2026",
                "Open",
            ],
        ];
        xlsx(&[("Plan", rows)])
    };
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.xlsx", rows("17")).await;
    assert_eq!((report.inserted, report.rejected), (1, 1), "{report:?}");
    let csv = warehouse.mended(&[("Region", "3")]).await;
    let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
    assert_eq!((report.read, report.inserted), (1, 1), "{report:?}");
    let again = warehouse.loaded("tracker.xlsx", rows("3")).await;
    assert_eq!(
        (again.read, again.unchanged),
        (2, 2),
        "the mended workbook says the same: {again:?}"
    );
    let owners = "select o.name from warehouse.corrective_action a join warehouse.organization o \
        on o.organization_id = a.owner_organization_id order by 1";
    assert_eq!(warehouse.ask(owners).await, ["Anna Jaques Hospital", "Lowell General Hospital"]);
}

#[tokio::test]
async fn a_sheet_that_calls_its_actions_recommendations_is_read_and_one_without_them_is_told() {
    let first: &[&[&str]] = &[
        &["Capability", "Corrective Action", "Owner", "Due Date", "Status"],
        &["Medical Surge", "Revise the bed board", "MDPH", "3/15/2026", "Open"],
        &["Total actions", "", "", "", "1"],
    ];
    let closed: &[&[&str]] = &[
        &[
            "Exercise",
            "Core Capability",
            "Observation",
            "Recommendation",
            "Assigned To",
            "Due",
            "Status",
        ],
        &[
            "Flood 2024",
            "Mass Care",
            "Pets had no place",
            "Adopt the pet annex",
            "City of Worcester",
            "5/1/2024",
            "CLOSED",
        ],
    ];
    let other: &[&[&str]] = &[
        &["Plan", "Owner", "Page", "Edition"],
        &["Surge", "MDPH", "4", "2"],
        &["Fatality", "MDPH", "5", "2"],
        &["Radio", "MDPH", "6", "2"],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse
        .loaded("tracker.xlsx", xlsx(&[("Open", first), ("Closed", closed), ("Plans", other)]))
        .await;
    assert_eq!((report.read, report.inserted, report.rejected), (2, 2, 0), "{report:?}");
    assert_eq!(
        warehouse
            .ask("select text || ' ' || status from warehouse.corrective_action order by 1")
            .await,
        ["Adopt the pet annex COMPLETED", "Revise the bed board OPEN"]
    );
    let told =
        report.details.iter().find(|warning| warning.code.as_str() == "UNREAD_SHEET").unwrap();
    assert_eq!(told.value.as_deref(), Some("Plans"), "{told:?}");
}
