//! Rows as Diesel reads them.

use chrono::{DateTime, Utc};
use diesel::{Queryable, Selectable};

use crate::tables;

/// One input file of a load, as it stands in the books.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = tables::file, check_for_backend(diesel::pg::Pg))]
pub struct LoadedFile {
    /// Number of the file.
    pub file_id: i32,
    /// The load it came with.
    pub batch_id: i32,
    /// File name.
    pub name: String,
    /// Source it was read as.
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
    /// Column at fault.
    pub column_name: Option<String>,
    /// Value at fault, redacted.
    pub value: Option<String>,
    /// The problem, and what would be right.
    pub reason: String,
    /// The whole row by heading, redacted.
    pub row_content: Option<serde_json::Value>,
}
