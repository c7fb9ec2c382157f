//! Prometheus metrics of the server.

use std::sync::Mutex;

use hotwash_cache::CacheStatus;
use prometheus::core::Collector;
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
    pub seconds: HistogramVec,
    pub version: IntGauge,
    pub rows: IntGauge,
    pub bytes: IntGauge,
    pub took: Gauge,
    pub statements: IntGauge,
    pub prerendered: IntGauge,
    pub sockets: IntGauge,
    pub caches: Vec<IntGaugeVec>,
    pub counted: IntGauge,
    pub feed_days_overdue: IntGaugeVec,
    pub feed_records: IntGaugeVec,
    pub feed_as_expected: IntGaugeVec,
    pub dropped_log_lines: Mutex<IntCounter>,
}

impl PrometheusMetrics {
    /// Registers all metrics.
    ///
    /// # Errors
    /// Fails if a name is invalid or used twice.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let gauge = |name: &str, help: &str| registered(&registry, IntGauge::new(name, help));
        let cache_gauge = |(name, help, _): CacheGauge| {
            registered(&registry, IntGaugeVec::new(Opts::new(name, help), &["part"]))
        };
        let feed_gauge = |name: &str, help: &str| {
            let gauge = IntGaugeVec::new(Opts::new(name, help), &["source", "region"]);
            registered(&registry, gauge)
        };
        let seconds = HistogramOpts::new(
            "hotwash_http_request_seconds",
            "Time to answer a request, in seconds.",
        )
        .buckets(vec![
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ]);
        let took =
            Gauge::new("hotwash_snapshot_seconds", "Time to read the latest snapshot, in seconds.");
        let dropped_log_lines = IntCounter::new(
            "hotwash_log_lines_dropped_total",
            "Log lines dropped since the server started because standard error was not writable.",
        );
        Ok(Self {
            seconds: registered(&registry, HistogramVec::new(seconds, &["path", "status"]))?,
            version: gauge(
                "hotwash_snapshot_version",
                "Warehouse version of the snapshot that answers metrics.",
            )?,
            rows: gauge("hotwash_snapshot_rows", "Rows in the snapshot.")?,
            bytes: gauge("hotwash_snapshot_bytes", "Size of the snapshot in bytes.")?,
            took: registered(&registry, took)?,
            statements: gauge(
                "hotwash_sql_statements",
                "SQL statements run for queries since the server started.",
            )?,
            prerendered: gauge(
                "hotwash_prerendered_version",
                "Latest warehouse version whose report pages were prerendered; 0 for none.",
            )?,
            sockets: gauge("hotwash_websockets", "Open WebSockets and event streams.")?,
            caches: CACHE_GAUGES.into_iter().map(cache_gauge).collect::<prometheus::Result<_>>()?,
            counted: gauge(
                "hotwash_column_cache_answers",
                "Aggregates answered from the column cache since the server started.",
            )?,
            feed_days_overdue: feed_gauge(
                "hotwash_feed_days_overdue",
                "Days since an expected feed should have come; -1 if it has never come.",
            )?,
            feed_records: feed_gauge(
                "hotwash_feed_records",
                "Records of an expected feed in the cadence up to its newest record.",
            )?,
            feed_as_expected: feed_gauge(
                "hotwash_feed_as_expected",
                "1 if a feed came in time, in its usual volume and with its headings; otherwise 0.",
            )?,
            dropped_log_lines: Mutex::new(registered(&registry, dropped_log_lines)?),
            registry,
        })
    }
}

/// Registers a metric.
fn registered<M: Collector + Clone + 'static>(
    registry: &Registry,
    metric: prometheus::Result<M>,
) -> prometheus::Result<M> {
    let metric = metric?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}
