//! The tables of a metric, computed: their rows, and the records behind their cells.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::parts::Shape;
use crate::disclosure::count::{CountedTable, count_cells};
use crate::disclosure::survival::withhold_points;
use crate::disclosure::system::Rules;
use crate::disclosure::tables::TableKey;
use crate::facts::Facts;
use crate::metric::{Metric, rows};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// The tables of a metric that a release has.
pub(super) struct MetricTables {
    pub facts: Vec<Facts>,
    pub tables: Vec<ComputedTable>,
}

/// A table before any decision.
pub(super) struct ComputedTable {
    pub key: TableKey,
    /// Its rows, without extras that describe single records, and without points of a survival
    /// curve that rest on too few records.
    pub rows: Vec<MetricRow>,
    /// The cells of each set of facts; `None` for a set that is not released.
    pub counted: Vec<Option<CountedTable>>,
}

impl MetricTables {
    /// Computes the tables of a metric.
    ///
    /// # Errors
    /// If the metric cannot be computed.
    pub fn compute(
        snapshot: &Snapshot,
        metric: &'static dyn Metric,
        as_of: NaiveDate,
        rules: Rules,
    ) -> Result<Self, MetricError> {
        // A metric of the current state is released only as of the release's day. Two days of a
        // series would reveal the changes between them.
        let facts = metric.facts(snapshot, &MetricQuery { as_of, ..MetricQuery::default() })?;
        let is_stock =
            metric.state_since(snapshot)?.is_some() || facts.iter().any(Facts::is_at_period_ends);
        let own: BTreeSet<Dimension> = facts.iter().flat_map(Facts::added).copied().collect();
        let is_wanted = |key: &TableKey| {
            let is_further = |one: &Dimension| *one != Dimension::Region && !own.contains(one);
            let has_further = key.by.iter().any(is_further);
            // Facts with a dimension of their own cannot be split by a second dimension or by
            // period.
            (key.period.is_none() || !is_stock)
                && (own.is_empty() || (!has_further && key.period.is_none()))
        };
        let mut tables = Vec::new();
        for key in TableKey::all(metric.definition()).into_iter().filter(is_wanted) {
            let query = key.query(as_of);
            match rows(metric, snapshot, &query, &key.by) {
                Ok(rows) => {
                    let of_records = metric.definition().single_records;
                    let mut rows: Vec<MetricRow> =
                        rows.iter().map(|row| without_extras(row, of_records)).collect();
                    for facts in &facts {
                        let shape = Shape::of(facts);
                        let location_of = |row: &MetricRow| shape.location(row);
                        let of = (&query, key.by.as_slice());
                        withhold_points(snapshot, facts, of, &mut rows, location_of, rules)?;
                    }
                    tables.push(ComputedTable { key, rows, counted: Vec::new() });
                }
                // A metric that requires two dimensions together has no such table.
                Err(MetricError::Dimension { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        for facts in &facts {
            if facts.is_unreleased() {
                tables.iter_mut().for_each(|table| table.counted.push(None));
                continue;
            }
            let queries: Vec<(MetricQuery, &[Dimension])> = tables
                .iter()
                .map(|table| (table.key.query(as_of), table.key.by.as_slice()))
                .collect();
            let counted = count_cells(snapshot, facts, &queries)?;
            for (table, counted) in tables.iter_mut().zip(counted) {
                table.counted.push(Some(counted));
            }
        }
        Ok(Self { facts, tables })
    }
}

fn without_extras(row: &MetricRow, omitted: &[&str]) -> MetricRow {
    let extra = row.extra.iter().filter(|(name, _)| !omitted.contains(&name.as_str()));
    MetricRow {
        dimensions: row.dimensions.clone(),
        note: row.note.clone(),
        extra: extra.map(|(name, value)| (name.clone(), value.clone())).collect(),
        ..*row
    }
}
