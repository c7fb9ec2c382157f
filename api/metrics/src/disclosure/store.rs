//! Storage of releases. The warehouse retains every release, with its number, day and time.

use chrono::NaiveDate;
use diesel::dsl::max;
use diesel::sql_types::{BigInt, Jsonb, Nullable};
use diesel::{ExpressionMethods, QueryDsl, insert_into, select};
use hotwash_schema::SchemaError;
use hotwash_schema::copy::{Connection, RunStatement};
use hotwash_schema::functions::lock_transaction;
use hotwash_schema::tables::release;
use serde_json::Value;

use super::release::Release;
use crate::snapshot::Snapshot;

/// Advisory lock that lets one process at a time publish a release.
const LOCK: i64 = 7750;

/// How far the priority of a release is below that of requests, of 19 steps.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

impl Release {
    /// Returns the number of the latest release in the warehouse.
    pub(crate) async fn newest(connection: &impl RunStatement) -> Result<Option<i64>, SchemaError> {
        let newest = release::table.select(max(release::release_id));
        Ok(connection.row::<Nullable<BigInt>, _>(newest).await?)
    }

    /// Reads the latest release. Returns `None` if there is no release, or if another version of
    /// Hotwash wrote it.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn latest(connection: &impl RunStatement) -> Result<Option<Self>, SchemaError> {
        let latest = release::table
            .order(release::release_id.desc())
            .limit(1)
            .select((release::release_id, release::content));
        let latest: Vec<(i64, Value)> = connection.rows::<(BigInt, Jsonb), _>(latest).await?;
        let Some((number, content)) = latest.into_iter().next() else { return Ok(None) };
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
        let mut connection = Connection::open(url).await?;
        let transaction = connection.begin().await?;
        transaction.execute(select(lock_transaction(LOCK))).await?;
        // If the previous release cannot be read, this one starts a new series.
        let previous = Self::latest(&transaction).await?;
        if if_due && previous.as_ref().is_some_and(|previous| previous.as_of >= as_of) {
            return Ok(None);
        }
        if let Some(previous) = previous.as_ref().filter(|previous| !previous.is_comparable()) {
            tracing::warn!(
                number = previous.number,
                "another version of Hotwash made the latest release, so it cannot be compared; the \
                 new release starts a new series"
            );
        }
        let snapshot = snapshot.clone();
        let computed =
            in_background(move || Self::compute(&snapshot, as_of, previous.as_ref())).await;
        let failed = |error: String| SchemaError::Database(format!("release: {error}"));
        let mut computed = computed
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))?;
        let content = computed.to_json().map_err(|error| failed(error.to_string()))?;
        let stored = insert_into(release::table)
            .values((
                release::as_of.eq(computed.as_of),
                release::made_at.eq(computed.made_at),
                release::warehouse_version.eq(computed.warehouse_version),
                release::content.eq(content),
            ))
            .returning(release::release_id);
        computed.number = transaction.row::<BigInt, _>(stored).await?;
        transaction.commit().await?;
        Ok(Some(computed))
    }
}

/// Computes on a thread of low priority, so that the requests of a server go first.
///
/// # Errors
/// If the computation panics, or the thread cannot be started.
async fn in_background<T: Send + 'static>(
    compute: impl FnOnce() -> T + Send + 'static,
) -> Result<T, std::io::Error> {
    let (send, computed) = tokio::sync::oneshot::channel();
    let work = move || {
        // On Linux, each thread has its own priority, and those that it starts inherit it. Elsewhere
        // it is that of the whole process.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::nice(NICENESS);
        // Nobody waits any longer if the server stops.
        let _ = send.send(compute());
    };
    std::thread::Builder::new().name("release".to_owned()).spawn(work)?;
    computed.await.map_err(std::io::Error::other)
}
