//! Do we finish what we open? Completed actions as a share of opened ones.

use super::{Metric, share};
use crate::cube::{column, cube, day, filled};
use crate::definition::{MetricDefinition, Unit};
use crate::facts::{Facts, Part};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::{Snapshot, opened};

/// The metric.
pub struct ActionClosure;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "action_closure",
    title: "Action closure",
    question: "Do we finish what we open?",
    unit: Unit::Share,
    formula: "Actions completed by the as-of day / actions opened in the period. Canceled actions \
        count in neither. Actions opened recently have had little time to close, so recent periods \
        read low.",
    reference: "HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[],
};

impl Metric for ActionClosure {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        Ok(vec![counted(query)])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let opened = counted(query).counting("closed");
        let groups = filled(cube(snapshot, &opened, query, group_by)?, query);
        Ok(groups
            .iter()
            .map(|group| share::counted(&DEFINITION, group, group_by, "closed"))
            .collect())
    }
}

/// Actions that were not canceled; those completed are in the numerator.
fn counted(query: &MetricQuery) -> Facts {
    let as_of = || day(query.as_of);
    let opened = opened(query).by_day("opened_on").only(column("cancelled_on").not_by(as_of()));
    Facts::actions(opened)
        .numerator(column("completed_on").up_to(as_of()))
        .part(Part::Denominator, column("completed_on").not_by(as_of()))
}
