//! Is completed work proved? Validated actions of those completed at least a year ago.

use chrono::Months;
use serde_json::Map;

use super::{Metric, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Unit};
use crate::row::Row;
use crate::snapshot::Snapshot;
use crate::snapshot::index::grouped;

/// The metric.
pub struct ActionValidation;

static DEFINITION: Definition = Definition {
    id: "action_validation",
    title: "Validation",
    question: "Is completed work proved?",
    unit: Unit::Share,
    formula: "Actions validated in a later exercise or incident / actions completed at least 12 months before the as-of day; Wilson interval. Periods go by the day of completion.",
    reference: "DHS OIG-12-118: completed actions were not validated",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[],
};

impl Metric for ActionValidation {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let actions = snapshot.actions(ask.as_of)?;
        let old = ask.as_of.checked_sub_months(Months::new(12)).unwrap_or(ask.as_of);
        let records = (0..actions.len()).filter(|place| actions.completed[*place].is_some_and(|day| day <= old));
        let day = |place: &usize| actions.completed[*place].unwrap_or_default();
        let groups = grouped(records, ask, group_by, day, |place, dimension| actions.of(*place, dimension));
        let proved = |place: &&usize| actions.validated[**place].is_some_and(|day| day <= ask.as_of);
        Ok(groups
            .iter()
            .map(|(key, records)| {
                single::share(
                    &DEFINITION,
                    key,
                    group_by,
                    records.iter().filter(proved).count(),
                    records.len(),
                    Map::new(),
                )
            })
            .collect())
    }
}
