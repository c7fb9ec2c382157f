//! Numbers of a page, the records behind them, and exports.

use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, run};

use super::{attributes, text};

#[tokio::test]
async fn numbers_on_the_page_are_the_apis() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let data = server.data(
        "{ metric(id: \"capability_performance\", groupBy: [], from: \"2025-07-01\", \
        to: \"2026-06-30\", asOf: \"2026-06-30\") { rows { value n ciLow ciHigh } } }",
    );
    let row = &data["metric"]["rows"][0];
    let percent = |name: &str| format!("{:.0}", row[name].as_f64().unwrap() * 100.0);
    let (_, _, html) = server.page("/?as_of=2026-06-30");
    assert!(html.contains(&format!("<p class=\"big\">{}%</p>", percent("value"))), "{row}");
    assert!(
        html.replace(',', "").contains(&format!(
            "95% range {} to {}%; {} ratings",
            percent("ciLow"),
            percent("ciHigh"),
            row["n"]
        )),
        "{row}"
    );
    // The metric's own page begins with the same number, and shows its course.
    let own = server.page("/metrics/capability_performance?as_of=2026-06-30").2;
    let total = format!(
        "Jul 1, 2025 to Jun 30, 2026, entire state: {}% ({} to {}%) of {} ratings.",
        percent("value"),
        percent("ciLow"),
        percent("ciHigh"),
        row["n"]
    );
    assert!(text(&own).replace(',', "").contains(&total.replace(',', "")), "{total} in {own}");
    assert!(own.matches("class=\"band-line\"").count() > 2 * 12, "a line over years in {own}");
    let overdue = text(&server.page("/metrics/action_overdue?as_of=2026-06-30").2);
    assert!(overdue.contains("Jun 30, 2026, entire state: "), "{overdue}");
    assert!(overdue.contains("Over time"), "{overdue}");
    // The figure of a region leads to the number of the region.
    let region = server.page("/regions/3?as_of=2026-06-30").2;
    let link = "/metrics/capability_performance?region=3&amp;as_of=2026-06-30";
    assert!(region.contains(link), "{region}");
    let own = text(&server.page("/metrics/capability_performance?region=3&as_of=2026-06-30").2);
    assert!(own.contains("Jul 1, 2025 to Jun 30, 2026, Northeast (3): "), "{own}");
    let compared = server.data(
        "{ compareRegions(metric: \"action_closure\", from: \"2025-07-01\", to: \
            \"2026-06-30\", asOf: \"2026-06-30\") { region funnelPosition value } }",
    );
    let below: Vec<&str> = compared["compareRegions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["funnelPosition"] == "BELOW")
        .filter_map(|one| one["region"].as_str())
        .collect();
    assert_eq!(below, ["2"], "{compared}");
    assert!(server.page("/regions?as_of=2026-06-30").2.contains("Below the state: Central (2)."));
}

#[tokio::test]
async fn a_metrics_row_names_the_records_behind_it_and_they_name_their_file() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let requested = "{ metric(id: \"capability_performance\", groupBy: [REGION, CAPABILITY], \
        asOf: \"2026-06-30\", filter: { region: { eq: \"3\" } }) { rows { region capability n \
        records(first: 1000) { totalCount nodes { id recordType } } } } }";
    let data = server.data(requested);
    for row in data["metric"]["rows"].as_array().unwrap() {
        assert_eq!(row["records"]["totalCount"], row["n"], "{row}");
        assert_eq!(
            row["records"]["nodes"].as_array().unwrap().len() as u64,
            row["n"].as_u64().unwrap(),
            "{row}"
        );
    }
    let first = &data["metric"]["rows"][0]["records"]["nodes"][0];
    let node = server.data(&format!(
        "{{ node(id: {}) {{ id ... on CapabilityRating {{ rating source {{ file row batch }} }} }} \
         }}",
        first["id"]
    ));
    assert_eq!(node["node"]["source"]["file"], "fictional_ratings.csv", "{node}");
}

#[tokio::test]
async fn exports_contain_what_the_lists_contain_in_every_format() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let total =
        server.data("{ findings { totalCount } }")["findings"]["totalCount"].as_u64().unwrap();
    let (status, _, csv) = server.page("/export/findings.csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert!(
        status == 200 && reader.headers().unwrap().iter().any(|heading| heading == "capabilityKey")
    );
    assert_eq!(reader.records().count() as u64, total);
    let (_, _, lines) = server.page("/export/findings.jsonl?kind=STRENGTH");
    let strengths: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!strengths.is_empty() && strengths.iter().all(|finding| finding["kind"] == "STRENGTH"));
    let folder = tempfile::tempdir().unwrap();
    run(database.url(), &["export", folder.path().to_str().unwrap()]);
    let bytes = std::fs::read(folder.path().join("findings.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    for (path, status) in [
        ("/export/nonsense.csv", 404),
        ("/export/findings.xls", 404),
        ("/export/findings.csv?color=red", 400),
    ] {
        assert_eq!(server.page(path).0, status, "{path}");
    }
}

#[tokio::test]
async fn a_figure_leads_to_its_records_and_they_to_their_file_and_row() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let (_, _, html) = server.page("/records/capability_performance?region=3&as_of=2026-06-30");
    assert!(
        html.contains("fictional_ratings.csv, row ")
            && html.contains("records for Northeast (3); "),
        "{html}"
    );
    let links = attributes(&html, "href");
    let record = links.iter().find(|link| link.starts_with("/record/")).unwrap();
    let (status, _, html) = server.page(record);
    assert!(
        status == 200
            && html.contains("fictional_ratings.csv, row ")
            && html.contains("<dt>Rating</dt>"),
        "{html}"
    );
    let event = links.iter().find(|link| link.starts_with("/events/")).unwrap();
    let (status, _, html) = server.page(event);
    assert!(
        status == 200 && html.contains("<h2>Ratings</h2>") && html.contains("<h2>The event</h2>"),
        "{html}"
    );
    // The same numbers as a file.
    let (_, _, file) = server.page("/metrics/action_closure.csv?region=3&as_of=2026-06-30");
    let data = server.data(
        "{ metric(id: \"action_closure\", groupBy: [REGION], \
        asOf: \"2026-06-30\", filter: { region: { eq: \"3\" } }) { rows { value n } } }",
    );
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let value: f64 =
        row[headings.iter().position(|name| name == "value").unwrap()].parse().unwrap();
    assert_eq!(Some(value), data["metric"]["rows"][0]["value"].as_f64());
}

#[tokio::test]
async fn choices_in_the_address_reach_figures_and_lists_alike() {
    let database = generated(1).await;
    let server = Server::start(database.url(), &[]);
    let data = server.data(
        "{ correctiveActions(filter: { status: { in: \
        [PROPOSED, OPEN, IN_PROGRESS, DEFERRED] }, regionCode: { eq: \"2\" }, \
        dueCurrentOn: { lt: \"2026-06-30\" } }) { totalCount } }",
    );
    let total = data["correctiveActions"]["totalCount"].as_u64().unwrap();
    let (_, _, html) = server.page("/actions?region=2&due=overdue&as_of=2026-06-30");
    assert!(html.contains(&format!("{total} actions in total.")), "{total}");
    assert!(
        html.contains("days late")
            && html.contains("Next page →")
            && html.contains(">Central (2)<")
            && !html.contains(">Northeast (3)<")
    );
    let next = attributes(&html, "href").into_iter().find(|link| link.contains("after=")).unwrap();
    assert!(
        next.contains("due=overdue")
            && next.contains("region=2")
            && next.contains("as_of=2026-06-30"),
        "{next}"
    );
    let (_, _, second) = server.page(&next);
    assert!(second.contains("← Previous page"));
    // Figures to which a filter does not apply state that.
    let (_, _, html) = server.page("/?framework=PHEP&as_of=2026-06-30");
    assert!(html.contains("The framework filter does not apply to this chart."));
}
