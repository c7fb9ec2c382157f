//! Access log: viewer and query of every request, stored in the database.

use crate::SchemaError;
use crate::connect::connect;

/// One request.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Id of the request.
    pub request: String,
    /// Name of the key.
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

/// Writes entries.
///
/// # Errors
/// Fails when the database cannot be written.
pub async fn write(url: &str, entries: &[Entry]) -> Result<(), SchemaError> {
    let client = connect(url).await?;
    let column = |of: fn(&Entry) -> &str| {
        entries.iter().map(|entry| of(entry).to_owned()).collect::<Vec<String>>()
    };
    let seconds: Vec<f64> = entries.iter().map(|entry| entry.seconds).collect();
    client
        .execute(
            "insert into access.access_log (request_id, viewer, role, operation, status, seconds) \
             select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], \
             $6::float8[])",
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
