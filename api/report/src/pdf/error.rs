//! Defines why the report cannot be typeset.

use hotwash_metrics::MetricError;

/// Reason why the report cannot be typeset.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A metric of a page cannot be computed.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// The logo is no image that can be printed.
    #[error("the logo cannot be printed ({0}); use a PNG, JPEG, WebP or SVG image")]
    Logo(String),
    /// Typst rejects the source, which is a fault of Hotwash; the text says what and where.
    #[error("the report could not be typeset: {0}; please report this")]
    Typst(String),
}
