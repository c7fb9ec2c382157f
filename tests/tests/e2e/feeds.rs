//! Expected feeds: the check, and figures that depend on an overdue feed, in every channel.

use chrono::NaiveDate;
use hotwash_schema::connect::connect;
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, both, hotwash, pdf_text, run};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_whose_feed_is_overdue_is_stale_in_every_channel() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("expectations.toml");
    let path = file.to_str().unwrap();
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let arguments = ["feeds", "--check", "--expectations", path];
        let output = hotwash(database.url(), &arguments).output().unwrap();
        (output.status.code(), both(&output))
    };
    // Region 3 reported last more than a day ago; no generated record is older than ten years.
    let feed = |cadence: &str, more: &str| {
        format!("[feed.hotwash]\ncadence = {cadence}\nregions = [\"3\"]\n{more}")
    };
    let overdue = feed("1", "");

    // The check.
    let output = hotwash(database.url(), &["feeds", "--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", both(&output));
    let (code, printed) = check("[feed.hotwash]\ncadence = \"weekly\"\nregions = [\"9\"]\n");
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("expectations.toml, line 3: region 9 is not known"), "{printed}");
    let (code, printed) = check("[feed.hotwish]\ncadence = \"weekly\"\n");
    assert!(code == Some(2) && printed.contains("line 1: there is no source"), "{printed}");
    let (code, printed) = check(&feed("3650", ""));
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("as expected"), "{printed}");
    let (code, printed) = check(&feed("3650", "records = [0, 1]\n"));
    assert!(code == Some(1) && printed.contains("outside its band"), "{printed}");
    let (code, printed) = check(&feed("3650", "headings = [\"Vendor code\"]\n"));
    assert!(code == Some(1) && printed.contains("missing: Vendor code"), "{printed}");
    let (code, printed) = check(&overdue);
    assert!(code == Some(1) && printed.contains("overdue"), "{printed}");
    let json = hotwash(database.url(), &["feeds", "--json", "--expectations", path]);
    let json = { json }.output().unwrap();
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json[0]["state"], "overdue");
    let expected_by: NaiveDate = json[0]["expectedBy"].as_str().unwrap().parse().unwrap();
    let expected_by = expected_by.format("%b %-d, %Y");
    let note = format!("Hotwash templates of Northeast (3): overdue, expected by {expected_by}");

    // One metric, by region and in total, with and without the file.
    let rows = |more: &[&str]| -> Vec<Value> {
        let arguments = [&["metric", "action_closure", "--format", "json"][..], more].concat();
        serde_json::from_str(&run(database.url(), &arguments)).unwrap()
    };
    let by_region = ["--group-by", "region", "--expectations", path];
    let regions = rows(&by_region);
    for row in &regions {
        let is_late = row["region"] == "3";
        assert_eq!(row["reliability"] == "STALE", is_late, "{row}");
        assert_eq!(row["note"].as_str().is_some_and(|text| text.contains(&note)), is_late, "{row}");
    }
    assert!(regions.iter().any(|row| row["region"] == "3"), "{regions:?}");
    assert_eq!(rows(&["--group-by", "", "--expectations", path])[0]["reliability"], "STALE");
    // An earlier time is complete, and without the file nothing changes.
    let earlier = [&by_region[..], &["--as-of", "2024-06-30"]].concat();
    assert!(rows(&earlier).iter().all(|row| row["reliability"] != "STALE"));
    let without = rows(&["--group-by", "region"]);
    assert!(without.iter().all(|row| row["reliability"] != "STALE"));
    for (row, other) in regions.iter().zip(&without) {
        assert_eq!((&row["value"], &row["n"]), (&other["value"], &other["n"]));
    }

    // The BI view.
    run(database.url(), &["migrate", "--expectations", path]);
    let client = connect(database.url()).await.unwrap();
    let stale = "select count(*) from bi.metric_value v join warehouse.region r using (region_id) \
                 where metric_id = 'action_closure' and grain = 'ALL' and r.code = '3' and \
                 reliability = 'STALE' and note like '%' || $1";
    let stale: i64 = client.query_one(stale, &[&note]).await.unwrap().get(0);
    assert!(stale > 0, "the publication marks the feed's figures");

    // GraphQL, pages and gauges.
    let server = Server::start(database.url(), &["--expectations", path]);
    let query = "{ metric(id: \"action_closure\", groupBy: [REGION]) { rows { region reliability \
                 note } } }";
    let answer = server.data(query);
    let answered = answer["metric"]["rows"].as_array().unwrap();
    let late = answered.iter().find(|row| row["region"] == "3").unwrap();
    assert_eq!((&late["reliability"], &late["note"]), (&"STALE".into(), &note.clone().into()));
    let (_, _, data) = server.page("/data");
    assert!(data.contains("Expected feeds") && data.contains("0 of 1 feed"), "{data}");
    let (_, _, actions) = server.page("/actions?region=3");
    assert!(actions.contains("This feed is overdue: Hotwash templates of Northeast"), "{actions}");
    let incomplete = format!("The latest values are incomplete. {note}");
    assert!(actions.contains(&incomplete), "{actions}");
    let (_, _, other) = server.page("/regions/2");
    assert!(!other.contains(&incomplete), "{other}");
    let (_, _, metric) = server.page("/metrics/action_overdue?groupBy=REGION");
    assert!(metric.contains(&note), "{metric}");
    // The metric as a file.
    let (_, _, file) = server.page("/metrics/action_closure.csv?groupBy=REGION");
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let at = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let line = lines.iter().find(|line| &line[at("region")] == "3").unwrap();
    assert_eq!((&line[at("reliability")], &line[at("note")]), ("STALE", note.as_str()), "{file}");
    let (_, _, file) = server.page("/metrics/action_closure.json?groupBy=REGION");
    let file: Value = serde_json::from_str(&file).unwrap();
    let line = file["rows"].as_array().unwrap().iter().find(|row| row["region"] == "3").unwrap();
    assert_eq!((&line["reliability"], &line["note"]), (&"STALE".into(), &note.clone().into()));
    let (_, _, gauges) = server.page("/metrics");
    let gauge = "hotwash_feed_as_expected{region=\"3\",source=\"hotwash\"} 0";
    assert!(gauges.contains(gauge), "{gauges}");
    drop(server);

    // The report as pages.
    let pages = folder.path().join("pages");
    let pages_path = pages.to_str().unwrap();
    run(database.url(), &["report", "--html", pages_path, "--expectations", path]);
    let overview = std::fs::read_to_string(pages.join("index.html")).unwrap();
    assert!(
        overview.contains("This feed is overdue: Hotwash templates of Northeast"),
        "{overview}"
    );

    // The report as a PDF names it on its cover, and marks the figures.
    let pdf = folder.path().join("report.pdf");
    let pdf = pdf.to_str().unwrap();
    run(database.url(), &["report", "--pdf", pdf, "--expectations", path]);
    if let Some(text) = pdf_text(pdf) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("This feed is overdue: Hotwash templates of Northeast (3)"),
            "{text}"
        );
        // So does each figure that counts it.
        let marked = text.matches(&incomplete).count();
        assert!(marked > 5, "{marked} figures: {text}");
    }
}
