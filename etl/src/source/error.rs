//! Defines why a source cannot read a file.

use hotwash_documents::error::DocumentError;

use crate::error::ChoiceError;
use crate::lookup::UnknownList;

/// Reason why a file is rejected.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The loader stopped first.
    #[error("the load was broken off")]
    BrokenOff,
}

impl From<DocumentError> for SourceError {
    fn from(error: DocumentError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<UnknownList> for SourceError {
    fn from(error: UnknownList) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<std::io::Error> for SourceError {
    fn from(error: std::io::Error) -> Self {
        DocumentError::from(error).into()
    }
}

impl SourceError {
    /// Returns the error with the row where it occurred.
    pub fn at_row(self, row: u64) -> Self {
        match self {
            Self::Unreadable(said) => Self::Unreadable(format!("row {row}: {said}")),
            other => other,
        }
    }
}

impl From<SourceError> for ChoiceError {
    fn from(error: SourceError) -> Self {
        Self::Unreadable(error.to_string())
    }
}
