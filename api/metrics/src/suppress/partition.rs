//! Which cells of a table by region are withheld: the small ones of other regions, and beside them the next smallest of every
//! sum that would give one back: over regions, over the further dimension, over the periods of a longer one, and of all of them together.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::NaiveDate;
use hotwash_schema::access::Viewer;
use serde_json::{Map, Value};

use super::{FEWEST_ORGANIZATIONS, is_few};
use crate::ask::{Ask, Dimension, Grain, MetricError, Period};
use crate::metric::{Metric, rows};
use crate::provenance::organizations;
use crate::snapshot::Snapshot;

/// Keys of a cell by name.
pub type Place = Vec<(String, String)>;

/// The cells of a metric's tables, the same for every viewer.
pub struct Tables<'a> {
    /// The snapshot.
    pub snapshot: &'a Snapshot,
    /// The metric.
    pub metric: &'a dyn Metric,
    /// Tables counted.
    known: RefCell<BTreeMap<Table, Rc<Vec<Cell>>>>,
}

/// A table's cells as a viewer may see them.
pub struct Partition<'a> {
    tables: &'a Tables<'a>,
    viewer: &'a Viewer,
    /// Tables decided on.
    known: RefCell<BTreeMap<Table, BTreeSet<Place>>>,
}

/// Periods and dimensions of a table.
type Table = (Option<String>, Vec<Dimension>);

/// A cell that holds records.
#[derive(Clone, Debug)]
struct Cell {
    place: Place,
    region: String,
    start: Option<NaiveDate>,
    n: u64,
    /// Too few records or organisations are in it.
    small: bool,
}

/// The place of a row with these keys.
pub fn place(keys: &Map<String, Value>) -> Place {
    let mut place: Place = keys
        .iter()
        .filter(|(name, _)| *name != "period")
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    place.sort();
    place
}

fn without(place: &Place, name: &str) -> Place {
    place.iter().filter(|(known, _)| known != name).cloned().collect()
}

impl<'a> Tables<'a> {
    /// The tables of a metric.
    pub fn new(snapshot: &'a Snapshot, metric: &'a dyn Metric) -> Self {
        Self { snapshot, metric, known: RefCell::default() }
    }

    /// The cells of the table by these dimensions and the question's periods, the smallest first.
    fn cells(&self, ask: &Ask, by: &[Dimension]) -> Result<Rc<Vec<Cell>>, MetricError> {
        let table = table(ask, by);
        if let Some(known) = self.known.borrow().get(&table) {
            return Ok(Rc::clone(known));
        }
        let few = organizations(self.snapshot, self.metric.definition().id, ask, by)?;
        let is_short = |place: &Place| {
            few.as_ref().is_some_and(|of| of.get(place).is_some_and(|count| *count < FEWEST_ORGANIZATIONS))
        };
        let mut cells = Vec::new();
        for row in rows(self.metric, self.snapshot, ask, by)?.into_iter().filter(|row| row.n > 0) {
            let key = |name: &str| row.dimensions.get(name).and_then(Value::as_str).unwrap_or_default();
            let place = place(&row.dimensions);
            let small = is_few(row.n) || is_short(&place);
            let (region, start) = (key("region").to_owned(), key("periodStart").parse().ok());
            cells.push(Cell { place, region, start, n: row.n, small });
        }
        cells.sort_by(|one, two| (one.n, &one.place).cmp(&(two.n, &two.place)));
        let cells = Rc::new(cells);
        self.known.borrow_mut().insert(table, Rc::clone(&cells));
        Ok(cells)
    }
}

fn table(ask: &Ask, by: &[Dimension]) -> Table {
    (ask.period.map(|grain| format!("{grain:?}")), by.to_vec())
}

impl<'a> Partition<'a> {
    /// The tables of a metric as this viewer may see them.
    pub fn new(tables: &'a Tables<'a>, viewer: &'a Viewer) -> Self {
        Self { tables, viewer, known: RefCell::default() }
    }

    /// The cells of other regions that are withheld in the table by these dimensions and the question's periods.
    ///
    /// # Errors
    /// As the metric.
    pub fn withheld(&self, ask: &Ask, by: &[Dimension]) -> Result<BTreeSet<Place>, MetricError> {
        let table = table(ask, by);
        if let Some(known) = self.known.borrow().get(&table) {
            return Ok(known.clone());
        }
        let withheld = self.decide(ask, by)?;
        self.known.borrow_mut().insert(table, withheld.clone());
        Ok(withheld)
    }

    fn decide(&self, ask: &Ask, by: &[Dimension]) -> Result<BTreeSet<Place>, MetricError> {
        let all = self.tables.cells(ask, by)?;
        let cells: Vec<&Cell> = all.iter().filter(|cell| !self.viewer.sees_region(&cell.region)).collect();
        let mut hidden: Vec<bool> = cells.iter().map(|cell| cell.small).collect();
        let sums = self.sums(ask, by, &cells)?;
        loop {
            complete(&sums, &mut hidden);
            // Sums together can give back what none gives back alone.
            let given_back = determined(&sums, &hidden);
            let beside = sums.iter().filter(|(parts, _)| parts.iter().any(|part| given_back.contains(part)));
            // The cells are in the order of their size.
            let Some(next) = beside.flat_map(|(parts, _)| parts).filter(|part| !hidden[**part]).min() else { break };
            hidden[*next] = true;
        }
        let withheld = cells.into_iter().zip(hidden).filter(|(_, hidden)| *hidden);
        Ok(withheld.map(|(cell, _)| cell.place.clone()).collect())
    }

    /// The cells that each sum is made of, and whether that sum is itself withheld.
    fn sums(&self, ask: &Ask, by: &[Dimension], cells: &[&Cell]) -> Result<Vec<(Vec<usize>, bool)>, MetricError> {
        let gather = |key: &dyn Fn(&Cell) -> Place| {
            let mut sums: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
            for (at, cell) in cells.iter().enumerate() {
                sums.entry(key(cell)).or_default().push(at);
            }
            sums
        };
        // Over regions: the state, of which the viewer's own part is known.
        let mut all: Vec<(Vec<usize>, bool)> =
            gather(&|cell| without(&cell.place, "region")).into_values().map(|parts| (parts, false)).collect();
        // Over the further dimension: the region.
        for dimension in by.iter().filter(|dimension| **dimension != Dimension::Region) {
            let coarser: Vec<Dimension> = by.iter().copied().filter(|known| known != dimension).collect();
            let withheld = match self.withheld(ask, &coarser) {
                Ok(withheld) => withheld,
                // A metric that takes these dimensions only together tells no such sum.
                Err(MetricError::Dimension { .. }) => continue,
                Err(other) => return Err(other),
            };
            let sums = gather(&|cell| without(&cell.place, dimension.key()));
            all.extend(sums.into_iter().map(|(place, parts)| (parts, withheld.contains(&place))));
        }
        // Over the periods of a longer one.
        let longer: &[Option<Grain>] = match ask.period {
            None => &[],
            Some(Grain::Month) => &[Some(Grain::Quarter), Some(Grain::Year), Some(Grain::FiscalYear), None],
            Some(Grain::Quarter) => &[Some(Grain::Year), Some(Grain::FiscalYear), None],
            Some(Grain::Year | Grain::FiscalYear) => &[None],
        };
        for grain in longer {
            let withheld = self.withheld(&Ask { period: *grain, ..ask.clone() }, by)?;
            let sums = gather(&|cell| {
                let mut place = without(&cell.place, "periodStart");
                if let (Some(grain), Some(start)) = (grain, cell.start) {
                    place.push(("periodStart".into(), Period::of(start, *grain).start.to_string()));
                    place.sort();
                }
                place
            });
            all.extend(sums.into_iter().map(|(place, parts)| (parts, withheld.contains(&place))));
        }
        Ok(all)
    }
}

/// Withholds the next smallest part of every sum that is told and has exactly one withheld part, or is withheld and has none.
fn complete(sums: &[(Vec<usize>, bool)], hidden: &mut [bool]) {
    loop {
        let mut more = None;
        for (parts, withheld) in sums {
            let count = parts.iter().filter(|part| hidden[**part]).count();
            if (*withheld && count == 0) || (!*withheld && count == 1) {
                more = parts.iter().find(|part| !hidden[**part]);
            }
            if more.is_some() {
                break;
            }
        }
        let Some(next) = more else { return };
        hidden[*next] = true;
    }
}

/// The withheld cells that follow from the sums that are told, by elimination.
fn determined(sums: &[(Vec<usize>, bool)], hidden: &[bool]) -> BTreeSet<usize> {
    let unknown: Vec<usize> = (0..hidden.len()).filter(|cell| hidden[*cell]).collect();
    let mut place = vec![None; hidden.len()];
    unknown.iter().enumerate().for_each(|(at, cell)| place[*cell] = Some(at));
    let told = sums.iter().filter(|(_, withheld)| !withheld);
    let mut rows: Vec<Vec<f64>> = told
        .map(|(parts, _)| {
            let mut row = vec![0.0; unknown.len()];
            parts.iter().filter_map(|part| place[*part]).for_each(|at| row[at] = 1.0);
            row
        })
        .collect();
    let is_there = |value: f64| value.abs() > 1e-9;
    let mut done = 0;
    for column in 0..unknown.len() {
        let Some(pivot) = (done..rows.len()).find(|row| is_there(rows[*row][column])) else { continue };
        rows.swap(done, pivot);
        let scale = rows[done][column];
        rows[done].iter_mut().for_each(|value| *value /= scale);
        // Most of a row is nothing: only what is there is taken from the others.
        let pivot: Vec<(usize, f64)> =
            rows[done].iter().copied().enumerate().filter(|(_, value)| is_there(*value)).collect();
        for (place, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if place != done && is_there(factor) {
                pivot.iter().for_each(|(at, own)| row[*at] -= factor * own);
            }
        }
        done += 1;
    }
    rows.iter()
        .filter_map(|row| {
            let mut places = (0..unknown.len()).filter(|place| is_there(row[*place]));
            places.next().filter(|_| places.next().is_none()).map(|place| unknown[place])
        })
        .collect()
}
