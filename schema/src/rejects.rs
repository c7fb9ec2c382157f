//! Refused rows, read back so that they can be mended.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::SchemaError;

/// One refused row.
#[derive(Clone, Debug, Serialize)]
pub struct RejectedRow {
    /// File it stands in.
    pub file: String,
    /// Load that refused it.
    pub batch: i32,
    /// Row in the file.
    pub row: i64,
    /// Column at fault.
    pub column: Option<String>,
    /// Value at fault, redacted.
    pub value: Option<String>,
    /// What is wrong and what would be right.
    pub reason: String,
    /// The whole row by heading, redacted, in the file's order.
    pub content: std::collections::BTreeMap<String, String>,
}

/// Rejects of one load (by default the latest that had any), or of all, in the order of files and rows.
pub async fn read(
    url: &str,
    batch: Option<i32>,
    file: Option<&str>,
    all: bool,
) -> Result<Vec<RejectedRow>, SchemaError> {
    let client = crate::connect::connect(url).await?;
    let sql = "select f.name, r.batch_id, r.row_number, r.column_name, r.value, r.reason, r.row_content \
               from meta.reject r join meta.file f using (file_id) \
               where ($3 or r.batch_id = coalesce($1, (select max(batch_id) from meta.reject))) \
               and ($2::text is null or f.name = $2) order by f.file_id, r.row_number, r.reject_id";
    let rows = client.query(sql, &[&batch, &file, &all]).await?;
    Ok(rows
        .into_iter()
        .map(|row| RejectedRow {
            file: row.get(0),
            batch: row.get(1),
            row: row.get(2),
            column: row.get(3),
            value: row.get(4),
            reason: row.get(5),
            content: texts(row.get(6)),
        })
        .collect())
}

fn texts(content: Option<Value>) -> std::collections::BTreeMap<String, String> {
    let Some(Value::Object(fields)) = content else { return Default::default() };
    let fields: Map<String, Value> = fields;
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    };
    fields.into_iter().map(|(name, value)| (name, text(value))).collect()
}
