//! No answer is cut in silence: pages of the report, records behind a figure and groups give all,
//! or state how many there are.

use std::collections::BTreeSet;

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::Server;
use hotwash_tests::coalition::generated;
use serde_json::Value;

async fn warehouse() -> TestDatabase {
    generated(5).await
}

fn thousands(number: u64) -> String {
    if number < 1_000 {
        number.to_string()
    } else {
        format!("{},{:03}", number / 1_000, number % 1_000)
    }
}

#[tokio::test]
async fn pages_of_the_report_show_all_rows_or_state_how_many_there_are() {
    let database = warehouse().await;
    let server = Server::start(database.url(), &[]);
    let (_, _, risks) = server.page("/risks?as_of=2026-06-30");
    let requested = server.data(
        "{ metric(id: \"risk_profile\", asOf: \"2026-06-30\") { rows { hazard value } } \
            hazards { code name } }",
    );
    let rows = requested["metric"]["rows"].as_array().expect("rows");
    let codes: BTreeSet<&str> = rows
        .iter()
        .filter(|row| !row["value"].is_null())
        .filter_map(|row| row["hazard"].as_str())
        .collect();
    assert!(codes.len() > 20, "more hazards than a page used to show: {}", codes.len());
    for code in codes {
        assert!(
            risks.contains(&format!("/records/risk_profile?hazard={code}&")),
            "{code} is missing on /risks"
        );
    }
    let (_, _, overview) = server.page("/?as_of=2026-06-30");
    assert!(overview.contains("The first 10 of "), "ranked priorities go on");
    let (_, _, region) = server.page("/regions/3?as_of=2026-06-30");
    assert!(region.contains("The first 8 of "), "recent events go on");
}

#[tokio::test]
async fn all_records_behind_a_figure_are_counted_and_reached() {
    let database = warehouse().await;
    let server = Server::start(database.url(), &["--no-cache", "answers"]);
    let row = |records: &str| -> Value {
        let query = format!(
            "{{ metric(id: \"capability_performance\", groupBy: [], asOf: \"2026-06-30\") {{ rows \
             {{ n records{records} }} }} }}"
        );
        server.data(&query)["metric"]["rows"][0].clone()
    };
    let first = row(
        "(first: 900) { totalCount nodes { id } pageInfo { endCursor hasNextPage hasPreviousPage } \
         }",
    );
    let total = first["records"]["totalCount"].as_u64().expect("a count");
    assert!(total > 1_000, "{total} records");
    let (mut seen, mut at) = (BTreeSet::new(), String::new());
    loop {
        let page = row(&format!(
            "(first: 900{at}) {{ nodes {{ id }} edges {{ cursor }} pageInfo {{ endCursor \
             hasNextPage }} }}"
        ));
        let nodes = page["records"]["nodes"].as_array().expect("nodes");
        seen.extend(nodes.iter().map(|node| node["id"].to_string()));
        if page["records"]["pageInfo"]["hasNextPage"] != true {
            break;
        }
        at = format!(", after: {}", page["records"]["pageInfo"]["endCursor"]);
    }
    assert_eq!(seen.len() as u64, total);
    let other = server.post(&format!(
        "{{ metric(id: \"action_closure\", groupBy: [], asOf: \"2026-06-30\") {{ rows {{ \
         records(first: 1{at}) {{ totalCount }} }} }} }}"
    ));
    assert_eq!(
        other["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
        "a cursor of another figure: {other}"
    );
    let last = total.div_ceil(25);
    for (path, place) in [("", 1), (&*format!("&page={last}"), last)] {
        let (_, _, html) = server
            .page(&format!("/records/capability_performance?as_of=2026-06-30&dates=all{path}"));
        let count = format!("{} records; ", thousands(total));
        let place_note = format!("Page {} of {}.", thousands(place), thousands(last));
        for note in [count, place_note] {
            assert!(html.contains(&note), "{path}: {note} is not stated");
        }
        assert_eq!(html.contains("Next page →"), place < last, "{path}");
        assert!(html.contains("/record/"), "{path} lists records");
    }
}

#[tokio::test]
async fn more_groups_than_the_maximum_are_rejected_unless_a_limit_is_given() {
    let database = warehouse().await;
    let groups = |server: &Server, limit: &str| {
        server.post(&format!(
            "{{ correctiveActionAggregate(groupBy: [REGION_CODE, CAPABILITY_KEY, MONTH, STATUS]{limit}) {{ \
             key {{ regionCode }} count }} }}"
        ))
    };
    for options in [["--no-cache", "columns"], ["--column-cache-after-ms", "0"]] {
        let server =
            Server::start(database.url(), &[&options[..], &["--no-cache", "answers"]].concat());
        // The second answer comes from cached columns if they are in memory.
        for _ in 0..2 {
            let all = groups(&server, ", limit: 10000");
            let count = all["data"]["correctiveActionAggregate"].as_array().map_or(0, Vec::len);
            assert!(count > 1_000, "{count} groups");
            let cut = groups(&server, "");
            let message = cut["errors"][0]["message"].as_str().unwrap_or_default();
            assert_eq!(cut["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{cut}");
            assert!(
                message.contains("more than 1000 groups") && message.contains("limit"),
                "{message}"
            );
            let some = groups(&server, ", limit: 7");
            assert_eq!(
                some["data"]["correctiveActionAggregate"].as_array().map(Vec::len),
                Some(7),
                "{some}"
            );
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
    }
}

#[tokio::test]
async fn the_page_of_records_lists_those_of_every_metric_and_marks_what_counts() {
    let database = warehouse().await;
    let server = Server::start(database.url(), &[]);
    let metrics = server.data("{ metrics { id } }");
    let mut listed = 0;
    for metric in metrics["metrics"].as_array().expect("metrics") {
        let id = metric["id"].as_str().expect("id");
        let (status, _, page) = server.page(&format!("/records/{id}?as_of=2026-06-30"));
        assert_eq!(status, 200, "{id}");
        assert!(!page.contains("Unknown field"), "{id}: {page}");
        let has_records = !page.contains("No records match");
        assert_eq!(has_records, page.contains("href=\"/record/"), "{id}: {page}");
        listed += usize::from(has_records);
    }
    assert!(listed > 20, "{listed} metrics list records");
    // Overdue ones among the open actions.
    let row = "{ metric(id: \"action_overdue\", groupBy: [], asOf: \"2026-06-30\") { rows { value \
               n } } }";
    let row = server.data(row)["metric"]["rows"][0].clone();
    let number = |name: &str| thousands(row[name].as_f64().expect(name) as u64);
    let (_, _, page) = server.page("/records/action_overdue?as_of=2026-06-30");
    let counted =
        format!("{} records; {} of them count in the value", number("n"), number("value"));
    assert!(page.contains(&counted), "{counted}: {page}");
    assert!(page.contains("In the value"), "{page}");
}
