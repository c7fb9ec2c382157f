//! The page Trackers as each role sees it.

use std::collections::BTreeSet;

use hotwash_schema::connect::connect;
use hotwash_tests::coalition::{generated, released};
use hotwash_tests::{Server, run};

/// Headings of the tables that list owners.
const LISTS: [&str; 2] = ["Who is late", "Who was asked, and who answered"];
/// Heading of the table of regions.
const BY_REGION: &str = "Answered by the due day, by region";

/// File of the second list.
const ASKED: &str = "/figures/who-was-asked-and-who-answered.csv?of=/trackers&as_of=2026-06-30";

fn key(url: &str, name: &str, arguments: &[&str]) -> String {
    run(url, &[&["key", "create", name], arguments].concat()).trim().to_owned()
}

/// Returns the page as the holder of a key sees it.
fn page(server: &Server, key: &str, parameters: &str) -> String {
    fetch(server, key, &format!("/trackers{parameters}"))
}

fn fetch(server: &Server, key: &str, path: &str) -> String {
    let request = ureq::get(format!("{}{path}", server.base))
        .config()
        .http_status_as_error(false)
        .build()
        .header("authorization", format!("Bearer {key}"))
        .header("accept", "text/html");
    let mut response = request.call().unwrap();
    let text = response.body_mut().read_to_string().unwrap();
    assert_eq!(response.status(), 200, "{text}");
    text
}

fn thousands(count: i64) -> String {
    let (thousands, rest) = (count / 1000, count % 1000);
    if thousands == 0 { rest.to_string() } else { format!("{thousands},{rest:03}") }
}

#[tokio::test]
async fn a_region_sees_its_own_owners_and_a_viewer_no_list() {
    let database = generated(5).await;
    let url = database.url();
    released(url);
    let client = connect(url).await.unwrap();
    let owners = async |condition: &str| -> BTreeSet<String> {
        let sql = format!(
            "select distinct o.name from warehouse.tracker_request t join warehouse.organization o \
             using (organization_id) join warehouse.region r on r.region_id = t.region_id where \
             {condition}"
        );
        client.query(&sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    let own = owners("r.code = '3'").await;
    let others: BTreeSet<String> = &owners("true").await - &own;
    assert!(own.len() > 10 && others.len() > 50, "{own:?} {others:?}");
    // An answer to a later tracker also answers the earlier ones.
    let sums = "select count(*), count(t.answered_on), count(distinct t.tracker) filter (where \
         t.answered_on is null and t.due_on < '2026-06-30' and a.status in ('OPEN', \
         'IN_PROGRESS') and not exists (select from warehouse.tracker_request l where \
         l.corrective_action_id = t.corrective_action_id and t.asked_on <= l.answered_on)) from \
         warehouse.tracker_request t join warehouse.corrective_action a using \
         (corrective_action_id) join warehouse.region r on r.region_id = t.region_id where r.code \
         = '3'";
    let sums = client.query_one(sums, &[]).await.unwrap();
    let [asked, answered, late] = [0, 1, 2].map(|column| thousands(sums.get(column)));

    let region = key(url, "of-region-3", &["--role", "region", "--region", "3"]);
    let viewer = key(url, "of-a-viewer", &["--role", "viewer"]);
    let analyst = key(url, "of-an-analyst", &["--role", "analyst"]);
    let server = Server::start(url, &[]);
    let named = |html: &str, names: &BTreeSet<String>| {
        names.iter().filter(|name| html.contains(name.as_str())).count()
    };

    let html = page(&server, &region, "?as_of=2026-06-30");
    assert_eq!(named(&html, &others), 0, "{html}");
    // The page shows the first rows; the file has all.
    let csv = fetch(&server, &region, ASKED);
    assert_eq!((named(&csv, &own), named(&csv, &others)), (own.len(), 0), "{csv}");
    let lead = format!(
        "Owners were asked about an action {asked} times and answered {answered} times. {late} \
         trackers are late."
    );
    assert!(html.contains(&lead), "{lead}: {html}");
    assert!(LISTS.iter().chain([&BY_REGION]).all(|title| html.contains(title)), "{html}");

    let html = page(&server, &viewer, "");
    assert_eq!((named(&html, &own), named(&html, &others)), (0, 0), "{html}");
    assert!(!LISTS.iter().any(|title| html.contains(title)), "{html}");
    assert!(html.contains(BY_REGION) && html.contains("this key reads only aggregates"), "{html}");

    let html = page(&server, &analyst, "?as_of=2026-06-30");
    // The list is cut at a tracker. The numbers of requests and answers are those of all.
    let sums = client
        .query_one(
            "select count(*), count(answered_on) filter (where answered_on <= '2026-06-30') from \
             warehouse.tracker_request where asked_on <= '2026-06-30'",
            &[],
        )
        .await
        .unwrap();
    let [asked, answered] = [0, 1].map(|column| thousands(sums.get(column)));
    let lead = format!(
        "Owners were asked about an action {asked} times and answered {answered} times. Of the \
         newest "
    );
    assert!(html.contains(&lead), "{lead}: {html}");
    assert!(html.contains("late. Choose a period or a region to see others."), "{html}");
    let sent = client
        .query(
            "select tracker, count(*) from warehouse.tracker_request where asked_on <= \
             '2026-06-30' group by tracker order by max(asked_on) desc, tracker",
            &[],
        )
        .await
        .unwrap();
    let csv = fetch(&server, &analyst, ASKED);
    assert!(named(&csv, &others) > 50, "{csv}");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let listed: i64 =
        reader.records().map(|row| row.unwrap()[4].replace(',', "").parse::<i64>().unwrap()).sum();
    let mut left = 1000;
    let complete = sent.iter().map(|row| row.get::<_, i64>(1)).take_while(|requests| {
        left -= requests;
        left >= 0
    });
    assert_eq!(listed, complete.sum::<i64>(), "{csv}");
}
