//! Reads the warnings of loads: values and files that were loaded anyway.

use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use serde::Serialize;

use crate::error::SchemaError;
use crate::model::WarningRecord;
use crate::pool::Pool;
use crate::tables::{file, warning};

/// Warning about a value of a file.
#[derive(Clone, Debug, Serialize)]
pub struct LoadWarning {
    /// File that contains the value.
    pub file: String,
    /// Load that gave the warning.
    pub batch: i32,
    /// Code, e.g. `UNMAPPED_HAZARD`.
    pub code: String,
    /// First row with the value; none for the entire file.
    pub row: Option<i64>,
    /// Column of the value.
    pub column: Option<String>,
    /// Value, redacted.
    pub value: Option<String>,
    /// Number of rows with the value.
    pub occurrences: i64,
    /// Problem, and what was done.
    pub message: String,
}

/// Reads the warnings of one load, by default of the latest that gave some, or of all loads for
/// `all`. They are in the order of files and rows.
///
/// # Errors
/// Fails if the database cannot be read.
pub async fn read(
    pool: &Pool,
    batch: Option<i32>,
    name: Option<&str>,
    all: bool,
) -> Result<Vec<LoadWarning>, SchemaError> {
    let rows = pool
        .run(async |connection| {
            let mut query = warning::table
                .inner_join(file::table)
                .select((WarningRecord::as_select(), file::name))
                .order((file::file_id, warning::first_row, warning::warning_id))
                .into_boxed();
            let batch = match (all, batch, name) {
                (true, ..) | (false, None, Some(_)) => None,
                (false, Some(batch), _) => Some(batch),
                (false, None, None) => {
                    let latest = warning::table.select(diesel::dsl::max(warning::batch_id));
                    latest.first::<Option<i32>>(connection).await?
                }
            };
            if let Some(batch) = batch {
                query = query.filter(warning::batch_id.eq(batch));
            }
            if let Some(name) = name {
                query = query.filter(file::name.eq(name));
            }
            Ok::<Vec<(WarningRecord, String)>, SchemaError>(query.load(connection).await?)
        })
        .await?;
    let warnings = rows.into_iter().map(|(warning, file)| LoadWarning {
        file,
        batch: warning.batch_id,
        code: warning.code,
        row: warning.first_row,
        column: warning.column_name,
        value: warning.value,
        occurrences: warning.occurrences,
        message: warning.message,
    });
    Ok(warnings.collect())
}
