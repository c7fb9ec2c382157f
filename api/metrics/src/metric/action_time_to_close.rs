//! How long does fixing take? Days from opened to completed, with the open ones censored.

use polars::prelude::{DataType, IntoLazy, col, lit, when};
use serde_json::{Map, Value, json};

use super::{Metric, dimensions};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Cell, Facts, Regions, cube, fill_periods};
use crate::definition::{Definition, Extra, Unit};
use crate::row::{Reliability, Row, number};
use crate::snapshot::Snapshot;
use crate::stats::kaplan_meier;

/// The metric.
pub struct ActionTimeToClose;

static DEFINITION: Definition = Definition {
    id: "action_time_to_close",
    title: "Time to close",
    question: "How long does fixing take?",
    unit: Unit::Days,
    formula: "Kaplan-Meier median of the days from opened to completed; open actions are censored at the as-of day, cancelled ones at their cancellation. Interval of the median by Brookmeyer and Crowley with log(-log) limits. S(t) is null past the longest follow-up.",
    reference: "Kaplan and Meier 1958; Brookmeyer and Crowley 1982",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[Dimension::Region],
    minimum_n: 10,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("survival90", "share still open after 90 days"),
        Extra::number("survival180", "share still open after 180 days"),
        Extra::number("survival365", "share still open after 365 days"),
        Extra::number("closed", "actions completed"),
        Extra::list("curve", "time, survival, low and high at each closure"),
    ],
};

impl Metric for ActionTimeToClose {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let as_of = lit(ask.as_of);
        let by_then =
            |ended: &str| when(col(ended).lt_eq(as_of.clone())).then(col(ended)).otherwise(lit(polars::prelude::NULL));
        let frame = snapshot.actions_on(ask.as_of)?.lazy().filter(col("opened_on").lt_eq(as_of.clone()));
        let frame =
            frame.with_columns([by_then("completed_on").alias("done"), by_then("cancelled_on").alias("dropped")]);
        let day = |name: &str| col(name).cast(DataType::Int32);
        let end = when(col("done").is_not_null())
            .then(day("done"))
            .when(col("dropped").is_not_null())
            .then(day("dropped"))
            .otherwise(lit(ask.as_of_number()));
        let frame = frame.with_columns([
            col("opened_on").alias("local_date"),
            (end - day("opened_on")).alias("days"),
            col("done").is_not_null().alias("closed"),
        ]);
        // The cube holds durations as counts per day.
        let facts = Facts { frame, regions: Regions::Own, measures: &["closed"], further: Some("days") };
        let cells = fill_periods(cube(snapshot, &facts, ask, group_by)?, ask, 1);
        let same = |left: &Cell, right: &Cell| (&left.keys, left.period) == (&right.keys, right.period);
        Ok(cells.chunk_by(same).map(|days| survival(days, group_by)).collect())
    }
}

fn survival(days: &[Cell], group_by: &[Dimension]) -> Row {
    let mut observations = Vec::new();
    for cell in days {
        let day = cell.further.unwrap_or_default().max(0);
        let closed = cell.sums[0].unsigned_abs();
        observations.extend((0..cell.count).map(|place| (day, place < closed)));
    }
    let estimate = kaplan_meier(&observations);
    let median = estimate.quantile(0.5);
    let (low, high) = estimate.median_interval();
    let enough = estimate.n >= 10 && estimate.events >= 5;
    let mut extra = Map::new();
    for day in [90, 180, 365] {
        extra.insert(format!("survival{day}"), number(estimate.at(day)));
    }
    extra.insert("closed".into(), estimate.events.into());
    let curve = estimate
        .steps
        .iter()
        .map(|step| json!({"time": step.time, "survival": step.survival, "low": step.low, "high": step.high}));
    extra.insert("curve".into(), Value::Array(curve.collect()));
    let note = if !enough {
        Some(format!("{} actions and {} closures; 10 and 5 needed", estimate.n, estimate.events))
    } else {
        median.is_none().then(|| "fewer than half are closed: there is no median yet".to_owned())
    };
    Row {
        dimensions: dimensions(&days[0], group_by),
        value: median.map(|days| days as f64),
        unit: DEFINITION.unit,
        numerator: None,
        denominator: None,
        n: estimate.n as u64,
        ci_low: low.map(|days| days as f64),
        ci_high: high.map(|days| days as f64),
        reliability: if enough { Reliability::Ok } else { Reliability::LowN },
        note,
        extra,
    }
}
