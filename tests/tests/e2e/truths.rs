//! The known truths of the generated data appear in the metrics, tested through the binary.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::run;
use serde_json::Value;

fn metric(url: &str, id: &str, more: &[&str]) -> Vec<Value> {
    let mut arguments = vec!["metric", id, "--as-of", "2026-06-30", "--format", "json"];
    arguments.extend(more);
    serde_json::from_str(&run(url, &arguments)).unwrap()
}

fn of<'a>(rows: &'a [Value], region: &str) -> &'a Value {
    rows.iter()
        .find(|row| row["region"] == region)
        .unwrap_or_else(|| panic!("no row of {region}: {rows:?}"))
}

#[tokio::test]
async fn the_known_truths_of_the_generated_data_come_out() {
    let database = TestDatabase::new().await;
    let url = database.url();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let help = run(url, &["generate", "--help"]);
    assert!(
        help.contains("region 3 improves") && help.contains("never exercised"),
        "the help lists the truths: {help}"
    );
    run(url, &["generate", path, "--seed", "3"]);
    run(url, &["load", path]);
    let trend = metric(url, "capability_trend", &[]);
    assert_eq!(
        (of(&trend, "3")["verdict"].as_str(), of(&trend, "5")["verdict"].as_str()),
        (Some("IMPROVING"), Some("NO_DETECTABLE_TREND"))
    );
    assert_eq!(of(&trend, "3")["significantInList"], true);
    let overdue = metric(url, "action_overdue", &[]);
    let most = overdue.iter().max_by_key(|row| row["value"].as_f64().unwrap() as i64).unwrap();
    assert_eq!(most["region"], "2");
    let coverage = metric(url, "hazard_coverage", &[]);
    let cyber = of(&coverage, "1")["hazards"]
        .as_array()
        .unwrap()
        .iter()
        .find(|hazard| hazard["hazard"] == "cyber_attack")
        .cloned()
        .unwrap();
    assert_eq!(
        (&cyber["rank"], &cyber["covered"], &cyber["monthsSinceExercise"]),
        (&1.into(), &false.into(), &Value::Null)
    );
    let repeats = metric(
        url,
        "repeat_findings",
        &["--where", "region=4AB", "--where", "capability=PHEP:6", "--where", "element=planning"],
    );
    assert!(repeats[0]["relapse"].as_u64() >= Some(8), "{repeats:?}");
    let control = metric(url, "response_control", &[]);
    let outside = |region: &str| {
        let points = of(&control, region)["points"].as_array().unwrap().clone();
        points
            .into_iter()
            .filter(|point| point["signals"].to_string().contains("OUTSIDE"))
            .collect::<Vec<_>>()
    };
    let flagged = outside("4C");
    assert_eq!((flagged.len(), &flagged[0]["value"]), (1, &150.into()), "{flagged:?}");
}

/// Text of the Overview's story and asks.
fn story(html: &str) -> String {
    let story = html.split_once("<ul class=\"story\">").unwrap().1.split_once("</ul>").unwrap().0;
    story.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect()
}

/// Words by which the Overview would tell each truth that data can support. That a region is flat
/// is told by silence.
const TOLD: [&str; 5] = [
    "Northeast (3): capability ratings of P or S rose by",
    "Central (2) stands apart in actions",
    "Information Sharing (PHEP 6) in Metro (4AB):",
    "Western (1) has never exercised its top risk, cyber attack.",
    "Boston (4C): one activation took 150 minutes",
];

#[tokio::test]
async fn the_overview_tells_the_truths_and_its_asks_have_owner_and_due_date() {
    let database = hotwash_tests::coalition::generated(1).await;
    let server = hotwash_tests::Server::start(database.url(), &[]);
    let (_, _, html) = server.page("/?as_of=2026-06-30");
    let story = story(&html);
    for truth in TOLD {
        assert!(story.contains(truth), "{truth}: {story}");
    }
    assert!(!story.contains("Southeast (5)"), "the flat region: {story}");
    // A line of the story and a tile below it do not contradict each other.
    assert!(html.contains("Getting worse: "));
    assert!(!story.contains("Nothing got clearly worse"), "{story}");
    let asks =
        html.split_once("<h2>Three asks</h2>").unwrap().1.split_once("</section>").unwrap().0;
    assert_eq!(asks.matches(" days ago").count(), 3, "{asks}");
    assert_eq!(asks.matches("href=\"/record/").count(), 3, "{asks}");
    assert!(!asks.contains("No owner yet"), "{asks}");
}

#[tokio::test]
async fn the_overview_tells_no_truth_of_data_without_them() {
    for seed in 1..=10 {
        let database = TestDatabase::new().await;
        let url = database.url();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        run(url, &["generate", path, "--seed", &seed.to_string(), "--without-truths"]);
        run(url, &["load", path]);
        let server = hotwash_tests::Server::start(url, &[]);
        let (_, _, html) = server.page("/?as_of=2026-06-30");
        let story = story(&html);
        for truth in TOLD {
            assert!(!story.contains(truth), "seed {seed}: {truth}: {story}");
        }
    }
}
