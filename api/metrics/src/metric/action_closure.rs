//! Do we finish what we open? Closed actions of those opened.

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cube, column, cube, day, filled};
use crate::definition::{Definition, Unit};
use crate::row::Row;
use crate::snapshot::Snapshot;

/// The metric.
pub struct ActionClosure;

static DEFINITION: Definition = Definition {
    id: "action_closure",
    title: "Action closure",
    question: "Do we finish what we open?",
    unit: Unit::Share,
    formula: "Actions completed by the as-of day / actions opened in the period; cancelled ones are left out of both. Young cohorts cannot be closed yet.",
    reference: "HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[],
};

impl Metric for ActionClosure {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let as_of = || day(ask.as_of);
        let opened = Cube::of("actions")
            .by_day("opened_on")
            .only(column("opened_on").up_to(as_of()))
            .only(column("cancelled_on").not_by(as_of()))
            .count("closed", column("completed_on").up_to(as_of()));
        let groups = filled(cube(snapshot, &opened, ask, group_by)?, ask);
        Ok(groups.iter().map(|group| share::counted(&DEFINITION, group, group_by, "closed")).collect())
    }
}
