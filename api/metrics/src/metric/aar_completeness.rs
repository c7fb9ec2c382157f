//! Is the after-action report complete? Completeness is never called quality.

use serde_json::Map;

use super::{Metric, single};
use crate::cube::{Cube, Measure, Term, column, cube, day, filled, integer, when};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// Number of parts that a report must have.
const PARTS: i64 = 11;

/// The metric.
pub struct AarCompleteness;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "aar_completeness",
    title: "AAR completeness",
    question: "Is the after-action report complete?",
    unit: Unit::Share,
    formula: "Mean share of eleven parts that a report contains. The parts are: an overview; an \
        objective with its capability; ratings; a reference, an analysis and an action for each \
        area for improvement; an owner, an element, a start date and a due date for each action; \
        and a list of participants.",
    reference: "Davies et al.: reporting standards for after-action reports; HSEEP 2020",
    dimensions: &[
        Dimension::Region,
        Dimension::Hazard,
        Dimension::HazardCategory,
        Dimension::EventKind,
        Dimension::ExerciseType,
    ],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[Extra::integer("complete", "reports with all parts")],
};

/// Parts that exist: those that depend on no action, an action for each area, and the four parts
/// that all actions must have.
fn parts() -> Term {
    let one_if = |condition| when(condition, integer(1), integer(0));
    let all_have =
        |without: &'static str| column("planned_on").known().and(column(without).known().not());
    let of_actions = ["ownerless_on", "elementless_on", "startless_on", "dueless_on"];
    let parts = column("parts").plus(one_if(column("answered_on").known()));
    of_actions.into_iter().fold(parts, |sum, without| sum.plus(one_if(all_have(without))))
}

/// Reports of events that were held and had ended by the as-of day.
fn reports(query: &MetricQuery) -> Cube {
    Cube::of("reports").by_day("local_date").only(column("end_date").up_to(day(query.as_of)))
}

impl Metric for AarCompleteness {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let complete = parts().equals(integer(PARTS));
        Ok(vec![Facts::events(reports(query)).stating("complete", complete)])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let reports = reports(query)
            .measure("parts", Measure::Sum(parts()))
            .count("complete", parts().equals(integer(PARTS)));
        let groups = filled(cube(snapshot, &reports, query, group_by)?, query);
        let rows = groups.iter().filter(|group| group.count() > 0 || group.period.is_some()).map(
            |group| {
                let mut extra = Map::new();
                extra.insert("complete".into(), group.sum("complete").into());
                // A sum of integers, independent of the order of reports.
                let all = PARTS * group.count() as i64;
                let mean = (all > 0).then(|| group.sum("parts") as f64 / all as f64);
                single::row(
                    &DEFINITION,
                    &single::key(group),
                    group_by,
                    mean,
                    None,
                    group.count() as usize,
                    extra,
                )
            },
        );
        Ok(rows.collect())
    }
}
