//! Invariants of a warehouse after any fault: every read row is accounted for, the doctor finds
//! nothing, and every metric equals that of a fresh warehouse loaded from the same files.

use std::collections::HashMap;

use chrono::NaiveDate;
use hotwash_metrics::{Grain, MetricQuery, Snapshot, evaluate, registry};
use hotwash_schema::access::Viewer;
use hotwash_schema::doctor;
use hotwash_schema::pool::Pool;
use serde_json::Value;

/// Metric about loads rather than records: files rejected or loaded twice appear in it.
const OF_LOADS: &str = "data_quality";

/// Computes every metric over records, in total and by each grain: one line per row, at full
/// precision.
pub async fn metrics(url: &str) -> Vec<String> {
    let snapshot = Snapshot::load(url).await.expect("the warehouse can be read");
    let as_of = NaiveDate::from_ymd_opt(2026, 6, 30).expect("a day");
    let events = events(url).await;
    let mut lines = Vec::new();
    for metric in registry().iter().filter(|metric| metric.definition().id != OF_LOADS) {
        let id = metric.definition().id;
        for period in [None, Some(Grain::Month), Some(Grain::Quarter), Some(Grain::FiscalYear)] {
            let query = MetricQuery { period, as_of, ..MetricQuery::default() };
            let mut result = evaluate(&snapshot, id, &query, &Viewer::local())
                .unwrap_or_else(|error| panic!("{id}: {error}"));
            let beside = result.rows.iter_mut().flat_map(|row| row.extra.values_mut());
            beside.for_each(|value| name_events(value, &events));
            lines.extend(result.rows.iter().map(|row| format!("{id} {period:?} {row:?}")));
        }
    }
    assert!(lines.len() > registry().len(), "there is something to compare");
    lines
}

/// Returns the source ids of events by their row ids. A rolled-back load uses up row ids, so the
/// same event has another one in a fresh warehouse.
async fn events(url: &str) -> HashMap<i64, String> {
    let client = hotwash_schema::connect::connect(url).await.expect("the warehouse answers");
    let sql = "select event_id, source || ':' || source_id from warehouse.event";
    let rows = client.query(sql, &[]).await.expect("the events can be read");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Replaces row ids of events by source ids.
fn name_events(value: &mut Value, events: &HashMap<i64, String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_i64().filter(|_| name == "event") {
                    Some(number) => {
                        *value = events
                            .get(&number)
                            .expect("a metric tells of events that are there")
                            .as_str()
                            .into()
                    }
                    None => name_events(value, events),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| name_events(value, events)),
        _ => {}
    }
}

/// Fails unless both warehouses give the same metrics to the last bit, naming the first that
/// differs.
pub async fn same_metrics(url: &str, fresh: &str) {
    same(&metrics(url).await, &metrics(fresh).await);
}

/// As [`same_metrics`], on metrics taken before.
pub fn same(here: &[String], there: &[String]) {
    let differing = here.iter().zip(there).find(|(one, other)| one != other);
    if let Some((one, other)) = differing {
        panic!("metrics differ:\n  {one}\n  {other}");
    }
    assert_eq!(here.len(), there.len(), "as many rows of metrics");
}

/// Fails unless the doctor finds nothing.
pub async fn sound(url: &str) {
    sound_but(url, &[]).await;
}

/// As [`sound`], but for these invariants.
pub async fn sound_but(url: &str, but: &[&str]) {
    let findings = doctor::examine(&Pool::new(url)).await.expect("the doctor can look");
    let broken: Vec<String> = findings
        .iter()
        .filter(|finding| finding.broken > 0 && !but.contains(&finding.invariant))
        .map(|finding| format!("{} ({})", finding.invariant, finding.broken))
        .collect();
    assert!(broken.is_empty(), "the doctor names: {broken:#?}");
}

/// Fails unless a report of `load --json` accounts for every record read.
pub fn accounted(report: &Value) {
    let number = |field: &str| report[field].as_i64().expect("a count");
    let reported =
        number("inserted") + number("updated") + number("unchanged") + number("rejected");
    assert_eq!(
        number("read"),
        reported,
        "read = inserted + updated + unchanged + rejected: {report}"
    );
}
