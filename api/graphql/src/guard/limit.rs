//! Errors of documents beyond a limit.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};

use crate::error::Code;

/// Creates the error of a request that exceeds a limit.
pub fn exceeded(actual: u64, most: u64, limit: &str, what: &str, instead: &str) -> ServerError {
    let message =
        format!("this query has {actual} {what}, more than the limit of {most}; {instead}");
    let mut error = refusal(Code::QueryTooComplex, &message);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("limit", limit);
    extensions.set("asked", actual);
    extensions.set("most", most);
    error
}

/// Creates an error without a path: the request did not run.
pub fn refusal(code: Code, message: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    let mut extensions = ErrorExtensionValues::default();
    code.describe(&mut extensions);
    error.extensions = Some(extensions);
    error
}

/// Creates the error of a wrong document, with the positions of what is wrong.
pub fn wrong(message: &str, at: impl IntoIterator<Item = Pos>) -> ServerError {
    let mut error = refusal(Code::BadUserInput, message);
    error.locations.extend(at);
    error
}
