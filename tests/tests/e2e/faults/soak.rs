//! Soak test of `HOTWASH_SOAK_MINUTES` (default: an hour) with loads and queries: memory use stays
//! flat.

use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, coalition, run};

use super::{fresh_metrics, load_all, mended};

/// Resident memory of a process in KiB.
fn memory(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn rows(text: &str) -> String {
    text.replace("HELD", if text.contains("HELD") { "PLANNED" } else { "HELD" })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: tests/run --soak"]
async fn memory_stays_flat_through_loads_and_queries() {
    let minutes = std::env::var("HOTWASH_SOAK_MINUTES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(60.0);
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let expected = fresh_metrics(&files).await;
    let events = files.join("fictional_events.csv");
    let first = std::fs::read_to_string(&events).unwrap();
    let database = TestDatabase::new().await;
    load_all(database.url(), &files);
    let server = Server::start(database.url(), &[]);
    let end = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    let queries = [
        "{ events(first: 50) { totalCount nodes { name regions { nodes { code } } } } }",
        "{ metric(id: \"capability_performance\", groupBy: [REGION, CAPABILITY]) { rows { value n \
         } } }",
        "{ compareRegions(metric: \"incident_burden\") { region } }",
    ];
    let mut seen = Vec::new();
    let mut rounds = 0;
    while Instant::now() < end {
        for _ in 0..20 {
            for query in queries {
                server.post(query);
            }
            assert_eq!(server.page("/").0, 200);
        }
        // Change the data in every load, so that every load produces a new snapshot.
        let changed = if rounds % 2 == 0 { rows(&first) } else { first.clone() };
        std::fs::write(&events, changed).unwrap();
        run(database.url(), &["load", events.to_str().unwrap()]);
        rounds += 1;
        seen.push(memory(server.id()));
    }
    // The first third warms the caches; after it the medians of two halves agree.
    let warm = &seen[seen.len() / 3..];
    let median = |part: &[f64]| {
        let mut sorted = part.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    let (early, late) = (median(&warm[..warm.len() / 2]), median(&warm[warm.len() / 2..]));
    println!("{rounds} loads; memory {:.0} MiB, then {:.0} MiB", early / 1024.0, late / 1024.0);
    assert!(late < early * 1.1, "memory grows: {early} KiB, then {late} KiB");
    std::fs::write(&events, first).unwrap();
    mended(database.url(), &files, &expected).await;
}
