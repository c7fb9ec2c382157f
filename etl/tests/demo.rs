//! Tests that the demo loads documents as coalitions write them, and reports what it read from
//! each.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use hotwash_etl::demo::{contents, load_fictional};
use hotwash_etl::load::Quiet;
use hotwash_etl::samples;
use office::Warehouse;

/// Counted by hand from the documents.
const READ: [&str; 6] = [
    "merrow_valley_full_scale_exercise_aar.docx hseep_aar_docx: 1 exercise, 4 ratings, 10 \
     findings, 8 actions, 9 participants",
    "coastal_storm_response_aar.docx hseep_aar_docx: 1 incident, 3 ratings, 6 findings, 5 actions, \
     8 participants",
    "region_3_improvement_plan_tracker.xlsx improvement_plan_xlsx: 10 actions",
    "merrow_valley_hospital_hva.xlsx hva_xlsx: 17 hazard scores",
    "duty_officer_log.csv duty_officer_log: 9 incidents, 44 milestones",
    "exercise_calendar.xlsx exercise_calendar: 7 exercises",
];

#[tokio::test]
async fn the_demo_reads_every_kind_of_document_and_again_changes_nothing() {
    let warehouse = Warehouse::new().await;
    let url = warehouse.database.url();
    let documents = samples::coalition();
    for again in [false, true] {
        let reports = load_fictional(url, &Quiet).await.unwrap();
        assert_eq!(reports[0].file, documents[0].name(), "documents come first");
        for report in &reports {
            assert!(
                report.error.is_none() && report.rejected == 0 && report.changed() != again,
                "{report:?}"
            );
            assert_eq!(report.lost_columns().count(), 0, "{report:?}");
        }
        let read: Vec<String> = contents(url)
            .await
            .unwrap()
            .into_iter()
            .map(|document| format!("{} {}: {}", document.file, document.source, document.records))
            .collect();
        assert_eq!(read, READ);
    }
    let real = warehouse
        .ask(
            "select name from meta.file where not fictional union select source from meta.file \
            group by source having source = 'hseep_aar_docx' and count(*) < 2",
        )
        .await;
    assert_eq!(real, [""; 0], "every file is marked as fictional, and there are two reports");
    assert_eq!(
        warehouse
            .ask(
                "select final_on::text from warehouse.after_action_report join \
                warehouse.event_source using (event_id) where event_source.source = \
                'hseep_aar_docx' order by 1"
            )
            .await,
        ["2025-11-24", "2026-03-20"]
    );
    let owners = "select distinct o.name from warehouse.organization o where o.source <> 'hotwash' \
        and o.organization_id > 0";
    assert_eq!(
        warehouse.ask(owners).await,
        [""; 0],
        "the documents name organizations of the coalition alone"
    );
}
