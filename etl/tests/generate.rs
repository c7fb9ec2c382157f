//! Tests the generated data set: it is deterministic, has the stated size, loads without a reject,
//! and contains the stated facts.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;

use hotwash_documents::input::Input;
use hotwash_etl::generate::{Memory, Recipe, generate};
use hotwash_etl::load::{Options, Quiet, load_inputs};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;

fn files(seed: u64) -> Vec<(String, Vec<u8>)> {
    let made = Memory::default();
    generate(&Recipe { seed, ..Recipe::default() }, &made).unwrap();
    made.take()
}

/// Returns the rows of a table by heading.
fn rows(files: &[(String, Vec<u8>)], table: &str) -> Vec<BTreeMap<String, String>> {
    let (_, bytes) =
        files.iter().find(|(name, _)| name == &format!("fictional_{table}.csv")).unwrap();
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes.as_slice());
    reader.deserialize().map(Result::unwrap).collect()
}

/// Returns the share of ratings P or S by region and year, oldest first.
fn shares(files: &[(String, Vec<u8>)], region: &str) -> Vec<f64> {
    let days: BTreeMap<String, String> = rows(files, "events")
        .into_iter()
        .filter(|event| event["regions"] == region)
        .map(|event| (event["event_id"].clone(), event["start_at"][..4].to_owned()))
        .collect();
    let mut years: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let ratings = rows(files, "ratings");
    for rating in &ratings {
        if let Some(year) = days.get(&rating["event_id"]) {
            let year = years.entry(year).or_default();
            year.1 += 1.0;
            year.0 += f64::from(["P", "S"].contains(&rating["rating"].as_str()));
        }
    }
    years.values().map(|(good, all)| good / all).collect()
}

#[test]
fn the_same_seed_gives_the_same_files_and_another_seed_others() {
    assert_eq!(files(1), files(1));
    assert_ne!(files(1), files(2));
}

#[test]
fn the_stated_truths_hold_whatever_the_seed() {
    for seed in [1, 7, 42] {
        let files = files(seed);
        let count = |table: &str| rows(&files, table).len();
        assert!(
            (390..=410).contains(&count("events")) && (2_400..=2_600).contains(&count("ratings")),
            "seed {seed}"
        );
        assert!(
            (2_500..=3_300).contains(&count("actions")),
            "seed {seed}: {} actions",
            count("actions")
        );
        let improving = shares(&files, "3");
        assert!(
            improving.first().unwrap() < &0.6 && improving.last().unwrap() > &0.8,
            "seed {seed}: {improving:?}"
        );
        assert!(improving.windows(2).all(|pair| pair[1] > pair[0]), "seed {seed}: {improving:?}");
        let flat = shares(&files, "5");
        assert!(flat.iter().all(|share| (0.6..0.76).contains(share)), "seed {seed}: {flat:?}");
        let overdue = |region: &str| {
            rows(&files, "actions")
                .iter()
                .filter(|action| {
                    action["region"] == region
                        && action["completed_on"].is_empty()
                        && action["cancelled_on"].is_empty()
                        && !action["due_on"].is_empty()
                        && action["due_on"].as_str() < "2026-01-01"
                })
                .count()
        };
        for other in ["1", "3", "4AB", "4C", "5"] {
            assert!(
                overdue("2") > 2 * overdue(other),
                "seed {seed}: {} of region 2, {} of {other}",
                overdue("2"),
                overdue(other)
            );
        }
        let struck = rows(&files, "events")
            .iter()
            .filter(|event| event["regions"] == "1" && event["hazards"].contains("cyber_attack"))
            .count();
        assert_eq!(struck, 0);
        let scores = rows(&files, "risk_scores");
        let inherent = |row: &BTreeMap<String, String>| {
            ["probability", "human_impact", "property_impact", "business_impact"]
                .map(|name| row[name].parse::<i64>().unwrap())
        };
        for row in scores.iter().filter(|row| row["assessment_id"].starts_with("FIC-HVA-1-")) {
            assert_eq!(inherent(row) == [3; 4], row["hazard"] == "Cyber Attack", "{row:?}");
        }
        let relapses = rows(&files, "actions")
            .iter()
            .filter(|action| {
                action["region"] == "4AB"
                    && action["capability"] == "6"
                    && action["elements"] == "planning"
                    && !action["completed_on"].is_empty()
            })
            .count();
        assert!(relapses >= 10, "seed {seed}: {relapses}");
    }
}

#[test]
fn owners_were_asked_about_open_actions_and_most_answered_in_time() {
    for seed in [1, 7, 42] {
        let files = files(seed);
        let actions: BTreeMap<String, BTreeMap<String, String>> = rows(&files, "actions")
            .into_iter()
            .map(|action| (action["action_id"].clone(), action))
            .collect();
        let requests = rows(&files, "tracker_requests");
        let mut owners: BTreeMap<&str, [&str; 2]> = BTreeMap::new();
        let mut answers: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for request in &requests {
            let of = |name: &str| request[name].as_str();
            let action = &actions[of("action_id")];
            let (asked, due, answered) = (of("asked_on"), of("due_on"), of("answered_on"));
            assert!(action["opened_on"].as_str() <= asked, "{request:?}");
            for ended in [&action["completed_on"], &action["cancelled_on"]] {
                assert!(ended.is_empty() || asked < ended.as_str(), "{request:?} {action:?}");
            }
            assert!(answered.is_empty() || (asked..="2026-06-30").contains(&answered));
            let owner = [action["owner_organization_id"].as_str(), asked];
            assert_eq!(*owners.entry(of("tracker")).or_insert(owner), owner, "one workbook");
            let state = match answered {
                "" => "none",
                _ if answered <= due => "in time",
                _ => "late",
            };
            *answers.entry(asked).or_default().entry(state).or_default() += 1;
        }
        let days: Vec<&str> = answers.keys().copied().collect();
        let mondays =
            ["2025-03-10", "2025-06-09", "2025-09-08", "2025-12-15", "2026-03-09", "2026-06-08"];
        assert_eq!(days, mondays);
        for (asked, states) in &answers {
            let [in_time, late, none] = ["in time", "late", "none"]
                .map(|state| states.get(state).copied().unwrap_or_default());
            assert!(in_time > late + none, "seed {seed}, {asked}: {states:?}");
            assert!(late > 0 && none > 0, "seed {seed}, {asked}: {states:?}");
        }
        let mut ids: Vec<&str> = requests.iter().map(|row| row["request_id"].as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), requests.len(), "seed {seed}: each has its own id");
    }
}

#[tokio::test]
async fn it_loads_without_a_reject_in_csv_and_parquet_and_is_known_as_fictional() {
    let database = TestDatabase::new().await;
    for (round, format) in
        [hotwash_etl::template::TableFormat::Csv, hotwash_etl::template::TableFormat::Parquet]
            .into_iter()
            .enumerate()
    {
        let made = Memory::default();
        generate(&Recipe { format, ..Recipe::default() }, &made).unwrap();
        let inputs = made
            .take()
            .into_iter()
            .map(|(name, bytes)| (name.clone(), Ok(Input::memory(&name, bytes))))
            .collect();
        for report in
            load_inputs(database.url(), inputs, &Options::default(), &Quiet).await.unwrap()
        {
            assert!(report.error.is_none() && report.is_accounted(), "{report:?}");
            assert_eq!(
                (report.rejected, report.unmapped, report.redacted),
                (0, 0, 0),
                "{report:?}"
            );
            assert!(
                (round == 0 && report.inserted == report.read)
                    || (report.inserted, report.updated) == (0, 0),
                "{report:?}"
            );
        }
    }
    let client = connect(database.url()).await.unwrap();
    let plain: i64 = client
        .query_one("select count(*) from meta.file where not fictional", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(plain, 0);
}
