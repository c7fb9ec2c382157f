//! How far do due dates move? Days from the original to the current due date.

use serde_json::Map;

use super::{Metric, single};
use crate::cube::{Cube, Term, column, cube, day, filled, integer};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, number};
use crate::snapshot::{Snapshot, opened};
use hotwash_statistics::order::{median_counted, median_interval_counted};

/// The metric.
pub struct ActionSlippage;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "action_slippage",
    title: "Slippage",
    question: "How far do due dates move?",
    unit: Unit::Days,
    formula: "Median days from the original to the current due date, over actions with a due date. \
        Interval by order statistics. An action belongs to the period of its original due date.",
    reference: "HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 6,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::integer("moved", "actions whose due date moved"),
        Extra::number("shareMoved", "share of actions whose due date moved"),
        Extra::number("medianMoved", "median days by which those due dates moved"),
    ],
};

/// Actions with a due date, by their original due date.
fn due(query: &MetricQuery) -> Cube {
    let actions = opened(query).by_day("due_original_on");
    actions.only(column("due_original_on").known()).only(column("due_current_on").known())
}

/// Days by which the due date moved.
fn slip() -> Term {
    column("due_current_on").less(column("due_original_on"))
}

impl Metric for ActionSlippage {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let cancelled = || column("cancelled_on");
        let moved = || slip().under(integer(0)).or(slip().from(integer(1)));
        Ok(vec![
            Facts::actions(due(query))
                .split([cancelled().not_by(day(query.as_of))])
                .stating("moved", moved()),
            // A median over few moved dates is the date of one action.
            Facts::actions(due(query).only(moved())).unlisted().for_extras(&["medianMoved"]),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let groups =
            filled(cube(snapshot, &due(query).key("days", slip()), query, group_by)?, query);
        let rows = groups.iter().filter(|group| group.count() > 0 || group.period.is_some()).map(
            |group| {
                let days = group.integer("days").iter().map(|days| days.unwrap_or_default());
                let slips: Vec<(i64, u64)> = days.zip(group.counts().iter().copied()).collect();
                let moved: Vec<(i64, u64)> =
                    slips.iter().copied().filter(|(days, _)| *days != 0).collect();
                let how_many: u64 = moved.iter().map(|(_, count)| *count).sum();
                let mut extra = Map::new();
                extra.insert("moved".into(), how_many.into());
                extra.insert(
                    "shareMoved".into(),
                    number(Some(how_many as f64 / group.count() as f64)),
                );
                extra.insert("medianMoved".into(), number(median_counted(&moved)));
                single::row(
                    &DEFINITION,
                    &single::key(group),
                    group_by,
                    median_counted(&slips),
                    median_interval_counted(&slips),
                    group.count() as usize,
                    extra,
                )
            },
        );
        Ok(rows.collect())
    }
}
