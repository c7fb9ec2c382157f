//! Defines why the report cannot be typeset.

use hotwash_metrics::MetricError;

/// Reason why the report cannot be typeset.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A metric of a page cannot be computed.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// Typst rejects the source, which is a fault of Hotwash; the text says what and where.
    #[error("{0}")]
    Typst(String),
}
