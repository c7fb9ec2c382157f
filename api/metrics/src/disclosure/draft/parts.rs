//! A release that is being computed: its tables, and the parts of their rows.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde_json::Value;

use crate::disclosure::contributors::{Location, RecordSet, Sketches, location};
use crate::disclosure::count::PartitionedRecords;
use crate::disclosure::release::{CountHashes, ReleaseTable};
use crate::disclosure::suppression::CellCandidate;
use crate::disclosure::system::System;
use crate::disclosure::tables::TableKey;
use crate::facts::{Facts, Numbers};
use crate::query::Grain;
use crate::row::MetricRow;

/// Identifies one set of facts of a metric, as counted by one table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::disclosure) struct FactSetKey {
    pub key: TableKey,
    /// Position in the metric's list of facts.
    pub set: usize,
}

/// Maps a row to the cell of a set of facts, and names the numbers that depend on that cell.
#[derive(Clone, Debug)]
pub(in crate::disclosure) struct Shape {
    pub(super) numbers: Numbers,
    ignored: Vec<&'static str>,
    /// Dimensions that split the facts in every table.
    added: Vec<&'static str>,
    by_period: bool,
    /// Name of a dimension, and the extra in which a row names its group.
    chosen_group: Option<(&'static str, &'static str)>,
    pub(super) unreleased: bool,
    /// Number of partitions by declared parts, which come first.
    pub own_partitions: usize,
    /// True if the n of a row may be the number of these facts.
    pub has_n: bool,
    /// True if the numerator of a row is a number of these facts.
    pub has_numerator: bool,
    /// Extras that are sums over these facts.
    pub sums: Vec<&'static str>,
}

impl Shape {
    pub(super) fn of(facts: &Facts) -> Self {
        Self {
            numbers: facts.numbers(),
            ignored: facts.ignored().iter().map(|dimension| dimension.key()).collect(),
            added: facts.added().iter().map(|dimension| dimension.key()).collect(),
            by_period: facts.is_split_by_period(),
            chosen_group: facts.chosen_group().map(|(dimension, extra)| (dimension.key(), extra)),
            unreleased: facts.is_unreleased(),
            own_partitions: facts.own_partitions(),
            has_n: !facts.are_answered_for(),
            has_numerator: facts.has_numerator(),
            sums: facts.sums().collect(),
        }
    }

    /// Returns the extras that depend on these facts alone.
    pub fn extras(&self) -> &'static [&'static str] {
        match self.numbers {
            Numbers::Row => &[],
            Numbers::Extras(names) => names,
        }
    }

    /// Returns the dimensions that split these facts in every table, if the others are the same facts
    /// without that split.
    pub fn split_of(&self, others: &Self) -> Option<&[&'static str]> {
        let are_ignored = self.added.iter().all(|name| others.ignored.contains(name));
        (!self.added.is_empty() && are_ignored).then_some(&self.added)
    }

    /// Returns the location of the cell behind a row.
    pub(super) fn location(&self, row: &MetricRow) -> Location {
        let is_retained = |name: &str| {
            if name == "periodStart" { self.by_period } else { !self.ignored.contains(&name) }
        };
        let mut of_cell = location(&row.dimensions);
        of_cell.retain(|(name, _)| is_retained(name));
        if let Some((dimension, extra)) = self.chosen_group
            && let Some(group) = row.extra.get(extra).and_then(Value::as_str)
        {
            of_cell.push((dimension.to_owned(), group.to_owned()));
            of_cell.sort();
        }
        of_cell
    }
}

/// The numbers of a row that are published together or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::disclosure) enum PartKind {
    /// All of the row, except extras that depend on other facts.
    Row,
    /// These extras.
    Extras(&'static [&'static str]),
}

impl PartKind {
    /// Returns the names of the extras; none for the row.
    pub fn extras(self) -> &'static [&'static str] {
        match self {
            Self::Row => &[],
            Self::Extras(names) => names,
        }
    }
}

/// Part of a row, with the cells that its numbers depend on.
pub(in crate::disclosure) struct RowPart {
    /// Positions of the table and of the row.
    pub table: usize,
    pub row: usize,
    pub kind: PartKind,
    /// The cells that the numbers depend on.
    pub cells: Vec<(usize, Location)>,
    /// True if the part stays as the previous release published it.
    pub carried_over: bool,
}

/// A release that is being computed.
pub(in crate::disclosure) struct Draft {
    pub as_of: NaiveDate,
    pub tables: Vec<ReleaseTable>,
    pub system: System,
    /// The variables of each set of facts in each table, by location.
    pub variables: HashMap<FactSetKey, BTreeMap<Location, usize>>,
    /// A further variable of each cell, for the counts that rows state of it. It changes with any
    /// of these, and no other metric shares it.
    pub counted: HashMap<FactSetKey, BTreeMap<Location, usize>>,
    /// The same for all numbers that rows state of each cell. It changes with any of the records,
    /// too.
    pub values: HashMap<FactSetKey, BTreeMap<Location, usize>>,
    /// How these further variables add up: the parts of each total.
    pub value_sums: Vec<(usize, Vec<usize>)>,
    /// The counts that rows state of each cell.
    pub stated_counts: HashMap<FactSetKey, BTreeMap<Location, CountHashes>>,
    /// The contributions to each cell of each set of facts. Metrics that count the same records
    /// share a variable, but each has its own numerator.
    pub sketches: HashMap<FactSetKey, BTreeMap<Location, Sketches>>,
    /// The variables of each table, by the records in its cells.
    pub(super) by_signature: HashMap<Signature, BTreeMap<Location, usize>>,
    pub shapes: HashMap<TableKey, Vec<Shape>>,
    /// The records of each part of each set of facts, by cell.
    pub parts: HashMap<FactSetKey, PartitionedRecords>,
    /// The parts of cells that other metrics publish separately. A row reveals them by its
    /// numerator.
    pub separate_parts: HashMap<(FactSetKey, Location), Vec<usize>>,
    /// The number of computed rows of each table. Rows after them exist only in the previous
    /// release.
    pub current_rows: Vec<usize>,
    /// The parts of all rows; `candidates` has the decision for each, in the same order.
    pub row_parts: Vec<RowPart>,
    pub candidates: Vec<CellCandidate>,
}

/// Identifies a table of records by its period and the records in each cell.
pub(super) type Signature = (Option<Grain>, BTreeMap<Location, RecordSet>);
