//! A release: the tables of all metrics as they are published about every region, made once a month
//! and kept.

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
    tables: Vec<ReleaseTable>,
    #[serde(skip)]
    positions: HashMap<TableKey, usize>,
}

/// A table of a release.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ReleaseTable {
    pub key: TableKey,
    pub rows: Vec<Row>,
    /// Some row is suppressed.
    pub suppresses: bool,
    /// What contributors brought to each cell, for the next release to be compared with.
    pub cells: Vec<StoredCell>,
}

/// A cell of a table as the next release needs it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredCell {
    /// Position in the metric's list of facts.
    pub set: usize,
    pub location: Location,
    /// Its sketches, as text.
    pub sketches: String,
}

impl Release {
    /// Makes the release of this day from a snapshot. Cells that changed since the release before
    /// by the records of one or two organizations stay as they were published then.
    ///
    /// # Errors
    /// When a metric cannot be computed.
    pub fn compute(
        snapshot: &Snapshot,
        as_of: NaiveDate,
        previous: Option<&Self>,
    ) -> Result<Self, MetricError> {
        Self::compute_with_rules(snapshot, as_of, previous, Rules::default())
    }

    /// Makes a release under some of the rules only: for the attacker in the tests, who must find
    /// something then.
    ///
    /// # Errors
    /// When a metric cannot be computed.
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
            tables,
            positions: HashMap::new(),
        };
        release.index();
        Ok(release)
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
        self.positions = self
            .tables
            .iter()
            .enumerate()
            .map(|(position, table)| (table.key.clone(), position))
            .collect();
    }

    /// The rows of a table; none when a release does not hold it.
    pub(super) fn table(&self, key: &TableKey) -> Option<&ReleaseTable> {
        self.positions.get(key).map(|position| &self.tables[*position])
    }

    pub(super) fn tables(&self) -> &[ReleaseTable] {
        &self.tables
    }

    /// Whether a cell of this table by region is suppressed.
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

    /// The rows of every metric as it groups by default, with the grain and whether their table by
    /// region is partial.
    pub(crate) fn default_rows(
        &self,
    ) -> impl Iterator<Item = (&'static dyn Metric, Option<Grain>, bool, &Row)> {
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
