//! Home folder: contains the private Postgres, its password and the deployment's own layouts.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::error::SchemaError;

/// Existing folder that belongs to Hotwash.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// Opens the given folder, or the platform's data folder, and creates it if it is missing.
    ///
    /// # Errors
    /// Fails when the folder cannot be created.
    pub fn open(given: Option<&Path>) -> Result<Self, SchemaError> {
        let folder = chosen(given);
        std::fs::create_dir_all(&folder)
            .map_err(|error| SchemaError::Path { path: folder.clone(), error })?;
        Self::canonical(folder)
    }

    /// Finds the given folder, or the platform's data folder, for commands that only read: creates
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

    /// Returns the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Returns the given folder, or the platform's data folder. For root the default is
/// `/var/lib/hotwash`: the unprivileged user of Postgres cannot enter root's home.
fn chosen(given: Option<&Path>) -> PathBuf {
    match given {
        Some(folder) => folder.to_path_buf(),
        None if is_root() => PathBuf::from("/var/lib/hotwash"),
        None => etcetera::choose_base_strategy()
            .map(|base| base.data_dir().join("hotwash"))
            .unwrap_or_else(|_| PathBuf::from(".hotwash")),
    }
}

/// Returns whether this process runs as root, which Postgres does not allow.
pub fn is_root() -> bool {
    #[cfg(unix)]
    return nix::unistd::geteuid().is_root();
    #[cfg(not(unix))]
    false
}
