//! GraphQL over WebSocket, by the protocol `graphql-transport-ws`.
//!
//! Each operation passes the same checks, limits and access log as an HTTP request, under the
//! viewer of that moment, and sees the newest version, or the snapshot that the URL of the socket
//! names. A socket ends with its credential.

mod connection;
mod expiry;
mod message;
mod operation;
mod sockets;

use actix_web::guard::GuardContext;
use actix_web::http::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use actix_web::{HttpRequest, HttpResponse, web};

use super::credential::Credential;
use super::origin::same_origin;
use super::rejection::Rejection;
use super::request_id::RequestId;
use super::state::AppState;
use super::{authenticate, error, pinned};
use connection::Connection;
pub use expiry::close_ended;
use hotwash_graphql::error::Code;
pub use message::{Close, ServerMessage};
pub use operation::Operation;
pub use sockets::{LimitReached, Registration, Sockets};

const PROTOCOL: &str = "graphql-transport-ws";

/// Returns whether a request asks for an upgrade to a WebSocket.
pub fn is_asked(context: &GuardContext<'_>) -> bool {
    context.head().headers().contains_key("upgrade")
}

/// `GET /graphql` with an upgrade.
///
/// A key in a header is checked at once. Without one the client may send it in `connection_init`,
/// because browsers cannot set headers.
pub async fn websocket(
    request: HttpRequest,
    state: web::Data<AppState>,
    payload: web::Payload,
) -> HttpResponse {
    const MEDIA_TYPE: &str = "application/graphql-response+json";
    if !same_origin(&request) && !state.options.allows(&request) {
        let message = "pages of other origins may not query this server; the operator allows one with \
            --allow-origin";
        return Rejection::Forbidden(message).graphql(MEDIA_TYPE);
    }
    let credential = Credential::of(&request);
    if credential.bearer.is_some()
        && let Err(rejection) = authenticate::identify(&request, &credential, &state).await
    {
        return rejection.graphql(MEDIA_TYPE);
    }
    let snapshot = match pinned::named(&request) {
        Ok(named) => named,
        Err(wrong) => {
            return error::graphql(MEDIA_TYPE, Code::BadUserInput, &wrong.to_string());
        }
    };
    let (mut response, session, messages) = match actix_ws::handle(&request, payload) {
        Ok(handled) => handled,
        Err(error) => return error.error_response(),
    };
    let offered =
        request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|value| value.to_str().ok());
    let speaks =
        offered.flat_map(|value| value.split(',')).any(|offered| offered.trim() == PROTOCOL);
    if speaks {
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
    }
    let largest = state.options.max_body_bytes;
    let messages =
        messages.max_frame_size(largest).aggregate_continuations().max_continuation_size(largest);
    let connection = Connection::new(state, RequestId::of(&request), credential, session, snapshot);
    actix_web::rt::spawn(connection.run(messages, speaks));
    response
}
