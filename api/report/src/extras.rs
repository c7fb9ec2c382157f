//! Extra values of metric rows. A name that no metric declares is found, not read as a gap.

use std::collections::HashSet;
use std::sync::LazyLock;

use hotwash_metrics::{MetricRow, registry};
use serde_json::Value;

/// Returns a number from a row's extra values.
pub fn extra(row: &MetricRow, name: &str) -> Option<f64> {
    extra_value(row, name).and_then(Value::as_f64)
}

/// Returns an extra value of a row. A name that no metric declares is logged as an error, and stops
/// a debug build, so that the tests of the pages find it.
pub fn extra_value<'a>(row: &'a MetricRow, name: &str) -> Option<&'a Value> {
    if !is_declared(name) {
        tracing::error!(name, "the report reads an extra value that no metric declares");
        debug_assert!(false, "no metric declares the extra {name}");
    }
    row.extra.get(name)
}

fn is_declared(name: &str) -> bool {
    static DECLARED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let extras = registry().iter().flat_map(|metric| metric.definition().extras);
        extras.map(|extra| extra.name).collect()
    });
    DECLARED.contains(name)
}

#[cfg(test)]
mod tests {
    use super::is_declared;

    #[test]
    fn an_extra_is_one_that_a_metric_declares() {
        assert!(is_declared("withinTarget") && is_declared("curve"));
        assert!(!is_declared("withinTargets"));
    }
}
