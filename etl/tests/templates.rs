//! Tests our own templates: each example row is rejected unchanged, and loads with its own ids, in
//! the templates' order.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::Write;
use std::sync::{Arc, Mutex};

use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use hotwash_etl::template::{
    CellValue, EXAMPLE_ID, TEMPLATES, TableFormat, Template, Wording, open_table, write_template,
};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn written(name: &str, format: TableFormat) -> Vec<u8> {
    let out = Shared::default();
    write_template(name, format, out.clone()).unwrap();
    out.0.lock().unwrap().clone()
}

/// Creates a template whose example row has its own ids.
fn filled(template: &'static Template, format: TableFormat) -> Vec<u8> {
    let out = Shared::default();
    let mut table = open_table(template, format, Wording::Template, Box::new(out.clone())).unwrap();
    let own = template.example().into_iter().map(|cell| match cell {
        CellValue::Text(text) => CellValue::Text(text.replace(EXAMPLE_ID, "OWN-").into()),
        cell => cell,
    });
    table.write(&own.collect::<Vec<_>>()).unwrap();
    table.finish().unwrap();
    out.0.lock().unwrap().clone()
}

#[tokio::test]
async fn the_example_row_of_a_template_is_rejected_with_a_reason_in_every_format() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    for format in [TableFormat::Csv, TableFormat::Xlsx, TableFormat::Jsonl, TableFormat::Parquet] {
        let inputs = TEMPLATES
            .iter()
            .map(|one| {
                (one.name.to_owned(), Ok(Input::memory(one.name, written(one.name, format))))
            })
            .collect();
        for report in
            load_inputs(database.url(), inputs, &Options::default(), &Quiet).await.unwrap()
        {
            assert_eq!(
                (report.read, report.inserted, report.rejected),
                (1, 0, 1),
                "{format:?}: {report:?}"
            );
        }
    }
    let rows = client.query("select reason, value from meta.reject", &[]).await.unwrap();
    assert_eq!(rows.len(), 4 * TEMPLATES.len());
    for row in rows {
        let (reason, value): (String, Option<String>) = (row.get(0), row.get(1));
        assert!(
            reason.contains("delete that row") && value.unwrap().starts_with(EXAMPLE_ID),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn every_template_loads_in_every_format_and_means_the_same() {
    for format in [TableFormat::Xlsx, TableFormat::Jsonl, TableFormat::Parquet] {
        let database = TestDatabase::new().await;
        for (round, expected) in [(TableFormat::Csv, 1), (format, 0)] {
            let inputs = TEMPLATES
                .iter()
                .map(|one| (one.name.to_owned(), Ok(Input::memory(one.name, filled(one, round)))))
                .collect();
            for report in
                load_inputs(database.url(), inputs, &Options::default(), &Quiet).await.unwrap()
            {
                assert!(report.error.is_none() && report.is_accounted(), "{round:?}: {report:?}");
                assert_eq!(
                    (
                        report.source.as_deref(),
                        report.read,
                        report.inserted,
                        report.updated,
                        report.rejected
                    ),
                    (Some("hotwash"), 1, expected, 0, 0),
                    "{round:?}: {report:?}"
                );
            }
        }
    }
}

async fn load(database: &TestDatabase, files: &[(&str, String)]) -> Vec<FileReport> {
    let inputs = files
        .iter()
        .map(|(name, text)| {
            ((*name).to_owned(), Ok(Input::memory(name, text.clone().into_bytes())))
        })
        .collect();
    load_inputs(database.url(), inputs, &Options::default(), &Quiet).await.unwrap()
}

#[tokio::test]
async fn every_templates_example_row_with_ids_of_its_own_loads_and_again_changes_nothing() {
    let database = TestDatabase::new().await;
    // In the wrong order on purpose: files load in the order of their references.
    let files: Vec<(&str, String)> = TEMPLATES
        .iter()
        .rev()
        .map(|one| (one.name, String::from_utf8(filled(one, TableFormat::Csv)).unwrap()))
        .collect();
    for (round, inserted) in [(1, 1), (2, 0)] {
        for report in load(&database, &files).await {
            assert!(report.error.is_none() && report.is_accounted(), "{report:?}");
            assert_eq!(
                (report.source.as_deref(), report.read, report.inserted, report.rejected),
                (Some("hotwash"), 1, inserted, 0),
                "round {round}: {report:?}"
            );
        }
    }
    let client = connect(database.url()).await.unwrap();
    for (table, rows) in [
        ("event", 1),
        ("exercise", 1),
        ("participation", 1),
        ("capability_rating", 1),
        ("finding", 1),
        ("corrective_action", 1),
        ("risk_assessment", 1),
        ("risk_score", 1),
        ("milestone", 1),
        ("resource_request", 1),
        ("information_request", 1),
        ("note", 1),
    ] {
        let counted: i64 = client
            .query_one(&format!("select count(*) from warehouse.{table}"), &[])
            .await
            .unwrap()
            .get(0);
        assert_eq!(counted, rows, "{table}");
    }
    // 2 of 3, and (1 + 2 + 2 + 1 + 2 + 2) of 18, by the Kaiser formula.
    let risk: f64 =
        client.query_one("select risk from warehouse.risk_score", &[]).await.unwrap().get(0);
    assert!((risk - 2.0 / 3.0 * 10.0 / 18.0).abs() < 1e-12, "{risk}");
}

#[tokio::test]
async fn a_rating_of_an_event_nobody_knows_or_with_a_strange_value_is_refused_with_its_row() {
    let database = TestDatabase::new().await;
    let ratings = "event_id,framework,capability,rating\nNOWHERE,PHEP,Medical \
        Surge,P\nNOWHERE,PHEP,Medical Surgge,P\nNOWHERE,PHEP,10,Q\n";
    let reports = load(&database, &[("ratings.csv", ratings.to_owned())]).await;
    assert_eq!(
        (reports[0].read, reports[0].rejected, reports[0].inserted),
        (3, 3, 0),
        "{:?}",
        reports[0]
    );
    let client = connect(database.url()).await.unwrap();
    let rows = client
        .query(
            "select row_number, column_name, value, reason from meta.reject order by row_number",
            &[],
        )
        .await
        .unwrap();
    let reasons: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {:?} {:?} {}",
                row.get::<_, i64>(0),
                row.get::<_, Option<String>>(1),
                row.get::<_, Option<String>>(2),
                row.get::<_, String>(3)
            )
        })
        .collect();
    assert!(reasons[1].contains("did you mean Medical Surge"), "{reasons:?}");
    assert!(reasons[2].contains("PSMU"), "{reasons:?}");
}

#[tokio::test]
async fn a_note_names_a_metric_that_exists() {
    let database = TestDatabase::new().await;
    let notes = "day,region,metric,text\n2025-03-14,3,Response control,New on-call rota\n2025-03-15,3,\
                 response_contrl,New radios\n2025-03-16,3,,New shelter\n";
    let inputs = vec![("notes.csv".to_owned(), Ok(Input::memory("notes.csv", notes.as_bytes())))];
    let options =
        Options { metrics: vec!["response_control", "response_time"], ..Options::default() };
    let reports = load_inputs(database.url(), inputs, &options, &Quiet).await.unwrap();
    assert_eq!((reports[0].inserted, reports[0].rejected), (2, 1), "{:?}", reports[0]);
    let client = connect(database.url()).await.unwrap();
    let rejected =
        client.query_one("select column_name, value, reason from meta.reject", &[]).await;
    let rejected = rejected.unwrap();
    let [column, value] = [0, 1].map(|at| rejected.get::<_, String>(at));
    assert_eq!((column.as_str(), value.as_str()), ("metric", "response_contrl"));
    let reason: String = rejected.get(2);
    assert!(reason.contains("did you mean response_control?"), "{reason}");
    let stored = "select metric from warehouse.note order by day";
    let stored: Vec<Option<String>> =
        client.query(stored, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(stored, [Some("response_control".to_owned()), None]);
}

#[tokio::test]
async fn contact_details_planted_in_every_text_column_reach_no_table() {
    use hotwash_etl::template::ColumnKind;
    let database = TestDatabase::new().await;
    let planted = "ask Dr. Jane Doe, 617-555-0123, jane.doe@hospital.example.org";
    for template in TEMPLATES.iter() {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(template.columns.iter().map(|column| column.heading)).unwrap();
        let own = |example: &str| example.replace(EXAMPLE_ID, "OWN-");
        writer.write_record(template.columns.iter().map(|column| own(column.example))).unwrap();
        for planted_in in template.columns.iter().filter(|column| {
            matches!(
                column.kind,
                ColumnKind::Text | ColumnKind::Identifier | ColumnKind::List | ColumnKind::Choice
            )
        }) {
            let row = template.columns.iter().map(|column| {
                if column.heading == planted_in.heading {
                    format!("{} {planted}", own(column.example))
                } else {
                    own(column.example)
                }
            });
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let inputs = vec![(template.name.to_owned(), Ok(Input::memory(template.name, bytes)))];
        let report = load_inputs(database.url(), inputs, &Options::default(), &Quiet)
            .await
            .unwrap()
            .remove(0);
        assert!(
            report.error.is_none()
                && report.is_accounted()
                && report.redacted + report.rejected > 0,
            "{report:?}"
        );
        assert!(!format!("{report:?}").contains("555-0123"), "{report:?}");
    }
    let client = connect(database.url()).await.unwrap();
    let tables = client
        .query(
            "select format('%I.%I', table_schema, table_name) from information_schema.tables \
            where table_schema in ('warehouse', 'meta', 'access') and table_type = 'BASE TABLE'",
            &[],
        )
        .await
        .unwrap();
    for table in tables.iter().map(|row| row.get::<_, String>(0)) {
        let sql = format!(
            "select t::text from {table} t where t::text ilike '%555-0123%' or t::text ilike \
             '%jane%' limit 1"
        );
        let found = client.query_opt(&sql, &[]).await.unwrap();
        assert!(found.is_none(), "{table}: {}", found.unwrap().get::<_, String>(0));
    }
}
