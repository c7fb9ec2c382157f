//! BI tools: a login that can do no harm, and model files that match the database.

use std::io::Read;
use std::time::Instant;

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, hotwash, run};
use serde_json::Value;

fn login_name() -> String {
    format!("bi_{:016x}", rand::random::<u64>())
}

fn granted(url: &str, login: &str, more: &[&str]) -> String {
    let mut all = vec!["bi", "grant", login, "--json"];
    all.extend(more);
    let reported: Value = serde_json::from_str(&run(url, &all)).unwrap();
    let (_, server) = url.rsplit_once('@').unwrap();
    format!("postgres://{login}:{}@{server}", reported["password"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runaway_query_is_canceled_and_the_api_answers_meanwhile_and_after() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let login = login_name();
    let address = granted(database.url(), &login, &["--role", "analyst", "--timeout", "2"]);
    let client = connect(&address).await.unwrap();
    let began = Instant::now();
    let runaway = tokio::spawn(async move {
        let error = client
            .batch_execute("select count(*) from dim_date a, dim_date b, dim_date c")
            .await
            .unwrap_err();
        assert_eq!(
            error.code().map(|code| code.code()),
            Some("57014"),
            "cancelled by its timeout: {error}"
        );
        let write = client.batch_execute("delete from warehouse.event").await.unwrap_err();
        assert_eq!(write.code().map(|code| code.code()), Some("25006"), "refused: {write}");
    });
    let mut answers = 0;
    while !runaway.is_finished() {
        assert!(server.data("{ regions { code } }")["regions"].is_array());
        answers += 1;
    }
    runaway.await.unwrap();
    assert!(answers > 0 && began.elapsed().as_secs() < 60, "{answers} answers meanwhile");
    assert!(server.data("{ events { totalCount } }")["events"]["totalCount"].is_number());
    run(database.url(), &["bi", "revoke", &login]);
    assert!(connect(&address).await.is_err(), "a revoked login comes in no more");
    let unknown = hotwash(database.url(), &["bi", "revoke", &login]).output().unwrap();
    assert!(!unknown.status.success());
    let endless =
        hotwash(database.url(), &["bi", "grant", "any", "--timeout", "0"]).output().unwrap();
    assert_eq!(endless.status.code(), Some(2), "a login without a limit is wrong usage");
}

#[tokio::test]
async fn every_description_names_every_view_and_the_superset_bundle_is_complete() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    let described = |format: &str| run(database.url(), &["bi", "describe", "--format", format]);
    let texts: Vec<(String, String)> = ["markdown", "csv", "cube", "dbt"]
        .iter()
        .map(|format| ((*format).to_owned(), described(format)))
        .collect();
    let views: Vec<String> = client
        .query(
            "select relname::text from pg_class where relnamespace = 'bi'::regnamespace and \
             relkind in ('r', 'v')",
            &[],
        )
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert!(views.len() >= 45, "7 dimensions and the bridge, 10 facts, 27 metrics: {views:?}");
    for view in &views {
        for (format, text) in &texts {
            assert!(text.contains(view.as_str()), "{format} does not name {view}");
        }
    }
    assert!(texts[0].1.contains("Database "), "the connection settings come first");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.zip");
    run(
        database.url(),
        &[
            "bi",
            "describe",
            "--format",
            "superset",
            "--login",
            "tool",
            "--out",
            file.to_str().unwrap(),
        ],
    );
    let mut bundle = zip::ZipArchive::new(std::fs::File::open(&file).unwrap()).unwrap();
    let mut files = std::collections::BTreeMap::new();
    for place in 0..bundle.len() {
        let mut entry = bundle.by_index(place).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        files.insert(name, serde_json::from_str::<Value>(&text).unwrap());
    }
    let uri = files["hotwash/databases/Hotwash.yaml"]["sqlalchemy_uri"].as_str().unwrap();
    assert!(uri.starts_with("postgresql+psycopg2://tool:XXXXXXXXXX@"), "{uri}");
    let sets: Vec<&Value> =
        files.iter().filter(|(name, _)| name.contains("/datasets/")).map(|(_, set)| set).collect();
    assert_eq!(sets.len(), views.iter().filter(|view| is_set(view)).count());
    for set in &sets {
        // Queries that Superset will run: the data set's own, and each of its measures.
        let from = set["sql"].as_str().map_or_else(
            || format!("bi.{}", set["table_name"].as_str().unwrap()),
            |sql| format!("({sql}) as virtual_table"),
        );
        let measures: Vec<&str> = set["metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|measure| measure["expression"].as_str().unwrap())
            .collect();
        client.query(&format!("select {} from {from}", measures.join(", ")), &[]).await.unwrap();
    }
    let charts: Vec<&Value> = files
        .iter()
        .filter(|(name, _)| name.contains("/charts/"))
        .map(|(_, chart)| chart)
        .collect();
    assert_eq!(charts.len(), 10, "a chart whose data set or measure is gone is left out");
    for chart in &charts {
        assert!(sets.iter().any(|set| set["uuid"] == chart["dataset_uuid"]), "{chart}");
        let position = files["hotwash/dashboards/Hotwash.yaml"]["position"].to_string();
        assert!(
            position.contains(chart["uuid"].as_str().unwrap()),
            "{} is not on the dashboard",
            chart["slice_name"]
        );
    }
}

fn is_set(view: &str) -> bool {
    view.starts_with("fact_") || (view.starts_with("metric_") && view != "metric_value")
}
