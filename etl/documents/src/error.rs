//! Reasons why a document cannot be read. Each message states the remedy.

use std::io;

/// Reason why a document cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Its bytes cannot be read.
    #[error("{}", io_message(.0))]
    Io(#[from] io::Error),
    /// Another format than those that are read.
    #[error("{0}")]
    OtherFormat(&'static str),
    /// Protected by a password.
    #[error("the document has a password; save it without one")]
    Password,
    /// Not what its format prescribes.
    #[error("{what} ({error}); open it in {program} and save it again")]
    Damaged {
        /// Damaged part.
        what: String,
        /// Message of the parser.
        error: String,
        /// Program that can repair the document.
        program: &'static str,
    },
    /// Damaged so far that its parser stopped without a message.
    #[error("the workbook is damaged; open it in its program and save it again")]
    ParserStopped,
    /// Larger than any report or table.
    #[error("{0}")]
    TooLarge(String),
    /// Not a table of records.
    #[error("the table cannot be read: {0}")]
    Table(String),
    /// A quotation mark is never closed.
    #[error(
        "a quotation mark has no partner, so that all that follows it is read as one cell; close \
         it, or take it away, or fetch the file again if it was cut short"
    )]
    OpenQuote,
    /// Error in one row.
    #[error("row {row}: {error}")]
    AtRow {
        /// Number of the row.
        row: u64,
        /// The error.
        error: Box<DocumentError>,
    },
}

impl DocumentError {
    /// Returns the error with the row where it occurred.
    pub fn at_row(self, row: u64) -> Self {
        Self::AtRow { row, error: Box::new(self) }
    }

    /// Returns the error of a part that its own program can repair.
    pub(crate) fn damaged(what: impl Into<String>, error: impl ToString) -> Self {
        Self::Damaged { what: what.into(), error: error.to_string(), program: "its program" }
    }
}

impl From<csv::Error> for DocumentError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Io(error),
            other => Self::Table(format!("{other:?}")),
        }
    }
}

fn io_message(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            "the file ends in the middle: it is truncated; fetch it again".into()
        }
        _ => error.to_string(),
    }
}
