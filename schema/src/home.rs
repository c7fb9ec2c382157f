//! The home folder: where the private Postgres, its password and a deployment's own settings live.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::error::SchemaError;

/// A folder that exists and is ours.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// Opens the folder given, or the platform's data folder, and creates it when it is missing.
    ///
    /// # Errors
    /// Fails when the folder cannot be created.
    pub fn open(given: Option<&Path>) -> Result<Self, SchemaError> {
        let folder = chosen(given);
        std::fs::create_dir_all(&folder)
            .map_err(|error| SchemaError::Path { path: folder.clone(), error })?;
        Self::canonical(folder)
    }

    /// Finds the folder given, or the platform's data folder. For commands that only read: creates
    /// nothing.
    ///
    /// # Errors
    /// Fails when the folder does not exist.
    pub fn find(given: Option<&Path>) -> Result<Self, SchemaError> {
        let folder = chosen(given);
        match std::fs::metadata(&folder) {
            Ok(found) if found.is_dir() => Self::canonical(folder),
            Ok(_) => Err(SchemaError::NoWarehouse { path: folder, reason: "it is a file" }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(SchemaError::NoWarehouse { path: folder, reason: "the folder does not exist" })
            }
            Err(error) => Err(SchemaError::Path { path: folder, error }),
        }
    }

    fn canonical(folder: PathBuf) -> Result<Self, SchemaError> {
        let found = folder.canonicalize();
        found.map(Self).map_err(|error| SchemaError::Path { path: folder, error })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// The folder given, or the platform's data folder. Root's own home is closed to the unprivileged
/// user that Postgres needs, so for root the default is `/var/lib/hotwash`.
fn chosen(given: Option<&Path>) -> PathBuf {
    match given {
        Some(folder) => folder.to_path_buf(),
        None if is_root() => PathBuf::from("/var/lib/hotwash"),
        None => etcetera::choose_base_strategy()
            .map(|base| base.data_dir().join("hotwash"))
            .unwrap_or_else(|_| PathBuf::from(".hotwash")),
    }
}

/// Returns whether this process runs as root, as which Postgres refuses to run.
pub fn is_root() -> bool {
    #[cfg(unix)]
    return nix::unistd::geteuid().is_root();
    #[cfg(not(unix))]
    false
}
