//! Formats and columns of an export.

use hotwash_graphql::error::Code;
use hotwash_graphql::scalar::ScalarKind;
use hotwash_schema::SchemaError;

/// Format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated values with a heading.
    Csv,
    /// One JSON object per line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow file.
    Arrow,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Jsonl, Self::Parquet, Self::Arrow];

    /// Returns the format of a file name extension.
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "parquet" => Some(Self::Parquet),
            "arrow" | "feather" => Some(Self::Arrow),
            _ => None,
        }
    }

    /// Returns the file name extension.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    /// Returns the media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.file",
        }
    }
}

/// A column of an export.
#[derive(Clone, Debug)]
pub struct ExportColumn {
    /// Name, as in GraphQL.
    pub name: String,
    /// Type of the values.
    pub kind: ScalarKind,
}

impl ExportColumn {
    /// Creates a column.
    pub fn new(name: &str, kind: ScalarKind) -> Self {
        Self { name: name.to_owned(), kind }
    }
}

/// Error of an export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The record type is unknown.
    #[error("there is no record type {found}{choices}")]
    Unknown {
        /// Given name.
        found: String,
        /// The nearest name, and all names.
        choices: String,
    },
    /// The file extension is unknown.
    #[error("write it as /export/NAME.csv, .jsonl, .parquet or .arrow, with NAME one of {0}")]
    UnknownFormat(String),
    /// There is no such event, or the viewer may not see it.
    #[error("there is no event {0} that you may see; take the id from GraphQL or events.csv")]
    UnknownEvent(String),
    /// The filter is invalid.
    #[error("{0}")]
    Filter(String),
    /// The viewer may not read single records.
    #[error("this key may read only aggregates, not records; use metrics")]
    Forbidden,
    /// Another error of the list: a snapshot that the server does not have, or whose records have
    /// changed, or a filter by an unknown code.
    #[error("{1}")]
    Coded(Code, String),
    /// Error of the database.
    #[error("{0}")]
    Database(#[from] hotwash_schema::SchemaError),
    /// A file could not be written.
    #[error("{0}")]
    Write(#[from] std::io::Error),
}

impl ExportError {
    /// Returns the code of the list of errors.
    pub fn code(&self) -> Code {
        match self {
            Self::Unknown { .. } | Self::UnknownFormat(_) | Self::UnknownEvent(_) => Code::NotFound,
            Self::Filter(_) => Code::BadUserInput,
            Self::Forbidden => Code::Forbidden,
            Self::Coded(code, _) => *code,
            Self::Database(_) | Self::Write(_) => Code::Unavailable,
        }
    }
}

/// Turns a database error during an export into one with a remedy.
pub(super) fn broken_off(error: impl Into<SchemaError>) -> std::io::Error {
    std::io::Error::other(error.into())
}
