//! A template and its columns.

use hotwash_schema::record::RecordType;
use hotwash_schema::record::template::TemplateColumn;

use crate::template::cell::CellValue;

/// Template: a record type and its columns.
#[derive(Debug, Clone)]
pub struct Template {
    /// Name on the command line, e.g. `ratings`.
    pub name: &'static str,
    /// Meaning of one row.
    pub about: &'static str,
    /// Columns in order; the first has the id of a row, or of a group of rows.
    pub columns: Vec<TemplateColumn>,
    /// Record type that the rows become.
    pub record: &'static RecordType,
}

impl Template {
    /// Returns the heading of the column with the id of a row, or of a group of rows.
    pub fn id_column(&self) -> &'static str {
        self.columns.first().map_or("", |column| column.heading)
    }

    /// Returns the index of a heading's column.
    pub fn position(&self, heading: &str) -> Option<usize> {
        let wanted = normalize_heading(heading);
        self.columns.iter().position(|column| column.heading == wanted)
    }

    /// Returns the example row.
    pub fn example(&self) -> Vec<CellValue<'static>> {
        self.columns
            .iter()
            .map(|column| CellValue::from_example(column.kind, column.example))
            .collect()
    }
}

/// Returns a heading as templates write it: lower case, with underscores between words.
pub fn normalize_heading(heading: &str) -> String {
    let heading =
        heading.trim().trim_start_matches('\u{feff}').trim_end_matches('*').trim().to_lowercase();
    let mut normalized = String::with_capacity(heading.len());
    for letter in heading.chars() {
        if letter.is_alphanumeric() {
            normalized.push(letter);
        } else if !normalized.ends_with('_') {
            normalized.push('_');
        }
    }
    normalized.trim_matches('_').to_owned()
}

/// Reason why a template could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// No template has that name.
    #[error("there is no template named {name:?}; choose one of: {known}")]
    UnknownTemplate {
        /// Requested name.
        name: String,
        /// Existing names.
        known: String,
    },
    /// Unknown format.
    #[error("{0:?} is not a format of templates; choose csv, xlsx, jsonl or parquet")]
    UnknownFormat(String),
    /// The file could not be written.
    #[error("the table {table} could not be written: {reason}")]
    Write {
        /// Template of the file.
        table: &'static str,
        /// Error of the writer.
        reason: String,
    },
}
