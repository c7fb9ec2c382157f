//! Do we finish what we promised, when we promised it?

use polars::prelude::{IntoLazy, col, lit};
use serde_json::Map;

use super::{Metric, share};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cell, Facts, Regions, cube, fill_periods};
use crate::definition::{Definition, Extra, Unit};
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
    extras: &[Extra::number("withoutDueDate", "actions without a due date, counted apart; not by period")],
};

impl Metric for ActionOnTime {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let as_of = || lit(ask.as_of);
        let kept = col("cancelled_on").is_null().or(col("cancelled_on").gt(as_of()));
        let frame = snapshot.actions_on(ask.as_of)?.lazy().filter(col("opened_on").lt_eq(as_of()).and(kept));
        let due = frame.clone().filter(col("due_original_on").lt_eq(as_of())).with_columns([
            col("due_original_on").alias("local_date"),
            col("completed_on").lt_eq(col("due_original_on")).fill_null(lit(false)).alias("on_time"),
        ]);
        let facts = Facts { frame: due, regions: Regions::Own, measures: &["on_time"], further: None };
        let cells = fill_periods(cube(snapshot, &facts, ask, group_by)?, ask, 1);
        // What has no due date lies in no period: it is counted apart, by the day it was opened.
        let dateless = frame.filter(col("due_original_on").is_null()).with_column(col("opened_on").alias("local_date"));
        let facts = Facts { frame: dateless, regions: Regions::Own, measures: &[], further: None };
        let dateless = cube(snapshot, &facts, &Ask { period: None, ..ask.clone() }, group_by)?;
        let apart = |cell: &Cell| dateless.iter().find(|other| other.keys == cell.keys).map_or(0, |other| other.count);
        Ok(cells
            .iter()
            .map(|cell| {
                let mut extra = Map::new();
                if cell.period.is_none() {
                    extra.insert("withoutDueDate".into(), apart(cell).into());
                }
                share::row(&DEFINITION, cell, group_by, cell.sums[0] as f64, cell.count as f64, extra)
            })
            .collect())
    }
}
