//! Prometheus metrics of the server.

use std::sync::Mutex;

use hotwash_cache::CacheStatus;
use prometheus::{
    Gauge, HistogramOpts, HistogramVec, IntCounter, IntGauge, IntGaugeVec, Opts, Registry,
};

/// Gauge of each part of the cache: name, help and value.
type CacheGauge = (&'static str, &'static str, fn(&CacheStatus) -> u64);

pub const CACHE_GAUGES: [CacheGauge; 5] = [
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
    pub registry: Registry,
    pub seconds: Option<HistogramVec>,
    pub version: Option<IntGauge>,
    pub rows: Option<IntGauge>,
    pub bytes: Option<IntGauge>,
    pub took: Option<Gauge>,
    pub statements: Option<IntGauge>,
    pub prerendered: Option<IntGauge>,
    pub sockets: Option<IntGauge>,
    pub caches: [Option<IntGaugeVec>; 5],
    pub counted: Option<IntGauge>,
    pub dropped_log_lines: Option<Mutex<IntCounter>>,
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
