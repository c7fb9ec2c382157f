//! Fairness: a key cannot use more than its share of the Postgres connections, and pays for each
//! condition.

use std::time::{Duration, Instant};

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, run};
use serde_json::json;

/// A list with so many `or` terms, each with another text.
fn many_terms(terms: usize, number: usize) -> String {
    let terms: Vec<String> =
        (0..terms).map(|at| format!("{{ text: {{ contains: \"{number} {at}\" }} }}")).collect();
    format!("{{ findings(filter: {{ or: [{}] }}) {{ totalCount }} }}", terms.join(", "))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_keys_heavy_queries_leave_connections_to_another_key() {
    let database = TestDatabase::new().await;
    let made = |name: &str| {
        run(database.url(), &["key", "create", name, "--role", "analyst"]).trim().to_owned()
    };
    let (heavy, light) = (made("heavy"), made("light"));
    let options =
        ["--connections", "4", "--no-cache", "answers", "--timeout-ms", "60000", "--rate", "0"];
    let server = Server::start(database.url(), &options);
    // While the table is locked, queries on it last as long as this test wants, whatever the
    // machine.
    let lock = connect(database.url()).await.expect("the database answers");
    lock.batch_execute("begin; lock table warehouse.finding in access exclusive mode")
        .await
        .expect("locked");
    let watch = connect(database.url()).await.expect("the database answers");
    std::thread::scope(|scope| {
        let requested: Vec<_> = (0..20)
            .map(|number| {
                let (server, heavy) = (&server, &heavy);
                scope.spawn(move || server.query_as(Some(heavy), &many_terms(400, number)).2)
            })
            .collect();
        let waiting = || async {
            let sql = "select count(*) from pg_stat_activity where datname = current_database() \
                       and application_name = 'hotwash api' and wait_event_type = 'Lock'";
            watch.query_one(sql, &[]).await.expect("the database answers").get::<_, i64>(0)
        };
        let runtime = tokio::runtime::Handle::current();
        let waiting = || tokio::task::block_in_place(|| runtime.block_on(waiting()));
        let deadline = Instant::now() + Duration::from_secs(30);
        while waiting() < 2 {
            assert!(Instant::now() < deadline, "the heavy queries reach the database");
            std::thread::sleep(Duration::from_millis(20));
        }
        for _ in 0..20 {
            let (status, _, answer) =
                server.query_as(Some(&light), "{ regions { code } incidents { totalCount } }");
            assert_eq!((status, answer["data"]["regions"].is_array()), (200, true), "{answer}");
        }
        assert_eq!(
            waiting(),
            2,
            "half of four connections, and the rest of the queries in the key's own queue"
        );
        assert!(
            requested.iter().all(|one| !one.is_finished()),
            "the heavy queries were under way all the time"
        );
        tokio::task::block_in_place(|| runtime.block_on(lock.batch_execute("rollback")))
            .expect("unlocked");
        for one in requested {
            let answer = one.join().expect("the query ends");
            assert_eq!(answer["data"]["findings"]["totalCount"], 0, "{answer}");
            let cost = &answer["extensions"]["cost"]["query"];
            assert_eq!(cost, &json!(2 + 400 * 500), "each condition costs");
        }
    });
}

#[tokio::test]
async fn a_filter_beyond_the_cost_limit_is_rejected_before_it_runs() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &["--no-cache", "columns"]);
    let answer = server.post(&many_terms(5_000, 0));
    let error = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&error["code"], &error["limit"]),
        (&json!("QUERY_TOO_COMPLEX"), &json!("cost")),
        "{answer}"
    );
    assert_eq!(error["asked"], 2 + 5_000 * 500);
    let nested = format!(
        "{{ events(first: 1000) {{ nodes {{ {} }} }} }}",
        many_terms(5, 0).trim_matches(|letter| matches!(letter, '{' | '}' | ' ')).to_owned() + " }"
    );
    let answer = server.post(&nested);
    assert_eq!(
        answer["errors"][0]["extensions"]["limit"], "cost",
        "once for each record of the page: {answer}"
    );
}
