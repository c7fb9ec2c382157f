//! Do we finish what we open? Closed actions of those opened.

use super::{Metric, share};
use crate::query::{Ask, Dimension, MetricError};
use crate::cube::{column, cube, day, filled};
use crate::definition::{Definition, Unit};
use crate::facts::{Facts, Part};
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

    fn facts(&self, _snapshot: &Snapshot, ask: &Ask) -> Result<Vec<Facts>, MetricError> {
        Ok(vec![counted(ask)])
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let opened = counted(ask).counting("closed");
        let groups = filled(cube(snapshot, &opened, ask, group_by)?, ask);
        Ok(groups.iter().map(|group| share::counted(&DEFINITION, group, group_by, "closed")).collect())
    }
}

/// Actions that were not canceled; those completed are in the numerator.
fn counted(ask: &Ask) -> Facts {
    let as_of = || day(ask.as_of);
    let opened = opened(ask).by_day("opened_on").only(column("cancelled_on").not_by(as_of()));
    Facts::actions(opened)
        .numerator(column("completed_on").up_to(as_of()))
        .part(Part::Denominator, column("completed_on").not_by(as_of()))
}
