//! Caches of the metrics, shared by all snapshots of one warehouse.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hotwash_cache::{Cache, CacheBudget, CacheStatus, Part};

use crate::cube::CubePlan;
use crate::engine::CubeCells;
use crate::query::{Dimension, MetricQuery};
use crate::row::MetricRow;

/// Query for a metric's live rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RowsQuery {
    /// Id of the metric.
    pub metric: &'static str,
    /// Dimensions to group by.
    pub group_by: Vec<Dimension>,
    /// The rest of the query.
    pub query: MetricQuery,
}

/// Caches of cubes and rows.
#[derive(Clone)]
pub struct MetricCaches(Arc<Caches>);

struct Caches {
    cubes: Cache<CubePlan, Arc<CubeCells>>,
    rows: Cache<RowsQuery, Arc<Vec<MetricRow>>>,
    latest: AtomicI64,
}

impl Default for MetricCaches {
    fn default() -> Self {
        Self::new(&CacheBudget::default())
    }
}

impl MetricCaches {
    /// Creates empty caches.
    pub fn new(budget: &CacheBudget) -> Self {
        let rows_bytes =
            |_: &RowsQuery, rows: &Arc<Vec<MetricRow>>| rows.iter().map(MetricRow::bytes).sum();
        Self(Arc::new(Caches {
            cubes: Cache::new(budget, Part::Cubes, |_, cells| cells.bytes()),
            rows: Cache::new(budget, Part::Rows, rows_bytes),
            latest: AtomicI64::new(0),
        }))
    }

    /// Cubes, by the generation of their table.
    pub(crate) fn cubes(&self) -> &Cache<CubePlan, Arc<CubeCells>> {
        &self.0.cubes
    }

    /// Live rows of metrics, by the generation of the snapshot.
    pub(crate) fn rows(&self) -> &Cache<RowsQuery, Arc<Vec<MetricRow>>> {
        &self.0.rows
    }

    /// Returns a generation that no earlier table or snapshot has.
    pub(crate) fn next_generation(&self) -> i64 {
        self.0.latest.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Size and use of each cache.
    pub fn status(&self) -> [CacheStatus; 2] {
        [self.0.cubes.status(), self.0.rows.status()]
    }
}
