//! What the operator chooses about a board pack.

use super::logo::Logo;
use super::narrative::Narrative;

/// What the operator chooses about a board pack.
#[derive(Clone, Debug, Default)]
pub struct Pack {
    /// Name of the paper: `a4` or `us-letter`.
    pub paper: String,
    /// Title on the cover.
    pub title: String,
    /// Organization that publishes the pack; empty for none.
    pub organization: String,
    /// Logo on the cover.
    pub logo: Option<Logo>,
    /// Narrative before the summary.
    pub narrative: Option<Narrative>,
}
