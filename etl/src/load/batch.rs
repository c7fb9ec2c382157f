//! The record of a load in `meta.batch`, and the end of its files in `meta.file`.

use diesel::dsl::now;
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use hotwash_schema::SchemaError;
use hotwash_schema::functions::{pg_advisory_lock, pg_try_advisory_xact_lock};
use hotwash_schema::pool::{self, Pool};
use hotwash_schema::tables::{batch, file};
use hotwash_schema::versions::delete_expired;

/// First key of the advisory lock of a load; the second is its number.
const LOCKS: i32 = 7747;

/// A load that runs.
pub(super) struct Batch {
    /// Number of the load.
    pub(super) id: i32,
    /// Holds the lock by which others see that the process of this load lives.
    _lock: AsyncPgConnection,
}

impl Batch {
    /// Records that a load begins.
    ///
    /// # Errors
    /// Fails when the database cannot be written.
    pub(super) async fn begin(pool: &Pool, label: Option<&str>) -> Result<Self, SchemaError> {
        let mut lock = pool::connection(pool.url()).await?;
        // Others see the load once it is committed, and by then its lock is held.
        let begun = lock
            .transaction(async |connection| {
                let id = diesel::insert_into(batch::table)
                    .values((
                        batch::tool_version.eq(env!("CARGO_PKG_VERSION")),
                        batch::label.eq(label),
                    ))
                    .returning(batch::batch_id)
                    .get_result::<i32>(connection)
                    .await?;
                diesel::select(pg_advisory_lock(LOCKS, id)).execute(connection).await?;
                Ok::<_, SchemaError>(id)
            })
            .await;
        let id = pool::or_lost(&mut lock, begun).await?;
        Ok(Self { id, _lock: lock })
    }

    /// Records the end of the load, and of its files whose end was not recorded because their
    /// connection was lost. Deletes superseded versions whose retention ended.
    ///
    /// # Errors
    /// Fails when the database cannot be written.
    pub(super) async fn end(self, pool: &Pool, status: &str) -> Result<(), SchemaError> {
        let lost = "the connection to the database was lost; nothing of the file was stored, and \
            loading again is safe";
        pool.run(async |connection| {
            connection
                .transaction(async |connection| {
                    fail_files(connection, &[self.id], lost).await?;
                    diesel::update(batch::table.find(self.id))
                        .set((batch::status.eq(status), batch::finished_at.eq(now)))
                        .execute(connection)
                        .await?;
                    delete_expired(connection).await?;
                    Ok::<_, SchemaError>(())
                })
                .await
        })
        .await
    }
}

/// Ends loads whose process was killed: they no longer hold their lock.
///
/// # Errors
/// Fails when the database cannot be written.
pub(super) async fn clear_killed(pool: &Pool) -> Result<(), SchemaError> {
    pool.run(async |connection| {
        connection
            .transaction(async |connection| {
                let killed: Vec<i32> = batch::table
                    .filter(batch::status.eq("RUNNING"))
                    .filter(pg_try_advisory_xact_lock(LOCKS, batch::batch_id))
                    .select(batch::batch_id)
                    .load(connection)
                    .await?;
                if killed.is_empty() {
                    return Ok(());
                }
                let error = "the loader was stopped; nothing was stored";
                fail_files(connection, &killed, error).await?;
                diesel::update(batch::table.filter(batch::batch_id.eq_any(&killed)))
                    .set((batch::status.eq("FAILED"), batch::finished_at.eq(now)))
                    .execute(connection)
                    .await?;
                Ok::<_, SchemaError>(())
            })
            .await
    })
    .await
}

/// Ends the files of these loads that are still recorded as being loaded.
async fn fail_files(
    connection: &mut AsyncPgConnection,
    batches: &[i32],
    error: &str,
) -> Result<(), SchemaError> {
    let running =
        file::table.filter(file::batch_id.eq_any(batches)).filter(file::status.eq("RUNNING"));
    diesel::update(running)
        .set((file::status.eq("FAILED"), file::error.eq(error), file::finished_at.eq(now)))
        .execute(connection)
        .await?;
    Ok(())
}
