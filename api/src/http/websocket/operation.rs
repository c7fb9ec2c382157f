//! One GraphQL operation of a WebSocket or event stream, from admission to its last message.

use std::time::Instant;

use actix_web::web;
use async_graphql::{Request, Response};
use futures::stream::{self, BoxStream, StreamExt};

use super::message::ServerMessage;
use super::sockets::OperationPermit;
use crate::http::outcome::{ended, in_time, is_rejected};
use crate::http::state::AppState;
use hotwash_graphql::ViewerScope;

/// Operation requested by a viewer, counted against the rate limit.
pub struct Operation {
    pub state: web::Data<AppState>,
    pub seen: ViewerScope,
    /// Id of the HTTP request that opened the connection, for the access log.
    pub request_id: String,
    /// Id chosen by the client.
    pub id: String,
    pub request: Request,
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
        let request = self.with_data();
        let run = self.state.guard.execute(request, &self.seen.viewer);
        let answer = in_time(&self.state, run).await;
        let answer = answer.unwrap_or_else(|late| Response::from_errors(vec![late]));
        self.note(&operation, ended(answer.errors.iter()), began);
        let permit = self.permit;
        messages(self.id, stream::iter([answer]), permit)
    }

    /// Admits a subscription and streams its results.
    fn subscribe(mut self) -> BoxStream<'static, ServerMessage> {
        let (began, operation) = (Instant::now(), self.request.query.clone());
        match self.state.guard.admit(&mut self.request, &self.seen.viewer) {
            Ok(_) => {
                self.note(&operation, "OK".into(), began);
                let request = self.with_data();
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
    fn with_data(&mut self) -> Request {
        let request = std::mem::replace(&mut self.request, Request::new(""));
        self.state.with_request_data(request, &self.state.store.pin(), &self.seen)
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
    results: impl futures::Stream<Item = Response> + Send + 'static,
    permit: OperationPermit,
) -> BoxStream<'static, ServerMessage> {
    let over = id.clone();
    let results = results.map(Some).chain(stream::iter([None]));
    // The permit is released when the stream is dropped.
    let messages = results.scan((false, permit), move |(is_over, _), result| {
        let message = match result {
            _ if *is_over => None,
            Some(rejection) if is_rejected(&rejection) => {
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
