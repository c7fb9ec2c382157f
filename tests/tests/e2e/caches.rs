//! The caches of a server: one budget, its parts in Prometheus, and single flight of pages.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, coalition, run};

const PARTS: [&str; 7] =
    ["columns", "cubes", "answers", "rows", "snapshots", "documents", "credentials"];

fn gauge(server: &Server, name: &str, part: &str) -> i64 {
    server.measured(&format!("hotwash_cache_{name}{{part=\"{part}\"}}"))
}

/// Loads the organizations and events of a small coalition.
async fn loaded() -> TestDatabase {
    let (database, folder) = (TestDatabase::new().await, tempfile::tempdir().unwrap());
    let files = coalition::small(folder.path());
    for name in ["organizations.csv", "events.csv"] {
        run(database.url(), &["load", files.join(format!("fictional_{name}")).to_str().unwrap()]);
    }
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn all_caches_share_one_budget_and_prometheus_shows_each_part() {
    let (database, home) = (loaded().await, tempfile::tempdir().unwrap());
    let settings = home.path().join("hotwash.toml");
    std::fs::write(&settings, "cache_mib = 100\n").unwrap();
    let in_home = |command: &mut std::process::Command| {
        command.env("HOTWASH_SETTINGS", &settings);
    };
    for (options, mebibytes) in
        [(&[][..], 100), (&["--cache-mib", "200"], 200), (&["--cache-mib", "0"], 0)]
    {
        let server = Server::start_as(database.url(), options, &in_home);
        let query = "{ regions { code } metric(id: \"risk_profile\") { rows { value } } }";
        let first = server.data(query);
        assert_eq!(first, server.data(query));
        assert_eq!(server.page("/regions"), server.page("/regions"));
        let parts: Vec<&str> =
            PARTS.into_iter().filter(|part| mebibytes > 0 || *part != "columns").collect();
        let sum = |name: &str| parts.iter().map(|part| gauge(&server, name, part)).sum::<i64>();
        assert!((sum("max_bytes") - (mebibytes << 20)).abs() < 1_000, "{options:?}");
        for part in ["answers", "cubes", "rows", "documents"] {
            let used = |name: &str| gauge(&server, name, part) > 0;
            assert_eq!(used("entries") && used("bytes"), mebibytes > 0, "{options:?} {part}");
        }
        assert_eq!(gauge(&server, "hits", "answers") >= 2, mebibytes > 0, "{options:?}");
        assert_eq!(gauge(&server, "misses", "answers") >= 2, mebibytes > 0, "{options:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_readers_of_a_page_compute_it_once() {
    let database = loaded().await;
    let server = Server::start(database.url(), &[]);
    let lookups = || gauge(&server, "hits", "rows") + gauge(&server, "misses", "rows");
    let read = |path: &str, readers: usize| {
        let before = lookups();
        std::thread::scope(|scope| {
            let pages: Vec<_> = (0..readers).map(|_| scope.spawn(|| server.page(path))).collect();
            let pages: Vec<_> = pages.into_iter().map(|page| page.join().unwrap()).collect();
            assert!(pages.iter().all(|page| *page == pages[0]), "{path}: pages differ");
            assert_eq!(pages[0].0, 200, "{path}");
        });
        lookups() - before
    };
    let alone = read("/risks?as_of=2026-01-01", 1);
    assert!(alone > 0);
    assert_eq!(read("/risks?as_of=2026-01-02", 8), alone);
}
