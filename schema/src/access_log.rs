//! Access log: viewer and query of every request, stored in the database.

use diesel::IntoSql;
use diesel::sql_types::{Array, Double, Text};
use diesel_async::RunQueryDsl;

use crate::SchemaError;
use crate::functions::unnest;
use crate::pool::Pool;
use crate::tables::access_log;

/// Logged request.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Id of the request.
    pub request: String,
    /// Name of the viewer's key.
    pub viewer: String,
    /// Role of the viewer.
    pub role: &'static str,
    /// Query, shortened and redacted.
    pub operation: String,
    /// Outcome.
    pub status: String,
    /// Duration.
    pub seconds: f64,
}

/// Writes entries in one statement, for any number of entries.
///
/// # Errors
/// Fails when the database cannot be written.
pub async fn write(pool: &Pool, entries: &[Entry]) -> Result<(), SchemaError> {
    let column = |of: fn(&Entry) -> &str| {
        unnest(entries.iter().map(of).collect::<Vec<&str>>().into_sql::<Array<Text>>())
    };
    let seconds: Vec<f64> = entries.iter().map(|entry| entry.seconds).collect();
    let rows = diesel::select((
        column(|entry| &entry.request),
        column(|entry| &entry.viewer),
        column(|entry| entry.role),
        column(|entry| &entry.operation),
        column(|entry| &entry.status),
        unnest(seconds.into_sql::<Array<Double>>()),
    ));
    let insert = diesel::insert_into(access_log::table).values(rows).into_columns((
        access_log::request_id,
        access_log::viewer,
        access_log::role,
        access_log::operation,
        access_log::status,
        access_log::seconds,
    ));
    pool.run(async |connection| {
        insert.execute(connection).await?;
        Ok(())
    })
    .await
}
