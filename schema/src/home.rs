//! The home folder: where the private Postgres, its password and a deployment's own settings live.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::error::SchemaError;

/// A folder that exists and is ours.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// The folder given, or the platform's data folder. Root's own home is closed to the unprivileged user that
    /// Postgres needs, so for root the default is `/var/lib/hotwash`.
    pub fn open(given: Option<&Path>) -> Result<Self, SchemaError> {
        let folder = match given {
            Some(folder) => folder.to_path_buf(),
            None if is_root() => PathBuf::from("/var/lib/hotwash"),
            None => etcetera::choose_base_strategy()
                .map(|base| base.data_dir().join("hotwash"))
                .unwrap_or_else(|_| PathBuf::from(".hotwash")),
        };
        std::fs::create_dir_all(&folder).map_err(|error| SchemaError::Path { path: folder.clone(), error })?;
        let folder = folder.canonicalize().map_err(|error| SchemaError::Path { path: folder.clone(), error })?;
        Ok(Self(folder))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Whether this process runs as root, as which Postgres refuses to run.
pub fn is_root() -> bool {
    #[cfg(unix)]
    return nix::unistd::geteuid().is_root();
    #[cfg(not(unix))]
    false
}
