//! Tests improvement plans: merged cells, lists, other headings.

use crate::office::{Warehouse, codes, docx, heading, overview, table};

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
