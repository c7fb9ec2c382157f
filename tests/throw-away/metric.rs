//! A metric thrown away after the test (`tests/throw-away/run`): of the actions opened, how many
//! are completed?

use super::{Metric, share};
use crate::cube::{column, cube, day, filled};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::{Snapshot, opened};

/// The metric.
pub struct ThrowAway;

static DEFINITION: MetricDefinition = MetricDefinition {
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
    extras: &[Extra::integer("done", "actions completed")],
};

impl Metric for ThrowAway {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        Ok(vec![actions(query)])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let groups =
            filled(cube(snapshot, &actions(query).counting("done"), query, group_by)?, query);
        Ok(groups
            .iter()
            .map(|group| {
                let mut row = share::counted(&DEFINITION, group, group_by, "done");
                row.extra.insert("done".into(), group.sum("done").into());
                row
            })
            .collect())
    }
}

/// Actions opened; those completed are in the numerator.
fn actions(query: &MetricQuery) -> Facts {
    Facts::actions(opened(query).by_day("opened_on"))
        .numerator(column("completed_on").up_to(day(query.as_of)))
}
