//! Tests that no data is lost or misread silently: every column and every row is accounted for, in
//! any text dialect.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use hotwash_etl::source::ColumnFate;
use hotwash_etl::template::{ColumnKind, TEMPLATES, Template};
use office::{Warehouse, codes, xlsx};

fn fault(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(name))
        .unwrap()
}

async fn load_with(
    warehouse: &Warehouse,
    name: &str,
    bytes: Vec<u8>,
    options: &Options,
) -> FileReport {
    let inputs = vec![(name.to_owned(), Ok(Input::memory(name, bytes)))];
    load_inputs(warehouse.database.url(), inputs, options, &Quiet).await.unwrap().remove(0)
}

async fn dry(warehouse: &Warehouse, name: &str, bytes: Vec<u8>) -> FileReport {
    load_with(warehouse, name, bytes, &Options { dry_run: true, ..Options::default() }).await
}

fn counts(report: &FileReport) -> (u64, u64, u64, u64) {
    (report.read, report.inserted, report.unchanged, report.rejected)
}

#[tokio::test]
async fn headings_of_an_exercise_or_incident_are_known_and_rows_stay_apart() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.csv", fault("33-tracker-unread-headings.csv")).await;
    assert_eq!(counts(&report), (4, 4, 0, 0), "{report:?}");
    assert_eq!(report.lost_columns().count(), 0, "{:?}", report.columns);
    let again = warehouse.loaded("tracker.csv", fault("33-tracker-unread-headings.csv")).await;
    assert_eq!(counts(&again), (4, 0, 4, 0), "{again:?}");
}

#[tokio::test]
async fn a_column_that_holds_data_and_is_not_read_is_reported_and_stored() {
    let warehouse = Warehouse::new().await;
    let text = "ID,Exercise,Corrective Action,Responsible Organization,Dues Date,Status,Point of \
        Contact,Comments,Budget Line\n\
        R3-1,Surge,Buy radios,MDPH,6/1/2026,Open,Jane Doe,ask again,B-12\n\
        R3-2,Surge,Train staff,MDPH,7/1/2026,Open,Jane Doe,,call 978-555-0100\n";
    let report = warehouse.loaded("tracker.csv", text.into()).await;
    let fate =
        |heading: &str| report.columns.iter().find(|column| column.heading == heading).unwrap();
    assert_eq!(fate("Status").fate, ColumnFate::Read);
    assert_eq!((fate("Status").field.as_deref(), fate("Status").filled), (Some("status"), 2));
    assert_eq!(fate("Point of Contact").fate, ColumnFate::Dropped);
    assert!(fate("Point of Contact").samples.is_empty());
    assert_eq!(fate("Comments").fate, ColumnFate::Unused);
    let lost: Vec<&str> = report.lost_columns().map(|column| column.heading.as_str()).collect();
    assert_eq!(lost, ["Dues Date", "Budget Line"]);
    assert_eq!(fate("Dues Date").nearest.as_deref(), Some("due date"));
    assert_eq!(fate("Budget Line").samples, ["B-12", "[redacted]"]);
    assert!(codes(&report).contains(&"UNREAD_COLUMN"), "{report:?}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["columns"][4]["fate"], "UNREAD");
    let stored = warehouse
        .ask(
            "select concat_ws(' | ', position, heading, filled, array_to_string(samples, '; ')) \
            from meta.file_column where fate = 'UNREAD' order by number",
        )
        .await;
    assert_eq!(
        stored,
        ["5 | Dues Date | 2 | 6/1/2026; 7/1/2026", "9 | Budget Line | 2 | B-12; [redacted]"]
    );
}

#[tokio::test]
async fn of_two_columns_with_one_meaning_the_one_that_is_read_is_named() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("tracker.csv", fault("18-duplicate-headings.csv")).await;
    let doubled: Vec<_> =
        report.lost_columns().map(|column| (column.position, column.read_instead)).collect();
    assert_eq!(doubled, [(8, Some(6)), (9, Some(7))], "{:?}", report.columns);
    assert!(codes(&report).contains(&"DUPLICATE_HEADING"));
    let template = "event_id,kind,name,start_at,end_at,status,status\nE1,exercise,A,2025-03-14,,HELD,PLANNED\n";
    let report = warehouse.loaded("events.csv", template.into()).await;
    assert_eq!(
        report
            .lost_columns()
            .map(|column| (column.position, column.read_instead))
            .collect::<Vec<_>>(),
        [(7, Some(6))]
    );
    assert_eq!(
        warehouse.ask("select status from warehouse.event").await,
        ["HELD"],
        "the first is read"
    );
}

#[tokio::test]
async fn every_kind_of_table_accounts_for_its_columns() {
    let warehouse = Warehouse::new().await;
    for (name, text) in [
        (
            "calendar.csv",
            "Exercise Name,Exercise Type,Start Date,Region,Venue Size\nDrill \
             one,Drill,3/5/2025,3,40\n",
        ),
        (
            "log.csv",
            "Incident Name,Notified At,Acknowledged At,Region,Venue Size\nMain break,2025-03-05 \
             09:00,2025-03-05 09:10,3,40\n",
        ),
        (
            "entries.csv",
            "Incident,Date/Time,Entry,Venue Size\nMain break,2025-03-05 09:00,Plan \
             activated,40\nMain break,2025-03-05 10:00,Quiet,40\n",
        ),
        (
            "hva.csv",
            "Date: 2025-03-01,,,,\nHazard,Probability,Severity,Venue \
             Size\nFlood,2,3,40\nFire,1,2,40\n",
        ),
        ("events.csv", "event_id,kind,name,start_at,Venue Size\nE9,exercise,A,2025-03-14,40\n"),
        (
            "events.jsonl",
            "{\"event_id\":\"E8\",\"kind\":\"exercise\",\"name\":\"A\",\"start_at\":\"2025-03-14\",\"Venue Size\":40}\n",
        ),
        (
            "fema.csv",
            "femaDeclarationString,disasterNumber,state,declarationType,incidentType,incidentBeginDate,fipsStateCode,fipsCountyCode,Venue Size\n\
            DR-1-MA,1,MA,DR,Flood,2020-01-01,25,000,40\n",
        ),
        (
            "fema.json",
            "[{\"femaDeclarationString\":\"DR-2-MA\",\"disasterNumber\":2,\"state\":\"MA\",\"declarationType\":\"DR\",\"incidentType\":\"Flood\",\
            \"incidentBeginDate\":\"2020-01-01\",\"fipsStateCode\":\"25\",\"fipsCountyCode\":\"000\",\"Venue Size\":40}]",
        ),
        (
            "ics.csv",
            "ics_id,ics_name,ics_wildfire_ignition_date,ics_state,ics_county,ics_wildfire_area,Venue Size\nI1,Elm,2020-06-01,CA,,1.5,40\n",
        ),
        (
            "storms.csv",
            "EVENT_ID,EVENT_TYPE,CZ_TYPE,CZ_FIPS,CZ_TIMEZONE,DEATHS_DIRECT,INJURIES_DIRECT,WFO,BEGIN_DATE,CZ_NAME_STR,STATE_ABBR,Venue Size\n\
            77,Flood,C,25,EST,0,0,BOX,09/18/1996,SUFFOLK CO.,MA,40\n",
        ),
    ] {
        let report = warehouse.loaded(name, text.into()).await;
        let lost: Vec<_> = report
            .lost_columns()
            .map(|column| (column.heading.as_str(), column.samples.join(";")))
            .collect();
        assert_eq!(lost, [("Venue Size", "40".to_owned())], "{name}: {report:?}");
        assert!(report.columns.iter().any(|column| column.fate == ColumnFate::Read), "{name}");
    }
}

#[tokio::test]
async fn a_first_row_of_data_is_not_taken_for_headings() {
    let warehouse = Warehouse::new().await;
    let text = "IP-1,Harbor Surge,Medical Surge,Write a drill card,Lowell General \
        Hospital,9/15/2025,Open\n\
        IP-2,Harbor Surge,Medical Surge,Buy radios,Lowell General Hospital,10/15/2025,Open\n";
    let error = warehouse.load("headless.csv", text.into()).await.error.unwrap();
    assert!(error.contains("first row holds data") && !error.contains("Lowell"), "{error}");
}

#[tokio::test]
async fn rows_that_look_alike_are_records_of_their_own_or_are_rejected() {
    let warehouse = Warehouse::new().await;
    for (name, expected) in
        [("32-tracker-recurring-action.csv", 3), ("23-calendar-same-name-same-day.csv", 4)]
    {
        let first = warehouse.loaded(name, fault(name)).await;
        assert_eq!(counts(&first), (expected, expected, 0, 0), "{name}: {first:?}");
        let again = warehouse.loaded(name, fault(name)).await;
        assert_eq!(counts(&again), (expected, 0, expected, 0), "{name}: {again:?}");
    }
    // Editing one of them changes only that one.
    let edited = String::from_utf8(fault("32-tracker-recurring-action.csv"))
        .unwrap()
        .replace("7/31/2025,Open,", "7/31/2025,In progress,");
    let report = warehouse.loaded("edited.csv", edited.into_bytes()).await;
    assert_eq!((report.inserted, report.updated, report.unchanged), (0, 1, 2), "{report:?}");
}

#[tokio::test]
async fn equal_rows_are_stored_once_and_the_others_are_rejected_with_the_row_they_repeat() {
    let warehouse = Warehouse::new().await;
    let heading = "Exercise,Corrective Action,Responsible Organization,Due Date,Status\n";
    let text = format!(
        "{heading}Surge,Buy radios,MDPH,6/1/2026,Open\nSurge,Train,MDPH,6/1/2026,Open\nSurge,Buy \
         radios,MDPH,6/1/2026,Open\nSurge,Train,MDPH,6/1/2026,Closed\n"
    );
    let report = warehouse.loaded("tracker.csv", text.clone().into_bytes()).await;
    assert_eq!(counts(&report), (4, 2, 0, 2), "{report:?}");
    let reasons = warehouse
        .ask("select row_number || ': ' || reason from meta.reject order by row_number")
        .await;
    assert!(
        reasons.iter().any(|reason| reason.starts_with("4: duplicate of row 2: both say the same")),
        "{reasons:?}"
    );
    assert!(
        reasons.iter().any(
            |reason| reason.contains("differ in Status") && reason.contains("duplicate of row")
        ),
        "{reasons:?}"
    );
    // Running numbers distinguish rows of one file, but are not ids in other files.
    for (number, inserted) in [("No.", 2), ("#", 0), ("Line", 0)] {
        let numbered = format!(
            "{number},{heading}1,Flow,Buy radios,MDPH,6/1/2026,Open\n2,Flow,Buy \
             radios,MDPH,6/1/2026,Open\n"
        );
        let report = warehouse.loaded("numbered.csv", numbered.into_bytes()).await;
        assert_eq!(counts(&report), (2, inserted, 2 - inserted, 0), "{number}: {report:?}");
    }
    let other = format!("No.,{heading}1,Flow,Another action,MDPH,6/1/2026,Open\n");
    assert_eq!(counts(&warehouse.loaded("other.csv", other.into_bytes()).await), (1, 1, 0, 0));
    // One id in two rows: the stored row has its own times.
    let log = "Incident ID,Incident Name,Notified At,Acknowledged At\nL-1,Main break,2025-03-05 \
        09:00,2025-03-05 09:10\nL-1,Mill fire,2025-04-05 09:00,2025-04-05 09:30\n";
    assert_eq!(counts(&warehouse.loaded("log.csv", log.into()).await), (2, 1, 0, 1));
    let apart = "select count(*)::text from warehouse.milestone m join warehouse.event e using \
        (event_id) where m.occurred_at::date - e.local_date > 1";
    assert_eq!(warehouse.ask(apart).await, ["0"]);
}

/// Returns another value for a template's column, similar to its example.
fn another(kind: ColumnKind, value: &str, allowed: &[&str]) -> String {
    match kind {
        ColumnKind::Choice => {
            allowed.iter().find(|word| **word != value).map_or("x", |word| word).to_owned()
        }
        ColumnKind::Integer | ColumnKind::Number => if value == "2" { "1" } else { "2" }.into(),
        ColumnKind::Date => "2025-06-30".into(),
        ColumnKind::Moment => "2025-03-14 11:11".into(),
        ColumnKind::YesNo => if value == "yes" { "no" } else { "yes" }.into(),
        _ => format!("{value} B"),
    }
}

/// Returns an example's value, with an id that is not an example's.
fn own(example: &str) -> String {
    example.replace("EXAMPLE-", "TEST-")
}

fn line(cells: &[String]) -> String {
    cells
        .iter()
        .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
        .collect::<Vec<_>>()
        .join(",")
}

/// Loads two rows that differ in one field, for each field: the result is two records, or rejects.
async fn each_field(
    warehouse: &Warehouse,
    name: &str,
    headings: &[&str],
    row: &[String],
    other: &[String],
) {
    let head = line(&headings.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>());
    for (place, value) in other
        .iter()
        .enumerate()
        .filter(|(place, value)| !value.is_empty() && **value != row[*place])
    {
        let mut changed = row.to_vec();
        changed[place].clone_from(value);
        let text = format!("{head}\n{}\n{}\n", line(row), line(&changed));
        let report = dry(warehouse, name, text.clone().into_bytes()).await;
        assert_eq!(report.error, None, "{name}, {}: {text}", headings[place]);
        assert_eq!(
            (report.read, report.inserted + report.rejected, report.unchanged, report.updated),
            (2, 2, 0, 0),
            "{name}, {}: {report:?}\n{text}",
            headings[place]
        );
        assert!(report.inserted > 0, "{name}, {}: {report:?}\n{text}", headings[place]);
    }
    let twice = format!("{head}\n{0}\n{0}\n", line(row));
    let report = dry(warehouse, name, twice.clone().into_bytes()).await;
    assert_eq!(counts(&report), (2, 1, 0, 1), "{name}, equal rows: {report:?}\n{twice}");
}

async fn each_field_of(warehouse: &Warehouse, template: &Template) {
    let headings: Vec<&str> = template.columns.iter().map(|column| column.heading).collect();
    let row: Vec<String> = template.columns.iter().map(|column| own(column.example)).collect();
    let other: Vec<String> = template
        .columns
        .iter()
        .map(|column| another(column.kind, &own(column.example), column.allowed))
        .collect();
    each_field(warehouse, template.name, &headings, &row, &other).await;
}

#[tokio::test]
async fn rows_of_a_template_that_differ_in_one_field_are_two_records_or_rejects() {
    let warehouse = Warehouse::new().await;
    let template = |name: &str| Template::by_name(name).unwrap();
    let example = |name: &str| {
        let template = template(name);
        let cells: Vec<String> =
            template.columns.iter().map(|column| own(column.example)).collect();
        let head: Vec<String> =
            template.columns.iter().map(|column| column.heading.to_owned()).collect();
        format!("{}\n{}\n", line(&head), line(&cells)).into_bytes()
    };
    // Referenced records come first, while the warehouse lacks them.
    const FIRST: [&str; 3] = ["organizations", "events", "findings"];
    for name in FIRST {
        each_field_of(&warehouse, template(name)).await;
        warehouse.loaded(name, example(name)).await;
    }
    for template in TEMPLATES.iter().filter(|template| !FIRST.contains(&template.name)) {
        each_field_of(&warehouse, template).await;
    }
}

#[tokio::test]
async fn rows_of_a_source_that_differ_in_one_field_are_two_records_or_rejects() {
    let warehouse = Warehouse::new().await;
    for (name, fields) in [
        (
            "tracker",
            &[
                ("No.", "1", "2"),
                ("Exercise", "Surge", "Flow"),
                ("Exercise Date", "3/5/2025", "3/6/2025"),
                ("Region", "3", "5"),
                ("Core Capability", "Medical Surge", "Information Sharing"),
                ("Issue", "Late", "Early"),
                ("Corrective Action", "Buy radios", "Train staff"),
                ("POETE", "Planning", "Training"),
                ("Owner", "MDPH", "MEMA"),
                ("Start Date", "4/1/2025", "4/2/2025"),
                ("Original Due Date", "5/1/2025", "5/2/2025"),
                ("Due Date", "6/1/2025", "7/1/2025"),
                ("Status", "Open", "In progress"),
                ("Priority", "High", "Low"),
                ("Date Completed", "", "5/20/2025"),
                ("Date Validated", "", "5/21/2025"),
            ] as &[(&str, &str, &str)],
        ),
        (
            "calendar",
            &[
                ("Exercise Name", "Drill one", "Drill two"),
                ("Exercise Type", "Drill", "Tabletop"),
                ("Start Date", "3/5/2025", "3/6/2025"),
                ("End Date", "3/7/2025", "3/8/2025"),
                ("Region", "3", "5"),
                ("Sponsor", "Region 3 HMCC", "Lowell General Hospital"),
                ("Status", "Completed", "Canceled"),
                ("Hazard", "Flood", "Fire"),
                ("Scenario", "A river", "A lake"),
                ("Program", "HPP", "PHEP"),
            ],
        ),
        (
            "log",
            &[
                ("Incident ID", "L-1", "L-2"),
                ("Incident Name", "Mill fire", "Main break"),
                ("Hazard", "Fire", "Flood"),
                ("Region", "3", "5"),
                ("Municipality", "Lowell", "Lynn"),
                ("Notified At", "2025-03-05 09:00", "2025-03-05 08:50"),
                ("Acknowledged At", "2025-03-05 09:10", "2025-03-05 09:20"),
                ("Activated At", "2025-03-05 09:30", "2025-03-05 09:40"),
                ("Patients", "3", "4"),
                ("Hospitals Involved", "1", "2"),
                ("Activation Level", "Full", "Partial"),
            ],
        ),
        (
            "log without ids",
            &[
                ("Incident Name", "Mill fire", "Main break"),
                ("Hazard", "Fire", "Flood"),
                ("Region", "3", "5"),
                ("Municipality", "Lowell", "Lynn"),
                ("Notified At", "2025-03-05 09:00", "2025-03-05 08:50"),
                ("Acknowledged At", "2025-03-05 09:10", "2025-03-05 09:20"),
                ("Patients", "3", "4"),
            ],
        ),
        (
            "storms",
            &[
                ("EVENT_ID", "77", "78"),
                ("EVENT_TYPE", "Flood", "Hail"),
                ("CZ_TYPE", "C", "Z"),
                ("CZ_FIPS", "25", "9"),
                ("CZ_TIMEZONE", "EST", "EDT"),
                ("DEATHS_DIRECT", "0", "1"),
                ("INJURIES_DIRECT", "0", "1"),
                ("WFO", "BOX", "GYX"),
                ("BEGIN_DATE", "09/18/1996", "09/19/1996"),
                ("CZ_NAME_STR", "SUFFOLK CO.", "ESSEX CO."),
                ("STATE_ABBR", "MA", "NH"),
            ],
        ),
        (
            "declarations",
            &[
                ("femaDeclarationString", "DR-1-MA", "DR-2-MA"),
                ("disasterNumber", "1", "2"),
                ("state", "MA", "NH"),
                ("declarationType", "DR", "EM"),
                ("incidentType", "Flood", "Hurricane"),
                ("incidentBeginDate", "2020-01-01", "2020-01-02"),
                ("fipsStateCode", "25", "33"),
                ("fipsCountyCode", "009", "017"),
                ("placeCode", "99009", "99017"),
                ("declarationTitle", "FLOODS", "STORMS"),
                ("lastRefresh", "2023-05-22T03:41:22.800Z", "2024-05-22T03:41:22.800Z"),
            ],
        ),
        (
            "ics",
            &[
                ("ics_id", "I1", "I2"),
                ("ics_name", "Elm", "Oak"),
                ("ics_wildfire_ignition_date", "2020-06-01", "2020-06-02"),
                ("ics_state", "CA", "NV"),
                ("ics_county", "Napa", "Yolo"),
                ("ics_wildfire_area", "1.5", "2.5"),
                ("ics_wildfire_fatalities_tot", "0", "1"),
            ],
        ),
        (
            "assessment",
            &[
                ("Organization", "Lowell General Hospital", "Lawrence General Hospital"),
                ("Assessment Date", "2025-03-01", "2025-04-01"),
                ("Hazard", "Flood", "Fire"),
                ("Category", "Natural", "Human"),
                ("Probability", "2", "3"),
                ("Human Impact", "2", "3"),
                ("Property Impact", "2", "3"),
                ("Business Impact", "2", "3"),
                ("Preparedness", "2", "3"),
                ("Internal Response", "2", "3"),
                ("External Response", "2", "3"),
            ],
        ),
    ] {
        let headings: Vec<&str> = fields.iter().map(|(heading, ..)| *heading).collect();
        let row: Vec<String> = fields.iter().map(|(_, value, _)| (*value).to_owned()).collect();
        let other: Vec<String> = fields.iter().map(|(.., value)| (*value).to_owned()).collect();
        each_field(&warehouse, name, &headings, &row, &other).await;
    }
}

#[tokio::test]
async fn number_signs_are_data_and_every_text_dialect_reads_alike() {
    let warehouse = Warehouse::new().await;
    for (name, read) in [
        ("34-tracker-hash-ids.csv", 3),
        ("35-tracker-hash-heading.csv", 2),
        ("12b-utf16le-without-bom.csv", 2),
    ] {
        let rehearsed = dry(&warehouse, name, fault(name)).await;
        let report = warehouse.loaded(name, fault(name)).await;
        assert_eq!(counts(&rehearsed), counts(&report), "{name}");
        assert_eq!((report.read, report.rejected), (read, 0), "{name}: {report:?}");
    }
    let text = "Item,Core Capability,Corrective Action,Responsible Organization,Due \
        Date,Status\n#1,Medical Surge,Buy cots,MDPH,2026-12-31,Open\n2,Medical \
        Surge,Train,MDPH,2026-12-31,Open\n";
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    let mut expected = (2, 2, 0, 0);
    for (name, bytes) in [
        ("comma", text.as_bytes().to_vec()),
        ("semicolon", text.replace(',', ";").into_bytes()),
        ("tab", text.replace(',', "\t").into_bytes()),
        ("pipe", text.replace(',', "|").into_bytes()),
        ("stated", format!("sep=;\n{}", text.replace(',', ";")).into_bytes()),
        ("cr", text.replace('\n', "\r").into_bytes()),
        ("crlf", text.replace('\n', "\r\n").into_bytes()),
        ("utf-8 mark", format!("\u{feff}{text}").into_bytes()),
        ("utf-16le", utf16(text, false)),
        ("utf-16be", utf16(text, true)),
        ("utf-16le mark", utf16(&format!("\u{feff}{text}"), false)),
        ("utf-16be mark", utf16(&format!("\u{feff}{text}"), true)),
    ] {
        let rehearsed = dry(&warehouse, name, bytes.clone()).await;
        let report = warehouse.loaded(name, bytes).await;
        assert_eq!(
            (counts(&report), counts(&rehearsed)),
            (expected, expected),
            "{name}: {report:?}"
        );
        expected = (2, 0, 2, 0);
    }
}

#[tokio::test]
async fn a_template_saved_by_a_spreadsheet_loads_as_the_one_we_wrote() {
    let warehouse = Warehouse::new().await;
    warehouse.loaded("events.csv", fault("37-events-utc-evening.csv")).await;
    let report = warehouse.loaded("ratings.csv", fault("38-ratings-semicolons.csv")).await;
    assert_eq!(counts(&report), (1, 1, 0, 0), "{report:?}");
    let ratings = "# Hotwash template: ratings.\n# A comment, with a comma\nRating ID;Event \
        ID;framework;capability;rating\n#2;EV-UTC-1;PHEP;10 Medical Surge;S\n# \
        remark;EV-UTC-1;PHEP;6 Information Sharing;S\n";
    let report = warehouse.loaded("ratings.csv", ratings.into()).await;
    assert_eq!(counts(&report), (2, 2, 0, 0), "below the header nothing is a comment: {report:?}");
    let requests = "resource_request_id,event_id,resource,quantity_requested,quantity_filled,requested_at\n\
        Q1,EV-UTC-1,cots,\"1\u{a0}200\",\"1,000\",2025-07-01 \
        09:00\nQ2,EV-UTC-1,cots,\u{2212}5,,2025-07-01 09:00\n";
    let report = warehouse.loaded("requests.csv", requests.into()).await;
    assert_eq!(counts(&report), (2, 1, 0, 1), "{report:?}");
    assert_eq!(
        warehouse
            .ask(
                "select (quantity_requested + quantity_filled)::text from \
            warehouse.resource_request"
            )
            .await,
        ["2200"]
    );
    // A null byte reaches neither the warehouse nor a message.
    let null = "event_id,kind,name,start_at,hazards\nE5,exercise,A\u{0}B,2025-03-14,no\u{0}where\n";
    assert_eq!(counts(&dry(&warehouse, "null.csv", null.into()).await), (1, 1, 0, 0));
    assert_eq!(counts(&warehouse.loaded("null.csv", null.into()).await), (1, 1, 0, 0));
}

#[tokio::test]
async fn a_file_of_another_kind_is_rejected_with_the_nearest_source() {
    let warehouse = Warehouse::new().await;
    for (name, bytes, nearest) in [
        ("fire.csv", fault("28-fire-incidents-with-counts.csv"), "duty_officer_log"),
        ("incidents.csv", fault("30-incidents-with-event-type.csv"), "hotwash"),
        ("fatalities.csv", b"FAT_YEARMONTH,FAT_DAY,FAT_TIME,FATALITY_ID,EVENT_ID,FATALITY_TYPE,FATALITY_DATE\n202501,3,0,1,2,D,01/03/2025\n".to_vec(), "noaa_storm_events"),
        ("reports.csv", b"Time,F_Scale,Location,County,State,Lat,Lon,Comments\n1200,UNK,Lynn,Essex,MA,42.4,-70.9,Trees down\n".to_vec(), "noaa_storm_events"),
        ("extract.csv", b"EVENT_ID,STATE,EVENT_TYPE,BEGIN_DATE_TIME,DEATHS_DIRECT\n1,MASSACHUSETTS,Flood,01-JAN-25 12:00:00,0\n".to_vec(), "noaa_storm_events"),
        ("fema.csv", b"disasterNumber,state,declarationTitle,declarationDate\n4637,TN,STORMS,2022-01-14\n".to_vec(), "openfema_declarations"),
        ("register.csv", b"Risk ID,Risk Description,Likelihood,Impact,Risk Score,Mitigation \
            Action,Owner,Status\nR1,Loss of power,4,5,20,Buy a generator,MDPH,Open\n".to_vec(), "hva_xlsx"),
        ("ems.csv", b"Run Number,Unit,Dispatched,En Route,On Scene,At \
            Hospital,Disposition\n1,A1,09:00,09:02,09:10,09:40,Transported\n".to_vec(), "duty_officer_log"),
        ("playbook.csv", b"Phase,Trigger,Action,Responsible,Timeframe,Resources\nAlert,Storm \
            warning,Open the center,MDPH,0-2 hours,Radios\n".to_vec(), "improvement_plan_xlsx"),
        ("checklist.csv", b"Task,Responsible,Due Date,Status\nCharge \
            radios,MDPH,6/1/2026,Open\n".to_vec(), "improvement_plan_xlsx"),
    ] {
        let report = warehouse.load(name, bytes).await;
        let error = report.error.clone().unwrap_or_else(|| panic!("{name} was loaded: {report:?}"));
        assert!(error.contains(&format!("nearest is {nearest} ")) && error.contains("--source"), "{name}: {error}");
    }
    assert_eq!(warehouse.ask("select count(*)::text from warehouse.event").await, ["0"]);
}

#[tokio::test]
async fn a_source_that_is_forced_and_reads_nothing_is_an_error() {
    let warehouse = Warehouse::new().await;
    for (source, name) in [
        ("exercise_calendar", "30-incidents-with-event-type.csv"),
        ("duty_officer_log", "23-calendar-same-name-same-day.csv"),
        ("improvement_plan_xlsx", "23-calendar-same-name-same-day.csv"),
        ("hva_xlsx", "28-fire-incidents-with-counts.csv"),
    ] {
        let options = Options { source: Some(source.into()), ..Options::default() };
        let report = load_with(&warehouse, name, fault(name), &options).await;
        assert!(report.error.is_some(), "{source}: {report:?}");
    }
    let both = "Exercise Name,Exercise Type,Start Date,Incident Name,Notified At,Acknowledged \
        At\nDrill,Drill,3/5/2025,Main break,2025-03-05 09:00,2025-03-05 09:10\n";
    let report = warehouse.load("both.csv", both.into()).await;
    if let Some(error) = report.error {
        assert!(error.contains("--source"), "{error}");
    }
}

#[tokio::test]
async fn a_hazard_in_a_calendar_is_no_exercise() {
    let warehouse = Warehouse::new().await;
    let text = "Event,Event Type,Start Date\nSurge table,Tabletop,3/5/2025\nHurricane \
        Irene,Hurricane,8/27/2011\n";
    let report = warehouse.loaded("calendar.csv", text.into()).await;
    assert_eq!(counts(&report), (2, 1, 0, 1), "{report:?}");
}

#[tokio::test]
async fn columns_of_every_sheet_are_accounted_for() {
    let warehouse = Warehouse::new().await;
    let sheet: &[&[&str]] = &[
        &["Corrective Action", "Owner", "Due Date", "Status", "Grant"],
        &["Buy radios", "MDPH", "6/1/2026", "Open", "HPP"],
    ];
    let other: &[&[&str]] = &[
        &["Corrective Action", "Owner", "Due Date", "Status"],
        &["Train", "MDPH", "6/1/2026", "Open", "stray"],
    ];
    let report = warehouse.loaded("tracker.xlsx", xlsx(&[("2025", sheet), ("2026", other)])).await;
    let lost: Vec<_> = report
        .lost_columns()
        .map(|column| (column.sheet.as_deref().unwrap(), column.position, column.heading.as_str()))
        .collect();
    assert_eq!(lost, [("2025", 5, "Grant"), ("2026", 5, "")]);
}

#[tokio::test]
async fn a_sheet_of_another_kind_in_a_workbook_is_reported() {
    let calendar: &[&[&str]] = &[
        &["Exercise Name", "Exercise Type", "Start Date", "Region", "Sponsor", "Status"],
        &["Radio drill", "Drill", "3/4/2025", "3", "Region 3 HMCC", "Held"],
    ];
    let actions: &[&[&str]] = &[
        &["Corrective Action", "Responsible Organization", "Due Date", "Status"],
        &["Buy radios", "MDPH", "6/1/2026", "Open"],
    ];
    let wishes: &[&[&str]] = &[&["Thing", "What", "Wanted"], &["Cyber", "Ransomware", "Q3"]];
    let warehouse = Warehouse::new().await;
    let sheets = [("Calendar", calendar), ("Actions", actions), ("Wishes", wishes)];
    let report = warehouse.loaded("calendar.xlsx", xlsx(&sheets)).await;
    let unread: Vec<_> = report
        .details
        .iter()
        .filter(|warning| warning.code.as_str() == "UNREAD_SHEET")
        .map(|warning| warning.value.as_deref().unwrap())
        .collect();
    assert_eq!(unread.len(), 2, "one of the tables and the wishes: {report:?}");
    assert!(unread.contains(&"Wishes"), "{unread:?}");
    let report = warehouse.loaded("one.xlsx", xlsx(&[("Calendar", calendar)])).await;
    assert!(!codes(&report).contains(&"UNREAD_SHEET"), "{report:?}");
}

#[tokio::test]
async fn a_row_with_one_filled_cell_is_reported_and_names_nobody() {
    for (name, text) in [
        (
            "log.csv",
            "Incident Name,Hazard,Region,Notified At,Acknowledged At\nMill fire,Fire,3,3/14/2025 \
             09:00,3/14/2025 09:05\nGas leak,,,,\nIncident Name,Hazard,Region,Notified \
             At,Acknowledged At\nReported by Maria Gonzalez,,,,\n",
        ),
        (
            "entries.csv",
            "Date/Time,Incident,Region,Entry\n6/22/2025 9:00,Mill fire,3,Duty officer \
             notified\n,,,MCC activated\nDate/Time,Incident,Region,Entry\n,,,Seen by Maria \
             Gonzalez\n",
        ),
        (
            "calendar.csv",
            "Exercise Name,Exercise Type,Start Date,Region,Sponsor,Status\nRadio \
             drill,Drill,3/4/2025,3,Region 3 HMCC,Held\nCyber TTX,,,,,\nExercise Name,Exercise \
             Type,Start Date,Region,Sponsor,Status\nKept by Maria Gonzalez,,,,,\n",
        ),
        (
            "tracker.csv",
            "Area for Improvement,Corrective Action,Responsible Organization,Due \
             Date,Status\nRadios failed,Buy radios,MDPH,6/1/2026,Open\nTents \
             leaked,,,,\nArea for Improvement,Corrective Action,Responsible Organization,Due \
             Date,Status\nKept by Maria Gonzalez,,,,\n",
        ),
    ] {
        let warehouse = Warehouse::new().await;
        let report = warehouse.loaded(name, text.into()).await;
        assert_eq!((report.read, report.rejected), (1, 0), "{name}: {report:?}");
        let lone = report.details.iter().filter(|warning| warning.code.as_str() == "LONE_CELL");
        let shown: Vec<_> = lone.map(|warning| warning.value.clone().unwrap()).collect();
        assert_eq!(shown.len(), 2, "{name}: {report:?}");
        assert!(!shown.iter().any(|value| value.contains("Gonzalez")), "{name}: {shown:?}");
    }
}

#[tokio::test]
async fn an_error_of_a_spreadsheet_is_no_value() {
    let warehouse = Warehouse::new().await;
    let tracker = "Exercise,Exercise Date,Corrective Action,Responsible Organization,Due \
        Date,Status\nHarbor TTX,3/4/2025,#REF!,MDPH,6/1/2026,Open\nHarbor TTX,3/4/2025,Buy \
        cots,MDPH,#VALUE!,Open\nHarbor TTX,3/4/2025,Buy tents,MDPH,6/1/2026,#N/A\n#NAME?,3/4/2025,\
        Buy lamps,#N/A,6/1/2026,Open\n";
    let report = warehouse.loaded("tracker.csv", tracker.into()).await;
    assert_eq!(counts(&report), (4, 1, 0, 3), "{report:?}");
    assert!(codes(&report).contains(&"ERROR_CELL"), "{report:?}");
    let reasons = warehouse.ask("select value || ' ' || reason from meta.reject").await;
    assert!(
        reasons.iter().all(|reason| reason.starts_with('#') && reason.contains(" holds an error")),
        "{reasons:?}"
    );
    let calendar = "Exercise Name,Exercise Type,Start Date,Sponsor,Status\n#NAME?,Drill,3/4/2025,Region \
        3 HMCC,Held\nRadio drill,Drill,3/4/2025,#N/A,Held\n";
    let report = warehouse.loaded("calendar.csv", calendar.into()).await;
    assert_eq!(counts(&report), (2, 1, 0, 1), "{report:?}");
    let events = "event_id,kind,name,start_at\nE-1,INCIDENT,#N/A,2025-03-14 \
        09:00\nE-2,INCIDENT,Fire,2025-03-14 09:00\n#3,INCIDENT,Flood,2025-03-14 09:00\n";
    let report = warehouse.loaded("events.csv", events.into()).await;
    assert_eq!(counts(&report), (3, 2, 0, 1), "{report:?}");
    let stored = warehouse
        .ask(
            "select name from warehouse.organization union all select name from warehouse.event \
             union all select text from warehouse.corrective_action",
        )
        .await;
    assert!(stored.iter().all(|name| !name.starts_with('#')), "{stored:?}");
}

#[tokio::test]
async fn cells_beyond_the_last_column_are_reported() {
    let warehouse = Warehouse::new().await;
    let far = ",".repeat(600);
    let text = format!(
        "Corrective Action,Responsible Organization,Due Date,Status{far}Notes\nBuy \
         radios,MDPH,6/1/2026,Open{far}See annex\n"
    );
    let empty = text.replace("Notes", "").replace("See annex", "");
    let report = warehouse.loaded("tracker.csv", text.into()).await;
    assert!(codes(&report).contains(&"CELLS_BEYOND"), "{report:?}");
    let report = warehouse.loaded("tracker.csv", empty.into()).await;
    assert!(!codes(&report).contains(&"CELLS_BEYOND"), "{report:?}");
}
