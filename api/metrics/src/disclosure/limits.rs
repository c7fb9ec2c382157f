//! Limits of disclosure, and suppression of a row.

use crate::row::{MetricRow, Reliability};

/// Minimum number of facts behind a published number.
pub const MIN_N: u64 = 5;

/// Minimum number of distinct organizations behind a published number.
pub const MIN_CONTRIBUTORS: usize = 3;

/// Returns the row without its numbers: only its keys are published.
pub(crate) fn suppress_row(row: MetricRow) -> MetricRow {
    MetricRow {
        value: None,
        numerator: None,
        denominator: None,
        n: 0,
        ci_low: None,
        ci_high: None,
        reliability: Reliability::Suppressed,
        note: Some(
            "suppressed: too few records or organizations, or it would give away another figure \
             that rests on too few"
                .into(),
        ),
        extra: serde_json::Map::new(),
        ..row
    }
}
