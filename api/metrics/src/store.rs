//! The snapshot in use: swapped whole when the warehouse changes, kept with its age when the database is gone.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use hotwash_schema::SchemaError;
use hotwash_schema::connect::connect;
use tokio::sync::watch;

use crate::snapshot::Snapshot;

/// How often the version is asked for even without a notification, e.g. when one was lost with its connection.
const POLL: Duration = Duration::from_millis(500);

/// How long the database may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(15);

/// Holds the present snapshot.
pub struct SnapshotStore {
    url: String,
    current: RwLock<Arc<Snapshot>>,
    unreachable_since: RwLock<Option<DateTime<Utc>>>,
    changed: watch::Sender<i64>,
}

/// What is in use, and whether the database answers.
#[derive(Clone, Debug)]
pub struct SnapshotStatus {
    /// Version of the snapshot.
    pub version: i64,
    /// When it was read.
    pub read_at: DateTime<Utc>,
    /// Since when the database has not answered.
    pub unreachable_since: Option<DateTime<Utc>>,
}

impl SnapshotStore {
    /// Reads the first snapshot.
    pub async fn open(url: &str) -> Result<Arc<Self>, SchemaError> {
        let snapshot = Snapshot::load(url).await?;
        let (changed, _) = watch::channel(snapshot.version);
        let current = RwLock::new(Arc::new(snapshot));
        Ok(Arc::new(Self { url: url.to_owned(), current, unreachable_since: RwLock::new(None), changed }))
    }

    /// The snapshot to answer one request with.
    pub fn pin(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Told of each new version.
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.changed.subscribe()
    }

    /// What is in use.
    pub fn status(&self) -> SnapshotStatus {
        let snapshot = self.pin();
        let unreachable_since = *self.unreachable_since.read().unwrap_or_else(PoisonError::into_inner);
        SnapshotStatus { version: snapshot.version, read_at: snapshot.read_at, unreachable_since }
    }

    /// Follows the warehouse until the store is dropped by all others: swaps in a new snapshot within a second of a change.
    pub async fn follow(self: Arc<Self>) {
        loop {
            match self.follow_connection().await {
                Ok(()) => {}
                Err(error) => {
                    let mut since = self.unreachable_since.write().unwrap_or_else(PoisonError::into_inner);
                    if since.is_none() {
                        tracing::warn!(%error, "the database is away; metrics are answered from the last snapshot");
                        *since = Some(Utc::now());
                    }
                }
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn follow_connection(&self) -> Result<(), SchemaError> {
        let client = connect(&self.url).await?;
        loop {
            let asked = client.query_one("select coalesce(sum(version), 0)::bigint from meta.table_version", &[]);
            // A host that vanished closes no connection.
            let answered = tokio::time::timeout(PATIENCE, asked)
                .await
                .map_err(|_| SchemaError::Database(format!("no answer within {} seconds", PATIENCE.as_secs())))?;
            let mark: i64 = answered?.get(0);
            self.reached();
            if mark != self.pin().mark() {
                let fresh = self.pin().refresh(&self.url).await?;
                tracing::info!(
                    version = fresh.version,
                    rows = fresh.rows(),
                    took_ms = fresh.took.as_millis() as u64,
                    "new snapshot"
                );
                let version = fresh.version;
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
                self.changed.send_replace(version);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn reached(&self) {
        let mut since = self.unreachable_since.write().unwrap_or_else(PoisonError::into_inner);
        if since.take().is_some() {
            tracing::info!("the database is back");
        }
    }
}
