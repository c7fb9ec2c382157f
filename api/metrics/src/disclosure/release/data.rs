//! Data of a release.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::disclosure::contributors::{Location, Sketches};
use crate::disclosure::knowledge::SeriesKnowledge;
use crate::disclosure::outdated::OutdatedRow;
use crate::disclosure::tables::TableKey;
use crate::query::Dimension;
use crate::row::{MetricRow, Reliability};

/// Format of the stored sketches. Increase it when what they are computed from changes: sketches of
/// two formats would differ in every cell.
pub(super) const SKETCH_FORMAT: u32 = 6;

/// The tables that are published about all regions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Release {
    /// Number in the warehouse, from 1; 0 until the release is stored.
    #[serde(default)]
    pub number: i64,
    /// The as-of day: the last day of a month.
    pub as_of: NaiveDate,
    /// Time at which the release was computed.
    pub made_at: DateTime<Utc>,
    /// Version of the warehouse that the release was computed from.
    pub warehouse_version: i64,
    /// Format of the stored sketches; 0 in releases of versions that did not state it.
    #[serde(default)]
    pub(super) sketch_format: u32,
    pub(super) tables: Vec<ReleaseTable>,
    /// What readers know from this release and the earlier ones of its series.
    #[serde(default)]
    pub(super) series: SeriesKnowledge,
    #[serde(skip)]
    pub(super) positions: HashMap<TableKey, usize>,
}

/// A table of a release.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::disclosure) struct ReleaseTable {
    pub key: TableKey,
    pub rows: Vec<MetricRow>,
    /// True if at least one row is suppressed.
    pub suppresses: bool,
    /// The cells, for comparison with the next release.
    pub cells: Vec<StoredCell>,
    /// Rows of which a part is not updated.
    #[serde(default)]
    pub outdated: Vec<OutdatedRow>,
}

/// A cell of a table, stored for comparison with the next release.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::disclosure) struct StoredCell {
    /// Position in the metric's list of facts.
    pub set: usize,
    pub location: Location,
    /// Position of the set of records among the numbers of the series.
    pub records: usize,
    /// Position of the counts that rows state of the cell.
    pub counted: usize,
    /// Position of all numbers that rows state of the cell.
    pub values: usize,
    /// The version at the time of the release.
    pub current: CellVersion,
    /// The versions that were published last, the latest at the end.
    pub published: Vec<CellVersion>,
}

/// A version of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::disclosure) struct CellVersion {
    /// Number of facts.
    pub n: u64,
    /// The contributions of each organization.
    pub sketches: Sketches,
    /// The counts that rows state of the cell.
    #[serde(default)]
    pub stated: CountHashes,
}

/// Hashes of the counts that rows state of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::disclosure) struct CountHashes {
    /// Hash of the counts that are sums over the cell's facts.
    pub of_facts: u64,
    /// Hash of the counts of its rows that are sums over no facts, such as a number of weeks. Who
    /// changed them is not known.
    pub of_no_facts: u64,
}

impl Release {
    /// Returns true if the next release can be compared with this one.
    pub fn is_comparable(&self) -> bool {
        self.sketch_format == SKETCH_FORMAT
    }

    /// Returns the number of rows, and the number of suppressed rows among them.
    pub fn counts(&self) -> (usize, usize) {
        let rows = self.tables.iter().flat_map(|table| &table.rows);
        rows.fold((0, 0), |(all, suppressed), row| {
            (all + 1, suppressed + usize::from(row.reliability == Reliability::Suppressed))
        })
    }

    /// Converts the release to JSON, for storage.
    ///
    /// # Errors
    /// If a number cannot be written as JSON.
    pub fn to_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }

    /// Reads a stored release.
    ///
    /// # Errors
    /// If the JSON is not a release.
    pub fn from_json(value: Value) -> Result<Self, serde_json::Error> {
        let mut release: Self = serde_json::from_value(value)?;
        release.index();
        Ok(release)
    }

    pub(super) fn index(&mut self) {
        self.positions = self
            .tables
            .iter()
            .enumerate()
            .map(|(position, table)| (table.key.clone(), position))
            .collect();
    }

    /// Returns a table; `None` if the release does not contain it.
    pub(in crate::disclosure) fn table(&self, key: &TableKey) -> Option<&ReleaseTable> {
        self.positions.get(key).map(|position| &self.tables[*position])
    }

    pub(in crate::disclosure) fn tables(&self) -> &[ReleaseTable] {
        &self.tables
    }

    /// Returns what readers know from this release and the earlier ones of its series.
    pub(in crate::disclosure) fn series(&self) -> &SeriesKnowledge {
        &self.series
    }

    /// Returns true if the table with these dimensions and regions has a suppressed cell.
    pub(in crate::disclosure) fn has_suppressed_cells(&self, key: &TableKey) -> bool {
        let by_region = |table: &&ReleaseTable| {
            let same = |one: &Dimension| table.key.by.contains(one);
            table.key.metric == key.metric
                && table.key.period == key.period
                && table.key.by.contains(&Dimension::Region)
                && key.by.iter().all(same)
                && table.key.by.len()
                    == key.by.len() + usize::from(!key.by.contains(&Dimension::Region))
        };
        self.tables.iter().find(by_region).is_none_or(|table| table.suppresses)
    }
}
