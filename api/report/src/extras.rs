//! Extra values of metric rows. A name that the row's metric does not declare is found, not read as
//! a gap.

use hotwash_metrics::{MetricDefinition, MetricRow};
use hotwash_schema::nearest::choices;
use serde_json::Value;

/// Returns the rows with an empty value for each extra that their metric declares and they lack.
/// So a row knows the names of its extras.
pub fn with_all_extras(definition: &MetricDefinition, rows: Vec<MetricRow>) -> Vec<MetricRow> {
    let complete = |mut row: MetricRow| {
        for extra in definition.extras {
            if !row.extra.contains_key(extra.name) {
                row.extra.insert(extra.name.to_owned(), Value::Null);
            }
        }
        row
    };
    rows.into_iter().map(complete).collect()
}

/// Returns a number from a row's extra values.
pub fn extra(row: &MetricRow, name: &str) -> Option<f64> {
    extra_value(row, name).and_then(Value::as_f64)
}

/// Returns an extra value of a row that has all of them. A name that its metric does not declare is
/// logged as an error, and stops a debug build, so that the tests of the pages find it.
pub fn extra_value<'a>(row: &'a MetricRow, name: &str) -> Option<&'a Value> {
    let value = row.extra.get(name);
    if value.is_none() {
        let message = undeclared(row, name);
        tracing::error!("{message}");
        debug_assert!(false, "{message}");
    }
    value.filter(|value| !value.is_null())
}

/// Returns the message about a name that a row's metric does not declare.
fn undeclared(row: &MetricRow, name: &str) -> String {
    let choices = choices(name, row.extra.keys().map(String::as_str));
    format!("the report reads {name}, which the metric of the row does not declare{choices}")
}

#[cfg(test)]
mod tests {
    use hotwash_metrics::{Reliability, Unit, find};
    use serde_json::{Map, json};

    use super::*;

    fn overdue() -> MetricRow {
        let row = MetricRow {
            dimensions: Map::new(),
            value: Some(2.0),
            unit: Unit::Count,
            numerator: None,
            denominator: None,
            n: 5,
            ci_low: None,
            ci_high: None,
            reliability: Reliability::Ok,
            note: None,
            extra: json!({ "open": 5 }).as_object().cloned().unwrap(),
        };
        let definition = find("action_overdue").unwrap().definition();
        with_all_extras(definition, vec![row]).remove(0)
    }

    #[test]
    fn a_declared_extra_without_a_value_is_empty() {
        assert_eq!(extra(&overdue(), "open"), Some(5.0));
        assert_eq!(extra(&overdue(), "daysOver180"), None);
    }

    #[test]
    fn an_extra_of_another_metric_is_an_error_that_suggests_the_nearest() {
        let message = undeclared(&overdue(), "daysOver18");
        assert!(message.contains("did you mean daysOver180?"), "{message}");
        // Other metrics declare it.
        let found = std::panic::catch_unwind(|| extra(&overdue(), "curve").is_some());
        assert_eq!(found.is_err(), cfg!(debug_assertions));
    }
}
