//! Graceful shutdown: report "stopping" to load balancers, stop accepting, finish running requests.

use std::sync::atomic::Ordering;

use actix_web::dev::ServerHandle;
use actix_web::web;

use super::state::AppState;

/// Waits for SIGINT or SIGTERM, keeps serving for the drain time, then stops. A second signal ends
/// the drain time.
pub async fn on_signal(server: ServerHandle, state: web::Data<AppState>) {
    signal().await;
    let drain = state.options.drain();
    state.stopping.store(true, Ordering::Relaxed);
    tracing::info!(drain_seconds = drain.as_secs(), "stopping");
    tokio::select! {
        () = tokio::time::sleep(drain) => {}
        () = signal() => {}
    }
    state.sockets.close_all();
    server.stop(true).await;
}

async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
