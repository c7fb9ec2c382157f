//! Errors of statements and of COPY.

use crate::connect::DriverError;
use crate::error::SchemaError;
use crate::loss::Loss;

pub(super) type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// Error of a statement or of a COPY.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Postgres rejected it, or the connection was lost.
    #[error(transparent)]
    Postgres(#[from] DriverError),
    /// Diesel could not write the statement or read a row.
    #[error(transparent)]
    Diesel(#[from] diesel::result::Error),
}

impl Error {
    /// Returns the loss of the connection, if that is the cause.
    pub fn loss(&self) -> Option<Loss> {
        match self {
            Self::Postgres(error) => error.loss(),
            Self::Diesel(error) => Loss::of(error),
        }
    }

    /// Returns whether the server's disk is full.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.is_disk_full())
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error.into())
    }
}

impl From<BoxedError> for Error {
    fn from(error: BoxedError) -> Self {
        Self::Diesel(diesel::result::Error::DeserializationError(error))
    }
}

impl From<Error> for SchemaError {
    fn from(error: Error) -> Self {
        match error {
            Error::Postgres(error) => error.into(),
            Error::Diesel(error) => error.into(),
        }
    }
}
