//! Rows as read by Diesel.

use chrono::{DateTime, Utc};
use diesel::{Queryable, Selectable};

use crate::tables;

/// Input file of a load.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = tables::file, check_for_backend(diesel::pg::Pg))]
pub struct LoadedFile {
    /// Number of the file.
    pub file_id: i32,
    /// Load of the file.
    pub batch_id: i32,
    /// File name.
    pub name: String,
    /// Source that read it.
    pub source: Option<String>,
    /// Time it was merged or rejected.
    pub finished_at: Option<DateTime<Utc>>,
    /// Records read.
    pub read: i64,
    /// Records rejected.
    pub rejected: i64,
}

/// Rejected row.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = tables::reject, check_for_backend(diesel::pg::Pg))]
pub struct RejectRecord {
    /// Load that rejected it.
    pub batch_id: i32,
    /// Row in the file.
    pub row_number: i64,
    /// Code of the reason.
    pub code: String,
    /// Column with the error.
    pub column_name: Option<String>,
    /// Rejected value, redacted.
    pub value: Option<String>,
    /// Problem and remedy.
    pub reason: String,
    /// Complete row by heading, redacted.
    pub row_content: Option<serde_json::Value>,
}

/// Warning about a value or a file that was loaded anyway.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = tables::warning, check_for_backend(diesel::pg::Pg))]
pub struct WarningRecord {
    /// Load that gave it.
    pub batch_id: i32,
    /// Code of the warning.
    pub code: String,
    /// Column of the value.
    pub column_name: Option<String>,
    /// Value, redacted.
    pub value: Option<String>,
    /// Problem, and what was done.
    pub message: String,
    /// First row with the value.
    pub first_row: Option<i64>,
    /// Number of rows with the value.
    pub occurrences: i64,
}
