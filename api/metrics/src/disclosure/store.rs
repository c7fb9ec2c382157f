//! Storage of releases. The warehouse retains every release, with its number, day and time.

use chrono::NaiveDate;
use hotwash_schema::SchemaError;
use hotwash_schema::connect::connect;
use serde_json::Value;
use tokio_postgres::GenericClient;

use super::release::Release;
use crate::snapshot::Snapshot;

/// Advisory lock that lets one process at a time publish a release.
const LOCK: i64 = 7750;

impl Release {
    /// Returns the number of the latest release in the warehouse.
    pub(crate) async fn newest(client: &impl GenericClient) -> Result<Option<i64>, SchemaError> {
        Ok(client.query_one("select max(release_id) from meta.release", &[]).await?.get(0))
    }

    /// Reads the latest release. Returns `None` if there is no release, or if another version of
    /// Hotwash wrote it.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn latest(client: &impl GenericClient) -> Result<Option<Self>, SchemaError> {
        let sql = "select release_id, content from meta.release order by release_id desc limit 1";
        let Some(row) = client.query_opt(sql, &[]).await? else { return Ok(None) };
        let (number, content): (i64, Value) = (row.get(0), row.get(1));
        match Self::from_json(content) {
            Ok(mut release) => {
                release.number = number;
                Ok(Some(release))
            }
            Err(error) => {
                tracing::warn!(number, %error, "the release cannot be read; `hotwash release` \
                    makes a new one");
                Ok(None)
            }
        }
    }

    /// Computes and stores the release of this day, compared with the previous one.
    ///
    /// # Errors
    /// If a metric cannot be computed, or the database is unavailable.
    pub async fn publish(
        url: &str,
        snapshot: &Snapshot,
        as_of: NaiveDate,
    ) -> Result<Self, SchemaError> {
        let release = Self::store(url, snapshot, as_of, false).await?;
        release.ok_or_else(|| SchemaError::Database("release: nothing was made".into()))
    }

    /// Publishes the release of this day, unless the warehouse has it or a later one.
    ///
    /// # Errors
    /// As [`Self::publish`].
    pub async fn publish_if_due(
        url: &str,
        snapshot: &Snapshot,
        as_of: NaiveDate,
    ) -> Result<Option<Self>, SchemaError> {
        Self::store(url, snapshot, as_of, true).await
    }

    async fn store(
        url: &str,
        snapshot: &Snapshot,
        as_of: NaiveDate,
        if_due: bool,
    ) -> Result<Option<Self>, SchemaError> {
        let mut client = connect(url).await?;
        let transaction = client.transaction().await?;
        transaction.execute("select pg_advisory_xact_lock($1)", &[&LOCK]).await?;
        // If the previous release cannot be read, this one starts a new series.
        let previous = Self::latest(&transaction).await?;
        if if_due && previous.as_ref().is_some_and(|previous| previous.as_of >= as_of) {
            return Ok(None);
        }
        let snapshot = snapshot.clone();
        let release =
            tokio::task::spawn_blocking(move || Self::compute(&snapshot, as_of, previous.as_ref()))
                .await;
        let failed = |error: String| SchemaError::Database(format!("release: {error}"));
        let mut release = release
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))?;
        let content = release.to_json().map_err(|error| failed(error.to_string()))?;
        release.number = transaction
            .query_one(
                "insert into meta.release (as_of, made_at, warehouse_version, content) values ($1, \
                 $2, $3, $4) returning release_id",
                &[&release.as_of, &release.made_at, &release.warehouse_version, &content],
            )
            .await?
            .get(0);
        transaction.commit().await?;
        Ok(Some(release))
    }
}
