//! Writes metric rows as a file, with the same columns in every format.

use hotwash_metrics::MetricRow;
use serde_json::Value;

use super::cell::neutralized;
use super::columns::{ColumnData, RowGroup, days};
use super::{ExportColumn, ExportOptions, Format, write};
use hotwash_graphql::scalar::ScalarKind;

/// Columns of every row, in addition to dimensions and extra fields.
const KNOWN: [(&str, ScalarKind); 9] = [
    ("value", ScalarKind::Float),
    ("unit", ScalarKind::Text),
    ("numerator", ScalarKind::Float),
    ("denominator", ScalarKind::Float),
    ("n", ScalarKind::Long),
    ("ciLow", ScalarKind::Float),
    ("ciHigh", ScalarKind::Float),
    ("reliability", ScalarKind::Text),
    ("note", ScalarKind::Text),
];

/// Encodes rows in a format.
///
/// # Errors
/// Fails when the rows cannot be written.
pub fn encode(rows: &[MetricRow], options: ExportOptions) -> std::io::Result<Vec<u8>> {
    let format = options.format;
    if format == Format::Csv {
        return csv(rows, options).map_err(std::io::Error::other);
    }
    let rows: Vec<Value> = rows.iter().map(MetricRow::to_json).collect();
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
            let columns: Vec<ExportColumn> =
                names.iter().map(|name| ExportColumn::new(name, kind(&rows, name))).collect();
            let mut group = RowGroup::new(&columns);
            group.rows = rows.len();
            for (column, values) in columns.iter().zip(&mut group.columns) {
                for row in &rows {
                    push(values, &row[column.name.as_str()]);
                }
            }
            let out = SharedBuffer::default();
            let mut file = write::begin(format, out.clone(), &columns)?;
            if group.rows > 0 {
                file.group(&group)?;
            }
            file.end()?;
            Ok(out.take())
        }
    }
}

/// Writes rows of a metric as CSV at full precision: dimensions, value, interval, n, reliability,
/// and extra fields.
fn csv(rows: &[MetricRow], options: ExportOptions) -> Result<Vec<u8>, csv::Error> {
    let rows: Vec<Value> = rows.iter().map(MetricRow::to_json).collect();
    let mut headings: Vec<&String> = Vec::new();
    for name in rows.iter().filter_map(Value::as_object).flat_map(|fields| fields.keys()) {
        if !headings.contains(&name) {
            headings.push(name);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings)?;
    for row in &rows {
        writer.write_record(headings.iter().map(|name| cell(&row[name.as_str()], options)))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// Returns the names of all columns; without rows, those that every row has.
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

/// Returns the type shared by all values of a column, or text.
fn kind(rows: &[Value], name: &str) -> ScalarKind {
    if let Some((_, kind)) = KNOWN.iter().find(|(known, _)| *known == name) {
        return *kind;
    }
    if name == "periodStart" {
        return ScalarKind::Date;
    }
    let given = || rows.iter().map(|row| &row[name]).filter(|value| !value.is_null());
    match () {
        () if given().next().is_none() => ScalarKind::Text,
        () if given().all(Value::is_number) => ScalarKind::Float,
        () if given().all(Value::is_boolean) => ScalarKind::Boolean,
        () => ScalarKind::Text,
    }
}

fn push(values: &mut ColumnData, value: &Value) {
    match values {
        ColumnData::Long(list) => list.push(value.as_i64()),
        ColumnData::Float(list) => list.push(value.as_f64()),
        ColumnData::Boolean(list) => list.push(value.as_bool()),
        ColumnData::Date(list) => {
            list.push(value.as_str().and_then(|day| day.parse().ok()).map(days))
        }
        ColumnData::DateTime(list) => list.push(None),
        ColumnData::Text(list) => list.push((!value.is_null()).then(|| plain(value).into())),
    }
}

/// Formats a value as a cell of a CSV file.
fn cell(value: &Value, options: ExportOptions) -> String {
    match value {
        Value::String(text) if !options.keeps_formulas => neutralized(text).into_owned(),
        other => plain(other),
    }
}

/// Formats a value as text; null is empty.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Buffer that the encoder writes and its creator reads.
#[derive(Clone, Default)]
struct SharedBuffer(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl SharedBuffer {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl std::io::Write for SharedBuffer {
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
        for (format, start) in [(Format::Parquet, "PAR1"), (Format::Arrow, "ARROW1")] {
            let options = ExportOptions { format, keeps_formulas: false };
            assert!(encode(&[], options).unwrap().starts_with(start.as_bytes()));
        }
    }

    #[test]
    fn a_column_is_of_the_kind_that_all_its_values_are() {
        let rows = [
            serde_json::json!({ "a": 1, "b": true, "c": 1, "n": 2 }),
            serde_json::json!({ "a": 0.5, "c": "x" }),
        ];
        let kinds = ["a", "b", "c", "n", "d"].map(|name| kind(&rows, name));
        assert_eq!(
            kinds,
            [
                ScalarKind::Float,
                ScalarKind::Boolean,
                ScalarKind::Text,
                ScalarKind::Long,
                ScalarKind::Text
            ]
        );
    }
}
