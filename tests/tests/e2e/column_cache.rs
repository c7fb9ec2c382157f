//! Aggregates computed from cached columns equal those of Postgres.

use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::bounds::wait_until;
use hotwash_tests::coalition::{self, generated};
use hotwash_tests::queries::Queries;
use hotwash_tests::{Server, run};
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Random aggregates a viewer.
const QUERIES: usize = 150;
const FREE: [&str; 6] = ["--rate", "0", "--budget", "0", "--no-cache", "answers"];

fn server(url: &str, more: &[&str]) -> Server {
    Server::start(url, &[&FREE, more].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn random_aggregates_of_columns_in_memory_are_those_of_postgres() {
    let database = generated(12).await;
    let seed = std::env::var("HOTWASH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(3);
    let mut random = StdRng::seed_from_u64(seed);
    let queries = Queries::of(&server(database.url(), &[]));
    let keys = [
        run(database.url(), &["key", "create", "analyst", "--role", "analyst"]),
        run(
            database.url(),
            &["key", "create", "region", "--role", "region", "--region", "3", "--region", "4C"],
        ),
    ];
    let memory = server(database.url(), &["--column-cache-after-ms", "0"]);
    let postgres = server(database.url(), &["--no-cache", "columns"]);
    for key in keys.iter().map(|key| Some(key.trim())) {
        let requested: Vec<String> = (0..QUERIES).map(|_| queries.aggregate(&mut random)).collect();
        // Types are read one after another, each with the columns requested so far.
        wait_until("most questions are counted from memory", || {
            let before = memory.measured("hotwash_column_cache_answers");
            requested.iter().for_each(|query| drop(memory.query_as(key, query)));
            memory.measured("hotwash_column_cache_answers") - before > QUERIES as i64 * 2 / 3
        });
        let before = memory.measured("hotwash_column_cache_answers");
        let mut reported = 0;
        for query in &requested {
            let (seen, expected) = (memory.query_as(key, query).2, postgres.query_as(key, query).2);
            assert_eq!(
                (&seen["data"], &seen["errors"]),
                (&expected["data"], &expected["errors"]),
                "seed {seed}\n{query}"
            );
            reported += usize::from(seen["data"].to_string().len() > 100);
        }
        let counted = memory.measured("hotwash_column_cache_answers") - before;
        assert!(
            counted > QUERIES as i64 * 2 / 3,
            "only {counted} of {QUERIES} were counted from memory"
        );
        assert!(reported > QUERIES / 3, "only {reported} of {QUERIES} answers say anything");
    }
    assert_eq!(postgres.measured("hotwash_column_cache_answers"), 0);
    assert!(memory.measured("hotwash_cache_bytes{part=\"columns\"}") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_in_memory_are_forgotten_when_the_warehouse_changes() {
    let (database, folder) = (TestDatabase::new().await, tempfile::tempdir().unwrap());
    let files = coalition::small(folder.path());
    let load = |name: &str| {
        run(database.url(), &["load", files.join(format!("fictional_{name}")).to_str().unwrap()])
    };
    for name in ["organizations.csv", "events.csv"] {
        load(name);
    }
    let memory = server(database.url(), &["--column-cache-after-ms", "0"]);
    let query = "{ capabilityRatingAggregate(groupBy: [REGION_CODE]) { count key { regionCode } } \
        eventAggregate(groupBy: [KIND]) { count } }";
    // Until it is counted from memory.
    let counted = || {
        let (deadline, before) = (
            Instant::now() + Duration::from_secs(30),
            memory.measured("hotwash_column_cache_answers"),
        );
        loop {
            let answer = memory.data(query);
            if memory.measured("hotwash_column_cache_answers") >= before + 2 {
                return answer;
            }
            assert!(Instant::now() < deadline, "still not counted from memory");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    assert_eq!(counted()["capabilityRatingAggregate"].as_array().map(Vec::len), Some(0));
    load("ratings.csv");
    let postgres = server(database.url(), &["--no-cache", "columns"]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while memory.measured("hotwash_snapshot_version")
        != postgres.measured("hotwash_snapshot_version")
    {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(50));
    }
    let expected = postgres.data(query);
    assert!(
        expected["capabilityRatingAggregate"].as_array().is_some_and(|groups| groups.len() > 3)
    );
    assert_eq!(memory.data(query), expected, "told at once after the change");
    assert_eq!(counted(), expected);
}
