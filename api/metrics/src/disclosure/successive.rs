//! Successive releases: a cell is updated only if at least three contributors changed it.
//!
//! The difference of two releases must not reveal what one or two organizations changed, neither in
//! a cell nor by any sum. So the changes form a system of their own with the same equations. It is
//! decided in the same way which changes are published. A row whose change is not published stays
//! as it was: published or suppressed. So does a row that did not change; that it did not change
//! counts as known, even if the row is suppressed.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::contributors::{Contributors, Location, Sketches, location};
use super::draft::{Draft, FactSetKey, PartKind, RowPart, Shape};
use super::release::{Release, ReleaseTable, StoredCell};
use super::suppression::{CellCandidate, Decision, decide};
use super::system::Rules;
use super::tables::TableKey;
use crate::row::{MetricRow, Reliability};

/// The state of a row's numbers in the previous release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PreviousStatus {
    Absent,
    Published,
    Suppressed,
}

/// The previous release, with its rows and cells by location.
pub(super) struct PreviousRelease<'a> {
    tables: HashMap<&'a TableKey, &'a ReleaseTable>,
    rows: HashMap<&'a TableKey, HashMap<Location, &'a MetricRow>>,
    sketches: HashMap<(&'a TableKey, usize, &'a Location), Sketches>,
}

impl<'a> PreviousRelease<'a> {
    pub fn of(release: &'a Release) -> Self {
        let cells = release
            .tables()
            .iter()
            .flat_map(|table| table.cells.iter().map(|cell| (&table.key, cell)));
        let by_location = |table: &'a ReleaseTable| {
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

    pub fn table(&self, key: &TableKey) -> Option<&'a ReleaseTable> {
        self.tables.get(key).copied()
    }

    pub fn row(&self, key: &TableKey, at: &Location) -> Option<&'a MetricRow> {
        self.rows.get(key)?.get(at).copied()
    }

    /// Returns the contributions to a cell in the previous release.
    fn sketches(&self, key: &TableKey, set: usize, at: &Location) -> Sketches {
        self.sketches.get(&(key, set, at)).cloned().unwrap_or_default()
    }
}

impl Draft {
    /// Decides which rows stay as the previous release published them. These are the rows that too
    /// few contributors changed. Further rows join them, so that the difference of two releases
    /// reveals no such change.
    pub fn compare_with_previous(&mut self, previous: &PreviousRelease, rules: Rules) {
        let mut changed = self.contributors_of_changes(previous);
        self.add_changes_without_contributors(previous, &mut changed);
        let changes = self.system.changes(&changed, &self.revealing_changes(previous));
        let previous_statuses: Vec<PreviousStatus> =
            self.row_parts.iter().map(|part| self.previous_status(part, previous)).collect();
        let is_unchanged = |candidate: &CellCandidate| {
            candidate.variables.iter().all(|at| changed[*at].is_empty())
        };
        let mut changed_candidates: Vec<CellCandidate> = self.candidates.clone();
        for (candidate, previous_status) in changed_candidates.iter_mut().zip(&previous_statuses) {
            let is_protected =
                candidate.variables.iter().any(|at| self.system.variables[*at].protected);
            candidate.decision = match (previous_status, is_unchanged(candidate)) {
                // Readers may guess that a suppressed cell of a past month did not change. So a
                // change of zero is known, and hides no other change.
                (PreviousStatus::Published | PreviousStatus::Suppressed, true) => {
                    Decision::Published
                }
                (PreviousStatus::Suppressed | PreviousStatus::Absent, _) if is_protected => {
                    Decision::Suppressed
                }
                _ => Decision::Undecided,
            };
        }
        decide(&changes, &mut changed_candidates, Rules { minimum_n: false, ..rules });
        for (((part, candidate), previous_status), changed_candidate) in self
            .row_parts
            .iter_mut()
            .zip(&mut self.candidates)
            .zip(previous_statuses)
            .zip(changed_candidates)
        {
            let is_unchanged = is_unchanged(candidate);
            part.carried_over = !is_unchanged && changed_candidate.decision == Decision::Suppressed;
            candidate.decision = match previous_status {
                PreviousStatus::Published if part.carried_over || is_unchanged => {
                    Decision::Published
                }
                PreviousStatus::Suppressed if part.carried_over || is_unchanged => {
                    Decision::Suppressed
                }
                PreviousStatus::Absent if part.carried_over => Decision::Suppressed,
                _ => Decision::Undecided,
            };
        }
    }

    /// Returns the contributors who changed each variable since the previous release. If several
    /// cells share a variable, the smallest set counts.
    fn contributors_of_changes(&self, previous: &PreviousRelease) -> Vec<Contributors> {
        let mut changed = vec![Contributors::default(); self.system.variables.len()];
        for (fact_set, cells) in &self.variables {
            for (location, variable) in cells {
                let old = previous.sketches(&fact_set.key, fact_set.set, location);
                let change = self.sketches(fact_set, location).changed(&old);
                let fewest = &mut changed[*variable];
                if fewest.is_empty() || (!change.is_empty() && change.len() < fewest.len()) {
                    *fewest = change;
                }
            }
        }
        changed
    }

    /// Returns the variables whose change is a suppressed cell itself, because the cell is new or no
    /// longer exists. A reader may guess which other suppressed cells did not change. Then a sum of
    /// changes would reveal this cell, however many contributors it has.
    fn revealing_changes(&self, previous: &PreviousRelease) -> BTreeSet<usize> {
        let mut revealing = BTreeSet::new();
        for (fact_set, cells) in &self.variables {
            let is_new = |at: &Location| {
                previous.sketches(&fact_set.key, fact_set.set, at) == Sketches::default()
            };
            let new = cells
                .iter()
                .filter(|(at, variable)| self.system.variables[**variable].protected && is_new(at));
            revealing.extend(new.map(|(_, variable)| *variable));
        }
        for (part, candidate) in self.row_parts.iter().zip(&self.candidates) {
            if self.previous_status(part, previous) == PreviousStatus::Suppressed {
                let is_gone = |at: &&usize| self.system.variables[**at].n == 0;
                revealing.extend(candidate.variables.iter().filter(is_gone));
            }
        }
        revealing
    }

    /// Marks the variables whose records are unchanged while a count of their row is not. Time alone
    /// moves an action from one class of age to the next, and an action may make another record a
    /// repeat. Who is behind such a change is not known, so it counts as a change by one.
    fn add_changes_without_contributors(
        &self,
        previous: &PreviousRelease,
        changed: &mut [Contributors],
    ) {
        let is_moved = |part: &RowPart| {
            let ReleaseTable { key, rows, .. } = &self.tables[part.table];
            let row = &rows[part.row];
            let old = previous.row(key, &location(&row.dimensions));
            old.is_some_and(|old| {
                let then = self.counts_of(part, old);
                !then.is_empty() && then != self.counts_of(part, row)
            })
        };
        for (part, candidate) in self.row_parts.iter().zip(&self.candidates) {
            if candidate.variables.iter().all(|at| changed[*at].is_empty()) && is_moved(part) {
                for at in &candidate.variables {
                    changed[*at].add([0]);
                }
            }
        }
    }

    /// Returns the counts that a part of a row states beside n.
    fn counts_of(&self, part: &RowPart, row: &MetricRow) -> Vec<(String, i64)> {
        let of_others = self.shapes[&self.tables[part.table].key].iter().flat_map(Shape::extras);
        let of_others: Vec<&str> = of_others.copied().collect();
        let is_own = |name: &str| match part.kind {
            PartKind::Row => !of_others.contains(&name),
            PartKind::Extras(names) => names.contains(&name),
        };
        let extras = row.extra.iter().filter(|(name, _)| is_own(name));
        let counts = extras.filter_map(|(name, value)| Some((name.clone(), value.as_i64()?)));
        let numerator = row.numerator.filter(|_| part.kind == PartKind::Row);
        counts.chain(numerator.map(|count| (String::new(), count.to_bits() as i64))).collect()
    }

    /// Returns the contributions to a cell.
    fn sketches(&self, fact_set: &FactSetKey, at: &Location) -> Sketches {
        self.sketches.get(fact_set).and_then(|cells| cells.get(at)).cloned().unwrap_or_default()
    }

    fn previous_status(&self, part: &RowPart, previous: &PreviousRelease) -> PreviousStatus {
        let table = &self.tables[part.table];
        let row = &table.rows[part.row];
        let Some(old) = previous.row(&table.key, &location(&row.dimensions)) else {
            return PreviousStatus::Absent;
        };
        let was_suppressed = old.reliability == Reliability::Suppressed;
        let was_published = match part.kind {
            PartKind::Row => !was_suppressed,
            PartKind::Extras(names) => {
                let has = |row: &MetricRow| names.iter().any(|name| row.extra.contains_key(*name));
                !was_suppressed && (has(old) || !has(row))
            }
        };
        if was_published { PreviousStatus::Published } else { PreviousStatus::Suppressed }
    }

    /// Stores the cells for comparison with the next release. A row that is carried over retains
    /// its earlier contributions.
    pub fn store_cells(&mut self, previous: Option<&PreviousRelease>) {
        let carried_over: HashSet<(usize, usize, &Location)> = self
            .row_parts
            .iter()
            .filter(|part| part.carried_over)
            .flat_map(|part| part.cells.iter().map(|(set, location)| (part.table, *set, location)))
            .collect();
        let mut stored_cells: Vec<Vec<StoredCell>> = Vec::new();
        for (at, table) in self.tables.iter().enumerate() {
            let mut cells = Vec::new();
            let sets = self.variables.iter().filter(|(fact_set, _)| fact_set.key == table.key);
            for (fact_set, location) in
                sets.flat_map(|(fact_set, cells)| cells.keys().map(move |cell| (fact_set, cell)))
            {
                let set = fact_set.set;
                let sketches =
                    match previous.filter(|_| carried_over.contains(&(at, set, location))) {
                        Some(previous) => previous.sketches(&table.key, set, location),
                        None => self.sketches(fact_set, location),
                    };
                if sketches != Sketches::default() {
                    cells.push(StoredCell {
                        set,
                        location: location.clone(),
                        sketches: sketches.to_hex(),
                    });
                }
            }
            cells.sort_by(|one, other| (one.set, &one.location).cmp(&(other.set, &other.location)));
            stored_cells.push(cells);
        }
        for (table, cells) in self.tables.iter_mut().zip(stored_cells) {
            table.cells = cells;
        }
    }
}
