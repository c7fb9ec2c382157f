//! Tests assessments of several facilities in one workbook: one column, one group of columns or one
//! sheet per facility.

use super::office::{Warehouse, codes, xlsx};

/// Organization, region, day, method and hazards of every assessment.
const WHOLE: &str = "select concat_ws(' | ', o.name, r.code, a.assessed_on, m.code, a.edition, \
    string_agg(s.label || ' ' || coalesce(round(s.risk::numeric * 100)::text, '-') || case when \
    s.applicable then '' else ' n/a' end, ', ' order by s.label)) \
    from warehouse.risk_assessment a join warehouse.risk_score s using (risk_assessment_id) join \
    warehouse.assessment_method m using (assessment_method_id) \
    left join warehouse.organization o using (organization_id) left join warehouse.region r on \
    r.region_id = a.region_id \
    group by a.risk_assessment_id, o.name, r.code, m.code order by 1";

#[tokio::test]
async fn a_table_of_hazards_by_facility_is_an_assessment_each() {
    let rows: &[&[&str]] = &[
        &["Region 3 HMCC Regional Hazard Vulnerability Assessment"],
        &["Date: March 15, 2025", "", "0 = N/A, 1 = Low, 2 = Moderate, 3 = High"],
        &[
            "Hazard",
            "Lawrence General Hospital",
            "Holy Family Hospital",
            "Lowell",
            "Regional Average",
        ],
        &["Natural Hazards"],
        &["Hurricane", "3", "2", "1", "2"],
        &["Tornado", "1", "0", "5", "1"],
        &["Human Related"],
        &["Active Shooter", "2", "", "High", "2"],
        &["Average", "2", "1", "2", "1.7"],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("matrix.xlsx", xlsx(&[("Matrix", rows)])).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted, report.rejected),
        (Some("hva_xlsx"), 8, 7, 1),
        "{report:?}"
    );
    assert!(codes(&report).contains(&"NOT_SCORED"), "{report:?}");
    let expected = [
        "Holy Family Hospital | unmapped | 2025-03-15 | regional | by facility | Hurricane 67, \
         Tornado - n/a",
        "Lawrence General Hospital | 3 | 2025-03-15 | regional | by facility | Active Shooter 67, \
         Hurricane 100, Tornado 33",
        "Lowell | 3 | 2025-03-15 | regional | by facility | Active Shooter 100, Hurricane 33",
    ];
    assert_eq!(warehouse.ask(WHOLE).await, expected);
    assert_eq!(
        warehouse
            .ask("select distinct category || ' ' || label from warehouse.risk_score order by 1")
            .await,
        ["human Active Shooter", "natural Hurricane", "natural Tornado"]
    );
    // A rejected figure is corrected, loaded alone, and added to its facility's assessment.
    let csv = warehouse.mended(&[("Score", "2")]).await;
    let report = warehouse.loaded("mended.csv", csv.into_bytes()).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted),
        (Some("hva_xlsx"), 1, 1),
        "{report:?}"
    );
    assert_eq!(
        warehouse.ask(WHOLE).await[2],
        "Lowell | 3 | 2025-03-15 | regional | by facility | Active Shooter 100, Hurricane 33, \
         Tornado 67"
    );
}

#[tokio::test]
async fn a_table_by_facility_is_read_turned_about_and_on_any_scale_that_it_tells() {
    let turned: &[&[&str]] = &[
        &["2025 Hazard Risk Summary by Town (risk %)"],
        &["Facility", "Hurricane", "Flood", "Cyber Attack", "Notes"],
        &["Lawrence", "44%", "22%", "60%", "see plan"],
        &["Haverhill", "11%", "0%", "35%", ""],
    ];
    let shares: &[&[&str]] = &[
        &["HVA 2025: relative risk"],
        &["", "Lawrence General Hospital", "Anna Jaques Hospital"],
        &["Hurricane", "0.44", "0.1"],
        &["Flood", "0.22", "0.5"],
    ];
    let fifths: &[&[&str]] = &[
        &["HVA 2025"],
        &["Scale: 0 to 5"],
        &["Hazards", "Lawrence General Hospital", "Anna Jaques Hospital"],
        &["Hurricane", "5", "4"],
        &["Flood", "1", "0"],
    ];
    for (name, rows, expected) in [
        (
            "turned",
            turned,
            [
                "Haverhill Cyber Attack 35, Flood n/a, Hurricane 11",
                "Lawrence Cyber Attack 60, Flood 22, Hurricane 44",
            ],
        ),
        (
            "shares",
            shares,
            [
                "Anna Jaques Hospital Flood 50, Hurricane 10",
                "Lawrence General Hospital Flood 22, Hurricane 44",
            ],
        ),
        (
            "fifths",
            fifths,
            [
                "Anna Jaques Hospital Flood n/a, Hurricane 80",
                "Lawrence General Hospital Flood 20, Hurricane 100",
            ],
        ),
    ] {
        let warehouse = Warehouse::new().await;
        warehouse.loaded("matrix.xlsx", xlsx(&[("Sheet1", rows)])).await;
        let told = "select o.name || ' ' || string_agg(s.label || ' ' || \
            coalesce(round(s.risk::numeric * 100)::text, 'n/a'), ', ' order by s.label) \
            from warehouse.risk_assessment a join warehouse.risk_score s using \
            (risk_assessment_id) join warehouse.organization o using (organization_id) \
            group by o.name order by 1";
        assert_eq!(warehouse.ask(told).await, expected, "{name}");
    }
}

#[tokio::test]
async fn a_table_by_facility_that_cannot_be_read_says_why() {
    let scaleless: &[&[&str]] = &[
        &["HVA 2025"],
        &["Hazard", "Lawrence General Hospital", "Anna Jaques Hospital"],
        &["Hurricane", "12", "4"],
        &["Flood", "1", "9"],
    ];
    let ranks: &[&[&str]] = &[
        &["HVA 2025: ranking of hazards"],
        &["Hazard", "Lawrence General Hospital", "Anna Jaques Hospital"],
        &["Hurricane", "1", "2"],
        &["Flood", "2", "1"],
    ];
    let nobody: &[&[&str]] = &[
        &["Hazard history"],
        &["Hazard", "Deaths", "Injuries", "Evacuations"],
        &["Hurricane", "1", "2", "3"],
        &["Flood", "0", "1", "3"],
    ];
    for (rows, said) in [
        (scaleless, "write `Scale: 0 to 5`"),
        (ranks, "a rank is not a risk"),
        (
            nobody,
            "Deaths, Injuries, Evacuations are beside Hazard and name no organization, \
             municipality or region",
        ),
    ] {
        let report = Warehouse::new().await.load("matrix.xlsx", xlsx(&[("Sheet1", rows)])).await;
        assert!(
            report.error.as_deref().is_some_and(|error| error.contains(said)),
            "{said}: {report:?}"
        );
    }
}

#[tokio::test]
async fn sheets_and_groups_of_columns_of_several_facilities_are_an_assessment_each() {
    const HEAD: [&str; 9] = [
        "EVENT",
        "PROBABILITY",
        "HUMAN IMPACT",
        "PROPERTY IMPACT",
        "BUSINESS IMPACT",
        "PREPAREDNESS",
        "INTERNAL RESPONSE",
        "EXTERNAL RESPONSE",
        "RISK",
    ];
    let one: &[&[&str]] = &[
        &["Hazard Vulnerability Analysis 2025"],
        &HEAD,
        &["Hurricane", "2", "3", "2", "2", "1", "2", "2", ""],
        &["Flood", "1", "1", "1", "1", "1", "1", "1", ""],
        &["Tornado", "1", "1", "1", "1", "1", "1", "1", ""],
    ];
    let other: &[&[&str]] = &[
        &["Facility: Anna Jaques Hospital"],
        &HEAD,
        &["Hurricane", "3", "3", "3", "3", "3", "3", "3", ""],
        &["Flood", "0", "1", "1", "1", "1", "1", "1", ""],
    ];
    let top: &[&[&str]] = &[
        &HEAD,
        &["Hurricane", "2", "3", "2", "2", "1", "2", "2", ""],
        &["Flood", "1", "1", "1", "1", "1", "1", "1", ""],
    ];
    let told = "select o.name || ' ' || extract(year from a.assessed_on) || ': ' || \
        string_agg(s.label || ' ' || coalesce(round(s.risk::numeric * 100)::text, 'n/a'), ', ' \
        order by s.label) \
        from warehouse.risk_assessment a join warehouse.risk_score s using (risk_assessment_id) \
        join warehouse.organization o using (organization_id) \
        group by o.name, a.assessed_on order by 1";
    let sheets = [("Lawrence General Hospital", one), ("AJH", other), ("Top Ten", top)];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("hva.xlsx", xlsx(&sheets)).await;
    assert_eq!(
        warehouse.ask(told).await,
        [
            "Anna Jaques Hospital 2025: Flood n/a, Hurricane 100",
            "Lawrence General Hospital 2025: Flood 11, Hurricane 44, Tornado 11"
        ],
        "{report:?}"
    );
    assert!(codes(&report).contains(&"REPEATED_SHEET"), "{report:?}");

    let years = [
        ("2024", &one[1..]),
        ("2025", &other[1..]),
        ("Cover", &[&["Facility: Lawrence General Hospital"] as &[&str]]),
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("hva.xlsx", xlsx(&years)).await;
    assert_eq!(
        warehouse.ask(told).await,
        [
            "Lawrence General Hospital 2024: Flood 11, Hurricane 44, Tornado 11",
            "Lawrence General Hospital 2025: Flood n/a, Hurricane 100"
        ],
        "{report:?}"
    );

    let beside: &[&[&str]] = &[
        &["Date: 3/15/2025"],
        &["", "Lawrence General Hospital", "", "", "Anna Jaques Hospital", "", ""],
        &["Hazard", "Probability", "Severity", "Risk", "Probability", "Severity", "Risk"],
        &["Hurricane", "3", "3", "", "1", "3", ""],
        &["Flood", "3", "1", "", "0", "", ""],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("hva.xlsx", xlsx(&[("Both", beside)])).await;
    assert_eq!(
        warehouse.ask(told).await,
        [
            "Anna Jaques Hospital 2025: Flood n/a, Hurricane 33",
            "Lawrence General Hospital 2025: Flood 33, Hurricane 100"
        ],
        "{report:?}"
    );
}
