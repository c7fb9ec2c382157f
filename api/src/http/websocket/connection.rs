//! One WebSocket connection: handshake, operations and closing.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use actix_ws::{
    AggregatedMessage, AggregatedMessageStream, CloseReason, Closed, ProtocolError, Session,
};
use async_graphql::Request;
use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::StreamMap;

use super::message::{ClientMessage, Close, ServerMessage};
use super::operation::Operation;
use super::sockets::Registration;
use crate::http::authenticate;
use crate::http::credential::Credential;
use crate::http::rejection::Rejection;
use crate::http::state::AppState;
use hotwash_graphql::error::Code;
use hotwash_graphql::refusal;

/// Time limit from opening a socket to `connection_init`.
const INIT_LIMIT: Duration = Duration::from_secs(3);
/// Time limit for a client to accept one message.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// Interval of pings, which keep proxies from closing the connection and detect lost clients.
const PING_EVERY: Duration = Duration::from_secs(20);
/// Time without any message after which a client is considered gone.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);
/// Time limit for the client's part of the closing handshake.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
/// Credential in the payload of `connection_init`.
const PARAMETERS: &str = r#"send connectionParams {authorization: "Bearer hw_…"}"#;
/// Name of a connection's opening in the access log.
const OPENING: &str = "connection_init /graphql";
/// Name of an operation that was not read, in the access log.
const OPERATION: &str = "subscribe /graphql";

/// End of a socket.
enum End {
    /// Closed by the server.
    Close(Close),
    /// Closed by the client; the close frame is answered.
    Closed(Option<CloseReason>),
    /// The client disconnected.
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

/// A WebSocket connection.
pub struct Connection {
    state: web::Data<AppState>,
    request_id: String,
    /// Credential from the opening request; `connection_init` may replace it.
    credential: Arc<Credential>,
    session: Session,
    /// Number of the snapshot that the opening request names.
    snapshot: Option<i64>,
    acknowledged: bool,
    operations: StreamMap<String, BoxStream<'static, ServerMessage>>,
}

impl Connection {
    /// Creates a connection for a new socket.
    pub fn new(
        state: web::Data<AppState>,
        request_id: String,
        credential: Credential,
        session: Session,
        snapshot: Option<i64>,
    ) -> Self {
        let (credential, operations) = (Arc::new(credential), StreamMap::new());
        let acknowledged = false;
        Self { state, request_id, credential, session, snapshot, acknowledged, operations }
    }

    /// Serves the connection until it ends. Clients that do not offer the protocol get an error.
    pub async fn run(mut self, mut messages: AggregatedMessageStream, speaks: bool) {
        let (registration, mut closing) = self.state.sockets.open();
        let end = if speaks {
            tokio::select! {
                biased;
                close = closing.wait_for(Option::is_some) => match close.ok().and_then(|close| close.clone()) {
                    Some(close) => End::Close(close),
                    None => End::Gone,
                },
                end = self.serve(&mut messages, &registration) => end,
            }
        } else {
            Close::new(Close::PROTOCOL, "Subprotocol not acceptable").into()
        };
        // Cancel running operations and stop counting them.
        drop((self.operations, registration));
        match end {
            End::Gone => {}
            End::Closed(reason) => {
                let reason = reason.map(|reason| reason.code.into());
                let _ = timeout(CLOSE_LIMIT, self.session.close(reason)).await;
            }
            End::Close(close) => {
                // Keep the connection open while waiting for the client's close frame.
                let open = self.session.clone();
                let _ = timeout(CLOSE_LIMIT, self.session.close(Some(close.into()))).await;
                let answered = async {
                    while let Some(Ok(message)) = messages.next().await {
                        if let AggregatedMessage::Close(_) = message {
                            break;
                        }
                    }
                };
                let _ = timeout(CLOSE_LIMIT, answered).await;
                drop(open);
            }
        }
    }

    async fn serve(
        &mut self,
        messages: &mut AggregatedMessageStream,
        registration: &Registration,
    ) -> End {
        let init_deadline = Instant::now() + INIT_LIMIT;
        let mut pings = tokio::time::interval(PING_EVERY);
        let mut heard = Instant::now();
        loop {
            let outcome = tokio::select! {
                biased;
                () = sleep_until(init_deadline), if !self.acknowledged => {
                    Err(Close::new(Close::INIT_TIMEOUT, "Connection initialisation timeout").into())
                }
                _ = pings.tick() => {
                    if heard.elapsed() < SILENCE_LIMIT {
                        within(self.session.ping(b"")).await
                    } else {
                        Err(Close::new(Close::GOING_AWAY, "no answer to pings").into())
                    }
                }
                message = messages.next() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(message)) => self.receive(message, registration).await,
                        Some(Err(error)) => Err(broken(&error)),
                        None => Err(End::Gone),
                    }
                }
                Some((id, message)) = self.operations.next(), if !self.operations.is_empty() => {
                    // The id can be reused as soon as the client may know that the operation ended.
                    if matches!(message, ServerMessage::Complete(_) | ServerMessage::Error(..)) {
                        self.operations.remove(&id);
                    }
                    self.send(message).await
                }
            };
            if let Err(end) = outcome {
                return end;
            }
        }
    }

    async fn receive(
        &mut self,
        message: AggregatedMessage,
        registration: &Registration,
    ) -> Result<(), End> {
        let text = match message {
            AggregatedMessage::Text(text) => text,
            AggregatedMessage::Binary(_) => {
                return Err(Close::new(
                    Close::INVALID,
                    "Invalid message: send JSON as text, not as binary",
                )
                .into());
            }
            AggregatedMessage::Ping(payload) => return within(self.session.pong(&payload)).await,
            AggregatedMessage::Pong(_) => return Ok(()),
            AggregatedMessage::Close(reason) => return Err(End::Closed(reason)),
        };
        match ClientMessage::read(&text)? {
            ClientMessage::ConnectionInit(_) if self.acknowledged => {
                Err(Close::new(Close::TOO_MANY_INITS, "Too many initialisation requests").into())
            }
            ClientMessage::ConnectionInit(parameters) => {
                self.initialize(&parameters, registration).await
            }
            ClientMessage::Ping(payload) => self.send(ServerMessage::Pong(payload)).await,
            ClientMessage::Pong => Ok(()),
            ClientMessage::Subscribe(..) if !self.acknowledged => {
                Err(Close::new(Close::UNAUTHORIZED, "Unauthorized").into())
            }
            ClientMessage::Subscribe(id, _) if self.operations.contains_key(&id) => {
                Err(Close::new(Close::DUPLICATE, format!("Subscriber for {id} already exists"))
                    .into())
            }
            ClientMessage::Subscribe(id, request) => self.start(id, *request).await,
            ClientMessage::Complete(id) => {
                self.operations.remove(&id);
                Ok(())
            }
        }
    }

    /// Authenticates the client and acknowledges the connection.
    async fn initialize(
        &mut self,
        parameters: &Map<String, Value>,
        registration: &Registration,
    ) -> Result<(), End> {
        if let Some((_, given)) =
            parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        {
            let given = given.as_str().and_then(|text| self.credential.with_authorization(text));
            let Some(given) = given else {
                return Err(
                    Close::new(Close::UNAUTHORIZED, format!("Unauthorized: {PARAMETERS}")).into()
                );
            };
            self.credential = Arc::new(given);
        }
        let admitted = match authenticate::authenticate(&self.credential, &self.state).await {
            Ok(viewer) => self.state.authenticator.check_rate(&viewer, 1).map(|()| viewer),
            Err(rejection) => Err(rejection),
        };
        let viewer = admitted.map_err(|rejection| {
            self.state.journal.rejected_as(
                self.request_id.clone(),
                OPENING,
                None,
                rejection.code().graphql(),
            );
            self.close_of(&rejection)
        })?;
        let most = self.state.options.max_sockets;
        registration.acknowledge(&viewer.name, Arc::clone(&self.credential), most).map_err(
            |reached| {
                let code = Code::RateLimited.graphql();
                Close::new(Close::TRY_AGAIN, format!("{code}: {reached}"))
            },
        )?;
        self.acknowledged = true;
        self.send(ServerMessage::ConnectionAck).await
    }

    /// Starts an operation for the credential's current viewer.
    async fn start(&mut self, id: String, request: Request) -> Result<(), End> {
        let viewer = match authenticate::authenticate(&self.credential, &self.state).await {
            Ok(viewer) => viewer,
            Err(rejection @ (Rejection::Unauthenticated(_) | Rejection::Forbidden(_))) => {
                return Err(self.close_of(&rejection));
            }
            Err(rejection) => return self.reject(id, rejection.code(), &rejection.message()).await,
        };
        if let Err(rejection) = self.state.authenticator.check_rate(&viewer, 1) {
            let (request_id, code) = (self.request_id.clone(), rejection.code());
            let journal = &self.state.journal;
            journal.rejected_as(request_id, OPERATION, Some(&viewer), code.graphql());
            return self.reject(id, code, &rejection.message()).await;
        }
        let most = self.state.options.max_subscriptions;
        let permit = match self.state.sockets.begin_operation(&viewer.name, most) {
            Ok(permit) => permit,
            Err(reached) => {
                return self.reject(id, Code::RateLimited, &reached.to_string()).await;
            }
        };
        let seen = authenticate::viewer_scope(viewer, &self.state);
        let operation = Operation {
            state: self.state.clone(),
            seen,
            request_id: self.request_id.clone(),
            id: id.clone(),
            request,
            snapshot: self.snapshot,
            permit,
        };
        self.operations.insert(id, operation.run());
        Ok(())
    }

    async fn reject(&mut self, id: String, code: Code, message: &str) -> Result<(), End> {
        self.send(ServerMessage::Error(id, vec![refusal(code, message)])).await
    }

    fn close_of(&self, rejection: &Rejection) -> End {
        let nothing_shown = self.credential.bearer.is_none() && self.credential.session.is_none();
        match rejection {
            Rejection::Unauthenticated(_) if nothing_shown => {
                Close::new(Close::UNAUTHORIZED, format!("Unauthorized: {PARAMETERS}"))
            }
            Rejection::Unauthenticated(message) => {
                Close::new(Close::UNAUTHORIZED, format!("Unauthorized: {message}"))
            }
            Rejection::Forbidden(message) => {
                Close::new(Close::FORBIDDEN, format!("Forbidden: {message}"))
            }
            Rejection::TooMany(_) | Rejection::Unavailable(_) => Close::new(
                Close::TRY_AGAIN,
                format!("{}: {}", rejection.code().graphql(), rejection.message()),
            ),
        }
        .into()
    }

    async fn send(&mut self, message: ServerMessage) -> Result<(), End> {
        within(self.session.text(message.write())).await
    }
}

/// Sends within the time limit; a client that does not accept the message is considered gone.
async fn within(sending: impl Future<Output = Result<(), Closed>>) -> Result<(), End> {
    match timeout(SEND_LIMIT, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}

/// Closes after malformed, oversized or binary frames.
fn broken(error: &ProtocolError) -> End {
    match error {
        // A broken connection is not closed with a handshake.
        ProtocolError::Io(io)
            if io.kind() != ErrorKind::InvalidData && io.kind() != ErrorKind::Other =>
        {
            End::Gone
        }
        ProtocolError::Io(io) if io.kind() == ErrorKind::InvalidData => {
            Close::new(Close::INVALID, "Invalid message: the text is not UTF-8").into()
        }
        ProtocolError::Overflow | ProtocolError::Io(_) => {
            Close::new(Close::TOO_LARGE, "the message is too large").into()
        }
        other => Close::new(Close::BROKEN_FRAME, other.to_string()).into(),
    }
}
