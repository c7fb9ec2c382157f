//! Is the backlog shrinking? Open at the end of each period, opened and closed in it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Metric, dimensions};
use crate::ask::{Ask, Dimension, MetricError, Period};
use crate::cube::{Cell, Facts, Regions, cube};
use crate::definition::{Definition, Extra, Unit};
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;

/// The metric.
pub struct ActionBacklog;

static DEFINITION: Definition = Definition {
    id: "action_backlog",
    title: "Action backlog",
    question: "Is the backlog shrinking?",
    unit: Unit::Count,
    formula: "Actions open at the end of the period, or of the days asked for; open(t) = open(t-1) + opened + reopened - closed - cancelled.",
    reference: "HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[],
    minimum_n: 0,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("opened", "opened in the period"),
        Extra::number("closed", "completed in the period"),
        Extra::number("cancelled", "cancelled in the period"),
        Extra::number("reopened", "taken up again in the period"),
    ],
};

impl Metric for ActionBacklog {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let last = ask.to.unwrap_or(ask.as_of).min(ask.as_of);
        let measures = &["opened", "closed", "cancelled", "reopened"];
        let facts = Facts { frame: snapshot.action_moves()?, regions: Regions::Own, measures, further: None };
        // What was open before the first day asked for is carried on.
        let mut open: BTreeMap<Vec<String>, i64> = BTreeMap::new();
        if let Some(before) = ask.from.and_then(|from| from.pred_opt()) {
            let asked = Ask { from: None, to: Some(before.min(last)), period: None, ..ask.clone() };
            open.extend(cube(snapshot, &facts, &asked, group_by)?.into_iter().map(|cell| (cell.keys, net(&cell.sums))));
        }
        let asked = Ask { to: Some(last), ..ask.clone() };
        let mut moves: BTreeMap<Vec<String>, BTreeMap<Option<NaiveDate>, Vec<i64>>> =
            open.keys().map(|keys| (keys.clone(), BTreeMap::new())).collect();
        for cell in cube(snapshot, &facts, &asked, group_by)? {
            moves.entry(cell.keys).or_default().insert(cell.period.map(|period| period.start), cell.sums);
        }
        let first = ask.from.or_else(|| moves.values().filter_map(|of| *of.keys().next()?).min());
        let periods: Vec<Option<Period>> = match (ask.period, first) {
            (None, _) => vec![None],
            (Some(grain), Some(first)) => Period::between(first, last, grain).into_iter().map(Some).collect(),
            (Some(_), None) => Vec::new(),
        };
        let mut rows = Vec::new();
        for (keys, of_period) in moves {
            let mut standing = open.get(&keys).copied().unwrap_or_default();
            for period in &periods {
                let none = vec![0; measures.len()];
                let sums = of_period.get(&period.map(|period| period.start)).unwrap_or(&none);
                standing += net(sums);
                rows.push(row(&keys, *period, standing, measures.iter().zip(sums), group_by));
            }
        }
        Ok(rows)
    }
}

/// What opened, closed, cancelled and reopened do to the backlog together.
fn net(sums: &[i64]) -> i64 {
    sums.iter().zip([1, -1, -1, 1]).map(|(sum, sign)| sum * sign).sum()
}

fn row<'a>(
    keys: &[String],
    period: Option<Period>,
    open: i64,
    moves: impl Iterator<Item = (&'a &'static str, &'a i64)>,
    group_by: &[Dimension],
) -> Row {
    let cell = Cell { keys: keys.to_vec(), period, further: None, count: open.unsigned_abs(), sums: Vec::new() };
    let extra = moves.map(|(name, sum)| ((*name).to_owned(), (*sum).into())).collect();
    Row {
        dimensions: dimensions(&cell, group_by),
        value: Some(open as f64),
        unit: DEFINITION.unit,
        numerator: None,
        denominator: None,
        n: open.unsigned_abs(),
        ci_low: None,
        ci_high: None,
        reliability: Reliability::Ok,
        note: None,
        extra,
    }
}
