//! Successive releases: what readers can compute from all releases of a series together.
//!
//! The releases of a series form one system of linear equations. Its variables are the versions of
//! cells. A cell gets a new version when its records change, or another number of its row. The sums
//! of a month hold for the versions of that month. A cell that did not change is one variable in
//! both months, even if it is suppressed: readers may guess right which rows changed. The
//! difference of two versions is a variable as well, and protected if too few contributors made it.
//!
//! A release that updates no row reveals nothing new: its equations hold for any values, if all
//! changes are zero. Rows are then updated one after the other, each only if exact elimination over
//! the whole series shows that no reader can derive a protected number or change. A row that is not
//! updated stays as it was published. So by induction no series of releases reveals such a number.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::contributors::{Contributors, Location, location, mix};
use super::draft::{Draft, FactSetKey, PartKind, RowPart, Shape};
use super::release::{CellVersion, Release, ReleaseTable, StoredCell};
use super::suppression::Decision;
use super::system::{Equation, System, Variable};
use super::tables::TableKey;
use crate::row::{MetricRow, Reliability};

/// The previous release, with its rows and cells by location.
pub(super) struct PreviousRelease<'a> {
    /// What readers know from the releases of the series.
    series: &'a System,
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
            tables: release.tables().iter().map(|table| (&table.key, table)).collect(),
            rows: release.tables().iter().map(|table| (&table.key, by_location(table))).collect(),
            cells: cells.map(|(key, cell)| ((key, cell.set, &cell.location), cell)).collect(),
        }
    }

    pub fn table(&self, key: &TableKey) -> Option<&'a ReleaseTable> {
        self.tables.get(key).copied()
    }

    pub fn row(&self, key: &TableKey, at: &Location) -> Option<&'a MetricRow> {
        self.rows.get(key)?.get(at).copied()
    }

    fn cell(&self, fact_set: &FactSetKey, at: &Location) -> Option<&'a StoredCell> {
        self.cells.get(&(&fact_set.key, fact_set.set, at)).copied()
    }

    /// Returns the version of a cell that was published last.
    fn published(&self, cell: &'a StoredCell) -> Option<&'a CellVersion> {
        let is_up_to_date = self.series.variables[cell.current.values].published;
        if is_up_to_date { Some(&cell.current) } else { cell.published.as_ref() }
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

/// A variable of this month compared with a version of the same cell in an earlier release.
struct Comparison {
    now: usize,
    /// Position in the series.
    then: usize,
    /// The contributors who changed the cell; empty if it is unchanged.
    changed: Contributors,
}

impl Draft {
    /// Joins the system of this month with that of the earlier releases. Candidates that
    /// reveal nothing new are published.
    pub fn join_series(&mut self, previous: &PreviousRelease) {
        let (series, positions) = joined(previous.series, &self.system, self.compare(previous));
        self.system = series;
        let cells = self.variables.values_mut().chain(self.values.values_mut());
        cells.flat_map(BTreeMap::values_mut).for_each(|at| *at = positions[*at]);
        for candidate in &mut self.candidates {
            candidate.variables.iter_mut().for_each(|at| *at = positions[*at]);
            candidate.variables.sort_unstable();
            candidate.variables.dedup();
            if candidate.variables.iter().all(|at| self.system.variables[*at].published) {
                candidate.decision = Decision::Published;
            }
        }
    }

    /// Compares each cell with its version in the previous release, and with the version that was
    /// published last.
    fn compare(&self, previous: &PreviousRelease) -> Vec<Comparison> {
        let mut comparisons = Vec::new();
        let mut fact_sets: Vec<&FactSetKey> = self.variables.keys().collect();
        fact_sets.sort_unstable();
        for fact_set in fact_sets {
            for (at, records) in &self.variables[fact_set] {
                let Some(old) = previous.cell(fact_set, at) else { continue };
                let values = self.values[fact_set][at];
                let now = self.version(fact_set, at, *records, values);
                let published = previous.published(old).filter(|then| **then != old.current);
                for then in [&old.current].into_iter().chain(published) {
                    let or_one = |mut changed: Contributors, is_other: bool| {
                        // Time alone moves an action from one class of age to the next. Who is
                        // behind such a change is not known.
                        if changed.is_empty() && is_other {
                            changed.add([0]);
                        }
                        changed
                    };
                    let is_other = (now.n, now.counts) != (then.n, then.counts);
                    let changed = or_one(now.sketches.changed(&then.sketches), is_other);
                    // Records that stayed the same are known to readers of other metrics. Else no
                    // other metric tells their change if this row may not.
                    let has_same_records =
                        now.n == then.n && now.sketches.of_facts() == then.sketches.of_facts();
                    let of_records =
                        if has_same_records { Contributors::default() } else { changed.clone() };
                    comparisons.push(Comparison {
                        now: *records,
                        then: then.records,
                        changed: of_records,
                    });
                    comparisons.push(Comparison { now: values, then: then.values, changed });
                }
            }
        }
        comparisons
    }

    /// Returns the present version of a cell with these variables.
    fn version(
        &self,
        fact_set: &FactSetKey,
        at: &Location,
        records: usize,
        values: usize,
    ) -> CellVersion {
        let sketches = self.sketches.get(fact_set).and_then(|cells| cells.get(at));
        let counts = self.counts.get(fact_set).and_then(|cells| cells.get(at));
        CellVersion {
            records,
            values,
            n: self.system.variables[records].n,
            sketches: sketches.cloned().unwrap_or_default(),
            counts: counts.copied().unwrap_or_default(),
        }
    }

    /// Hashes the counts that rows state, by cell.
    pub fn hash_counts(&mut self) {
        for part in &self.row_parts {
            if part.row >= self.current_rows[part.table] {
                continue;
            }
            let ReleaseTable { key, rows, .. } = &self.tables[part.table];
            let counts = format!("{:?}", self.counts_of(part, &rows[part.row]));
            let hash = counts.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
            for (set, at) in &part.cells {
                let fact_set = FactSetKey { key: key.clone(), set: *set };
                let of_cell = self.counts.entry(fact_set).or_default().entry(at.clone());
                let sum = of_cell.or_default();
                *sum = sum.wrapping_add(hash);
            }
        }
    }

    /// Returns the counts that a part of a row states.
    fn counts_of(&self, part: &RowPart, row: &MetricRow) -> (u64, Option<u64>, Vec<(String, i64)>) {
        let of_others = self.shapes[&self.tables[part.table].key].iter().flat_map(Shape::extras);
        let of_others: Vec<&str> = of_others.copied().collect();
        let is_own = |name: &str| match part.kind {
            PartKind::Row => !of_others.contains(&name),
            PartKind::Extras(names) => names.contains(&name),
        };
        let extras = row.extra.iter().filter(|(name, _)| is_own(name));
        let extras = extras.filter_map(|(name, value)| Some((name.clone(), value.as_i64()?)));
        (row.n, row.numerator.map(f64::to_bits), extras.collect())
    }

    /// Retains the previous release's numbers of rows that are not updated. A row that has become
    /// small is suppressed instead, if enough contributors changed it.
    pub fn carry_over(&mut self, previous: &PreviousRelease, is_small: &[bool]) {
        let changed_by_few: HashSet<usize> = self
            .system
            .variables
            .iter()
            .zip(is_small)
            .filter(|(_, is_small)| **is_small)
            .filter_map(|(variable, _)| variable.change)
            .filter(|(old, _)| self.system.variables[*old].published)
            .map(|(_, new)| new)
            .collect();
        for (part, candidate) in self.row_parts.iter_mut().zip(&mut self.candidates) {
            let ReleaseTable { key, rows, .. } = &self.tables[part.table];
            let is_stale = candidate.decision == Decision::Suppressed
                && previous.publishes(key, &rows[part.row], part.kind);
            let variables = &candidate.variables;
            if is_stale
                && (!variables.iter().any(|at| is_small[*at])
                    || variables.iter().any(|at| changed_by_few.contains(at)))
            {
                part.carried_over = true;
                candidate.decision = Decision::Published;
            }
        }
    }

    /// Stores the cells for comparison with the next release, and returns what readers know from
    /// the series.
    pub fn store_series(&mut self, previous: Option<&PreviousRelease>) -> System {
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
                let values = self.values[fact_set][location];
                let current = self.version(fact_set, location, *records, values);
                // A cell that no longer exists is only retained with its row.
                if current.n == 0 && !carried_over.contains(&(at, set, location)) {
                    continue;
                }
                let published = previous
                    .filter(|_| !self.system.variables[values].published)
                    .and_then(|previous| previous.published(previous.cell(fact_set, location)?));
                cells.push(StoredCell {
                    set,
                    location: location.clone(),
                    current,
                    published: published.cloned(),
                });
            }
            cells.sort_by(|one, other| (one.set, &one.location).cmp(&(other.set, &other.location)));
            stored_cells.push(cells);
        }
        let mut series = std::mem::take(&mut self.system);
        let mut versions: Vec<&mut CellVersion> = stored_cells
            .iter_mut()
            .flatten()
            .flat_map(|cell| [Some(&mut cell.current), cell.published.as_mut()])
            .flatten()
            .collect();
        let used = versions.iter().flat_map(|version| [version.records, version.values]).collect();
        let positions = series.prune(used);
        for version in &mut versions {
            version.records = positions[&version.records];
            version.values = positions[&version.values];
        }
        for (table, cells) in self.tables.iter_mut().zip(stored_cells) {
            table.cells = cells;
        }
        series
    }
}

/// Joins the system of a month with that of the earlier releases. Returns it with the position of
/// each variable of the month.
fn joined(earlier: &System, month: &System, comparisons: Vec<Comparison>) -> (System, Vec<usize>) {
    let mut series = earlier.clone();
    let mut known: Vec<Option<usize>> = vec![None; month.variables.len()];
    let mut equal: Vec<(usize, usize)> = Vec::new();
    let mut changes: Vec<Comparison> = Vec::new();
    for comparison in comparisons {
        if !comparison.changed.is_empty() {
            changes.push(comparison);
        } else if let Some(other) = known[comparison.now].filter(|at| *at != comparison.then) {
            equal.push((other, comparison.then));
        } else {
            known[comparison.now] = Some(comparison.then);
        }
    }
    for at in known.iter().flatten() {
        series.variables[*at].protected = false;
    }
    let mut positions = Vec::with_capacity(known.len());
    for (known, variable) in known.into_iter().zip(&month.variables) {
        positions.push(known.unwrap_or(series.variables.len()));
        match known {
            Some(at) => series.variables[at].protected |= variable.protected,
            None => series.variables.push(variable.clone()),
        }
    }
    for (one, other) in equal {
        series.add(vec![one], vec![other]);
    }
    let mut known_changes: HashMap<(usize, usize), usize> = HashMap::new();
    for (at, variable) in series.variables.iter().enumerate() {
        known_changes.extend(variable.change.map(|change| (change, at)));
    }
    // The change of each variable of the month: since the previous release, and since it was
    // published last.
    let mut changes_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for Comparison { now, then, changed } in changes {
        let pair = (then, positions[now]);
        if pair.0 == pair.1 {
            continue;
        }
        let is_small = !changed.reach_minimum();
        let at = *known_changes.entry(pair).or_insert(series.variables.len());
        if let Some(known) = series.variables.get_mut(at) {
            if changed.len() < known.contributors.len() {
                (known.contributors, known.protected) = (changed, is_small);
            }
        } else {
            let region = month.variables[now].region.clone();
            series.variables.push(Variable::of_change(pair, region, changed));
            series.add(vec![pair.1], vec![pair.0, at]);
        }
        let changes = changes_of.entry(now).or_default();
        if !changes.contains(&at) {
            changes.push(at);
        }
    }
    for Equation { left, right } in &month.equations {
        // A cell that no longer exists is in no sum.
        let exists = |at: &&usize| month.variables[**at].n > 0;
        let of_series = |terms: &[usize]| {
            let mut terms: Vec<usize> =
                terms.iter().filter(exists).map(|at| positions[*at]).collect();
            terms.sort_unstable();
            terms
        };
        series.add(of_series(left), of_series(right));
        for choose in [<[usize]>::first, <[usize]>::last] {
            let changes = left.iter().filter_map(|at| choose(changes_of.get(at)?).copied());
            series.add_union(changes.collect());
        }
    }
    (series, positions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::suppression::{CellCandidate, decide_protecting_suppressed};
    use crate::disclosure::system::Rules;

    fn variable(n: u64, protected: bool) -> Variable {
        let (contributors, region) = (Contributors::of([1, 2, 3]), Some("1".to_owned()));
        Variable { n, contributors, region, protected, published: false, change: None }
    }

    /// A small cell, a large one, and their published sum.
    fn month() -> System {
        let mut system = System::default();
        system.variables = vec![variable(2, true), variable(9, false), variable(11, false)];
        system.add_sum([0, 1], 2);
        system
    }

    /// Returns whether the sum is published again after these contributors changed each cell.
    fn is_updated(changed: [&[i64]; 3]) -> bool {
        let mut earlier = month();
        earlier.publish([2]);
        let used = [0, 1, 2].into();
        let at = earlier.prune(used);
        let comparisons = changed.iter().enumerate().map(|(now, changed)| Comparison {
            now,
            then: at[&now],
            changed: Contributors::of(changed.iter().copied()),
        });
        let (mut series, positions) = joined(&earlier, &month(), comparisons.collect());
        let decided = |at: usize, decision| CellCandidate {
            variables: vec![positions[at]],
            priority: 0,
            n: 11,
            decision,
        };
        let mut candidates = [decided(2, Decision::Undecided), decided(1, Decision::Suppressed)];
        decide_protecting_suppressed(&mut series, &mut candidates, Rules::default());
        candidates[0].decision == Decision::Published
    }

    #[test]
    fn a_sum_is_updated_unless_it_reveals_the_change_of_a_suppressed_cell() {
        let many = &[4, 5, 6];
        assert!(is_updated([many, many, many]), "the change of the sum is that of both cells");
        assert!(!is_updated([&[], many, many]), "the change is that of the large cell");
        assert!(!is_updated([many, &[], many]), "the change is that of the small cell");
        assert!(!is_updated([many, many, &[4, 5]]), "two contributors changed the sum");
        assert!(!is_updated([&[4], &[5], many]), "two contributors changed both cells");
        assert!(is_updated([&[], &[], &[]]), "nothing changed");
    }

    #[test]
    fn a_series_retains_what_is_unknown() {
        let mut series = month();
        let (change, of) = (3, Variable::of_change((1, 2), None, Contributors::of([1])));
        series.variables.push(of);
        series.add(vec![2], vec![1, change]);
        series.publish([1]);
        let positions = series.prune([0].into());
        // The published cell is used by its change alone.
        assert_eq!(positions.len(), 4);
        assert_eq!(series.variables[change].change, Some((1, 2)));
        let terms: Vec<Vec<usize>> =
            series.equations.iter().map(|equation| equation.terms().collect()).collect();
        assert_eq!(terms, [vec![0, 2], vec![2, 3]]);
        series.publish([2]);
        assert!(series.variables[change].published, "both versions are");
        assert_eq!(series.prune([0].into()).len(), 1);
        assert_eq!(series.equations[0].left, [0], "the rest of the published sum");
    }
}
