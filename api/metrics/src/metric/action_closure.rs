//! Do we finish what we open? Closed actions of those opened.

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cube, column, cube, day, filled};
use crate::definition::{Definition, Unit};
use crate::provenance::Counted;
use crate::row::Row;
use crate::snapshot::{Snapshot, opened};

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

    fn counted(&self, ask: &Ask) -> Option<Counted> {
        Counted::of("CorrectiveAction", "action_id", kept(ask))
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let opened = kept(ask).count("closed", column("completed_on").up_to(day(ask.as_of)));
        let groups = filled(cube(snapshot, &opened, ask, group_by)?, ask);
        Ok(groups.iter().map(|group| share::counted(&DEFINITION, group, group_by, "closed")).collect())
    }
}

/// Actions that were not cancelled.
fn kept(ask: &Ask) -> Cube {
    opened(ask).by_day("opened_on").only(column("cancelled_on").not_by(day(ask.as_of)))
}
