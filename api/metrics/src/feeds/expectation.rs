//! What the operator expects of each feed.

use std::sync::OnceLock;

use super::cadence::Cadence;

/// What the operator expects of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Source or layout.
    pub source: String,
    /// Name of the source for readers.
    pub name: String,
    /// Time between two deliveries.
    pub cadence: Cadence,
    /// Codes of the regions that should send it; empty for a source that is not sent by regions.
    pub regions: Vec<String>,
    /// Least and most records in one cadence.
    pub volume: Option<(u64, u64)>,
    /// Headings of its files.
    pub headings: Vec<String>,
    /// File and line, for errors.
    pub position: String,
}

static EXPECTED: OnceLock<Vec<Expectation>> = OnceLock::new();

/// Sets the expectations of this process. Later calls change nothing.
pub fn expect(expectations: Vec<Expectation>) {
    let _ = EXPECTED.set(expectations);
}

/// Returns the expectations of this process.
pub(super) fn expected() -> &'static [Expectation] {
    EXPECTED.get().map_or(&[], Vec::as_slice)
}
