//! Tests strengths and areas for improvement in every way they are written.

use crate::office::{Warehouse, bold, bullet, docx, heading, item, overview, p, run_in, table};

/// The same four findings, in every way they are written.
const FOUND: [&str; 4] = [
    "A | Medical Surge | Beds were counted twice. | R Surge plan, section 4 | A Two lists were \
     kept. | D Keep one list.",
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
    let one_line = "Beds were counted twice. Reference: Surge plan, section 4; Analysis: Two lists \
        were kept. Recommendation: Keep one list.";
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
        + &fields()
            .replace("Reference:", "References:")
            .replace("Recommendation:", "Recommendations:")
        + &p("Observation 1.4 (Area for Improvement): Radios failed in the garage.");
    let soft = heading(2, "Medical Surge")
        + &p("Strengths\nStaff knew the plan.\nThe EOC opened in 20 minutes.")
            .replace("<w:br/>", "</w:r></w:p><w:p><w:r>")
        + &p("Area for Improvement 1: Beds were counted twice.\nReference: Surge plan, section \
             4\nAnalysis: Two lists were kept.\nRecommendation: Keep one list.")
        + &p("Area for Improvement 2: Radios failed in the garage.");
    let columns = heading(2, "Medical Surge")
        + &table(&[
            &["Strengths", "Areas for Improvement"],
            &[
                "Staff knew the plan.\nThe EOC opened in 20 minutes.",
                "Radios failed in the garage.",
            ],
        ])
        + &table(&[
            &["Area for Improvement", "Reference", "Analysis", "Recommendation"],
            &[
                "Beds were counted twice.",
                "Surge plan, section 4",
                "Two lists were kept.",
                "Keep one list.",
            ],
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
        let report = warehouse
            .loaded(
                "aar.docx",
                docx(&[overview(), heading(1, "Analysis of Core Capabilities"), body]),
            )
            .await;
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
