//! The typed field of each metric gives what `metric(id:)` gives, to every viewer.

use hotwash_metrics::{Dimension, Extra, ExtraKind, MetricDefinition, registry};
use hotwash_schema::global_id::global_id;
use hotwash_tests::coalition::{generated, released};
use hotwash_tests::{Server, hotwash};
use serde_json::{Map, Value, json};

const AS_OF: &str = "2026-06-30";
const VALUES: &str = "period periodStart value unit numerator denominator n ciLow ciHigh \
    reliability note records(first: 3) { totalCount nodes { id recordType part } }";

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

#[tokio::test(flavor = "multi_thread")]
async fn each_repeat_names_the_earlier_finding_with_both_texts() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &["--rate", "0"]);
    let answer = server.data(
        "{ repeatFindings(groupBy: [REGION], filter: { region: { eq: \"3\" } }, asOf: \
         \"2026-06-30\") { rows { repeats n records(first: 1000) { totalCount nodes { part record \
         { id ... on Finding { text capability { code } event { localDate } } } repeats { id text \
         capability { code } event { localDate } } } } } } }",
    );
    let row = &answer["repeatFindings"]["rows"][0];
    let records = row["records"]["nodes"].as_array().unwrap();
    assert_eq!(row["records"]["totalCount"], row["n"]);
    let of = |part: &str| records.iter().filter(|one| one["part"] == part).collect::<Vec<_>>();
    let (repeats, others) = (of("NUMERATOR"), of("DENOMINATOR"));
    assert_eq!(row["repeats"], repeats.len());
    assert!(!repeats.is_empty() && !others.is_empty(), "{row}");
    assert!(others.iter().all(|one| one["repeats"].is_null()), "{row}");
    for one in repeats {
        let (record, earlier) = (&one["record"], &one["repeats"]);
        assert!(record["text"].is_string() && earlier["text"].is_string(), "{one}");
        assert_eq!(record["capability"], earlier["capability"], "{one}");
        let began = |finding: &Value| finding["event"]["localDate"].as_str().unwrap().to_owned();
        assert!(began(earlier) < began(record), "{one}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_compared_with_an_earlier_period_as_far_as_the_viewer_may_see_both() {
    let database = generated(5).await;
    let url = database.url();
    released(url);
    let server = Server::start(url, &["--rate", "0", "--budget", "0"]);
    let analyst = key(url, "analyst", &["--role", "analyst"]);
    let member = key(url, "member", &["--role", "region", "--region", "3"]);
    let change = "comparison { previous previousN difference ciLow ciHigh ratio ratioLow ratioHigh \
        pValue verdict }";
    // Each row of a period has as previous value that of the row of the period before.
    for viewer in [&analyst, &member] {
        let (_, _, answer) = server.query_as(
            Some(viewer),
            &format!(
                "{{ capabilityPerformance(groupBy: [REGION], period: FISCAL_YEAR, compare: {{ to: \
                 PREVIOUS_PERIOD }}) {{ rows {{ region {{ code }} period value n reliability \
                 {change} }} }} }}"
            ),
        );
        let rows = answer["data"]["capabilityPerformance"]["rows"].as_array().unwrap();
        let mut tested = 0;
        for pair in rows.windows(2).filter(|pair| pair[0]["region"] == pair[1]["region"]) {
            let (before, change) = (&pair[0], &pair[1]["comparison"]);
            assert_eq!(
                (&change["previous"], &change["previousN"]),
                (&before["value"], &before["n"])
            );
            let hidden = pair.iter().any(|row| row["reliability"] != "OK");
            assert_eq!(change["verdict"] == "TOO_FEW", hidden, "{pair:?}");
            if pair.iter().any(|row| row["value"].is_null()) {
                assert!(change["difference"].is_null() && change["ciLow"].is_null(), "{pair:?}");
            } else if !hidden {
                let number = |name: &str| change[name].as_f64().unwrap();
                let difference = number("difference");
                assert!(number("ciLow") <= difference && difference <= number("ciHigh"));
                tested += 1;
            }
        }
        assert!(tested > 0, "{rows:?}");
    }
    // Two windows without periods, typed and by id.
    let arguments = "groupBy: [REGION], from: \"2025-01-01\", to: \"2025-12-31\", asOf: \
        \"2026-06-30\", compare: { to: YEAR_BEFORE }";
    let by_days = "groupBy: [REGION], from: \"2025-01-01\", to: \"2025-12-31\", asOf: \
        \"2026-06-30\", compare: { days: { from: \"2024-01-01\", to: \"2024-12-31\" } }";
    let asked = |query: &str| server.query_as(Some(&analyst), query).2;
    let answer = asked(&format!(
        "{{ exerciseCadence({arguments}) {{ rows {{ value {change} }} }} metric(id: \
         \"exercise_cadence\", {by_days}) {{ rows {{ value {change} }} }} before: exerciseCadence(\
         groupBy: [REGION], from: \"2024-01-01\", to: \"2024-12-31\", asOf: \"2026-06-30\") {{ \
         rows {{ value }} }} }}"
    ));
    let data = &answer["data"];
    assert!(data["exerciseCadence"] == data["metric"], "{answer}");
    let rows = data["exerciseCadence"]["rows"].as_array().unwrap();
    for (row, before) in rows.iter().zip(data["before"]["rows"].as_array().unwrap()) {
        assert_eq!(row["comparison"]["previous"], before["value"]);
        assert!(row["comparison"]["ratioLow"].is_f64(), "{row}");
    }
    assert!(!rows.is_empty());
    let answer = asked("{ exerciseCadence(compare: { to: PREVIOUS_PERIOD }) { asOf } }");
    let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("give period, or from and to"), "{answer}");
}

#[tokio::test]
async fn two_comparisons_of_one_dimension_must_both_hold() {
    let database = generated(5).await;
    let server = Server::start(database.url(), &[]);
    for (filter, expected) in [
        ("eq: \"3\", in: [\"2\", \"3\"]", json!([{ "region": { "code": "3" } }])),
        ("in: [\"2\"], eq: \"3\"", json!([])),
    ] {
        let query = format!(
            "{{ actionClosure(filter: {{ region: {{ {filter} }} }}, groupBy: [REGION]) {{ rows {{ \
             region {{ code }} }} }} }}"
        );
        assert_eq!(server.data(&query)["actionClosure"]["rows"], expected, "{filter}");
    }
}
