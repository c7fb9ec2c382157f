//! Writes template rows as a table; each format has its own file in this folder.

mod writer;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

pub use writer::{FICTIONAL_MARK, TableWriter, Wording};
pub(super) use writer::{PARQUET_FICTIONAL_KEY, write_error};

use super::{Template, TemplateError, csv_table, jsonl_table, parquet_table, xlsx_table};

/// Format of a table file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated values in UTF-8; comment lines start with `#`.
    Csv,
    /// Excel workbook with one sheet; comments are notes on the headings.
    Xlsx,
    /// JSON Lines: one object per line.
    Jsonl,
    /// Apache Parquet, compressed with Zstandard.
    Parquet,
}

impl TableFormat {
    /// Returns the file name extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

impl std::str::FromStr for TableFormat {
    type Err = TemplateError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "csv" => Ok(Self::Csv),
            "xlsx" => Ok(Self::Xlsx),
            "jsonl" | "ndjson" => Ok(Self::Jsonl),
            "parquet" => Ok(Self::Parquet),
            _ => Err(TemplateError::UnknownFormat(name.to_owned())),
        }
    }
}

/// Opens a table for rows of `template`.
///
/// # Errors
/// Returns an error if the heading cannot be written.
pub fn open_table(
    template: &'static Template,
    format: TableFormat,
    wording: Wording,
    out: Box<dyn Write + Send>,
) -> Result<Box<dyn TableWriter>, TemplateError> {
    Ok(match format {
        TableFormat::Csv => Box::new(csv_table::CsvTable::open(template, &wording, out)?),
        TableFormat::Xlsx => Box::new(xlsx_table::XlsxTable::open(template, &wording, out)?),
        TableFormat::Jsonl => Box::new(jsonl_table::JsonlTable::open(template, &wording, out)?),
        TableFormat::Parquet => {
            Box::new(parquet_table::ParquetTable::open(template, &wording, out)?)
        }
    })
}

/// In-memory file that outlives its writer.
#[derive(Debug, Clone, Default)]
pub struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

impl SharedBuffer {
    /// Takes the bytes written so far.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for SharedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
