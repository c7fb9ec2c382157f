//! What is past due? Open actions past their due date, by age.

use chrono::NaiveDate;
use polars::prelude::{DataType, IntoLazy, col, lit};
use serde_json::Map;

use super::{Metric, dimensions};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Facts, Regions, cube};
use crate::definition::{Definition, Extra, Unit};
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;

/// The metric.
pub struct ActionOverdue;

static DEFINITION: Definition = Definition {
    id: "action_overdue",
    title: "Overdue actions",
    question: "What is past due, and for how long?",
    unit: Unit::Count,
    formula: "Actions open at the as-of day whose present due date lies before it, with age bands.",
    reference: "HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 0,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("open", "open actions"),
        Extra::number("days1To30", "overdue 1 to 30 days"),
        Extra::number("days31To90", "overdue 31 to 90 days"),
        Extra::number("days91To180", "overdue 91 to 180 days"),
        Extra::number("daysOver180", "overdue more than 180 days"),
    ],
};

impl Metric for ActionOverdue {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn stands_since(&self, snapshot: &Snapshot) -> Result<Option<NaiveDate>, MetricError> {
        snapshot.first_day("actions", "opened_on")
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let as_of = lit(ask.as_of);
        let lasts = |ended: &str| col(ended).is_null().or(col(ended).gt(as_of.clone()));
        let open = lasts("completed_on").and(lasts("cancelled_on"));
        let frame = snapshot.actions_on(ask.as_of)?.lazy().filter(col("opened_on").lt_eq(as_of.clone()));
        let days = lit(ask.as_of_number()) - col("due_current_on").cast(DataType::Int32);
        let band = |from: i32, to: i32| {
            open.clone().and(days.clone().gt_eq(lit(from))).and(days.clone().lt_eq(lit(to))).fill_null(lit(false))
        };
        let frame = frame.with_columns([
            col("opened_on").alias("local_date"),
            band(1, i32::MAX).alias("overdue"),
            band(1, 30).alias("days30"),
            band(31, 90).alias("days90"),
            band(91, 180).alias("days180"),
            band(181, i32::MAX).alias("older"),
            open.clone().alias("open"),
        ]);
        // A group whose actions have all ended is a row with a true zero.
        let measures = &["overdue", "days30", "days90", "days180", "older", "open"];
        let facts = Facts { frame, regions: Regions::Own, measures, further: None };
        let rows = cube(snapshot, &facts, ask, group_by)?.into_iter().map(|cell| {
            let mut extra = Map::new();
            extra.insert("open".into(), cell.sums[5].into());
            for (name, sum) in
                ["days1To30", "days31To90", "days91To180", "daysOver180"].into_iter().zip(&cell.sums[1..])
            {
                extra.insert(name.into(), (*sum).into());
            }
            Row {
                dimensions: dimensions(&cell, group_by),
                value: Some(cell.sums[0] as f64),
                unit: DEFINITION.unit,
                numerator: Some(cell.sums[0] as f64),
                denominator: Some(cell.sums[5] as f64),
                n: cell.sums[5].unsigned_abs(),
                ci_low: None,
                ci_high: None,
                reliability: Reliability::Ok,
                note: None,
                extra,
            }
        });
        Ok(rows.collect())
    }
}
