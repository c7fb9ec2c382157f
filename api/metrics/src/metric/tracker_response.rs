//! Do owners answer when asked about their open actions?

use super::{Metric, share};
use crate::cube::{Cube, column, cube, day, filled};
use crate::definition::{MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// The metric.
pub struct TrackerResponse;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "tracker_response",
    title: "Tracker response",
    question: "Do owners answer when asked about their open actions?",
    unit: Unit::Share,
    formula: "Requests answered on or before their due day / requests of sent trackers whose due \
        day lies in the period and not after the as-of day. A request is one action in one \
        tracker. Its owner answers by a change, or by stating that nothing changed. Regions are \
        those that owed the action when asked.",
    reference: "HSEEP 2020, improvement planning: track corrective actions to completion",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[],
};

/// Requests due by the as-of day. Those answered on or before their due day are in the numerator.
fn due(query: &MetricQuery) -> Facts {
    let due = Cube::of("tracker_requests").by_day("due_on");
    let due = due.only(column("due_on").up_to(day(query.as_of)));
    Facts::of("TrackerRequest", "request_id", due)
        .numerator(column("answered_on").up_to(column("due_on")))
}

impl Metric for TrackerResponse {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn has_comparable_periods(&self) -> bool {
        true
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        Ok(vec![due(query)])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let due = due(query).counting("answered");
        let groups = filled(cube(snapshot, &due, query, group_by)?, query);
        let row = |group| share::counted(&DEFINITION, group, group_by, "answered");
        Ok(groups.iter().map(row).collect())
    }
}
