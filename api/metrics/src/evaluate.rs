//! Answers metric queries.

use hotwash_schema::access::Viewer;

use crate::codes;
use crate::definition::MetricDefinition;
use crate::disclosure::{needs_release, released_rows};
use crate::metric::{check_parameters, find, rows};
use crate::query::{MetricError, MetricQuery, listed};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;
use crate::stale::mark_stale;

/// The answer to a metric query.
#[derive(Clone, Debug)]
pub struct MetricResult {
    /// The metric.
    pub definition: &'static MetricDefinition,
    /// Rows.
    pub rows: Vec<MetricRow>,
    /// Version of the warehouse that the rows were computed from.
    pub snapshot_version: i64,
    /// Day that the rows describe.
    pub as_of: chrono::NaiveDate,
}

/// Answers a metric query. Every caller gets the same number, bit for bit.
pub fn evaluate(
    snapshot: &Snapshot,
    id: &str,
    query: &MetricQuery,
    viewer: &Viewer,
) -> Result<MetricResult, MetricError> {
    let metric = find(id)?;
    let definition = metric.definition();
    let group_by = query.group_by.as_deref().unwrap_or(definition.default_group_by);
    for dimension in group_by.iter().chain(query.filter.keys()) {
        if !definition.dimensions.contains(dimension) {
            return Err(MetricError::Dimension {
                metric: definition.id,
                found: dimension.to_string(),
                allowed: listed(definition.dimensions),
            });
        }
    }
    query.check_days()?;
    check_parameters(definition, query)?;
    codes::check(snapshot, query)?;
    if needs_release(metric, query, viewer) {
        let release = snapshot.release().ok_or(MetricError::NoRelease)?;
        let rows = released_rows(snapshot, release, metric, query, group_by, viewer)?;
        return Ok(MetricResult {
            definition,
            rows,
            snapshot_version: release.warehouse_version,
            as_of: release.as_of,
        });
    }
    let mut rows = rows(metric, snapshot, query, group_by)?.to_vec();
    // Not in the cache: a feed becomes overdue by the day, without a new snapshot.
    mark_stale(snapshot, metric, query, &mut rows)?;
    Ok(MetricResult { definition, rows, snapshot_version: snapshot.version, as_of: query.as_of })
}
