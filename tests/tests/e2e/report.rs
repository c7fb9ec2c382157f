//! The leadership report as its readers meet it.

use std::collections::BTreeSet;

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, run};

async fn coalition() -> TestDatabase {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    run(database.url(), &["generate", path, "--seed", "1"]);
    run(database.url(), &["load", path]);
    database
}

/// Values of an attribute in a page.
fn attributes(html: &str, name: &str) -> BTreeSet<String> {
    html.split(&format!(" {name}=\""))
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|value| value.replace("&amp;", "&"))
        .collect()
}

#[tokio::test]
async fn every_page_answers_links_resolve_and_nothing_comes_from_another_host() {
    let database = coalition().await;
    let server = Server::start(database.url(), &[]);
    let mut open: Vec<String> = vec!["/?as_of=2026-06-30".into()];
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    let mut events = 0;
    while let Some(path) = open.pop() {
        let (status, kind, html) = server.page(&path);
        assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"), "{path}");
        assert!(html.len() < 300_000, "{path} has {} bytes", html.len());
        assert!(html.contains("Fictional demonstration data") && html.contains("As of 2026-06-30"), "{path}");
        assert!(!html.contains("<script"), "{path} is complete without a script");
        assert!(!html.contains("NaN"), "{path}");
        let links = attributes(&html, "href");
        let sources = attributes(&html, "src");
        let outside = links.iter().chain(&sources).find(|link| link.contains("//") && !link.starts_with("data:"));
        assert_eq!(outside, None, "{path} leads to another host");
        for link in links.into_iter().filter(|link| link.starts_with('/') && !link.starts_with("/assets")) {
            // Some events are enough.
            if link.starts_with("/events") {
                events += 1;
                if events > 5 {
                    continue;
                }
            }
            if seen.insert(link.clone()) {
                open.push(link);
            }
        }
    }
    assert!(seen.len() > 55, "{} pages were found", seen.len());
    assert_eq!(server.page("/assets/report.css").0, 200);
}

#[tokio::test]
async fn numbers_on_the_page_are_the_apis() {
    let database = coalition().await;
    let server = Server::start(database.url(), &[]);
    let data = server.data("{ metric(id: \"capability_performance\", groupBy: [], asOf: \"2026-06-30\") { rows { value n ciLow ciHigh } } }");
    let row = &data["metric"]["rows"][0];
    let percent = |name: &str| format!("{:.0}", row[name].as_f64().unwrap() * 100.0);
    let (_, _, html) = server.page("/?as_of=2026-06-30");
    assert!(html.contains(&format!("<p class=\"big\">{} %</p>", percent("value"))), "{row}");
    assert!(html.contains(&format!("{} to {} %, {} ratings", percent("ciLow"), percent("ciHigh"), row["n"])), "{row}");
    let compared =
        server.data("{ compareRegions(metric: \"action_closure\", asOf: \"2026-06-30\") { region standing value } }");
    let below: Vec<&str> = compared["compareRegions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["standing"] == "BELOW")
        .filter_map(|one| one["region"].as_str())
        .collect();
    assert_eq!(below, ["2"], "{compared}");
    assert!(server.page("/regions?as_of=2026-06-30").2.contains("2 is below it"));
}

#[tokio::test]
async fn a_metrics_row_names_the_records_behind_it_and_they_name_their_file() {
    let database = coalition().await;
    let server = Server::start(database.url(), &[]);
    let asked = "{ metric(id: \"capability_performance\", groupBy: [REGION, CAPABILITY], asOf: \"2026-06-30\", where: { region: { eq: \"3\" } }) { rows { region capability n records(first: 1000) { id type } } } }";
    let data = server.data(asked);
    for row in data["metric"]["rows"].as_array().unwrap() {
        assert_eq!(row["records"].as_array().unwrap().len() as u64, row["n"].as_u64().unwrap(), "{row}");
    }
    let first = &data["metric"]["rows"][0]["records"][0];
    let node = server.data(&format!(
        "{{ node(id: {}) {{ id ... on CapabilityRating {{ rating source {{ file row batch }} }} }} }}",
        first["id"]
    ));
    assert_eq!(node["node"]["source"]["file"], "fictional_ratings.csv", "{node}");
}

#[tokio::test]
async fn what_cannot_be_shown_is_answered_with_advice() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let (status, _, html) = server.page("/");
    assert!(status == 200 && html.contains("hotwash load FOLDER"), "an empty warehouse says what to load");
    for (path, status, said) in [
        ("/regions/9", 404, "The regions are 1, 2, 3, 4AB, 4C, 5."),
        ("/capabilities/PHEP/99", 404, "/capabilities/PHEP/6"),
        ("/metrics/nonsense", 404, "lists all metrics"),
        ("/events/77", 404, "No event has this number"),
        ("/data?from=2026-01-01&to=2025-01-01", 400, "Exchange them"),
        ("/data?as_of=yesterday", 400, "must be a day such as 2026-06-30"),
    ] {
        let (found, _, html) = server.page(path);
        assert_eq!(found, status, "{path}");
        assert!(html.contains(said), "{path}: {html}");
    }
}

#[tokio::test]
async fn the_report_is_written_as_pages_and_as_pdf() {
    let database = coalition().await;
    let folder = tempfile::tempdir().unwrap();
    let (pages, pdf) = (folder.path().join("pages"), folder.path().join("report.pdf"));
    run(
        database.url(),
        &["report", "--html", pages.to_str().unwrap(), "--pdf", pdf.to_str().unwrap(), "--as-of", "2026-06-30"],
    );
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF-"));
    for entry in std::fs::read_dir(&pages).unwrap().map(Result::unwrap) {
        let html = std::fs::read_to_string(entry.path()).unwrap();
        for link in
            attributes(&html, "href").into_iter().filter(|link| !link.starts_with("data:") && !link.starts_with('#'))
        {
            assert!(pages.join(&link).is_file(), "{:?} leads to {link}", entry.file_name());
        }
    }
}

#[tokio::test]
async fn a_key_signs_in_and_a_viewer_sees_aggregates_only() {
    let database = coalition().await;
    let server = Server::start(database.url(), &[]);
    let key = run(database.url(), &["key", "create", "report-viewer", "--role", "viewer"]).trim().to_owned();
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let away = agent.get(format!("{}/", server.base)).call().unwrap();
    assert_eq!((away.status().as_u16(), away.headers()["location"].to_str().unwrap()), (303, "/sign-in"));
    let wrong = agent.post(format!("{}/sign-in", server.base)).send_form([("key", "hw_wrong")]).unwrap();
    assert_eq!(wrong.status().as_u16(), 401);
    let signed = agent.post(format!("{}/sign-in", server.base)).send_form([("key", key.as_str())]).unwrap();
    let cookie = signed.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let session = cookie.split(';').next().unwrap();
    let get = |path: &str| agent.get(format!("{}{path}", server.base)).header("cookie", session).call().unwrap();
    assert_eq!(get("/").status().as_u16(), 200);
    assert_eq!(get("/events/1").status().as_u16(), 404, "single records are not open to role viewer");
    let forged = format!("{session}x");
    assert_eq!(agent.get(format!("{}/", server.base)).header("cookie", forged).call().unwrap().status().as_u16(), 303);
}

#[tokio::test]
async fn exports_hold_what_the_lists_hold_in_every_format() {
    let database = coalition().await;
    let server = Server::start(database.url(), &[]);
    let total = server.data("{ findings { totalCount } }")["findings"]["totalCount"].as_u64().unwrap();
    let (status, _, csv) = server.page("/export/findings.csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert!(status == 200 && reader.headers().unwrap().iter().any(|heading| heading == "capability"));
    assert_eq!(reader.records().count() as u64, total);
    let (_, _, lines) = server.page("/export/findings.jsonl?kind=STRENGTH");
    let strengths: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!strengths.is_empty() && strengths.iter().all(|finding| finding["kind"] == "STRENGTH"));
    let folder = tempfile::tempdir().unwrap();
    run(database.url(), &["export", folder.path().to_str().unwrap()]);
    let bytes = std::fs::read(folder.path().join("findings.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    for (path, status) in
        [("/export/nonsense.csv", 404), ("/export/findings.xls", 404), ("/export/findings.csv?colour=red", 400)]
    {
        assert_eq!(server.page(path).0, status, "{path}");
    }
}
