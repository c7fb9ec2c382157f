//! Counts the cells of all tables of a set of facts, in one pass over the records.
//!
//! A record adds to one cell of each *fine table*: by region and month, or by region and further
//! columns. The tables of a release are sums of fine tables. All numbers of a cell are additive, so
//! the order of records does not matter. Only the first contributors of a cell are listed; which
//! ones decides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use polars::prelude::PlHashMap;

use super::contributors::{
    Contributors, EventParticipants, FactCell, Location, RecordSet, Share, SketchSums, location,
    mix,
};
use crate::cube::{
    CellGroup, Condition, CubePlan, GroupKeys, PERIOD, Term, column, integer, is, when,
};
use crate::engine::{CellColumn, CubeCells};
use crate::facts::Facts;
use crate::metric::dimensions;
use crate::parallel::on_all_cores;
use crate::query::{Dimension, Grain, MetricError, MetricQuery};
use crate::snapshot::{FieldKind, Snapshot};

/// Names of the keys of a record.
const ID: &str = "id";
pub(super) const CONTRIBUTOR: &str = "contributor";
pub(super) const PUBLIC: &str = "is_public";
const NUMERATOR: &str = "in_numerator";
const PART: &str = "in_part";
const VALUE: &str = "value";
const FURTHER: &str = "further";
/// Name of the key column with the position of a cell of a fine table.
const CELL: &str = "cell";

/// The cells of one table.
pub(super) struct CountedTable {
    /// The cells of all facts.
    pub cells: BTreeMap<Location, FactCell>,
    /// The records of each part.
    pub parts: PartitionedRecords,
}

/// The records of each part of a set of facts, by cell; the parts by partition.
pub(super) type PartitionedRecords = Vec<Vec<BTreeMap<Location, RecordSet>>>;

/// The key of a cell of a fine table: codes of its columns.
type FineKey = Vec<Option<i64>>;

/// Additive numbers of a cell.
#[derive(Clone, Debug)]
struct Tally {
    n: u64,
    restricted: u64,
    sum: i64,
    smallest: i64,
    largest: i64,
    contributors: Contributors,
    restricted_contributors: Contributors,
    sketches: SketchSums,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            n: 0,
            restricted: 0,
            sum: 0,
            smallest: i64::MAX,
            largest: i64::MIN,
            contributors: Contributors::default(),
            restricted_contributors: Contributors::default(),
            sketches: SketchSums::default(),
        }
    }
}

/// Equal records.
struct Record<'a> {
    count: u64,
    id: Option<i64>,
    is_public: bool,
    in_numerator: bool,
    values: u64,
    /// Amounts that each record adds to further numbers of its rows.
    further: &'a [i64],
    shares: &'a [Share],
}

impl Tally {
    fn add(&mut self, record: &Record) {
        self.n += record.count;
        if let Some(id) = record.id {
            self.sum = self.sum.wrapping_add(id.wrapping_mul(record.count as i64));
            self.smallest = self.smallest.min(id);
            self.largest = self.largest.max(id);
        }
        self.contributors.add(record.shares.iter().map(|share| share.organization));
        if !record.is_public {
            self.restricted += record.count;
            self.restricted_contributors.add(record.shares.iter().map(|share| share.organization));
        }
        let Record { shares, count, in_numerator, values, further, .. } = *record;
        self.sketches.add(shares, count, in_numerator, values, further);
    }

    fn extend(&mut self, other: &Self) {
        self.n += other.n;
        self.restricted += other.restricted;
        self.sum = self.sum.wrapping_add(other.sum);
        self.smallest = self.smallest.min(other.smallest);
        self.largest = self.largest.max(other.largest);
        self.contributors.extend(&other.contributors);
        self.restricted_contributors.extend(&other.restricted_contributors);
        self.sketches.extend(&other.sketches);
    }

    fn cell(self, id_column: &'static str) -> FactCell {
        let sketches = self.sketches.sketches();
        let has_ids = self.smallest <= self.largest;
        FactCell {
            records: RecordSet {
                id_column,
                n: self.n,
                sum: self.sum,
                smallest: if has_ids { self.smallest } else { 0 },
                largest: if has_ids { self.largest } else { 0 },
                contribution: sketches.of_facts(),
            },
            n: self.n,
            restricted: self.restricted,
            contributors: self.contributors,
            restricted_contributors: self.restricted_contributors,
            sketches,
        }
    }
}

/// A table whose cells add up to those of coarser tables.
#[derive(Clone)]
struct FineTable {
    columns: Vec<&'static str>,
    by_month: bool,
    positions: PlHashMap<FineKey, usize>,
    /// The keys of its cells.
    keys: Vec<FineKey>,
    /// The numbers of its cells: of all records, then of the records of each part.
    tallies: Vec<Vec<Tally>>,
}

impl FineTable {
    fn of(columns: Vec<&'static str>, by_month: bool) -> Self {
        let (positions, keys, tallies) = (PlHashMap::default(), Vec::new(), Vec::new());
        Self { columns, by_month, positions, keys, tallies }
    }

    /// Returns true if the cells of a table with these keys are sums of cells of this one.
    fn is_finer_than(&self, keys: &GroupKeys) -> bool {
        let columns = keys.keys.iter().map(|(name, _)| name);
        self.by_month == keys.day.is_some()
            && columns.filter(|name| **name != PERIOD).all(|name| self.columns.contains(name))
    }

    fn cell(&mut self, key: &FineKey, parts: usize) -> &mut Vec<Tally> {
        let position = self.positions.get(key).copied().unwrap_or_else(|| {
            self.positions.insert(key.clone(), self.keys.len());
            self.keys.push(key.clone());
            self.tallies.push(vec![Tally::default(); 1 + parts]);
            self.keys.len() - 1
        });
        &mut self.tallies[position]
    }

    fn extend(&mut self, other: &Self) {
        for (key, tallies) in other.keys.iter().zip(&other.tallies) {
            let own = self.cell(key, tallies.len() - 1);
            own.iter_mut().zip(tallies).for_each(|(own, other)| own.extend(other));
        }
    }

    /// Returns the groups of a table. Each holds the positions of its cells in this table.
    fn groups(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        keys: &GroupKeys,
        labels: &Labels,
    ) -> Vec<CellGroup> {
        let mut columns = Vec::new();
        for (name, term) in &keys.keys {
            let at = self.columns.iter().position(|column| column == name);
            let at = at.unwrap_or(self.columns.len());
            let codes = self.keys.iter().map(|key| key.get(at).copied().flatten());
            columns.push((
                *name,
                match (term, labels.get(name)) {
                    (Term::Period(_, grain), _) => CellColumn::Integer(
                        codes.map(|month| Some(grain.first_month(month?))).collect(),
                    ),
                    (_, Some(CellColumn::Label(_, names))) => {
                        CellColumn::Label(codes.collect(), names.clone())
                    }
                    _ => CellColumn::Integer(codes.collect()),
                },
            ));
        }
        columns.push((CELL, CellColumn::Integer((0..self.keys.len() as i64).map(Some).collect())));
        let counts = self.tallies.iter().map(|tallies| tallies[0].n).collect();
        let answer = CubeCells { counts, keys: columns.len(), columns };
        keys.gather(snapshot, query, answer)
    }

    /// Returns the sum of the cells of a group: of all its records, or of those of a part.
    fn sum(&self, group: &CellGroup, part: usize) -> Tally {
        let mut sum = Tally::default();
        for cell in group.integer(CELL).iter().flatten() {
            sum.extend(&self.tallies[*cell as usize][part]);
        }
        sum
    }
}

/// An empty column with the names of its labels, by name of a key.
type Labels = BTreeMap<&'static str, CellColumn>;

/// Fine tables and the labels of their columns.
#[derive(Clone)]
struct FineTables {
    tables: Vec<FineTable>,
    labels: Labels,
}

impl FineTables {
    /// Returns the fewest fine tables whose sums are tables with these keys.
    fn of(tables: &[GroupKeys]) -> Self {
        let mut fine: Vec<FineTable> = Vec::new();
        let mut order: Vec<&GroupKeys> = tables.iter().collect();
        order.sort_by_key(|keys| std::cmp::Reverse(keys.keys.len()));
        for keys in order {
            let names = keys.keys.iter().map(|(name, _)| *name).filter(|name| *name != PERIOD);
            if !fine.iter().any(|fine| fine.is_finer_than(keys)) {
                fine.push(FineTable::of(names.collect(), keys.day.is_some()));
            }
        }
        Self { tables: fine, labels: Labels::new() }
    }

    fn extend(&mut self, other: Self) {
        for (own, other) in self.tables.iter_mut().zip(&other.tables) {
            own.extend(other);
        }
        self.labels.extend(other.labels);
    }
}

/// Counts the cells of tables of these facts. A table has a query, which may have a period, and
/// dimensions.
///
/// # Errors
/// If the engine fails.
pub(super) fn count_cells(
    snapshot: &Snapshot,
    facts: &Facts,
    tables: &[(MetricQuery, &[Dimension])],
) -> Result<Vec<CountedTable>, MetricError> {
    let Some((query, _)) = tables.first() else { return Ok(Vec::new()) };
    let tables: Vec<(MetricQuery, Vec<Dimension>)> =
        tables.iter().map(|(query, by)| (facts.select(query), facts.split_by(by))).collect();
    let keys: Vec<GroupKeys> =
        tables.iter().map(|(query, by)| GroupKeys::of(&facts.cube(), query, by)).collect();
    let fine = FineTables::of(&keys);
    let columns = fine.tables.iter().flat_map(|table| table.columns.iter().copied()).collect();
    let by_month = fine.tables.iter().any(|table| table.by_month);
    let query = MetricQuery { period: None, ..facts.select(query) };
    let scan = Scan {
        snapshot,
        participants: &*EventParticipants::of(snapshot)?,
        plan: &records_plan(snapshot, facts, &query, &columns, by_month),
        has_events: facts.has("event_id"),
        parts: facts.partitions().iter().map(Vec::len).sum(),
        taken: AtomicUsize::new(0),
    };
    let fine = scan.run(&fine)?;
    let counted = tables.iter().zip(&keys).map(|((query, by), keys)| {
        let partitions = facts.partitions().into_iter();
        let mut counted = CountedTable {
            cells: BTreeMap::new(),
            parts: partitions.map(|parts| vec![BTreeMap::new(); parts.len()]).collect(),
        };
        let Some(table) = fine.tables.iter().find(|table| table.is_finer_than(keys)) else {
            return counted;
        };
        for group in table.groups(snapshot, query, keys, &fine.labels) {
            let location = location(&dimensions(&group, by));
            let all = table.sum(&group, 0);
            if all.n == 0 {
                continue;
            }
            counted.cells.insert(location.clone(), all.cell(facts.key()));
            for (part, records) in counted.parts.iter_mut().flatten().enumerate() {
                let sum = table.sum(&group, 1 + part);
                if sum.n > 0 {
                    records.insert(location.clone(), sum.cell(facts.key()).records);
                }
            }
        }
        counted
    });
    Ok(counted.collect())
}

/// Returns the contributor of a fact as a number: an organization above 0, an event below 0.
pub(super) fn contributor_term(facts: &Facts) -> Term {
    let event = || integer(0).less(column("event_id"));
    match (facts.has("organization_id"), facts.has("event_id")) {
        (true, true) => {
            let named = column("organization_id").over(integer(0));
            when(named, column("organization_id"), event())
        }
        (true, false) => column("organization_id"),
        (false, true) => event(),
        (false, false) => integer(0).less(column(facts.key())),
    }
}

/// Returns 1 for facts that meet the condition, and 0 for others.
pub(super) fn flag(condition: Condition) -> Term {
    when(condition, integer(1), integer(0))
}

/// One pass over the records of a set of facts.
struct Scan<'a> {
    snapshot: &'a Snapshot,
    participants: &'a EventParticipants,
    plan: &'a CubePlan,
    /// True if a contributor below 0 is an event.
    has_events: bool,
    /// Number of parts of the facts.
    parts: usize,
    /// Number of parts of the table that have been taken.
    taken: AtomicUsize,
}

impl Scan<'_> {
    /// Adds all records to the fine tables, on all cores.
    fn run(&self, fine: &FineTables) -> Result<FineTables, MetricError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut all = fine.clone();
        for found in on_all_cores(&vec![fine; cores], |fine| self.work((*fine).clone())) {
            all.extend(found?);
        }
        Ok(all)
    }

    /// Adds records to the fine tables until no part of the table is left.
    fn work(&self, mut fine: FineTables) -> Result<FineTables, MetricError> {
        loop {
            let part = self.taken.fetch_add(1, Ordering::Relaxed);
            let Some(records) =
                self.snapshot.engine().records(self.snapshot.frames(), self.plan, part)?
            else {
                return Ok(fine);
            };
            self.add(&records, &mut fine);
        }
    }

    /// Returns the organizations behind a contributor: the participants of an event, or the
    /// contributor itself.
    fn shares(&self, contributor: i64) -> Vec<Share> {
        let organizations = self.participants.organizations(&contributor, self.has_events);
        organizations.iter().map(|one| Share::of(*one, contributor)).collect()
    }

    fn add(&self, records: &CubeCells, fine: &mut FineTables) {
        let column = |name: &str| {
            let found = records.columns.iter().find(|(known, _)| *known == name);
            found.map_or(&[][..], |(_, values)| values.integer())
        };
        let all = |name: &str| -> Vec<&[Option<i64>]> {
            let found = records.columns.iter().filter(|(known, _)| *known == name);
            found.map(|(_, values)| values.integer()).collect()
        };
        let (ids, contributors, months) = (column(ID), column(CONTRIBUTOR), column(PERIOD));
        let (public, numerators) = (column(PUBLIC), column(NUMERATOR));
        let (parts, values, further) = (all(PART), all(VALUE), all(FURTHER));
        let columns: Vec<Vec<&[Option<i64>]>> = fine
            .tables
            .iter()
            .map(|table| table.columns.iter().map(|name| column(name)).collect())
            .collect();
        let mut shares = Vec::new();
        let mut known_contributor = None;
        let mut key = FineKey::new();
        let mut amounts = Vec::new();
        for (row, count) in records.counts.iter().enumerate() {
            let contributor = contributors[row];
            if contributor != known_contributor {
                shares = contributor.map_or_else(Vec::new, |one| self.shares(one));
                known_contributor = contributor;
            }
            amounts.clear();
            amounts.extend(further.iter().map(|amount| amount[row].unwrap_or_default()));
            let record = Record {
                count: *count,
                id: ids[row],
                is_public: public.get(row).copied().flatten() == Some(1),
                in_numerator: numerators[row] == Some(1),
                values: values.iter().fold(0, |hash, value| {
                    mix(hash).wrapping_add(value[row].unwrap_or_default() as u64)
                }),
                further: &amounts,
                shares: &shares,
            };
            for (table, columns) in fine.tables.iter_mut().zip(&columns) {
                key.clear();
                key.extend(columns.iter().map(|column| column[row]));
                if table.by_month {
                    // A record without a day is in no period.
                    let Some(month) = months[row] else { continue };
                    key.push(Some(month));
                }
                let tallies = table.cell(&key, self.parts);
                tallies[0].add(&record);
                for (tally, part) in tallies[1..].iter_mut().zip(&parts) {
                    if part[row] == Some(1) {
                        tally.add(&record);
                    }
                }
            }
        }
        if fine.labels.is_empty() {
            let names = records.columns.iter().map(|(name, values)| (*name, values.take(&[])));
            fine.labels.extend(names);
        }
    }
}

/// Returns the plan for the records of a set of facts, with these columns and the month.
fn records_plan(
    snapshot: &Snapshot,
    facts: &Facts,
    query: &MetricQuery,
    columns: &BTreeSet<&'static str>,
    by_month: bool,
) -> CubePlan {
    let mut cube = facts
        .cube()
        .key(ID, column(facts.key()))
        .key(CONTRIBUTOR, contributor_term(facts))
        .key(NUMERATOR, flag(facts.is_in_numerator()));
    if facts.has("public") {
        cube = cube.key(PUBLIC, flag(is("public")));
    }
    for condition in facts.partitions().into_iter().flatten() {
        cube = cube.key(PART, flag(condition));
    }
    // A correction of a fact may change its values while the fact still counts.
    for (name, kind) in facts.values() {
        let is_flag = kind == FieldKind::Flag;
        cube = cube.key(VALUE, if is_flag { flag(is(name)) } else { column(name) });
    }
    for (_, amount) in facts.further() {
        cube = cube.key(FURTHER, amount.clone());
    }
    let mut plan = GroupKeys::of(&cube, query, &[]).plan(snapshot, &cube, query);
    plan.keys.extend(columns.iter().map(|name| (*name, column(name))));
    plan.keys.extend(
        facts.cube().day.filter(|_| by_month).map(|day| (PERIOD, Term::Period(day, Grain::Month))),
    );
    plan
}
