//! Do we finish what we promised, when we promised it?

use polars::prelude::{IntoLazy, col, lit};
use serde_json::Map;

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Facts, Regions, cube, fill_periods};
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
        let as_of = lit(ask.as_of);
        let frame = snapshot.frame("actions").clone().lazy().filter(
            col("due_original_on")
                .lt_eq(as_of.clone())
                .and(col("cancelled_on").is_null().or(col("cancelled_on").gt(as_of))),
        );
        let frame = frame.with_columns([
            col("due_original_on").alias("local_date"),
            col("completed_on").lt_eq(col("due_original_on")).fill_null(lit(false)).alias("on_time"),
        ]);
        let facts = Facts { frame, regions: Regions::Own, measures: &["on_time"], further: None };
        let cells = fill_periods(cube(snapshot, &facts, ask, group_by)?, ask, 1);
        Ok(cells
            .iter()
            .map(|cell| share::row(&DEFINITION, cell, group_by, cell.sums[0] as f64, cell.count as f64, Map::new()))
            .collect())
    }
}
