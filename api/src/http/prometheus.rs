//! Prometheus metrics, request ids, and one log line per request.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use hotwash_cache::CacheStatus;
use hotwash_graphql::error::Code;
use prometheus::{
    Encoder, Gauge, HistogramOpts, HistogramVec, IntCounter, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use super::{AppState, error};
use crate::logging;

/// Gauge of each part of the cache: name, help and value.
type CacheGauge = (&'static str, &'static str, fn(&CacheStatus) -> u64);

const CACHE_GAUGES: [CacheGauge; 5] = [
    ("hotwash_cache_entries", "Entries in a part of the cache.", |status| status.entries),
    ("hotwash_cache_bytes", "Size of a part of the cache in bytes.", |status| status.bytes),
    ("hotwash_cache_max_bytes", "Maximum size of a part of the cache in bytes.", |status| {
        status.max_bytes
    }),
    ("hotwash_cache_hits", "Lookups since the server started that found their entry.", |status| {
        status.hits
    }),
    (
        "hotwash_cache_misses",
        "Lookups since the server started that did not find their entry.",
        |status| status.misses,
    ),
];

/// Prometheus metrics of the server.
pub struct PrometheusMetrics {
    registry: Registry,
    seconds: Option<HistogramVec>,
    version: Option<IntGauge>,
    rows: Option<IntGauge>,
    bytes: Option<IntGauge>,
    took: Option<Gauge>,
    statements: Option<IntGauge>,
    prerendered: Option<IntGauge>,
    sockets: Option<IntGauge>,
    caches: [Option<IntGaugeVec>; 5],
    counted: Option<IntGauge>,
    dropped_log_lines: Option<Mutex<IntCounter>>,
}

impl PrometheusMetrics {
    /// Registers all metrics.
    pub fn new() -> Self {
        let registry = Registry::new();
        let gauge = |name: &str, help: &str| {
            let gauge = IntGauge::new(name, help).ok()?;
            registry.register(Box::new(gauge.clone())).ok()?;
            Some(gauge)
        };
        let version = gauge(
            "hotwash_snapshot_version",
            "Warehouse version of the snapshot that answers metrics.",
        );
        let rows = gauge("hotwash_snapshot_rows", "Rows in the snapshot.");
        let bytes = gauge("hotwash_snapshot_bytes", "Size of the snapshot in bytes.");
        let statements = gauge(
            "hotwash_sql_statements",
            "SQL statements run for queries since the server started.",
        );
        let prerendered = gauge(
            "hotwash_prerendered_version",
            "Latest warehouse version whose report pages were prerendered; 0 for none.",
        );
        let sockets = gauge("hotwash_websockets", "Open WebSockets.");
        let caches = CACHE_GAUGES.map(|(name, help, _)| {
            let gauge = IntGaugeVec::new(Opts::new(name, help), &["part"]).ok()?;
            registry.register(Box::new(gauge.clone())).ok()?;
            Some(gauge)
        });
        let counted = gauge(
            "hotwash_column_cache_answers",
            "Aggregates answered from the column cache since the server started.",
        );
        let dropped_log_lines = IntCounter::new(
            "hotwash_log_lines_dropped_total",
            "Log lines dropped since the server started because standard error was not writable.",
        )
        .ok();
        if let Some(counter) = &dropped_log_lines {
            let _ = registry.register(Box::new(counter.clone()));
        }
        let dropped_log_lines = dropped_log_lines.map(Mutex::new);
        let took =
            Gauge::new("hotwash_snapshot_seconds", "Time to read the latest snapshot, in seconds.")
                .ok();
        let options = HistogramOpts::new(
            "hotwash_http_request_seconds",
            "Time to answer a request, in seconds.",
        )
        .buckets(vec![
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ]);
        let seconds = HistogramVec::new(options, &["path", "status"]).ok();
        if let Some(took) = &took {
            let _ = registry.register(Box::new(took.clone()));
        }
        if let Some(seconds) = &seconds {
            let _ = registry.register(Box::new(seconds.clone()));
        }
        Self {
            registry,
            seconds,
            version,
            rows,
            bytes,
            took,
            statements,
            prerendered,
            sockets,
            caches,
            counted,
            dropped_log_lines,
        }
    }
}

/// `/metrics`.
pub async fn exposition(state: web::Data<AppState>) -> HttpResponse {
    let snapshot = state.store.pin();
    let measures = &state.measures;
    for (gauge, value) in [
        (&measures.version, snapshot.version),
        (&measures.rows, snapshot.rows() as i64),
        (&measures.bytes, snapshot.bytes() as i64),
        (&measures.statements, state.pool.statements() as i64),
        (&measures.prerendered, state.prerenderer.version()),
        (&measures.sockets, state.sockets.count() as i64),
        (
            &measures.counted,
            state.column_cache.as_ref().map_or(0, |column_cache| column_cache.answers() as i64),
        ),
    ] {
        if let Some(gauge) = gauge {
            gauge.set(value);
        }
    }
    for status in state.cache_status() {
        for (gauge, (_, _, value)) in measures.caches.iter().zip(CACHE_GAUGES) {
            if let Some(gauge) = gauge {
                gauge.with_label_values(&[status.part.name()]).set(value(&status) as i64);
            }
        }
    }
    if let Some(counter) = &measures.dropped_log_lines {
        let counter = counter.lock().unwrap_or_else(PoisonError::into_inner);
        counter.inc_by(logging::dropped_lines().saturating_sub(counter.get()));
    }
    if let Some(took) = &measures.took {
        took.set(snapshot.took.as_secs_f64());
    }
    let mut text = Vec::new();
    match TextEncoder::new().encode(&measures.registry.gather(), &mut text) {
        Ok(()) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
        Err(cause) => error::text(Code::Internal, cause.to_string()),
    }
}

/// Id of a request: the one it came with, or one of ours.
#[derive(Clone)]
pub struct RequestId(String);

impl RequestId {
    /// Returns the id that [`observe`] assigned.
    pub fn of(request: &HttpRequest) -> String {
        request.extensions().get::<Self>().map(|id| id.0.clone()).unwrap_or_default()
    }
}

/// Assigns a request id, measures and logs the request, and forbids caches to store the response.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let given = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    let id = given
        .filter(|id| {
            id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
        .map_or_else(|| uuid::Uuid::new_v4().simple().to_string(), str::to_owned);
    request.extensions_mut().insert(RequestId(id.clone()));
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
    if let Some(histogram) = state.as_ref().and_then(|state| state.measures.seconds.as_ref()) {
        let path = if known { path.as_str() } else { "other" };
        histogram.with_label_values(&[path, &status.to_string()]).observe(seconds);
    }
    tracing::info!(target: "hotwash::http", request_id = %id, %method, path, status, ms = (seconds * 1e3) as u64, "request");
    Ok(response)
}
