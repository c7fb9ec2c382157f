//! Do we finish what we open? Closed actions of those opened.

use polars::prelude::{IntoLazy, col, lit};
use serde_json::Map;

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Facts, Regions, cube, fill_periods};
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
        let as_of = lit(ask.as_of);
        let frame = snapshot.actions_on(ask.as_of)?.lazy().filter(
            col("opened_on")
                .lt_eq(as_of.clone())
                .and(col("cancelled_on").is_null().or(col("cancelled_on").gt(as_of.clone()))),
        );
        let frame = frame.with_columns([
            col("opened_on").alias("local_date"),
            col("completed_on").lt_eq(as_of).fill_null(lit(false)).alias("closed"),
        ]);
        let facts = Facts { frame, regions: Regions::Own, measures: &["closed"], further: None };
        let cells = fill_periods(cube(snapshot, &facts, ask, group_by)?, ask, 1);
        Ok(cells
            .iter()
            .map(|cell| share::row(&DEFINITION, cell, group_by, cell.sums[0] as f64, cell.count as f64, Map::new()))
            .collect())
    }
}
