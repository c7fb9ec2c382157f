//! GraphQL over server-sent events, by the protocol `graphql-sse` in its mode of distinct
//! connections: one HTTP request is one operation, and its results are events.
//!
//! An event stream passes the checks and limits of a WebSocket, and ends with its credential.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, ContentEncoding, HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::{Request, ServerError};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Interval, interval};

use super::credential::Credential;
use super::request_id::RequestId;
use super::state::AppState;
use super::websocket::{Close, LimitReached, Operation, Registration, ServerMessage};
use super::{authenticate, error, pinned};
use hotwash_graphql::error::Code;
use hotwash_graphql::refusal;

/// Media type of an event stream.
pub const EVENT_STREAM: &str = "text/event-stream";
/// Media type of a request that is rejected before the stream begins.
const REJECTED_AS: &str = "application/graphql-response+json";
/// Interval of comments, which keep proxies from closing the connection.
const COMMENT_EVERY: Duration = Duration::from_secs(12);

/// Runs an operation and streams its results.
pub async fn answer(
    request: &HttpRequest,
    state: &web::Data<AppState>,
    operation: Request,
) -> HttpResponse {
    let credential = Credential::of(request);
    let seen = match authenticate::admit(request, state).await {
        Ok(seen) => seen,
        Err(rejection) => return rejection.graphql(REJECTED_AS),
    };
    let snapshot = match pinned::named(request) {
        Ok(named) => named,
        Err(wrong) => {
            return error::graphql(REJECTED_AS, Code::BadUserInput, &wrong.to_string());
        }
    };
    let viewer = seen.viewer.name.clone();
    let (registration, closing) = state.sockets.open();
    let (most_open, most_running) = (state.options.max_sockets, state.options.max_subscriptions);
    if let Err(reached) = registration.acknowledge(&viewer, Arc::new(credential), most_open) {
        return too_many(reached);
    }
    let permit = match state.sockets.begin_operation(&viewer, most_running) {
        Ok(permit) => permit,
        Err(reached) => return too_many(reached),
    };
    let operation = Operation {
        state: state.clone(),
        seen,
        request_id: RequestId::of(request),
        id: String::new(),
        request: operation,
        snapshot,
        permit,
    };
    let events = Events {
        messages: operation.run(),
        closing,
        comments: interval(COMMENT_EVERY),
        _registration: registration,
    };
    let body = stream::unfold(Some(events), |events| async {
        let mut events = events?;
        let event = events.next().await?;
        let (text, events) = match event {
            Event::Going(text) => (text, Some(events)),
            Event::Last(text) => (text, None),
        };
        Some((Ok::<_, actix_web::Error>(web::Bytes::from(text)), events))
    });
    HttpResponse::Ok()
        .content_type(format!("{EVENT_STREAM}; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // Compression and the proxy nginx would hold events back.
        .insert_header(ContentEncoding::Identity)
        .insert_header(("x-accel-buffering", "no"))
        .streaming(body)
}

/// Text of an event stream.
enum Event {
    /// More may follow.
    Going(String),
    /// The stream ends.
    Last(String),
}

/// Results of an operation, until it ends or its credential does.
struct Events {
    messages: BoxStream<'static, ServerMessage>,
    closing: watch::Receiver<Option<Close>>,
    comments: Interval,
    /// Counts the stream among the open ones until it is dropped.
    _registration: Registration,
}

impl Events {
    async fn next(&mut self) -> Option<Event> {
        let message = tokio::select! {
            biased;
            close = self.closing.wait_for(Option::is_some) => {
                // Without a last event the client connects again, e.g. to the next server.
                let close = close.ok()?.clone()?;
                return close.is_unauthorized().then(|| {
                    let ended = refusal(Code::Unauthenticated, close.reason());
                    rejected(&[ended])
                });
            }
            _ = self.comments.tick() => return Some(Event::Going(":\n\n".to_owned())),
            message = self.messages.next() => message?,
        };
        Some(match message {
            ServerMessage::Next(_, result) => Event::Going(next(&result.text())),
            ServerMessage::Error(_, errors) => rejected(&errors),
            _ => Event::Last(COMPLETE.to_owned()),
        })
    }
}

const COMPLETE: &str = "event: complete\ndata:\n\n";

/// Writes a result as an event. A line break would end its data.
fn next(result: &str) -> String {
    format!("event: next\ndata: {}\n\n", result.replace(['\n', '\r'], " "))
}

/// Writes the errors of an operation that did not run, or runs no longer, as the last events.
fn rejected(errors: &[ServerError]) -> Event {
    Event::Last(next(&json!({ "errors": errors }).to_string()) + COMPLETE)
}

/// Rejects a stream beyond the limits of its key.
fn too_many(reached: LimitReached) -> HttpResponse {
    let mut response = error::graphql(REJECTED_AS, Code::RateLimited, &reached.to_string());
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
