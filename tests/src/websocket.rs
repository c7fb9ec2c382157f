//! A raw WebSocket client for the GraphQL API: it sends and receives frames, and assumes nothing of
//! the protocol above them.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::CloseFrame;
use tungstenite::{Error, Message, WebSocket};

/// A socket.
pub struct Socket {
    /// Its frames.
    pub socket: WebSocket<TcpStream>,
    operations: usize,
}

/// Message from a server.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// A message.
    Message(Value),
    /// A close frame: code and reason.
    Closed(u16, String),
    /// The connection ended without a close frame.
    Lost(String),
    /// Nothing, in the time that was given.
    Nothing,
}

impl Socket {
    /// Opens a socket with additional headers.
    ///
    /// # Errors
    /// Returns the HTTP status if the answer is not an upgrade, or lacks the requested subprotocol.
    pub fn open(base: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let address = base.trim_start_matches("http://");
        let stream = TcpStream::connect(address).expect("the server takes connections");
        let mut request =
            format!("ws://{address}/graphql").into_client_request().expect("the address is one");
        let mut all = vec![("sec-websocket-protocol", "graphql-transport-ws")];
        all.extend(headers);
        for (name, value) in all {
            let name: tungstenite::http::HeaderName =
                name.parse().expect("the name is one of a header");
            request
                .headers_mut()
                .insert(name, value.parse().expect("the value is one of a header"));
        }
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Self { socket, operations: 0 }),
            Err(tungstenite::HandshakeError::Failure(Error::Http(answer))) => {
                Err(answer.status().as_u16())
            }
            Err(tungstenite::HandshakeError::Failure(Error::Protocol(_))) => Err(101),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a socket and its connection, with these parameters.
    pub fn connected(base: &str, parameters: &Value) -> Self {
        let mut socket = Self::open(base, &[]).expect("the upgrade is accepted");
        socket.send(&json!({ "type": "connection_init", "payload": parameters }));
        assert_eq!(socket.receive(), Received::Message(json!({ "type": "connection_ack" })));
        socket
    }

    /// Opens a socket and its connection with a key.
    pub fn with_key(base: &str, key: &str) -> Self {
        Self::connected(base, &json!({ "authorization": format!("Bearer {key}") }))
    }

    /// Sends a message.
    pub fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string());
    }

    /// Sends a text.
    pub fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).expect("the message is sent");
    }

    /// Sends a query or subscription.
    pub fn subscribe(&mut self, id: &str, query: &str) {
        self.send(&json!({ "id": id, "type": "subscribe", "payload": { "query": query } }));
    }

    /// Runs an operation with a payload in JSON that need not be valid: the result or errors, or
    /// how the socket was closed.
    pub fn run_text(&mut self, payload: &str) -> Received {
        self.operations += 1;
        let id = self.operations.to_string();
        let message = format!("{{\"id\":\"{id}\",\"type\":\"subscribe\",\"payload\":{payload}}}");
        // If the server stopped reading, the next read reports it.
        let _ = self.socket.send(Message::text(message));
        let mut result = Value::Null;
        loop {
            match self.receive_within(Duration::from_secs(60)) {
                Received::Message(message) if message["id"] != id => {}
                Received::Message(message) => match message["type"].as_str() {
                    Some("next") => result = message["payload"].clone(),
                    Some("error") => {
                        return Received::Message(json!({ "errors": message["payload"] }));
                    }
                    _ => return Received::Message(result),
                },
                other => return other,
            }
        }
    }

    /// Runs a query: its first message.
    pub fn answer(&mut self, id: &str, query: &str) -> Received {
        self.subscribe(id, query);
        let answer = self.receive();
        if let Received::Message(message) = &answer
            && message["type"] == "next"
        {
            assert_eq!(self.receive(), Received::Message(json!({ "id": id, "type": "complete" })));
        }
        answer
    }

    /// The next message, within ten seconds.
    pub fn receive(&mut self) -> Received {
        self.receive_within(Duration::from_secs(10))
    }

    /// The next message within a time; pings are answered on the way.
    pub fn receive_within(&mut self, limit: Duration) -> Received {
        let deadline = Instant::now() + limit;
        loop {
            let left =
                deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.socket.get_ref().set_read_timeout(Some(left)).expect("the limit is set");
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    return Received::Message(
                        serde_json::from_str(&text).expect("messages are JSON"),
                    );
                }
                Ok(Message::Close(frame)) => {
                    let (code, reason) = frame.map_or((1005, String::new()), |frame| {
                        (frame.code.into(), frame.reason.to_string())
                    });
                    return Received::Closed(code, reason);
                }
                Ok(_) if Instant::now() < deadline => {}
                Ok(_) => return Received::Nothing,
                Err(Error::Io(error))
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                    ) =>
                {
                    return Received::Nothing;
                }
                Err(error) => return Received::Lost(error.to_string()),
            }
        }
    }

    /// Closes the socket; gives the server's answer, and sees the connection end.
    pub fn close(mut self, code: u16, reason: &str) -> Received {
        let frame = CloseFrame { code: code.into(), reason: reason.to_owned().into() };
        self.socket.close(Some(frame)).expect("the close frame is sent");
        let answer = self.receive();
        self.finish();
        answer
    }

    /// Answers the server's close frame, if it sent one, and sees the connection end.
    pub fn finish(mut self) {
        self.socket
            .get_ref()
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("the limit is set");
        loop {
            match self.socket.read() {
                Ok(_) => {}
                Err(Error::ConnectionClosed) => return,
                Err(error) => {
                    panic!("the connection did not end with its closing handshake: {error}")
                }
            }
        }
    }
}
