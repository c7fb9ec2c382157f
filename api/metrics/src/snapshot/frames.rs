//! Tables in memory, and the caches of what is computed from them.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::caches::MetricCaches;
use super::frame::Frame;

/// The tables of a snapshot, with its caches.
#[derive(Clone)]
pub struct Frames {
    /// Tables by name; empty if a remote engine reads the exported tables.
    pub(super) tables: BTreeMap<&'static str, Arc<Frame>>,
    /// Caches, which all snapshots of the warehouse share.
    pub(super) caches: MetricCaches,
    /// Generation of each table in the caches: that of the snapshot which read it.
    pub(super) table_generations: BTreeMap<&'static str, i64>,
    /// Generation of the snapshot in the caches.
    pub(super) generation: i64,
}

impl Frames {
    /// A table by name.
    pub fn table(&self, name: &str) -> &Frame {
        static NONE: LazyLock<Frame> = LazyLock::new(Frame::default);
        self.tables.get(name).map_or(&NONE, AsRef::as_ref)
    }

    /// Caches that the snapshot shares with the other snapshots of the warehouse.
    pub fn caches(&self) -> &MetricCaches {
        &self.caches
    }

    /// Returns the generation of the snapshot in the caches.
    pub fn generation(&self) -> i64 {
        self.generation
    }

    /// Returns the generation of a table in the caches.
    pub fn table_generation(&self, table: &str) -> i64 {
        self.table_generations.get(table).copied().unwrap_or(self.generation)
    }

    /// Drops the cached results of earlier snapshots, except those about unchanged tables.
    pub fn drop_stale_results(&self) {
        let is_current = |generation| self.table_generations.values().any(|one| *one == generation);
        self.caches.cubes().retain(is_current);
        self.caches.rows().retain(|generation| generation == self.generation);
    }
}
