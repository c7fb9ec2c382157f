//! Access log: records who requested what, and writes it once per second in the background.

use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use hotwash_schema::access::Viewer;
use hotwash_schema::access_log::{Entry, write};
use hotwash_schema::pool::Pool;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::request_id::RequestId;
use hotwash_graphql::rate_limit::RateLimiter;

/// Maximum number of entries waiting to be written.
const MAX_QUEUED: usize = 10_000;

/// Maximum number of characters logged of an operation.
const MAX_CHARACTERS: usize = 300;
/// Bytes read of an operation, with room for contact details that redaction shortens.
const BEGUN: usize = 2_000;

/// Queue of entries for the access log.
pub struct Journal {
    sender: mpsc::Sender<Entry>,
    knocks: RateLimiter,
}

impl Journal {
    /// Starts the writer, which ends once the journal is dropped and all entries are written.
    /// Entries that the database rejects go to the server's log.
    pub fn start(pool: Pool) -> (Self, JoinHandle<()>) {
        let (sender, mut receiver) = mpsc::channel::<Entry>(MAX_QUEUED);
        let writer = tokio::spawn(async move {
            let mut entries = Vec::new();
            while receiver.recv_many(&mut entries, MAX_QUEUED).await > 0 {
                if let Err(error) = write(&pool, &entries).await {
                    tracing::warn!(%error, entries = entries.len(), "the access log could not be \
                        written");
                }
                entries.clear();
                if !receiver.is_closed() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        });
        (Self { sender, knocks: RateLimiter::new(10, Duration::from_secs(1), 100) }, writer)
    }

    /// Logs a request.
    pub fn note(
        &self,
        request: &HttpRequest,
        viewer: &Viewer,
        operation: &str,
        status: impl Into<String>,
        began: Instant,
    ) {
        self.note_as(RequestId::of(request), viewer, operation, status.into(), began);
    }

    /// Logs an operation under this request id. If the queue is full, the server's log gets the
    /// entry instead.
    pub fn note_as(
        &self,
        request: String,
        viewer: &Viewer,
        operation: &str,
        status: String,
        began: Instant,
    ) {
        self.send(Entry {
            request,
            viewer: viewer.name.clone(),
            role: viewer.role.code(),
            operation: shortened(operation),
            status,
            seconds: began.elapsed().as_secs_f64(),
        });
    }

    /// Logs a rejected request, at most ten per second, so that attackers cannot flood the log.
    pub fn rejected_with(&self, request: &HttpRequest, viewer: Option<&Viewer>, code: &str) {
        let operation = format!("{} {}", request.method(), request.path());
        self.rejected_as(RequestId::of(request), &operation, viewer, code);
    }

    /// Logs a rejection that has no HTTP request of its own.
    pub fn rejected_as(
        &self,
        request: String,
        operation: &str,
        viewer: Option<&Viewer>,
        code: &str,
    ) {
        if self.knocks.take("", 1).is_ok() {
            self.send(Entry {
                request,
                viewer: viewer.map(|viewer| viewer.name.clone()).unwrap_or_default(),
                role: viewer.map(|viewer| viewer.role.code()).unwrap_or_default(),
                operation: shortened(operation),
                status: code.to_owned(),
                seconds: 0.0,
            });
        }
    }

    fn send(&self, entry: Entry) {
        if let Err(error) = self.sender.try_send(entry) {
            tracing::warn!(%error, "the access log is behind");
        }
    }
}

/// Returns an operation as one short line without contact details. Reads only its beginning.
fn shortened(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.len() > BEGUN {
            break;
        }
        line.push_str(if line.is_empty() { "" } else { " " });
        line.push_str(word);
    }
    let (clean, _) = hotwash_etl::redact::redact(&line);
    clean.chars().take(MAX_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_shortened_and_redacted() {
        assert_eq!(shortened("{ regions\n  { code } }"), "{ regions { code } }");
        // A contact detail at the cut lies beyond the shown characters.
        for before in 0..1_500 {
            let text = ["x ", "\n"][before % 2].repeat(before);
            let noted = shortened(&format!("{text} someone@example.org {}", "y ".repeat(10_000)));
            assert!(
                !noted.contains("someone") && noted.chars().count() <= MAX_CHARACTERS,
                "{noted}"
            );
        }
    }
}
