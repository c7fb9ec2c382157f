//! One GraphQL operation of a WebSocket or event stream, from admission to its last message.

use std::time::Instant;

use actix_web::web;
use async_graphql::{Request, ServerError};
use futures::stream::{self, BoxStream, StreamExt};

use super::message::ServerMessage;
use super::sockets::OperationPermit;
use crate::http::outcome::{ended, in_time};
use crate::http::pinned::Pinned;
use crate::http::state::AppState;
use hotwash_graphql::error::Code;
use hotwash_graphql::{ExecutionResult, ViewerScope, refusal};

/// Operation requested by a viewer, counted against the rate limit.
pub struct Operation {
    pub state: web::Data<AppState>,
    pub seen: ViewerScope,
    /// Id of the HTTP request that opened the connection, for the access log.
    pub request_id: String,
    /// Id chosen by the client.
    pub id: String,
    pub request: Request,
    /// Number of the snapshot that the connection names.
    pub snapshot: Option<i64>,
    pub permit: OperationPermit,
}

impl Operation {
    /// Runs the operation. Its messages end with `complete`, or with `error` if it was rejected.
    /// Dropping the stream cancels it.
    pub fn run(mut self) -> BoxStream<'static, ServerMessage> {
        let _ = self.state.guard.name_document(&mut self.request);
        if self.state.guard.subscribes(&mut self.request) {
            self.subscribe()
        } else {
            stream::once(self.answer()).flatten().boxed()
        }
    }

    /// Runs a query.
    async fn answer(mut self) -> BoxStream<'static, ServerMessage> {
        let (began, operation) = (Instant::now(), self.request.query.clone());
        let answer = match self.with_data() {
            Ok(request) => {
                let run = self.state.guard.execute(request, &self.seen.viewer);
                in_time(&self.state, run).await
            }
            Err(gone) => Err(gone),
        };
        let answer = answer.unwrap_or_else(|error| ExecutionResult::from_errors(vec![error]));
        self.note(&operation, ended(answer.errors.iter()), began);
        let permit = self.permit;
        messages(self.id, stream::iter([answer]), permit)
    }

    /// Admits a subscription and streams its results.
    fn subscribe(mut self) -> BoxStream<'static, ServerMessage> {
        let (began, operation) = (Instant::now(), self.request.query.clone());
        let admitted = match self.snapshot {
            None => self.state.guard.admit(&mut self.request, &self.seen.viewer).map(|_| ()),
            Some(_) => {
                let message = "a subscription reports changes of the present; leave out snapshot";
                Err(vec![refusal(Code::BadUserInput, message)])
            }
        };
        match admitted.and_then(|()| self.with_data().map_err(|error| vec![error])) {
            Ok(request) => {
                self.note(&operation, "OK".into(), began);
                let results = self.state.guard.follow(request);
                messages(self.id, results, self.permit)
            }
            Err(errors) => {
                self.note(&operation, ended(errors.iter()), began);
                stream::iter([ServerMessage::Error(self.id, errors)]).boxed()
            }
        }
    }

    /// Attaches the data that resolvers need to the request.
    fn with_data(&mut self) -> Result<Request, ServerError> {
        let request = std::mem::replace(&mut self.request, Request::new(""));
        let pinned = Pinned::at(self.snapshot, &self.state.store)
            .map_err(|gone| refusal(Code::SnapshotGone, &gone.to_string()))?;
        Ok(self.state.with_request_data(request, &pinned, &self.seen))
    }

    fn note(&self, operation: &str, status: String, began: Instant) {
        self.state.journal.note_as(
            self.request_id.clone(),
            &self.seen.viewer,
            operation,
            status,
            began,
        );
    }
}

/// Turns results into messages. A rejection ends the stream.
fn messages(
    id: String,
    results: impl futures::Stream<Item = ExecutionResult> + Send + 'static,
    permit: OperationPermit,
) -> BoxStream<'static, ServerMessage> {
    let over = id.clone();
    let results = results.map(Some).chain(stream::iter([None]));
    // The permit is released when the stream is dropped.
    let messages = results.scan((false, permit), move |(is_over, _), result| {
        let message = match result {
            _ if *is_over => None,
            Some(rejection) if rejection.is_rejected() => {
                *is_over = true;
                Some(ServerMessage::Error(id.clone(), rejection.errors))
            }
            Some(result) => Some(ServerMessage::Next(id.clone(), Box::new(result))),
            None => Some(ServerMessage::Complete(over.clone())),
        };
        std::future::ready(message)
    });
    messages.boxed()
}
