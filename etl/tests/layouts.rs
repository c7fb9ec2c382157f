//! Tests a deployment's own layouts: unknown tables become records, with all guarantees of a
//! source.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use std::path::{Path, PathBuf};

use hotwash_documents::input::Input;
use hotwash_etl::layout::{Layout, LayoutSource, shipped};
use hotwash_etl::load::{FileReport, LoadError, Options, Quiet, load, load_inputs, parse};
use hotwash_etl::lookup::Lookup;
use hotwash_etl::source::ColumnFate;
use office::{Warehouse, xlsx};
use proptest::prelude::*;
use proptest::sample::Index;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/layouts").join(name)
}

fn by(layout: &str) -> Options {
    Options { layout: Some(layout.into()), ..Options::default() }
}

/// Writes a layout to its own file.
fn written(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("own.toml");
    std::fs::write(&path, text).unwrap();
    path
}

async fn load_one(warehouse: &Warehouse, path: &Path, options: &Options) -> FileReport {
    let report = load(warehouse.database.url(), &[path.to_path_buf()], options, &Quiet)
        .await
        .unwrap()
        .remove(0);
    assert!(report.error.is_some() || report.is_accounted(), "{report:?}");
    report
}

/// Loads bytes with the text of a layout.
async fn load_by(warehouse: &Warehouse, layout: &str, name: &str, bytes: Vec<u8>) -> FileReport {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { layout: Some(written(&folder, layout)), ..Options::default() };
    let inputs = vec![(name.to_owned(), Ok(Input::memory(name, bytes)))];
    load_inputs(warehouse.database.url(), inputs, &options, &Quiet).await.unwrap().remove(0)
}

fn counts(report: &FileReport) -> (u64, u64, u64, u64) {
    assert_eq!(report.error, None, "{report:?}");
    (report.read, report.inserted, report.unchanged, report.rejected)
}

async fn rejects(warehouse: &Warehouse) -> Vec<String> {
    warehouse
        .ask(
            "select concat_ws(' | ', row_number, column_name, value, reason) from meta.reject \
            where file_id = (select max(file_id) from meta.file) order by row_number",
        )
        .await
}

#[tokio::test]
async fn a_fire_log_with_rows_of_title_becomes_incidents() {
    let warehouse = Warehouse::new().await;
    let report =
        load_one(&warehouse, &sample("fire-incident-log.xlsx"), &by("fire-incident-log")).await;
    assert_eq!(counts(&report), (5, 5, 0, 0), "{report:?}");
    assert_eq!(report.lost_columns().count(), 0, "{:?}", report.columns);
    assert_eq!(report.source.as_deref(), Some("layout:fire-incident-log"));
    let skipped =
        report.details.iter().find(|warning| warning.code.as_str() == "SKIPPED_ROWS").unwrap();
    assert!(skipped.message.starts_with("2 rows are left out"), "{skipped:?}");
    let found = warehouse
        .ask(
            "select concat_ws(' | ', e.source_id, e.name, e.start_at at time zone \
             'America/New_York', e.end_at at time zone 'America/New_York', h.code, r.code, \
                 i.deaths_direct, i.injuries_direct, i.damage_property_usd, e.source_row, \
                 e.owes_aar) \
             from warehouse.event e join warehouse.incident i using (event_id) join \
             warehouse.event_hazard eh using (event_id) join warehouse.hazard h on h.hazard_id = \
             eh.hazard_id \
             join warehouse.event_region er using (event_id) join warehouse.region r on \
             r.region_id = er.region_id order by e.source_id",
        )
        .await;
    assert_eq!(
        found[..2],
        [
            "25-000101 | Structure Fire, Mill District | 2025-03-01 23:50:00 | 2025-03-02 02:15:00 \
             | fire_structural | 3 | 0 | 2 | 185500 | 4 | t",
            "25-000102 | Vehicle Fire, North End | 2025-03-02 08:05:00 | 2025-03-02 08:50:00 | \
             transport_failure | 3 | 0 | 0 | 12000 | 5 | f",
        ]
    );
    let again =
        load_one(&warehouse, &sample("fire-incident-log.xlsx"), &by("fire-incident-log")).await;
    assert_eq!(counts(&again), (5, 0, 5, 0), "a second load changes nothing");
}

#[tokio::test]
async fn a_log_of_calls_becomes_incidents_without_callers() {
    let warehouse = Warehouse::new().await;
    let report = load_one(&warehouse, &sample("911-calls.csv"), &by("911-calls")).await;
    assert_eq!(counts(&report), (5, 4, 0, 1), "{report:?}");
    assert_eq!(report.lost_columns().count(), 0, "{:?}", report.columns);
    let phone = report.columns.iter().find(|column| column.heading == "Caller Phone").unwrap();
    assert_eq!((phone.fate, phone.samples.len()), (ColumnFate::Dropped, 0));
    let found = warehouse
        .ask(
            "select concat_ws(' | ', source_id, name, start_at at time zone 'America/New_York', \
            end_at at time zone 'America/New_York') from warehouse.event order by source_id",
        )
        .await;
    assert_eq!(
        found[1..3],
        [
            "2025-04418 | Power Lines Down, Greenfield | 2025-04-02 23:40:00 | 2025-04-03 00:35:00",
            "2025-04419 | Carbon Monoxide, Lawrence | 2025-04-03 09:05:00 | 2025-04-03 10:10:00",
        ]
    );
    let rejects = rejects(&warehouse).await;
    assert!(
        rejects[0].starts_with("7 | Call Date, Call Time | 04/31/2025 1900 | must be"),
        "{rejects:?}"
    );
    assert!(
        rejects[0].contains("start_at of the layout 911-calls (911-calls.toml)"),
        "{rejects:?}"
    );
    let content = warehouse.ask("select row_content::text from meta.reject").await;
    assert!(content[0].contains("2025-04422") && !content[0].contains("555-"), "{content:?}");
}

#[tokio::test]
async fn a_rejected_row_is_mended_and_loaded_by_the_same_layout() {
    let warehouse = Warehouse::new().await;
    load_one(&warehouse, &sample("911-calls.csv"), &by("911-calls")).await;
    let mended = warehouse.mended(&[("Call Date", "04/30/2025")]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rejects.csv");
    std::fs::write(&path, mended).unwrap();
    let report = load_one(&warehouse, &path, &by("911-calls")).await;
    assert_eq!(counts(&report), (1, 1, 0, 0), "{report:?}");
}

#[tokio::test]
async fn a_register_from_1_to_5_is_scored_by_its_own_scale() {
    let warehouse = Warehouse::new().await;
    let report = load_one(&warehouse, &sample("risk-register.jsonl"), &by("risk-register")).await;
    assert_eq!(counts(&report), (5, 4, 0, 1), "{report:?}");
    assert_eq!(report.lost_columns().count(), 0, "{:?}", report.columns);
    assert_eq!(
        warehouse.scores().await,
        ["Cyber attack: 80", "Dam failure: 20", "Flood: 36", "Ice storm: 80"]
    );
    assert!(rejects(&warehouse).await[0].starts_with("5 | impact | 6 | must be from 0 to 5"));
    let owner = warehouse
        .ask(
            "select o.name from warehouse.risk_assessment join warehouse.organization o using \
            (organization_id)",
        )
        .await;
    assert_eq!(owner, ["Hampden County Emergency Management"]);
}

#[tokio::test]
async fn a_fire_log_is_rejected_with_the_way_to_load_it_and_loads_by_the_layout() {
    let warehouse = Warehouse::new().await;
    let path = sample("fire-incident-counts.csv");
    let report = load_one(&warehouse, &path, &Options::default()).await;
    let error = report.error.unwrap();
    assert!(
        error.contains("a fire department's log")
            && error.contains("hotwash inspect FILE --suggest"),
        "{error}"
    );
    assert!(error.contains("hotwash load --layout layout.toml FILE"), "{error}");
    let report = load_one(&warehouse, &path, &by("fire-incident-counts")).await;
    assert_eq!(counts(&report), (4, 4, 0, 0), "{report:?}");
}

#[tokio::test]
async fn a_layout_in_the_folder_applies_by_its_headings() {
    let warehouse = Warehouse::new().await;
    let folder = tempfile::tempdir().unwrap();
    let text = shipped().iter().find(|(name, _)| *name == "911-calls").unwrap().1;
    std::fs::write(folder.path().join("calls.toml"), text).unwrap();
    let options = Options { layouts: Some(folder.path().into()), ..Options::default() };
    let report = load_one(&warehouse, &sample("911-calls.csv"), &options).await;
    assert_eq!(counts(&report), (5, 4, 0, 1), "{report:?}");
    let other = load_one(&warehouse, &sample("fire-incident-log.xlsx"), &options).await;
    assert!(other.error.is_some(), "its headings are others: {other:?}");
    // A second layout with the same headings: the user must choose.
    std::fs::write(
        folder.path().join("more.toml"),
        text.replace("name = \"911-calls\"", "name = \"more-calls\""),
    )
    .unwrap();
    let error = load_one(&warehouse, &sample("911-calls.csv"), &options).await.error.unwrap();
    assert!(error.contains("two layouts fit") && error.contains("--layout more-calls"), "{error}");
    // An invalid layout is named if no source recognizes a file.
    std::fs::write(folder.path().join("more.toml"), "name = \"x\"\nrecord = \"incident\"\n")
        .unwrap();
    let error =
        load_one(&warehouse, &sample("fire-incident-log.xlsx"), &options).await.error.unwrap();
    assert!(error.contains("more.toml, line 2"), "{error}");
}

#[tokio::test]
async fn a_layout_for_headings_that_a_source_knows_is_a_choice() {
    let warehouse = Warehouse::new().await;
    let folder = tempfile::tempdir().unwrap();
    let layout = "name = \"tracker\"\nrecord = \"actions\"\nkey = \"ID\"\n[fields]\ntext \
        = \"Corrective Action\"\n\
        status = \"Status\"\nopened_on = { constant = 2025-01-01 }\n";
    std::fs::write(folder.path().join("tracker.toml"), layout).unwrap();
    let file = folder.path().join("tracker.csv");
    std::fs::write(
        &file,
        "ID,Exercise,Corrective Action,Responsible Organization,Due \
        Date,Status\nA-1,Surge,Buy radios,MDPH,6/1/2026,Done\n",
    )
    .unwrap();
    let options = Options { layouts: Some(folder.path().into()), ..Options::default() };
    let error = load_one(&warehouse, &file, &options).await.error.unwrap();
    assert!(
        error.contains("improvement_plan_xlsx") && error.contains("--layout tracker"),
        "{error}"
    );
    let options = Options { layout: Some("tracker".into()), ..options };
    let report = load_one(&warehouse, &file, &options).await;
    assert_eq!(counts(&report), (1, 1, 0, 0), "{report:?}");
    let lost: Vec<&str> = report.lost_columns().map(|column| column.heading.as_str()).collect();
    assert_eq!(
        lost,
        ["Exercise", "Responsible Organization", "Due Date"],
        "what is not mapped is reported"
    );
    assert_eq!(
        warehouse.ask("select status from warehouse.corrective_action").await,
        ["COMPLETED"],
        "a word of the lists"
    );
}

#[tokio::test]
async fn records_of_layouts_find_each_other_by_id_and_by_name() {
    let warehouse = Warehouse::new().await;
    let exercises = "name = \"drills\"\nrecord = \"exercises\"\nkey = \"No\"\n[fields]\nname \
        = \"Drill\"\nstart_at = \"Held\"\n\
        regions = { column = \"Regions\", separator = \"+\" }\nexercise_type = { constant \
        = \"DRL\" }\n\
        sponsor_organization_id = { column = \"Sponsor\", by = \"name\" }\ntime_limit_minutes = { \
        column = \"Hours\", unit = \"hours\" }\n";
    let exercises = format!("date_format = \"%d.%m.%Y\"\n{exercises}");
    let report = load_by(
        &warehouse,
        &exercises,
        "drills.csv",
        "No,Drill,Held,Regions,Sponsor,Hours\nD-1,Evacuation Drill,04.03.2025,3 + 5,Lynn \
         Hospital,1.5\n"
            .into(),
    )
    .await;
    assert_eq!(counts(&report), (1, 1, 0, 0), "{report:?}");
    let found = warehouse
        .ask(
            "select concat_ws(' | ', e.local_date, x.time_limit_minutes, o.name, (select count(*) \
            from warehouse.event_region r where r.event_id = e.event_id)) \
              from warehouse.event e join warehouse.exercise x using (event_id) join \
              warehouse.organization o on o.organization_id = x.sponsor_organization_id",
        )
        .await;
    assert_eq!(found, ["2025-03-04 | 90 | Lynn Hospital | 2"]);
    let ratings = "name = \"scores\"\nrecord = \"ratings\"\n[fields]\nevent_id = \"Drill \
        No\"\ncapability = \"Capability\"\nrating = \"Score\"\n\
        [values.rating]\n\"1\" = \"P\"\n\"2\" = \"S\"\n\"3\" = \"M\"\n\"4\" = \"U\"\n\"-\" \
        = \"NOT_OBSERVED\"\n";
    let report = load_by(
        &warehouse,
        ratings,
        "scores.csv",
        "Drill No,Capability,Score\nD-1,Medical Surge,1\nD-1,Information Sharing,3\nD-1,Mass \
         Care,9\n"
            .into(),
    )
    .await;
    assert_eq!(counts(&report), (3, 2, 0, 1), "{report:?}");
    let reasons = rejects(&warehouse).await;
    assert!(
        reasons[0].starts_with("4 | Score | 9 | ") && reasons[0].contains("[values.rating]"),
        "{reasons:?}"
    );
    let actions = "name = \"steps\"\nrecord = \"actions\"\nkey = \
        [\"Drill\", \"Step\"]\n[fields]\ntext = \"Step\"\n\
        event_id = { column = \"Drill\", by = \"name\", on = \"Date\" }\nowner_organization_id = { \
        column = \"Who\", by = \"name\" }\n\
        status = \"State\"\nopened_on = \"Date\"\ndue_on = \"Due\"\n[values.status]\n\"Offen\" \
        = \"OPEN\"\n";
    let report = load_by(
        &warehouse,
        actions,
        "steps.csv",
        "Drill,Date,Step,Who,State,Due\nEvacuation Drill,3/4/2025,Buy sleds,Lynn \
         Hospital,Offen,6/30/2025\n"
            .into(),
    )
    .await;
    assert_eq!(counts(&report), (1, 1, 0, 0), "{report:?}");
    let found = warehouse
        .ask(
            "select concat_ws(' | ', e.name, o.name, a.status, a.due_original_on) from \
            warehouse.corrective_action a join warehouse.event e using (event_id) \
              join warehouse.organization o on o.organization_id = a.owner_organization_id",
        )
        .await;
    assert_eq!(found, ["Evacuation Drill | Lynn Hospital | OPEN | 2025-06-30"]);
}

#[tokio::test]
async fn workbooks_lists_and_semicolons_are_read_alike() {
    let warehouse = Warehouse::new().await;
    let layout = "name = \"log\"\nrecord = \"incidents\"\nkey = \"Id\"\ndecimal_separator \
        = \",\"\nsheet = \"Log\"\n[fields]\nname = \"What\"\n\
        start_at = \"When\"\nregions = \"place.region\"\ndamage_property_usd = { column \
        = \"Loss\", multiply_by = 1000 }\n";
    let rows: &[&[&str]] = &[
        &["Title"],
        &["Id", "What", "When", "place.region", "Loss"],
        &["1", "Fire", "45730.5", "3", "1.200,5"],
    ];
    let book = xlsx(&[("Notes", &[&["Id"], &["of nothing"]]), ("Log", rows)]);
    let csv = "Id;What;When;place.region;Loss\n1;Fire;2025-03-14 12:00;3;1.200,5\n";
    let lines = "{\"Id\":1,\"What\":\"Fire\",\"When\":\"2025-03-14T12:00:00\",\"place\":{\"region\":3},\"Loss\":\"1.200,5\"}\n";
    let list = format!("[{}]", lines.trim());
    let report = load_by(&warehouse, layout, "log.xlsx", book).await;
    assert_eq!(counts(&report), (1, 1, 0, 0), "{report:?}");
    for (name, bytes) in [
        ("log.csv", csv.as_bytes()),
        ("log.jsonl", lines.as_bytes()),
        ("log.json", list.as_bytes()),
    ] {
        let report = load_by(&warehouse, layout, name, bytes.into()).await;
        assert_eq!(counts(&report), (1, 0, 1, 0), "{name}: {report:?}");
    }
    let found = warehouse
        .ask(
            "select concat_ws(' | ', start_at, damage_property_usd) from \
        warehouse.event join warehouse.incident using (event_id)",
        )
        .await;
    assert_eq!(found, ["2025-03-14 16:00:00+00 | 1200500"]);
}

#[tokio::test]
async fn files_that_lack_headings_and_layouts_that_do_not_exist_are_named() {
    let warehouse = Warehouse::new().await;
    let text = "Call No,Call Date,Call Time,Closed \
        Time,Nature,City,Patients\n1,04/02/2025,0715,0802,Fire,Worcester,1\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.csv");
    std::fs::write(&path, text).unwrap();
    let error = load_one(&warehouse, &path, &by("911-calls")).await.error.unwrap();
    assert!(
        error.contains("\u{201c}Call Number\u{201d} (nearest is \u{201c}Call No\u{201d})"),
        "{error}"
    );
    let missing = load(warehouse.database.url(), &[path], &by("nowhere.toml"), &Quiet).await;
    let Err(LoadError::Source(error)) = missing else { panic!("{missing:?}") };
    let error = error.to_string();
    assert!(error.contains("nowhere.toml") && error.contains("911-calls"), "{error}");
}

#[test]
fn each_fault_of_a_layout_is_located_and_says_what_is_allowed() {
    let good = "name = \"log\"\nrecord = \"incidents\"\nkey = \"Id\"\n[fields]\nname \
        = \"What\"\nstart_at = \"When\"\n";
    assert!(Layout::read("a.toml", good).is_ok(), "{:?}", Layout::read("a.toml", good));
    for (change, to, line, says) in [
        ("record = ", "recrod = ", 2, "did you mean record?"),
        ("record = \"incidents\"\n", "", 1, "record = \"incidents\""),
        ("\"incidents\"", "incidents", 2, "double quotes"),
        (
            "\"incidents\"",
            "\"incident\"",
            2,
            "did you mean incidents? There are incidents, exercises",
        ),
        ("name = \"log\"", "name = \"My Log\"", 1, "lower-case letters"),
        ("start_at = ", "started = ", 6, "did you mean start_at"),
        ("start_at = \"When\"\n", "", 2, "incidents needs start_at"),
        ("key = \"Id\"\n", "", 2, "key = [\"Heading\"] makes event_id"),
        ("\"When\"", "{ colum = \"When\" }", 6, "did you mean column?"),
        (
            "\"When\"",
            "{ column = \"When\", constant = \"x\" }",
            6,
            "give one of column, columns and constant",
        ),
        ("\"When\"", "{ column = \"When\", format = \"mm/dd/yyyy\" }", 6, "%m/%d/%Y"),
        (
            "\"When\"\n",
            "\"When\"\ntime_limit_minutes = { column = \"H\", unit = \"hrs\" }\n",
            7,
            "minutes, seconds, hours, days",
        ),
        (
            "\"When\"\n",
            "\"When\"\nstatus = { constant = \"over\" }\n",
            7,
            "there are PLANNED, HELD, CANCELLED",
        ),
        (
            "\"When\"\n",
            "\"When\"\n[values.status]\nx = \"HELD\"\n",
            7,
            "give it a column under [fields]",
        ),
        (
            "\"When\"\n",
            "\"When\"\nstatus = \"S\"\n[values.status]\nx = \"GONE\"\n",
            9,
            "here are PLANNED",
        ),
        ("\"What\"", "\"Contact Name\"", 5, "names persons"),
        (
            "key = \"Id\"",
            "time_zone = \"America/Newyork\"\nkey = \"Id\"",
            3,
            "did you mean America/New_York",
        ),
        ("key = \"Id\"", "key = \"Id", 3, "string"),
        ("\"When\"\n", "\"When\"\nkind = { constant = \"incident\" }\n", 7, "leave it out"),
        (
            "\"When\"\n",
            "\"When\"\nend_at = { column = \"E\", after = \"start\" }\n",
            7,
            "did you mean start_at",
        ),
        ("\"When\"", "{ column = \"When\", by = \"name\" }", 6, "by = \"name\" is for fields"),
        ("\"When\"", "3", 6, "the heading of a column"),
    ] {
        let text = good.replace(change, to);
        assert_ne!(text, good, "{change}");
        let error = Layout::read("a.toml", &text).unwrap_err();
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(
            error.to_string().contains("a.toml") && error.to_string().contains(says),
            "{text}: {error}"
        );
    }
}

#[test]
fn the_layouts_in_the_binary_are_well_formed() {
    for (name, text) in shipped() {
        let layout = Layout::read(&format!("{name}.toml"), text).unwrap();
        assert_eq!(layout.name, *name);
    }
}

#[test]
fn the_examples_of_the_documentation_are_well_formed() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/layouts.md");
    let page = std::fs::read_to_string(page).unwrap();
    let examples: Vec<&str> =
        page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 5);
    for example in examples {
        Layout::read("layouts.md", example).unwrap_or_else(|error| panic!("{error}"));
    }
    // Every key of the reader is in the tables, and the reverse.
    for key in [
        "name",
        "record",
        "about",
        "source",
        "key",
        "sheet",
        "skip_leading_rows",
        "required_headings",
        "time_zone",
        "date_format",
        "time_format",
        "date_time_format",
        "decimal_separator",
        "ignore",
        "column",
        "columns",
        "join",
        "constant",
        "default",
        "format",
        "after",
        "unit",
        "multiply_by",
        "separator",
        "by",
        "on",
    ] {
        assert!(page.contains(&format!("`{key}`")), "{key}");
    }
}

#[tokio::test]
async fn rows_of_one_key_are_rejected_and_rows_that_differ_in_it_are_stored() {
    let warehouse = Warehouse::new().await;
    let layout = "name = \"log\"\nrecord = \"incidents\"\nkey = \
        [\"No\", \"Station\"]\n[fields]\nname = \"What\"\nstart_at = \"When\"\nregions = { \
        constant = 3 }\n";
    let text = "No,Station,What,When\n1,A,Fire,3/1/2025\n1,B,Fire,3/1/2025\n1,A,Flood,3/2/2025\n,,Fire,3/3/2025\n";
    let report = load_by(&warehouse, layout, "log.csv", text.into()).await;
    assert_eq!(counts(&report), (4, 2, 0, 2), "{report:?}");
    let reasons = rejects(&warehouse).await;
    // Which of the two is stored depends on the digest of their content.
    let either = ["2 | 1|A | duplicate of row 4", "4 | 1|A | duplicate of row 2"];
    assert!(either.iter().any(|start| reasons[0].starts_with(start)), "{reasons:?}");
    assert!(
        reasons[1].starts_with("5 | No, Station") && reasons[1].contains("must not be empty"),
        "{reasons:?}"
    );
    // A heading instead of a constant.
    let wrong = layout.replace("{ constant = 3 }", "\"3\"");
    let error = load_by(&warehouse, &wrong, "log.csv", text.into()).await.error.unwrap();
    assert!(
        error.contains("\u{201c}3\u{201d}") && error.contains("{ constant = \"3\" }"),
        "{error}"
    );
}

proptest! {
    /// `etl/fuzz` tries more texts, and the tables that they read.
    #[test]
    fn any_change_of_a_layout_is_read_or_refused_without_a_panic(
        (which, at, removed) in (any::<Index>(), any::<Index>(), 0..12_usize),
        added in "[ -~\\n\u{e9}]{0,12}",
    ) {
        let (name, shipped) = shipped()[which.index(shipped().len())];
        let letters: Vec<char> = shipped.chars().collect();
        let (before, after) = letters.split_at(at.index(letters.len()));
        let after = &after[removed.min(after.len())..];
        let changed: String = before.iter().copied().chain(added.chars()).chain(after.iter().copied()).collect();
        match Layout::read("changed.toml", &changed) {
            Ok(layout) => {
                let table = std::fs::read(sample("911-calls.csv")).unwrap();
                let source = LayoutSource::of(layout);
                if let Ok(totals) = parse(source, &Input::memory("calls.csv", table), &Lookup::default()) {
                    prop_assert!(totals.rejected <= totals.read, "{} {:?}", name, totals);
                }
            }
            Err(error) => prop_assert!(error.to_string().starts_with("changed.toml, line ")),
        }
    }
}
