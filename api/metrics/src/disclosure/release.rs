//! A release: the monthly tables of all metrics that are published about every region.

mod data;

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate, Utc};
pub use data::Release;
use data::SKETCH_FORMAT;
pub(super) use data::{CellVersion, CountHashes, ReleaseTable, StoredCell};

use super::draft::Draft;
use super::system::Rules;
use crate::metric::{Metric, registry};
use crate::query::{Grain, MetricError};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// Returns the last day of the latest month that ended before this day.
pub fn last_closed_month(today: NaiveDate) -> NaiveDate {
    today.with_day(1).and_then(|first| first.checked_sub_days(Days::new(1))).unwrap_or(today)
}

impl Release {
    /// Computes the release of this day. Rows stay as the previous release published them if all
    /// releases together would reveal what one or two organizations changed. A previous release
    /// that [cannot be compared](Self::is_comparable) counts as none.
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
        let (tables, series) = Draft::compute(snapshot, as_of, previous, rules)?;
        let mut release = Self {
            number: 0,
            as_of,
            made_at: Utc::now(),
            warehouse_version: snapshot.version,
            sketch_format: SKETCH_FORMAT,
            tables,
            series,
            positions: HashMap::new(),
        };
        release.index();
        Ok(release)
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
