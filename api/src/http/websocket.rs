//! GraphQL over WebSocket (`graphql-transport-ws`): each operation passes the same door, limits and access log as a request, and sees the
//! newest version.

use std::sync::Arc;
use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::{Data, Executor, Request, Response};
use async_graphql_actix_web::GraphQLSubscription;
use futures::stream::{self, BoxStream, StreamExt};

use super::State;
use super::door::{self, Refused};
use super::graphql::{ended, in_time, turned_away};
use super::origin::same_origin;
use crate::graphql::{Seen, refusal};

/// `GET /graphql` with an upgrade.
pub async fn websocket(request: &HttpRequest, state: &web::Data<State>, payload: web::Payload) -> HttpResponse {
    const MEDIA: &str = "application/graphql-response+json";
    if !same_origin(request) && !state.options.allows(request) {
        let said = "pages of other sites may not ask here; the operator allows one with --allow-origin";
        return turned_away(MEDIA, &Refused::Forbidden(said));
    }
    let seen = match door::enter(request, state).await {
        Ok(seen) => seen,
        Err(refused) => return turned_away(MEDIA, &refused),
    };
    let executor = Connected { state: state.clone(), seen, request: super::measure::RequestId::of(request) };
    match GraphQLSubscription::new(executor).start(request, payload) {
        Ok(response) => response,
        Err(error) => error.error_response(),
    }
}

/// One connection.
#[derive(Clone)]
struct Connected {
    state: web::Data<State>,
    seen: Seen,
    request: String,
}

impl Connected {
    fn with_data(&self, request: Request) -> Request {
        self.state.lent_to(request, &self.state.store.pin()).data(self.seen.clone())
    }

    fn note(&self, asked: &str, status: String, began: Instant) {
        self.state.journal.note_as(self.request.clone(), &self.seen.viewer, asked, status, began);
    }

    /// Runs a query.
    async fn answer(self, request: Request) -> Response {
        let (began, asked) = (Instant::now(), request.query.clone());
        let answer = match self.state.door.take_turns(&self.seen.viewer, 1) {
            Ok(()) => {
                let run = self.state.guard.execute(self.with_data(request), &self.seen.viewer);
                in_time(&self.state, run).await.unwrap_or_else(|late| Response::from_errors(vec![late]))
            }
            Err(refused) => Response::from_errors(vec![refusal(refused.code(), &refused.said())]),
        };
        self.note(&asked, ended(answer.errors.iter()), began);
        answer
    }
}

impl Executor for Connected {
    async fn execute(&self, request: Request) -> Response {
        self.clone().answer(request).await
    }

    fn execute_stream(&self, mut request: Request, _: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let _ = self.state.guard.name_document(&mut request);
        if !self.state.guard.subscribes(&mut request) {
            return stream::once(self.clone().answer(request)).boxed();
        }
        let (began, asked) = (Instant::now(), request.query.clone());
        let admitted = self
            .state
            .door
            .take_turns(&self.seen.viewer, 1)
            .map_err(|refused| refusal(refused.code(), &refused.said()))
            .and_then(|()| self.state.guard.admit(&mut request, &self.seen.viewer));
        match admitted {
            Ok(_) => {
                self.note(&asked, "OK".into(), began);
                self.state.guard.follow(self.with_data(request)).boxed()
            }
            Err(error) => {
                self.note(&asked, ended(std::iter::once(&error)), began);
                stream::once(async move { Response::from_errors(vec![error]) }).boxed()
            }
        }
    }
}
