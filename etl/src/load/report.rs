//! The result of loading one file.

use serde::Serialize;

use super::failure::Failure;
use crate::code::WarningCode;
use crate::source::ColumnUsage;

/// Warnings of one kind about one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Kind, e.g. `UNMAPPED_HAZARD`.
    pub code: WarningCode,
    /// Column of the value.
    pub column: Option<String>,
    /// Value, redacted.
    pub value: Option<String>,
    /// Problem, and how it was handled.
    pub message: String,
    /// First row with this warning.
    pub first_row: u64,
    /// Number of occurrences.
    pub occurrences: u64,
}

/// Report of one file. Always `read = inserted + updated + unchanged + rejected`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FileReport {
    /// File name.
    pub file: String,
    /// Id of the source by which the file was read.
    pub source: Option<String>,
    /// Id of the load; none for a dry run.
    pub batch: Option<i32>,
    /// Records read.
    pub read: u64,
    /// New records.
    pub inserted: u64,
    /// Changed records.
    pub updated: u64,
    /// Records stored by an earlier load with the same content.
    pub unchanged: u64,
    /// Rejected records.
    pub rejected: u64,
    /// Number of warnings.
    pub warnings: u64,
    /// Contact details removed.
    pub redacted: u64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Reason why the file was rejected.
    pub error: Option<String>,
    /// The cause is not in the file, so a later load of the same file can succeed.
    #[serde(skip)]
    pub may_load_later: bool,
    /// Columns of the file's tables, and how each was used.
    pub columns: Vec<ColumnUsage>,
    /// Labels without an entry in any reference list.
    #[serde(skip)]
    pub unmapped: u64,
    /// The warnings.
    pub details: Vec<Warning>,
}

impl FileReport {
    /// Returns the report of a file that was rejected completely.
    pub fn rejected_file(file: &str, batch: Option<i32>, error: String) -> Self {
        Self { file: file.into(), batch, error: Some(error), ..Self::default() }
    }

    /// Returns the report of a file that was not stored because of the database.
    pub(super) fn failed(file: &str, batch: Option<i32>, failure: Failure) -> Self {
        Self {
            may_load_later: failure.is_temporary,
            ..Self::rejected_file(file, batch, failure.message)
        }
    }

    /// Returns whether every row read is counted once.
    pub fn is_accounted(&self) -> bool {
        self.read == self.inserted + self.updated + self.unchanged + self.rejected
    }

    /// Returns the columns with data that were not read.
    pub fn lost_columns(&self) -> impl Iterator<Item = &ColumnUsage> {
        self.columns.iter().filter(|column| column.is_lost())
    }

    /// Returns whether the warehouse changed.
    pub fn changed(&self) -> bool {
        self.inserted + self.updated > 0
    }

    /// Returns a summary in one line.
    pub fn summary(&self) -> String {
        match &self.error {
            Some(error) => format!("not loaded: {error}"),
            None => format!(
                "read {}, inserted {}, updated {}, unchanged {}, rejected {}, warnings {}, \
                 redacted {}",
                self.read,
                self.inserted,
                self.updated,
                self.unchanged,
                self.rejected,
                self.warnings,
                self.redacted
            ),
        }
    }
}
