//! Do we finish what we promised, when we promised it?

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cube, column, cube, day, filled};
use crate::definition::{Definition, Unit};
use crate::row::Row;
use crate::snapshot::Snapshot;

/// The metric.
pub struct ActionOnTime;

static DEFINITION: Definition = Definition {
    id: "action_on_time",
    title: "Actions on time",
    question: "Do we finish what we promised, when we promised it?",
    unit: Unit::Share,
    formula: "Of actions whose original due date lies in the period and by the as-of day: completed on or before it / due. An open one past due counts against; a due date that was moved does not help; cancelled ones are left out.",
    reference: "HSEEP 2020, improvement planning: track corrective actions to completion",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[],
};

impl Metric for ActionOnTime {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let due = Cube::of("actions")
            .by_day("due_original_on")
            .only(column("due_original_on").up_to(day(ask.as_of)))
            .only(column("cancelled_on").not_by(day(ask.as_of)))
            .count("on_time", column("completed_on").up_to(column("due_original_on")));
        let groups = filled(cube(snapshot, &due, ask, group_by)?, ask);
        Ok(groups.iter().map(|group| share::counted(&DEFINITION, group, group_by, "on_time")).collect())
    }
}
