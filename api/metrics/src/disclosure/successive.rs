//! Successive releases: a cell is published anew only when it changed by at least three
//! contributors.
//!
//! What one or two organizations changed must not be seen in the difference of two releases, in its
//! cell or by any sum. So the changes are a system of their own, in which the same equations hold,
//! and it is decided in the same way which of them are told. A row whose change is not told stays
//! as it was: published or suppressed. So does one that did not change at all.

use std::collections::{HashMap, HashSet};

use super::choice::{Fate, Offer, decide};
use super::contributors::{Contributors, Location, Sketches, location};
use super::draft::{Draft, Part, Told};
use super::release::{NotedCell, Release, Table};
use super::system::Rules;
use super::tables::TableKey;
use crate::row::{Reliability, Row};

/// How numbers of a row stood in the release before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Absent,
    Published,
    Suppressed,
}

/// The release before, with its rows and cells by where they stand.
pub(super) struct Earlier<'a> {
    tables: HashMap<&'a TableKey, &'a Table>,
    rows: HashMap<&'a TableKey, HashMap<Location, &'a Row>>,
    sketches: HashMap<(&'a TableKey, usize, &'a Location), Sketches>,
}

impl<'a> Earlier<'a> {
    pub fn of(release: &'a Release) -> Self {
        let cells = release
            .tables()
            .iter()
            .flat_map(|table| table.cells.iter().map(|cell| (&table.key, cell)));
        let by_location = |table: &'a Table| {
            table.rows.iter().map(|row| (location(&row.dimensions), row)).collect()
        };
        Self {
            tables: release.tables().iter().map(|table| (&table.key, table)).collect(),
            rows: release.tables().iter().map(|table| (&table.key, by_location(table))).collect(),
            sketches: cells
                .filter_map(|(key, cell)| {
                    Some(((key, cell.set, &cell.location), Sketches::from_hex(&cell.sketches)?))
                })
                .collect(),
        }
    }

    pub fn table(&self, key: &TableKey) -> Option<&'a Table> {
        self.tables.get(key).copied()
    }

    pub fn row(&self, key: &TableKey, at: &Location) -> Option<&'a Row> {
        self.rows.get(key)?.get(at).copied()
    }

    /// What contributors had brought to a cell.
    fn sketches(&self, key: &TableKey, set: usize, at: &Location) -> Sketches {
        self.sketches.get(&(key, set, at)).cloned().unwrap_or_default()
    }
}

impl Draft {
    /// Decides which rows stay as the release before published them: those that too few
    /// contributors changed since, and as many more as keep the differences of two releases from
    /// giving one back.
    pub fn compare_with(&mut self, before: &Earlier, rules: Rules) {
        let changed = self.changed_since(before);
        let changes = self.system.changes(&changed);
        let stood: Vec<Before> = self.offered.iter().map(|part| self.stood(part, before)).collect();
        let is_unchanged = |offer: &Offer| offer.variables.iter().all(|at| changed[*at].is_empty());
        let mut told: Vec<Offer> = self.offers.clone();
        for (offer, stood) in told.iter_mut().zip(&stood) {
            let is_small = offer.variables.iter().any(|at| self.system.variables[*at].small);
            offer.fate = match (stood, is_unchanged(offer)) {
                (Before::Published, true) => Fate::Published,
                (Before::Suppressed, true) => Fate::Suppressed,
                (Before::Suppressed | Before::Absent, _) if is_small => Fate::Suppressed,
                _ => Fate::Open,
            };
        }
        decide(&changes, &mut told, Rules { minimum_n: false, ..rules });
        for (((part, offer), stood), told) in
            self.offered.iter_mut().zip(&mut self.offers).zip(stood).zip(told)
        {
            let is_unchanged = is_unchanged(offer);
            part.held = !is_unchanged && told.fate == Fate::Suppressed;
            offer.fate = match stood {
                Before::Published if part.held || is_unchanged => Fate::Published,
                Before::Suppressed if part.held || is_unchanged => Fate::Suppressed,
                Before::Absent if part.held => Fate::Suppressed,
                _ => Fate::Open,
            };
        }
    }

    /// Who changed each variable since the release before. Where several cells of it were noted,
    /// the fewest count.
    fn changed_since(&self, before: &Earlier) -> Vec<Contributors> {
        let mut changed = vec![Contributors::default(); self.system.variables.len()];
        for (counted, cells) in &self.variables {
            for (location, variable) in cells {
                let old = before.sketches(&counted.key, counted.set, location);
                let change = self.system.variables[*variable].sketches.changed(&old);
                let fewest = &mut changed[*variable];
                if fewest.is_empty() || (!change.is_empty() && change.len() < fewest.len()) {
                    *fewest = change;
                }
            }
        }
        changed
    }

    fn stood(&self, part: &Part, before: &Earlier) -> Before {
        let table = &self.tables[part.table];
        let row = &table.rows[part.row];
        let Some(old) = before.row(&table.key, &location(&row.dimensions)) else {
            return Before::Absent;
        };
        let was_suppressed = old.reliability == Reliability::Suppressed;
        let was_published = match part.told {
            Told::Row => !was_suppressed,
            Told::Extras(names) => {
                let has = |row: &Row| names.iter().any(|name| row.extra.contains_key(*name));
                !was_suppressed && (has(old) || !has(row))
            }
        };
        if was_published { Before::Published } else { Before::Suppressed }
    }

    /// Notes what the next release is compared with: of a row that stays as it was, what it was
    /// made of then.
    pub fn note_cells(&mut self, before: Option<&Earlier>) {
        let held: HashSet<(usize, usize, &Location)> = self
            .offered
            .iter()
            .filter(|part| part.held)
            .flat_map(|part| part.cells.iter().map(|(set, location)| (part.table, *set, location)))
            .collect();
        let mut notes: Vec<Vec<NotedCell>> = Vec::new();
        for (at, table) in self.tables.iter().enumerate() {
            let mut cells = Vec::new();
            let sets = self.variables.iter().filter(|(counted, _)| counted.key == table.key);
            for (set, (location, variable)) in
                sets.flat_map(|(counted, cells)| cells.iter().map(|cell| (counted.set, cell)))
            {
                let sketches = match before.filter(|_| held.contains(&(at, set, location))) {
                    Some(before) => before.sketches(&table.key, set, location),
                    None => self.system.variables[*variable].sketches.clone(),
                };
                if sketches != Sketches::default() {
                    cells.push(NotedCell {
                        set,
                        location: location.clone(),
                        sketches: sketches.to_hex(),
                    });
                }
            }
            cells.sort_by(|one, other| (one.set, &one.location).cmp(&(other.set, &other.location)));
            notes.push(cells);
        }
        for (table, cells) in self.tables.iter_mut().zip(notes) {
            table.cells = cells;
        }
    }
}
