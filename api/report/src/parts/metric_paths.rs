//! Metrics named by a path.

use hotwash_metrics::{MetricDefinition, find, registry};

use crate::definition::{Advice, PathValues};
use crate::page::link;

/// Returns the metric named by a path with one variable segment.
pub fn definition(values: PathValues<'_>) -> Option<&'static MetricDefinition> {
    find(values.first()?).ok().map(|metric| metric.definition())
}

/// Returns the id of every metric, as the only value of a path.
pub fn all_ids() -> Vec<Vec<String>> {
    registry().iter().map(|metric| vec![metric.definition().id.to_owned()]).collect()
}

/// Returns advice for a path that names no metric.
pub fn all_metrics() -> Advice {
    Advice {
        text: "The page Metrics lists all metrics.".into(),
        links: vec![link("All metrics", "/metric")],
    }
}
