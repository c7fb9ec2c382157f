//! Caches the cells of cubes, because pages and readers request the same cubes repeatedly.
//!
//! A cube is always queried and cached by region and month, even if one region, all regions or
//! longer periods are requested. The requested cells are summed from it. All numbers of a cube are
//! whole numbers, and minimum and maximum combine without loss, so the results are identical to a
//! direct query.

use std::collections::HashMap;
use std::sync::Arc;

use super::{CellColumn, CubeCells, Engine};
use crate::cube::{Condition, CubePlan, Measure, Term};
use crate::query::{Grain, MetricError};
use crate::snapshot::frames::Frames;
use crate::snapshot::{FieldKind, table};

/// Name of the column with a table's regions.
const REGIONS: &str = "regions";

/// Engine that finds its answers in the snapshot's caches.
pub struct CachingEngine<E>(pub E);

impl<E: Engine> CachingEngine<E> {
    fn answer(&self, frames: &Frames, plan: &CubePlan) -> Result<Arc<CubeCells>, MetricError> {
        let generation = frames.table_generation(plan.table);
        let cubes = frames.caches().cubes();
        cubes.get_or_compute(generation, plan, || Ok(Arc::new(self.0.run(frames, plan)?)))
    }
}

impl<E: Engine> Engine for CachingEngine<E> {
    fn run(&self, frames: &Frames, plan: &CubePlan) -> Result<CubeCells, MetricError> {
        if !frames.caches().cubes().is_on() {
            return self.0.run(frames, plan);
        }
        match drop_region_filter(plan) {
            Some((wide, wanted)) => Ok(restrict_to(&*self.answer(frames, &wide)?, plan, &wanted)),
            None => Ok((*self.answer(frames, plan)?).clone()),
        }
    }

    fn records(
        &self,
        frames: &Frames,
        plan: &CubePlan,
        part: usize,
    ) -> Result<Option<CubeCells>, MetricError> {
        self.0.records(frames, plan, part)
    }

    fn first(
        &self,
        frames: &Frames,
        plan: &CubePlan,
        column: &'static str,
        first: usize,
    ) -> Result<Vec<i64>, MetricError> {
        self.0.first(frames, plan, column, first)
    }
}

/// Returns the same cube by region and month without its region filter, and that filter as lists of
/// names. Returns `None` for a table without regions, and for a cube whose cells would be nearly
/// all rows.
fn drop_region_filter(plan: &CubePlan) -> Option<(CubePlan, Vec<Vec<String>>)> {
    let definition = table(plan.table);
    let is_id = |column: &str| definition.kind(column).is_none_or(|kind| kind == FieldKind::Key);
    let has_ids = plan.keys.iter().any(|(_, term)| has_value_of(term, &is_id));
    if definition.kind(REGIONS).is_none() || has_ids {
        return None;
    }
    let mut wide = plan.clone();
    let mut wanted = Vec::new();
    wide.only.retain(|condition| match condition {
        Condition::Holds(column, names) if *column == REGIONS => {
            wanted.push(names.clone());
            false
        }
        _ => true,
    });
    for (_, term) in &mut wide.keys {
        if let Term::Period(_, grain) = term {
            *grain = Grain::Month;
        }
    }
    if !is_by_region(plan) {
        wide.keys.push((REGIONS, Term::Column(REGIONS)));
    }
    Some((wide, wanted))
}

/// Returns true if the value of a term may be the value of such a column.
fn has_value_of(term: &Term, is_such: &impl Fn(&str) -> bool) -> bool {
    match term {
        Term::Column(name) => is_such(name),
        Term::Less(one, other)
        | Term::AtLeast(one, other)
        | Term::Else(one, other)
        | Term::When(_, one, other) => has_value_of(one, is_such) || has_value_of(other, is_such),
        Term::Number(_) | Term::Period(..) | Term::Missing => false,
    }
}

fn is_by_region(plan: &CubePlan) -> bool {
    plan.keys.iter().any(|(name, _)| *name == REGIONS)
}

/// Restricts cells by region and month to the requested regions. Sums them if the plan is not
/// grouped by region or has longer periods.
fn restrict_to(wide: &CubeCells, plan: &CubePlan, wanted: &[Vec<String>]) -> CubeCells {
    let keys = || wide.columns.iter().take(wide.keys);
    let regions = keys().find(|(name, _)| *name == REGIONS).map(|(_, values)| values);
    let matches = |row: u32| {
        let label = regions.and_then(|regions| {
            regions.integer()[row as usize].and_then(|code| regions.name(code))
        });
        wanted.iter().all(|names| {
            label.is_some_and(|label| {
                label.split('+').any(|one| names.iter().any(|name| name == one))
            })
        })
    };
    let rows = (0..wide.counts.len() as u32).filter(|row| matches(*row));
    let longer = |term: &Term| matches!(term, Term::Period(_, grain) if *grain != Grain::Month);
    if is_by_region(plan) && !plan.keys.iter().any(|(_, term)| longer(term)) {
        return wide.take(&rows.collect::<Vec<_>>());
    }
    let own = keys().zip(plan.keys.iter().map(|(_, term)| term));
    let own: Vec<(&'static str, CellColumn)> =
        own.map(|((name, values), term)| (*name, periods(values, term))).collect();
    // First row of each cell, and the cell of each row.
    let mut firsts: Vec<u32> = Vec::new();
    let mut cells: HashMap<Vec<Option<i64>>, usize> = HashMap::new();
    let mut parts: Vec<(u32, usize)> = Vec::new();
    for row in rows {
        let cell = own.iter().map(|(_, key)| key.integer()[row as usize]).collect();
        let position = *cells.entry(cell).or_insert_with(|| {
            firsts.push(row);
            firsts.len() - 1
        });
        parts.push((row, position));
    }
    let mut counts = vec![0; firsts.len()];
    for (row, position) in &parts {
        counts[*position] += wide.counts[*row as usize];
    }
    let mut columns: Vec<(&'static str, CellColumn)> =
        own.into_iter().map(|(name, values)| (name, values.take(&firsts))).collect();
    for ((name, values), (_, measure)) in wide.columns[wide.keys..].iter().zip(&plan.measures) {
        columns.push((*name, sum_cells(values, measure, &parts, firsts.len())));
    }
    CubeCells { counts, keys: plan.keys.len(), columns }
}

/// Converts a key by month to the plan's key: months become the periods that contain them.
fn periods(values: &CellColumn, term: &Term) -> CellColumn {
    match term {
        Term::Period(_, grain) => CellColumn::Integer(
            values
                .integer()
                .iter()
                .map(|month| month.map(|month| grain.first_month(month)))
                .collect(),
        ),
        _ => values.clone(),
    }
}

/// Combines the parts of each cell into one value.
fn sum_cells(
    values: &CellColumn,
    measure: &Measure,
    parts: &[(u32, usize)],
    cells: usize,
) -> CellColumn {
    fn fold_cells<T: Copy>(
        values: &[Option<T>],
        parts: &[(u32, usize)],
        cells: usize,
        fold: impl Fn(T, T) -> T,
    ) -> Vec<Option<T>> {
        let mut folded: Vec<Option<T>> = vec![None; cells];
        for (row, position) in parts {
            let (folded, part) = (&mut folded[*position], values[*row as usize]);
            *folded = folded.zip(part).map(|(one, other)| fold(one, other)).or(*folded).or(part);
        }
        folded
    }
    match (values, measure) {
        (CellColumn::Real(list), Measure::Smallest(_)) => {
            CellColumn::Real(fold_cells(list, parts, cells, f64::min))
        }
        (CellColumn::Real(list), _) => CellColumn::Real(fold_cells(list, parts, cells, f64::max)),
        (integer, Measure::Smallest(_)) => {
            CellColumn::Integer(fold_cells(integer.integer(), parts, cells, i64::min))
        }
        (integer, Measure::Largest(_)) => {
            CellColumn::Integer(fold_cells(integer.integer(), parts, cells, i64::max))
        }
        (integer, _) => {
            CellColumn::Integer(fold_cells(integer.integer(), parts, cells, |one, other| {
                one + other
            }))
        }
    }
}
