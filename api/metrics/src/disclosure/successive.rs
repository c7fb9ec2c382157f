//! Successive releases: what changed since the earlier releases of a series, and which rows stay as
//! they were published.
//!
//! A cell has a new version when its records change, or another number of its row. The sums of a
//! month hold for the versions of that month. A cell that did not change is the same number in both
//! months, even if it is suppressed: readers may guess right which rows changed. The difference of
//! two versions is protected if too few contributors made it, or if no release states it.
//!
//! A release that updates no row reveals nothing new: its equations hold for any values, if all
//! changes are zero. Rows are then updated one after the other, each only if exact elimination over
//! all that a reader [knows](super::knowledge) from the series shows that no reader can derive a
//! protected number or change. A row that is not updated stays as it was published. So by induction
//! no series of releases reveals such a number.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

use super::changes::Changes;
use super::contributors::{Contributors, Location, location, mix};
use super::draft::{Draft, FactSetKey, PartKind, RowPart, Shape};
use super::knowledge::{ReaderAudit, SeriesKnowledge};
use super::outdated::OutdatedRow;
use super::release::{CellVersion, Release, ReleaseTable, StoredCell};
use super::suppression::Decision;
use super::tables::TableKey;
use crate::row::{MetricRow, Reliability};

/// Names of the counts of a row that are no extras.
const N: &str = "n";
const NUMERATOR: &str = "numerator";

/// Number of published versions of a cell with which later ones are compared.
const RETAINED_VERSIONS: usize = 12;

/// The previous release, with its rows and cells by location.
pub(super) struct PreviousRelease<'a> {
    /// What readers know from the releases of the series.
    pub series: &'a SeriesKnowledge,
    as_of: NaiveDate,
    tables: HashMap<&'a TableKey, &'a ReleaseTable>,
    rows: HashMap<&'a TableKey, HashMap<Location, &'a MetricRow>>,
    cells: HashMap<(&'a TableKey, usize, &'a Location), &'a StoredCell>,
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
            series: release.series(),
            as_of: release.as_of,
            tables: release.tables().iter().map(|table| (&table.key, table)).collect(),
            rows: release.tables().iter().map(|table| (&table.key, by_location(table))).collect(),
            cells: cells.map(|(key, cell)| ((key, cell.set, &cell.location), cell)).collect(),
        }
    }

    pub fn table(&self, key: &TableKey) -> Option<&'a ReleaseTable> {
        self.tables.get(key).copied()
    }

    fn row(&self, key: &TableKey, at: &Location) -> Option<&'a MetricRow> {
        self.rows.get(key)?.get(at).copied()
    }

    fn outdated(&self, key: &TableKey, at: &Location) -> Option<&'a OutdatedRow> {
        self.table(key)?.outdated.iter().find(|row| row.location == *at)
    }

    /// Returns a row of the previous release, without the remark on its outdated parts.
    pub fn row_without_remark(&self, key: &TableKey, at: &Location) -> Option<MetricRow> {
        let mut row = self.row(key, at)?.clone();
        if let Some(outdated) = self.outdated(key, at) {
            outdated.remove_remark(&mut row, self.as_of);
        }
        Some(row)
    }

    /// Returns the as-of day of the release that a part of a row of the previous release comes from.
    pub fn day_of(&self, key: &TableKey, at: &Location, kind: PartKind) -> NaiveDate {
        self.outdated(key, at).and_then(|row| row.day_of(kind.extras())).unwrap_or(self.as_of)
    }

    fn cell(&self, fact_set: &FactSetKey, at: &Location) -> Option<&'a StoredCell> {
        self.cells.get(&(&fact_set.key, fact_set.set, at)).copied()
    }

    /// Returns true if the previous release published this part of a row.
    fn publishes(&self, key: &TableKey, row: &MetricRow, kind: PartKind) -> bool {
        let old = self.row(key, &location(&row.dimensions));
        old.filter(|old| old.reliability != Reliability::Suppressed).is_some_and(|old| match kind {
            PartKind::Row => true,
            PartKind::Extras(names) => {
                let has = |row: &MetricRow| names.iter().any(|name| row.extra.contains_key(*name));
                has(old) || !has(row)
            }
        })
    }
}

/// Who changed a cell between two versions. Of several numbers that differ, the one with the fewest
/// contributors decides.
struct Change {
    /// Contributors who added or removed records, if the number of records differs.
    of_records: Contributors,
    /// Contributors of a count that differs.
    of_counts: Contributors,
    /// Contributors of any number that differs.
    of_values: Contributors,
}

impl CellVersion {
    fn change_since(&self, then: &Self) -> Change {
        // Time alone changes a number of weeks. Who is behind such a change is not known.
        let or_unknown = |contributors: Contributors| match contributors.is_empty() {
            true => Contributors::of([0]),
            false => contributors,
        };
        let changed_values = self.sketches.changed_values(&then.sketches);
        let mut of_counts = self.sketches.changed_counts(&then.sketches);
        if self.stated.of_no_facts != then.stated.of_no_facts {
            let of_others = or_unknown(changed_values.clone());
            of_counts = Contributors::smallest([of_counts, of_others]);
        }
        let has_same_counts = (self.n, self.stated) == (then.n, then.stated);
        if !has_same_counts {
            of_counts = or_unknown(of_counts);
        }
        let of_values = Contributors::smallest([of_counts.clone(), changed_values]);
        // If as many records were added as removed, readers may guess that their number did not
        // change, in this metric and in others over the same records.
        let none = Contributors::default;
        let of_facts = || or_unknown(self.sketches.changed_facts(&then.sketches));
        let of_records = if self.n == then.n { none() } else { of_facts() };
        let of_counts = if has_same_counts { none() } else { of_counts };
        Change { of_records, of_counts, of_values }
    }
}

/// Retains the smaller set of contributors.
fn insert_smaller<K: Ord>(all: &mut BTreeMap<K, Contributors>, key: K, contributors: Contributors) {
    let known = all.entry(key).or_insert_with(|| contributors.clone());
    if contributors.len() < known.len() {
        *known = contributors;
    }
}

impl Draft {
    /// Compares each cell with its version in the previous release, and with the versions that were
    /// published.
    pub fn changes_since(&self, previous: &PreviousRelease) -> Changes {
        let mut changes = Changes::default();
        for (fact_set, cells) in &self.variables {
            for (at, records) in cells {
                let Some(old) = previous.cell(fact_set, at) else { continue };
                let (counted, values) = (self.counted[fact_set][at], self.values[fact_set][at]);
                let version = self.version(fact_set, at, *records);
                let since_previous = version.change_since(&old.current);
                for (then, now, contributors) in [
                    (old.records, *records, since_previous.of_records),
                    (old.counted, counted, since_previous.of_counts),
                    (old.values, values, since_previous.of_values),
                ] {
                    if contributors.is_empty() {
                        changes.equal.insert((then, now));
                    } else {
                        insert_smaller(&mut changes.changed, (then, now), contributors);
                    }
                }
                for published in &old.published {
                    let since = version.change_since(published);
                    for (now, contributors) in [
                        (*records, since.of_records),
                        (counted, since.of_counts),
                        (values, since.of_values),
                    ] {
                        if contributors.is_empty() {
                            changes.known.insert(now);
                        } else if !contributors.reach_minimum() {
                            insert_smaller(&mut changes.small, now, contributors);
                        }
                    }
                }
            }
        }
        changes
    }

    /// Returns the present version of a cell with this variable.
    fn version(&self, fact_set: &FactSetKey, at: &Location, records: usize) -> CellVersion {
        let sketches = self.sketches.get(fact_set).and_then(|cells| cells.get(at));
        let stated = self.stated_counts.get(fact_set).and_then(|cells| cells.get(at));
        CellVersion {
            n: self.system.variables[records].n,
            sketches: sketches.cloned().unwrap_or_default(),
            stated: stated.copied().unwrap_or_default(),
        }
    }

    /// Hashes the counts that rows state, by cell.
    pub fn hash_counts(&mut self) {
        for part in &self.row_parts {
            if part.row >= self.current_rows[part.table] {
                continue;
            }
            let ReleaseTable { key, rows, .. } = &self.tables[part.table];
            let counts = self.counts_of(part, &rows[part.row]);
            let hash = |is_chosen: &dyn Fn(&(&str, i64)) -> bool| {
                let chosen: Vec<_> = counts.iter().filter(|count| is_chosen(count)).collect();
                format!("{chosen:?}").bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)))
            };
            let is_of_facts =
                |count: &(&str, i64)| part.cells.iter().any(|cell| self.is_sum(key, cell, count));
            let of_no_facts = hash(&|count| !is_of_facts(count));
            for cell in &part.cells {
                let of_facts = hash(&|count| self.is_sum(key, cell, count));
                let fact_set = FactSetKey { key: key.clone(), set: cell.0 };
                let of_set = self.stated_counts.entry(fact_set).or_default();
                let sums = of_set.entry(cell.1.clone()).or_default();
                sums.of_facts = sums.of_facts.wrapping_add(of_facts);
                sums.of_no_facts = sums.of_no_facts.wrapping_add(of_no_facts);
            }
        }
    }

    /// Returns whether a count is a sum over the facts of a cell.
    fn is_sum(
        &self,
        key: &TableKey,
        (set, at): &(usize, Location),
        (name, count): &(&str, i64),
    ) -> bool {
        let shape = &self.shapes[key][*set];
        let facts = || {
            let cells = self.variables.get(&FactSetKey { key: key.clone(), set: *set })?;
            Some(self.system.variables[*cells.get(at)?].n as i64)
        };
        let is_number_of_facts = || shape.has_n && facts() == Some(*count);
        match *name {
            N => is_number_of_facts(),
            NUMERATOR => shape.has_numerator || is_number_of_facts(),
            extra => shape.sums.contains(&extra),
        }
    }

    /// Returns the counts that a part of a row states, by name.
    fn counts_of<'a>(&self, part: &RowPart, row: &'a MetricRow) -> Vec<(&'a str, i64)> {
        let of_others = self.shapes[&self.tables[part.table].key].iter().flat_map(Shape::extras);
        let of_others: Vec<&str> = of_others.copied().collect();
        let mut counts: Vec<(&str, i64)> = Vec::new();
        if part.kind == PartKind::Row {
            let whole = |number: f64| match number.fract() == 0.0 {
                true => number as i64,
                false => number.to_bits() as i64,
            };
            counts.push((N, row.n as i64));
            counts.extend(row.numerator.map(|numerator| (NUMERATOR, whole(numerator))));
        }
        let is_own = |name: &str| match part.kind {
            PartKind::Row => !of_others.contains(&name),
            PartKind::Extras(names) => names.contains(&name),
        };
        let extras = row.extra.iter().filter(|(name, _)| is_own(name));
        counts.extend(extras.filter_map(|(name, value)| Some((name.as_str(), value.as_i64()?))));
        counts
    }

    /// Retains the previous release's numbers of rows that are not updated. A row that has become
    /// small is suppressed instead, if enough contributors changed it.
    pub fn carry_over(&mut self, previous: &PreviousRelease, changes: &Changes) {
        for (part, candidate) in self.row_parts.iter_mut().zip(&mut self.candidates) {
            let ReleaseTable { key, rows, .. } = &self.tables[part.table];
            let is_stale = candidate.decision == Decision::Suppressed
                && previous.publishes(key, &rows[part.row], part.kind);
            let variables = &candidate.variables;
            if is_stale
                && (!variables.iter().any(|at| self.system.variables[*at].is_small)
                    || variables.iter().any(|at| changes.small.contains_key(at)))
            {
                part.carried_over = true;
                candidate.decision = Decision::Published;
            }
        }
    }

    /// Stores the cells for comparison with the next release, and returns what readers know from
    /// the series.
    pub fn store_series(
        &mut self,
        previous: Option<&PreviousRelease>,
        audits: Vec<ReaderAudit>,
        stated: &[bool],
    ) -> SeriesKnowledge {
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
            for (fact_set, (location, records)) in
                sets.flat_map(|(fact_set, cells)| cells.iter().map(move |cell| (fact_set, cell)))
            {
                let set = fact_set.set;
                let current = self.version(fact_set, location, *records);
                // A cell that no longer exists is only retained with its row.
                if current.n == 0 && !carried_over.contains(&(at, set, location)) {
                    continue;
                }
                let values = self.values[fact_set][location];
                let earlier = previous.and_then(|previous| previous.cell(fact_set, location));
                let mut published =
                    earlier.map_or_else(Vec::new, |earlier| earlier.published.clone());
                if stated[values] {
                    published.retain(|version| *version != current);
                    published.push(current.clone());
                    published.drain(..published.len().saturating_sub(RETAINED_VERSIONS));
                }
                cells.push(StoredCell {
                    set,
                    location: location.clone(),
                    records: *records,
                    counted: self.counted[fact_set][location],
                    values,
                    current,
                    published,
                });
            }
            cells.sort_by(|one, other| (one.set, &one.location).cmp(&(other.set, &other.location)));
            stored_cells.push(cells);
        }
        let used: BTreeSet<usize> = stored_cells
            .iter()
            .flatten()
            .flat_map(|cell| [cell.records, cell.counted, cell.values])
            .collect();
        let positions: BTreeMap<usize, usize> =
            used.into_iter().enumerate().map(|(to, from)| (from, to)).collect();
        for cell in stored_cells.iter_mut().flatten() {
            for at in [&mut cell.records, &mut cell.counted, &mut cell.values] {
                *at = positions[at];
            }
        }
        for (table, cells) in self.tables.iter_mut().zip(stored_cells) {
            table.cells = cells;
        }
        SeriesKnowledge::of(audits, &self.system, stated, &positions)
    }
}
