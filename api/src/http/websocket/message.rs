//! Messages and close codes of `graphql-transport-ws`, as the client `graphql-ws` writes and
//! expects them.

use actix_ws::{CloseCode, CloseReason};
use async_graphql::{Request, ServerError};
use hotwash_graphql::ExecutionResult;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::http::request_members::well_formed;

/// A message from a client.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Raw {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping { payload: Option<Map<String, Value>> },
    Pong {},
    Subscribe { id: String, payload: Value },
    Complete { id: String },
}

/// A message from a client, checked.
pub enum ClientMessage {
    /// Opens the connection; the parameters may hold a credential.
    ConnectionInit(Map<String, Value>),
    /// Asks for a pong with the same payload.
    Ping(Option<Map<String, Value>>),
    /// Answers a ping.
    Pong,
    /// Starts an operation.
    Subscribe(String, Box<Request>),
    /// Ends an operation.
    Complete(String),
}

impl ClientMessage {
    /// Reads a message.
    ///
    /// # Errors
    /// With the reason to close the socket when the protocol knows no such message.
    pub fn read(text: &str) -> Result<Self, Close> {
        let invalid = |what: &dyn std::fmt::Display| {
            Close::new(Close::INVALID, format!("Invalid message: {what}"))
        };
        Ok(match serde_json::from_str(text).map_err(|error| invalid(&error))? {
            Raw::ConnectionInit { payload } => Self::ConnectionInit(payload.unwrap_or_default()),
            Raw::Ping { payload } => Self::Ping(payload),
            Raw::Pong {} => Self::Pong,
            Raw::Subscribe { id, .. } | Raw::Complete { id } if id.is_empty() => {
                return Err(invalid(&"the member id must be a text that is not empty"));
            }
            Raw::Subscribe { id, mut payload } => {
                well_formed(&mut payload).map_err(|what| invalid(&what))?;
                let request = serde_json::from_value(payload).map_err(|error| invalid(&error))?;
                Self::Subscribe(id, Box::new(request))
            }
            Raw::Complete { id } => Self::Complete(id),
        })
    }
}

/// A message to a client.
pub enum ServerMessage {
    /// The connection is open.
    ConnectionAck,
    /// Answers a ping.
    Pong(Option<Map<String, Value>>),
    /// One result of an operation.
    Next(String, Box<ExecutionResult>),
    /// The operation did not run; nothing follows.
    Error(String, Vec<ServerError>),
    /// The operation is over.
    Complete(String),
}

impl ServerMessage {
    /// Writes it as JSON.
    pub fn write(&self) -> String {
        match self {
            Self::ConnectionAck => json!({ "type": "connection_ack" }),
            Self::Pong(None) => json!({ "type": "pong" }),
            Self::Pong(Some(payload)) => json!({ "type": "pong", "payload": payload }),
            Self::Next(id, result) => {
                let id = json!(id);
                return format!(r#"{{"id":{id},"type":"next","payload":{}}}"#, result.text());
            }
            Self::Error(id, errors) => json!({ "id": id, "type": "error", "payload": errors }),
            Self::Complete(id) => json!({ "id": id, "type": "complete" }),
        }
        .to_string()
    }
}

/// Maximum length of a reason: a control frame has 125 bytes, two of them for the code (RFC 6455).
const LONGEST_REASON: usize = 123;

/// Close code and reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    code: u16,
    reason: String,
}

impl Close {
    /// The message is not part of the protocol.
    pub const INVALID: u16 = 4400;
    /// The credential is missing or has expired.
    pub const UNAUTHORIZED: u16 = 4401;
    /// Authenticated, but not allowed.
    pub const FORBIDDEN: u16 = 4403;
    /// The client does not offer the protocol.
    pub const PROTOCOL: u16 = 4406;
    /// No `connection_init` within the time limit.
    pub const INIT_TIMEOUT: u16 = 4408;
    /// An operation with this id is running.
    pub const DUPLICATE: u16 = 4409;
    /// More than one `connection_init`.
    pub const TOO_MANY_INITS: u16 = 4429;
    /// The server or the client is shutting down (RFC 6455).
    pub const GOING_AWAY: u16 = 1001;
    /// The frames violate RFC 6455.
    pub const BROKEN_FRAME: u16 = 1002;
    /// The message is too large (RFC 6455).
    pub const TOO_LARGE: u16 = 1009;
    /// Too many sockets or requests, or the database is unavailable; clients retry later.
    pub const TRY_AGAIN: u16 = 1013;

    /// Creates a close frame with a code and reason.
    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
        Self { code, reason }
    }

    /// Returns whether the credential is the cause.
    pub fn is_unauthorized(&self) -> bool {
        self.code == Self::UNAUTHORIZED
    }

    /// Returns the reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl From<Close> for CloseReason {
    fn from(close: Close) -> Self {
        (CloseCode::from(close.code), close.reason).into()
    }
}
