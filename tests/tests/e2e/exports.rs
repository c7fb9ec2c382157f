//! Exported files join: each has exactly the columns of the data package, values of their types,
//! and foreign keys that lead to a row, for every viewer.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use chrono::{DateTime, NaiveDate};
use hotwash_tests::bounds::{AGENT, wait_until};
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, run};
use serde_json::Value;

/// Rows of a file: the value of each column by its name.
type Rows = Vec<BTreeMap<String, String>>;

/// Reads the files of a package, and fails unless they are as it describes them.
fn joined(package: &Value, read: impl Fn(&str) -> String) -> BTreeMap<String, Rows> {
    let mut files: BTreeMap<String, Rows> = BTreeMap::new();
    let resources = package["resources"].as_array().unwrap();
    for resource in resources {
        let path = resource["path"].as_str().unwrap();
        let text = read(path);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headings: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let fields = resource["schema"]["fields"].as_array().unwrap();
        let named: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
        assert_eq!(headings, named, "{path}");
        let mut rows = Rows::new();
        for row in reader.records() {
            let row = row.unwrap();
            for (field, value) in fields.iter().zip(&row) {
                assert!(is_valid(field, value), "{path}: {value:?} in {field}");
            }
            rows.push(headings.iter().cloned().zip(row.iter().map(str::to_owned)).collect());
        }
        files.insert(resource["name"].as_str().unwrap().to_owned(), rows);
    }
    for resource in resources {
        let (name, schema) = (resource["name"].as_str().unwrap(), &resource["schema"]);
        let rows = &files[name];
        let keys: Vec<&str> = schema["primaryKey"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key.as_str().unwrap())
            .collect();
        let unique: BTreeSet<Vec<&String>> =
            rows.iter().map(|row| keys.iter().map(|key| &row[*key]).collect()).collect();
        assert_eq!(unique.len(), rows.len(), "{name}: {keys:?} is unique");
        for key in schema["foreignKeys"].as_array().unwrap() {
            let column = key["fields"][0].as_str().unwrap();
            let target = match key["reference"]["resource"].as_str().unwrap() {
                "" => name,
                target => target,
            };
            let ids: BTreeSet<&String> = files[target].iter().map(|row| &row["id"]).collect();
            for row in rows.iter().filter(|row| !row[column].is_empty()) {
                assert!(ids.contains(&row[column]), "{name}.{column} leads to {target}: {row:?}");
            }
        }
    }
    files
}

fn is_valid(field: &Value, value: &str) -> bool {
    let constraints = &field["constraints"];
    if value.is_empty() {
        return constraints["required"] != true;
    }
    if let Some(codes) = constraints["enum"].as_array() {
        return codes.iter().any(|code| code == value);
    }
    match field["type"].as_str().unwrap() {
        "integer" => value.parse::<i64>().is_ok(),
        "number" => value.parse::<f64>().is_ok(),
        "boolean" => ["true", "false"].contains(&value),
        "date" => value.parse::<NaiveDate>().is_ok(),
        "datetime" => value.ends_with('Z') && DateTime::parse_from_rfc3339(value).is_ok(),
        _ => true,
    }
}

/// Gets a file with a key: the status and the bytes.
fn get(server: &Server, key: &str, path: &str) -> (u16, Vec<u8>) {
    let request = AGENT.get(format!("{}{path}", server.base));
    let mut response = request.header("authorization", format!("Bearer {key}")).call().unwrap();
    let body = response.body_mut().with_config().limit(1 << 28).read_to_vec().unwrap();
    (response.status().as_u16(), body)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn exported_files_join_by_the_ids_of_the_api() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().to_str().unwrap();
    run(database.url(), &["export", target, "--format", "csv"]);
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
    let package: Value = serde_json::from_str(&read("datapackage.json")).unwrap();
    let files = joined(&package, read);
    let written = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(written, files.len() + 1, "each file is described");
    for (file, column) in [
        ("participations", "organizationId"),
        ("corrective-actions", "ownerOrganizationId"),
        ("findings", "eventId"),
        ("risk-scores", "assessmentId"),
        ("action-status-changes", "correctiveActionId"),
        ("event-regions", "regionId"),
    ] {
        let rows = &files[file];
        let found = rows.iter().filter(|row| !row[column].is_empty()).count();
        assert!(found > 10, "{file}.{column}: {found} of {}", rows.len());
    }
    let server = Server::start(database.url(), &[]);
    let answer = server.data("{ findings(first: 20) { nodes { id event { id } } } }");
    for node in answer["findings"]["nodes"].as_array().unwrap() {
        let row = files["findings"].iter().find(|row| node["id"] == *row["id"]).unwrap();
        assert_eq!(node["event"]["id"], *row["eventId"]);
    }
}

#[tokio::test]
async fn every_file_of_a_region_leads_to_what_the_region_may_see() {
    let database = generated(1).await;
    let (own, closed) = {
        let server = Server::start(database.url(), &[]);
        let exercise = "kind: { eq: EXERCISE }, statewide: { eq: false }";
        let region = "regions: { code: { eq: \"3\" } }";
        let own = server.data(&format!(
            "{{ correctiveActions(first: 1, filter: {{ regionCode: {{ eq: \"3\" }}, event: {{ \
             {exercise}, {region} }} }}) {{ nodes {{ event {{ id }} }} }} }}"
        ));
        let closed = server.data(&format!(
            "{{ events(first: 1, filter: {{ {exercise}, sensitivity: {{ ne: PUBLIC }}, not: {{ \
             {region} }} }}) {{ nodes {{ id }} }} }}"
        ));
        let id = |id: &Value| id.as_str().unwrap().to_owned();
        (
            id(&own["correctiveActions"]["nodes"][0]["event"]["id"]),
            id(&closed["events"]["nodes"][0]["id"]),
        )
    };
    let create = ["key", "create", "region-3", "--role", "region", "--region", "3"];
    let key = run(database.url(), &create).trim().to_owned();
    let viewer = run(database.url(), &["key", "create", "steering", "--role", "viewer"]);
    let server = Server::start(database.url(), &["--rate", "0"]);
    wait_until("the server knows the key", || get(&server, &key, "/export/regions.csv").0 == 200);
    let read = |path: &str| {
        let (status, bytes) = get(&server, &key, &format!("/export/{path}"));
        assert_eq!(status, 200, "{path}");
        text(bytes)
    };
    let package: Value = serde_json::from_str(&read("datapackage.json")).unwrap();
    let files = joined(&package, read);
    let hidden = files["corrective-actions"].iter().filter(|row| row["eventId"].is_empty()).count();
    assert!(files["corrective-actions"].len() > hidden, "actions lead to events");

    // All records of one event, in one archive.
    let (status, bytes) = get(&server, &key, &format!("/export/event/{own}.zip"));
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    let archive = std::cell::RefCell::new(zip::ZipArchive::new(Cursor::new(bytes)).unwrap());
    let read = |path: &str| {
        let (mut archive, mut text) = (archive.borrow_mut(), String::new());
        archive.by_name(path).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let package: Value = serde_json::from_str(&read("datapackage.json")).unwrap();
    let of_event = joined(&package, read);
    for file in ["participations", "corrective-actions", "milestones", "event-regions"] {
        let expected = files[file].iter().filter(|row| row["eventId"] == own).count();
        let found = of_event[file].iter().filter(|row| row["eventId"] == own).count();
        assert!(found == expected && found > 0, "{file}: {found} of {expected}");
    }
    let changes = &of_event["action-status-changes"];
    assert!(!changes.is_empty() && of_event["organizations"].len() < files["organizations"].len());

    for (key, path, expected) in [
        (key.as_str(), format!("/export/event/{closed}.zip"), 404),
        (key.as_str(), "/export/event/nonsense.zip".into(), 404),
        (key.as_str(), format!("/export/event/{own}.zip?format=xls"), 400),
        (viewer.trim(), format!("/export/event/{own}.zip"), 403),
    ] {
        assert_eq!(get(&server, key, &path).0, expected, "{path}");
    }
}

#[tokio::test]
async fn a_spreadsheet_runs_no_text_of_an_export() {
    let database = hotwash_schema::testing::TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let names = ["=HYPERLINK(\"\"http://evil.example\"\")", "@SUM(1)", "+1", "-2+3", "Flood"];
    let mut events = String::from("event_id,kind,name,start_at,regions,sensitivity\n");
    for (number, name) in names.iter().enumerate() {
        events += &format!("E{number},INCIDENT,\"{name}\",2025-03-0{},3,PUBLIC\n", number + 1);
    }
    std::fs::write(folder.path().join("events.csv"), events).unwrap();
    run(database.url(), &["load", folder.path().to_str().unwrap()]);
    let server = Server::start(database.url(), &[]);
    let names_in = |path: &str| {
        let (_, _, text) = server.page(path);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let at = reader.headers().unwrap().iter().position(|heading| heading == "name").unwrap();
        reader.records().map(|row| row.unwrap()[at].to_owned()).collect::<Vec<_>>()
    };
    let plain: Vec<String> = names.iter().map(|name| name.replace("\"\"", "\"")).collect();
    let mut safe: Vec<String> = plain.iter().map(|name| format!("'{name}")).collect();
    safe[4] = "Flood".into();
    assert_eq!(names_in("/export/events.csv"), safe);
    assert_eq!(names_in("/export/events.csv?keepFormulas=true"), plain);
    let (_, _, lines) = server.page("/export/events.jsonl");
    assert!(lines.contains("\"name\":\"@SUM(1)\""), "{lines}");
    let (status, _, message) = server.page("/export/events.csv?keepFormulas=1");
    assert!(status == 400 && message.contains("keepFormulas=true"), "{message}");
}

#[tokio::test]
async fn a_column_named_twice_has_either_value_and_an_unknown_code_is_an_error() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &[]);
    let rows = |query: &str| {
        let (status, _, text) = server.page(&format!("/export/findings.csv{query}"));
        assert_eq!(status, 200, "{query}: {text}");
        csv::Reader::from_reader(text.as_bytes()).records().count()
    };
    let both = rows("?kind=STRENGTH&kind=AREA_FOR_IMPROVEMENT");
    assert_eq!(both, rows(""));
    assert!(both > rows("?kind=STRENGTH") && rows("?kind=STRENGTH") > 0);
    assert_eq!(rows("?kind=STRENGTH&regionCode=3&regionCode=2"), {
        rows("?kind=STRENGTH&regionCode=3") + rows("?kind=STRENGTH&regionCode=2")
    });
    for (query, message) in [
        ("?regionCode=99", "regionCode: \\\"99\\\" must be a known region code; there are 1"),
        ("?filter=%7B%22hazardCode%22:%7B%22eq%22:%22fluud%22%7D%7D", "did you mean flood?"),
        ("?regionCod=3", "there is no column regionCod to filter by; did you mean regionCode?"),
    ] {
        let (status, _, text) = server.page(&format!("/export/findings.csv{query}"));
        assert!(status == 400 && text.contains(message), "{query}: {text}");
        assert!(text.contains("BAD_USER_INPUT"), "{query}: {text}");
    }
    let (status, _, text) = server.page("/export/finding.csv");
    assert!(status == 404 && text.contains("did you mean findings?"), "{text}");
}
