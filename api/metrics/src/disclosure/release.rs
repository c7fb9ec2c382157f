//! A release: the monthly tables of all metrics that are published about every region.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::contributors::Location;
use super::draft::Draft;
use super::system::Rules;
use super::tables::TableKey;
use crate::metric::{Metric, registry};
use crate::query::{Dimension, Grain, MetricError};
use crate::row::{MetricRow, Reliability};
use crate::snapshot::Snapshot;

/// Returns the last day of the latest month that ended before this day.
pub fn last_closed_month(today: NaiveDate) -> NaiveDate {
    today.with_day(1).and_then(|first| first.checked_sub_days(Days::new(1))).unwrap_or(today)
}

/// Format of the stored sketches. Increase it when what they are computed from changes: sketches of
/// two formats would differ in every cell.
const SKETCH_FORMAT: u32 = 2;

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
    sketch_format: u32,
    tables: Vec<ReleaseTable>,
    #[serde(skip)]
    positions: HashMap<TableKey, usize>,
}

/// A table of a release.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ReleaseTable {
    pub key: TableKey,
    pub rows: Vec<MetricRow>,
    /// True if at least one row is suppressed.
    pub suppresses: bool,
    /// The contributions to each cell, for comparison with the next release.
    pub cells: Vec<StoredCell>,
}

/// A cell of a table, stored for comparison with the next release.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredCell {
    /// Position in the metric's list of facts.
    pub set: usize,
    pub location: Location,
    /// Sketches of the cell, as hexadecimal text.
    pub sketches: String,
}

impl Release {
    /// Computes the release of this day. Cells that one or two organizations changed since the
    /// previous release stay as that release published them. A previous release that
    /// [cannot be compared](Self::is_comparable) counts as none.
    ///
    /// # Errors
    /// If a metric cannot be computed.
    pub fn compute(
        snapshot: &Snapshot,
        as_of: NaiveDate,
        previous: Option<&Self>,
    ) -> Result<Self, MetricError> {
        Self::compute_with_rules(snapshot, as_of, previous, Rules::default())
    }

    /// Computes a release under some of the rules only. Tests use it to show that an attacker
    /// succeeds then.
    ///
    /// # Errors
    /// If a metric cannot be computed.
    #[doc(hidden)]
    pub fn compute_with_rules(
        snapshot: &Snapshot,
        as_of: NaiveDate,
        previous: Option<&Self>,
        rules: Rules,
    ) -> Result<Self, MetricError> {
        let tables = Draft::compute(snapshot, as_of, previous, rules)?;
        let mut release = Self {
            number: 0,
            as_of,
            made_at: Utc::now(),
            warehouse_version: snapshot.version,
            sketch_format: SKETCH_FORMAT,
            tables,
            positions: HashMap::new(),
        };
        release.index();
        Ok(release)
    }

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

    fn index(&mut self) {
        self.positions = self
            .tables
            .iter()
            .enumerate()
            .map(|(position, table)| (table.key.clone(), position))
            .collect();
    }

    /// Returns a table; `None` if the release does not contain it.
    pub(super) fn table(&self, key: &TableKey) -> Option<&ReleaseTable> {
        self.positions.get(key).map(|position| &self.tables[*position])
    }

    pub(super) fn tables(&self) -> &[ReleaseTable] {
        &self.tables
    }

    /// Returns true if the table with these dimensions and regions has a suppressed cell.
    pub(super) fn has_suppressed_cells(&self, key: &TableKey) -> bool {
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

    /// Returns the rows of every metric with its default grouping. Each comes with its grain, and
    /// with true if cells by region are suppressed.
    pub(crate) fn default_rows(
        &self,
    ) -> impl Iterator<Item = (&'static dyn Metric, Option<Grain>, bool, &MetricRow)> {
        registry().iter().copied().flat_map(move |metric| {
            let definition = metric.definition();
            let is_default = move |table: &&ReleaseTable| {
                table.key.metric == definition.id && table.key.by == definition.default_group_by
            };
            self.tables.iter().filter(is_default).flat_map(move |table| {
                let partial = self.has_suppressed_cells(&table.key);
                table.rows.iter().map(move |row| (metric, table.key.period, partial, row))
            })
        })
    }
}
