//! How far do due dates move? Current less original due date.

use serde_json::Map;

use super::{Metric, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Extra, Unit};
use crate::row::{Row, number};
use crate::snapshot::Snapshot;
use crate::snapshot::index::grouped;
use crate::stats::order::{median, median_interval};

/// The metric.
pub struct ActionSlippage;

static DEFINITION: Definition = Definition {
    id: "action_slippage",
    title: "Slippage",
    question: "How far do due dates move?",
    unit: Unit::Days,
    formula: "Median of current less original due date, in days, over actions with a due date; order-statistic interval. Periods go by the original due date.",
    reference: "HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 6,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("moved", "actions whose due date moved"),
        Extra::number("shareMoved", "share of them"),
        Extra::number("medianMoved", "median days of those that moved"),
    ],
};

impl Metric for ActionSlippage {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let actions = snapshot.actions(ask.as_of)?;
        let (original, current) = (&actions.due_original, &actions.due);
        let records = (0..actions.len()).filter(|place| {
            actions.opened[*place].is_some_and(|day| day <= ask.as_of)
                && original[*place].is_some()
                && current[*place].is_some()
        });
        let day = |place: &usize| original[*place].unwrap_or_default();
        let groups = grouped(records, ask, group_by, day, |place, dimension| actions.of(*place, dimension));
        let rows = groups.iter().map(|(key, records)| {
            let slips: Vec<f64> = records
                .iter()
                .filter_map(|place| Some((current[*place]? - original[*place]?).num_days() as f64))
                .collect();
            let moved: Vec<f64> = slips.iter().copied().filter(|days| *days != 0.0).collect();
            let mut extra = Map::new();
            extra.insert("moved".into(), moved.len().into());
            extra.insert("shareMoved".into(), number(Some(moved.len() as f64 / slips.len() as f64)));
            extra.insert("medianMoved".into(), number(median(&moved)));
            single::row(&DEFINITION, key, group_by, median(&slips), median_interval(&slips), slips.len(), extra)
        });
        Ok(rows.collect())
    }
}
