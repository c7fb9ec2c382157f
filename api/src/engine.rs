//! Choice of the engine that computes metrics: this machine or a remote one.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use hotwash_metrics::{EngineAddress, RemoteTables, SnapshotSource};

/// Remote query engine.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct EngineOptions {
    /// Remote engine that computes the metrics over exported tables: flightsql://HOST:PORT or
    /// flightsql+tls://HOST:PORT
    #[arg(long, env = "HOTWASH_ENGINE", value_name = "URL")]
    pub engine: Option<String>,
    /// Folder or URL from which the engine reads the tables that `hotwash export FOLDER --only
    /// tables` writes
    #[arg(long, env = "HOTWASH_ENGINE_TABLES", value_name = "FOLDER")]
    pub engine_tables: Option<String>,
    /// Manifest of the tables as this machine reads it, if it is not in that folder
    #[arg(long, env = "HOTWASH_ENGINE_MANIFEST", value_name = "FILE")]
    pub engine_manifest: Option<PathBuf>,
    /// Time limit of one engine query in milliseconds
    #[arg(long, env = "HOTWASH_ENGINE_TIMEOUT_MS", default_value_t = 30_000, value_name = "MS")]
    pub engine_timeout_ms: u64,
}

impl EngineOptions {
    /// Returns the source of snapshots: the engine's tables, or the warehouse at this URL.
    ///
    /// # Errors
    /// Fails when the engine options are incomplete or invalid.
    pub fn source(&self, url: &str) -> anyhow::Result<SnapshotSource> {
        let Some(engine) = self.engine.clone().filter(|engine| !engine.is_empty()) else {
            return Ok(SnapshotSource::Warehouse(url.to_owned()));
        };
        let tables = self.engine_tables.clone().context(
            "HOTWASH_ENGINE needs HOTWASH_ENGINE_TABLES: the folder or URL from which the engine \
             reads the exported tables",
        )?;
        let (manifest, timeout) =
            (self.engine_manifest.clone(), Duration::from_millis(self.engine_timeout_ms));
        Ok(SnapshotSource::Tables(RemoteTables::new(&EngineAddress {
            engine,
            tables,
            manifest,
            timeout,
        })?))
    }
}
