//! Is the backlog shrinking? Actions open at the end of each period, and actions opened and closed
//! in it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Metric, keyed};
use crate::cube::{Cube, column, cube, day, is};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery, Period};
use crate::row::{MetricRow, Reliability};
use crate::snapshot::{Snapshot, opened};

/// The metric.
pub struct ActionBacklog;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "action_backlog",
    title: "Action backlog",
    question: "Is the backlog shrinking?",
    unit: Unit::Count,
    formula: "Actions open at the end of the period, or of the requested days: open(t) = open(t-1) \
        + opened + reopened - closed - canceled.",
    reference: "HSEEP 2020, improvement planning",
    dimensions: &[Dimension::Region, Dimension::Capability, Dimension::Framework],
    default_group_by: &[],
    minimum_n: 0,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::integer("opened", "opened in the period"),
        Extra::integer("closed", "completed in the period"),
        Extra::integer("cancelled", "canceled in the period"),
        Extra::integer("reopened", "reopened in the period"),
    ],
};

impl Metric for ActionBacklog {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let last = query.to.unwrap_or(query.as_of).min(query.as_of);
        let by_then = |name: &'static str| column(name).not_by(day(last));
        let open = opened(&MetricQuery { as_of: last, ..query.clone() }).by_day("opened_on");
        let open = open.only(by_then("completed_on").and(by_then("cancelled_on")));
        let of = |extras, cube: Cube| Facts::actions(cube).for_extras(extras);
        let changed = |flag| Cube::of("action_changes").by_day("changed_on").only(is(flag));
        Ok(vec![
            Facts::actions(open).at_period_ends(),
            super::action_time_to_close::counted(query)
                .for_extras(&["opened"])
                .counted_in(&["opened"]),
            of(&["closed"], opened(query).by_day("completed_on")),
            of(&["closed"], steady().by_day("completed_on")).counted_in(&["closed"]),
            of(&["closed"], changed("closed")).counted_in(&["closed"]),
            // Cancellations and reopenings are so rare that each reveals something about one
            // organization.
            of(&["cancelled", "reopened"], Cube::of("action_changes")).unreleased(),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let last = query.to.unwrap_or(query.as_of).min(query.as_of);
        // Actions open before the first requested day are carried forward.
        let mut open: BTreeMap<Vec<String>, i64> = BTreeMap::new();
        if let Some(before) = query.from.and_then(|from| from.pred_opt()) {
            let query_without_period = MetricQuery {
                from: None,
                to: Some(before.min(last)),
                period: None,
                ..query.clone()
            };
            for (keys, of_period) in moves(snapshot, &query_without_period, group_by)? {
                open.insert(keys, of_period.values().map(net).sum());
            }
        }
        let mut found =
            moves(snapshot, &MetricQuery { to: Some(last), ..query.clone() }, group_by)?;
        for keys in open.keys() {
            found.entry(keys.clone()).or_default();
        }
        let first = query.from.or_else(|| found.values().filter_map(|of| *of.keys().next()?).min());
        let periods: Vec<Option<Period>> = match (query.period, first) {
            (None, _) => vec![None],
            (Some(grain), Some(first)) => {
                Period::between(first, last, grain).into_iter().map(Some).collect()
            }
            (Some(_), None) => Vec::new(),
        };
        let mut rows = Vec::new();
        for (keys, of_period) in found {
            let mut open_count = open.get(&keys).copied().unwrap_or_default();
            for period in &periods {
                let counts =
                    of_period.get(&period.map(|period| period.start)).copied().unwrap_or_default();
                open_count += net(&counts);
                rows.push(row(&keys, *period, open_count, counts, group_by));
            }
        }
        Ok(rows)
    }
}

/// Numbers of actions opened, closed, canceled and reopened.
type Counts = [i64; 4];
/// Counts by group and the first day of the period.
type Moves = BTreeMap<Vec<String>, BTreeMap<Option<NaiveDate>, Counts>>;
const MOVES: [&str; 4] = ["opened", "closed", "cancelled", "reopened"];

/// Net change of the backlog.
fn net(counts: &Counts) -> i64 {
    counts.iter().zip([1, -1, -1, 1]).map(|(count, sign)| count * sign).sum()
}

/// Actions with their current status.
fn last_known() -> Cube {
    Cube::of("actions").only(column("known_until").known().not())
}

/// Actions that were never reopened.
fn steady() -> Cube {
    last_known().only(is("taken_back").not())
}

/// Changes by group and first day of the period. An action that was never reopened ends once, on
/// its own end date. The endings of other actions are separate records.
fn moves(
    snapshot: &Snapshot,
    query: &MetricQuery,
    group_by: &[Dimension],
) -> Result<Moves, MetricError> {
    let counted = |cube: Cube, name: &'static str| cube.count(name, column("action_id").known());
    let cubes = [
        counted(last_known().by_day("opened_on"), "opened"),
        counted(steady().by_day("completed_on"), "closed"),
        counted(steady().by_day("cancelled_on"), "cancelled"),
        Cube::of("action_changes").by_day("changed_on").sums(&["closed", "cancelled", "reopened"]),
    ];
    let mut moves = Moves::new();
    for one in cubes {
        for group in cube(snapshot, &one, query, group_by)? {
            let start = group.period.map(|period| period.start);
            let counts = moves.entry(group.keys.clone()).or_default().entry(start).or_default();
            counts.iter_mut().zip(MOVES).for_each(|(count, name)| *count += group.sum(name));
        }
    }
    Ok(moves)
}

fn row(
    keys: &[String],
    period: Option<Period>,
    open: i64,
    counts: Counts,
    group_by: &[Dimension],
) -> MetricRow {
    let extra =
        MOVES.iter().zip(counts).map(|(name, count)| ((*name).to_owned(), count.into())).collect();
    MetricRow {
        dimensions: keyed(keys, period, group_by),
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
