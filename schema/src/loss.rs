//! The loss of the database. Every loss has the same message and remedy.

mod causes;

use std::fmt;
use std::io;

use diesel::ConnectionError;
use diesel::result::DatabaseErrorKind;

/// Advice that follows every loss of the database.
pub const REMEDY: &str =
    "check that Postgres runs (and DATABASE_URL, when it is set), then run this again";

/// Cause of the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The connection was closed by the other side (SQLSTATE class 08 included).
    Closed,
    /// The server ended the connection: a shutdown or `pg_terminate_backend` (57P01, 57P04, 57P05).
    Terminated,
    /// The server ended every connection after one of its processes crashed (57P02).
    Crashed,
    /// The server is starting, stopping or recovering (57P03).
    NotReady,
    /// The operating system reported an error, such as a reset connection or a broken pipe.
    Io(io::ErrorKind),
}

impl fmt::Display for Loss {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the connection to the database was lost (")?;
        match self {
            Self::Closed => out.write_str("it was closed")?,
            Self::Terminated => out.write_str("the server ended it")?,
            Self::Crashed => out.write_str("a process of the server crashed")?,
            Self::NotReady => out.write_str("the server is starting or stopping")?,
            Self::Io(kind) => write!(out, "{kind}")?,
        }
        out.write_str(")")
    }
}

impl Loss {
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        match code {
            "57P01" | "57P04" | "57P05" | "25P03" => Some(Self::Terminated),
            "57P02" => Some(Self::Crashed),
            "57P03" => Some(Self::NotReady),
            code if code.starts_with("08") => Some(Self::Closed),
            _ => None,
        }
    }

    pub(crate) fn of_connection(kind: io::ErrorKind) -> Option<Self> {
        use io::ErrorKind as Kind;
        match kind {
            // An unreadable response or an unwritable request is an error, not a loss.
            Kind::InvalidData | Kind::InvalidInput | Kind::OutOfMemory | Kind::Unsupported => None,
            kind => Some(Self::Io(kind)),
        }
    }

    /// Returns the loss in an error of opening a connection by Diesel.
    pub(crate) fn of_opening(error: &ConnectionError) -> Option<Self> {
        match error {
            ConnectionError::CouldntSetupConfiguration(error) => Self::of_diesel(error),
            _ => None,
        }
    }

    /// Returns the loss in an error of Diesel that names it. Diesel drops the SQLSTATE of a statement
    /// that the server ended with its connection; [`crate::pool::or_lost`] finds that loss.
    pub(crate) fn of_diesel(error: &diesel::result::Error) -> Option<Self> {
        let diesel::result::Error::DatabaseError(kind, _) = error else { return None };
        match kind {
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Some(Self::Closed)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_by_which_a_server_goes_away_is_a_loss_and_no_other() {
        for (code, loss) in [
            ("57P01", Some(Loss::Terminated)),
            ("57P02", Some(Loss::Crashed)),
            ("57P03", Some(Loss::NotReady)),
            ("08006", Some(Loss::Closed)),
            ("57014", None),
            ("53100", None),
            ("53300", None),
            ("28P01", None),
            ("23505", None),
        ] {
            assert_eq!(Loss::of_code(code), loss, "{code}");
        }
    }
}
