//! Every aggregate states which records it counted, for keys of each role.

use hotwash_schema::record::{RECORD_TYPES, Visibility};
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, run};
use serde_json::Value;

/// Returns the names of all aggregates, each with true if its records are open to everyone.
fn aggregates(server: &Server, key: Option<&str>) -> Vec<(String, bool)> {
    let answer = server.query_as(key, "{ __type(name: \"Query\") { fields { name } } }").2;
    let fields = answer["data"]["__type"]["fields"].as_array().unwrap();
    let names = fields.iter().filter_map(|field| field["name"].as_str());
    let open = RECORD_TYPES.iter().filter(|record| record.visibility == Visibility::Open);
    let open: Vec<String> = open.map(|record| record.name.replace('_', "")).collect();
    let aggregates = names.filter_map(|name| Some((name, name.strip_suffix("Aggregate")?)));
    let aggregates =
        aggregates.map(|(name, of)| (name.to_owned(), open.contains(&of.to_lowercase())));
    aggregates.collect()
}

/// Returns scope and count of each aggregate.
fn scopes(server: &Server, key: Option<&str>, names: &[(String, bool)]) -> Vec<(String, u64)> {
    let parts: Vec<String> =
        names.iter().map(|(name, _)| format!("{name} {{ scope count }}")).collect();
    let answer = server.query_as(key, &format!("{{ {} }}", parts.join(" "))).2;
    let group = |name: &str| -> &Value { &answer["data"][name][0] };
    let of = |name: &str| {
        let scope = group(name)["scope"].as_str();
        let scope = scope.unwrap_or_else(|| panic!("{name} has no scope: {answer}"));
        (scope.to_owned(), group(name)["count"].as_u64().unwrap())
    };
    names.iter().map(|(name, _)| of(name)).collect()
}

#[tokio::test]
async fn every_aggregate_states_which_records_it_counted() {
    let database = generated(5).await;
    let limits = ["--budget", "0", "--rate", "0"];
    // Without a key, the local user counts all records.
    let server = Server::start(database.url(), &limits);
    let names = aggregates(&server, None);
    assert!(names.len() > 15 && names.iter().any(|(_, open)| *open), "{names:?}");
    let all = scopes(&server, None, &names);
    assert!(all.iter().all(|(scope, _)| scope == "ALL_RECORDS"), "{all:?}");
    drop(server);
    let create = |arguments: &[&str]| {
        let key = run(database.url(), &[&["key", "create"], arguments].concat());
        key.trim().to_owned()
    };
    let analyst = create(&["analyst", "--role", "analyst"]);
    let region = create(&["region-1", "--role", "region", "--region", "1"]);
    let regions =
        create(&["regions", "--role", "region", "--region", "1", "--region", "3", "--region", "5"]);
    let viewer = create(&["steering", "--role", "viewer"]);
    let server = Server::start(database.url(), &limits);
    assert_eq!(scopes(&server, Some(&analyst), &names), all);
    let mut counted = vec![all.clone()];
    for (key, scope) in [
        (&regions, "OPEN_AND_OWN_RECORDS"),
        (&region, "OPEN_AND_OWN_RECORDS"),
        (&viewer, "OPEN_RECORDS"),
    ] {
        let found = scopes(&server, Some(key), &names);
        for (((name, is_open), found), of_all) in names.iter().zip(&found).zip(&all) {
            if *is_open {
                assert_eq!(found, of_all, "{name}");
            } else {
                assert_eq!(found.0, scope, "{name}");
            }
        }
        counted.push(found);
    }
    // Each scope counts at least as much as the next narrower one, and some count more.
    for pair in counted.windows(2) {
        assert!(pair[0].iter().zip(&pair[1]).all(|(wide, narrow)| wide.1 >= narrow.1), "{pair:?}");
        assert!(pair[0].iter().zip(&pair[1]).any(|(wide, narrow)| wide.1 > narrow.1), "{pair:?}");
    }
    // The scope alone needs no column, and groups have it too.
    let query = "{ all: eventAggregate { scope } kinds: eventAggregate(groupBy: [KIND]) { scope \
        __typename } }";
    let answer = server.query_as(Some(&viewer), query).2;
    let groups = answer["data"]["kinds"].as_array().unwrap();
    assert!(groups.iter().all(|group| group["scope"] == "OPEN_RECORDS"), "{answer}");
    assert_eq!(answer["data"]["all"][0]["scope"], "OPEN_RECORDS", "{answer}");
}
