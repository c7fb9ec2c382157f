//! Is completed work proved? Validated actions of those completed at least a year ago.

use chrono::Months;

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cube, column, cube, day, filled};
use crate::definition::{Definition, Unit};
use crate::provenance::Counted;
use crate::row::Row;
use crate::snapshot::{Snapshot, opened};

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

/// Actions completed long enough ago.
fn completed(ask: &Ask) -> Cube {
    let old = ask.as_of.checked_sub_months(Months::new(12)).unwrap_or(ask.as_of);
    opened(ask).by_day("completed_on").only(column("completed_on").up_to(day(old)))
}

impl Metric for ActionValidation {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn counted(&self, ask: &Ask) -> Option<Counted> {
        Counted::of("CorrectiveAction", "action_id", completed(ask))
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let completed = completed(ask).count("proved", column("validated_on").up_to(day(ask.as_of)));
        let groups = filled(cube(snapshot, &completed, ask, group_by)?, ask);
        let found = groups.iter().filter(|group| group.count() > 0 || group.period.is_some());
        Ok(found.map(|group| share::counted(&DEFINITION, group, group_by, "proved")).collect())
    }
}
