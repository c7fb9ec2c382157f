//! Errors for clients: code, problem and remedy, never SQL.

use async_graphql::{Error, ErrorExtensions};
use hotwash_metrics::MetricError;
use hotwash_schema::SchemaError;
use hotwash_schema::loss::Loss;

/// Value of `extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The query or an argument is wrong.
    BadUserInput,
    /// The request needs a credential.
    Unauthenticated,
    /// The viewer may not see this.
    Forbidden,
    /// A limit was exceeded.
    QueryTooComplex,
    /// The time limit was exceeded.
    Timeout,
    /// The database or the engine is unavailable.
    Unavailable,
    /// A fault of the server.
    Internal,
}

impl Code {
    /// Returns the code as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// Creates an error with a code.
pub fn coded(code: Code, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
}

/// Creates an error for an invalid argument.
pub fn bad_input(message: impl Into<String>) -> Error {
    coded(Code::BadUserInput, message)
}

/// Creates an error for an internal fault: the client gets a reference, the log the details.
pub fn internal(cause: &dyn std::fmt::Display) -> Error {
    let reference = uuid::Uuid::new_v4().simple().to_string()[..12].to_owned();
    tracing::error!(reference, %cause, "internal error");
    let message = format!("internal error; see reference {reference} in the server's log");
    coded(Code::Internal, message)
        .extend_with(|_, extensions| extensions.set("reference", reference.as_str()))
}

/// Returns the error of a statement that took too long.
pub fn timeout() -> Error {
    coded(
        Code::Timeout,
        "the query took longer than the server allows; request less, e.g. with a filter or a \
         smaller page",
    )
}

/// Turns a database error into one with a message that clients may see.
pub fn from_database(error: &diesel::result::Error) -> Error {
    if Loss::of(error).is_some() { unavailable() } else { internal(error) }
}

/// Message for requests that need the database while it is unavailable.
pub const AWAY: &str = "the database does not answer; try again in a moment (metrics are answered \
    from the last snapshot)";

/// Creates the error for an unavailable database.
pub fn unavailable() -> Error {
    coded(Code::Unavailable, AWAY)
}

/// Converts an error of a metric: an invalid query, or an internal fault.
pub fn from_metric(error: &MetricError) -> Error {
    match error {
        MetricError::Internal(cause) => internal(cause),
        MetricError::Engine(message) => coded(Code::Unavailable, message),
        forbidden if forbidden.is_forbidden() => coded(Code::Forbidden, forbidden.to_string()),
        other => bad_input(other.to_string()),
    }
}

/// Creates the error for a warehouse that cannot be used.
pub fn from_schema(error: &SchemaError) -> Error {
    match error {
        away if away.is_away() => unavailable(),
        other => internal(other),
    }
}
