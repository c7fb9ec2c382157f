//! The current snapshot. It is swapped when the warehouse or the exported tables change. If the
//! database is unavailable, the last snapshot stays in use.

mod former;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};
use former::FormerSnapshots;
pub use former::SnapshotGone;
use hotwash_cache::{CacheBudget, CacheStatus};
use hotwash_schema::SchemaError;
use hotwash_schema::copy::Connection;
use tokio::sync::watch;

use crate::disclosure::Release;
use crate::engine::RemoteTables;
use crate::snapshot::caches::MetricCaches;
use crate::snapshot::{Snapshot, generation};
use crate::tables::TablesError;

/// Interval of polling the version without a notification, in case one was lost with its
/// connection.
const POLL: Duration = Duration::from_millis(500);

/// Time limit for reading the version of the database.
const PATIENCE: Duration = Duration::from_secs(15);

/// Source of snapshots.
#[derive(Clone)]
pub enum SnapshotSource {
    /// The warehouse at this address, loaded completely; cubes are computed here.
    Warehouse(String),
    /// Exported tables that this process does not load; a remote engine computes the cubes.
    Tables(Arc<RemoteTables>),
}

/// Error while reading a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The warehouse.
    #[error(transparent)]
    Warehouse(#[from] SchemaError),
    /// The exported tables.
    #[error(transparent)]
    Tables(#[from] TablesError),
}

impl SnapshotSource {
    /// Reads a snapshot of the current version.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub async fn snapshot(&self, caches: MetricCaches) -> Result<Snapshot, SnapshotError> {
        match self {
            Self::Warehouse(url) => Ok(Snapshot::load_with(url, caches).await?),
            Self::Tables(tables) => Ok(tables.snapshot(None, caches)?),
        }
    }
}

/// Stores the current snapshot.
pub struct SnapshotStore {
    url: String,
    source: SnapshotSource,
    /// Generation of the warehouse when it was last checked.
    seen: AtomicI64,
    current: RwLock<Arc<Snapshot>>,
    /// Locked before the current snapshot, which it is about to replace.
    former: Mutex<FormerSnapshots>,
    unreachable_since: RwLock<Option<DateTime<Utc>>>,
    changed: watch::Sender<i64>,
}

/// Snapshot in use, and availability of the database.
#[derive(Clone, Debug)]
pub struct SnapshotStatus {
    /// Version of the snapshot.
    pub version: i64,
    /// Time it was read.
    pub read_at: DateTime<Utc>,
    /// Time since which the database has not answered.
    pub unreachable_since: Option<DateTime<Utc>>,
}

impl SnapshotStore {
    /// Reads the first snapshot. The warehouse is at the given address.
    pub async fn open(
        url: &str,
        source: SnapshotSource,
        budget: &CacheBudget,
    ) -> Result<Arc<Self>, SnapshotError> {
        let snapshot = source.snapshot(MetricCaches::new(budget)).await?;
        let (changed, _) = watch::channel(snapshot.version);
        let current = RwLock::new(Arc::new(snapshot));
        let (seen, unreachable_since) = (AtomicI64::default(), RwLock::new(None));
        let former = Mutex::new(FormerSnapshots::new(budget));
        Ok(Arc::new(Self {
            url: url.to_owned(),
            source,
            seen,
            current,
            former,
            unreachable_since,
            changed,
        }))
    }

    /// Returns the snapshot with which to answer one request.
    pub fn pin(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the snapshot of this version: the current one, or one that was current in the last
    /// ten minutes.
    ///
    /// # Errors
    /// Fails if it is not kept. Exported tables are not, because an export replaces their files.
    pub fn pin_version(&self, version: i64) -> Result<Arc<Snapshot>, SnapshotGone> {
        let mut former = self.former();
        let current = self.pin();
        match self.source {
            SnapshotSource::Warehouse(_) => former.find(version, &current, Instant::now()),
            SnapshotSource::Tables(_) => Err(SnapshotGone::NoneKept),
        }
    }

    /// Size and use of the former snapshots.
    pub fn former_status(&self) -> CacheStatus {
        let former = self.former();
        former.status(&self.pin())
    }

    fn former(&self) -> MutexGuard<'_, FormerSnapshots> {
        self.former.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the cache key for answers that depend on this snapshot and on the warehouse itself.
    pub fn generation(&self, snapshot: &Snapshot) -> i64 {
        match self.source {
            SnapshotSource::Warehouse(_) => snapshot.generation(),
            // Lists of records come from the warehouse, whose tables are exported later.
            SnapshotSource::Tables(_) => snapshot
                .generation()
                .wrapping_mul(1_000_003)
                .wrapping_add(self.seen.load(Ordering::Relaxed)),
        }
    }

    /// Returns the last known sum of the versions of the warehouse's own tables.
    pub fn warehouse_generation(&self, snapshot: &Snapshot) -> i64 {
        match self.source {
            SnapshotSource::Warehouse(_) => snapshot.generation(),
            SnapshotSource::Tables(_) => self.seen.load(Ordering::Relaxed),
        }
    }

    /// Returns a channel that reports each new version.
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.changed.subscribe()
    }

    /// Version in use.
    pub fn status(&self) -> SnapshotStatus {
        let snapshot = self.pin();
        let unreachable_since =
            *self.unreachable_since.read().unwrap_or_else(PoisonError::into_inner);
        SnapshotStatus { version: snapshot.version, read_at: snapshot.read_at, unreachable_since }
    }

    /// Follows the warehouse until every other reference to the store is dropped. Swaps in a new
    /// snapshot within a second of a change.
    pub async fn follow(self: Arc<Self>) {
        match &self.source {
            SnapshotSource::Warehouse(_) => self.follow_warehouse().await,
            SnapshotSource::Tables(tables) => {
                _ = tokio::join!(self.follow_warehouse(), self.follow_tables(tables))
            }
        }
    }

    /// Swaps in the exported tables of a new manifest.
    async fn follow_tables(&self, tables: &Arc<RemoteTables>) {
        let stamp = || std::fs::metadata(tables.manifest()).and_then(|there| there.modified()).ok();
        let mut known: Option<SystemTime> = None;
        loop {
            let found = stamp();
            if found != known {
                let (far, last) = (Arc::clone(tables), self.pin());
                match tokio::task::spawn_blocking(move || {
                    far.snapshot(Some(&last), last.caches().clone())
                })
                .await
                {
                    Ok(Ok(fresh)) => {
                        tracing::info!(version = fresh.version, "new tables");
                        // Even of the same version: the next export removes the files of the
                        // earlier manifest.
                        self.swap(fresh);
                        known = found;
                    }
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "metrics are answered from the tables before");
                        known = found;
                    }
                    Err(error) => tracing::warn!(%error, "the manifest was not read"),
                }
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn follow_warehouse(&self) {
        loop {
            match self.follow_connection().await {
                Ok(()) => {}
                Err(error) => {
                    let mut since =
                        self.unreachable_since.write().unwrap_or_else(PoisonError::into_inner);
                    if since.is_none() {
                        tracing::warn!(%error, "the database is unavailable; metrics are answered \
                            from the last snapshot");
                        *since = Some(Utc::now());
                    }
                }
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn follow_connection(&self) -> Result<(), SchemaError> {
        let connection = Connection::open(&self.url).await?;
        loop {
            // A host that vanished does not close its connection.
            let reading = tokio::time::timeout(PATIENCE, generation(&connection));
            let generation = reading.await.map_err(|_| {
                SchemaError::Database(format!("no answer within {} seconds", PATIENCE.as_secs()))
            })??;
            self.reached();
            self.seen.store(generation, Ordering::Relaxed);
            self.former().drop_expired(Instant::now());
            if matches!(self.source, SnapshotSource::Warehouse(_))
                && generation != self.pin().generation()
            {
                let fresh = self.pin().refresh(&self.url).await?;
                tracing::info!(
                    version = fresh.version,
                    rows = fresh.rows(),
                    took_ms = fresh.took.as_millis() as u64,
                    "new snapshot"
                );
                self.swap(fresh);
            }
            // Exported tables contain no release, so the release is read from the warehouse.
            if matches!(self.source, SnapshotSource::Tables(_))
                && Release::newest(&connection).await?
                    != self.pin().release().map(|release| release.number)
                && let Some(release) = Release::latest(&connection).await?
            {
                self.swap(self.pin().with_release(release));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn swap(&self, fresh: Snapshot) {
        let (version, fresh) = (fresh.version, Arc::new(fresh));
        {
            let mut former = self.former();
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            let old = std::mem::replace(&mut *current, Arc::clone(&fresh));
            if matches!(self.source, SnapshotSource::Warehouse(_)) {
                former.keep(old, &fresh, Instant::now());
            }
        }
        fresh.frames().drop_stale_results();
        self.changed.send_replace(version);
    }

    fn reached(&self) {
        let mut since = self.unreachable_since.write().unwrap_or_else(PoisonError::into_inner);
        if since.take().is_some() {
            tracing::info!("the database is back");
        }
    }
}
