//! The template family of after-action reports: every way in which filled copies of the public templates differ, each made in
//! memory and counted by hand.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use office::{Warehouse, bold, bullet, codes, docx, heading, item, overview, p, run_in, table};

const RATED: [&str; 3] = [
    "Objective 1: Share information | Information Sharing | S",
    "Objective 1: Share information | Medical Surge | P",
    "Objective 2: Run the EOC | Emergency Operations Coordination | U",
];

async fn ratings_of(warehouse: &Warehouse, body: String) -> (Vec<String>, Vec<&'static str>, u64) {
    let report =
        warehouse.loaded("aar.docx", docx(&[overview(), heading(1, "Analysis of Core Capabilities"), body])).await;
    (warehouse.ratings().await, codes(&report), report.rejected)
}

const HEAD: [&str; 6] = [
    "Objective",
    "Core Capability",
    "Performed without Challenges (P)",
    "Performed with Some Challenges (S)",
    "Performed with Major Challenges (M)",
    "Unable to be Performed (U)",
];

fn marked(mark: &str) -> String {
    table(&[
        &HEAD,
        &["v:Objective 1: Share information", "Medical Surge", mark, "", "", ""],
        &["^", "Information Sharing", "", mark, "", ""],
        &["Objective 2: Run the EOC", "Emergency Operations Coordination", "", "", "", mark],
    ])
}

#[tokio::test]
async fn a_rating_is_read_from_a_mark_of_every_kind() {
    let warehouse = Warehouse::new().await;
    let check = |inside: &str| format!("<w:p>{inside}</w:p>");
    let control = "<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val=\"1\"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>\u{2612}</w:t></w:r></w:sdtContent></w:sdt>";
    let silent = "<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val=\"1\"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r></w:r></w:sdtContent></w:sdt>";
    let form = "<w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:checkBox><w:default w:val=\"0\"/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>";
    for mark in [
        "X".to_owned(),
        "x".into(),
        "\u{2713}".into(),
        "\u{2714}".into(),
        "\u{2612}".into(),
        "(X)".into(),
        "Yes".into(),
        check(control),
        check(silent),
        check(form),
        check("<w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FC\"/></w:r>"),
        check("<w:r><w:rPr><w:rFonts w:ascii=\"Wingdings\"/></w:rPr><w:t>\u{fc}</w:t></w:r>"),
        check("<w:ins><w:r><w:t>X</w:t></w:r></w:ins><w:del><w:r><w:delText>no</w:delText></w:r></w:del>"),
    ] {
        let (ratings, _, rejected) = ratings_of(&warehouse, marked(&mark)).await;
        assert_eq!((ratings, rejected), (RATED.map(str::to_owned).to_vec(), 0), "{mark}");
    }
}

#[tokio::test]
async fn empty_boxes_beside_a_mark_are_no_marks() {
    let warehouse = Warehouse::new().await;
    let empty = "<w:p><w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val=\"0\"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>\u{2610}</w:t></w:r></w:sdtContent></w:sdt></w:p>";
    let form = "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:checkBox><w:default w:val=\"0\"/></w:checkBox></w:ffData></w:fldChar></w:r></w:p>";
    let sym = "<w:p><w:r><w:sym w:font=\"Wingdings\" w:char=\"F0A8\"/></w:r></w:p>";
    let body = table(&[
        &HEAD,
        &["Objective 1", "Medical Surge", empty, "\u{2612}", form, sym],
        &["Objective 2", "Mass Care", "\u{2014}", "[ ]", "[x]", "N/A"],
    ]);
    let (ratings, _, rejected) = ratings_of(&warehouse, body).await;
    assert_eq!(
        (ratings, rejected),
        (vec!["Objective 1 | Medical Surge | S".into(), "Objective 2 | Mass Care | M".into()], 0)
    );
}

#[tokio::test]
async fn a_ratings_table_is_known_whatever_its_header_looks_like() {
    let warehouse = Warehouse::new().await;
    let letters: &[&[&str]] = &[
        &HEAD,
        &["v:Objective 1: Share information", "Medical Surge", "P", "", "", ""],
        &["^", "Information Sharing", "", "S", "", ""],
        &["Objective 2: Run the EOC", "Emergency Operations Coordination", "", "", "", "U"],
    ];
    let titled: &[&[&str]] = &[
        &["6|Table 1. Summary of Core Capability Performance"],
        &HEAD,
        &["Objective 1: Share information", "Medical Surge\nInformation Sharing", "", "X", "", ""],
    ];
    let split: &[&[&str]] = &[
        &["v:Objective", "v:Core Capability", "4|Performance Rating"],
        &["^", "^", "P", "S", "M", "U"],
        &["Objective 1: Share information", "Medical Surge; Information Sharing", "", "X", "", ""],
    ];
    let blank: &[&[&str]] = &[
        &["Exercise Objective", "Core Capability\u{b9}", "4|Performed"],
        &["", "", "without Challenges", "with Some Challenges", "with Major Challenges", "Unable"],
        &["Objective 1: Share information", "Medical Surge, Information Sharing", "", "X", "", ""],
    ];
    let word: &[&[&str]] = &[
        &["Objective", "Capability", "Rating"],
        &["Objective 1: Share information", "10. Medical Surge", "Performed with Some Challenges (S)"],
        &["", "Capability 6: Information Sharing", "S"],
    ];
    let spanning: &[&[&str]] = &[
        &HEAD,
        &["Objective 1: Share information", "Medical Surge", "4|Performed with Some Challenges"],
        &["Objective 1: Share information", "Information Sharing", "", "S", "", ""],
        &["6|Ratings Definitions"],
        &["2|Performed without Challenges (P)", "4|The targets and critical tasks were completed."],
    ];
    let two = || {
        vec![
            "Objective 1: Share information | Information Sharing | S".to_owned(),
            "Objective 1: Share information | Medical Surge | S".to_owned(),
        ]
    };
    for (rows, expected) in [
        (letters, RATED.map(str::to_owned).to_vec()),
        (titled, two()),
        (split, two()),
        (blank, two()),
        (word, two()),
        (spanning, two()),
    ] {
        let (ratings, _, rejected) = ratings_of(&warehouse, table(rows)).await;
        assert_eq!((ratings, rejected), (expected, 0), "{rows:?}");
    }
}

#[tokio::test]
async fn what_was_not_observed_is_told_apart_and_older_scales_stay_their_own() {
    let warehouse = Warehouse::new().await;
    let body = table(&[
        &HEAD,
        &["Objective 1", "Medical Surge", "4|Not evaluated during this exercise"],
        &["Objective 2", "Mass Care", "N/A", "N/A", "N/A", "N/A"],
        &["Objective 3", "Fatality Management", "", "", "", ""],
        &["Objective 4", "Information Sharing", "X", "X", "", ""],
        &["Objective 5", "Medical Surgee", "X", "", "", ""],
    ]);
    let (ratings, _, rejected) = ratings_of(&warehouse, body).await;
    assert_eq!(rejected, 3);
    assert_eq!(ratings, ["Objective 1 | Medical Surge | NOT_OBSERVED", "Objective 2 | Mass Care | NOT_OBSERVED"]);
    let older = table(&[
        &["Objective", "Target Capability", "Fully", "Partially", "Not Performed", "N/A"],
        &["Objective 1", "Mass Prophylaxis", "", "X", "", ""],
        &["Objective 2", "Medical Surge", "", "", "", "X"],
    ]);
    let (ratings, _, rejected) = ratings_of(&warehouse, older).await;
    assert_eq!(rejected, 0);
    assert_eq!(ratings, ["Objective 1 | Mass Prophylaxis | PARTIALLY", "Objective 2 | Medical Surge | NOT_OBSERVED"]);
}

#[tokio::test]
async fn capabilities_of_every_framework_are_known_by_the_names_documents_give_them() {
    let warehouse = Warehouse::new().await;
    let names = [
        ("4 Medical Surge", "HPP 4"),
        ("Medical Surge (HPP)", "HPP 4"),
        ("HPP 2012 Medical Surge", "HPP-2012 10"),
        ("Capability 10: Medical Surge", "PHEP 10"),
        ("Emergency Public Information & Warning", "PHEP 4"),
        ("Public Health, Healthcare & Emergency Medical Services", "FEMA 27"),
        ("On-Scene Security, Protection and Law Enforcement", "FEMA 25"),
        ("Mass Prophylaxis (TCL)", "TCL 32"),
        ("Health and Medical Response Coordination", "HPP 2"),
        ("Healthcare System Preparedness", "HPP-2012 1"),
    ];
    let rows: Vec<Vec<&str>> = names.iter().map(|(name, _)| vec!["Objective 1", *name, "X", "", "", ""]).collect();
    let rows: Vec<&[&str]> = std::iter::once(HEAD.as_slice()).chain(rows.iter().map(Vec::as_slice)).collect();
    let report = warehouse.loaded("aar.docx", docx(&[overview(), table(&rows)])).await;
    assert_eq!(report.rejected, 0, "{report:?}");
    let found = warehouse
        .ask("select f.code || ' ' || c.code from warehouse.capability_rating r join warehouse.capability c using (capability_id) join warehouse.capability_framework f using (capability_framework_id) order by 1")
        .await;
    let mut expected: Vec<&str> = names.iter().map(|(_, code)| *code).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// The same four findings, however they are written.
const FOUND: [&str; 4] = [
    "A | Medical Surge | Beds were counted twice. | R Surge plan, section 4 | A Two lists were kept. | D Keep one list.",
    "A | Medical Surge | Radios failed in the garage.",
    "S | Medical Surge | Staff knew the plan.",
    "S | Medical Surge | The EOC opened in 20 minutes.",
];

#[tokio::test]
async fn findings_are_read_however_they_are_written() {
    let warehouse = Warehouse::new().await;
    let fields = || {
        p("Reference: Surge plan, section 4")
            + &p("Analysis: Two lists were kept.")
            + &p("Recommendation: Keep one list.")
    };
    let one_line = "Beds were counted twice. Reference: Surge plan, section 4; Analysis: Two lists were kept. Recommendation: Keep one list.";
    let labels = heading(2, "Medical Surge")
        + &heading(3, "Strengths")
        + &p("The full capability level can be attributed to the following strengths:")
        + &p("Strength 1: Staff knew the plan.")
        + &p("Strength 2: The EOC opened in 20 minutes.")
        + &heading(3, "Areas for Improvement")
        + &p("The following areas require improvement to achieve the full capability level:")
        + &p("Area for Improvement 1: Beds were counted twice.")
        + &fields()
        + &p("Area for Improvement 2: Radios failed in the garage.");
    let bullets = heading(2, "Core Capability 1: Medical Surge")
        + &bold("Strengths")
        + &bullet("Staff knew the plan.")
        + &bullet("The EOC opened in 20 minutes.")
        + &bold("Areas for Improvement")
        + &item(0, "Beds were counted twice.")
        + &fields()
        + &item(0, "Radios failed in the garage.");
    let headings = heading(2, "Objective 1: Surge")
        + &heading(3, "Medical Surge (PHEP 10)")
        + &heading(4, "Strength 1: Staff knew the plan.")
        + &heading(4, "Strength 2: The EOC opened in 20 minutes.")
        + &heading(4, "Area for Improvement 1: Beds were counted twice.")
        + &fields()
        + &heading(4, "Area for Improvement 2: Radios failed in the garage.");
    let plain = heading(2, "Medical Surge")
        + &p("Strengths:")
        + &p("Staff knew the plan.")
        + &p("The EOC opened in 20 minutes.")
        + &p("Areas for Improvement:")
        + &p(one_line)
        + &p("Radios failed in the garage.");
    let older = p("Section 3: Analysis of Capabilities")
        + &p("Capability 1: Medical Surge")
        + &p("Capability Summary: The coalition surged over two hours.")
        + &p("Activity 1.1: Receive patients")
        + &p("Observation 1.1: Strength \u{2013} Staff knew the plan.")
        + &p("Observation 1.2: Strength")
        + &p("The EOC opened in 20 minutes.")
        + &p("Observation 1.3: Area for Improvement: Beds were counted twice.")
        + &fields().replace("Reference:", "References:").replace("Recommendation:", "Recommendations:")
        + &p("Observation 1.4 (Area for Improvement): Radios failed in the garage.");
    let soft = heading(2, "Medical Surge")
        + &p("Strengths\nStaff knew the plan.\nThe EOC opened in 20 minutes.")
            .replace("<w:br/>", "</w:r></w:p><w:p><w:r>")
        + &p(
            "Area for Improvement 1: Beds were counted twice.\nReference: Surge plan, section 4\nAnalysis: Two lists were kept.\nRecommendation: Keep one list.",
        )
        + &p("Area for Improvement 2: Radios failed in the garage.");
    let columns = heading(2, "Medical Surge")
        + &table(&[
            &["Strengths", "Areas for Improvement"],
            &["Staff knew the plan.\nThe EOC opened in 20 minutes.", "Radios failed in the garage."],
        ])
        + &table(&[
            &["Area for Improvement", "Reference", "Analysis", "Recommendation"],
            &["Beds were counted twice.", "Surge plan, section 4", "Two lists were kept.", "Keep one list."],
        ]);
    let left = table(&[
        &["Core Capability", "Medical Surge"],
        &["Strengths", "\u{2022} Staff knew the plan.\n\u{2022} The EOC opened in 20 minutes."],
        &["Area for Improvement 1", "Beds were counted twice."],
        &["Reference", "Surge plan, section 4"],
        &["Analysis", "Two lists were kept."],
        &["Recommendation", "Keep one list."],
        &["Area for Improvement 2", "Radios failed in the garage."],
    ]);
    let framed = table(&[&[bullets.as_str()]]);
    for (name, body) in [
        ("labels", labels),
        ("bullets", bullets),
        ("headings", headings),
        ("plain", plain),
        ("2007", older),
        ("soft breaks", soft),
        ("columns", columns),
        ("labels on the left", left),
        ("a frame", framed),
    ] {
        let report =
            warehouse.loaded("aar.docx", docx(&[overview(), heading(1, "Analysis of Core Capabilities"), body])).await;
        assert_eq!(report.rejected, 0, "{name}: {report:?}");
        assert_eq!(warehouse.findings().await, FOUND, "{name}");
    }
}

#[tokio::test]
async fn titles_and_bold_run_ins_begin_findings_and_the_summary_is_not_counted_twice() {
    let body = heading(1, "Executive Summary")
        + &p("Major Strengths")
        + &bullet("Staff knew the plan.")
        + &p("Primary Areas for Improvement")
        + &bullet("Radios failed in the garage.")
        + &heading(1, "Analysis of Core Capabilities")
        + &heading(2, "Medical Surge")
        + &heading(3, "Strengths")
        + &run_in("Plans known.", " Staff knew the plan.")
        + &p("They had trained in May.")
        + &run_in("Fast start.", " The EOC opened in 20 minutes.")
        + &heading(3, "Areas for Improvement")
        + &heading(4, "Radio coverage")
        + &p("Radios failed in the garage.")
        + &p("Analysis: No repeater.")
        + &heading(4, "Bed counts")
        + &p("Beds were counted twice.");
    let warehouse = Warehouse::new().await;
    warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert_eq!(
        warehouse.findings().await,
        [
            "A | Medical Surge | Bed counts / Beds were counted twice.",
            "A | Medical Surge | Radio coverage / Radios failed in the garage. | A No repeater.",
            "S | Medical Surge | Fast start. The EOC opened in 20 minutes.",
            "S | Medical Surge | Plans known. Staff knew the plan. / They had trained in May.",
        ]
    );
}

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

async fn events(warehouse: &Warehouse) -> Vec<String> {
    warehouse
        .ask(
            "select concat_ws(' | ', e.kind, e.name, e.local_date, e.end_local_date, coalesce(t.code, '-'), \
                 (select string_agg(r.code, ',') from warehouse.event_region join warehouse.region r using (region_id) where event_region.event_id = e.event_id)) \
             from warehouse.event e left join warehouse.exercise x using (event_id) left join warehouse.exercise_type t using (exercise_type_id) order by 1",
        )
        .await
}

#[tokio::test]
async fn an_overview_is_read_in_a_table_in_four_columns_or_in_paragraphs() {
    let ratings = table(&[&HEAD, &["Objective 1", "Medical Surge", "X", "", "", ""]]);
    let healthcare = heading(1, "Exercise/Incident/Event Overview")
        + &table(&[
            &["2|Overview"],
            &["Event Name:", "Winter Surge Tabletop"],
            &["Event Dates:", "June 3-5, 2025, 0800-1600"],
            &["Scope", "Tabletop exercise"],
            &["Public Health Preparedness Capabilities", "4 Medical Surge"],
            &["Hazard or Threat", "Ice storm"],
            &["Sponsor(s)", "Region 3 HMCC"],
            &["Point of Contact", "Name: Jane Doe\nPhone: 978-555-0100"],
            &["Name", "Jane Doe"],
            &["Email", "jane@example.org"],
        ]);
    let four = table(&[
        &["Exercise Name", "Winter Surge Tabletop", "Exercise Date(s)", "June 3\u{2013}5, 2025"],
        &["Exercise Type", "TTX", "Threat/Hazard", "Ice storm"],
        &["Sponsor", "Region 3 HMCC", "Location", "Lawrence"],
    ]);
    let paragraphs = p("Section 1: Exercise Overview")
        + &bold("Exercise Details")
        + &bold("Exercise Name")
        + &p("Winter Surge Tabletop")
        + &bold("Type of Exercise")
        + &p("Tabletop")
        + &bold("Exercise Start Date")
        + &p("June 3, 2025")
        + &bold("Exercise End Date")
        + &p("June 5, 2025")
        + &bold("Sponsor")
        + &p("Region 3 HMCC")
        + &bold("Exercise Planning Team Leadership")
        + &p("Jane Doe, jane@example.org");
    let lines = p("Exercise Name: Winter Surge Tabletop")
        + &p("Exercise Dates: 6/3/2025 to 6/5/2025")
        + &p("Exercise Type: Table-top")
        + &p("Sponsor: Region 3 HMCC");
    let warehouse = Warehouse::new().await;
    for (name, body) in
        [("healthcare", healthcare), ("four columns", four), ("paragraphs", paragraphs), ("lines", lines)]
    {
        let report = warehouse.loaded("aar.docx", docx(&[body, ratings.clone()])).await;
        assert_eq!(report.rejected, 0, "{name}: {report:?}");
        assert_eq!(
            events(&warehouse).await,
            ["EXERCISE | Winter Surge Tabletop | 2025-06-03 | 2025-06-05 | TTX | 3"],
            "{name}"
        );
        for table in
            ["warehouse.event", "warehouse.exercise", "warehouse.organization", "warehouse.objective", "meta.warning"]
        {
            let found = warehouse
                .ask(&format!(
                    "select t::text from {table} t where t::text ilike '%jane%' or t::text like '%555-0100%'"
                ))
                .await;
            assert!(found.is_empty(), "{name}: {found:?}");
        }
    }
}

#[tokio::test]
async fn incidents_and_planned_events_are_told_from_exercises() {
    let warehouse = Warehouse::new().await;
    for (label, name, expected) in [
        ("Incident Name", "Ice Storm Response", "INCIDENT"),
        ("Event Name", "Boston Marathon 2025", "PLANNED_EVENT"),
        ("Exercise/Incident/Event Name", "Flu Season Surge", "INCIDENT"),
        ("Exercise/Incident/Event Name", "Flu Season Drill", "EXERCISE"),
    ] {
        let body = table(&[&[label, name], &["Date", "May 30 \u{2013} June 2, 2024"], &["Sponsor", "Region 3 HMCC"]]);
        warehouse
            .loaded("aar.docx", docx(&[body, table(&[&HEAD, &["Objective 1", "Medical Surge", "X", "", "", ""]])]))
            .await;
        let found = warehouse.ask("select concat_ws(' ', kind, local_date, end_local_date) from warehouse.event where file_id = (select max(file_id) from meta.file)").await;
        assert_eq!(found, [format!("{expected} 2024-05-30 2024-06-02")], "{name}");
    }
}

#[tokio::test]
async fn a_template_that_nobody_filled_in_is_refused_and_its_prompts_are_never_stored() {
    let warehouse = Warehouse::new().await;
    let empty = table(&[
        &["Exercise Name", "[Insert the formal name of exercise]"],
        &["Exercise Dates", "[Indicate the start and end dates]"],
        &["Sponsor", "[Insert the name of the sponsor]"],
        &["Scope", "[Exercise type]"],
    ]);
    let ratings = table(&[&HEAD, &["[Objective 1]", "[Core capability]", "", "", "", ""]]);
    let report = warehouse.load("template.docx", docx(&[empty, ratings])).await;
    assert!(report.error.is_some() || (report.inserted, report.rejected) == (0, 1), "{report:?}");
    let half = table(&[
        &["Exercise Name", "Winter Surge Tabletop"],
        &["Exercise Dates", "June 3, 2025 [insert times]"],
        &["Scope", "[Describe the scope]"],
        &["Sponsor", "Region 3 HMCC"],
    ]);
    let report = warehouse.loaded("half.docx", docx(&[half])).await;
    assert_eq!((report.read, report.inserted), (1, 1), "{report:?}");
    assert!(warehouse.ask("select event::text from warehouse.event where event::text like '%[%]%'").await.is_empty());
    assert!(
        warehouse
            .ask("select exercise::text from warehouse.exercise where exercise::text ilike '%describe%'")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn participants_are_read_from_lists_by_discipline_and_from_tables() {
    let bullets = heading(1, "Appendix B: Exercise Participants")
        + &bold("Hospitals")
        + &bullet("Lawrence General Hospital (12)")
        + &bullet("Holy Family Hospital")
        + &bold("Emergency Medical Services")
        + &bullet("Cataldo Ambulance Service")
        + &heading(1, "Appendix C: Acronyms")
        + &bullet("EOC");
    let rows = p("APPENDIX B: EXERCISE PARTICIPANTS")
        + &table(&[
            &["Participating Organizations", "Number of Participants"],
            &["Hospitals", ""],
            &["Lawrence General Hospital", "12"],
            &["Holy Family Hospital", ""],
            &["2|EMS"],
            &["Cataldo Ambulance Service", ""],
        ]);
    let signed = heading(1, "Appendix B: Exercise Participants")
        + &table(&[
            &["Name", "Organization", "E-mail"],
            &["Jane Doe", "Lawrence General Hospital", "jane@example.org"],
            &["John Roe", "Holy Family Hospital", ""],
            &["Ann Poe", "Cataldo Ambulance Service", ""],
            &["Tim Moe", "Lawrence General Hospital", ""],
        ]);
    let warehouse = Warehouse::new().await;
    for (name, body) in [("bullets", bullets), ("rows", rows), ("signed", signed)] {
        warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
        let found = warehouse
            .ask("select o.name from warehouse.participation p join warehouse.organization o using (organization_id) where p.file_id = (select max(file_id) from meta.file) order by 1")
            .await;
        assert_eq!(found, ["Cataldo Ambulance Service", "Holy Family Hospital", "Lawrence General Hospital"], "{name}");
    }
}

#[tokio::test]
async fn text_boxes_nested_tables_hidden_text_and_struck_rows_are_read_as_they_show() {
    let boxed = "<w:p><w:r><w:t>Before </w:t><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>After-Action Report, July 30, 2025</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></w:r><w:r><w:t>and after</w:t></w:r></w:p>".to_owned();
    let framed = table(&[&[overview().as_str()]]);
    let hidden =
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Strength 9: Delete this help text.</w:t></w:r></w:p>".to_owned();
    let prompt = "<w:p><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click or tap here to enter text.</w:t></w:r></w:sdtContent></w:sdt></w:p>";
    let struck = table(&[&HEAD, &["Objective 1", "Medical Surge", "X", "", "", prompt], &["Objective 2", "Mass Care", "X", "", "", ""]])
        .replacen("<w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"1\"/></w:tcPr><w:p><w:r><w:t xml:space=\"preserve\">Objective 2", "<w:tr><w:trPr><w:del w:id=\"1\"/></w:trPr><w:tc><w:tcPr><w:gridSpan w:val=\"1\"/></w:tcPr><w:p><w:r><w:t xml:space=\"preserve\">Objective 2", 1);
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("aar.docx", docx(&[boxed, framed, heading(1, "Analysis"), hidden, struck])).await;
    assert_eq!((report.read, report.inserted), (2, 2), "{report:?}");
    assert_eq!(warehouse.ratings().await, ["Objective 1 | Medical Surge | P"]);
    assert_eq!(warehouse.ask("select final_on::text from warehouse.after_action_report").await, ["2025-07-30"]);
}

#[tokio::test]
async fn a_table_that_is_none_of_the_templates_is_told() {
    let warehouse = Warehouse::new().await;
    let body = heading(1, "Appendix D: Weather") + &table(&[&["Hour", "Wind", "Rain"], &["0900", "12", "3"]]);
    let report = warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert!(
        report
            .details
            .iter()
            .any(|warning| warning.code == "unknown_table" && warning.value.as_deref() == Some("Appendix D: Weather")),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_refused_rating_is_mended_and_loaded_by_itself() {
    let warehouse = Warehouse::new().await;
    let body = table(&[&HEAD, &["Objective 1", "Medical Surge", "X", "X", "", ""]]);
    let report = warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert_eq!((report.read, report.inserted, report.rejected), (2, 1, 1));
    let csv = mended(&warehouse, &[("rating", "S")]).await;
    let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
    assert_eq!((report.source.as_deref(), report.read, report.inserted), (Some("hotwash"), 1, 1), "{report:?}");
    assert_eq!(warehouse.ratings().await, ["Objective 1 | Medical Surge | S"]);
}

/// The refused rows as `hotwash rejects` prints them, with some cells mended.
async fn mended(warehouse: &Warehouse, cells: &[(&str, &str)]) -> String {
    let rejects = hotwash_schema::rejects::read(warehouse.database.url(), None, None, true).await.unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let headings: Vec<String> = rejects[0].content.keys().cloned().collect();
    writer.write_record(headings.iter().map(String::as_str).chain(["reject_reason"])).unwrap();
    for reject in &rejects {
        let row = headings.iter().map(|heading| {
            let mended = cells.iter().find(|(name, _)| name == heading).map(|(_, value)| (*value).to_owned());
            mended.unwrap_or_else(|| reject.content.get(heading).cloned().unwrap_or_default())
        });
        writer.write_record(row.chain([reject.reason.clone()])).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}
