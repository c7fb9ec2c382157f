//! Municipalities, as reference rows.

use super::{Record, RecordTable};
use crate::copy::CopyRow;

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
    const TABLE: RecordTable = RecordTable::Municipality;

    fn source_id(&self) -> &str {
        &self.geoid
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut CopyRow) {
        for field in &self.fields {
            row.optional_text((!field.is_empty()).then_some(field.as_str()));
        }
    }
}
