//! Is the backlog shrinking? Open at the end of each period, opened and closed in it.

use std::collections::BTreeMap;

use serde_json::Map;

use super::{Metric, keyed};
use crate::ask::{Ask, Dimension, Grain, MetricError, Period};
use crate::cube::{Cube, column, cube, day};
use crate::definition::{Definition, Unit};
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;

/// The metric.
pub struct ActionBacklog;

static DEFINITION: Definition = Definition {
    id: "action_backlog",
    title: "Action backlog",
    question: "Is the backlog shrinking?",
    unit: Unit::Count,
    formula: "Actions open at the end of the period; open(t) = open(t-1) + opened - closed - cancelled.",
    reference: "HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[],
    minimum_n: 0,
    parameters: &[],
    single_records: &[],
    extras: &[
        ("opened", "opened in the period"),
        ("closed", "completed in the period"),
        ("cancelled", "cancelled in the period"),
    ],
};

impl Metric for ActionBacklog {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        // All changes from the first on count towards the backlog; the question's first day only decides what is shown.
        let grain = ask.period.unwrap_or(Grain::Month);
        let last_day = ask.to.unwrap_or(ask.as_of).min(ask.as_of);
        let asked = Ask { period: Some(grain), from: None, to: Some(last_day), ..ask.clone() };
        let mut changes: BTreeMap<Vec<String>, BTreeMap<chrono::NaiveDate, [i64; 3]>> = BTreeMap::new();
        for (place, column_name) in ["opened_on", "completed_on", "cancelled_on"].into_iter().enumerate() {
            let changed = Cube::of("actions").by_day(column_name).only(column("opened_on").up_to(day(ask.as_of)));
            for group in cube(snapshot, &changed, &asked, group_by)? {
                if let Some(period) = group.period {
                    let count = group.count() as i64;
                    changes.entry(group.keys).or_default().entry(period.start).or_default()[place] += count;
                }
            }
        }
        let Some(first) = changes.values().filter_map(|periods| periods.keys().next()).min().copied() else {
            return Ok(Vec::new());
        };
        let mut rows = Vec::new();
        for (keys, periods) in &changes {
            let mut open = 0;
            let mut group = Vec::new();
            for period in Period::between(first, last_day, grain) {
                let [opened, closed, cancelled] = periods.get(&period.start).copied().unwrap_or_default();
                open += opened - closed - cancelled;
                if ask.from.is_none_or(|from| period.end() >= from) {
                    group.push(row(keys, period, open, [opened, closed, cancelled], group_by));
                }
            }
            // Without periods asked for, the state at the end is the answer.
            if ask.period.is_none() {
                group.drain(..group.len().saturating_sub(1));
                for row in &mut group {
                    row.dimensions.remove("period");
                    row.dimensions.remove("periodStart");
                }
            }
            rows.extend(group);
        }
        Ok(rows)
    }
}

fn row(
    keys: &[String],
    period: Period,
    open: i64,
    [opened, closed, cancelled]: [i64; 3],
    group_by: &[Dimension],
) -> Row {
    let mut extra = Map::new();
    extra.insert("opened".into(), opened.into());
    extra.insert("closed".into(), closed.into());
    extra.insert("cancelled".into(), cancelled.into());
    Row {
        dimensions: keyed(keys, Some(period), group_by),
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
