//! Expected feeds: publishes the metrics again when a feed becomes overdue without a load.

use std::time::Duration;

use actix_web::web;
use hotwash_metrics::{Feed, MetricQuery, publish};

use super::state::AppState;

/// Interval of checking for a new day.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// Publishes the metrics whenever other feeds are overdue than before, until the server ends. A
/// load publishes by itself.
pub async fn follow(state: web::Data<AppState>) {
    let mut known: Vec<String> = Vec::new();
    loop {
        let (snapshot, today) = (state.store.pin(), MetricQuery::default().as_of);
        let overdue = snapshot.feeds().iter().filter(|feed| feed.is_overdue(today));
        let overdue: Vec<String> = overdue.map(Feed::name).collect();
        // A feed that came has been published by its load.
        if overdue.iter().any(|name| !known.contains(name)) {
            match publish(state.primary.url(), &snapshot, today).await {
                Ok(rows) => tracing::info!(rows, "published: a feed is overdue"),
                Err(error) => tracing::warn!(%error, "overdue feeds could not be published"),
            }
        }
        known = overdue;
        drop(snapshot);
        while MetricQuery::default().as_of == today {
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
    }
}
