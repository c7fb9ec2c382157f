//! Municipalities, as reference rows.

use hotwash_schema::record::{self, RecordType};

use super::{Record, RecordRow};

/// Row of the municipality reference file, unchanged.
#[derive(Clone, Debug)]
pub struct Municipality {
    /// Row in the file.
    pub row: u64,
    /// Census id: ten digits, or five for a county.
    pub geoid: String,
    /// Fields in the order of the reference file's columns.
    pub fields: Vec<String>,
}

impl Record for Municipality {
    fn record_type(&self) -> &'static RecordType {
        &record::MUNICIPALITY
    }

    fn source_id(&self) -> &str {
        &self.geoid
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        for (column, field) in self.record_type().staged_columns().zip(&self.fields) {
            row.optional_text(column.name, (!field.is_empty()).then_some(field.as_str()));
        }
    }
}
