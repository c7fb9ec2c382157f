//! The reason why a file was not stored, and whether a later load of the same file can succeed.

use hotwash_schema::SchemaError;
use hotwash_schema::loss::{Loss, REMEDY};

use hotwash_schema::copy::Error;

/// The reason why a file was not stored.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Message with its remedy.
    pub message: String,
    /// The cause is not in the file, so a later load can succeed.
    pub is_temporary: bool,
}

impl Failure {
    /// Describes a failed commit. If the connection was lost, nobody knows whether the file was
    /// stored.
    pub fn of_commit(error: &Error) -> Self {
        match error.loss() {
            Some(loss) => Self {
                message: format!(
                    "{loss} while the file was being committed, so that it is stored completely or \
                     not at all; loading again is \
                     safe and stores nothing twice; {REMEDY}"
                ),
                is_temporary: true,
            },
            None => error.into(),
        }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, is_temporary: false }
    }
}

impl From<Loss> for Failure {
    fn from(loss: Loss) -> Self {
        Self {
            message: format!(
                "{loss}; nothing of the file was stored, and loading again is safe; {REMEDY}"
            ),
            is_temporary: true,
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        if let Some(loss) = error.loss() {
            return loss.into();
        }
        if error.is_disk_full() {
            return Self {
                message: format!(
                    "the database's disk is full ({error}); nothing was stored; make room and \
                     load again"
                ),
                is_temporary: true,
            };
        }
        Self::from(format!("the database rejected it ({error}); nothing was stored"))
    }
}

impl From<SchemaError> for Failure {
    fn from(error: SchemaError) -> Self {
        match error {
            SchemaError::Lost(loss) => loss.into(),
            SchemaError::Unreachable { .. } => Self {
                message: format!("nothing of the file was stored: {error}"),
                is_temporary: true,
            },
            other => Self::from(other.to_string()),
        }
    }
}
