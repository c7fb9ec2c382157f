//! What a metric is, and what metrics share.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use crate::cube::CellGroup;
use crate::definition::MetricDefinition;
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery, Period};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// Keys of rows with the times behind each: the time, its closures and its observations.
pub type RowTimes = Vec<(Map<String, Value>, Vec<(i64, u64, u64)>)>;

/// A metric.
///
/// ```
/// use hotwash_metrics::{Dimension, Metric, Unit, find, registry};
///
/// let metric: &dyn Metric = find("action_on_time")?;
/// let definition = metric.definition();
/// assert_eq!(definition.unit, Unit::Share);
/// assert!(definition.dimensions.contains(&Dimension::Region));
/// // Ids are unique, and an unknown one is answered with those that exist.
/// assert!(registry().iter().all(|metric| find(metric.definition().id).is_ok()));
/// let error = find("action_of_time").err().expect("there is no such metric");
/// assert!(error.to_string().contains("action_on_time"));
/// # Ok::<(), hotwash_metrics::MetricError>(())
/// ```
pub trait Metric: Sync {
    /// Definition of the metric.
    fn definition(&self) -> &'static MetricDefinition;

    /// Returns the day of the first record if the metric describes a state as of a day. By period,
    /// such a metric describes the state at each period's end. Returns `None` if the metric's
    /// records belong to periods themselves.
    fn state_since(&self, _snapshot: &Snapshot) -> Result<Option<NaiveDate>, MetricError> {
        Ok(None)
    }

    /// Returns the facts it counts: the only statement of what is counted. Its numbers, the records
    /// behind a row and the contributors that disclosure control judges all follow from it. Sets
    /// for the whole row come first.
    ///
    /// # Errors
    /// Fails when a parameter has a wrong value, or the metric must look at the snapshot and the
    /// engine fails.
    fn facts(&self, snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError>;

    /// Returns, by id, the earlier record that each of a row's records repeats. Most metrics do not
    /// compare records with earlier ones.
    ///
    /// # Errors
    /// As [`Metric::facts`].
    fn repeated(
        &self,
        _snapshot: &Snapshot,
        _query: &MetricQuery,
    ) -> Result<HashMap<i64, i64>, MetricError> {
        Ok(HashMap::new())
    }

    /// Returns the times behind the rows with the keys of each, for a metric whose value is a
    /// median of times that may be censored.
    ///
    /// # Errors
    /// As [`Metric::compute`].
    fn times(
        &self,
        _snapshot: &Snapshot,
        _query: &MetricQuery,
        _group_by: &[Dimension],
    ) -> Result<RowTimes, MetricError> {
        Ok(RowTimes::new())
    }

    /// Computes the rows of a query that has been checked against the definition.
    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError>;
}

/// Returns the number of a parameter, or its default.
pub(super) fn amount(
    definition: &MetricDefinition,
    query: &MetricQuery,
    name: &str,
) -> Result<f64, MetricError> {
    let default = definition
        .parameters
        .iter()
        .find(|parameter| parameter.name == name)
        .map(|parameter| parameter.default_value());
    let given = query.parameters.get(name).cloned().or(default).unwrap_or_default();
    given
        .as_f64()
        .or_else(|| given.as_str()?.parse().ok())
        .filter(|number| number.is_finite() && *number >= 0.0)
        .ok_or_else(|| MetricError::Parameter {
            metric: definition.id,
            name: name.to_owned(),
            reason: format!("cannot be {given}; it takes a number, not negative"),
        })
}

/// Returns the text of a parameter, or its default.
pub(super) fn choice(definition: &MetricDefinition, query: &MetricQuery, name: &str) -> String {
    let given = query.parameters.get(name).cloned();
    let default = || {
        definition
            .parameters
            .iter()
            .find(|parameter| parameter.name == name)
            .map(|parameter| parameter.default_value())
    };
    given.or_else(default).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The keys of a group by name, with its period.
pub(crate) fn dimensions(group: &CellGroup, group_by: &[Dimension]) -> Map<String, Value> {
    keyed(&group.keys, group.period, group_by)
}

/// Keys by name, with the period.
pub(super) fn keyed(
    keys: &[String],
    period: Option<Period>,
    group_by: &[Dimension],
) -> Map<String, Value> {
    let mut named: Map<String, Value> = group_by
        .iter()
        .zip(keys)
        .map(|(dimension, key)| (dimension.key().to_owned(), Value::from(key.clone())))
        .collect();
    if let Some(period) = period {
        name_period(&mut named, period);
    }
    named
}

pub(super) fn name_period(keys: &mut Map<String, Value>, period: Period) {
    keys.insert("period".into(), period.to_string().into());
    keys.insert("periodStart".into(), period.start.to_string().into());
}
