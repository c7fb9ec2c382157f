//! Alerts: checked at startup, after each change of the warehouse and each load, and once a day.

use std::time::{Duration, Instant};

use actix_web::web;
use hotwash_schema::alerts::latest_load;

use super::state::AppState;
use crate::alerts::{self, Alerts};
use crate::page_context::RecordReader;

/// Interval of checking for a new day, and for a load that failed and so changed nothing.
const CHECK_INTERVAL: Duration = Duration::from_secs(15);

/// Time after which a message that could not be delivered is tried again.
const RETRY: Duration = Duration::from_secs(15 * 60);

/// Checks the rules whenever they may have changed, until the server ends.
pub async fn follow(state: web::Data<AppState>, rules: Alerts) {
    let mut versions = state.store.subscribe();
    let records = match RecordReader::new(state.primary.url()) {
        Ok(records) => records,
        Err(error) => {
            tracing::error!(%error, "alerts are off");
            return;
        }
    };
    loop {
        let (snapshot, today) = (state.store.pin(), chrono::Local::now().date_naive());
        let generation = snapshot.generation();
        let load = latest_load(&state.primary).await.unwrap_or_default();
        let began = Instant::now();
        let run = alerts::run(&rules, &state.primary, &snapshot, &records, today).await;
        let has_failed = match run {
            Ok(report) => {
                tracing::info!(on = report.on.len(), sent = report.sent, "alerts are checked");
                for failure in &report.failures {
                    let (code, failure) = (failure.code.as_str(), &failure.message);
                    tracing::warn!(code, failure, "an alert failed; it is tried again");
                }
                !report.failures.is_empty()
            }
            Err(error) => {
                tracing::warn!(%error, "alerts cannot be checked; they are tried again");
                true
            }
        };
        drop(snapshot);
        let changed = || state.store.pin().generation() != generation;
        while !changed() && chrono::Local::now().date_naive() == today {
            let _ = tokio::time::timeout(CHECK_INTERVAL, versions.changed()).await;
            if has_failed && began.elapsed() >= RETRY {
                break;
            }
            // While the database does not answer, there is nothing to check.
            if latest_load(&state.primary).await.is_ok_and(|latest| latest != load) {
                break;
            }
        }
    }
}
