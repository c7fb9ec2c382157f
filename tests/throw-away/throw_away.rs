//! A metric thrown away after the test (`tests/throw-away/run`): of the actions opened, how many are completed?

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cube, column, cube, day, filled};
use crate::definition::{Definition, Unit};
use crate::provenance::Counted;
use crate::row::Row;
use crate::snapshot::{Snapshot, opened};

/// The metric.
pub struct ThrowAway;

static DEFINITION: Definition = Definition {
    id: "throw_away",
    title: "Thrown away",
    question: "Would another metric be one file and one line?",
    unit: Unit::Share,
    formula: "Actions completed by the as-of day / actions opened.",
    reference: "none",
    dimensions: &[Dimension::Region, Dimension::Capability],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[],
};

impl Metric for ThrowAway {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn counted(&self, ask: &Ask) -> Option<Counted> {
        Counted::of("CorrectiveAction", "action_id", actions(ask))
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let done = actions(ask).count("done", column("completed_on").up_to(day(ask.as_of)));
        let groups = filled(cube(snapshot, &done, ask, group_by)?, ask);
        Ok(groups.iter().map(|group| share::counted(&DEFINITION, group, group_by, "done")).collect())
    }
}

fn actions(ask: &Ask) -> Cube {
    opened(ask).by_day("opened_on")
}
