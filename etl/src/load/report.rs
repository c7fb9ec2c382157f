//! What a load tells about one file.

use serde::Serialize;

use super::failure::Failure;
use crate::source::Column;

/// One kind of doubtful value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Kind, e.g. `unmapped_hazard`.
    pub code: &'static str,
    /// Column.
    pub column: Option<String>,
    /// Value, redacted.
    pub value: Option<String>,
    /// What was found and what was done.
    pub message: String,
    /// First row where it was seen.
    pub first_row: u64,
    /// How often.
    pub occurrences: u64,
}

/// The report of one file; always `read = inserted + updated + unchanged + rejected`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FileReport {
    /// File name.
    pub file: String,
    /// Source it was read as.
    pub source: Option<String>,
    /// Number of the load; none for a dry run.
    pub batch: Option<i32>,
    /// Records read.
    pub read: u64,
    /// New.
    pub inserted: u64,
    /// Changed.
    pub updated: u64,
    /// Known from an earlier load with the same content.
    pub unchanged: u64,
    /// Refused.
    pub rejected: u64,
    /// Warnings.
    pub warnings: u64,
    /// Contact details taken out.
    pub redacted: u64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Why the file was refused.
    pub error: Option<String>,
    /// The file itself is not at fault: once the database is back, or has room, the same file may
    /// well load.
    #[serde(skip)]
    pub may_load_later: bool,
    /// Columns of its tables and what became of each.
    pub columns: Vec<Column>,
    /// Labels that no list knows.
    #[serde(skip)]
    pub unmapped: u64,
    /// The warnings themselves.
    pub details: Vec<Warning>,
}

impl FileReport {
    /// A file that was refused whole.
    pub fn rejected_file(file: &str, batch: Option<i32>, error: String) -> Self {
        Self { file: file.into(), batch, error: Some(error), ..Self::default() }
    }

    /// A file that was refused whole because of the database.
    pub(super) fn failed(file: &str, batch: Option<i32>, failure: Failure) -> Self {
        Self {
            may_load_later: failure.is_temporary,
            ..Self::rejected_file(file, batch, failure.message)
        }
    }

    /// Whether nothing was lost in silence.
    pub fn is_accounted(&self) -> bool {
        self.read == self.inserted + self.updated + self.unchanged + self.rejected
    }

    /// Columns that hold data and are not read.
    pub fn lost_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.is_lost())
    }

    /// Whether the warehouse changed.
    pub fn changed(&self) -> bool {
        self.inserted + self.updated > 0
    }

    /// One line for people.
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
