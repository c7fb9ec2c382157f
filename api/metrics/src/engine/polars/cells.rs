//! Who is behind each cell, in one pass over the records: no group for each contributor is made.

use std::collections::HashMap;

use polars::prelude::{DataType, Expr, IntoLazy};

use super::{chosen, key, labelled, value};
use crate::ask::MetricError;
use crate::cube::Plan;
use crate::engine::few::Few;
use crate::engine::{Answer, Behind, Values};
use crate::snapshot::Frame;

/// Records looked at together: so many that their keys are small beside the snapshot.
const CHUNK: usize = 1 << 20;

/// Most cells for which a place is kept whether they hold records or not.
const DENSE: usize = 1 << 22;

/// A cell's few organisations, and its keys.
struct Cells {
    /// Lowest value of each key less one, which stands for none, and how many there are.
    ranges: Vec<(i64, u64)>,
    /// Place of each cell, plus one.
    dense: Vec<u32>,
    sparse: HashMap<u64, u32>,
    keys: Vec<u64>,
    few: Vec<Few>,
}

impl Cells {
    fn new(ranges: Vec<(i64, u64)>) -> Option<Self> {
        let all = ranges.iter().try_fold(1_u64, |all, (_, width)| all.checked_mul(*width))?;
        let dense = if all <= DENSE as u64 { vec![0; all as usize] } else { Vec::new() };
        Some(Self { ranges, dense, sparse: HashMap::new(), keys: Vec::new(), few: Vec::new() })
    }

    fn cell(&mut self, at: u64) -> &mut Few {
        let next = self.few.len() as u32 + 1;
        let place = if self.dense.is_empty() {
            self.sparse.entry(at).or_insert(next)
        } else {
            let place = &mut self.dense[at as usize];
            if *place == 0 {
                *place = next;
            }
            place
        };
        let place = *place as usize - 1;
        if place == self.few.len() {
            self.keys.push(at);
            self.few.push(Few::default());
        }
        &mut self.few[place]
    }

    /// The value of a key in a cell.
    fn value(&self, mut at: u64, key: usize) -> Option<i64> {
        for (_, width) in &self.ranges[key + 1..] {
            at /= width;
        }
        let (lowest, width) = self.ranges[key];
        let above = at % width;
        (above > 0).then(|| lowest + above as i64)
    }
}

/// The cells of a plan with their few organisations, one row each; none when its keys span more cells than can be numbered.
pub(super) fn few(frame: &Frame, plan: &Plan, behind: &Behind) -> Result<Option<Answer>, MetricError> {
    let terms = plan.keys.iter().enumerate().map(|(at, (_, term))| value(term).cast(DataType::Int64).alias(key(at)));
    let terms: Vec<Expr> = terms.collect();
    let Some((contributor, keys)) = terms.split_last() else { return Ok(None) };
    let Some(mut cells) = Cells::new(ranges(frame, plan, keys)?) else { return Ok(None) };
    let mut places: Vec<u64> = Vec::new();
    for start in (0..frame.data.height()).step_by(CHUNK) {
        let part = frame.data.slice(start as i64, CHUNK);
        let found = chosen(frame, &part, plan).select([keys, std::slice::from_ref(contributor)].concat()).collect()?;
        places.clear();
        places.resize(found.height(), 0);
        for (at, (lowest, width)) in cells.ranges.iter().enumerate() {
            let values = found.column(&key(at))?.i64()?;
            for (place, value) in places.iter_mut().zip(values.iter()) {
                *place = *place * width + value.map_or(0, |value| (value - lowest).unsigned_abs());
            }
        }
        let contributors = found.column(&key(keys.len()))?.i64()?;
        for (place, contributor) in places.iter().zip(contributors.iter()) {
            if let Some(contributor) = contributor {
                cells.cell(*place).contribute(contributor, behind);
            }
        }
    }
    Ok(Some(answer(frame, plan, &cells)))
}

/// The lowest value of each key less one, and how many values there may be with the one that is missing: of all records, whichever are
/// chosen.
fn ranges(frame: &Frame, plan: &Plan, keys: &[Expr]) -> Result<Vec<(i64, u64)>, MetricError> {
    let mut ranges = Vec::new();
    for ((_, term), key) in plan.keys.iter().zip(keys) {
        if let Values::Label(_, names) = labelled(frame, term, Vec::new()) {
            ranges.push((-1, names.len() as u64 + 1));
            continue;
        }
        let edges = [key.clone().min().alias("low"), key.clone().max().alias("high")];
        let found = frame.data.clone().lazy().select(edges).collect()?;
        let edge = |name: &str| Ok::<_, MetricError>(found.column(name)?.i64()?.get(0).unwrap_or_default());
        let (low, high) = (edge("low")?, edge("high")?);
        ranges.push((low - 1, high.abs_diff(low) + 2));
    }
    Ok(ranges)
}

fn answer(frame: &Frame, plan: &Plan, cells: &Cells) -> Answer {
    let lists = || cells.keys.iter().zip(&cells.few);
    let mut columns = Vec::with_capacity(plan.keys.len());
    for (at, (name, term)) in plan.keys.iter().enumerate() {
        let values = if at < cells.ranges.len() {
            lists().flat_map(|(cell, few)| std::iter::repeat_n(cells.value(*cell, at), few.list().len())).collect()
        } else {
            lists().flat_map(|(_, few)| few.list().iter().copied().map(Some)).collect()
        };
        columns.push((*name, labelled(frame, term, values)));
    }
    Answer { counts: vec![1; lists().map(|(_, few)| few.list().len()).sum()], keys: plan.keys.len(), columns }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, Series};

    use super::super::run;
    use super::*;
    use crate::ask::Grain;
    use crate::cube::{Condition, Order, Term};
    use crate::engine::few::folded;

    /// Numbers below a bound, always the same.
    fn draws(seed: &mut u64, below: u64) -> i64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((*seed >> 33) % below) as i64
    }

    fn sets(answer: &Answer) -> BTreeMap<Vec<Option<i64>>, BTreeSet<i64>> {
        let mut sets: BTreeMap<Vec<Option<i64>>, BTreeSet<i64>> = BTreeMap::new();
        let (last, keys) = answer.columns.split_last().unwrap();
        for (row, one) in last.1.whole().iter().enumerate() {
            let cell = keys.iter().map(|(_, values)| values.whole()[row]).collect();
            assert!(sets.entry(cell).or_default().insert(one.unwrap()), "an organisation twice in a cell");
        }
        sets
    }

    /// The one pass finds who a group for each contributor finds, also where values are missing and cells cannot be numbered closely.
    #[test]
    fn one_pass_finds_the_few_behind_each_cell() {
        let mut seed = 7;
        for (spread, height) in [(1, 40), (1, 3_000), (1_i64 << 40, 500)] {
            let mut whole = |name: &str, below: u64| {
                let values: Vec<Option<i64>> =
                    (0..height).map(|_| Some(draws(&mut seed, below)).filter(|value| value % 7 != 6)).collect();
                Series::new(name.into(), values).into_column()
            };
            let columns: Vec<Column> = vec![
                whole("capability", 5),
                whole("hazard_id", 9) * spread,
                whole("local_date~month", 30) + 24_000,
                whole("event_id", 12),
            ];
            let names: Vec<String> = (0..5).map(|name| format!("name {name}")).collect();
            let frame = Frame {
                data: DataFrame::new(height, columns).unwrap(),
                labels: BTreeMap::from([("capability", Arc::new(names))]),
            };
            let plan = Plan {
                table: "ratings",
                only: vec![Condition::Compare(Term::Column("event_id"), Order::Under, Term::Number(11))],
                keys: vec![
                    ("capability", Term::Column("capability")),
                    ("hazard", Term::Column("hazard_id")),
                    ("period", Term::Period("local_date", Grain::FiscalYear)),
                    ("contributor", Term::Column("event_id")),
                ],
                measures: Vec::new(),
            };
            let participants = [(1, 5), (1, 6), (2, 5), (3, 5), (3, 6), (3, 7), (3, 8)];
            for behind in [Behind::organizations(), Behind::events(participants.into_iter())] {
                let expected = sets(&folded(&run(&frame, &plan).unwrap(), &behind));
                let found = sets(&few(&frame, &plan, &behind).unwrap().unwrap());
                assert!(!found.is_empty());
                assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
                for (cell, set) in &found {
                    // Of more than enough any may be named.
                    assert_eq!(set.len(), expected[cell].len(), "{cell:?}");
                    assert!(set.len() >= 3 || *set == expected[cell], "{cell:?}");
                }
            }
        }
    }
}
