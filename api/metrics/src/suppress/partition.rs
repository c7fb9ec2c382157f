//! Which cells of a table by region are withheld: the small ones of other regions, and beside them the next smallest of every
//! sum that would give one back: over regions, over the further dimension, over the periods of a longer one.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

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

/// A table's cells.
pub struct Partition<'a> {
    snapshot: &'a Snapshot,
    metric: &'a dyn Metric,
    viewer: &'a Viewer,
    /// Tables decided on.
    known: RefCell<BTreeMap<Table, BTreeSet<Place>>>,
}

/// Periods and dimensions of a table.
type Table = (Option<String>, Vec<Dimension>);

/// A cell of another region.
#[derive(Clone, Debug)]
struct Cell {
    place: Place,
    start: Option<NaiveDate>,
    n: u64,
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

impl<'a> Partition<'a> {
    /// The tables of a metric as this viewer may see them.
    pub fn new(snapshot: &'a Snapshot, metric: &'a dyn Metric, viewer: &'a Viewer) -> Self {
        Self { snapshot, metric, viewer, known: RefCell::default() }
    }

    /// The cells of other regions that are withheld in the table by these dimensions and the question's periods.
    ///
    /// # Errors
    /// As the metric.
    pub fn withheld(&self, ask: &Ask, by: &[Dimension]) -> Result<BTreeSet<Place>, MetricError> {
        let table = (ask.period.map(|grain| format!("{grain:?}")), by.to_vec());
        if let Some(known) = self.known.borrow().get(&table) {
            return Ok(known.clone());
        }
        let withheld = self.decide(ask, by)?;
        self.known.borrow_mut().insert(table, withheld.clone());
        Ok(withheld)
    }

    fn decide(&self, ask: &Ask, by: &[Dimension]) -> Result<BTreeSet<Place>, MetricError> {
        let few = organizations(self.snapshot, self.metric.definition().id, ask, by)?;
        let is_short = |place: &Place| {
            few.as_ref().is_some_and(|of| of.get(place).is_some_and(|count| *count < FEWEST_ORGANIZATIONS))
        };
        let mut cells = Vec::new();
        for row in rows(self.metric, self.snapshot, ask, by)? {
            let region = row.dimensions.get("region").and_then(Value::as_str).unwrap_or_default();
            if row.n > 0 && !self.viewer.sees_region(region) {
                let start = row.dimensions.get("periodStart").and_then(Value::as_str);
                cells.push(Cell {
                    place: place(&row.dimensions),
                    start: start.and_then(|day| day.parse().ok()),
                    n: row.n,
                });
            }
        }
        cells.sort_by(|one, two| (one.n, &one.place).cmp(&(two.n, &two.place)));
        let mut hidden: Vec<bool> = cells.iter().map(|cell| is_few(cell.n) || is_short(&cell.place)).collect();
        let sums = self.sums(ask, by, &cells)?;
        // Until no sum has exactly one withheld part, or a withheld sum none.
        loop {
            let before = hidden.clone();
            for (parts, withheld) in &sums {
                let count = parts.iter().filter(|part| hidden[**part]).count();
                if (*withheld && count == 0) || (!*withheld && count == 1) {
                    // The cells are in the order of their size.
                    if let Some(next) = parts.iter().find(|part| !hidden[**part]) {
                        hidden[*next] = true;
                    }
                }
            }
            if hidden == before {
                break;
            }
        }
        Ok(cells.into_iter().zip(hidden).filter(|(_, hidden)| *hidden).map(|(cell, _)| cell.place).collect())
    }

    /// The cells that each sum is made of, and whether that sum is itself withheld.
    fn sums(&self, ask: &Ask, by: &[Dimension], cells: &[Cell]) -> Result<Vec<(Vec<usize>, bool)>, MetricError> {
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
            let withheld = self.withheld(ask, &coarser)?;
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
