//! Placeholder for the remote engine in a build without it.

use std::path::Path;
use std::sync::Arc;

use super::EngineAddress;
use crate::query::MetricError;
use crate::snapshot::Snapshot;
use crate::snapshot::caches::MetricCaches;
use crate::tables::TablesError;

/// No engine.
pub enum RemoteTables {}

impl RemoteTables {
    /// Rejects every address.
    ///
    /// # Errors
    /// Always.
    pub fn new(address: &EngineAddress) -> Result<Arc<Self>, MetricError> {
        Err(MetricError::Engine(format!(
            "this build has no remote engines, so {} cannot be used: build it with the feature \
             engine, or unset HOTWASH_ENGINE to compute on this machine",
            address.engine
        )))
    }

    /// Path of the manifest.
    pub(crate) fn manifest(&self) -> &Path {
        match *self {}
    }

    /// A snapshot.
    ///
    /// # Errors
    /// Never.
    pub fn snapshot(&self, _: Option<&Snapshot>, _: MetricCaches) -> Result<Snapshot, TablesError> {
        match *self {}
    }
}
