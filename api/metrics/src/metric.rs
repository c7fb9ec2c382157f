//! The metric trait, the registry, and `evaluate`, which answers every metric query.

mod pool;
mod share;
mod single;

use std::sync::Arc;

use chrono::NaiveDate;
use hotwash_schema::access::Viewer;
use serde_json::{Map, Value};

use crate::codes;
use crate::cube::CellGroup;
use crate::definition::MetricDefinition;
use crate::disclosure::{needs_release, released_rows};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery, Period, listed};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;
use crate::snapshot::caches::RowsQuery;

/// Declares the modules of the metrics and lists them.
macro_rules! registry {
    ($($file:ident::$metric:ident,)*) => {
        $(mod $file;)*
        static METRICS: &[&dyn Metric] = &[$(&$file::$metric,)*];
    };
}

// The registry: a new metric is its file and one line here.
registry! {
    capability_performance::CapabilityPerformance,
    capability_trend::CapabilityTrend,
    exercise_incident_gap::ExerciseIncidentGap,
    poete_mix::PoeteMix,
    action_closure::ActionClosure,
    action_on_time::ActionOnTime,
    action_slippage::ActionSlippage,
    action_overdue::ActionOverdue,
    action_time_to_close::ActionTimeToClose,
    action_backlog::ActionBacklog,
    repeat_findings::RepeatFindings,
    action_validation::ActionValidation,
    aar_timeliness::AarTimeliness,
    aar_completeness::AarCompleteness,
    action_forecast::ActionForecast,
    risk_profile::RiskProfile,
    hazard_coverage::HazardCoverage,
    improvement_priority::ImprovementPriority,
    response_time::ResponseTime,
    response_control::ResponseControl,
    resource_fill::ResourceFill,
    information_response::InformationResponse,
    incident_burden::IncidentBurden,
    exercise_cadence::ExerciseCadence,
    participation::ParticipationRate,
    requirement_compliance::RequirementCompliance,
    data_quality::DataQuality,
}

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

    /// Computes the rows of a query that has been checked against the definition.
    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError>;
}

/// All metrics.
pub fn registry() -> &'static [&'static dyn Metric] {
    METRICS
}

/// The metric of this id.
pub fn find(id: &str) -> Result<&'static dyn Metric, MetricError> {
    registry().iter().find(|metric| metric.definition().id == id).copied().ok_or_else(|| {
        MetricError::UnknownMetric {
            found: id.into(),
            known: registry()
                .iter()
                .map(|metric| metric.definition().id)
                .collect::<Vec<_>>()
                .join(", "),
        }
    })
}

/// The answer to a metric query.
#[derive(Clone, Debug)]
pub struct MetricResult {
    /// The metric.
    pub definition: &'static MetricDefinition,
    /// Rows.
    pub rows: Vec<MetricRow>,
    /// Version of the warehouse that the rows were computed from.
    pub snapshot_version: i64,
    /// Day that the rows describe.
    pub as_of: chrono::NaiveDate,
}

/// Answers a metric query. Every caller gets the same number, bit for bit.
pub fn evaluate(
    snapshot: &Snapshot,
    id: &str,
    query: &MetricQuery,
    viewer: &Viewer,
) -> Result<MetricResult, MetricError> {
    let metric = find(id)?;
    let definition = metric.definition();
    let group_by = query.group_by.as_deref().unwrap_or(definition.default_group_by);
    for dimension in group_by.iter().chain(query.filter.keys()) {
        if !definition.dimensions.contains(dimension) {
            return Err(MetricError::Dimension {
                metric: definition.id,
                found: dimension.to_string(),
                allowed: listed(definition.dimensions),
            });
        }
    }
    if let (Some(from), Some(to)) = (query.from, query.to)
        && from > to
    {
        return Err(MetricError::Reversed { from, to });
    }
    check_parameters(definition, query)?;
    codes::check(snapshot, query)?;
    if needs_release(metric, query, viewer) {
        let release = snapshot.release().ok_or(MetricError::NoRelease)?;
        let rows = released_rows(snapshot, release, metric, query, group_by, viewer)?;
        return Ok(MetricResult {
            definition,
            rows,
            snapshot_version: release.warehouse_version,
            as_of: release.as_of,
        });
    }
    let rows = rows(metric, snapshot, query, group_by)?.to_vec();
    Ok(MetricResult { definition, rows, snapshot_version: snapshot.version, as_of: query.as_of })
}

/// Returns a metric's live rows, by period if requested. They are the same for every viewer and
/// cached with the snapshot.
pub(crate) fn rows(
    metric: &dyn Metric,
    snapshot: &Snapshot,
    query: &MetricQuery,
    group_by: &[Dimension],
) -> Result<Arc<Vec<MetricRow>>, MetricError> {
    let of = RowsQuery {
        metric: metric.definition().id,
        group_by: group_by.to_vec(),
        query: MetricQuery { group_by: None, ..query.clone() },
    };
    snapshot.caches().rows().get_or_compute(snapshot.cache_generation(), &of, || {
        Ok(Arc::new(computed(metric, snapshot, &of.query, group_by)?))
    })
}

fn computed(
    metric: &dyn Metric,
    snapshot: &Snapshot,
    query: &MetricQuery,
    group_by: &[Dimension],
) -> Result<Vec<MetricRow>, MetricError> {
    let Some(days) = as_of_days(metric, snapshot, query)? else {
        return Ok(metric
            .compute(snapshot, query, group_by)?
            .into_iter()
            .map(MetricRow::for_publication)
            .collect());
    };
    let mut rows = Vec::new();
    for (period, at) in days {
        for mut row in metric.compute(snapshot, &at, group_by)? {
            name_period(&mut row.dimensions, period);
            rows.push(row.for_publication());
        }
    }
    let keys = |row: &MetricRow| {
        group_by
            .iter()
            .map(|key| row.dimensions.get(key.key()).map(ToString::to_string))
            .collect::<Vec<_>>()
    };
    rows.sort_by_cached_key(keys);
    Ok(rows)
}

/// Returns the as-of days of a query by period, for a metric that describes a state: each period's
/// end, or the last requested day. Returns `None` for other queries.
pub(crate) fn as_of_days(
    metric: &dyn Metric,
    snapshot: &Snapshot,
    query: &MetricQuery,
) -> Result<Option<Vec<(Period, MetricQuery)>>, MetricError> {
    let Some((grain, since)) = query.period.zip(metric.state_since(snapshot)?) else {
        return Ok(None);
    };
    let last = query.to.unwrap_or(query.as_of).min(query.as_of);
    let at = |end: NaiveDate| MetricQuery {
        period: None,
        from: None,
        to: None,
        as_of: end.min(last),
        ..query.clone()
    };
    let periods = Period::between(query.from.unwrap_or(since), last, grain);
    Ok(Some(periods.into_iter().map(|period| (period, at(period.end()))).collect()))
}

/// Rejects unknown parameters and invalid values.
pub(crate) fn check_parameters(
    definition: &MetricDefinition,
    query: &MetricQuery,
) -> Result<(), MetricError> {
    for (name, value) in &query.parameters {
        let fault = |reason: String| MetricError::Parameter {
            metric: definition.id,
            name: name.clone(),
            reason,
        };
        let Some(parameter) = definition.parameters.iter().find(|parameter| parameter.name == name)
        else {
            let known: Vec<&str> =
                definition.parameters.iter().map(|parameter| parameter.name).collect();
            return Err(fault(format!(
                "is unknown; it takes {}",
                if known.is_empty() { "none".into() } else { known.join(", ") }
            )));
        };
        if !parameter.allowed.is_empty()
            && !value.as_str().is_some_and(|text| parameter.allowed.contains(&text))
        {
            return Err(fault(format!(
                "cannot be {value}; it takes {}",
                parameter.allowed.join(", ")
            )));
        }
    }
    Ok(())
}

/// Returns the number of a parameter, or its default.
fn amount(
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
fn choice(definition: &MetricDefinition, query: &MetricQuery, name: &str) -> String {
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
fn keyed(keys: &[String], period: Option<Period>, group_by: &[Dimension]) -> Map<String, Value> {
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

fn name_period(keys: &mut Map<String, Value>, period: Period) {
    keys.insert("period".into(), period.to_string().into());
    keys.insert("periodStart".into(), period.start.to_string().into());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In a URL, parameters share their names with days, dimensions and page options.
    #[test]
    fn no_parameter_has_the_name_of_something_else() {
        let others = [
            "from",
            "to",
            "asOf",
            "as_of",
            "period",
            "groupBy",
            "group_by",
            "where",
            "parameters",
            "id",
            "page",
        ];
        for metric in registry() {
            for parameter in metric.definition().parameters {
                let is_dimension = parameter.name.parse::<Dimension>().is_ok();
                assert!(!is_dimension && !others.contains(&parameter.name), "{}", parameter.name);
            }
        }
    }
}
