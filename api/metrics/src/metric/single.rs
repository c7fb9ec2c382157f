//! Rows of a value with an interval, for metrics that are not a plain share of counts.

use serde_json::{Map, Value};

use crate::cube::CellGroup;
use crate::definition::MetricDefinition;
use crate::query::{Dimension, Period};
use crate::row::{MetricRow, Reliability};
use hotwash_statistics::wilson;

/// Keys of a group and its period.
pub type RowKey = (Vec<String>, Option<Period>);

/// Keys and period of a group.
pub fn key(group: &CellGroup) -> RowKey {
    (group.keys.clone(), group.period)
}

/// Returns the row of a value with its interval and n. It is `LOW_N` below the metric's minimum.
pub fn row(
    definition: &MetricDefinition,
    key: &RowKey,
    group_by: &[Dimension],
    value: Option<f64>,
    interval: Option<(f64, f64)>,
    n: usize,
    extra: Map<String, Value>,
) -> MetricRow {
    let meets_minimum = n as u64 >= definition.minimum_n;
    MetricRow {
        dimensions: super::keyed(&key.0, key.1, group_by),
        value,
        unit: definition.unit,
        numerator: None,
        denominator: None,
        n: n as u64,
        ci_low: interval.map(|(low, _)| low),
        ci_high: interval.map(|(_, high)| high),
        reliability: if meets_minimum { Reliability::Ok } else { Reliability::LowN },
        note: (!meets_minimum).then(|| format!("{n} of {} needed", definition.minimum_n)),
        extra,
    }
}

/// A share with its Wilson interval.
pub fn share(
    definition: &MetricDefinition,
    key: &RowKey,
    group_by: &[Dimension],
    numerator: usize,
    denominator: usize,
    extra: Map<String, Value>,
) -> MetricRow {
    let value = (denominator > 0).then(|| numerator as f64 / denominator as f64);
    let mut row_of_share = row(
        definition,
        key,
        group_by,
        value,
        wilson(numerator as f64, denominator as f64),
        denominator,
        extra,
    );
    row_of_share.numerator = Some(numerator as f64);
    row_of_share.denominator = Some(denominator as f64);
    row_of_share
}
