//! A metric's rows as a file: the same columns in every format, a row's keys first.

use hotwash_metrics::Row;
use serde_json::Value;

use super::columns::{Group, Values, days};
use super::{Column, Format, write};
use crate::graphql::entity::Kind;

/// Columns that every row has, beside its keys and what the metric adds.
const KNOWN: [(&str, Kind); 9] = [
    ("value", Kind::Float),
    ("unit", Kind::Text),
    ("numerator", Kind::Float),
    ("denominator", Kind::Float),
    ("n", Kind::Long),
    ("ciLow", Kind::Float),
    ("ciHigh", Kind::Float),
    ("reliability", Kind::Text),
    ("note", Kind::Text),
];

/// The rows in a format.
///
/// # Errors
/// When they cannot be written.
pub fn encode(rows: &[Row], format: Format) -> std::io::Result<Vec<u8>> {
    if format == Format::Csv {
        return crate::report::csv(rows).map_err(std::io::Error::other);
    }
    let rows: Vec<Value> = rows.iter().map(Row::to_json).collect();
    let names = names(&rows);
    match format {
        Format::Jsonl => {
            let mut out = Vec::new();
            for row in &rows {
                serde_json::to_writer(&mut out, row)?;
                out.push(b'\n');
            }
            Ok(out)
        }
        Format::Parquet | Format::Arrow | Format::Csv => {
            let columns: Vec<Column> = names.iter().map(|name| Column::new(name, kind(&rows, name))).collect();
            let mut group = Group::new(&columns);
            group.rows = rows.len();
            for (column, values) in columns.iter().zip(&mut group.columns) {
                for row in &rows {
                    push(values, &row[column.name.as_str()]);
                }
            }
            let out = Shared::default();
            let mut file = write::begin(format, out.clone(), &columns)?;
            if group.rows > 0 {
                file.group(&group)?;
            }
            file.end()?;
            Ok(out.take())
        }
    }
}

/// Names of all columns; without rows, those that every row has.
fn names(rows: &[Value]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in rows.iter().filter_map(Value::as_object).flat_map(|fields| fields.keys()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    if names.is_empty() {
        names.extend(KNOWN.iter().map(|(name, _)| (*name).to_owned()));
    }
    names
}

/// Kind of a column: what all its values are, text where they differ.
fn kind(rows: &[Value], name: &str) -> Kind {
    if let Some((_, kind)) = KNOWN.iter().find(|(known, _)| *known == name) {
        return *kind;
    }
    if name == "periodStart" {
        return Kind::Date;
    }
    let given = || rows.iter().map(|row| &row[name]).filter(|value| !value.is_null());
    match () {
        () if given().next().is_none() => Kind::Text,
        () if given().all(Value::is_number) => Kind::Float,
        () if given().all(Value::is_boolean) => Kind::Boolean,
        () => Kind::Text,
    }
}

fn push(values: &mut Values, value: &Value) {
    match values {
        Values::Long(list) => list.push(value.as_i64()),
        Values::Float(list) => list.push(value.as_f64()),
        Values::Boolean(list) => list.push(value.as_bool()),
        Values::Date(list) => list.push(value.as_str().and_then(|day| day.parse().ok()).map(days)),
        Values::DateTime(list) => list.push(None),
        Values::Text(list) => list.push((!value.is_null()).then(|| plain(value).into())),
    }
}

/// A value as text; nothing for none.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Bytes that an encoder owns and its maker reads afterwards.
#[derive(Clone, Default)]
struct Shared(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Shared {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_rows_still_has_its_columns() {
        assert!(encode(&[], Format::Parquet).unwrap().starts_with(b"PAR1"));
        assert!(encode(&[], Format::Arrow).unwrap().starts_with(b"ARROW1"));
    }

    #[test]
    fn a_column_is_of_the_kind_that_all_its_values_are() {
        let rows =
            [serde_json::json!({ "a": 1, "b": true, "c": 1, "n": 2 }), serde_json::json!({ "a": 0.5, "c": "x" })];
        let kinds = ["a", "b", "c", "n", "d"].map(|name| kind(&rows, name));
        assert_eq!(kinds, [Kind::Float, Kind::Boolean, Kind::Text, Kind::Long, Kind::Text]);
    }
}
