//! What changed, as the command line, GraphQL and the report show it.

use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, run};
use serde_json::Value;

const QUERY: &str = "{ changes(since: \"2026-06-01\", until: \"2026-06-30\") { hasRecords happened \
    { kind count isTruncated changes(first: 1000) { id day text regionCodes dueOn file row batch } } \
    learned { kind } differences { metric comparison { verdict } } } }";

/// The number of changes of a kind.
fn count(groups: &Value, kind: &str) -> u64 {
    let groups = groups.as_array().unwrap();
    let group = groups.iter().find(|group| group["kind"] == kind);
    group.map_or(0, |group| group["changes"].as_array().unwrap().len() as u64)
}

#[tokio::test]
async fn the_command_line_the_api_and_the_report_show_the_same_changes() {
    let database = generated(1).await;
    let days = ["changes", "--since", "2026-06-01", "--until", "2026-06-30"];
    let json = run(database.url(), &[&days[..], &["--json"]].concat());
    let printed: Value = serde_json::from_str(&json).unwrap();
    let server = Server::start(database.url(), &[]);
    let (_, _, answer) = server.query_as(None, QUERY);
    let changes = &answer["data"]["changes"];
    assert_eq!(changes["hasRecords"], true, "{answer}");
    // The first load is where knowledge begins.
    assert_eq!(changes["learned"], serde_json::json!([]), "{answer}");
    for group in changes["happened"].as_array().unwrap() {
        let kind = group["kind"].as_str().unwrap();
        assert_eq!(count(&printed["happened"], kind), group["count"].as_u64().unwrap(), "{kind}");
    }
    assert_eq!(
        printed["differences"].as_array().unwrap().len(),
        changes["differences"].as_array().unwrap().len()
    );
    // Opened actions are those that the list of actions has.
    let (_, _, listed) = server.query_as(
        None,
        "{ correctiveActions(first: 1, filter: {openedOn: {gte: \"2026-06-01\", lte: \
         \"2026-06-30\"}}) { totalCount } }",
    );
    let opened = count(&changes["happened"], "ACTION_OPENED");
    assert!(opened > 0, "{answer}");
    assert_eq!(listed["data"]["correctiveActions"]["totalCount"], opened, "{listed}");
    // Each line leads to its record and its row.
    let group = &changes["happened"][0];
    let first = &group["changes"][0];
    let node = format!(
        "{{ node(id: {}) {{ ... on CorrectiveAction {{ text openedOn source {{ file row }} }} }} \
         }}",
        first["id"]
    );
    let (_, _, record) = server.query_as(None, &node);
    assert_eq!(record["data"]["node"]["text"], first["text"], "{record}");
    assert!(first["row"].as_i64().unwrap() > 1 && first["file"].is_string(), "{first}");

    let (status, _, html) = server.page("/changes?as_of=2026-06-30");
    assert_eq!(status, 200);
    assert!(html.contains("From Jun 1, 2026 to Jun 30, 2026"), "{html}");
    // The header and the filter name the days that the lists cover.
    assert!(html.contains("<li>Jun 1, 2026 to Jun 30, 2026</li>"), "{html}");
    assert!(html.contains("name=\"from\" value=\"2026-06-01\""), "{html}");
    assert!(html.contains("aria-current=\"true\">Last 30 days</a>"), "{html}");
    let year = "/changes?from=2025-07-01&amp;to=2026-06-30&amp;as_of=2026-06-30";
    assert!(html.contains(&format!("{year}\">Last 12 months</a>")), "{html}");
    assert!(!html.contains(">All records</a>"), "{html}");
    let id = first["id"].as_str().unwrap();
    assert!(html.contains(&format!("/record/{id}")), "no link to {id}");
    let text = run(database.url(), &[&days[..], &["--no-metrics"]].concat());
    assert!(text.starts_with("What happened from 2026-06-01 to 2026-06-30\n"), "{text}");
    assert!(text.contains(&format!("  {opened} actions opened\n")), "{text}");
    assert!(text.contains(".csv row "), "{text}");
}

#[tokio::test]
async fn a_key_sees_changes_of_its_own_records_only() {
    let database = generated(1).await;
    let region = ["key", "create", "staff", "--role", "region", "--region", "3"];
    let region = run(database.url(), &region);
    let viewer = run(database.url(), &["key", "create", "reader", "--role", "viewer"]);
    let server = Server::start(database.url(), &[]);
    let (_, _, answer) = server.query_as(Some(region.trim()), QUERY);
    let changes = &answer["data"]["changes"];
    let actions = changes["happened"].as_array().unwrap().iter();
    let actions = actions.filter(|group| group["kind"].as_str().unwrap().starts_with("ACTION"));
    let regions: Vec<&Value> = actions
        .flat_map(|group| group["changes"].as_array().unwrap())
        .flat_map(|change| change["regionCodes"].as_array().unwrap())
        .collect();
    assert!(!regions.is_empty() && regions.iter().any(|region| **region == "3"), "{answer}");
    let (_, _, answer) = server.query_as(Some(viewer.trim()), QUERY);
    let changes = &answer["data"]["changes"];
    assert_eq!(changes["hasRecords"], false, "{answer}");
    let kinds = changes["happened"].as_array().unwrap().iter().map(|group| &group["kind"]);
    assert!(kinds.into_iter().all(|kind| kind == "REQUIREMENT_DUE"), "{answer}");
    let (_, _, wrong) = server.query_as(
        Some(viewer.trim()),
        "{ changes(since: \"2026-06-30\", until: \"2026-06-01\") { since } }",
    );
    assert!(wrong["errors"][0]["message"].as_str().unwrap().contains("earlier day"), "{wrong}");
}
