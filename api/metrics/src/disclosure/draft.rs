//! A release in the making: its tables as they are, the records behind each number, and which rows
//! of them are published.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::contributors::{FactCell, Location, RecordSet, count_cells, location};
use super::release::{Release, ReleaseTable};
use super::successive::PreviousRelease;
use super::suppression::{Candidate, Decision, decide_protecting_suppressed};
use super::system::{Rules, System};
use super::tables::TableKey;
use super::{MIN_N, suppress_row};
use crate::facts::{Facts, Numbers};
use crate::metric::{Metric, registry, rows};
use crate::query::{Dimension, Grain, MetricError, MetricQuery};
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;

/// A set of facts of a metric as one table counts it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FactSetKey {
    pub key: TableKey,
    /// Position in the metric's list of facts.
    pub set: usize,
}

/// Which keys of a row name the cell of a set of facts, and which numbers rest on it.
#[derive(Clone, Debug)]
struct Shape {
    numbers: Numbers,
    ignored: Vec<&'static str>,
    by_period: bool,
    unreleased: bool,
}

impl Shape {
    fn of(facts: &Facts) -> Self {
        Self {
            numbers: facts.numbers(),
            ignored: facts.ignored().iter().map(|dimension| dimension.key()).collect(),
            by_period: facts.is_split_by_period(),
            unreleased: facts.is_unreleased(),
        }
    }

    /// The location of the cell behind a row at this one.
    fn location(&self, row: &Location) -> Location {
        let is_retained = |name: &str| {
            if name == "periodStart" { self.by_period } else { !self.ignored.contains(&name) }
        };
        row.iter().filter(|(name, _)| is_retained(name)).cloned().collect()
    }
}

/// Numbers of one row that are published together or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PartKind {
    /// The whole row but for extras that rest on other facts.
    Row,
    /// These extras.
    Extras(&'static [&'static str]),
}

/// Numbers of one row and what they rest on.
pub(super) struct RowPart {
    /// Table and row.
    pub table: usize,
    pub row: usize,
    pub kind: PartKind,
    /// The cells that they rest on.
    pub cells: Vec<(usize, Location)>,
    /// It stays as the release before published it.
    pub carried_over: bool,
}

/// A release in the making.
pub(super) struct Draft {
    pub as_of: NaiveDate,
    pub tables: Vec<ReleaseTable>,
    pub system: System,
    /// The variables of each set of facts in each table, by location.
    pub variables: HashMap<FactSetKey, BTreeMap<Location, usize>>,
    /// The variables of each table of records.
    by_signature: HashMap<Signature, BTreeMap<Location, usize>>,
    shapes: HashMap<TableKey, Vec<Shape>>,
    /// The parts of cells that other metrics publish by themselves: a row tells them by its
    /// numerator.
    pub separate_parts: HashMap<(FactSetKey, Location), Vec<usize>>,
    /// How many rows of each table there are; the further ones were in the release before.
    current_rows: Vec<usize>,
    /// What there is to publish, and what is decided of each.
    pub row_parts: Vec<RowPart>,
    pub candidates: Vec<Candidate>,
}

impl Draft {
    /// Makes the tables of a release under these rules.
    ///
    /// # Errors
    /// When a metric cannot be computed.
    pub fn compute(
        snapshot: &Snapshot,
        as_of: NaiveDate,
        previous: Option<&Release>,
        rules: Rules,
    ) -> Result<Vec<ReleaseTable>, MetricError> {
        let mut draft = Self {
            as_of,
            tables: Vec::new(),
            system: System::default(),
            variables: HashMap::new(),
            by_signature: HashMap::new(),
            shapes: HashMap::new(),
            separate_parts: HashMap::new(),
            current_rows: Vec::new(),
            row_parts: Vec::new(),
            candidates: Vec::new(),
        };
        let previous_release = previous.filter(|_| rules.successive).map(PreviousRelease::of);
        let previous = previous_release.as_ref();
        let metrics = || {
            registry()
                .iter()
                .copied()
                .filter(|metric| metric.definition().dimensions.contains(&Dimension::Region))
        };
        for metric in metrics() {
            draft.count_tables(snapshot, metric, previous, rules)?;
        }
        for metric in metrics() {
            draft.add_relations(snapshot, metric, rules)?;
        }
        draft.list_candidates(rules);
        if let Some(previous) = previous {
            draft.compare_with_previous(previous, rules);
        }
        decide_protecting_suppressed(&mut draft.system, &mut draft.candidates, rules);
        draft.apply(previous);
        Ok(draft.tables)
    }

    /// The query behind a table.
    pub fn query(&self, key: &TableKey) -> MetricQuery {
        MetricQuery { as_of: self.as_of, period: key.period, ..MetricQuery::default() }
    }

    /// Computes the tables of a metric and the variables behind them.
    fn count_tables(
        &mut self,
        snapshot: &Snapshot,
        metric: &'static dyn Metric,
        previous: Option<&PreviousRelease>,
        rules: Rules,
    ) -> Result<(), MetricError> {
        let definition = metric.definition();
        // How things are is released as of the release's day alone: two days of a series would tell
        // what changed between them.
        let facts =
            metric.facts(snapshot, &MetricQuery { as_of: self.as_of, ..MetricQuery::default() })?;
        let is_stock =
            metric.stands_since(snapshot)?.is_some() || facts.iter().any(Facts::is_at_period_ends);
        let own: BTreeSet<Dimension> = facts.iter().flat_map(Facts::added).copied().collect();
        let is_wanted = |key: &TableKey| {
            let further = key
                .by
                .iter()
                .filter(|one| **one != Dimension::Region && !own.contains(one))
                .count();
            // Rows that are about a dimension of their own have no room for a further one, nor for
            // periods.
            (key.period.is_none() || !is_stock)
                && (own.is_empty() || (further == 0 && key.period.is_none()))
        };
        for key in TableKey::all(definition).into_iter().filter(is_wanted) {
            let query = self.query(&key);
            let rows = match rows(metric, snapshot, &query, &key.by) {
                Ok(rows) => rows,
                // A metric that takes its dimensions only together has no such table.
                Err(MetricError::Dimension { .. }) => continue,
                Err(error) => return Err(error),
            };
            let facts = metric.facts(snapshot, &query)?;
            self.shapes.insert(key.clone(), facts.iter().map(Shape::of).collect());
            let recorded = previous
                .and_then(|previous| previous.table(&key))
                .map_or(&[][..], |table| &table.cells);
            for (set, facts) in facts.iter().enumerate().filter(|(_, facts)| !facts.is_unreleased())
            {
                let mut cells = count_cells(snapshot, facts, &query, &key.by)?;
                if facts.are_answered_for() {
                    // The row counts something of its own: the cell is as large as the row says.
                    for (at, cell) in &mut cells {
                        let row = rows.iter().find(|row| {
                            self.shapes[&key][set].location(&location(&row.dimensions)) == *at
                        });
                        cell.set_count(row.map_or(0, |row| row.n), &format!("{key:?} {at:?}"));
                    }
                    cells.retain(|_, cell| cell.n > 0);
                }
                if set == 0 {
                    // A row that counts something although no facts are found behind it is small,
                    // never large.
                    for row in rows.iter().filter(|row| row.n > 0) {
                        let own = self.shapes[&key][0].location(&location(&row.dimensions));
                        cells.entry(own).or_insert_with_key(|own| {
                            FactCell::without_known_contributors(row.n, &format!("{key:?} {own:?}"))
                        });
                    }
                }
                let mut at = match self
                    .variables_of_same_records(&key, &cells)
                    .filter(|_| rules.across_metrics)
                {
                    Some(same) => same.clone(),
                    None => self.new_variables(&cells, rules),
                };
                // Where something was and nothing is, something changed.
                let removed = recorded
                    .iter()
                    .filter(|recorded| recorded.set == set && !at.contains_key(&recorded.location));
                let removed = removed
                    .map(|recorded| (recorded.location.clone(), FactCell::empty()))
                    .collect();
                at.extend(self.new_variables(&removed, rules));
                self.by_signature.insert(signature(&key, &cells), at.clone());
                self.variables.insert(FactSetKey { key: key.clone(), set }, at);
            }
            let mut rows = rows.to_vec();
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
            self.tables.push(ReleaseTable { key, rows, suppresses: false, cells: Vec::new() });
        }
        Ok(())
    }

    /// The variables of a table that counts the very same records in each of its cells, whichever
    /// metric it is of.
    pub fn variables_of_same_records(
        &self,
        key: &TableKey,
        cells: &BTreeMap<Location, FactCell>,
    ) -> Option<&BTreeMap<Location, usize>> {
        if cells.is_empty() {
            return None;
        }
        self.by_signature.get(&signature(key, cells))
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

    /// Lists what there is to publish: each row, and the extras of each that rest on other facts
    /// than the row.
    fn list_candidates(&mut self, rules: Rules) {
        for (table, ReleaseTable { key, rows, .. }) in self.tables.iter().enumerate() {
            let shapes = self.shapes.get(key).map_or(&[][..], Vec::as_slice);
            for (at, row) in rows.iter().enumerate() {
                let full = location(&row.dimensions);
                let mut parts: BTreeMap<PartKind, Vec<(usize, Location)>> =
                    BTreeMap::from([(PartKind::Row, Vec::new())]);
                for (set, shape) in shapes.iter().enumerate().filter(|(_, shape)| !shape.unreleased)
                {
                    let kind = match shape.numbers {
                        Numbers::Row => PartKind::Row,
                        Numbers::Extras(names) => PartKind::Extras(names),
                    };
                    let own = (set, shape.location(&full));
                    parts.entry(kind).or_default().push(own);
                }
                for (kind, cells) in parts {
                    let part = RowPart { table, row: at, kind, cells, carried_over: false };
                    let variables = self.variables_of(&part);
                    // The row counts something else than facts, such as organizations.
                    if rules.minimum_n && kind == PartKind::Row && (1..MIN_N).contains(&row.n) {
                        variables.iter().for_each(|at| self.system.variables[*at].protected = true);
                    }
                    let n = variables
                        .iter()
                        .map(|at| self.system.variables[*at].n)
                        .max()
                        .unwrap_or(row.n);
                    self.candidates.push(Candidate {
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

    /// The variables that numbers of a row tell.
    fn variables_of(&self, part: &RowPart) -> Vec<usize> {
        let mut variables = BTreeSet::new();
        for (set, location) in &part.cells {
            let fact_set = FactSetKey { key: self.tables[part.table].key.clone(), set: *set };
            variables.extend(self.variables.get(&fact_set).and_then(|cells| cells.get(location)));
            variables.extend(
                self.separate_parts.get(&(fact_set, location.clone())).into_iter().flatten(),
            );
        }
        variables.into_iter().collect()
    }

    /// Applies what was decided to the rows, and notes what the next release is compared with.
    fn apply(&mut self, previous: Option<&PreviousRelease>) {
        self.store_cells(previous);
        let decided: Vec<(RowPart, Decision)> = std::mem::take(&mut self.row_parts)
            .into_iter()
            .zip(self.candidates.iter().map(|candidate| candidate.decision))
            .collect();
        let mut published_rows: Vec<Vec<Row>> = self.tables.iter().map(|_| Vec::new()).collect();
        for parts in decided
            .chunk_by(|(one, _), (other, _)| (one.table, one.row) == (other.table, other.row))
        {
            let (table, row) = (parts[0].0.table, parts[0].0.row);
            let ReleaseTable { key, rows, .. } = &self.tables[table];
            let old =
                previous.and_then(|previous| previous.row(key, &location(&rows[row].dimensions)));
            let unreleased =
                self.shapes.get(key).into_iter().flatten().filter(|shape| shape.unreleased);
            let unreleased = unreleased.filter_map(|shape| match shape.numbers {
                Numbers::Row => None,
                Numbers::Extras(names) => Some(names),
            });
            let omitted_extras: Vec<&str> =
                unreleased.chain([single_record_extras(key)]).flatten().copied().collect();
            published_rows[table].extend(published_row(
                &rows[row],
                old,
                row >= self.current_rows[table],
                parts,
                &omitted_extras,
            ));
        }
        for (table, rows) in self.tables.iter_mut().zip(published_rows) {
            table.suppresses = rows.iter().any(|row| row.reliability == Reliability::Suppressed);
            table.rows = rows;
        }
    }
}

/// A row as it is published: the computed one, the one of the release before, or a suppressed one;
/// none for one that is gone.
fn published_row(
    computed: &Row,
    old: Option<&Row>,
    is_gone: bool,
    parts: &[(RowPart, Decision)],
    omitted: &[&str],
) -> Option<Row> {
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

/// Extras of a metric that tell single records.
fn single_record_extras(key: &TableKey) -> &'static [&'static str] {
    let metric = registry().iter().find(|metric| metric.definition().id == key.metric);
    metric.map_or(&[], |metric| metric.definition().single_records)
}

/// A table of records: its dimensions and period, and the records in each of its cells.
type Signature = (Vec<Dimension>, Option<Grain>, Vec<(Location, RecordSet)>);

fn signature(key: &TableKey, cells: &BTreeMap<Location, FactCell>) -> Signature {
    let mut by = key.by.clone();
    by.sort_unstable();
    let records = cells.iter().map(|(location, cell)| (location.clone(), cell.records.clone()));
    (by, key.period, records.collect())
}
