//! Has completed work been validated? Validated actions as a share of those completed at least a
//! year ago.

use chrono::Months;

use super::{Metric, share};
use crate::cube::{column, cube, day, filled};
use crate::definition::{MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::{Snapshot, opened};

/// The metric.
pub struct ActionValidation;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "action_validation",
    title: "Validation",
    question: "Has completed work been validated?",
    unit: Unit::Share,
    formula: "Actions validated in a later exercise or incident / actions completed at least 12 \
        months before the as-of day. Wilson interval. An action belongs to the period of its \
        completion.",
    reference: "DHS OIG-12-118: completed actions were not validated",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[],
};

/// Actions completed at least 12 months ago; the validated ones are in the numerator.
fn completed(query: &MetricQuery) -> Facts {
    let old = query.as_of.checked_sub_months(Months::new(12)).unwrap_or(query.as_of);
    let completed =
        opened(query).by_day("completed_on").only(column("completed_on").up_to(day(old)));
    Facts::actions(completed).numerator(column("validated_on").up_to(day(query.as_of)))
}

impl Metric for ActionValidation {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        Ok(vec![completed(query)])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let completed = completed(query).counting("proved");
        let groups = filled(cube(snapshot, &completed, query, group_by)?, query);
        let found = groups.iter().filter(|group| group.count() > 0 || group.period.is_some());
        Ok(found.map(|group| share::counted(&DEFINITION, group, group_by, "proved")).collect())
    }
}
