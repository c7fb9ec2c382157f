//! The cells of a table of a metric, which of them are small, and the sums that give cells back: the same for every viewer, and kept with
//! the snapshot.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{FEWEST_ORGANIZATIONS, is_few};
use crate::ask::{Ask, Dimension, Grain, MetricError, Period};
use crate::metric::{Metric, rows};
use crate::provenance::organizations;
use crate::row::Row;
use crate::snapshot::Snapshot;

/// Keys of a cell by name.
pub type Place = Vec<(String, String)>;

/// A table.
pub struct Table {
    /// Those that hold records, the smallest first.
    pub cells: Vec<Cell>,
    /// Sums of its cells that are told elsewhere.
    pub sums: Vec<Sum>,
    /// Tables that tell them.
    pub coarser: Vec<Arc<Table>>,
    at: HashMap<Place, usize>,
}

/// A cell that holds records.
pub struct Cell {
    /// Code of its region.
    pub region: String,
    /// Too few records or organisations are in it.
    pub small: bool,
    place: Place,
    start: Option<NaiveDate>,
    n: u64,
}

/// A sum of cells.
pub struct Sum {
    /// Places of the cells, the smallest first.
    pub parts: Vec<usize>,
    /// The coarser table and the cell there that tells it; none for the state, which is always told.
    pub told_by: Option<(usize, usize)>,
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

impl Table {
    /// The table of a metric by these dimensions and the question's periods, of its rows where they are known.
    ///
    /// # Errors
    /// As the metric.
    pub fn of(
        snapshot: &Snapshot,
        metric: &dyn Metric,
        ask: &Ask,
        by: &[Dimension],
        known: Option<&[Row]>,
    ) -> Result<Arc<Self>, MetricError> {
        let name = format!("{} {by:?} {ask:?}", metric.definition().id);
        let size = |table: &Self| table.cells.len();
        snapshot.remembered().tables.get(name, size, || Self::made(snapshot, metric, ask, by, known))
    }

    /// The cell at this place.
    pub fn cell(&self, place: &Place) -> Option<usize> {
        self.at.get(place).copied()
    }

    fn made(
        snapshot: &Snapshot,
        metric: &dyn Metric,
        ask: &Ask,
        by: &[Dimension],
        known: Option<&[Row]>,
    ) -> Result<Self, MetricError> {
        let behind = organizations(snapshot, metric, ask, by)?;
        let is_short = |place: &Place| {
            behind.as_ref().is_some_and(|of| of.get(place).is_some_and(|count| *count < FEWEST_ORGANIZATIONS))
        };
        let mut cells = Vec::new();
        let computed = if known.is_some() { Arc::default() } else { rows(metric, snapshot, ask, by)? };
        for row in known.unwrap_or(&computed).iter().filter(|row| row.n > 0) {
            let key = |name: &str| row.dimensions.get(name).and_then(Value::as_str).unwrap_or_default();
            let place = place(&row.dimensions);
            let small = is_few(row.n) || is_short(&place);
            let (region, start) = (key("region").to_owned(), key("periodStart").parse().ok());
            cells.push(Cell { region, small, place, start, n: row.n });
        }
        cells.sort_by(|one, two| (one.n, &one.place).cmp(&(two.n, &two.place)));
        let at = cells.iter().enumerate().map(|(at, cell)| (cell.place.clone(), at)).collect();
        let mut table = Self { cells, sums: Vec::new(), coarser: Vec::new(), at };
        table.find_sums(snapshot, metric, ask, by)?;
        Ok(table)
    }

    /// The sums of its cells: over regions, over the further dimension, and over the periods of a longer one.
    fn find_sums(
        &mut self,
        snapshot: &Snapshot,
        metric: &dyn Metric,
        ask: &Ask,
        by: &[Dimension],
    ) -> Result<(), MetricError> {
        // Over regions: the state, of which the viewer's own part is known.
        self.sum(None, |cell| without(&cell.place, "region"));
        // Over the further dimension: the region.
        for dimension in by.iter().filter(|dimension| **dimension != Dimension::Region) {
            let coarser: Vec<Dimension> = by.iter().copied().filter(|known| known != dimension).collect();
            match Self::of(snapshot, metric, ask, &coarser, None) {
                Ok(table) => self.sum(Some(table), |cell| without(&cell.place, dimension.key())),
                // A metric that takes these dimensions only together tells no such sum.
                Err(MetricError::Dimension { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        // Over the periods of a longer one.
        let longer: &[Option<Grain>] = match ask.period {
            None => &[],
            Some(Grain::Month) => &[Some(Grain::Quarter), Some(Grain::Year), Some(Grain::FiscalYear), None],
            Some(Grain::Quarter) => &[Some(Grain::Year), Some(Grain::FiscalYear), None],
            Some(Grain::Year | Grain::FiscalYear) => &[None],
        };
        for grain in longer {
            let table = Self::of(snapshot, metric, &Ask { period: *grain, ..ask.clone() }, by, None)?;
            self.sum(Some(table), |cell| {
                let mut place = without(&cell.place, "periodStart");
                if let (Some(grain), Some(start)) = (grain, cell.start) {
                    place.push(("periodStart".into(), Period::of(start, *grain).start.to_string()));
                    place.sort();
                }
                place
            });
        }
        Ok(())
    }

    /// Adds the sums of cells that share a place in a coarser table. One that no cell there tells is told: it is not withheld.
    fn sum(&mut self, table: Option<Arc<Table>>, key: impl Fn(&Cell) -> Place) {
        let mut sums: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        for (at, cell) in self.cells.iter().enumerate() {
            sums.entry(key(cell)).or_default().push(at);
        }
        let coarser = self.coarser.len();
        for (place, parts) in sums {
            let told_by = table.as_ref().and_then(|table| Some((coarser, table.cell(&place)?)));
            self.sums.push(Sum { parts, told_by });
        }
        self.coarser.extend(table);
    }

    /// Cells in the order of their periods and places: what a sum adds up stands together in it.
    pub fn neighbours(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.cells.len()).collect();
        order.sort_by_key(|at| (self.cells[*at].start, &self.cells[*at].place));
        order
    }
}
