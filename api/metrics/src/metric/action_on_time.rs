//! Do we finish what we promised, when we promised it?

use serde_json::Map;

use super::{Metric, share};
use crate::cube::{CellGroup, Cube, column, cube, day, filled};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::{Snapshot, opened};

/// The metric.
pub struct ActionOnTime;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "action_on_time",
    title: "Actions on time",
    question: "Do we finish what we promised, when we promised it?",
    unit: Unit::Share,
    formula: "Actions completed on or before their original due date / actions whose original due \
        date lies in the period and not after the as-of day. An open action past its original due \
        date counts as late. Moving a due date does not help. Canceled actions do not count.",
    reference: "HSEEP 2020, improvement planning: track corrective actions to completion",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[Extra::integer(
        "withoutDueDate",
        "actions without a due date, which the share leaves out; not by period",
    )],
};

/// Actions that were not canceled.
fn not_canceled(query: &MetricQuery) -> Cube {
    opened(query).only(column("cancelled_on").not_by(day(query.as_of)))
}

/// Actions due by the as-of day. Those completed on or before their original due date are in the
/// numerator.
fn due(query: &MetricQuery) -> Facts {
    let in_time = column("completed_on").up_to(column("due_original_on"));
    let due = not_canceled(query)
        .by_day("due_original_on")
        .only(column("due_original_on").up_to(day(query.as_of)));
    Facts::actions(due).numerator(in_time)
}

/// Actions without a due date.
fn dateless(query: &MetricQuery) -> Cube {
    not_canceled(query).by_day("opened_on").only(column("due_original_on").known().not())
}

impl Metric for ActionOnTime {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn has_comparable_periods(&self) -> bool {
        true
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        Ok(vec![
            due(query),
            Facts::actions(dateless(query))
                .for_extras(&["withoutDueDate"])
                .counted_in(&["withoutDueDate"])
                .unsplit(),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let due = due(query).counting("on_time");
        let groups = filled(cube(snapshot, &due, query, group_by)?, query);
        // An action without a due date belongs to no period. It is counted separately, by the day
        // it was opened.
        let dateless = cube(
            snapshot,
            &dateless(query),
            &MetricQuery { period: None, ..query.clone() },
            group_by,
        )?;
        let without_due_date = |group: &CellGroup| {
            dateless.iter().find(|other| other.keys == group.keys).map_or(0, |other| other.count())
        };
        Ok(groups
            .iter()
            .map(|group| {
                let mut extra = Map::new();
                if group.period.is_none() {
                    extra.insert("withoutDueDate".into(), without_due_date(group).into());
                }
                share::row(
                    &DEFINITION,
                    group,
                    group_by,
                    group.sum("on_time") as f64,
                    group.count() as f64,
                    extra,
                )
            })
            .collect())
    }
}
