//! Reads rejected rows, so that they can be fixed.

use std::collections::HashMap;

use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::SchemaError;
use crate::model::{LoadedFile, RejectRecord};
use crate::pool::Pool;
use crate::tables::{file, file_column, reject};

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
    /// Complete row by heading, redacted, in the order of the file's columns.
    #[serde(serialize_with = "as_object")]
    pub content: Vec<(String, String)>,
}

impl RejectedRow {
    /// Returns the cell under a heading; empty if there is none.
    pub fn cell(&self, heading: &str) -> &str {
        let cell = self.content.iter().find(|(name, _)| name == heading);
        cell.map_or("", |(_, value)| value)
    }
}

/// Reads the open rejects of one load, by default of the latest that has some, or of a file in any
/// load. A reject is open until a later file brings the row in corrected form. Reads the rejects of
/// all loads, corrected ones too, for `all`. They are in the order of files and rows.
pub async fn read(
    pool: &Pool,
    batch: Option<i32>,
    name: Option<&str>,
    all: bool,
) -> Result<Vec<RejectedRow>, SchemaError> {
    let (rows, headings) = pool
        .run(async |connection| {
            let batch = match (all, batch, name) {
                (true, ..) | (false, None, Some(_)) => None,
                (false, Some(batch), _) => Some(batch),
                (false, None, None) => {
                    let latest = reject::table.select(diesel::dsl::max(reject::batch_id));
                    let latest = latest.filter(reject::corrected_at.is_null());
                    latest.first::<Option<i32>>(connection).await?
                }
            };
            let mut query = reject::table
                .inner_join(file::table)
                .select((RejectRecord::as_select(), LoadedFile::as_select()))
                .order((file::file_id, reject::row_number, reject::reject_id))
                .into_boxed();
            if !all {
                // A warehouse without open rejects has no latest load of them.
                query = query.filter(reject::corrected_at.is_null());
            }
            if let Some(batch) = batch {
                query = query.filter(reject::batch_id.eq(batch));
            }
            if let Some(name) = name {
                query = query.filter(file::name.eq(name));
            }
            let rows: Vec<(RejectRecord, LoadedFile)> = query.load(connection).await?;
            let mut files: Vec<i32> = rows.iter().map(|(_, file)| file.file_id).collect();
            files.dedup();
            let headings = file_column::table
                .filter(file_column::file_id.eq_any(files))
                .order((file_column::file_id, file_column::number))
                .select((file_column::file_id, file_column::heading));
            let headings: Vec<(i32, String)> = headings.load(connection).await?;
            Ok::<_, SchemaError>((rows, headings))
        })
        .await?;
    let mut positions: HashMap<(i32, String), usize> = HashMap::new();
    for (position, column) in headings.into_iter().enumerate() {
        positions.entry(column).or_insert(position);
    }
    Ok(rows
        .into_iter()
        .map(|(reject, file)| RejectedRow {
            file: file.name.clone(),
            batch: reject.batch_id,
            row: reject.row_number,
            code: reject.code,
            column: reject.column_name,
            value: reject.value,
            reason: reject.reason,
            content: {
                let mut cells = texts(reject.row_content);
                // A heading that is no column of the file is last.
                cells.sort_by_key(|(heading, _)| {
                    let position = positions.get(&(file.file_id, heading.clone()));
                    position.copied().unwrap_or(usize::MAX)
                });
                cells
            },
        })
        .collect())
}

fn as_object<S: Serializer>(cells: &[(String, String)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(cells.iter().map(|(heading, value)| (heading, value)))
}

fn texts(content: Option<Value>) -> Vec<(String, String)> {
    let Some(Value::Object(fields)) = content else { return Vec::new() };
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    };
    fields.into_iter().map(|(name, value)| (name, text(value))).collect()
}
