//! Requests that name their snapshot. Metrics are computed from the snapshot itself. Everything
//! else is read from Postgres as it is now, so it is answered only if the warehouse has not changed
//! since.

use async_graphql::Error;
use hotwash_metrics::Snapshot;

use super::error::{Code, coded};
use super::pool::QueryPool;

/// Marks a request that names its snapshot.
#[derive(Clone, Copy, Debug)]
pub struct NamesSnapshot;

/// Message about records that are no longer those of the named snapshot.
pub fn snapshot_moved(snapshot: i64, present: i64) -> String {
    format!(
        "the warehouse changed from snapshot {snapshot} to {present}, and records are read as they \
         are now; ask everything again without snapshot, and name the number of the answer \
         (metrics alone are still answered from snapshot {snapshot})"
    )
}

/// Checks that the statements of a request read the state of the snapshot that it names. The
/// generation never falls, so if it is that of the snapshot now, it was before.
///
/// # Errors
/// Fails when the statements read another state, or for a database error.
pub async fn check(pool: &QueryPool, snapshot: &Snapshot) -> Result<(), Error> {
    if !pool.is_used() {
        return Ok(());
    }
    let (generation, present) = pool.generation_and_version().await?;
    if generation == snapshot.generation() {
        return Ok(());
    }
    Err(coded(Code::SnapshotMoved, snapshot_moved(snapshot.version, present)))
}
