//! Closes the sockets of credentials that ended.

use std::time::Duration;

use actix_web::web;

use super::message::Close;
use crate::http::authenticate::{self, Validity};
use crate::http::state::AppState;

/// Interval of checking the credentials of open sockets.
const CHECK_EVERY: Duration = Duration::from_millis(500);

/// Closes the sockets of expired or revoked credentials until the server stops.
pub async fn close_ended(state: web::Data<AppState>) {
    loop {
        tokio::time::sleep(CHECK_EVERY).await;
        let used = state.sockets.credentials();
        if used.is_empty() {
            continue;
        }
        let credentials = used.iter().map(|(_, credential)| &**credential);
        let Some(valid) = authenticate::still_valid(&state, credentials).await else {
            continue;
        };
        for ((id, _), validity) in used.iter().zip(valid) {
            if let Validity::Ended = validity {
                let reason = "Unauthorized: this key or session has ended";
                state.sockets.close(*id, Close::new(Close::UNAUTHORIZED, reason));
            }
        }
    }
}
