//! Tests the inspection of a file before it is loaded.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use std::path::{Path, PathBuf};

use hotwash_etl::inspect::{Inspection, MatchState, inspect, suggest};
use hotwash_etl::layout::Layout;
use hotwash_etl::load::Options;
use hotwash_etl::source::ColumnFate;
use office::{Warehouse, docx, overview, p};

const NONE: &str = "no warehouse here";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

async fn without_warehouse(path: &Path) -> Inspection {
    inspect(path, &Options::default(), &Err(NONE.into())).await
}

fn file(folder: &tempfile::TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[tokio::test]
async fn every_bundled_sample_is_inspected_without_a_warehouse() {
    for (name, source) in [
        ("disaster_declarations_summaries_v2.csv", "openfema_declarations"),
        ("storm_data_search_results_suffolk_ma.csv", "noaa_storm_events"),
        ("StormEvents_details-ftp_v1.0_d1994_c20170717.csv.gz", "noaa_storm_events"),
        ("ics209_historical.parquet", "ics209"),
    ] {
        let found = without_warehouse(&sample(name)).await;
        assert_eq!(found.error, None, "{name}");
        assert_eq!(found.source.as_deref(), Some(source));
        assert_eq!(found.without_warehouse.as_deref(), Some(NONE));
        assert!(
            found.reason.as_deref().is_some_and(|reason| reason.contains("confidence 1.00")),
            "{:?}",
            found.reason
        );
        assert!(
            found.read > 50 && found.records.iter().any(|count| count.record_type == "event"),
            "{name}"
        );
        let read = found
            .columns
            .iter()
            .filter(|column| column.fate == ColumnFate::Read && column.filled > 0);
        for column in read {
            assert!(
                !column.values.is_empty()
                    && column.values.iter().all(|value| value.read_as.is_some()),
                "{column:?}"
            );
        }
        let dated = found.columns.iter().any(|column| {
            column.unit.as_deref().is_some_and(|unit| unit.starts_with("date"))
                && column.values.iter().all(|value| {
                    value.read_as.as_ref().is_some_and(|read| read.starts_with(['1', '2']))
                })
        });
        assert!(dated, "{name}: {:?}", found.columns);
    }
}

#[tokio::test]
async fn values_are_shown_beside_what_they_are_read_as_and_persons_never() {
    let folder = tempfile::tempdir().unwrap();
    let text = "ID,Exercise,Corrective Action,Responsible Organization,Due Date,Status,Point of \
        Contact,Budget Line\n\
        R3-1,Surge,Buy radios,MDPH,6/1/2026,Open,Jane Doe,B-12\n\
        R3-2,Surge,\"Train staff, call 978-555-0100\",MDPH,13/45/2026,In Progress,Jane \
        Doe,jane.doe@example.org\n";
    let found = without_warehouse(&file(&folder, "tracker.csv", text)).await;
    assert_eq!(found.source.as_deref(), Some("improvement_plan_xlsx"), "{:?}", found.error);
    let column =
        |heading: &str| found.columns.iter().find(|column| column.heading == heading).unwrap();
    let due = column("Due Date");
    assert_eq!((due.field.as_deref(), due.fate), (Some("due"), ColumnFate::Read));
    assert_eq!((due.values[0].raw.as_str(), due.values[0].row), ("6/1/2026", 2));
    let read_as = |heading: &str| column(heading).values[0].read_as.clone().unwrap_or_default();
    assert_eq!((read_as("Due Date").as_str(), read_as("Status").as_str()), ("2026-06-01", "OPEN"));
    assert_eq!(read_as("Responsible Organization"), "MDPH");
    assert_eq!(column("Point of Contact").fate, ColumnFate::Dropped);
    assert!(column("Point of Contact").values.is_empty());
    assert!(column("Budget Line").remark.as_deref().unwrap().contains("not read"));
    let text = "ID,Exercise,Corrective Action,Responsible Organization,Due \
        Date,Status\nR3-1,Surge,Buy radios,Thiru,6/1/2026,Open\n\
        R3-2,Surge,Train staff,Lynn Hospital; Vasu/Thiru,6/2/2026,Open\n";
    let owners = without_warehouse(&file(&folder, "owners.csv", text)).await;
    let owner =
        owners.columns.iter().find(|column| column.field.as_deref() == Some("owner")).unwrap();
    let raw: Vec<&str> = owner.values.iter().map(|value| value.raw.as_str()).collect();
    assert_eq!(raw, ["[redacted]", "Lynn Hospital; [redacted]"]);
    assert!(!serde_json::to_string(&owners).unwrap().contains("Thiru"), "{owners:?}");
    let shown = serde_json::to_string(&found).unwrap();
    for personal in ["Jane", "555-0100", "jane.doe"] {
        assert!(!shown.contains(personal), "{personal}: {shown}");
    }
}

#[tokio::test]
async fn events_and_organizations_are_matched_new_or_missing_and_nothing_is_written() {
    let warehouse = Warehouse::new().await;
    warehouse
        .loaded(
            "organizations.csv",
            "organization_id,name,discipline,region\nO1,Lynn Hospital,acute_care_hospital,3\n"
                .into(),
        )
        .await;
    warehouse
        .loaded(
            "events.csv",
            "event_id,kind,name,start_at,regions\nE1,exercise,Surge Drill,2025-03-14 09:00,3\n"
                .into(),
        )
        .await;
    let state = "select string_agg(concat_ws(':', relname, n_tup_ins, n_tup_upd, n_tup_del), ' ' \
        order by relname) from pg_stat_user_tables where schemaname in ('warehouse', 'meta')";
    let sequences = "select string_agg(concat_ws(':', sequencename, last_value), ' ' order by \
        sequencename) from pg_sequences";
    let before = (
        warehouse.ask("select count(*)::text from meta.file").await,
        warehouse.ask(sequences).await,
    );
    let folder = tempfile::tempdir().unwrap();
    let url = Ok(warehouse.database.url().to_owned());
    let events = "event_id,kind,name,start_at,regions,sponsor_organization_id\nE1,exercise,Surge \
        Drill,2025-03-14 09:00,3,O1\nE2,exercise,Water Drill,2025-04-14 09:00,3,O9\n";
    let found = inspect(&file(&folder, "events.csv", events), &Options::default(), &url).await;
    assert_eq!(
        (found.events.matched, found.events.new, found.events.missing),
        (1, 1, 0),
        "{:?}",
        found.events
    );
    assert_eq!(
        found.events.listed[0].known_as.as_deref(),
        Some("Surge Drill, 2025-03-14, hotwash")
    );
    assert_eq!(
        (found.organizations.matched, found.organizations.missing),
        (1, 1),
        "{:?}",
        found.organizations
    );
    let ratings = "event_id,capability,rating\nE1,10 Medical Surge,P\nE7,10 Medical Surge,S\n";
    let found = inspect(&file(&folder, "ratings.csv", ratings), &Options::default(), &url).await;
    assert_eq!((found.events.matched, found.events.missing), (1, 1), "{:?}", found.events);
    assert_eq!(found.events.listed[1].state, MatchState::Missing);
    let after = (
        warehouse.ask("select count(*)::text from meta.file").await,
        warehouse.ask(sequences).await,
    );
    assert_eq!(before, after);
    assert!(!warehouse.ask(state).await.is_empty());
}

#[tokio::test]
async fn documents_rejects_and_faults_are_shown_as_the_loader_gives_them() {
    let folder = tempfile::tempdir().unwrap();
    let report =
        without_warehouse(&file(&folder, "report.docx", docx(&[overview(), p("Nothing else.")])))
            .await;
    assert_eq!((report.error.as_deref(), report.source.as_deref()), (None, Some("hseep_aar_docx")));
    assert!(report.events.listed[0].name.as_deref().unwrap().starts_with("Winter Surge Tabletop"));
    assert_eq!(report.events.listed[0].state, MatchState::Unknown);
    let ratings = "event_id,capability,rating\nE1,10 Medical Surge,Q\n";
    let found = without_warehouse(&file(&folder, "ratings.csv", ratings)).await;
    assert_eq!((found.read, found.rejected, found.rejects.len()), (1, 1, 1));
    assert_eq!((found.rejects[0].row, found.rejects[0].column.as_deref()), (2, Some("rating")));
    let rating = found.columns.iter().find(|column| column.heading == "rating").unwrap();
    assert!(rating.values[0].read_as.as_deref().unwrap().starts_with("rejected: "), "{rating:?}");
    let fire = without_warehouse(&sample("layouts/fire-incident-counts.csv")).await;
    assert!(fire.error.as_deref().unwrap().contains("a fire department's log"), "{fire:?}");
    let empty = without_warehouse(&file(&folder, "empty.csv", "")).await;
    assert_eq!(empty.error.as_deref(), Some("the file is empty"));
    let missing = without_warehouse(&folder.path().join("nothing.csv")).await;
    assert!(missing.error.is_some());
}

#[tokio::test]
async fn a_suggested_layout_is_complete_where_the_headings_say_enough() {
    for (name, read, rejected) in [
        ("fire-incident-log.xlsx", 6, 0),
        ("911-calls.csv", 6, 1),
        ("fire-incident-counts.csv", 4, 0),
    ] {
        let path = sample("layouts").join(name);
        let text = suggest(&path).unwrap();
        Layout::read("layout.toml", &text)
            .unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        let folder = tempfile::tempdir().unwrap();
        let options =
            Options { layout: Some(file(&folder, "layout.toml", &text)), ..Options::default() };
        let found = inspect(&path, &options, &Err(NONE.into())).await;
        assert_eq!(
            (found.error, found.read, found.rejected),
            (None, read, rejected),
            "{name}: {:?}\n{text}",
            found.rejects
        );
        assert!(!text.contains("555-"), "{text}");
    }
    let text = suggest(&sample("layouts/risk-register.jsonl")).unwrap();
    assert!(
        text.starts_with("# NOT COMPLETE YET: risks needs organization_id, assessed_on"),
        "{text}"
    );
    assert!(text.contains("scale_maximum = { constant = 5 }"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let complete = text
        .replace(
            "# organization_id = { constant = \"...\"",
            "organization_id = { constant = \"Lynn\"",
        )
        .replace("# assessed_on = ", "assessed_on = ");
    let options =
        Options { layout: Some(file(&folder, "layout.toml", &complete)), ..Options::default() };
    let found = inspect(&sample("layouts/risk-register.jsonl"), &options, &Err(NONE.into())).await;
    assert_eq!((found.error, found.read, found.rejected), (None, 6, 1), "{complete}");
}
