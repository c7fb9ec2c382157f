//! Exposes Prometheus metrics, measures each request, and logs it in one line.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, web};
use hotwash_graphql::error::Code;
use hotwash_metrics::{FeedState, MetricQuery};
use prometheus::{Encoder, TextEncoder};

use super::error;
use super::measurements::CACHE_GAUGES;
use super::request_id::RequestId;
use super::state::AppState;
use crate::logging;

/// `/metrics`.
pub async fn exposition(state: web::Data<AppState>) -> HttpResponse {
    let snapshot = state.store.pin();
    let measurements = &state.measurements;
    for (gauge, value) in [
        (&measurements.version, snapshot.version),
        (&measurements.rows, snapshot.rows() as i64),
        (&measurements.bytes, snapshot.bytes() as i64),
        (&measurements.statements, state.pool.statements() as i64),
        (&measurements.prerendered, state.prerendered.load(Ordering::Relaxed)),
        (&measurements.sockets, state.sockets.count() as i64),
        (
            &measurements.counted,
            state.column_cache.as_ref().map_or(0, |column_cache| column_cache.answers() as i64),
        ),
    ] {
        gauge.set(value);
    }
    for status in state.cache_status() {
        for (gauge, (_, _, value)) in measurements.caches.iter().zip(CACHE_GAUGES) {
            gauge.with_label_values(&[status.part.name()]).set(value(&status) as i64);
        }
    }
    let today = MetricQuery::default().as_of;
    for feed in snapshot.feeds() {
        let labels = [feed.source.as_str(), feed.region.as_deref().unwrap_or("all")];
        let is_as_expected = feed.state(today) == FeedState::AsExpected;
        for (gauge, value) in [
            (&measurements.feed_days_overdue, feed.days_overdue(today).unwrap_or(-1)),
            (&measurements.feed_records, feed.records as i64),
            (&measurements.feed_as_expected, is_as_expected.into()),
        ] {
            gauge.with_label_values(&labels).set(value);
        }
    }
    let dropped = measurements.dropped_log_lines.lock().unwrap_or_else(PoisonError::into_inner);
    dropped.inc_by(logging::dropped_lines().saturating_sub(dropped.get()));
    drop(dropped);
    measurements.took.set(snapshot.took.as_secs_f64());
    let mut text = Vec::new();
    match TextEncoder::new().encode(&measurements.registry.gather(), &mut text) {
        Ok(()) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
        Err(cause) => error::text(Code::Internal, cause.to_string()),
    }
}

/// Assigns a request id, measurements and logs the request, and forbids caches to store the response.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let id = RequestId::assign(&request);
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    // Responses are private to their viewer; only the style sheet may be cached.
    if !headers.contains_key("cache-control") {
        headers
            .insert(HeaderName::from_static("cache-control"), HeaderValue::from_static("no-store"));
    }
    let seconds = began.elapsed().as_secs_f64();
    let status = response.status().as_u16();
    let known = matches!(path.as_str(), "/" | "/graphql" | "/healthz" | "/readyz" | "/metrics");
    if let Some(state) = &state {
        let path = if known { path.as_str() } else { "other" };
        state.measurements.seconds.with_label_values(&[path, &status.to_string()]).observe(seconds);
    }
    tracing::info!(target: "hotwash::http", request_id = %id, %method, path, status, ms = (seconds * 1e3) as u64, "request");
    Ok(response)
}
