//! Finds the loss of the database among the causes of any error.

use std::error::Error;
use std::io;

use diesel::ConnectionError;

use super::Loss;
use crate::connect::DriverError;
use crate::error::SchemaError;

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
        if let Some(opening) = error.downcast_ref::<ConnectionError>() {
            return Self::of_opening(opening);
        }
        if let Some(SchemaError::Lost(loss)) = error.downcast_ref::<SchemaError>() {
            return Some(*loss);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner {
            Some(inner) => Self::of(inner),
            None => Self::of(error.source()?),
        }
    }
}

impl SchemaError {
    /// Creates the error of a failed migration, or of the loss of the database during it.
    pub(crate) fn migration(error: &(dyn Error + 'static)) -> Self {
        Loss::of(error).map_or_else(|| Self::Migration(error.to_string()), Self::Lost)
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::DatabaseErrorKind;

    use super::*;

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
        let lost = io::Error::other(SchemaError::Lost(Loss::Crashed));
        assert_eq!(Loss::of(&io::Error::other(lost)), Some(Loss::Crashed));
        let closed = diesel::result::Error::DatabaseError(
            DatabaseErrorKind::UnableToSendCommand,
            Box::new(String::new()),
        );
        assert_eq!(Loss::of(&closed), Some(Loss::Closed));
    }
}
