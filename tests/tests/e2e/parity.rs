//! One number everywhere: the function, the command line, GraphQL and the table for BI tools give
//! the same bits.

use hotwash_metrics::{
    Dimension, Grain, MetricDefinition, MetricQuery, MetricRow, Snapshot, compare_regions,
    evaluate, publish, registry,
};
use hotwash_schema::access::Viewer;
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, both, hotwash, repository, run};
use serde_json::{Map, Value, json};

const AS_OF: &str = "2026-06-30";
const GRAINS: [(Option<Grain>, &str); 4] = [
    (None, "ALL"),
    (Some(Grain::Month), "MONTH"),
    (Some(Grain::Quarter), "QUARTER"),
    (Some(Grain::FiscalYear), "FISCAL_YEAR"),
];

/// Returns every number as its bits, so that nearly equal values differ.
fn bits(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(format!("{:x}", number.as_f64().unwrap().to_bits())),
        Value::Array(list) => list.iter().map(bits).collect(),
        Value::Object(fields) => {
            // Compare fields by name, since tables do not preserve their order.
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            Value::Object(
                sorted.into_iter().map(|(name, value)| (name.clone(), bits(value))).collect(),
            )
        }
        other => other.clone(),
    }
}

/// Collects dimensions, value, interval and extra fields of a row from any interface.
fn row(keys: &Value, extra: &Value, reported: &Value, names: [&str; 9]) -> Value {
    let [value, unit, numerator, denominator, n, low, high, reliability, note] =
        names.map(|name| reported[name].clone());
    bits(&json!([
        keys,
        extra,
        value,
        unit,
        numerator,
        denominator,
        n,
        low,
        high,
        reliability,
        note
    ]))
}

const CAMEL: [&str; 9] =
    ["value", "unit", "numerator", "denominator", "n", "ciLow", "ciHigh", "reliability", "note"];
const SNAKE: [&str; 9] =
    ["value", "unit", "numerator", "denominator", "n", "ci_low", "ci_high", "reliability", "note"];

/// Converts a row returned by the function; the command line prints `to_json`.
fn of_function(row_found: &MetricRow) -> Value {
    let (keys, extra) =
        (Value::Object(row_found.dimensions.clone()), Value::Object(row_found.extra.clone()));
    row(&keys, &extra, &row_found.to_json(), CAMEL)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_the_command_line_graphql_and_the_bi_table_give_the_same_bits() {
    let database = TestDatabase::new().await;
    let url = database.url();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    run(url, &["generate", path, "--seed", "5"]);
    run(url, &["load", path]);
    let snapshot = Snapshot::load(url).await.unwrap();
    publish(url, &snapshot, AS_OF.parse().unwrap()).await.unwrap();
    let client = connect(url).await.unwrap();
    let server = Server::start(url, &[]);
    for metric in registry() {
        let id = metric.definition().id;
        for (grain, name) in GRAINS {
            let metric_query = MetricQuery {
                period: grain,
                as_of: AS_OF.parse().unwrap(),
                ..MetricQuery::default()
            };
            let rows = evaluate(&snapshot, id, &metric_query, &Viewer::local()).unwrap().rows;
            let wanted: Vec<Value> = rows.iter().map(of_function).collect();
            let period = if grain.is_some() { format!(", period: {name}") } else { String::new() };
            let answer = server.data(&format!(
                "{{ metric(id: \"{id}\", asOf: \"{AS_OF}\"{period}) {{ rows {{ dimensions value \
                 unit numerator denominator n ciLow ciHigh reliability note extra }} }} }}"
            ));
            let reported = answer["metric"]["rows"].as_array().unwrap();
            let reported: Vec<Value> = reported
                .iter()
                .map(|reported| row(&reported["dimensions"], &reported["extra"], reported, CAMEL))
                .collect();
            assert!(reported == wanted, "GraphQL tells {id} by {name} otherwise");
            let published = client
                .query(
                    "select to_jsonb(m) from bi.metric_value m where metric_id = $1 and grain = $2 \
                     and scope <> 'RELEASED' order by metric_value_id",
                    &[&id, &name],
                )
                .await
                .unwrap();
            let reported: Vec<Value> = published
                .iter()
                .map(|found| found.get::<_, Value>(0))
                .map(|reported| row(&reported["dimensions"], &reported["extra"], &reported, SNAKE))
                .collect();
            // Every login may read the table, so values about single records are left out of it.
            let without_single = |mut row: MetricRow| {
                row.extra
                    .retain(|name, _| !metric.definition().single_records.contains(&name.as_str()));
                row
            };
            let wanted: Vec<Value> =
                rows.iter().cloned().map(without_single).map(|row| of_function(&row)).collect();
            assert!(reported == wanted, "bi.metric_value tells {id} by {name} otherwise");
        }
        // The command line reads the warehouse at each call; test the coarsest and the finest grain
        // only.
        for (grain, name) in [GRAINS[0], GRAINS[1]] {
            let metric_query = MetricQuery {
                period: grain,
                as_of: AS_OF.parse().unwrap(),
                ..MetricQuery::default()
            };
            let wanted: Vec<Value> = evaluate(&snapshot, id, &metric_query, &Viewer::local())
                .unwrap()
                .rows
                .iter()
                .map(|row| bits(&row.to_json()))
                .collect();
            let mut line = vec!["metric", id, "--as-of", AS_OF, "--format", "json"];
            if grain.is_some() {
                line.extend(["--period", name]);
            }
            let reported: Vec<Value> = serde_json::from_str(&run(url, &line)).unwrap();
            assert!(
                reported.iter().map(bits).collect::<Vec<_>>() == wanted,
                "the command line tells {id} by {name} otherwise"
            );
        }
    }
}

/// Returns a metric query with one parameter, or none, as of the day of the tests.
fn with(parameter: Option<(&str, &str)>) -> MetricQuery {
    let mut metric_query = MetricQuery { as_of: AS_OF.parse().unwrap(), ..MetricQuery::default() };
    if let Some((name, value)) = parameter {
        metric_query.take(name, value).unwrap();
    }
    metric_query
}

/// A value of each parameter of each metric that gives another answer than its default. Of seeds
/// some may draw the same.
fn effective_parameters(
    snapshot: &Snapshot,
) -> Vec<(&'static MetricDefinition, &'static str, String)> {
    let mut found = Vec::new();
    for definition in registry().iter().map(|metric| metric.definition()) {
        let rows = |metric_query: &MetricQuery| {
            evaluate(snapshot, definition.id, metric_query, &Viewer::local()).unwrap().rows
        };
        let default = rows(&with(None));
        for parameter in definition.parameters {
            let numbers = || (1..20).chain([400]).map(|number| number.to_string());
            let words = parameter.allowed.iter().map(ToString::to_string);
            let values: Vec<String> =
                if parameter.allowed.is_empty() { numbers().collect() } else { words.collect() };
            let other =
                values.iter().find(|value| rows(&with(Some((parameter.name, value)))) != default);
            assert!(
                other.is_some() || parameter.name == "seed",
                "{}: {} tells nothing",
                definition.id,
                parameter.name
            );
            found.push((definition, parameter.name, other.unwrap_or(&values[1]).clone()));
        }
    }
    found
}

/// The text of a page, each tag a bar.
fn text_of(page: &str) -> String {
    let mut text = String::new();
    for piece in page.split('<').skip(1) {
        text.push('|');
        text.push_str(piece.split_once('>').map_or("", |(_, text)| text.trim()));
    }
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parameter_of_every_metric_has_effect_in_every_interface() {
    let database = TestDatabase::new().await;
    let url = database.url();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    run(url, &["generate", path, "--seed", "5"]);
    // Incidents that nobody responded to, too.
    let storms = repository().join("etl/samples/storm_data_search_results_suffolk_ma.csv");
    run(url, &["load", path, storms.to_str().unwrap()]);
    let snapshot = Snapshot::load(url).await.unwrap();
    let server = Server::start(url, &["--rate", "0", "--budget", "0"]);
    let effective_parameters = effective_parameters(&snapshot);
    assert!(effective_parameters.len() >= 14, "{}", effective_parameters.len());
    for (definition, name, value) in effective_parameters {
        let (id, metric_query, requested) = (
            definition.id,
            with(Some((name, &value))),
            format!("{}: {name}={value}", definition.id),
        );
        let rows = evaluate(&snapshot, id, &metric_query, &Viewer::local()).unwrap().rows;
        let wanted: Vec<Value> = rows.iter().map(|row| bits(&row.to_json())).collect();
        let written = metric_query.parameters[name].to_string();
        let answer = server.data(&format!(
            "{{ metric(id: \"{id}\", asOf: \"{AS_OF}\", parameters: {{ {name}: {written} }}) {{ \
             rows {{ dimensions value unit numerator denominator n ciLow ciHigh reliability note \
             extra }} }} }}"
        ));
        let reported: Vec<Value> = answer["metric"]["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|reported| row(&reported["dimensions"], &reported["extra"], reported, CAMEL))
            .collect();
        assert!(
            reported == rows.iter().map(of_function).collect::<Vec<_>>(),
            "GraphQL, {requested}"
        );
        // A metric that is never pooled over regions, or that goes by more than regions, compares
        // none.
        if let Ok(compared) = compare_regions(&snapshot, id, &metric_query, &Viewer::local()) {
            let wanted: Vec<Value> = compared
                .iter()
                .map(|one| bits(&json!([one.region, one.row.value, one.row.n])))
                .collect();
            let answer = server.data(&format!(
                "{{ compareRegions(metric: \"{id}\", asOf: \"{AS_OF}\", parameters: {{ {name}: \
                 {written} }}) {{ region value n }} }}"
            ));
            let reported = answer["compareRegions"].as_array().unwrap().iter();
            let reported: Vec<Value> =
                reported.map(|one| bits(&json!([one["region"], one["value"], one["n"]]))).collect();
            assert!(reported == wanted, "compareRegions, {requested}");
        }
        let parameter = format!("{name}={value}");
        let line = ["metric", id, "--as-of", AS_OF, "--param", &parameter, "--format"];
        let reported: Vec<Value> =
            serde_json::from_str(&run(url, &[&line[..], &["json"]].concat())).unwrap();
        assert!(
            reported.iter().map(bits).collect::<Vec<_>>() == wanted,
            "the command line, {requested}"
        );
        let (status, _, json) =
            server.page(&format!("/metrics/{id}.json?asOf={AS_OF}&{parameter}"));
        let reported: Value = serde_json::from_str(&json).unwrap_or_default();
        let reported: Vec<Value> = reported["rows"]
            .as_array()
            .unwrap_or_else(|| panic!("JSON, {requested}: {status}"))
            .iter()
            .map(bits)
            .collect();
        assert!(reported == wanted, "JSON, {requested}");
        let (status, _, csv) = server.page(&format!("/metrics/{id}.csv?asOf={AS_OF}&{parameter}"));
        assert_eq!(
            (status, csv == run(url, &[&line[..], &["csv"]].concat())),
            (200, true),
            "CSV, {requested}"
        );
        let path = format!("/metrics/{id}?as_of={AS_OF}&dates=all&{parameter}");
        let (status, _, page) = server.page(&path);
        let text = text_of(&page);
        assert_eq!(status, 200, "the page, {requested}");
        for row in rows.iter().take(200) {
            assert!(
                text.contains(&format!("|{}|", row.n)),
                "the page tells {requested} with n = {}",
                row.n
            );
        }
        assert!(
            page.contains(&format!("/metrics/{id}.csv?")) && page.contains(&parameter),
            "the page's file, {requested}"
        );
        assert!(text.contains(&format!("--param {parameter}")), "the page's command, {requested}");
        assert!(
            text.contains(&format!("parameters: {{ {name}: {written} }}")),
            "the page's query, {requested}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_parameter_or_code_is_an_error_that_names_the_known_ones_in_every_interface() {
    let database = TestDatabase::new().await;
    let url = database.url();
    let server = Server::start(url, &["--rate", "0", "--budget", "0"]);
    let wrong = |id: &str, graphql: &str, address: &str, line: Option<[&str; 2]>, message: &str| {
        let answer =
            server.post(&format!("{{ metric(id: \"{id}\", {graphql}) {{ rows {{ n }} }} }}"));
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{id} {graphql}: {answer}");
        assert!(error["message"].as_str().unwrap().contains(message), "{id} {graphql}: {answer}");
        for ending in [".json", ".csv", ".jsonl", ""] {
            let (status, _, page) = server.page(&format!("/metrics/{id}{ending}?{address}"));
            let text = if ending.is_empty() { text_of(&page) } else { page };
            assert!(
                status == 400 && text.to_lowercase().contains(&message.to_lowercase()),
                "{id}{ending}?{address}: {status}"
            );
        }
        if let Some(line) = line {
            let output = hotwash(url, &["metric", id, line[0], line[1]]).output().unwrap();
            assert!(
                !output.status.success() && both(&output).contains(message),
                "{id} {line:?}: {}",
                both(&output)
            );
        }
    };
    for definition in registry().iter().map(|metric| metric.definition()) {
        let own = definition.parameters.iter().map(|parameter| parameter.name);
        let dimensions = definition.dimensions.iter().map(|dimension| dimension.key());
        let known: Vec<&str> = own.chain(dimensions).collect();
        let message = format!("is unknown; there are {}", known.join(", "));
        wrong(
            definition.id,
            "parameters: {nothing: 1}",
            "nothing=1",
            Some(["--param", "nothing=1"]),
            &message,
        );
        // GraphQL checks the codes of a closed list itself.
        let open = definition.dimensions.iter().filter(|one| one.vocabulary().is_none());
        for dimension in open {
            let (filter, address) = (
                format!("filter: {{{}: {{eq: \"9\"}}}}", dimension.key()),
                format!("{dimension}=9"),
            );
            let message = format!("{dimension} 9 is not known; there are");
            let line = (*dimension == Dimension::Region).then_some(["--where", "region=9"]);
            wrong(definition.id, &filter, &address, line, &message);
        }
    }
}

#[test]
fn a_row_of_json_has_its_keys_its_value_and_its_company_by_the_names_agreed() {
    let names = |row: &Map<String, Value>| row.keys().cloned().collect::<Vec<_>>();
    let found: MetricRow = MetricRow {
        dimensions: [("region".to_owned(), json!("3")), ("period".to_owned(), json!("FY2026"))]
            .into_iter()
            .collect(),
        value: Some(0.1 + 0.2),
        unit: hotwash_metrics::Unit::Share,
        numerator: Some(3.0),
        denominator: Some(10.0),
        n: 10,
        ci_low: None,
        ci_high: Some(0.6),
        reliability: hotwash_metrics::Reliability::LowN,
        note: None,
        extra: [("verdict".to_owned(), json!("TOO_FEW"))].into_iter().collect(),
    };
    let Value::Object(row) = found.to_json() else { panic!() };
    let wanted = [
        "region",
        "period",
        "value",
        "unit",
        "numerator",
        "denominator",
        "n",
        "ciLow",
        "ciHigh",
        "reliability",
        "note",
        "verdict",
    ];
    assert_eq!(names(&row), wanted);
    assert_eq!(row["value"].to_string(), "0.30000000000000004", "every digit");
    assert_eq!((&row["ciLow"], &row["note"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn an_invalid_metric_query_is_answered_with_what_is_valid() {
    let database = TestDatabase::new().await;
    let url = database.url();
    let server = Server::start(url, &[]);
    let questions: [(&[&str], &str, &str); 5] = [
        (&["no_such_metric"], "id: \"no_such_metric\"", "capability_performance"),
        (
            &["action_closure", "--group-by", "source"],
            "id: \"action_closure\", groupBy: [SOURCE]",
            "it takes region, capability",
        ),
        (
            &["aar_timeliness", "--param", "weeks=3"],
            "id: \"aar_timeliness\", parameters: {weeks: 3}",
            "is unknown; there are days",
        ),
        (
            &["response_control", "--param", "form=mode"],
            "id: \"response_control\", parameters: {form: \"mode\"}",
            "it takes median, mean",
        ),
        (
            &["incident_burden", "--from", "2025-07-01", "--to", "2025-01-01"],
            "id: \"incident_burden\", from: \"2025-07-01\", to: \"2025-01-01\"",
            " after ",
        ),
    ];
    for (line, arguments, wanted) in questions {
        let output = hotwash(url, &[&["metric"], line].concat()).output().unwrap();
        assert!(
            !output.status.success() && both(&output).contains(wanted),
            "{line:?}: {}",
            both(&output)
        );
        let answer = server.post(&format!("{{ metric({arguments}) {{ rows {{ n }} }} }}"));
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        assert!(error["message"].as_str().unwrap().contains(wanted), "{answer}");
    }
    let unknown =
        hotwash(url, &["metric", "action_closure", "--group-by", "color"]).output().unwrap();
    assert!(
        both(&unknown).contains("there is no dimension color; there are region"),
        "{}",
        both(&unknown)
    );
}
