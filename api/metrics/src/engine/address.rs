//! Address of a remote engine.

use std::path::PathBuf;
use std::time::Duration;

/// Address of a remote engine and of its tables.
#[derive(Clone, Debug)]
pub struct EngineAddress {
    /// `flightsql://HOST:PORT`, or `flightsql+tls://HOST:PORT`.
    pub engine: String,
    /// Folder or address of the exported tables as the engine reads them.
    pub tables: String,
    /// Path of the manifest for this process; `None` for the one in the folder of tables.
    pub manifest: Option<PathBuf>,
    /// Time limit of a query.
    pub timeout: Duration,
}
