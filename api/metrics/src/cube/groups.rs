//! Collects cells into groups: the rows of an answer, in order, with the sums that statistics start
//! from.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;

use super::query::PERIOD;
use crate::engine::{CellColumn, CubeCells};
use crate::query::{Grain, MetricQuery, Period};

/// The cells of one group and period. Cells differ by the cube's own keys.
#[derive(Clone, Debug)]
pub struct CellGroup {
    /// Values of the group keys.
    pub keys: Vec<String>,
    /// The period; `None` if the query has no periods.
    pub period: Option<Period>,
    rows: Range<usize>,
    cells: Arc<CubeCells>,
}

impl CellGroup {
    /// Returns the number of records in the group.
    pub fn count(&self) -> u64 {
        self.counts().iter().sum()
    }

    /// Returns the number of records in each cell.
    pub fn counts(&self) -> &[u64] {
        &self.cells.counts[self.rows.clone()]
    }

    /// Returns the sum of a key or measure over all cells.
    pub fn sum(&self, name: &str) -> i64 {
        self.integer(name).iter().flatten().sum()
    }

    /// Returns an integer key or measure, one value per cell.
    pub fn integer(&self, name: &str) -> &[Option<i64>] {
        self.values(name).map_or(&[], |values| &values.integer()[self.rows.clone()])
    }

    /// Returns a measure of real numbers, one value per cell.
    pub fn real(&self, name: &str) -> &[Option<f64>] {
        self.values(name).map_or(&[], |values| &values.real()[self.rows.clone()])
    }

    /// Returns the label of a key, one name per cell.
    pub fn labels(&self, name: &str) -> Vec<&str> {
        let Some(values) = self.values(name) else { return Vec::new() };
        let codes = &values.integer()[self.rows.clone()];
        codes
            .iter()
            .map(|code| code.and_then(|code| values.name(code)).unwrap_or("unmapped"))
            .collect()
    }

    /// Returns the names of a label key.
    pub fn names(&self, name: &str) -> &[String] {
        match self.values(name) {
            Some(CellColumn::Label(_, names)) => names,
            _ => &[],
        }
    }

    fn values(&self, name: &str) -> Option<&CellColumn> {
        self.cells.columns.iter().find(|(known, _)| *known == name).map(|(_, values)| values)
    }
}

/// The groups of each value of a key column: usually one, none if a filter excludes the value.
pub(super) struct Members {
    /// Names of the groups, in their order.
    pub names: Vec<String>,
    /// Position in the names, for each row.
    pub of: Vec<u32>,
    /// Lists of positions.
    pub lists: Vec<Vec<u32>>,
}

/// Number of keys that are compared without a look at the columns.
const RANKED: usize = 3;

/// A cell of an answer, in one of its groups.
struct SortedRow {
    /// Position of the group among all groups, and its period.
    group: (u64, i64),
    /// The ranks of the first keys.
    ranks: [i64; RANKED],
    row: u32,
}

/// Groups the cells of an answer. The first `own` columns are the requested dimensions; the others
/// are the cube's own keys and measures.
pub(super) fn gather(
    answer: CubeCells,
    members: &[Members],
    grain: Option<Grain>,
    own: usize,
) -> Vec<CellGroup> {
    let periods =
        answer.columns.iter().find(|(name, _)| *name == PERIOD).filter(|_| grain.is_some());
    let periods = periods.map(|(_, values)| values.integer());
    let further = &answer.columns[own.min(answer.columns.len())..];
    // Engines return cells in any order, so the cells of a group are sorted by their keys: by the
    // numbers of the first keys, which are at hand, then by all.
    let mut order: Vec<SortedRow> = Vec::with_capacity(answer.counts.len());
    let mut positions = Vec::new();
    for row in 0..answer.counts.len() {
        let period = periods.and_then(|starts| starts[row]).unwrap_or_default();
        positions.clear();
        positions.push(0_u64);
        for one in members {
            let list = &one.lists[one.of[row] as usize];
            let width = one.names.len() as u64;
            if let [only] = list.as_slice() {
                for position in &mut positions {
                    *position = *position * width + u64::from(*only);
                }
            } else {
                positions = positions
                    .iter()
                    .flat_map(|position| {
                        list.iter().map(move |name| position * width + u64::from(*name))
                    })
                    .collect();
            }
        }
        let mut ranks = [0; RANKED];
        ranks.iter_mut().zip(further).for_each(|(rank, (_, values))| *rank = values.rank(row));
        order.extend(positions.iter().map(|position| SortedRow {
            group: (*position, period),
            ranks,
            row: row as u32,
        }));
    }
    order.sort_unstable_by(|one, two| {
        (one.group, one.ranks).cmp(&(two.group, two.ranks)).then_with(|| {
            let (one, two) = (one.row as usize, two.row as usize);
            let mut compared = further.iter().map(|(_, values)| values.compare(one, two));
            compared.find(|order| order.is_ne()).unwrap_or_else(|| one.cmp(&two))
        })
    });
    let mut groups: Vec<(u64, i64, Range<usize>)> = Vec::new();
    let mut start = 0;
    for group in order.chunk_by(|one, two| one.group == two.group) {
        let (position, period) = group[0].group;
        groups.push((position, period, start..start + group.len()));
        start += group.len();
    }
    let rows: Vec<u32> = order.iter().map(|one| one.row).collect();
    let cells = Arc::new(answer.take(&rows));
    if groups.is_empty() && members.is_empty() && grain.is_none() && own == 0 && cells.keys == 0 {
        // Without group keys, an empty result is still one row.
        groups.push((0, 0, 0..0));
    }
    groups
        .into_iter()
        .map(|(position, period, rows)| CellGroup {
            keys: keys(members, position),
            period: grain.map(|grain| Period { start: month(period), grain }),
            rows,
            cells: Arc::clone(&cells),
        })
        .collect()
}

fn keys(members: &[Members], mut position: u64) -> Vec<String> {
    let mut keys: Vec<String> = members
        .iter()
        .rev()
        .map(|one| {
            let width = one.names.len() as u64;
            let name = one.names[(position % width) as usize].clone();
            position /= width;
            name
        })
        .collect();
    keys.reverse();
    keys
}

/// Returns the first day of a month counted from the year 0.
fn month(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt((number.div_euclid(12)) as i32, number.rem_euclid(12) as u32 + 1, 1)
        .unwrap_or_default()
}

/// Adds empty groups for periods without records, between the first and the last requested (or
/// found) period.
pub fn filled(groups: Vec<CellGroup>, query: &MetricQuery) -> Vec<CellGroup> {
    let Some(grain) = query.period else { return groups };
    let starts = groups.iter().filter_map(|group| group.period);
    let Some(first) = query.from.or_else(|| starts.clone().map(|period| period.start).min()) else {
        return groups;
    };
    let last = query.to.or_else(|| starts.map(|period| period.start).max()).unwrap_or(first);
    let Some(cells) = groups.first().map(|group| Arc::clone(&group.cells)) else {
        return Vec::new();
    };
    let all: BTreeSet<Vec<String>> = groups.iter().map(|group| group.keys.clone()).collect();
    let mut known: BTreeMap<(Vec<String>, NaiveDate), CellGroup> = groups
        .into_iter()
        .filter_map(|group| Some(((group.keys.clone(), group.period?.start), group)))
        .collect();
    let periods = Period::between(first, last, grain);
    let mut filled = Vec::new();
    for keys in all {
        for period in &periods {
            filled.push(known.remove(&(keys.clone(), period.start)).unwrap_or_else(|| CellGroup {
                keys: keys.clone(),
                period: Some(*period),
                rows: 0..0,
                cells: Arc::clone(&cells),
            }));
        }
    }
    filled
}
