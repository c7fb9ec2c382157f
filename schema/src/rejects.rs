//! Reads rejected rows, so that they can be fixed.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde_json::Value;

use crate::error::SchemaError;
use crate::model::{LoadedFile, RejectRecord};
use crate::pool::Pool;
use crate::tables::{file, reject};

/// Rejected row.
#[derive(Clone, Debug, Serialize)]
pub struct RejectedRow {
    /// File that contains it.
    pub file: String,
    /// Load that rejected it.
    pub batch: i32,
    /// Row in the file.
    pub row: i64,
    /// Code of the reason, e.g. `MISSING_VALUE`.
    pub code: String,
    /// Column with the error.
    pub column: Option<String>,
    /// Rejected value, redacted.
    pub value: Option<String>,
    /// Problem and remedy.
    pub reason: String,
    /// Complete row by heading, redacted.
    pub content: BTreeMap<String, String>,
}

/// Reads the rejects of one load (by default the latest with rejects), or of all loads, in the
/// order of files and rows.
pub async fn read(
    pool: &Pool,
    batch: Option<i32>,
    name: Option<&str>,
    all: bool,
) -> Result<Vec<RejectedRow>, SchemaError> {
    let rows = pool
        .run(async |connection| {
            let batch = match (all, batch) {
                (true, _) => None,
                (false, Some(batch)) => Some(batch),
                (false, None) => {
                    let latest = reject::table.select(diesel::dsl::max(reject::batch_id));
                    latest.first::<Option<i32>>(connection).await?
                }
            };
            let mut query = reject::table
                .inner_join(file::table)
                .select((RejectRecord::as_select(), LoadedFile::as_select()))
                .order((file::file_id, reject::row_number, reject::reject_id))
                .into_boxed();
            if let Some(batch) = batch {
                query = query.filter(reject::batch_id.eq(batch));
            }
            if let Some(name) = name {
                query = query.filter(file::name.eq(name));
            }
            Ok::<Vec<(RejectRecord, LoadedFile)>, SchemaError>(query.load(connection).await?)
        })
        .await?;
    Ok(rows
        .into_iter()
        .map(|(reject, file)| RejectedRow {
            file: file.name,
            batch: reject.batch_id,
            row: reject.row_number,
            code: reject.code,
            column: reject.column_name,
            value: reject.value,
            reason: reject.reason,
            content: texts(reject.row_content),
        })
        .collect())
}

fn texts(content: Option<Value>) -> BTreeMap<String, String> {
    let Some(Value::Object(fields)) = content else { return BTreeMap::new() };
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    };
    fields.into_iter().map(|(name, value)| (name, text(value))).collect()
}
