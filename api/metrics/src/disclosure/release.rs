//! A release: the tables of all metrics as they are published about every region, made once a month and kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::contributors::{Cell, Location, RecordSet, Sketch, cells, location};
use super::system::{Rules, System};
use super::tables::{Coarsening, TableKey};
use super::{MIN_N, suppressed};
use crate::ask::{Ask, Dimension, Grain, MetricError, Period};
use crate::facts::{Facts, Numbers};
use crate::metric::{Metric, registry, rows};
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;

/// The last day of the last month that has ended before this day.
pub fn last_closed_month(today: NaiveDate) -> NaiveDate {
    today.with_day(1).and_then(|first| first.checked_sub_days(Days::new(1))).unwrap_or(today)
}

/// What is published about all regions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Release {
    /// Number in the warehouse, from 1; 0 before it is stored.
    #[serde(default)]
    pub number: i64,
    /// Day that it is computed for: the last of a month.
    pub as_of: NaiveDate,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Version of the warehouse that it was made from.
    pub warehouse_version: i64,
    tables: Vec<Table>,
    /// What contributors brought to each cell, for the next release to be compared with.
    sketches: BTreeMap<String, String>,
    /// Cells that are not published.
    hidden: BTreeSet<String>,
    #[serde(skip)]
    at: HashMap<TableKey, usize>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Table {
    key: TableKey,
    rows: Vec<Row>,
    /// Some cell is suppressed.
    suppresses: bool,
}

impl Release {
    /// Makes the release of this day from a snapshot. Cells that changed since the release before by the records of one or two
    /// organizations stay as they were published then.
    ///
    /// # Errors
    /// When a metric cannot be computed.
    pub fn make(snapshot: &Snapshot, as_of: NaiveDate, before: Option<&Self>) -> Result<Self, MetricError> {
        Ok(Draft::make(snapshot, as_of, before, Rules::default())?.release)
    }

    /// Makes a release under some of the rules only: for the attacker in the tests, who must find something then.
    ///
    /// # Errors
    /// When a metric cannot be computed.
    #[doc(hidden)]
    pub fn make_under(
        snapshot: &Snapshot,
        as_of: NaiveDate,
        before: Option<&Self>,
        rules: Rules,
    ) -> Result<Self, MetricError> {
        Ok(Draft::make(snapshot, as_of, before, rules)?.release)
    }

    /// How many rows it has, and how many of them are suppressed.
    pub fn counts(&self) -> (usize, usize) {
        let rows = self.tables.iter().flat_map(|table| &table.rows);
        rows.fold((0, 0), |(all, suppressed), row| {
            (all + 1, suppressed + usize::from(row.reliability == Reliability::Suppressed))
        })
    }

    /// The release as it is stored, as JSON.
    ///
    /// # Errors
    /// When a number cannot be written.
    pub fn to_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }

    /// A stored release.
    ///
    /// # Errors
    /// When it is not one.
    pub fn from_json(value: Value) -> Result<Self, serde_json::Error> {
        let mut release: Self = serde_json::from_value(value)?;
        release.index();
        Ok(release)
    }

    fn index(&mut self) {
        self.at = self.tables.iter().enumerate().map(|(at, table)| (table.key.clone(), at)).collect();
    }

    /// The rows of a table; none when a release does not hold it.
    pub(super) fn table(&self, key: &TableKey) -> Option<&[Row]> {
        self.at.get(key).map(|at| self.tables[*at].rows.as_slice())
    }

    /// Whether a cell of this table by region is suppressed.
    pub(super) fn suppresses_any(&self, key: &TableKey) -> bool {
        let by_region = |table: &&Table| {
            let same = |one: &Dimension| table.key.by.contains(one);
            table.key.metric == key.metric
                && table.key.period == key.period
                && table.key.by.contains(&Dimension::Region)
                && key.by.iter().all(same)
                && table.key.by.len() == key.by.len() + usize::from(!key.by.contains(&Dimension::Region))
        };
        self.tables.iter().find(by_region).is_none_or(|table| table.suppresses)
    }

    /// The rows of every metric as it groups by default, with the grain and whether their table by region is partial.
    pub(crate) fn default_rows(&self) -> impl Iterator<Item = (&'static dyn Metric, Option<Grain>, bool, &Row)> {
        registry().iter().copied().flat_map(move |metric| {
            let definition = metric.definition();
            let is_default =
                move |table: &&Table| table.key.metric == definition.id && table.key.by == definition.default_group_by;
            self.tables.iter().filter(is_default).flat_map(move |table| {
                let partial = self.suppresses_any(&table.key);
                table.rows.iter().map(move |row| (metric, table.key.period, partial, row))
            })
        })
    }
}

/// A set of facts of a metric as one table counts it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Counted {
    key: TableKey,
    /// Position in the metric's list of facts.
    set: usize,
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
    /// The location of the cell behind a row at this one.
    fn location(&self, row: &Location) -> Location {
        let keeps = |name: &str| if name == "periodStart" { self.by_period } else { !self.ignored.contains(&name) };
        row.iter().filter(|(name, _)| keeps(name)).cloned().collect()
    }
}

/// A release in the making, with the system that decides what it suppresses.
pub(crate) struct Draft {
    pub release: Release,
    pub system: System,
    /// The variables of each set of facts in each table, by location.
    variables: HashMap<Counted, BTreeMap<Location, usize>>,
    /// The variables of each table of records.
    known: HashMap<Signature, BTreeMap<Location, usize>>,
    shapes: HashMap<TableKey, Vec<Shape>>,
    /// The parts of cells that other metrics publish by themselves.
    parts: HashMap<(Counted, Location), Vec<usize>>,
    /// Names of the variables, the same in every release.
    names: Vec<String>,
    /// The changes since the release before.
    changes: Option<System>,
}

impl Draft {
    /// Makes a release under these rules.
    pub fn make(
        snapshot: &Snapshot,
        as_of: NaiveDate,
        before: Option<&Release>,
        rules: Rules,
    ) -> Result<Self, MetricError> {
        let mut draft = Self {
            release: Release {
                number: 0,
                as_of,
                made_at: Utc::now(),
                warehouse_version: snapshot.version,
                tables: Vec::new(),
                sketches: BTreeMap::new(),
                hidden: BTreeSet::new(),
                at: HashMap::new(),
            },
            system: System::default(),
            variables: HashMap::new(),
            known: HashMap::new(),
            shapes: HashMap::new(),
            parts: HashMap::new(),
            names: Vec::new(),
            changes: None,
        };
        let before = before.filter(|_| rules.successive);
        let metrics =
            || registry().iter().copied().filter(|metric| metric.definition().dimensions.contains(&Dimension::Region));
        for metric in metrics() {
            draft.count(snapshot, metric, rules)?;
        }
        for metric in metrics() {
            draft.relate(snapshot, metric)?;
        }
        if let Some(before) = before {
            draft.compare_with(before, rules);
        }
        draft.hide_small_rows(rules);
        draft.system.hide_small_remainders(rules);
        draft.complete(rules);
        draft.suppress();
        draft.note_cells();
        if let Some(before) = before {
            draft.hold_back(before);
        }
        draft.release.index();
        Ok(draft)
    }

    fn ask(&self, key: &TableKey) -> Ask {
        Ask { as_of: self.release.as_of, period: key.period, ..Ask::default() }
    }

    /// Computes the tables of a metric and the variables behind them.
    fn count(&mut self, snapshot: &Snapshot, metric: &'static dyn Metric, rules: Rules) -> Result<(), MetricError> {
        let definition = metric.definition();
        // How things are is released as of the release's day alone: two days of a series would tell what changed between them.
        let facts = metric.facts(snapshot, &Ask { as_of: self.release.as_of, ..Ask::default() })?;
        let is_stock = metric.stands_since(snapshot)?.is_some() || facts.iter().any(Facts::is_at_period_ends);
        let own: BTreeSet<Dimension> = facts.iter().flat_map(Facts::added).copied().collect();
        let is_wanted = |key: &TableKey| {
            let further = key.by.iter().filter(|one| **one != Dimension::Region && !own.contains(one)).count();
            // Rows that are about a dimension of their own have no room for a further one, nor for periods.
            (key.period.is_none() || !is_stock) && (own.is_empty() || (further == 0 && key.period.is_none()))
        };
        for key in TableKey::all(definition).into_iter().filter(is_wanted) {
            let ask = self.ask(&key);
            let rows = match rows(metric, snapshot, &ask, &key.by) {
                Ok(rows) => rows,
                // A metric that takes its dimensions only together has no such table.
                Err(MetricError::Dimension { .. }) => continue,
                Err(error) => return Err(error),
            };
            let shape = |facts: &Facts| Shape {
                numbers: facts.numbers(),
                ignored: facts.ignored().iter().map(|dimension| dimension.key()).collect(),
                by_period: facts.is_split_by_period(),
                unreleased: facts.is_unreleased(),
            };
            let facts = metric.facts(snapshot, &ask)?;
            self.shapes.insert(key.clone(), facts.iter().map(shape).collect());
            for (set, mut cells) in cells_of(snapshot, metric, &ask, &key.by)?.into_iter().enumerate() {
                if facts[set].is_unreleased() {
                    continue;
                }
                if facts[set].are_answered_for() {
                    // The row counts something of its own: the cell is as large as the row says.
                    for (at, cell) in &mut cells {
                        let row =
                            rows.iter().find(|row| self.shapes[&key][set].location(&location(&row.dimensions)) == *at);
                        cell.count_as(row.map_or(0, |row| row.n), &format!("{key:?} {at:?}"));
                    }
                    cells.retain(|_, cell| cell.n > 0);
                }
                if set == 0 {
                    // A row that counts something although no facts are found behind it is small, never large.
                    for row in rows.iter().filter(|row| row.n > 0) {
                        let own = self.shapes[&key][0].location(&location(&row.dimensions));
                        cells
                            .entry(own)
                            .or_insert_with_key(|own| Cell::unexplained(row.n, &format!("{key:?} {own:?}")));
                    }
                }
                let at = match self.same_table(&key, &cells).filter(|_| rules.across_metrics) {
                    Some(same) => same.clone(),
                    None => self.new_variables(&key, set, &cells, rules),
                };
                self.variables.insert(Counted { key: key.clone(), set }, at);
            }
            self.release.tables.push(Table { key, rows: rows.to_vec(), suppresses: false });
        }
        Ok(())
    }

    /// The variables of a table that counts the very same records in each of its cells, whichever metric it is of.
    fn same_table(&self, key: &TableKey, cells: &BTreeMap<Location, Cell>) -> Option<&BTreeMap<Location, usize>> {
        if cells.is_empty() {
            return None;
        }
        self.known.get(&signature(key, cells))
    }

    fn new_variables(
        &mut self,
        key: &TableKey,
        set: usize,
        cells: &BTreeMap<Location, Cell>,
        rules: Rules,
    ) -> BTreeMap<Location, usize> {
        let mut at = BTreeMap::new();
        for (location, cell) in cells {
            let region = location.iter().find(|(name, _)| name == "region").map(|(_, code)| code.as_str());
            let variable = self.system.variable(cell, key.worth(), region, rules);
            self.names.push(format!("{} {set} {:?} {} {location:?}", key.metric, key.period, listed(&key.by)));
            at.insert(location.clone(), variable);
        }
        self.known.insert(signature(key, cells), at.clone());
        at
    }

    /// States which cells of a metric add up to which others.
    fn relate(&mut self, snapshot: &Snapshot, metric: &'static dyn Metric) -> Result<(), MetricError> {
        let definition = metric.definition();
        let tables: Vec<TableKey> = self
            .release
            .tables
            .iter()
            .map(|table| table.key.clone())
            .filter(|key| key.metric == definition.id)
            .collect();
        for key in tables {
            let facts = metric.facts(snapshot, &self.ask(&key))?;
            for set in facts.iter().enumerate().map(|(set, _)| set) {
                let counted = Counted { key: key.clone(), set };
                let Some(fine) = self.variables.get(&counted).cloned() else { continue };
                for (coarser, how) in key.coarser(definition) {
                    let Some(coarse) = self.variables.get(&Counted { key: coarser, set }) else { continue };
                    let mut sums: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
                    for (location, variable) in &fine {
                        if let Some(total) = coarse.get(&coarsened(snapshot, location, how)) {
                            sums.entry(*total).or_default().push(*variable);
                        }
                    }
                    for (total, parts) in sums {
                        self.system.add_sum(parts, total);
                    }
                }
            }
            self.relate_parts(snapshot, &facts, &key)?;
        }
        Ok(())
    }

    /// The parts of a set of facts add up to it. A part that another metric publishes by itself is told by the row's numerator.
    fn relate_parts(&mut self, snapshot: &Snapshot, facts: &[Facts], key: &TableKey) -> Result<(), MetricError> {
        let ask = self.ask(key);
        for (set, facts) in facts.iter().enumerate() {
            let counted = Counted { key: key.clone(), set };
            for (number, partition) in facts.partitions().iter().enumerate() {
                let mut parts: BTreeMap<Location, Vec<usize>> = BTreeMap::new();
                for condition in partition {
                    let cells = cells(snapshot, &facts.clone().only(condition.clone()), &ask, &key.by)?;
                    for (location, variable) in self.same_table(key, &cells).into_iter().flatten() {
                        parts.entry(location.clone()).or_default().push(*variable);
                    }
                }
                for (location, parts) in parts {
                    let Some(total) = self.variables.get(&counted).and_then(|at| at.get(&location)).copied() else {
                        continue;
                    };
                    // Of a share the row itself tells one part and what it leaves; a split states all that is worth protecting.
                    if partition.len() > 1 || number >= facts.own_partitions() {
                        self.system.add_sum(parts.clone(), total);
                    }
                    self.parts.entry((counted.clone(), location)).or_default().extend(parts);
                }
            }
        }
        Ok(())
    }

    /// Hides what is behind a row whose own n is small: it counts something else than facts, such as organizations.
    fn hide_small_rows(&mut self, rules: Rules) {
        if !rules.minimum_n {
            return;
        }
        for at in 0..self.release.tables.len() {
            let small: Vec<usize> = {
                let table = &self.release.tables[at];
                let rows = table.rows.iter().filter(|row| (1..MIN_N).contains(&row.n));
                rows.flat_map(|row| {
                    self.behind(&table.key, row).into_iter().filter(|(_, numbers)| *numbers == Numbers::Row)
                })
                .filter_map(|(variable, _)| variable)
                .collect()
            };
            small.into_iter().for_each(|variable| self.system.hide(variable));
        }
    }

    /// Hides further cells until nobody can work out a hidden one, and no row tells a hidden part by its numerator.
    fn complete(&mut self, rules: Rules) {
        loop {
            self.system.complete(rules);
            let told =
                self.parts.iter().filter(|(_, parts)| parts.iter().any(|part| self.system.variables[*part].hidden));
            let totals =
                told.filter_map(|((counted, location), _)| self.variables.get(counted)?.get(location).copied());
            let open: Vec<usize> =
                totals.filter(|at| !self.system.variables[*at].hidden && !self.system.variables[*at].fixed).collect();
            if open.is_empty() || !rules.complementary {
                return;
            }
            open.into_iter().for_each(|variable| self.system.hide(variable));
        }
    }

    /// The variables behind a row and which numbers rest on each; none for one without facts.
    fn behind(&self, key: &TableKey, row: &Row) -> Vec<(Option<usize>, Numbers)> {
        let full = location(&row.dimensions);
        let shapes = self.shapes.get(key).map_or(&[][..], Vec::as_slice);
        shapes
            .iter()
            .enumerate()
            .flat_map(|(set, shape)| {
                let own = shape.location(&full);
                let counted = Counted { key: key.clone(), set };
                let variable = self.variables.get(&counted).and_then(|cells| cells.get(&own)).copied();
                let parts = self.parts.get(&(counted, own)).cloned().unwrap_or_default();
                [variable].into_iter().chain(parts.into_iter().map(Some)).map(|variable| (variable, shape.numbers))
            })
            .collect()
    }

    /// Applies what the system decided to the rows.
    fn suppress(&mut self) {
        for at in 0..self.release.tables.len() {
            let key = self.release.tables[at].key.clone();
            let mut rows = std::mem::take(&mut self.release.tables[at].rows);
            let single: &[&str] = registry()
                .iter()
                .find(|metric| metric.definition().id == key.metric)
                .map_or(&[], |metric| metric.definition().single_records);
            let mut suppresses = false;
            for row in &mut rows {
                let behind = self.behind(&key, row);
                let is_hidden =
                    |variable: &Option<usize>| variable.is_some_and(|variable| self.system.variables[variable].hidden);
                let of_row = || behind.iter().filter(|(_, numbers)| *numbers == Numbers::Row);
                if of_row().any(|(variable, _)| is_hidden(variable)) {
                    *row = suppressed(row.clone());
                    suppresses = true;
                    continue;
                }
                row.extra.retain(|name, _| !single.contains(&name.as_str()));
                for shape in self.shapes.get(&key).into_iter().flatten().filter(|shape| shape.unreleased) {
                    if let Numbers::Extras(names) = shape.numbers {
                        row.extra.retain(|name, _| !names.contains(&name.as_str()));
                    }
                }
                for (variable, numbers) in &behind {
                    if let Numbers::Extras(names) = numbers
                        && is_hidden(variable)
                    {
                        row.extra.retain(|name, _| !names.contains(&name.as_str()));
                    }
                }
            }
            self.release.tables[at].rows = rows;
            self.release.tables[at].suppresses = suppresses;
        }
    }

    /// Decides which cells stay as the release before published them: those that too few contributors changed since, and as many
    /// more as keep the differences of two releases from giving one back.
    fn compare_with(&mut self, before: &Release, rules: Rules) {
        let mut changes =
            self.system.changes(|at| before.sketches.get(&self.names[at]).and_then(|hex| Sketch::from_hex(hex)));
        changes.complete(Rules { minimum_n: false, remainder: false, ..rules });
        for (at, change) in changes.variables.iter().enumerate() {
            if before.sketches.contains_key(&self.names[at]) && (change.hidden || change.n == 0) {
                let variable = &mut self.system.variables[at];
                (variable.hidden, variable.fixed) = (before.hidden.contains(&self.names[at]), true);
            } else if change.hidden {
                // Too few brought what is new.
                self.system.variables[at].hidden = true;
            }
        }
        self.changes = Some(changes);
    }

    /// Notes what the next release is compared with: of a cell that stays as it was, what it was made of then.
    fn note_cells(&mut self) {
        for (name, variable) in self.names.iter().zip(&self.system.variables) {
            self.release.sketches.insert(name.clone(), variable.sketch.to_hex());
            if variable.hidden {
                self.release.hidden.insert(name.clone());
            }
        }
    }

    /// Puts the rows of the release before in the place of those that stay as they were.
    fn hold_back(&mut self, before: &Release) {
        for (name, variable) in self.names.iter().zip(&self.system.variables) {
            if variable.fixed
                && let Some(sketch) = before.sketches.get(name)
            {
                self.release.sketches.insert(name.clone(), sketch.clone());
            }
        }
        for at in 0..self.release.tables.len() {
            let key = self.release.tables[at].key.clone();
            let Some(old) = before.table(&key) else { continue };
            let old: HashMap<Location, &Row> = old.iter().map(|row| (location(&row.dimensions), row)).collect();
            let mut rows = std::mem::take(&mut self.release.tables[at].rows);
            for row in &mut rows {
                if let Some(known) = old.get(&location(&row.dimensions)) {
                    let behind = self.behind(&key, row);
                    if behind.iter().filter_map(|(variable, _)| *variable).any(|at| self.system.variables[at].fixed) {
                        *row = (*known).clone();
                    }
                }
            }
            self.release.tables[at].suppresses = rows.iter().any(|row| row.reliability == Reliability::Suppressed);
            self.release.tables[at].rows = rows;
        }
    }
}

/// A table of records: its dimensions and period, and the records in each of its cells.
type Signature = (Vec<Dimension>, Option<Grain>, Vec<(Location, RecordSet)>);

fn signature(key: &TableKey, cells: &BTreeMap<Location, Cell>) -> Signature {
    let mut by = key.by.clone();
    by.sort_unstable();
    let records = cells.iter().map(|(location, cell)| (location.clone(), cell.records.clone()));
    (by, key.period, records.collect())
}

/// A location in a coarser table.
fn coarsened(snapshot: &Snapshot, location: &Location, how: Coarsening) -> Location {
    let mut coarse: Location = match how {
        Coarsening::Dropped(dimension) => {
            location.iter().filter(|(name, _)| name != dimension.key()).cloned().collect()
        }
        Coarsening::Replaced(fine, coarse) => location
            .iter()
            .map(|(name, key)| {
                if name == fine.key() {
                    (coarse.key().to_owned(), category(snapshot, fine, key))
                } else {
                    (name.clone(), key.clone())
                }
            })
            .collect(),
        Coarsening::Longer(grain) => location
            .iter()
            .filter_map(|(name, key)| {
                if name != "periodStart" {
                    return Some((name.clone(), key.clone()));
                }
                let start = key.parse().ok()?;
                Some((name.clone(), Period::of(start, grain?).start.to_string()))
            })
            .collect(),
    };
    coarse.sort();
    coarse
}

/// The framework of a capability, or the category of a hazard.
fn category(snapshot: &Snapshot, fine: Dimension, key: &str) -> String {
    match fine {
        Dimension::Capability => key.split(':').next().unwrap_or_default().to_owned(),
        _ => {
            let hazard = snapshot.hazards.values().find(|hazard| hazard.code == key);
            hazard.map_or_else(|| key.to_owned(), |hazard| hazard.category.clone())
        }
    }
}

/// The cells of each set of facts of a metric.
fn cells_of(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    ask: &Ask,
    by: &[Dimension],
) -> Result<Vec<BTreeMap<Location, Cell>>, MetricError> {
    metric.facts(snapshot, ask)?.iter().map(|facts| cells(snapshot, facts, ask, by)).collect()
}

fn listed(by: &[Dimension]) -> String {
    by.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
}
