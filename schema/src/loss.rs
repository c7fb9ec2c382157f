//! Recognizes the loss of the database in any error, so that every loss has the same message and
//! remedy.

use std::error::Error;
use std::fmt;
use std::io;

use diesel::ConnectionError;
use diesel::result::DatabaseErrorKind;

use crate::connect::DriverError;

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
    /// Returns the loss in an error of the driver or of Diesel, or in its causes. Returns none
    /// for errors of an available server, and for I/O errors unrelated to the connection.
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        if let Some(driver) = error.downcast_ref::<DriverError>() {
            return driver.loss();
        }
        if let Some(diesel) = error.downcast_ref::<diesel::result::Error>() {
            return Self::of_diesel(diesel);
        }
        if let Some(ConnectionError::CouldntSetupConfiguration(diesel)) =
            error.downcast_ref::<ConnectionError>()
        {
            return Self::of_diesel(diesel);
        }
        if let Some(crate::SchemaError::Lost(loss)) = error.downcast_ref::<crate::SchemaError>() {
            return Some(*loss);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner {
            Some(inner) => Self::of(inner),
            None => Self::of(error.source()?),
        }
    }

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

    fn of_diesel(error: &diesel::result::Error) -> Option<Self> {
        let diesel::result::Error::DatabaseError(kind, said) = error else { return None };
        match kind {
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Some(Self::Closed)
            }
            DatabaseErrorKind::Unknown => Self::of_message(said.message()),
            _ => None,
        }
    }

    /// Returns the loss in a message, because diesel-async and Diesel's migrations drop the
    /// SQLSTATE. Only English messages are recognized, the default of Postgres' `lc_messages`.
    pub(crate) fn of_message(said: &str) -> Option<Self> {
        let known = [
            ("terminating connection because of crash", Self::Crashed),
            ("terminating connection", Self::Terminated),
            ("the database system is", Self::NotReady),
            ("connection closed", Self::Closed),
            ("error communicating with the server", Self::Closed),
        ];
        known.into_iter().find(|(text, _)| said.contains(text)).map(|(_, loss)| loss)
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

    #[test]
    fn input_and_output_is_a_loss_only_on_the_connection_to_the_database() {
        for kind in [
            io::ErrorKind::ConnectionRefused,
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::BrokenPipe,
            io::ErrorKind::UnexpectedEof,
            io::ErrorKind::TimedOut,
        ] {
            assert_eq!(Loss::of_connection(kind), Some(Loss::Io(kind)));
            // Not a loss: for example, standard output closed by `| head`.
            assert_eq!(Loss::of(&io::Error::from(kind)), None);
        }
        assert_eq!(Loss::of_connection(io::ErrorKind::InvalidData), None);
    }

    #[test]
    fn a_loss_is_found_among_the_causes() {
        let lost = io::Error::other(crate::SchemaError::Lost(Loss::Crashed));
        assert_eq!(Loss::of(&io::Error::other(lost)), Some(Loss::Crashed));
        let said = |message: &str| {
            let message = Box::new(message.to_owned());
            Loss::of(&diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, message))
        };
        assert_eq!(
            said("terminating connection due to administrator command"),
            Some(Loss::Terminated)
        );
        assert_eq!(said("the database system is starting up"), Some(Loss::NotReady));
        assert_eq!(said("permission denied"), None);
        let closed = diesel::result::Error::DatabaseError(
            DatabaseErrorKind::UnableToSendCommand,
            Box::new(String::new()),
        );
        assert_eq!(Loss::of(&closed), Some(Loss::Closed));
    }
}
