//! Tests risk assessments.

use super::office::{Warehouse, codes, xlsx};

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
    // Six rows of a public filled sheet, and others that complete its sums: 18 and 185, in total
    // 0.353 x 0.605 = 21%.
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
        rows.iter()
            .flat_map(|(_, scores, _)| &scores[from..to])
            .map(|score| score.parse::<f64>().unwrap())
            .sum()
    };
    let (probability, severity) = (sum(0, 1) / (3.0 * 17.0), sum(1, 7) / (18.0 * 17.0));
    assert_eq!(
        (sum(0, 1), sum(1, 7), (probability * severity * 100.0).round()),
        (18.0, 185.0, 21.0)
    );
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
    sheet.push(vec![
        "AVERAGE SCORE",
        "1.06",
        "1.82",
        "1.76",
        "1.82",
        "2.06",
        "2.06",
        "1.88",
        "21%",
    ]);
    sheet.push(vec!["*Threat increases with percentage."]);
    sheet.push(vec!["", "18", "RISK = PROBABILITY * SEVERITY"]);
    sheet.push(vec!["", "185", "0.21", "0.35", "0.60"]);
    let sheet: Vec<&[&str]> = sheet.iter().map(Vec::as_slice).collect();
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("hva.xlsx", xlsx(&[("Natural", &sheet)])).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted),
        (Some("hva_xlsx"), 17, 17),
        "{report:?}"
    );
    assert!(
        !codes(&report).contains(&"RISK_DIFFERS") && !codes(&report).contains(&"UNMAPPED_HAZARD"),
        "{report:?}"
    );
    // A hazard that does not apply has no risk, although the sheet prints 0%.
    let figure = |printed: &str| {
        if printed == "0%" { "-".to_owned() } else { printed.trim_end_matches('%').to_owned() }
    };
    let mut expected: Vec<String> =
        rows.iter().map(|(hazard, _, printed)| format!("{hazard}: {}", figure(printed))).collect();
    expected.sort();
    assert_eq!(warehouse.scores().await, expected);
    assert_eq!(
        warehouse
            .ask(
                "select concat_ws(' ', o.name, assessed_on) from \
        warehouse.risk_assessment join warehouse.organization o using (organization_id)"
            )
            .await,
        ["Lawrence General Hospital 2025-03-15"]
    );
}

#[tokio::test]
async fn assessments_are_read_in_every_edition_and_layout() {
    // Two hazards each: a hurricane of 2 x (3+2+2+1+2+2)/18, and one that does not apply.
    let body: &[&[&str]] = &[
        &["Hurricane", "2", "3", "2", "2", "1", "2", "2", "0.444"],
        &["Tornado", "0", "", "", "", "", "", "", "0"],
    ];
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
        let about = "select concat_ws(' | ', o.name, edition, m.code, extract(year from \
            assessed_on)) from warehouse.risk_assessment \
            join warehouse.organization o using (organization_id) join warehouse.assessment_method \
            m using (assessment_method_id)";
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
        &[
            "EVENT",
            "PROBABILITY",
            "",
            "",
            "",
            "RISK",
            "",
            "",
            "",
            "",
            "PREPAREDNESS",
            "",
            "",
            "TOTAL",
        ],
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
        assert_eq!(warehouse.scores().await, ["Hurricane: 22", "Tornado: -"], "{name}");
        assert_eq!(
            warehouse
                .ask(
                    "select m.code from warehouse.risk_assessment join \
            warehouse.assessment_method m using (assessment_method_id)"
                )
                .await,
            ["ashe"],
            "{name}"
        );
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
    let miss =
        report.details.iter().find(|warning| warning.code.as_str() == "UNMAPPED_HAZARD").unwrap();
    assert!(miss.message.contains("did you mean Hurricane?"), "{miss:?}");
    let csv = warehouse.mended(&[("PROBABILITY", "3")]).await;
    let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted),
        (Some("hva_xlsx"), 1, 1),
        "{report:?}"
    );
    assert_eq!(warehouse.ask("select count(*)::text from warehouse.risk_assessment").await, ["1"]);
    assert_eq!(
        warehouse
            .ask(
                "select concat_ws(' ', category, label, probability) from warehouse.risk_score \
                 where label = 'Tornado'"
            )
            .await,
        ["natural Tornado 3"]
    );
    let mended_sheet: Vec<&[&str]> = sheet
        .iter()
        .map(|row| {
            if row[0] == "Tornado" {
                &["Tornado", "3", "1", "1", "1", "1", "1", "1", ""] as &[&str]
            } else {
                row
            }
        })
        .collect();
    let again = warehouse.loaded("hva.xlsx", xlsx(&[("Natural", &mended_sheet)])).await;
    assert_eq!(
        (again.read, again.unchanged),
        (3, 3),
        "the mended workbook says the same: {again:?}"
    );
}
