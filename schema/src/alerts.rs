//! State of alerts: which are on, and which digests were sent, so that each message is sent once.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension,
    QueryDsl,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::SchemaError;
use crate::functions::pg_advisory_lock;
use crate::pool::{self, Pool};
use crate::tables::{batch, file, setting};

/// Name of the setting with the state.
const NAME: &str = "alerts";

/// Two numbers of the advisory lock of a run of the rules.
const LOCK: (i32, i32) = (7749, 1);

/// The lock of a run; it ends with its connection.
pub struct AlertsLock {
    _connection: AsyncPgConnection,
}

/// Waits until no other run of the rules is under way, and keeps others waiting.
///
/// # Errors
/// Fails when the database does not answer.
pub async fn lock(pool: &Pool) -> Result<AlertsLock, SchemaError> {
    let mut connection = pool::connection(pool.url()).await?;
    diesel::select(pg_advisory_lock(LOCK.0, LOCK.1)).execute(&mut connection).await?;
    Ok(AlertsLock { _connection: connection })
}

/// Returns the stored state; an empty object before the first.
///
/// # Errors
/// Fails when the database does not answer.
pub async fn read_state(pool: &Pool) -> Result<Value, SchemaError> {
    let known = setting::table.filter(setting::name.eq(NAME)).select(setting::value);
    let stored = pool
        .run(async |connection| Ok::<_, SchemaError>(known.first(connection).await.optional()?))
        .await?;
    Ok(stored.unwrap_or_else(|| serde_json::json!({})))
}

/// Stores the state.
///
/// # Errors
/// Fails when the database does not answer.
pub async fn write_state(pool: &Pool, state: &Value) -> Result<(), SchemaError> {
    pool.run(async |connection| {
        diesel::insert_into(setting::table)
            .values((setting::name.eq(NAME), setting::value.eq(state)))
            .on_conflict(setting::name)
            .do_update()
            .set(setting::value.eq(state))
            .execute(connection)
            .await?;
        Ok::<_, SchemaError>(())
    })
    .await
}

/// Returns the number of the latest load that ended; none before the first.
///
/// # Errors
/// Fails when the database does not answer.
pub async fn latest_load(pool: &Pool) -> Result<Option<i32>, SchemaError> {
    let ended = batch::table.filter(batch::status.ne("RUNNING"));
    let latest = ended.select(diesel::dsl::max(batch::batch_id));
    pool.run(async |connection| Ok::<_, SchemaError>(latest.first(connection).await?)).await
}

/// Returns the files of the latest load that were rejected, or had rejected rows.
///
/// # Errors
/// Fails when the database does not answer.
pub async fn rejected_files(pool: &Pool) -> Result<Vec<String>, SchemaError> {
    pool.run(async |connection| {
        let latest: Option<i32> =
            file::table.select(diesel::dsl::max(file::batch_id)).first(connection).await?;
        let found = file::table
            .filter(file::batch_id.nullable().eq(latest))
            .filter(file::status.eq("FAILED").or(file::rejected.gt(0)))
            .order(file::name)
            .select(file::name)
            .load(connection)
            .await?;
        Ok::<_, SchemaError>(found)
    })
    .await
}
