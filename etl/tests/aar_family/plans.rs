//! Improvement plans: merges, lists, other headings.

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
            // The next page: the header again, and cells that go on from the page before.
            &PLAN,
            &["^", "^", "Drill the reports.", "Exercises", "Region 3 HMCC", "", "", "Summer 2026"],
            &["[Core Capability 3]", "[Area for Improvement]", "[Corrective Action]", "", "", "", "", ""],
        ]);
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert_eq!(
        warehouse.actions().await,
        [
            "Information Sharing | Reports came late. | Drill the reports. | Region 3 HMCC | OPEN | 2026-08-31",
            "Information Sharing | Reports came late. | Set a clock time. | Region 3 HMCC | OPEN | Within 90 days",
            "Medical Surge | Beds were counted twice. | Buy a display. | MDPH | OPEN | TBD",
            "Medical Surge | Beds were counted twice. | Revise the bed board. | Lawrence General Hospital | OPEN | 2025-09-30",
            "Medical Surge | Beds were counted twice. | Train the staff. | Lawrence General Hospital | OPEN | 2025-12-31",
            "Medical Surge | Radios failed in the garage. | Install a repeater. | Lawrence Fire Department | COMPLETED | Completed 8/1/25 | 2025-08-01",
        ]
    );
    assert!(codes(&report).contains(&"several_owners") && codes(&report).contains(&"relative_date"), "{report:?}");
    assert_eq!(warehouse.findings().await.len(), 3, "an issue that only the plan tells is a finding once");
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
        &["Medical Surge", "Beds were counted twice.", "2|Revise the bed board.", "MDPH", "June 30, 2026"],
    ]);
    let warehouse = Warehouse::new().await;
    warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert_eq!(
        warehouse.actions().await,
        ["Medical Surge | Beds were counted twice. | Revise the bed board. | MDPH | OPEN | 2026-06-30"]
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
            "Mass Prophylaxis | Late start | Revise the clock | Lawrence Board of Health | {status} | 2025-06-30"
        );
        assert_eq!(warehouse.actions().await, [expected]);
        assert_eq!(warehouse.ask("select distinct e.code from warehouse.corrective_action_element join warehouse.element e using (element_id)").await, ["organization"]);
    }
}
