//! The metric trait, the registry, and `evaluate`, which answers every metric query.

mod base;
mod pool;
mod share;
mod single;

use std::sync::Arc;

pub(crate) use base::dimensions;
pub use base::{Metric, RowTimes};
use base::{amount, choice, keyed, name_period};
use chrono::NaiveDate;
use hotwash_schema::nearest::choices;
use serde_json::{Map, Value};

use crate::definition::MetricDefinition;
use crate::query::{Dimension, MetricError, MetricQuery, Period};
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
    tracker_response::TrackerResponse,
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

/// All metrics.
pub fn registry() -> &'static [&'static dyn Metric] {
    METRICS
}

/// Returns the ids of all metrics.
pub fn ids() -> Vec<&'static str> {
    registry().iter().map(|metric| metric.definition().id).collect()
}

/// The metric of this id.
pub fn find(id: &str) -> Result<&'static dyn Metric, MetricError> {
    let found = registry().iter().find(|metric| metric.definition().id == id).copied();
    found.ok_or_else(|| MetricError::UnknownMetric {
        found: id.into(),
        choices: choices(id, ids().into_iter()),
    })
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
    snapshot.caches().rows().get_or_compute(snapshot.frames().generation(), &of, || {
        Ok(Arc::new(computed(metric, snapshot, &of.query, group_by)?))
    })
}

fn computed(
    metric: &dyn Metric,
    snapshot: &Snapshot,
    query: &MetricQuery,
    group_by: &[Dimension],
) -> Result<Vec<MetricRow>, MetricError> {
    let definition = metric.definition();
    let Some(days) = as_of_days(metric, snapshot, query)? else {
        let rows = metric.compute(snapshot, query, group_by)?.into_iter();
        return Ok(rows.map(|row| published(definition, row)).collect());
    };
    let mut rows = Vec::new();
    for (period, at) in days {
        for mut row in metric.compute(snapshot, &at, group_by)? {
            name_period(&mut row.dimensions, period);
            rows.push(published(definition, row));
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

fn published(definition: &MetricDefinition, row: MetricRow) -> MetricRow {
    require_declared(definition, &row.extra);
    row.for_publication()
}

/// Stops a debug build for an extra that the metric does not declare, or that is of another kind.
/// GraphQL's typed field and the BI view would lack it. Every test that computes the metric finds
/// it.
fn require_declared(definition: &MetricDefinition, extra: &Map<String, Value>) {
    debug_assert_eq!(definition.undeclared(extra), None, "{} does not declare it", definition.id);
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
            let own = definition.parameters.iter().map(|parameter| parameter.name);
            let dimensions = definition.dimensions.iter().map(|dimension| dimension.key());
            return Err(fault(format!("is unknown{}", choices(name, own.chain(dimensions)))));
        };
        if !parameter.accepts(value) {
            return Err(fault(format!("cannot be {value}; it takes {}", parameter.range())));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::definition::{Extra, ExtraKind};

    /// Returns a metric with an extra that is a whole number, and the extra's name.
    fn counting() -> (&'static MetricDefinition, &'static str) {
        let definitions = registry().iter().map(|metric| metric.definition());
        let mut counting = definitions.filter_map(|definition| {
            let is_integer = |extra: &&Extra| matches!(extra.kind, ExtraKind::Integer);
            Some((definition, definition.extras.iter().find(is_integer)?.name))
        });
        counting.next().unwrap()
    }

    fn extra(name: &str, value: Value) -> Map<String, Value> {
        Map::from_iter([(name.to_owned(), value)])
    }

    #[test]
    fn an_extra_is_declared_by_its_name_and_kind() {
        let (definition, name) = counting();
        let is_declared = |name, value| definition.undeclared(&extra(name, value)).is_none();
        assert!(is_declared(name, json!(3)) && is_declared(name, json!(null)));
        assert!(!is_declared(name, json!(0.5)));
        assert_eq!(definition.undeclared(&extra("misspelled", json!(3))), Some("misspelled"));
    }

    #[test]
    #[should_panic(expected = "does not declare it")]
    fn an_extra_that_a_metric_does_not_declare_fails_the_tests_that_compute_it() {
        require_declared(counting().0, &extra("misspelled", json!(3)));
    }

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
            "filter",
            "compare",
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
