//! Reasons why tables could not be exported.

use std::path::PathBuf;

use polars::prelude::PolarsError;

/// Name of the manifest file.
pub const MANIFEST: &str = "manifest.json";

/// Error of exporting or reading tables.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// Error of a file or folder.
    #[error("{}: {error}", .path.display())]
    Path {
        /// File or folder.
        path: PathBuf,
        /// Message of the operating system.
        error: std::io::Error,
    },
    /// Another export is running.
    #[error("another export writes to {} now; wait for it, or name another folder", .0.display())]
    Busy(PathBuf),
    /// The folder contains a newer version.
    #[error(
        "{} holds version {there}, newer than this warehouse's {here}: export to another folder, \
         or remove its {MANIFEST} \
         if the warehouse was restored from a backup",
        .folder.display()
    )]
    Older {
        /// Folder.
        folder: PathBuf,
        /// Version in the folder.
        there: i64,
        /// Version to export.
        here: i64,
    },
    /// The manifest is missing or unreadable.
    #[error("{}: {reason}; write the tables with `hotwash export FOLDER --only tables`", .path.display())]
    Manifest {
        /// Path of the manifest.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
    /// Internal error.
    #[error("the tables could not be written: {0}")]
    Internal(#[from] PolarsError),
}
