//! What a metric is, and what metrics share.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use crate::clusters::{CLUSTER, Clusters, RowClusters};
use crate::cube::{CellGroup, column, cube};
use crate::definition::{MetricDefinition, Parameter};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery, Period};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;
use hotwash_statistics::Observed;

/// Keys of rows with the times behind each.
pub type RowTimes = Vec<(Map<String, Value>, Vec<Observed>)>;

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

    /// Returns true if recent records had as much time as earlier ones: values of short periods can
    /// be compared.
    fn has_comparable_periods(&self) -> bool {
        false
    }

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

    /// Returns the clusters of records behind the rows with the keys of each: the records of one
    /// event, if the metric counts records that have an event. `None` if records are independent.
    ///
    /// # Errors
    /// As [`Metric::facts`].
    fn clusters(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Option<RowClusters>, MetricError> {
        let facts = self.facts(snapshot, query)?;
        let Some(facts) = facts.first().filter(|facts| facts.cluster_by_event()) else {
            return Ok(None);
        };
        let by_event = facts.counting("numerator").key(CLUSTER, column("event_id"));
        let groups = cube(snapshot, &by_event, &facts.select(query), group_by)?;
        let of = |group: &CellGroup| {
            let cells = group.integer("numerator").iter().zip(group.counts());
            let cells = cells.map(|(sum, all)| (sum.unwrap_or_default() as f64, *all as f64));
            (dimensions(group, group_by), Clusters::of(group, cells))
        };
        Ok(Some(groups.iter().map(of).collect()))
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

/// Returns the number given for a parameter, or its default.
///
/// # Errors
/// Fails for a value other than a whole number in the parameter's range.
pub(super) fn amount(
    definition: &MetricDefinition,
    query: &MetricQuery,
    parameter: &Parameter,
) -> Result<u64, MetricError> {
    let given = given(query, parameter);
    parameter.number_of(&given).ok_or_else(|| refused(definition, parameter, &given))
}

/// Returns the allowed word given for a parameter, or its default.
///
/// # Errors
/// Fails for a word that the parameter does not allow.
pub(super) fn choice(
    definition: &MetricDefinition,
    query: &MetricQuery,
    parameter: &Parameter,
) -> Result<&'static str, MetricError> {
    let given = given(query, parameter);
    let word = parameter.allowed.iter().find(|word| given.as_str() == Some(word)).copied();
    word.ok_or_else(|| refused(definition, parameter, &given))
}

fn given(query: &MetricQuery, parameter: &Parameter) -> Value {
    let given = query.parameters.get(parameter.name).cloned();
    given.unwrap_or_else(|| parameter.default_value())
}

fn refused(definition: &MetricDefinition, parameter: &Parameter, given: &Value) -> MetricError {
    MetricError::Parameter {
        metric: definition.id,
        name: parameter.name.to_owned(),
        reason: format!("cannot be {given}; it takes {}", parameter.range()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::find;

    #[test]
    fn a_parameter_has_a_value_of_its_kind_or_is_an_error() {
        const FORM: Parameter =
            Parameter::choice("form", "form", "\"median\"", &["median", "mean"]);
        const LAST: Parameter = Parameter::number("last", "last", "12", 1_000);
        let definition = find("response_control").unwrap().definition();
        let mut query = MetricQuery::default();
        assert_eq!(choice(definition, &query, &FORM).unwrap(), "median");
        assert_eq!(amount(definition, &query, &LAST).unwrap(), 12);
        query.set("form", "mean");
        query.set("last", "3");
        assert_eq!(choice(definition, &query, &FORM).unwrap(), "mean");
        assert_eq!(amount(definition, &query, &LAST).unwrap(), 3);
        query.set("form", "mode");
        query.set("last", "-3");
        let refused = choice(definition, &query, &FORM).unwrap_err().to_string();
        assert!(refused.contains("\"mode\"; it takes median, mean"), "{refused}");
        let refused = amount(definition, &query, &LAST).unwrap_err().to_string();
        assert!(refused.contains("-3; it takes a whole number from 0 to 1000"), "{refused}");
        for other in ["1001", "2.5", "1e400", "NaN", "three", ""] {
            query.set("last", other);
            assert!(amount(definition, &query, &LAST).is_err(), "{other}");
        }
    }
}
