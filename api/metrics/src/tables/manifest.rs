//! Manifest of the exported tables: the version, the files with their row counts, and the small
//! lists of a snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::error::TablesError;
use crate::feeds::Feed;
use crate::query::Dimension;
use crate::snapshot::{HazardEntry, RegionEntry, RequirementEntry, tables};

/// One version of the tables.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Hash of the tables and columns of this build; files of other builds are rejected.
    pub shape: String,
    /// Version of the warehouse.
    pub version: i64,
    /// Time at which it was read from the warehouse.
    pub read_at: DateTime<Utc>,
    /// Version of each table of the warehouse.
    pub versions: BTreeMap<String, i64>,
    /// Contains invented records, for demonstration.
    pub fictional: bool,
    /// Coalition regions and the unmapped one.
    pub regions: Vec<RegionEntry>,
    /// Hazards.
    pub hazards: Vec<HazardEntry>,
    /// Names of capabilities by framework and code.
    pub capabilities: BTreeMap<String, String>,
    /// Names of organizations by number.
    #[serde(default)]
    pub organizations: BTreeMap<i64, String>,
    /// Region of each municipality.
    pub municipalities: BTreeMap<String, i32>,
    /// Requirements of grant programs.
    pub requirements: Vec<RequirementEntry>,
    /// Codes of elements, disciplines, types of exercises and sources.
    #[serde(default)]
    pub codes: BTreeMap<Dimension, BTreeSet<String>>,
    /// Expected feeds.
    #[serde(default)]
    pub feeds: Vec<Feed>,
    /// Tables by name.
    pub tables: BTreeMap<String, TableFiles>,
}

/// A table.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TableFiles {
    /// Number of rows in all files.
    pub rows: u64,
    /// Names in its columns of labels.
    pub labels: BTreeMap<String, Vec<String>>,
    /// Files.
    pub files: Vec<PartFile>,
}

/// A file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartFile {
    /// Path below the export folder.
    pub path: String,
    /// Number of rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// Year of its records; none for records without a date, and for tables without a date column.
    pub year: Option<i64>,
    /// Label of its records' regions.
    pub region: Option<String>,
}

impl Manifest {
    /// Reads the manifest.
    ///
    /// # Errors
    /// Fails when it is not there, cannot be read, or is of another build of Hotwash with other
    /// tables.
    #[cfg(feature = "engine")]
    pub fn read(path: &Path) -> Result<Self, TablesError> {
        let manifest = Self::read_any(path)?;
        if manifest.shape != shape() {
            let reason =
                "these tables were written by another version of Hotwash, with other columns"
                    .to_owned();
            return Err(TablesError::Manifest { path: path.to_owned(), reason });
        }
        Ok(manifest)
    }

    /// Reads the manifest of any build.
    pub(super) fn read_any(path: &Path) -> Result<Self, TablesError> {
        let fault = |reason: String| TablesError::Manifest { path: path.to_owned(), reason };
        let text = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
        serde_json::from_slice(&text)
            .map_err(|error| fault(format!("this is not a manifest of tables: {error}")))
    }

    /// Returns the paths of a table's files.
    #[cfg(feature = "engine")]
    pub fn paths_of(&self, table: &str) -> impl Iterator<Item = &str> {
        self.tables
            .get(table)
            .into_iter()
            .flat_map(|table| &table.files)
            .map(|file| file.path.as_str())
    }

    /// Returns the paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.tables.values().flat_map(|table| &table.files).map(|file| file.path.as_str())
    }
}

/// Returns a hash of all tables' names and columns.
pub(super) fn shape() -> String {
    let mut hasher = blake3::Hasher::new();
    for table in tables() {
        hasher.update(format!("{} {:?} {:?};", table.name, table.columns, table.event).as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}
