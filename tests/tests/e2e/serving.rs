//! `hotwash serve`: health, errors and lists, and that a load in another process becomes visible.

use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, both, hotwash, repository, run};

fn declarations() -> String {
    repository()
        .join("etl/samples/disaster_declarations_summaries_v2.csv")
        .to_string_lossy()
        .into_owned()
}

#[tokio::test]
async fn a_load_in_another_process_is_seen_by_metrics_within_seconds_and_lists_agree() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let count = "{ incidents(first: 1) { totalCount } metric(id: \"incident_burden\", groupBy: []) \
        { snapshotVersion rows { n } } }";
    let before = server.data(count);
    assert_eq!(before["incidents"]["totalCount"], 0, "{before}");
    run(database.url(), &["load", &declarations()]);
    let deadline = Instant::now() + Duration::from_secs(10);
    let after = loop {
        let now = server.data(count);
        if now["metric"]["snapshotVersion"] != before["metric"]["snapshotVersion"]
            && now["metric"]["rows"][0]["n"].as_i64().unwrap_or(0) > 0
        {
            break now;
        }
        assert!(Instant::now() < deadline, "the snapshot did not follow the load: {now}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(after["metric"]["rows"][0]["n"], after["incidents"]["totalCount"], "{after}");
}

#[tokio::test]
async fn health_readiness_and_measurements_are_served() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    for path in ["healthz", "readyz", "metrics", "data"] {
        let response = ureq::get(format!("{}/{path}", server.base)).call().unwrap();
        assert_eq!(response.status(), 200, "/{path}");
        let head = ureq::head(format!("{}/{path}", server.base)).call().unwrap();
        assert_eq!(head.status(), 200, "HEAD /{path}");
    }
}

#[tokio::test]
async fn a_wrong_query_names_its_fault_with_a_code_and_never_sql() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    for (query, code) in [
        ("{ incidents(first: 5000) { totalCount } }", "BAD_USER_INPUT"),
        ("{ nonsense }", "BAD_USER_INPUT"),
        ("{ metric(id: \"no_such_metric\") { rows { n } } }", "BAD_USER_INPUT"),
        ("{ incidents(after: \"garbage\") { totalCount edges { cursor } } }", "BAD_USER_INPUT"),
        ("{ node(id: \"garbage\") { id } }", "BAD_USER_INPUT"),
    ] {
        let answer = server.post(query);
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{query}\n{answer}");
        assert!(!answer.to_string().to_lowercase().contains("select "), "{answer}");
    }
}

#[tokio::test]
async fn every_error_answer_leads_to_its_entry_in_the_list() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &["--max-body-bytes", "1000"]);
    let page = std::fs::read_to_string(repository().join("docs/errors.md")).unwrap();
    let explained = |error: &serde_json::Value| {
        let help = error["help"].as_str().unwrap_or_else(|| panic!("no help in {error}"));
        let code = help.strip_prefix("docs/errors.md#").unwrap().to_uppercase();
        assert!(page.contains(&format!("\n### `{code}`\n")), "{help}");
        code
    };
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    for (path, status, code) in [
        ("/nothing", 404, "NOT_FOUND"),
        ("/export/nothing.csv", 404, "NOT_FOUND"),
        ("/export/events.csv?nothing=1", 400, "BAD_USER_INPUT"),
        ("/metrics/nothing.json", 404, "NOT_FOUND"),
        ("/metrics/incident_burden.json?response=no", 400, "BAD_USER_INPUT"),
    ] {
        let mut answer = agent.get(format!("{}{path}", server.base)).call().unwrap();
        let error: serde_json::Value = answer.body_mut().read_json().unwrap();
        let found = (answer.status().as_u16(), explained(&error));
        assert_eq!(found, (status, code.to_owned()), "{path}: {error}");
        assert_eq!(error["code"], code, "{path}: {error}");
    }
    let long = format!("{{\"query\": \"{{ regions {{ code }} }} # {} \"}}", "x".repeat(2_000));
    for (accept, content_type, body, status, code, graphql) in [
        ("*/*", "application/json", "{", 400, "BAD_USER_INPUT", "BAD_USER_INPUT"),
        ("*/*", "text/plain", "{}", 415, "UNSUPPORTED_MEDIA_TYPE", "BAD_USER_INPUT"),
        ("text/html", "application/json", "{}", 406, "NOT_ACCEPTABLE", "BAD_USER_INPUT"),
        ("*/*", "application/json", &long, 413, "BODY_TOO_LARGE", "QUERY_TOO_COMPLEX"),
    ] {
        let request = agent.post(format!("{}/graphql", server.base));
        let request = request.header("accept", accept).header("content-type", content_type);
        let mut answer = request.send(body).unwrap();
        let error: serde_json::Value = answer.body_mut().read_json().unwrap();
        let extensions = &error["errors"][0]["extensions"];
        let found = (answer.status().as_u16(), explained(extensions));
        assert_eq!(found, (status, code.to_owned()), "{content_type}: {error}");
        assert_eq!(extensions["code"], graphql, "{content_type}: {error}");
    }
    let unknown = server.post("{ metric(id: \"nothing\") { rows { n } } }");
    assert_eq!(explained(&unknown["errors"][0]["extensions"]), "NOT_FOUND");
}

#[tokio::test]
async fn a_port_in_use_and_a_foreign_address_are_rejected_with_advice() {
    let database = TestDatabase::new().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = hotwash(database.url(), &["serve", "--listen", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(both(&output).contains(&address), "{}", both(&output));
    let output = hotwash(database.url(), &["serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(both(&output).contains("127.0.0.1"), "says what to do: {}", both(&output));
}

#[cfg(unix)]
#[tokio::test]
async fn the_server_stops_gracefully_on_a_signal() {
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let began = Instant::now();
    assert_eq!(server.stop(), Some(0), "a graceful stop is a success");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?} after SIGTERM", began.elapsed());
}

fn statements(server: &Server) -> f64 {
    let text = ureq::get(format!("{}/metrics", server.base))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    text.lines()
        .find_map(|line| line.strip_prefix("hotwash_sql_statements "))
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_page_of_100_events_with_hazard_regions_and_counties_takes_one_statement() {
    let database = TestDatabase::new().await;
    run(
        database.url(),
        &[
            "load",
            &repository()
                .join("etl/samples/storm_data_search_results_suffolk_ma.csv")
                .to_string_lossy(),
            &declarations(),
        ],
    );
    let server = Server::start(database.url(), &[]);
    // The first page also reads hazards, regions and counties, which are kept in memory.
    for (size, expected) in [(1, 2.0), (100, 1.0)] {
        let before = statements(&server);
        let page = server.data(&format!(
            "{{ events(first: {size}) {{ nodes {{ name hazard {{ code }} regions {{ totalCount \
             pageInfo {{ endCursor hasNextPage }} nodes {{ code }} }} counties {{ nodes {{ fips }} \
             }} incident {{ deathsDirect }} }} }} }}"
        ));
        assert_eq!(page["events"]["nodes"].as_array().unwrap().len(), size);
        assert_eq!(statements(&server) - before, expected, "statements for a page of {size}");
    }
    let before = statements(&server);
    server.data("{ events(first: 100) { totalCount nodes { name } } }");
    assert_eq!(
        statements(&server) - before,
        2.0,
        "a total count is one statement more, and only when asked for"
    );
}

#[tokio::test]
async fn pages_in_both_directions_cover_the_list_once_and_in_order() {
    let database = TestDatabase::new().await;
    run(database.url(), &["load", &declarations()]);
    let server = Server::start(database.url(), &[]);
    let whole = server.data(
        "{ incidents(first: 1000, orderBy: [{declarationType: DESC}]) { nodes { \
            declarationNumber } } }",
    );
    let whole = whole["incidents"]["nodes"].as_array().unwrap().clone();
    assert_eq!(whole.len(), 94);
    for (size, cursor, more, edge, backward) in [
        ("first", "after", "hasNextPage", "endCursor", false),
        ("last", "before", "hasPreviousPage", "startCursor", true),
    ] {
        let mut seen = Vec::new();
        let mut place = String::new();
        loop {
            let page = server.data(&format!(
                "{{ incidents({size}: 10{place}, orderBy: [{{declarationType: DESC}}]) {{ nodes {{ \
                 declarationNumber }} pageInfo {{ {more} {edge} }} }} }}"
            ));
            let nodes = page["incidents"]["nodes"].as_array().unwrap().clone();
            if backward {
                seen.splice(0..0, nodes)
            } else {
                let end = seen.len();
                seen.splice(end..end, nodes)
            };
            if page["incidents"]["pageInfo"][more] != true {
                break;
            }
            place = format!(", {cursor}: {}", page["incidents"]["pageInfo"][edge]);
        }
        assert_eq!(seen, whole, "{size}");
    }
}

#[tokio::test]
async fn filters_nest_and_aggregates_agree_with_lists_and_metrics() {
    let database = TestDatabase::new().await;
    run(
        database.url(),
        &[
            "load",
            &repository()
                .join("etl/samples/storm_data_search_results_suffolk_ma.csv")
                .to_string_lossy(),
            &declarations(),
        ],
    );
    let server = Server::start(database.url(), &[]);
    let answer = server.data(
        "{ nested: incidents(filter: {event: {hazard: {category: {eq: \"natural\"}}}, not: {event: \
         {regions: {code: {eq: \"4C\"}}}}}) { totalCount } \
           plain: incidents(filter: {hazardCategory: {eq: \"natural\"}, or: [{regionCode: \
           {eq: \"4C\"}}]}) { totalCount } \
           all: incidentAggregate { count } \
           regions: incidentAggregate(groupBy: [REGION_CODE], orderBy: [{key: ASC}]) { key { regionCode } \
           count } \
           some: incidentAggregate(groupBy: [HAZARD_CODE], having: {count: {gt: 50}}) { key { hazardCode } \
           count } \
           metric(id: \"incident_burden\", groupBy: [REGION]) { rows { region n } } }",
    );
    let total = |name: &str| answer[name]["totalCount"].as_i64().unwrap();
    assert_eq!(
        total("nested") + total("plain"),
        answer["all"][0]["count"].as_i64().unwrap(),
        "{answer:#}"
    );
    let mut groups: Vec<(String, i64)> = answer["regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (row["key"]["regionCode"].as_str().unwrap().into(), row["count"].as_i64().unwrap())
        })
        .collect();
    let mut rows: Vec<(String, i64)> = answer["metric"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["region"].as_str().unwrap().into(), row["n"].as_i64().unwrap()))
        .collect();
    groups.sort();
    rows.sort();
    assert_eq!(groups, rows, "the aggregate in Postgres and the metric in Polars count alike");
    assert_eq!(
        answer["some"],
        serde_json::json!([{ "key": { "hazardCode": "tornado" }, "count": 94 }])
    );
}
