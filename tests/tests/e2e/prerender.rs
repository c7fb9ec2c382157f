//! Prerendered pages.

use std::time::{Duration, Instant};

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, coalition, run};

/// Waits until a Prometheus metric reports this version.
fn wait(server: &Server, name: &str, version: i64) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while server.measured(name) != version {
        assert!(Instant::now() < deadline, "{name} is {}, not {version}", server.measured(name));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prerendered_pages_equal_those_computed_on_request() {
    let (database, folder) = (TestDatabase::new().await, tempfile::tempdir().unwrap());
    let files = coalition::small(folder.path());
    let load = |name: &str| {
        run(database.url(), &["load", files.join(format!("fictional_{name}")).to_str().unwrap()])
    };
    for name in ["organizations.csv", "events.csv", "ratings.csv"] {
        load(name);
    }
    let ahead = Server::start(database.url(), &["--prerender-rows", "0"]);
    let requested = Server::start(database.url(), &["--no-cache", "answers"]);
    for change in ["", "actions.csv"] {
        if !change.is_empty() {
            load(change);
        }
        let sql = "select max(version) from meta.table_version";
        let version =
            connect(database.url()).await.unwrap().query_one(sql, &[]).await.unwrap().get(0);
        wait(&ahead, "hotwash_prerendered_version", version);
        wait(&requested, "hotwash_snapshot_version", version);
        for path in
            ["/", "/regions", "/regions/1", "/actions", "/capabilities", "/risks", "/response"]
        {
            assert!(ahead.page(path) == requested.page(path), "{path} at {version}");
        }
    }
    // Pages of a small warehouse are fast, so they are computed on request.
    assert_eq!(requested.measured("hotwash_prerendered_version"), 0);
}
