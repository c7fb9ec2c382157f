//! A draft of a release: its computed tables, the records behind each number, and the decision for
//! each row.

mod computed;
mod parts;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use computed::{ComputedTable, MetricTables};
use parts::Signature;
pub(super) use parts::{Draft, FactSetKey, PartKind, RowPart, Shape};

use super::changes::Changes;
use super::contributors::{FactCell, Location, RecordSet, location};
use super::count::CountedTable;
use super::knowledge::{ReaderAudit, SeriesKnowledge};
use super::outdated::OutdatedRow;
use super::release::{Release, ReleaseTable};
use super::successive::PreviousRelease;
use super::suppression::{CellCandidate, Decision, decide, published_numbers};
use super::system::{Rules, System, Variable};
use super::tables::TableKey;
use super::{MIN_N, suppress_row};
use crate::facts::Numbers;
use crate::metric::{Metric, registry};
use crate::parallel::on_all_cores;
use crate::query::{Dimension, MetricError};
use crate::row::{MetricRow, Reliability};
use crate::snapshot::Snapshot;

impl Draft {
    /// Computes the tables of a release under these rules.
    ///
    /// # Errors
    /// If a metric cannot be computed.
    pub fn compute(
        snapshot: &Snapshot,
        as_of: NaiveDate,
        previous: Option<&Release>,
        rules: Rules,
    ) -> Result<(Vec<ReleaseTable>, SeriesKnowledge), MetricError> {
        let mut draft = Self {
            as_of,
            tables: Vec::new(),
            system: System::default(),
            variables: HashMap::new(),
            counted: HashMap::new(),
            values: HashMap::new(),
            value_sums: Vec::new(),
            stated_counts: HashMap::new(),
            sketches: HashMap::new(),
            by_signature: HashMap::new(),
            shapes: HashMap::new(),
            parts: HashMap::new(),
            separate_parts: HashMap::new(),
            current_rows: Vec::new(),
            row_parts: Vec::new(),
            candidates: Vec::new(),
        };
        let previous_release = previous
            .filter(|previous| rules.successive && previous.is_comparable())
            .map(PreviousRelease::of);
        let previous = previous_release.as_ref();
        let has_regions = |metric: &&'static dyn Metric| {
            metric.definition().dimensions.contains(&Dimension::Region)
        };
        let metrics: Vec<_> = registry().iter().copied().filter(has_regions).collect();
        let computed =
            on_all_cores(&metrics, |metric| MetricTables::compute(snapshot, *metric, as_of, rules));
        for tables in computed {
            draft.add_tables(tables?, previous, rules);
        }
        for metric in metrics {
            draft.add_relations(snapshot, metric, rules);
        }
        draft.list_candidates(rules);
        draft.hash_counts();
        let changes = match previous {
            Some(previous) => {
                draft.add_value_sums();
                draft.changes_since(previous)
            }
            None => Changes::default(),
        };
        changes.protect_small(&mut draft.system);
        let series = previous.map(|previous| previous.series);
        let count = draft.system.variables.len();
        let mut stated =
            series.map_or_else(|| vec![false; count], |series| series.stated(&changes, count));
        let before = ReaderAudit::of_all(&draft.system, series, &changes, rules);
        let mut audits = decide(&draft.system, before, &mut draft.candidates, &stated, rules);
        published_numbers(&draft.candidates).for_each(|at| stated[at] = true);
        match previous {
            Some(previous) => draft.carry_over(previous, &changes),
            None => {
                // In the first release of a series, sums of values reveal no more than sums of
                // records.
                draft.add_value_sums();
                audits.iter_mut().for_each(|audit| audit.learn_sums(&draft.system));
            }
        }
        let series = draft.store_series(previous, audits, &stated);
        draft.apply(previous);
        Ok((draft.tables, series))
    }

    /// Adds the tables of a metric, and the variables behind their cells.
    fn add_tables(
        &mut self,
        computed: MetricTables,
        previous: Option<&PreviousRelease>,
        rules: Rules,
    ) {
        let MetricTables { facts, tables } = computed;
        for ComputedTable { key, mut rows, counted } in tables {
            self.shapes.insert(key.clone(), facts.iter().map(Shape::of).collect());
            let recorded = previous
                .and_then(|previous| previous.table(&key))
                .map_or(&[][..], |table| &table.cells);
            for (set, (facts, counted)) in facts.iter().zip(counted).enumerate() {
                let Some(CountedTable { mut cells, parts }) = counted else { continue };
                self.parts.insert(FactSetKey { key: key.clone(), set }, parts);
                if facts.are_answered_for() {
                    // The row counts something other than facts, so its n becomes the size of the
                    // cell.
                    for (at, cell) in &mut cells {
                        let row =
                            rows.iter().find(|row| self.shapes[&key][set].location(row) == *at);
                        cell.set_count(row.map_or(0, |row| row.n), &format!("{key:?} {at:?}"));
                    }
                    cells.retain(|_, cell| cell.n > 0);
                }
                if set == 0 {
                    // A row with a count but without known facts gets no contributors, so it is
                    // suppressed.
                    for row in rows.iter().filter(|row| row.n > 0) {
                        let own = self.shapes[&key][0].location(row);
                        cells.entry(own).or_insert_with_key(|own| {
                            FactCell::without_known_contributors(row.n, &format!("{key:?} {own:?}"))
                        });
                    }
                }
                let records: BTreeMap<Location, RecordSet> = cells
                    .iter()
                    .map(|(location, cell)| (location.clone(), cell.records.clone()))
                    .collect();
                let sketches = cells
                    .iter()
                    .map(|(location, cell)| (location.clone(), cell.sketches.clone()))
                    .collect();
                self.sketches.insert(FactSetKey { key: key.clone(), set }, sketches);
                let mut at = match self
                    .variables_of_same_records(&key, &records)
                    .filter(|_| rules.across_metrics)
                {
                    Some(same) => same.clone(),
                    None => self.new_variables(&cells, rules),
                };
                // A cell that the previous release had and this one lacks is a change, too.
                let removed = recorded
                    .iter()
                    .filter(|recorded| recorded.set == set && !at.contains_key(&recorded.location));
                let removed = removed
                    .map(|recorded| (recorded.location.clone(), FactCell::empty()))
                    .collect();
                at.extend(self.new_variables(&removed, rules));
                self.by_signature.insert(signature(&key, &records), at.clone());
                for numbers in [&mut self.counted, &mut self.values] {
                    let of_cells = at.iter().map(|(location, at)| {
                        let cell = self.system.variables[*at].clone();
                        let variable = Variable { is_small: false, protected: false, ..cell };
                        self.system.variables.push(variable);
                        (location.clone(), self.system.variables.len() - 1)
                    });
                    let of_cells = of_cells.collect();
                    numbers.insert(FactSetKey { key: key.clone(), set }, of_cells);
                }
                self.variables.insert(FactSetKey { key: key.clone(), set }, at);
            }
            self.current_rows.push(rows.len());
            if let Some(previous) = previous.and_then(|previous| previous.table(&key)) {
                let current: BTreeSet<Location> =
                    rows.iter().map(|row| location(&row.dimensions)).collect();
                let removed = previous
                    .rows
                    .iter()
                    .filter(|row| !current.contains(&location(&row.dimensions)));
                rows.extend(removed.cloned().map(suppress_row));
            }
            let (cells, outdated) = (Vec::new(), Vec::new());
            self.tables.push(ReleaseTable { key, rows, suppresses: false, cells, outdated });
        }
    }

    /// Returns the variables of a table, of any metric, that counts exactly the same records in
    /// each cell.
    pub fn variables_of_same_records(
        &self,
        key: &TableKey,
        records: &BTreeMap<Location, RecordSet>,
    ) -> Option<&BTreeMap<Location, usize>> {
        if records.is_empty() {
            return None;
        }
        self.by_signature.get(&signature(key, records))
    }

    /// Adds the sums of the variables of counts and values to the system.
    fn add_value_sums(&mut self) {
        for (total, parts) in std::mem::take(&mut self.value_sums) {
            self.system.add_sum(parts, total);
        }
    }

    fn new_variables(
        &mut self,
        cells: &BTreeMap<Location, FactCell>,
        rules: Rules,
    ) -> BTreeMap<Location, usize> {
        let mut at = BTreeMap::new();
        for (location, cell) in cells {
            let region =
                location.iter().find(|(name, _)| name == "region").map(|(_, code)| code.as_str());
            at.insert(location.clone(), self.system.variable(cell, region, rules));
        }
        at
    }

    /// Lists the candidates for publication: each row, and the extras that depend on other facts
    /// than the row.
    fn list_candidates(&mut self, rules: Rules) {
        for (table, ReleaseTable { key, rows, .. }) in self.tables.iter().enumerate() {
            let shapes = self.shapes.get(key).map_or(&[][..], Vec::as_slice);
            for (at, row) in rows.iter().enumerate() {
                let mut parts: BTreeMap<PartKind, Vec<(usize, Location)>> =
                    BTreeMap::from([(PartKind::Row, Vec::new())]);
                for (set, shape) in shapes.iter().enumerate().filter(|(_, shape)| !shape.unreleased)
                {
                    let kind = match shape.numbers {
                        Numbers::Row => PartKind::Row,
                        Numbers::Extras(names) => PartKind::Extras(names),
                    };
                    let own = (set, shape.location(row));
                    parts.entry(kind).or_default().push(own);
                }
                for (kind, cells) in parts {
                    let part = RowPart { table, row: at, kind, cells, carried_over: false };
                    let variables = self.variables_of(&part);
                    // The row counts something other than facts, such as organizations.
                    if rules.minimum_n && kind == PartKind::Row && (1..MIN_N).contains(&row.n) {
                        for at in &variables {
                            let variable = &mut self.system.variables[*at];
                            (variable.is_small, variable.protected) = (true, true);
                        }
                    }
                    let n = variables
                        .iter()
                        .map(|at| self.system.variables[*at].n)
                        .max()
                        .unwrap_or(row.n);
                    self.candidates.push(CellCandidate {
                        variables,
                        priority: 2 * key.priority() + u8::from(kind == PartKind::Row),
                        n,
                        decision: Decision::Undecided,
                    });
                    self.row_parts.push(part);
                }
            }
        }
    }

    /// Returns the variables that a part of a row reveals.
    fn variables_of(&self, part: &RowPart) -> Vec<usize> {
        let mut variables = BTreeSet::new();
        for (set, location) in &part.cells {
            let fact_set = FactSetKey { key: self.tables[part.table].key.clone(), set: *set };
            for cells in [&self.variables, &self.counted, &self.values] {
                variables.extend(cells.get(&fact_set).and_then(|cells| cells.get(location)));
            }
            variables.extend(
                self.separate_parts.get(&(fact_set, location.clone())).into_iter().flatten(),
            );
        }
        variables.into_iter().collect()
    }

    /// Applies the decisions to the rows.
    fn apply(&mut self, previous: Option<&PreviousRelease>) {
        let decided: Vec<(RowPart, Decision)> = std::mem::take(&mut self.row_parts)
            .into_iter()
            .zip(self.candidates.iter().map(|candidate| candidate.decision))
            .collect();
        let mut published_rows: Vec<Vec<MetricRow>> =
            self.tables.iter().map(|_| Vec::new()).collect();
        let mut outdated_rows: Vec<Vec<OutdatedRow>> =
            self.tables.iter().map(|_| Vec::new()).collect();
        for parts in decided
            .chunk_by(|(one, _), (other, _)| (one.table, one.row) == (other.table, other.row))
        {
            let (table, row) = (parts[0].0.table, parts[0].0.row);
            let ReleaseTable { key, rows, .. } = &self.tables[table];
            let at = location(&rows[row].dimensions);
            let previous = previous.filter(|_| parts.iter().any(|(part, _)| part.carried_over));
            let old = previous.and_then(|previous| previous.row_without_remark(key, &at));
            let unreleased =
                self.shapes.get(key).into_iter().flatten().filter(|shape| shape.unreleased);
            let omitted_extras: Vec<&str> = unreleased.flat_map(Shape::extras).copied().collect();
            let is_gone = row >= self.current_rows[table];
            let mut published =
                published_row(&rows[row], old.as_ref(), is_gone, parts, &omitted_extras);
            if let (Some(previous), Some(row)) = (previous, published.as_mut())
                && row.reliability != Reliability::Suppressed
            {
                let days = parts.iter().map(|(part, _)| {
                    let carried_over = part.carried_over.then_some(previous);
                    let day = carried_over.map(|previous| previous.day_of(key, &at, part.kind));
                    (part.kind.extras(), day)
                });
                let outdated = OutdatedRow::new(at.clone(), days);
                outdated.add_remark(row, self.as_of);
                outdated_rows[table].push(outdated);
            }
            published_rows[table].extend(published);
        }
        let published = published_rows.into_iter().zip(outdated_rows);
        for (table, (rows, outdated)) in self.tables.iter_mut().zip(published) {
            table.suppresses = rows.iter().any(|row| row.reliability == Reliability::Suppressed);
            (table.rows, table.outdated) = (rows, outdated);
        }
    }
}

/// Returns the row to publish: computed, carried over from the previous release, or suppressed.
/// Returns `None` for a row that no longer exists.
fn published_row(
    computed: &MetricRow,
    old: Option<&MetricRow>,
    is_gone: bool,
    parts: &[(RowPart, Decision)],
    omitted: &[&str],
) -> Option<MetricRow> {
    let mut row = computed.clone();
    for (part, decision) in parts {
        let source = if part.carried_over { old } else { Some(computed) };
        let is_published = *decision == Decision::Published;
        match part.kind {
            PartKind::Row if is_gone && !part.carried_over => return None,
            PartKind::Row if is_published => row = source?.clone(),
            PartKind::Row => return Some(suppress_row(row)),
            PartKind::Extras(names) => {
                let extras = source.filter(|_| is_published).map(|row| &row.extra);
                row.extra.retain(|name, _| {
                    !names.contains(&name.as_str())
                        || extras.is_some_and(|extras| extras.contains_key(name))
                });
                for name in names {
                    if let Some(value) = extras.and_then(|extras| extras.get(*name)) {
                        row.extra.insert((*name).to_owned(), value.clone());
                    }
                }
            }
        }
    }
    row.extra.retain(|name, _| !omitted.contains(&name.as_str()));
    Some(row)
}

fn signature(key: &TableKey, records: &BTreeMap<Location, RecordSet>) -> Signature {
    (key.period, records.clone())
}
