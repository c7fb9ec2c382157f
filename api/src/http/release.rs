//! Monthly release: published at startup and on the first of each month, unless it exists already.

use std::time::Duration;

use actix_web::web;
use hotwash_metrics::{Release, last_closed_month};

use super::state::AppState;

/// Interval of checking for a new month.
const CHECK: Duration = Duration::from_secs(60);

/// Publishes releases until the server stops. An empty warehouse has nothing to publish.
pub async fn follow(state: web::Data<AppState>) {
    if state.options.no_releases {
        return;
    }
    loop {
        let closed = last_closed_month(chrono::Local::now().date_naive());
        let snapshot = state.store.pin();
        let is_due =
            snapshot.rows() > 0 && snapshot.release().is_none_or(|release| release.as_of < closed);
        if is_due && let Err(error) = make(&state, closed).await {
            tracing::warn!(%error, "the monthly release failed; the next attempt is in a minute");
        }
        drop(snapshot);
        tokio::time::sleep(CHECK).await;
    }
}

async fn make(
    state: &AppState,
    closed: chrono::NaiveDate,
) -> Result<(), hotwash_schema::SchemaError> {
    let snapshot = state.store.pin();
    if let Some(release) = Release::publish_if_due(state.primary.url(), &snapshot, closed).await? {
        let (rows, suppressed) = release.counts();
        tracing::info!(number = release.number, as_of = %release.as_of, rows, suppressed, "new \
            release");
        let with_release = snapshot.with_release(release);
        hotwash_metrics::publish_release(state.primary.url(), &with_release).await?;
    }
    Ok(())
}
