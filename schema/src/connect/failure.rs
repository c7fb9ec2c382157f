//! Turns the driver's errors into our own. This is the only place that reads their SQLSTATE.

use std::error::Error;
use std::io;

use tokio_postgres::error::SqlState;

use crate::error::SchemaError;
use crate::loss::Loss;

/// Error of a connection, without the driver's type.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{said}")]
pub struct DriverError {
    said: String,
    loss: Option<Loss>,
    code: Option<SqlState>,
}

impl DriverError {
    /// Returns the loss of the connection, if that is the cause.
    pub fn loss(&self) -> Option<Loss> {
        self.loss
    }

    /// Returns whether the server's disk is full.
    pub fn is_disk_full(&self) -> bool {
        self.code == Some(SqlState::DISK_FULL)
    }
}

impl From<tokio_postgres::Error> for DriverError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self { said: said(&error), loss: loss(&error), code: error.code().cloned() }
    }
}

impl From<DriverError> for SchemaError {
    fn from(error: DriverError) -> Self {
        match error.loss {
            Some(loss) => Self::Lost(loss),
            None => Self::Database(error.said),
        }
    }
}

/// Returns the server's message and detail, without SQL.
fn said(error: &tokio_postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return match db.detail() {
            Some(detail) => format!("{} ({detail})", db.message()),
            None => db.message().to_owned(),
        };
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

fn loss(error: &tokio_postgres::Error) -> Option<Loss> {
    if let Some(code) = error.code() {
        return Loss::of_code(code.code());
    }
    if error.is_closed() {
        return Some(Loss::Closed);
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Loss::of_connection(error.kind());
        }
        cause = error.source();
    }
    None
}
