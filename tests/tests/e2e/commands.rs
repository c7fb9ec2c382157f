//! Commands that list what loads reported, and exit codes of wrong usage.

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, both, hotwash, run};

#[tokio::test]
async fn warnings_of_a_load_are_listed_by_command_api_and_page() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.csv");
    let rows = "event_id,kind,name,start_at,hazards\n\
        E1,EXERCISE,Drill,2025-06-01 09:00,Zombie outbreak\n\
        E2,EXERCISE,Second drill,2025-07-01 09:00,Zombie outbreak\n";
    std::fs::write(&file, rows).unwrap();
    assert_eq!(run(database.url(), &["warnings"]).trim(), "no warnings");
    run(database.url(), &["load", file.to_str().unwrap()]);
    let listed = run(database.url(), &["warnings"]);
    for part in ["events.csv", "hazards", "Zombie outbreak", "UNMAPPED_HAZARD"] {
        assert!(listed.contains(part), "{part}: {listed}");
    }
    let json = run(database.url(), &["warnings", "--file", "events.csv", "--json"]);
    let warning: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!((&warning["row"], &warning["occurrences"]), (&2.into(), &2.into()), "{json}");
    assert_eq!(run(database.url(), &["warnings", "--file", "other.csv"]).trim(), "no warnings");
    // A later load without warnings leaves those of the earlier one.
    let clean = folder.path().join("clean.csv");
    std::fs::write(&clean, "day,text\n2025-06-01,New rota\n").unwrap();
    run(database.url(), &["load", clean.to_str().unwrap()]);
    assert_eq!(run(database.url(), &["warnings"]), listed);

    let server = Server::start(database.url(), &[]);
    let data = server.data(
        "{ warnings(filter: { code: { eq: \"UNMAPPED_HAZARD\" } }) { totalCount nodes { file \
         column value message firstRow occurrences } } }",
    );
    let node = &data["warnings"]["nodes"][0];
    assert_eq!(node["value"], "Zombie outbreak", "{data}");
    assert_eq!((&node["firstRow"], &node["message"]), (&warning["row"], &warning["message"]));
    let page = server.page("/data").2;
    assert!(page.contains("Warnings, by kind") && page.contains("Unmapped hazard"), "{page}");

    // Values may be of any region.
    let region = ["key", "create", "a-region", "--role", "region", "--region", "3"];
    let key = run(database.url(), &region);
    let (_, _, answer) = server.query_as(Some(key.trim()), "{ warnings { totalCount } }");
    assert_eq!(answer["data"]["warnings"]["totalCount"], 0, "{answer}");
    let key = run(database.url(), &["key", "create", "a-viewer", "--role", "viewer"]);
    let (_, _, answer) = server.query_as(Some(key.trim()), "{ warnings { totalCount } }");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
}

#[tokio::test]
async fn a_metric_query_that_names_something_unknown_exits_with_2() {
    let database = TestDatabase::new().await;
    for (arguments, message) in [
        (["action_closure", "--where", "region=9"], "region 9 is not known"),
        (["action_closure", "--period", "week"], "there is no period week"),
        (["action_closures", "--period", "month"], "there is no metric action_closures"),
    ] {
        let arguments = [&["metric"][..], &arguments].concat();
        let output = hotwash(database.url(), &arguments).output().unwrap();
        let printed = both(&output);
        assert_eq!(output.status.code(), Some(2), "{printed}");
        assert!(printed.contains(message), "{printed}");
    }
}
