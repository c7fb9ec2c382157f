//! Rows of metrics of the form numerator / denominator.

use serde_json::{Map, Value};

use super::dimensions;
use crate::cube::CellGroup;
use crate::definition::MetricDefinition;
use crate::query::Dimension;
use crate::row::{MetricRow, Reliability};
use hotwash_statistics::wilson;

/// Returns the row of a share with its Wilson interval. It is `LOW_N` below the metric's minimum,
/// and undefined without a denominator.
pub fn row(
    definition: &MetricDefinition,
    group: &CellGroup,
    group_by: &[Dimension],
    numerator: f64,
    denominator: f64,
    extra: Map<String, Value>,
) -> MetricRow {
    of(definition, dimensions(group, group_by), numerator, denominator, extra)
}

/// Returns the row of a share under these keys.
pub fn of(
    definition: &MetricDefinition,
    keys: Map<String, Value>,
    numerator: f64,
    denominator: f64,
    extra: Map<String, Value>,
) -> MetricRow {
    let interval = wilson(numerator, denominator);
    let meets_minimum = denominator >= definition.minimum_n as f64;
    MetricRow {
        dimensions: keys,
        value: (denominator > 0.0).then(|| numerator / denominator),
        unit: definition.unit,
        numerator: Some(numerator),
        denominator: Some(denominator),
        n: denominator as u64,
        ci_low: interval.map(|(low, _)| low),
        ci_high: interval.map(|(_, high)| high),
        reliability: if meets_minimum { Reliability::Ok } else { Reliability::LowN },
        note: (!meets_minimum).then(|| format!("{denominator} of {} needed", definition.minimum_n)),
        extra,
    }
}

/// Returns the row of a share that a measure counted in a group.
pub fn counted(
    definition: &MetricDefinition,
    group: &CellGroup,
    group_by: &[Dimension],
    measure: &str,
) -> MetricRow {
    row(definition, group, group_by, group.sum(measure) as f64, group.count() as f64, Map::new())
}
