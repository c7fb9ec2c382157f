//! The access log: who asked what, written once a second away from the requests.

use std::time::Duration;

use tokio::sync::mpsc;

/// One request.
pub struct Entry {
    /// Id of the request.
    pub request: String,
    /// Name of the key.
    pub viewer: String,
    /// Its role.
    pub role: &'static str,
    /// What was asked, shortened and redacted.
    pub operation: String,
    /// How it ended.
    pub status: String,
    /// How long it took.
    pub seconds: f64,
}

/// Takes entries.
#[derive(Clone)]
pub struct Journal {
    sender: mpsc::Sender<Entry>,
}

impl Journal {
    /// Starts the writer; entries that the database cannot take are told in the server's log.
    pub fn start(url: &str) -> Self {
        let (sender, mut receiver) = mpsc::channel::<Entry>(10_000);
        let url = url.to_owned();
        tokio::spawn(async move {
            let mut entries = Vec::new();
            while receiver.recv_many(&mut entries, 1_000).await > 0 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                while entries.len() < 5_000
                    && let Ok(entry) = receiver.try_recv()
                {
                    entries.push(entry);
                }
                if let Err(error) = write(&url, &entries).await {
                    tracing::warn!(%error, entries = entries.len(), "the access log could not be written");
                }
                entries.clear();
            }
        });
        Self { sender }
    }

    /// Notes an entry; when too many wait, it is told in the server's log instead.
    pub fn note(&self, entry: Entry) {
        if let Err(error) = self.sender.try_send(entry) {
            tracing::warn!(%error, "the access log is behind");
        }
    }
}

async fn write(url: &str, entries: &[Entry]) -> Result<(), hotwash_schema::SchemaError> {
    let client = hotwash_schema::connect::connect(url).await?;
    let column = |of: fn(&Entry) -> &str| entries.iter().map(|entry| of(entry).to_owned()).collect::<Vec<String>>();
    let seconds: Vec<f64> = entries.iter().map(|entry| entry.seconds).collect();
    client
        .execute(
            "insert into access.access_log (request_id, viewer, role, operation, status, seconds) \
             select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[])",
            &[
                &column(|entry| &entry.request),
                &column(|entry| &entry.viewer),
                &column(|entry| entry.role),
                &column(|entry| &entry.operation),
                &column(|entry| &entry.status),
                &seconds,
            ],
        )
        .await?;
    Ok(())
}

/// What was asked, in one short line without contact details.
pub fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (clean, _) = hotwash_etl::redact::redact(&line);
    clean.chars().take(300).collect()
}
