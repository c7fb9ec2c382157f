//! Tests ratings: marks, letters, headers and names of capabilities; and a rejected rating,
//! corrected.

use crate::office::{HEAD, Warehouse, codes, docx, heading, overview, table};

const RATED: [&str; 3] = [
    "Objective 1: Share information | Information Sharing | S",
    "Objective 1: Share information | Medical Surge | P",
    "Objective 2: Run the EOC | Emergency Operations Coordination | U",
];

async fn ratings_of(warehouse: &Warehouse, body: String) -> (Vec<String>, Vec<&'static str>, u64) {
    let report = warehouse
        .loaded("aar.docx", docx(&[overview(), heading(1, "Analysis of Core Capabilities"), body]))
        .await;
    (warehouse.ratings().await, codes(&report), report.rejected)
}

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
    let control = "<w:sdt><w:sdtPr><w14:checkbox><w14:checked \
        w14:val=\"1\"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>\u{2612}</w:t></w:r></w:sdtContent></w:sdt>";
    let silent = "<w:sdt><w:sdtPr><w14:checkbox><w14:checked \
        w14:val=\"1\"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r></w:r></w:sdtContent></w:sdt>";
    let form = "<w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:checkBox><w:default \
        w:val=\"0\"/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>";
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
        check(
            "<w:ins><w:r><w:t>X</w:t></w:r></w:ins><w:del><w:r><w:delText>no</w:delText></w:r></w:del>",
        ),
    ] {
        let (ratings, _, rejected) = ratings_of(&warehouse, marked(&mark)).await;
        assert_eq!((ratings, rejected), (RATED.map(str::to_owned).to_vec(), 0), "{mark}");
    }
}

#[tokio::test]
async fn empty_boxes_beside_a_mark_are_no_marks() {
    let warehouse = Warehouse::new().await;
    let empty = "<w:p><w:sdt><w:sdtPr><w14:checkbox><w14:checked \
        w14:val=\"0\"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>\u{2610}</w:t></w:r></w:sdtContent></w:sdt></w:p>";
    let form = "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:checkBox><w:default \
        w:val=\"0\"/></w:checkBox></w:ffData></w:fldChar></w:r></w:p>";
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
        &[
            "Objective 1: Share information",
            "10. Medical Surge",
            "Performed with Some Challenges (S)",
        ],
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
    assert_eq!(
        ratings,
        ["Objective 1 | Medical Surge | NOT_OBSERVED", "Objective 2 | Mass Care | NOT_OBSERVED"]
    );
    let older = table(&[
        &["Objective", "Target Capability", "Fully", "Partially", "Not Performed", "N/A"],
        &["Objective 1", "Mass Prophylaxis", "", "X", "", ""],
        &["Objective 2", "Medical Surge", "", "", "", "X"],
    ]);
    let (ratings, _, rejected) = ratings_of(&warehouse, older).await;
    assert_eq!(rejected, 0);
    assert_eq!(
        ratings,
        [
            "Objective 1 | Mass Prophylaxis | PARTIALLY",
            "Objective 2 | Medical Surge | NOT_OBSERVED"
        ]
    );
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
    let rows: Vec<Vec<&str>> =
        names.iter().map(|(name, _)| vec!["Objective 1", *name, "X", "", "", ""]).collect();
    let rows: Vec<&[&str]> =
        std::iter::once(HEAD.as_slice()).chain(rows.iter().map(Vec::as_slice)).collect();
    let report = warehouse.loaded("aar.docx", docx(&[overview(), table(&rows)])).await;
    assert_eq!(report.rejected, 0, "{report:?}");
    let found = warehouse
        .ask(
            "select f.code || ' ' || c.code from warehouse.capability_rating r join \
            warehouse.capability c using (capability_id) join warehouse.capability_framework f \
            using (capability_framework_id) order by 1",
        )
        .await;
    let mut expected: Vec<&str> = names.iter().map(|(_, code)| *code).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_refused_rating_is_mended_and_loaded_by_itself() {
    let warehouse = Warehouse::new().await;
    let body = table(&[&HEAD, &["Objective 1", "Medical Surge", "X", "X", "", ""]]);
    let report = warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert_eq!((report.read, report.inserted, report.rejected), (2, 1, 1));
    let csv = warehouse.mended(&[("rating", "S")]).await;
    let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted),
        (Some("hotwash"), 1, 1),
        "{report:?}"
    );
    assert_eq!(warehouse.ratings().await, ["Objective 1 | Medical Surge | S"]);
}

#[tokio::test]
async fn a_ratings_table_turned_about_is_read_and_one_of_definitions_is_not() {
    let body = heading(1, "Analysis of Core Capabilities")
        + &table(&[
            &["Core Capability", "Medical Surge", "Information Sharing"],
            &["Performed without Challenges (P)", "", "\u{2714}"],
            &["Performed with Some Challenges (S)", "X", ""],
            &["Performed with Major Challenges (M)", "", ""],
            &["Unable to be Performed (U)", "", ""],
        ])
        + &table(&[
            &["Core Capability", "What it means"],
            &["Performed without Challenges (P)", "The targets and critical tasks were completed."],
            &["Performed with Some Challenges (S)", "Ways to be more effective were found."],
            &["Performed with Major Challenges (M)", "Other activities were harmed."],
            &["Unable to be Performed (U)", "The targets were not met."],
        ]);
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert_eq!(
        warehouse.ratings().await,
        ["Information Sharing | P", "Medical Surge | S"],
        "{report:?}"
    );
}

#[tokio::test]
async fn boxes_with_their_letters_are_read_and_contradicting_letters_are_rejected() {
    let warehouse = Warehouse::new().await;
    let body = [
        overview(),
        heading(1, "Analysis of Core Capabilities"),
        table(&[
            &["Core Capability", "Performance Rating"],
            &["Medical Surge", "\u{2610} P \u{2612} S \u{2610} M \u{2610} U"],
            &["Mass Care", "P\u{2610} S\u{2610} M\u{2612} U\u{2610}"],
            &["Fatality Management", "\u{2612} P \u{2612} S \u{2610} M \u{2610} U"],
            &["Volunteer Management", "\u{2610} P \u{2610} S \u{2610} M \u{2610} U"],
        ]),
        table(&[
            &HEAD,
            &[
                "Objective 1",
                "Information Sharing",
                "\u{2610} P",
                "\u{2612} S",
                "\u{2610} M",
                "\u{2610} U",
            ],
            &["Objective 2", "Community Recovery", "", "", "S", ""],
        ]),
    ];
    let report = warehouse.loaded("aar.docx", docx(&body)).await;
    assert_eq!(
        warehouse.ratings().await,
        ["Mass Care | M", "Medical Surge | S", "Objective 1 | Information Sharing | S"]
    );
    assert_eq!(report.rejected, 3, "{report:?}");
}
