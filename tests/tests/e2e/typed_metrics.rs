//! The typed field of each metric gives what `metric(id:)` gives, to every viewer.

use hotwash_metrics::{Dimension, Extra, ExtraKind, MetricDefinition, registry};
use hotwash_schema::global_id::global_id;
use hotwash_tests::coalition::{generated, released};
use hotwash_tests::{Server, hotwash};
use serde_json::{Map, Value, json};

const AS_OF: &str = "2026-06-30";
const VALUES: &str = "period periodStart value unit numerator denominator n ciLow ciHigh \
    reliability note records(first: 3) { totalCount nodes { id type part } }";

/// Returns a new key of this name.
fn key(url: &str, name: &str, arguments: &[&str]) -> String {
    let mut all = vec!["key", "create", name];
    all.extend(arguments);
    let output = hotwash(url, &all).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Returns the member of a group key's object that filters take.
fn member(dimension: Dimension) -> Option<&'static str> {
    match dimension {
        Dimension::Region | Dimension::Hazard => Some("code"),
        Dimension::Capability => Some("key"),
        Dimension::Organization => Some("number"),
        _ => None,
    }
}

/// Returns the selection of extras.
fn selected(extras: &[Extra]) -> String {
    let one = |extra: &Extra| match extra.kind {
        ExtraKind::List(item) => format!("{} {{ {} }}", extra.name, selected(item.fields)),
        _ => extra.name.to_owned(),
    };
    extras.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Returns the query by the typed field, with these arguments.
fn typed(definition: &MetricDefinition, arguments: &str) -> String {
    let keys: String = definition
        .dimensions
        .iter()
        .map(|dimension| match member(*dimension) {
            Some(member) => format!("{} {{ {member} }} ", dimension.key()),
            None => format!("{} ", dimension.key()),
        })
        .collect();
    format!(
        "{{ metric: {}{arguments} {{ asOf unit snapshotVersion rows {{ {keys} {VALUES} {} }} }} }}",
        definition.field_name(),
        selected(definition.extras)
    )
}

/// Returns the same query by `metric(id:)`.
fn generic(definition: &MetricDefinition, arguments: &str) -> String {
    format!(
        "{{ metric(id: \"{}\"{arguments}) {{ asOf unit snapshotVersion rows {{ dimensions {VALUES} \
         extra }} }} }}",
        definition.id
    )
}

/// Returns an extra of `metric(id:)` in its type.
fn in_type(extra: &Extra, value: &Value) -> Value {
    match (extra.kind, value) {
        (ExtraKind::Parameter, Value::String(choice)) => choice.to_uppercase().into(),
        (ExtraKind::Record(record), Value::Number(key)) => global_id(record, key).into(),
        (ExtraKind::List(item), Value::Array(all)) => {
            all.iter().map(|one| Value::Object(in_types(item.fields, one))).collect()
        }
        (_, value) => value.clone(),
    }
}

/// Returns all declared extras of `metric(id:)` in their types.
fn in_types(extras: &[Extra], values: &Value) -> Map<String, Value> {
    let typed = |extra: &Extra| (extra.name.to_owned(), in_type(extra, &values[extra.name]));
    extras.iter().map(typed).collect()
}

/// Returns the answer of `metric(id:)` as the typed field gives it.
fn converted(definition: &MetricDefinition, mut answer: Value) -> Value {
    let rows = answer.pointer_mut("/data/metric/rows").and_then(Value::as_array_mut);
    for row in rows.into_iter().flatten() {
        let keys = row["dimensions"].take();
        for dimension in definition.dimensions {
            let key = &keys[dimension.key()];
            row[dimension.key()] = match member(*dimension) {
                Some(member) if !key.is_null() => json!({ member: key }),
                _ => key.clone(),
            };
        }
        let extras = in_types(definition.extras, &row["extra"]);
        let members = row.as_object_mut().unwrap();
        members.remove("dimensions");
        members.remove("extra");
        members.extend(extras);
    }
    answer
}

/// Returns data and the messages of errors.
fn essence(answer: &Value) -> Value {
    let errors = answer["errors"].as_array().into_iter().flatten();
    let errors: Vec<(&Value, &Value)> =
        errors.map(|error| (&error["message"], &error["extensions"]["code"])).collect();
    json!([answer["data"], errors])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_field_gives_what_the_generic_field_gives_to_every_viewer() {
    let database = generated(5).await;
    let url = database.url();
    released(url);
    let server = Server::start(url, &["--rate", "0", "--budget", "0"]);
    let analyst = key(url, "analyst", &["--role", "analyst"]);
    let member = key(url, "member", &["--role", "region", "--region", "3"]);
    let mut suppressed = 0;
    for definition in registry().iter().map(|metric| metric.definition()) {
        let mut given = vec![
            (&analyst, format!("asOf: \"{AS_OF}\""), String::new()),
            (&analyst, format!("asOf: \"{AS_OF}\", period: FISCAL_YEAR"), String::new()),
            (&member, String::new(), String::new()),
            (&member, "period: QUARTER".to_owned(), String::new()),
            (&member, format!("asOf: \"{AS_OF}\", from: \"2025-01-01\""), String::new()),
        ];
        if definition.dimensions.contains(&Dimension::Region) {
            for filter in ["{ region: { eq: \"3\" } }", "{ region: { in: [\"3\", \"2\"] } }"] {
                given.push((
                    &member,
                    format!("filter: {filter}, groupBy: [REGION]"),
                    String::new(),
                ));
            }
        }
        for parameter in definition.parameters {
            let value =
                parameter.allowed.last().map_or_else(|| "7".into(), |one| format!("\"{one}\""));
            let named = format!("parameters: {{ {}: {value} }}", parameter.name);
            let own = value.trim_matches('"').to_uppercase();
            for viewer in [&analyst, &member] {
                given.push((viewer, format!("{}: {own}", parameter.name), named.clone()));
            }
        }
        for (viewer, own, named) in given {
            let by_id = if named.is_empty() { &own } else { &named };
            let by_id = if by_id.is_empty() { String::new() } else { format!(", {by_id}") };
            let own = if own.is_empty() { String::new() } else { format!("({own})") };
            let (_, _, wanted) = server.query_as(Some(viewer), &generic(definition, &by_id));
            let (_, _, found) = server.query_as(Some(viewer), &typed(definition, &own));
            let wanted = essence(&converted(definition, wanted));
            let found = essence(&found);
            assert!(
                found == wanted,
                "{}{own}:\n{:.3000}\n{:.3000}",
                definition.id,
                found.to_string(),
                wanted.to_string()
            );
            if viewer == &member {
                suppressed += found.to_string().matches("\"SUPPRESSED\"").count();
            }
        }
    }
    assert!(suppressed > 0, "a member sees suppressed rows of other regions");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_field_names_its_groups_and_takes_only_its_own_arguments() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &["--rate", "0"]);
    let answer = server.data(
        "{ capabilityPerformance(groupBy: [REGION, CAPABILITY], asOf: \"2026-06-30\", filter: { \
         region: { eq: \"3\" }, capability: { eq: \"PHEP:10\" } }) { unit rows { region { code \
         name } capability { key framework code name } hazard { code } p } } }",
    );
    let found = &answer["capabilityPerformance"];
    assert_eq!(found["unit"], "SHARE");
    let row = &found["rows"][0];
    assert_eq!(row["region"], json!({ "code": "3", "name": "Northeast Massachusetts" }));
    assert_eq!(
        row["capability"],
        json!({ "key": "PHEP:10", "framework": "PHEP", "code": "10", "name": "Medical Surge" })
    );
    assert!(row["hazard"].is_null() && row["p"].is_i64(), "{row}");
    let trend = server.data(
        "{ capabilityTrend(groupBy: [], asOf: \"2026-06-30\") { rows { verdict pValue } } \
         __type(name: \"CapabilityTrendVerdict\") { enumValues { name } } }",
    );
    let verdicts = trend["__type"]["enumValues"].as_array().unwrap();
    let verdict = &trend["capabilityTrend"]["rows"][0]["verdict"];
    assert!(verdicts.iter().any(|known| known["name"] == *verdict), "{trend}");
    for (query, wanted) in [
        ("incidentBurden(filter: { capability: { eq: \"PHEP:10\" } })", "capability"),
        ("incidentBurden(groupBy: [CAPABILITY])", "CAPABILITY"),
        ("incidentBurden(response: SOME)", "SOME"),
        ("incidentBurden(months: 12)", "months"),
        ("hazardCoverage(months: \"twelve\")", "twelve"),
    ] {
        let answer = server.post(&format!("{{ {query} {{ asOf }} }}"));
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(wanted), "{query}: {answer}");
    }
}
