//! From a group to its records: each key of each aggregate is a filter, also where it is empty.

use std::collections::HashMap;

use hotwash_schema::connect::connect;
use hotwash_tests::coalition::generated;
use hotwash_tests::{Server, run};
use serde_json::{Value, json};

const SCHEMA: &str = "{ __schema { types { name fields { name type { name ofType { name ofType { \
    name ofType { name } } } } } inputFields { name type { kind name } } enumValues { name \
    description } } } }";

/// Returns a value as a GraphQL literal.
fn literal(value: &Value, is_enum: bool) -> String {
    match value {
        Value::String(code) if is_enum => code.clone(),
        other => other.to_string(),
    }
}

/// Record type with aggregates: the name of its list, and its keys with the names of their enum.
struct Keys {
    list: String,
    keys: Vec<(String, String, bool)>,
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap().to_lowercase();
    words.fold(first, |text, word| text + &word[..1] + &word[1..].to_lowercase())
}

fn aggregates(server: &Server, key: Option<&str>) -> Vec<(String, Keys)> {
    let schema = server.query_as(key, SCHEMA).2["data"].take();
    let types: HashMap<&str, &Value> = schema["__schema"]["types"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one))
        .collect();
    let fields = types["Query"]["fields"].as_array().unwrap();
    let mut found = Vec::new();
    for (name, one) in &types {
        let Some(record) = name.strip_suffix("GroupKey") else { continue };
        let connection = json!(format!("{record}Connection"));
        let list = fields.iter().find(|field| field["type"]["name"] == connection);
        let filter =
            types[format!("{record}KeyFilter").as_str()]["inputFields"].as_array().unwrap();
        let keys = one["enumValues"].as_array().unwrap().iter().map(|value| {
            assert!(value["description"].as_str().is_some_and(|text| text.len() > 3));
            let name = value["name"].as_str().unwrap();
            let key = camel(name);
            let input = filter.iter().find(|input| input["name"] == key.as_str());
            let input = input.unwrap_or_else(|| panic!("{record}: no filter by the key {key}"));
            (name.to_owned(), key, input["type"]["kind"] == "ENUM")
        });
        let list = list.unwrap()["name"].as_str().unwrap().to_owned();
        found.push((record.to_owned(), Keys { list, keys: keys.collect() }));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// Checks that the filter of each group has as many records as the group. Returns the number of
/// groups checked, and of those without a value.
fn walk(server: &Server, key: Option<&str>, sees_records: bool) -> (usize, usize) {
    let (mut checked, mut empty) = (0, 0);
    for (record, Keys { list, keys }) in aggregates(server, key) {
        let root = record[..1].to_lowercase() + &record[1..] + "Aggregate";
        for (name, key_name, is_enum) in keys {
            let query = format!(
                "{{ {root}(groupBy: [{name}], limit: 10000) {{ key {{ {key_name} }} count }} }}"
            );
            let answer = server.query_as(key, &query).2;
            let groups = answer["data"][&root].as_array();
            let groups = groups.unwrap_or_else(|| panic!("{query}\n{answer}"));
            let is_unmapped = |group: &&Value| {
                ["unmapped", "UNMAPPED"].iter().any(|code| group["key"][&key_name] == *code)
            };
            let without = groups.iter().filter(|group| group["key"][&key_name].is_null());
            let unmapped = groups.iter().filter(is_unmapped);
            let chosen: Vec<&Value> = groups
                .iter()
                .take(3)
                .chain(groups.iter().rev().take(1))
                .chain(without)
                .chain(unmapped)
                .collect();
            if chosen.is_empty() {
                continue;
            }
            let mut parts = Vec::new();
            for (at, group) in chosen.iter().enumerate() {
                let value = literal(&group["key"][&key_name], is_enum);
                let filter = format!("filter: {{ key: {{ {key_name}: {value} }} }}");
                parts.push(format!("a{at}: {root}({filter}) {{ count }}"));
                if sees_records {
                    parts.push(format!("l{at}: {list}({filter}) {{ totalCount }}"));
                }
            }
            let query = format!("{{ {} }}", parts.join(" "));
            let answer = server.query_as(key, &query).2;
            for (at, group) in chosen.iter().enumerate() {
                let found = &answer["data"][format!("a{at}")][0]["count"];
                assert_eq!(found, &group["count"], "{root} {name} {group}\n{answer}");
                if sees_records {
                    let found = &answer["data"][format!("l{at}")]["totalCount"];
                    assert_eq!(found, &group["count"], "{list} {name} {group}\n{answer}");
                }
                checked += 1;
                empty += usize::from(group["key"][&key_name].is_null());
            }
        }
    }
    (checked, empty)
}

#[tokio::test]
async fn every_group_key_is_a_filter_with_the_records_of_its_group() {
    let database = generated(5).await;
    let client = connect(database.url()).await.unwrap();
    client
        .batch_execute(
            "update warehouse.corrective_action set owner_organization_id = -1, event_id = null \
                where corrective_action_id % 7 = 0;
             delete from warehouse.event_region where event_id % 9 = 0;
             delete from warehouse.finding_element where finding_id % 5 = 0",
        )
        .await
        .unwrap();
    let create = |arguments: &[&str]| {
        let key = run(database.url(), &[&["key", "create"], arguments].concat());
        key.trim().to_owned()
    };
    let analyst = create(&["analyst", "--role", "analyst"]);
    let region = create(&["region-1", "--role", "region", "--region", "1"]);
    let viewer = create(&["steering", "--role", "viewer"]);
    let limits = ["--budget", "0", "--rate", "0", "--no-cache", "answers"];
    let server = Server::start(database.url(), &limits);
    let (checked, empty) = walk(&server, Some(&analyst), true);
    assert!(checked > 600 && empty > 60, "{checked} groups, {empty} empty ones");
    let (checked, _) = walk(&server, Some(&region), true);
    assert!(checked > 500, "{checked}");
    let (checked, _) = walk(&server, Some(&viewer), false);
    assert!(checked > 50, "{checked}");
    // Keys of several dimensions together, of which one repeats the records of a group.
    let query = "{ findingAggregate(groupBy: [ELEMENT, REGION_CODE, EVENT_ID], limit: 200) { key { element \
        regionCode eventId eventName } count } }";
    for group in server.query_as(Some(&analyst), query).2["data"]["findingAggregate"]
        .as_array()
        .unwrap()
        .iter()
        .step_by(20)
    {
        let key = &group["key"];
        let filter = format!(
            "{{ key: {{ element: {}, regionCode: {}, eventId: {}, eventName: {} }} }}",
            key["element"], key["regionCode"], key["eventId"], key["eventName"]
        );
        let query = format!("{{ findings(filter: {filter}) {{ totalCount }} }}");
        let found = server.query_as(Some(&analyst), &query).2;
        assert_eq!(found["data"]["findings"]["totalCount"], group["count"], "{query}\n{found}");
    }
    // A group of an event that the viewer may not see has no name.
    let query = "{ correctiveActionAggregate(groupBy: [EVENT_ID], limit: 10000) { key { eventId \
        eventName } \
        } events(first: 1000, orderBy: []) { nodes { id name } } }";
    let answer = server.query_as(Some(&region), query).2;
    let nodes = answer["data"]["events"]["nodes"].as_array().unwrap();
    for group in answer["data"]["correctiveActionAggregate"].as_array().unwrap() {
        let (id, name) = (&group["key"]["eventId"], &group["key"]["eventName"]);
        let is_open = nodes.iter().any(|node| node["id"] == *id && node["name"] == *name);
        assert!(id.is_null() && name.is_null() || is_open, "{group}");
    }
    // Records without a region, by the filter of the lists.
    let sql = "select count(*), count(*) filter (where not exists (select from \
        warehouse.event_region w where w.event_id = v.event_id)), count(*) filter (where not \
        exists (select from warehouse.event_region w join warehouse.region g using (region_id) \
        where w.event_id = v.event_id and g.code = '3')) from warehouse.event v";
    let row = client.query_one(sql, &[]).await.unwrap();
    let expected: [i64; 3] = [row.get(0), row.get(1), row.get(2)];
    let queries = [
        ("all", ""),
        ("none", "(filter: { regionCode: { isNull: true } })"),
        ("others", "(filter: { regionCode: { ne: \"3\" } })"),
        // The code of the group of events without a region.
        ("unmapped", "(filter: { regionCode: { eq: \"unmapped\" } })"),
        ("either", "(filter: { regionCode: { in: [\"unmapped\", \"3\"] } })"),
        ("neither", "(filter: { regionCode: { notIn: [\"unmapped\", \"3\"] } })"),
        ("mapped", "(filter: { regionCode: { ne: \"unmapped\" } })"),
    ];
    let parts = queries.map(|(name, filter)| format!("{name}: events{filter} {{ totalCount }}"));
    let query = format!("{{ {} }}", parts.join(" "));
    let answer = server.query_as(Some(&analyst), &query).2["data"].clone();
    let found = |list: &str| answer[list]["totalCount"].as_i64().unwrap();
    assert_eq!(["all", "none", "others"].map(found), expected);
    let [all, none, others] = expected;
    assert_eq!(found("unmapped"), none);
    assert_eq!(found("either"), all - others + none);
    assert_eq!(found("neither"), others - none);
    assert_eq!(found("mapped"), all - none);
    assert!(expected[1] > 0 && expected[1] < expected[2]);
}
