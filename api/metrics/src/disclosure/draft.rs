//! A release in the making: its tables as they are, the records behind each number, and which rows
//! of them are published.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::choice::{Fate, Offer, decide_strictly};
use super::contributors::{Cell, Location, RecordSet, cells, location};
use super::release::{Release, Table};
use super::successive::Earlier;
use super::system::{Rules, System};
use super::tables::TableKey;
use super::{MIN_N, suppressed};
use crate::facts::{Facts, Numbers};
use crate::metric::{Metric, registry, rows};
use crate::query::{Dimension, Grain, MetricError, MetricQuery};
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;

/// A set of facts of a metric as one table counts it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Counted {
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
        let keeps = |name: &str| {
            if name == "periodStart" { self.by_period } else { !self.ignored.contains(&name) }
        };
        row.iter().filter(|(name, _)| keeps(name)).cloned().collect()
    }
}

/// Numbers of one row that are published together or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    /// The whole row but for extras that rest on other facts.
    Row,
    /// These extras.
    Extras(&'static [&'static str]),
}

/// Numbers of one row and what they rest on.
pub(super) struct Part {
    /// Table and row.
    pub table: usize,
    pub row: usize,
    pub told: Told,
    /// The cells that they rest on.
    pub cells: Vec<(usize, Location)>,
    /// It stays as the release before published it.
    pub held: bool,
}

/// A release in the making.
pub(super) struct Draft {
    pub as_of: NaiveDate,
    pub tables: Vec<Table>,
    pub system: System,
    /// The variables of each set of facts in each table, by location.
    pub variables: HashMap<Counted, BTreeMap<Location, usize>>,
    /// The variables of each table of records.
    known: HashMap<Signature, BTreeMap<Location, usize>>,
    shapes: HashMap<TableKey, Vec<Shape>>,
    /// The parts of cells that other metrics publish by themselves: a row tells them by its
    /// numerator.
    pub parts: HashMap<(Counted, Location), Vec<usize>>,
    /// How many rows of each table there are; the further ones were in the release before.
    live: Vec<usize>,
    /// What there is to publish, and what is decided of each.
    pub offered: Vec<Part>,
    pub offers: Vec<Offer>,
}

impl Draft {
    /// Makes the tables of a release under these rules.
    ///
    /// # Errors
    /// When a metric cannot be computed.
    pub fn make(
        snapshot: &Snapshot,
        as_of: NaiveDate,
        before: Option<&Release>,
        rules: Rules,
    ) -> Result<Vec<Table>, MetricError> {
        let mut draft = Self {
            as_of,
            tables: Vec::new(),
            system: System::default(),
            variables: HashMap::new(),
            known: HashMap::new(),
            shapes: HashMap::new(),
            parts: HashMap::new(),
            live: Vec::new(),
            offered: Vec::new(),
            offers: Vec::new(),
        };
        let earlier = before.filter(|_| rules.successive).map(Earlier::of);
        let before = earlier.as_ref();
        let metrics = || {
            registry()
                .iter()
                .copied()
                .filter(|metric| metric.definition().dimensions.contains(&Dimension::Region))
        };
        for metric in metrics() {
            draft.count(snapshot, metric, before, rules)?;
        }
        for metric in metrics() {
            draft.relate(snapshot, metric, rules)?;
        }
        draft.offer(rules);
        if let Some(before) = before {
            draft.compare_with(before, rules);
        }
        decide_strictly(&mut draft.system, &mut draft.offers, rules);
        draft.apply(before);
        Ok(draft.tables)
    }

    /// The query behind a table.
    pub fn ask(&self, key: &TableKey) -> MetricQuery {
        MetricQuery { as_of: self.as_of, period: key.period, ..MetricQuery::default() }
    }

    /// Computes the tables of a metric and the variables behind them.
    fn count(
        &mut self,
        snapshot: &Snapshot,
        metric: &'static dyn Metric,
        before: Option<&Earlier>,
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
            let ask = self.ask(&key);
            let rows = match rows(metric, snapshot, &ask, &key.by) {
                Ok(rows) => rows,
                // A metric that takes its dimensions only together has no such table.
                Err(MetricError::Dimension { .. }) => continue,
                Err(error) => return Err(error),
            };
            let facts = metric.facts(snapshot, &ask)?;
            self.shapes.insert(key.clone(), facts.iter().map(Shape::of).collect());
            let noted =
                before.and_then(|before| before.table(&key)).map_or(&[][..], |table| &table.cells);
            for (set, facts) in facts.iter().enumerate().filter(|(_, facts)| !facts.is_unreleased())
            {
                let mut cells = cells(snapshot, facts, &ask, &key.by)?;
                if facts.are_answered_for() {
                    // The row counts something of its own: the cell is as large as the row says.
                    for (at, cell) in &mut cells {
                        let row = rows.iter().find(|row| {
                            self.shapes[&key][set].location(&location(&row.dimensions)) == *at
                        });
                        cell.count_as(row.map_or(0, |row| row.n), &format!("{key:?} {at:?}"));
                    }
                    cells.retain(|_, cell| cell.n > 0);
                }
                if set == 0 {
                    // A row that counts something although no facts are found behind it is small,
                    // never large.
                    for row in rows.iter().filter(|row| row.n > 0) {
                        let own = self.shapes[&key][0].location(&location(&row.dimensions));
                        cells.entry(own).or_insert_with_key(|own| {
                            Cell::unexplained(row.n, &format!("{key:?} {own:?}"))
                        });
                    }
                }
                let mut at = match self.same_table(&key, &cells).filter(|_| rules.across_metrics) {
                    Some(same) => same.clone(),
                    None => self.new_variables(&cells, rules),
                };
                // Where something was and nothing is, something changed.
                let gone = noted
                    .iter()
                    .filter(|noted| noted.set == set && !at.contains_key(&noted.location));
                let gone = gone.map(|noted| (noted.location.clone(), Cell::empty())).collect();
                at.extend(self.new_variables(&gone, rules));
                self.known.insert(signature(&key, &cells), at.clone());
                self.variables.insert(Counted { key: key.clone(), set }, at);
            }
            let mut rows = rows.to_vec();
            self.live.push(rows.len());
            if let Some(before) = before.and_then(|before| before.table(&key)) {
                let there: BTreeSet<Location> =
                    rows.iter().map(|row| location(&row.dimensions)).collect();
                let gone =
                    before.rows.iter().filter(|row| !there.contains(&location(&row.dimensions)));
                rows.extend(gone.cloned().map(suppressed));
            }
            self.tables.push(Table { key, rows, suppresses: false, cells: Vec::new() });
        }
        Ok(())
    }

    /// The variables of a table that counts the very same records in each of its cells, whichever
    /// metric it is of.
    pub fn same_table(
        &self,
        key: &TableKey,
        cells: &BTreeMap<Location, Cell>,
    ) -> Option<&BTreeMap<Location, usize>> {
        if cells.is_empty() {
            return None;
        }
        self.known.get(&signature(key, cells))
    }

    fn new_variables(
        &mut self,
        cells: &BTreeMap<Location, Cell>,
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
    fn offer(&mut self, rules: Rules) {
        for (table, Table { key, rows, .. }) in self.tables.iter().enumerate() {
            let shapes = self.shapes.get(key).map_or(&[][..], Vec::as_slice);
            for (at, row) in rows.iter().enumerate() {
                let full = location(&row.dimensions);
                let mut parts: BTreeMap<Told, Vec<(usize, Location)>> =
                    BTreeMap::from([(Told::Row, Vec::new())]);
                for (set, shape) in shapes.iter().enumerate().filter(|(_, shape)| !shape.unreleased)
                {
                    let told = match shape.numbers {
                        Numbers::Row => Told::Row,
                        Numbers::Extras(names) => Told::Extras(names),
                    };
                    let own = (set, shape.location(&full));
                    parts.entry(told).or_default().push(own);
                }
                for (told, cells) in parts {
                    let part = Part { table, row: at, told, cells, held: false };
                    let variables = self.variables_of(&part);
                    // The row counts something else than facts, such as organizations.
                    if rules.minimum_n && told == Told::Row && (1..MIN_N).contains(&row.n) {
                        variables.iter().for_each(|at| self.system.variables[*at].small = true);
                    }
                    let n = variables
                        .iter()
                        .map(|at| self.system.variables[*at].n)
                        .max()
                        .unwrap_or(row.n);
                    self.offers.push(Offer {
                        variables,
                        worth: 2 * key.worth() + u8::from(told == Told::Row),
                        n,
                        fate: Fate::Open,
                    });
                    self.offered.push(part);
                }
            }
        }
    }

    /// The variables that numbers of a row tell.
    fn variables_of(&self, part: &Part) -> Vec<usize> {
        let mut variables = BTreeSet::new();
        for (set, location) in &part.cells {
            let counted = Counted { key: self.tables[part.table].key.clone(), set: *set };
            variables.extend(self.variables.get(&counted).and_then(|cells| cells.get(location)));
            variables.extend(self.parts.get(&(counted, location.clone())).into_iter().flatten());
        }
        variables.into_iter().collect()
    }

    /// Applies what was decided to the rows, and notes what the next release is compared with.
    fn apply(&mut self, before: Option<&Earlier>) {
        self.note_cells(before);
        let decided: Vec<(Part, Fate)> = std::mem::take(&mut self.offered)
            .into_iter()
            .zip(self.offers.iter().map(|offer| offer.fate))
            .collect();
        let mut kept: Vec<Vec<Row>> = self.tables.iter().map(|_| Vec::new()).collect();
        for parts in decided
            .chunk_by(|(one, _), (other, _)| (one.table, one.row) == (other.table, other.row))
        {
            let (table, row) = (parts[0].0.table, parts[0].0.row);
            let Table { key, rows, .. } = &self.tables[table];
            let old = before.and_then(|before| before.row(key, &location(&rows[row].dimensions)));
            let unreleased =
                self.shapes.get(key).into_iter().flatten().filter(|shape| shape.unreleased);
            let unreleased = unreleased.filter_map(|shape| match shape.numbers {
                Numbers::Row => None,
                Numbers::Extras(names) => Some(names),
            });
            let without: Vec<&str> =
                unreleased.chain([single_records(key)]).flatten().copied().collect();
            kept[table].extend(published(
                &rows[row],
                old,
                row >= self.live[table],
                parts,
                &without,
            ));
        }
        for (table, rows) in self.tables.iter_mut().zip(kept) {
            table.suppresses = rows.iter().any(|row| row.reliability == Reliability::Suppressed);
            table.rows = rows;
        }
    }
}

/// A row as it is published: the computed one, the one of the release before, or a suppressed one;
/// none for one that is gone.
fn published(
    computed: &Row,
    old: Option<&Row>,
    is_gone: bool,
    parts: &[(Part, Fate)],
    without: &[&str],
) -> Option<Row> {
    let mut row = computed.clone();
    for (part, fate) in parts {
        let source = if part.held { old } else { Some(computed) };
        let is_published = *fate == Fate::Published;
        match part.told {
            Told::Row if is_gone && !part.held => return None,
            Told::Row if is_published => row = source?.clone(),
            Told::Row => return Some(suppressed(row)),
            Told::Extras(names) => {
                let told = source.filter(|_| is_published).map(|row| &row.extra);
                row.extra.retain(|name, _| {
                    !names.contains(&name.as_str())
                        || told.is_some_and(|told| told.contains_key(name))
                });
                for name in names {
                    if let Some(value) = told.and_then(|told| told.get(*name)) {
                        row.extra.insert((*name).to_owned(), value.clone());
                    }
                }
            }
        }
    }
    row.extra.retain(|name, _| !without.contains(&name.as_str()));
    Some(row)
}

/// Extras of a metric that tell single records.
fn single_records(key: &TableKey) -> &'static [&'static str] {
    let metric = registry().iter().find(|metric| metric.definition().id == key.metric);
    metric.map_or(&[], |metric| metric.definition().single_records)
}

/// A table of records: its dimensions and period, and the records in each of its cells.
type Signature = (Vec<Dimension>, Option<Grain>, Vec<(Location, RecordSet)>);

fn signature(key: &TableKey, cells: &BTreeMap<Location, Cell>) -> Signature {
    let mut by = key.by.clone();
    by.sort_unstable();
    let records = cells.iter().map(|(location, cell)| (location.clone(), cell.records.clone()));
    (by, key.period, records.collect())
}
