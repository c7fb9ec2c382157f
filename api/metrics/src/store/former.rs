//! Former snapshots, which requests may name for some time after the next one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hotwash_cache::{CacheBudget, CacheStatus, Part};

use crate::snapshot::Snapshot;

/// Time for which a snapshot is kept after the next one.
const KEPT_FOR: Duration = Duration::from_secs(10 * 60);

/// Reason for which a server does not have a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotGone {
    /// It was current too long ago, or never on this server.
    #[error(
        "this server does not have snapshot {version}: it has {current}, and those that were \
         current in the last ten minutes; ask without snapshot, and name the number of the answer"
    )]
    NotKept {
        /// Version that was named.
        version: i64,
        /// Version of the current snapshot.
        current: i64,
    },
    /// Newer ones took its memory.
    #[error(
        "snapshot {version} was dropped early: former snapshots may take {mebibytes} MiB; ask \
         without snapshot, and name the number of the answer (the operator raises the limit with \
         --cache-mib)"
    )]
    Dropped {
        /// Version that was named.
        version: i64,
        /// Memory that former snapshots may take.
        mebibytes: usize,
    },
    /// Transactions that committed out of order left two states with the same version.
    #[error(
        "the number {version} means two states, because loads ended in another order than they \
         began; ask without snapshot, and name a snapshot again after the next load"
    )]
    Ambiguous {
        /// Version that was named.
        version: i64,
    },
    /// The server reads exported tables.
    #[error(
        "this server computes metrics from exported tables and keeps no snapshots; ask without \
         snapshot"
    )]
    NoneKept,
}

struct Former {
    version: i64,
    until: Instant,
    /// `None` after it was dropped early.
    snapshot: Option<Arc<Snapshot>>,
}

/// Former snapshots, oldest first, within their part of the memory budget.
pub struct FormerSnapshots {
    max_bytes: usize,
    list: Vec<Former>,
    hits: u64,
    misses: u64,
}

impl FormerSnapshots {
    /// Creates an empty list.
    pub fn new(budget: &CacheBudget) -> Self {
        let max_bytes = budget.bytes_of(Part::Snapshots);
        Self { max_bytes, list: Vec::new(), hits: 0, misses: 0 }
    }

    /// Keeps a snapshot that another has replaced. If memory is short, drops the oldest ones.
    pub fn keep(&mut self, old: Arc<Snapshot>, current: &Snapshot, now: Instant) {
        self.drop_expired(now);
        let until = now + KEPT_FOR;
        self.list.push(Former { version: old.version, until, snapshot: Some(old) });
        while self.bytes(current) > self.max_bytes
            && let Some(oldest) = self.list.iter_mut().find(|former| former.snapshot.is_some())
        {
            oldest.snapshot = None;
        }
    }

    /// Drops the snapshots whose time is over.
    pub fn drop_expired(&mut self, now: Instant) {
        self.list.retain(|former| now < former.until);
    }

    /// Returns the snapshot of a version.
    ///
    /// # Errors
    /// Fails if it is not kept, or two have this version.
    pub fn find(
        &mut self,
        version: i64,
        current: &Arc<Snapshot>,
        now: Instant,
    ) -> Result<Arc<Snapshot>, SnapshotGone> {
        self.drop_expired(now);
        let former = self.list.iter().filter(|former| former.version == version);
        let mut found = former.map(|former| former.snapshot.as_ref()).collect::<Vec<_>>();
        if current.version == version {
            found.push(Some(current));
        }
        let result = match found.as_slice() {
            [Some(snapshot)] => Ok(Arc::clone(snapshot)),
            [None] => Err(SnapshotGone::Dropped { version, mebibytes: self.max_bytes >> 20 }),
            [] => Err(SnapshotGone::NotKept { version, current: current.version }),
            [_, _, ..] => Err(SnapshotGone::Ambiguous { version }),
        };
        self.hits += u64::from(result.is_ok());
        self.misses += u64::from(result.is_err());
        result
    }

    /// Returns the bytes of frames that the current snapshot does not share.
    fn bytes(&self, current: &Snapshot) -> usize {
        let mut counted: BTreeSet<usize> = current.frame_sizes().map(|(frame, _)| frame).collect();
        let former = self.list.iter().filter_map(|former| former.snapshot.as_ref());
        let frames = former.flat_map(|snapshot| snapshot.frame_sizes());
        frames.filter(|(frame, _)| counted.insert(*frame)).map(|(_, bytes)| bytes).sum()
    }

    /// Size and use.
    pub fn status(&self, current: &Snapshot) -> CacheStatus {
        let entries = self.list.iter().filter(|former| former.snapshot.is_some()).count();
        CacheStatus {
            part: Part::Snapshots,
            entries: entries as u64,
            bytes: self.bytes(current) as u64,
            max_bytes: self.max_bytes as u64,
            hits: self.hits,
            misses: self.misses,
        }
    }
}

#[cfg(test)]
mod tests {
    use hotwash_schema::connect::connect;
    use hotwash_schema::testing::TestDatabase;

    use super::*;

    /// Returns a snapshot that shares all frames, with another version.
    fn at_version(snapshot: &Snapshot, version: i64) -> Arc<Snapshot> {
        let mut other = snapshot.clone();
        other.version = version;
        Arc::new(other)
    }

    async fn read(database: &TestDatabase) -> Snapshot {
        Snapshot::load(database.url()).await.unwrap()
    }

    /// Creates a warehouse with one event.
    async fn with_an_event() -> TestDatabase {
        let database = TestDatabase::new().await;
        let event = "insert into meta.batch (tool_version) values ('test'); \
            insert into meta.file (batch_id, name, source, status) values (1, 'r', 'hotwash', \
            'LOADED'); \
            insert into warehouse.event (kind, name, start_at, local_date, hazard_id, source, \
            source_id, batch_id, file_id, source_row, content_hash) values ('PLANNED_EVENT', 'E', \
            '2025-01-01', '2025-01-01', 1, 'hotwash', '1', 1, 1, 1, '\\x00'::bytea)";
        connect(database.url()).await.unwrap().batch_execute(event).await.unwrap();
        database
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_snapshot_is_kept_for_ten_minutes_after_the_next() {
        let database = TestDatabase::new().await;
        let read = read(&database).await;
        let [first, second, third] = [1, 2, 3].map(|version| at_version(&read, version));
        let mut former = FormerSnapshots::new(&CacheBudget::default());
        let began = Instant::now();
        let after = |minutes: u64| began + Duration::from_secs(60 * minutes);
        former.keep(Arc::clone(&first), &second, after(0));
        former.keep(Arc::clone(&second), &third, after(4));
        let mut find = |version: i64, minutes: u64| {
            former.find(version, &third, after(minutes)).map(|found| found.version)
        };
        assert_eq!((find(1, 9), find(2, 9), find(3, 9)), (Ok(1), Ok(2), Ok(3)));
        let gone = |version| Err(SnapshotGone::NotKept { version, current: 3 });
        assert_eq!((find(1, 10), find(2, 13)), (gone(1), Ok(2)));
        assert_eq!((find(2, 14), find(3, 99), find(4, 99)), (gone(2), Ok(3), gone(4)));
        let status = former.status(&third);
        assert_eq!((status.entries, status.hits, status.misses), (0, 5, 3));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_version_of_two_states_names_neither() {
        let database = TestDatabase::new().await;
        let read = read(&database).await;
        let [one, other, next] = [7, 7, 8].map(|version| at_version(&read, version));
        let mut former = FormerSnapshots::new(&CacheBudget::default());
        let now = Instant::now();
        former.keep(one, &other, now);
        let ambiguous = Some(SnapshotGone::Ambiguous { version: 7 });
        assert_eq!(former.find(7, &other, now).err(), ambiguous);
        former.keep(other, &next, now);
        assert_eq!(former.find(7, &next, now).err(), ambiguous);
        assert!(former.find(8, &next, now).is_ok());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn older_snapshots_are_dropped_for_memory_and_shared_frames_take_none() {
        let database = with_an_event().await;
        let [first, second, third] = [
            at_version(&read(&database).await, 1),
            at_version(&read(&database).await, 2),
            at_version(&read(&database).await, 3),
        ];
        let now = Instant::now();
        let mut former = FormerSnapshots::new(&CacheBudget::default());
        former.keep(Arc::clone(&first), &at_version(&first, 2), now);
        assert_eq!(former.status(&at_version(&first, 2)).bytes, 0, "all frames are shared");
        former.keep(Arc::clone(&second), &third, now);
        let both = first.bytes() + second.bytes();
        assert!(first.bytes() > 0);
        assert_eq!(former.status(&third).bytes, both as u64);

        let mut short =
            FormerSnapshots { max_bytes: both - 1, list: Vec::new(), hits: 0, misses: 0 };
        short.keep(Arc::clone(&first), &second, now);
        assert!(short.find(1, &second, now).is_ok());
        short.keep(Arc::clone(&second), &third, now);
        let dropped = SnapshotGone::Dropped { version: 1, mebibytes: (both - 1) >> 20 };
        assert_eq!(short.find(1, &third, now).err(), Some(dropped));
        assert!(short.find(2, &third, now).is_ok());
    }
}
