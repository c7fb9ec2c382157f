//! How a GraphQL request ended, over any transport.

use std::time::Duration;

use async_graphql::ServerError;
use hotwash_graphql::error::Code;
use hotwash_graphql::refusal;

use super::state::AppState;

/// Runs work within the time limit of a request. Postgres cancels slow statements itself; this
/// limit covers everything else, and dropping the work cancels its SQL too.
pub async fn in_time<T>(state: &AppState, work: impl Future<Output = T>) -> Result<T, ServerError> {
    let limit = Duration::from_millis(state.options.timeout_ms + 500);
    tokio::time::timeout(limit, work).await.map_err(|_| {
        let message =
            format!("the request took longer than {} ms; request less", state.options.timeout_ms);
        refusal(Code::Timeout, &message)
    })
}

/// Outcome of a request for the access log: the first error's code, or OK.
pub fn ended<'a>(mut errors: impl Iterator<Item = &'a ServerError>) -> String {
    errors.next().map_or_else(
        || "OK".into(),
        |error| code_of(error).unwrap_or(Code::BadUserInput.graphql().into()),
    )
}

fn code_of(error: &ServerError) -> Option<String> {
    match error.extensions.as_ref()?.get("code")? {
        async_graphql::Value::String(code) => Some(code.clone()),
        other => Some(other.to_string()),
    }
}
