//! Tests improvement plans: merged cells, lists, other headings.

use crate::office::{Warehouse, bullet, codes, docx, heading, overview, p, table};

const PLAN: [&str; 8] = [
    "Core Capability",
    "Issue/Area for Improvement",
    "Corrective Action",
    "Capability Element1",
    "Primary Responsible Organization",
    "Organization POC",
    "Start Date",
    "Completion Date",
];

#[tokio::test]
async fn an_improvement_plan_is_read_with_its_merges_lists_and_lines_across() {
    let body = heading(1, "Appendix A: Improvement Plan")
        + &table(&[
            &["8|Region 3 HMCC, Winter Surge Tabletop, June 3, 2025"],
            &PLAN,
            &[
                "v:Core Capability 1: Medical Surge",
                "v:1. Beds were counted twice.",
                "1. Revise the bed board.\n2. Train the staff.",
                "Planning",
                "Lawrence General Hospital",
                "Jane Doe, 978-555-0100",
                "7/1/2025",
                "1. 9/30/25\n2. Q4 2025",
            ],
            &["^", "^", "Buy a display.", "Equipment", "MDPH", "", "", "TBD"],
            &[
                "^",
                "2. Radios failed in the garage.",
                "Install a repeater.",
                "Equipment",
                "Lawrence Fire Department\nMDPH",
                "",
                "July 2025",
                "Completed 8/1/25",
            ],
            &["8|Core Capability 2: Information Sharing"],
            &[
                "",
                "Reports came late.",
                "Set a clock time.",
                "Planning/Training",
                "Region 3 HMCC",
                "",
                "",
                "Within 90 days",
            ],
        ])
        + &table(&[
            // The next page: the repeated header, and cells continued from the previous page.
            &PLAN,
            &["^", "^", "Drill the reports.", "Exercises", "Region 3 HMCC", "", "", "Summer 2026"],
            &[
                "[Core Capability 3]",
                "[Area for Improvement]",
                "[Corrective Action]",
                "",
                "",
                "",
                "",
                "",
            ],
        ]);
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert_eq!(
        warehouse.actions().await,
        [
            "Information Sharing | Reports came late. | Drill the reports. | Region 3 HMCC | OPEN \
             | 2026-08-31",
            "Information Sharing | Reports came late. | Set a clock time. | Region 3 HMCC | OPEN | \
             Within 90 days",
            "Medical Surge | Beds were counted twice. | Buy a display. | MDPH | OPEN | TBD",
            "Medical Surge | Beds were counted twice. | Revise the bed board. | Lawrence General \
             Hospital | OPEN | 2025-09-30",
            "Medical Surge | Beds were counted twice. | Train the staff. | Lawrence General \
             Hospital | OPEN | 2025-12-31",
            "Medical Surge | Radios failed in the garage. | Install a repeater. | Lawrence Fire \
             Department | COMPLETED | Completed 8/1/25 | 2025-08-01",
        ]
    );
    assert!(
        codes(&report).contains(&"SEVERAL_OWNERS") && codes(&report).contains(&"RELATIVE_DATE"),
        "{report:?}"
    );
    assert_eq!(
        warehouse.findings().await.len(),
        3,
        "an issue that only the plan tells is a finding once"
    );
}

#[tokio::test]
async fn a_row_whose_borders_lie_elsewhere_than_the_headers_stands_under_the_right_headings() {
    let body = table(&[
        &[
            "Core Capability",
            "2|Issue/Area for Improvement",
            "Corrective Action",
            "Primary Responsible Organization",
            "Completion Date",
        ],
        &[
            "Medical Surge",
            "Beds were counted twice.",
            "2|Revise the bed board.",
            "MDPH",
            "June 30, 2026",
        ],
    ]);
    let warehouse = Warehouse::new().await;
    warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert_eq!(
        warehouse.actions().await,
        ["Medical Surge | Beds were counted twice. | Revise the bed board. | MDPH | OPEN | \
             2026-06-30"]
    );
}

#[tokio::test]
async fn the_2007_plan_and_a_reworded_one_are_read() {
    let warehouse = Warehouse::new().await;
    let older = table(&[
        &[
            "Capability",
            "Observation Title",
            "Recommendation",
            "Corrective Action Description",
            "Capability Element",
            "Primary Responsible Agency",
            "Agency POC",
            "Start Date",
            "Completion Date",
        ],
        &[
            "Capability 1: Mass Prophylaxis",
            "1. Late start",
            "1.1 Open earlier",
            "1.1.1 Revise the clock",
            "Personnel",
            "Lawrence Board of Health",
            "J. Doe",
            "1 Jan 2025",
            "30-Jun-25",
        ],
    ]);
    let reworded = table(&[
        &[
            "HPP Capability",
            "Gap / Challenge",
            "Action Item(s)",
            "POETE Category",
            "Lead Agency",
            "Point of Contact",
            "Anticipated Completion Date (mm/dd/yy)",
            "Status / Comments",
        ],
        &[
            "Mass Prophylaxis",
            "Late start",
            "Revise the clock",
            "Organization",
            "Lawrence Board of Health",
            "J. Doe",
            "06/30/25",
            "In progress",
        ],
    ]);
    for (body, status) in [(older, "OPEN"), (reworded, "IN_PROGRESS")] {
        warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
        let expected = format!(
            "Mass Prophylaxis | Late start | Revise the clock | Lawrence Board of Health | \
             {status} | 2025-06-30"
        );
        assert_eq!(warehouse.actions().await, [expected]);
        assert_eq!(
            warehouse
                .ask(
                    "select distinct e.code from warehouse.corrective_action_element \
            join warehouse.element e using (element_id)"
                )
                .await,
            ["organization"]
        );
    }
}

#[tokio::test]
async fn a_due_date_without_a_year_is_the_first_such_day_from_the_start_or_the_report_on() {
    let body = table(&[
        &PLAN,
        &[
            "Medical Surge",
            "Beds were counted twice.",
            "Revise the bed board.",
            "Planning",
            "MDPH",
            "",
            "",
            "15 March",
        ],
        &["", "", "Buy a display.", "Equipment", "MDPH", "", "7/1", "6/30"],
        &["", "", "Train the staff.", "Training", "MDPH", "", "", "end of June"],
        &["", "", "Drill the board.", "Exercises", "MDPH", "", "", "TBD"],
    ]);
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    let told = "select concat_ws(' ', text, start_on, due_original_on, due_precision) from \
        warehouse.corrective_action order by 1";
    assert_eq!(
        warehouse.ask(told).await,
        [
            "Buy a display. 2025-07-01 2026-06-30 DAY",
            "Drill the board.",
            "Revise the bed board. 2026-03-15 DAY",
            "Train the staff. 2025-06-30 MONTH",
        ],
        "{report:?}"
    );
    let warned =
        report.details.iter().find(|warning| warning.value.as_deref() == Some("15 March")).unwrap();
    assert_eq!(
        (warned.code.as_str(), warned.message.as_str()),
        ("NO_YEAR", "has no year: the first such day on or after 2025-06-03 is taken, 2026-03-15")
    );
}

#[tokio::test]
async fn lines_beside_as_many_days_are_an_action_each_and_a_plans_title_is_no_finding() {
    let body = heading(1, "Areas for Improvement")
        + &heading(2, "Fuel contracts were unknown.")
        + &heading(2, "Improvement Plan \u{2013} Holy Family Hospital")
        + &table(&[
            &PLAN,
            &[
                "Medical Surge",
                "Fuel contracts were unknown.",
                "List the contracts.\nSign a second one.",
                "Planning",
                "J. Roe, RN\nMDPH",
                "",
                "",
                "8/1/2025\n15 September",
            ],
        ])
        + &heading(2, "Lawrence Nursing Center")
        + &table(&[
            &PLAN,
            &["Medical Surge", "", "a) Test the pump. b) Train the staff.", "", "", "", "", "TBD"],
        ]);
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert_eq!(
        warehouse.actions().await,
        [
            "Medical Surge | Fuel contracts were unknown. | List the contracts. | - | OPEN | \
             2025-08-01",
            "Medical Surge | Fuel contracts were unknown. | Sign a second one. | MDPH | OPEN | \
             2025-09-15",
            "Medical Surge | Test the pump. | - | OPEN | TBD",
            "Medical Surge | Train the staff. | - | OPEN | TBD",
        ],
        "{report:?}"
    );
    assert_eq!(warehouse.findings().await.len(), 1, "{report:?}");
    assert!(codes(&report).contains(&"PERSON_DROPPED"), "{report:?}");
}

#[tokio::test]
async fn a_second_table_completes_the_actions_by_their_numbers() {
    let warehouse = Warehouse::new().await;
    let body = [
        overview(),
        heading(1, "Appendix A: Improvement Plan"),
        table(&[
            &["No.", "Core Capability", "Issue/Area for Improvement", "Corrective Action"],
            &["1", "Mass Care", "Cots were late", "Buy cots"],
        ]),
        table(&[
            &["No.", "Primary Responsible Organization", "Start Date", "Completion Date"],
            &["1", "Lynn Fire Department", "6/5/2025", "12/1/2026"],
        ]),
        table(&[
            &["No.", "Primary Responsible Organization", "Start Date", "Completion Date"],
            &["7", "Lynn Fire Department", "6/5/2025", "12/1/2026"],
        ]),
    ];
    let report = warehouse.loaded("aar.docx", docx(&body)).await;
    assert_eq!(
        warehouse.actions().await,
        ["Mass Care | Cots were late | Buy cots | Lynn Fire Department | OPEN | 2026-12-01"]
    );
    // A number that no action has is no row of the plan.
    assert!(codes(&report).contains(&"UNKNOWN_TABLE"), "{report:?}");
}

#[tokio::test]
async fn a_plan_is_read_in_forms_under_a_named_capability_and_with_a_header_of_two_rows() {
    let warehouse = Warehouse::new().await;
    let form = |action: &'static str, due: &'static str| -> Vec<[&'static str; 2]> {
        vec![
            ["Core Capability", "Mass Care"],
            ["Issue/Area for Improvement", "Cots were late"],
            ["Corrective Action", action],
            ["Primary Responsible Organization", "Lynn Fire Department"],
            ["Completion Date", due],
        ]
    };
    let both: Vec<[&str; 2]> =
        [form("Buy cots", "12/1/2026"), form("Store cots", "1/15/2027")].concat();
    let both: Vec<&[&str]> = both.iter().map(<[&str; 2]>::as_slice).collect();
    let short = ["Issue/Area for Improvement", "Corrective Action", "Owner", "Completion Date"];
    let body = [
        overview(),
        heading(1, "Appendix A: Improvement Plan"),
        table(&both),
        p("Core Capability: Volunteer Management"),
        table(&[&short, &["Badges ran out", "Print badges", "Lynn Fire Department", "2/1/2027"]]),
        table(&[
            &["Core", "", "Corrective", "Responsible", "Completion"],
            &["Capability", "Issue", "Action", "Organization", "Date"],
            &["Medical Surge", "Beds were short", "Plan beds", "Lynn Fire Department", "3/1/2027"],
        ]),
    ];
    warehouse.loaded("aar.docx", docx(&body)).await;
    let actions = warehouse
        .ask(
            "select concat_ws(' | ', c.name, a.text, a.due_current_on::text) from \
             warehouse.corrective_action a join warehouse.capability c using (capability_id) order \
             by a.due_current_on",
        )
        .await;
    assert_eq!(
        actions,
        [
            "Mass Care | Buy cots | 2026-12-01",
            "Mass Care | Store cots | 2027-01-15",
            "Volunteer Management | Print badges | 2027-02-01",
            "Medical Surge | Plan beds | 2027-03-01"
        ]
    );
}

#[tokio::test]
async fn actions_in_paragraphs_and_further_events_are_told() {
    let warehouse = Warehouse::new().await;
    let body = [
        overview(),
        heading(1, "Appendix A: Improvement Plan"),
        bullet("Corrective Action 1: Buy cots. Responsible: Lynn Fire Department. Due: 12/1/2026"),
        heading(1, "Exercise Overview"),
        table(&[
            &["Exercise Name", "Spring Radio Drill"],
            &["Exercise Dates", "July 4, 2025"],
            &["Sponsor", "Region 5 HMCC"],
        ]),
    ];
    let report = warehouse.loaded("aar.docx", docx(&body)).await;
    assert!(codes(&report).contains(&"LOOSE_ACTION"), "{report:?}");
    let other = report.details.iter().find(|told| told.code.as_str() == "SEVERAL_EVENTS").unwrap();
    assert_eq!(other.value.as_deref(), Some("Spring Radio Drill"));
}
