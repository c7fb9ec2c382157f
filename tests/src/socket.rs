//! A client of `graphql-transport-ws` that sends whatever it is given.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Server;

/// An open WebSocket.
pub struct Socket {
    stream: BufReader<TcpStream>,
    next: u64,
}

/// What a server sent.
#[derive(Debug)]
pub enum Sent {
    /// A message.
    Message(Value),
    /// A close frame with its code, or the end of the connection without one.
    Closed(Option<u16>),
}

impl Socket {
    /// Opens one and passes the handshake of the protocol.
    pub fn open(server: &Server, key: Option<&str>) -> Self {
        let address = server.base.trim_start_matches("http://");
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
        let mut socket = Self { stream: BufReader::new(stream), next: 0 };
        let key = key.map(|key| format!("authorization: Bearer {key}\r\n")).unwrap_or_default();
        let head = format!(
            "GET /graphql HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n{key}\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        );
        socket.stream.get_mut().write_all(head.as_bytes()).expect("the server reads");
        let mut line = String::new();
        socket.stream.read_line(&mut line).expect("the server answers");
        assert!(line.contains(" 101 "), "{line}");
        while line.trim() != "" {
            line.clear();
            socket.stream.read_line(&mut line).expect("the server answers");
        }
        socket.send(&json!({ "type": "connection_init" }).to_string());
        let answer = socket.receive();
        assert!(matches!(&answer, Sent::Message(message) if message["type"] == "connection_ack"), "{answer:?}");
        socket
    }

    /// Runs an operation to its end: the payload of its first message, or how the connection was closed.
    pub fn run(&mut self, payload: &Value) -> Sent {
        self.run_text(&payload.to_string())
    }

    /// As [`Socket::run`], with a payload in JSON that need not be a value.
    pub fn run_text(&mut self, payload: &str) -> Sent {
        self.next += 1;
        let id = self.next.to_string();
        self.send(&format!("{{\"id\":\"{id}\",\"type\":\"subscribe\",\"payload\":{payload}}}"));
        let mut first = None;
        loop {
            match self.receive() {
                Sent::Message(message) if message["id"] == id => match message["type"].as_str() {
                    Some("complete") => return Sent::Message(first.unwrap_or_default()),
                    // An error ends the operation; its payload is the list of errors.
                    Some("error") => return Sent::Message(json!({ "errors": message["payload"] })),
                    _ => drop(first.get_or_insert(message["payload"].clone())),
                },
                Sent::Message(_) => {}
                closed @ Sent::Closed(_) => return closed,
            }
        }
    }

    fn send(&mut self, text: &str) {
        let mut frame = vec![0x81];
        match text.len() {
            short @ 0..126 => frame.push(0x80 | short as u8),
            length @ 126..65_536 => {
                frame.push(0x80 | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            length => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        // A mask of zeros leaves the text as it is.
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        // A server that has closed the connection is told of by the next read.
        let _ = self.stream.get_mut().write_all(&frame);
    }

    fn receive(&mut self) -> Sent {
        loop {
            let Ok([first, length]) = self.bytes() else { return Sent::Closed(None) };
            let length = match length & 0x7f {
                126 => self.bytes().map_or(0, |bytes| usize::from(u16::from_be_bytes(bytes))),
                127 => self.bytes().map_or(0, |bytes| u64::from_be_bytes(bytes) as usize),
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            if self.stream.read_exact(&mut payload).is_err() {
                return Sent::Closed(None);
            }
            match first & 0x0f {
                1 => return Sent::Message(serde_json::from_slice(&payload).expect("messages are JSON")),
                8 => return Sent::Closed(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
                _ => {}
            }
        }
    }

    fn bytes<const N: usize>(&mut self) -> std::io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
