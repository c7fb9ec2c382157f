//! Where metrics are computed: on this machine, or by an engine on others.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use hotwash_metrics::{EngineAddress, FarTables, Source};

/// An engine on other machines.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct EngineOptions {
    /// Engine that computes the metrics over exported tables, instead of this machine: flightsql://HOST:PORT or flightsql+tls://HOST:PORT
    #[arg(long, env = "HOTWASH_ENGINE", value_name = "URL")]
    pub engine: Option<String>,
    /// Folder or address of the tables as the engine reads them; `hotwash export FOLDER --only tables` writes them
    #[arg(long, env = "HOTWASH_ENGINE_TABLES", value_name = "FOLDER")]
    pub engine_tables: Option<String>,
    /// Their manifest as this machine reads it, where it is not in that folder
    #[arg(long, env = "HOTWASH_ENGINE_MANIFEST", value_name = "FILE")]
    pub engine_manifest: Option<PathBuf>,
    /// Longest time for an answer of the engine, in milliseconds
    #[arg(long, env = "HOTWASH_ENGINE_TIMEOUT_MS", default_value_t = 30_000, value_name = "MS")]
    pub engine_timeout_ms: u64,
}

impl EngineOptions {
    /// Where snapshots come from: the engine's tables, or else the warehouse at this address.
    ///
    /// # Errors
    /// When the options name no engine that can be used.
    pub fn source(&self, url: &str) -> anyhow::Result<Source> {
        let Some(engine) = self.engine.clone().filter(|engine| !engine.is_empty()) else {
            return Ok(Source::Warehouse(url.to_owned()));
        };
        let tables = self.engine_tables.clone().context(
            "HOTWASH_ENGINE needs HOTWASH_ENGINE_TABLES, the folder or address of the exported tables as the engine reads them",
        )?;
        let (manifest, timeout) = (self.engine_manifest.clone(), Duration::from_millis(self.engine_timeout_ms));
        Ok(Source::Tables(FarTables::new(&EngineAddress { engine, tables, manifest, timeout })?))
    }
}
