//! Tests reports as coalitions fill them in. They have capability elements in columns, a plan per
//! facility, boxes to check, ratings without a table, two languages, or a rejected event.

use crate::office::{Warehouse, bullet, codes, docx, heading, overview, p, run_in, table};

/// Returns text, owner, status, due date, completion date and elements of the actions in the last
/// file.
async fn actions(warehouse: &Warehouse) -> Vec<String> {
    warehouse
        .ask(
            "select concat_ws(' | ', a.text, case when o.organization_id > 0 then o.name else '-' \
             end, a.status, coalesce(a.due_original_on::text, '-'), \
                 coalesce(a.due_current_on::text, '-'), coalesce(a.completed_on::text, '-'), \
                 (select string_agg(e.code, '+' order by e.code) from \
                 warehouse.corrective_action_element join warehouse.element e using (element_id) \
                     where corrective_action_id = a.corrective_action_id)) \
             from warehouse.corrective_action a left join warehouse.organization o on \
             o.organization_id = a.owner_organization_id \
             where a.file_id = (select max(file_id) from meta.file) order by 1",
        )
        .await
}

#[tokio::test]
async fn capability_elements_in_columns_and_statuses_where_days_should_be_are_read() {
    let warehouse = Warehouse::new().await;
    let plan = table(&[
        &[
            "Capability",
            "Area for Improvement",
            "Corrective Action",
            "P",
            "O",
            "E",
            "T",
            "E",
            "Responsible Agency",
            "Target Date",
            "Completion Date",
        ],
        &[
            "Mass Care",
            "No cots",
            "Buy cots",
            "",
            "",
            "X",
            "",
            "",
            "MDPH",
            "6/30/2026",
            "Completed 7/1/2025",
        ],
        &[
            "",
            "No drill",
            "Drill the shelter",
            "x",
            "\u{2610}",
            "",
            "",
            "\u{2612}",
            "MDPH",
            "12/31/2026",
            "In progress",
        ],
        &["", "N/A", "N/A", "", "", "", "", "", "", "", ""],
        &[
            "",
            "No list",
            "Write a list",
            "",
            "",
            "",
            "",
            "",
            "MDPH",
            "1/1/2026 (extended to 6/30/2026)",
            "",
        ],
        &[
            "",
            "No tent",
            "Buy a tent",
            "",
            "",
            "",
            "",
            "",
            "MDPH",
            "Completed by Agnes Quillfeather 9/15/2025",
            "",
        ],
    ]);
    let report = warehouse
        .loaded("aar.docx", docx(&[overview(), heading(1, "Improvement Plan"), plan]))
        .await;
    assert_eq!(
        actions(&warehouse).await,
        [
            "Buy a tent | MDPH | COMPLETED | - | - | 2025-09-15",
            "Buy cots | MDPH | COMPLETED | 2026-06-30 | 2026-06-30 | 2025-07-01 | equipment",
            "Drill the shelter | MDPH | IN_PROGRESS | 2026-12-31 | 2026-12-31 | - | \
             exercises+planning",
            "Write a list | MDPH | OPEN | 2026-01-01 | 2026-06-30 | -",
        ]
    );
    assert_eq!(warehouse.findings().await.len(), 4, "N/A is no issue: {report:?}");
    assert_eq!(
        warehouse
            .ask("select due_text from warehouse.corrective_action where text = 'Buy a tent'")
            .await,
        ["Completed by [redacted] 9/15/2025"]
    );
}

#[tokio::test]
async fn a_plan_below_a_facilitys_name_is_that_facilitys_and_shares_and_prompts_are_understood() {
    let warehouse = Warehouse::new().await;
    let head: &[&str] = &[
        "Core Capability",
        "Issue",
        "Corrective Action",
        "Capability Element",
        "Due",
        "% Complete",
    ];
    let body = heading(1, "Appendix A: Improvement Plan")
        + &heading(2, "Holyoke Medical Center")
        + &table(&[
            head,
            &[
                "Medical Surge",
                "Tents leaked",
                "Patch the tents",
                "Choose an item.",
                "Q3 CY2026",
                "50%",
            ],
        ])
        + &heading(2, "Improvement Plan \u{2013} Mercy Medical Center")
        + &table(&[
            head,
            &[
                "Medical Surge",
                "Slow call",
                "Drill the call",
                "Exercises",
                "Click or tap to enter a date.",
                "",
            ],
        ]);
    let report = warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert_eq!(
        actions(&warehouse).await,
        [
            "Drill the call | Mercy Medical Center | OPEN | - | - | - | exercises",
            "Patch the tents | Holyoke Medical Center | IN_PROGRESS | 2026-09-30 | 2026-09-30 | -",
        ]
    );
    assert!(
        !codes(&report).contains(&"UNKNOWN_ELEMENT") && !codes(&report).contains(&"UNREAD_DATE"),
        "{report:?}"
    );
}

#[tokio::test]
async fn ratings_in_lines_count_where_no_table_has_them_and_a_table_of_definitions_is_no_unknown_one()
 {
    let warehouse = Warehouse::new().await;
    let lines = heading(1, "Analysis of Core Capabilities")
        + &heading(2, "Core Capability: Medical Surge")
        + &run_in("Rating: ", "Performed with Some Challenges (S)")
        + &heading(3, "Strengths / Fortalezas")
        + &bullet("Beds were found.")
        + &heading(3, "\u{c1}reas de mejora")
        + &bullet("Faltaban camas.")
        + &heading(2, "Core Capability: Information Sharing")
        + &p("Overall Performance Rating \u{2013} P");
    let definitions = table(&[
        &["Performed without Challenges (P)", "Done as planned."],
        &["Performed with Some Challenges (S)", "Done, and could be done better."],
        &["Performed with Major Challenges (M)", "Done, with harm elsewhere."],
        &["Unable to be Performed (U)", "Not done."],
    ]);
    let report =
        warehouse.loaded("aar.docx", docx(&[overview(), lines.clone(), definitions])).await;
    assert_eq!(
        warehouse.ratings().await,
        [" | Information Sharing | P", " | Medical Surge | S"].map(|row| row[3..].to_owned())
    );
    assert_eq!(
        warehouse.findings().await,
        ["A | Medical Surge | Faltaban camas.", "S | Medical Surge | Beds were found."]
    );
    assert!(!codes(&report).contains(&"UNKNOWN_TABLE"), "{report:?}");
    let ratings = table(&[
        &["Core Capability", "Rating"],
        &["Medical Surge", "Yellow \u{2013} Performed with Some Challenges"],
    ]);
    warehouse.loaded("aar.docx", docx(&[overview(), ratings, lines])).await;
    assert_eq!(
        warehouse.ratings().await,
        ["Medical Surge | S"],
        "the lines say the table's ratings again"
    );
}

#[tokio::test]
async fn boxes_days_in_brackets_regions_of_before_and_credentials_are_read_in_the_overview() {
    let warehouse = Warehouse::new().await;
    let body = table(&[
        &["Exercise Name", "Evacuation Exercise"],
        &["Exercise Dates", "FY24 Q2 (February 21, 2024)"],
        &[
            "Type of Exercise",
            "\u{2610} Tabletop \u{2612} Drill \u{2610} Functional \u{2610} Full-Scale",
        ],
        &["Threat or Hazard", "Coastal flooding"],
        &["Sponsor", "Region 4B"],
        &[
            "Participating Organizations",
            "Cape Cod Hospital (Agnes Quillfeather, RN)\nHoly Family, Methuen",
        ],
    ]);
    warehouse.loaded("aar.docx", docx(&[body])).await;
    assert_eq!(
        warehouse
            .ask(
                "select concat_ws(' | ', e.local_date, t.code, h.code, (select string_agg(r.code, \
                 ',') from warehouse.event_region join warehouse.region r using (region_id) where \
                 event_id = e.event_id)) \
                 from warehouse.event e join warehouse.exercise using (event_id) join \
                 warehouse.exercise_type t using (exercise_type_id) join warehouse.hazard h using \
                 (hazard_id)"
            )
            .await,
        ["2024-02-21 | DRL | coastal_flood | 4AB"]
    );
    assert_eq!(
        warehouse
            .ask(
                "select o.name from warehouse.participation join warehouse.organization o \
            using (organization_id) order by 1"
            )
            .await,
        ["Cape Cod Hospital", "Holy Family, Methuen"]
    );
}

#[tokio::test]
async fn a_report_whose_event_is_refused_is_told_row_by_row() {
    let warehouse = Warehouse::new().await;
    let body = table(&[
        &["Exercise Name", "Undated Drill"],
        &["Exercise Dates", "whenever it snows"],
        &["Scope", "A drill"],
        &["Sponsor", "Region 3 HMCC"],
    ]) + &heading(2, "Medical Surge")
        + &heading(3, "Strengths")
        + &bullet("Beds were found.");
    let report = warehouse.loaded("aar.docx", docx(&[body])).await;
    assert_eq!((report.read, report.inserted, report.rejected), (2, 0, 2), "{report:?}");
    assert_eq!(
        warehouse
            .ask(
                "select concat_ws(' | ', record_type, column_name, reason) from meta.reject \
            order by 1"
            )
            .await,
        [
            "event | Exercise Dates | must be a date or a range of dates, such as June 4, 2025 or \
             October \
             16-18, 2024; fix the document and load it again",
            "finding | its event was rejected"
        ]
    );
}

#[tokio::test]
async fn a_timeline_goes_on_past_midnight() {
    let warehouse = Warehouse::new().await;
    let timeline = heading(1, "Incident Timeline")
        + &table(&[
            &["Date/Time", "Event"],
            &["6/3/2025 2130 hrs", "Duty officer notified by CMED"],
            &["2142", "Duty officer acknowledged the page"],
            &["0005", "First situation report sent"],
            &["0130 hrs", "Demobilized"],
        ]);
    warehouse.loaded("aar.docx", docx(&[overview(), timeline])).await;
    assert_eq!(
        warehouse
            .ask(
                "select concat_ws(' ', t.code, to_char(occurred_at at time zone \
                 'America/New_York', 'MM-DD HH24:MI')) from warehouse.milestone \
                 join warehouse.milestone_type t using (milestone_type_id) order by occurred_at"
            )
            .await,
        [
            "notified 06-03 21:30",
            "acknowledged 06-03 21:42",
            "first_sitrep 06-04 00:05",
            "demobilized 06-04 01:30"
        ]
    );
}

#[tokio::test]
async fn a_document_of_persons_is_refused_without_their_names() {
    let warehouse = Warehouse::new().await;
    let body = heading(1, "Steering Committee Minutes")
        + &table(&[
            &["Agnes Quillfeather", "Cape Cod Hospital"],
            &["Tobias Bramblewick", "Falmouth Hospital"],
        ]);
    let report = warehouse.load("minutes.docx", docx(&[body])).await;
    let error = report.error.unwrap();
    assert!(
        error.contains("Steering Committee Minutes") && !error.contains("Quillfeather"),
        "{error}"
    );
}
