//! Ratings of capabilities.

use super::{EventRef, OrganizationRef, RatingLevel, Record, RecordTable};
use crate::copy::CopyRow;

/// Rating of a capability, of one of its targets, or of a critical task.
#[derive(Clone, Debug)]
pub struct CapabilityRating {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Event.
    pub event: EventRef,
    /// Capability id.
    pub capability_id: i32,
    /// Organization rated; none for all together.
    pub organization: Option<OrganizationRef>,
    /// Level that was rated.
    pub level: RatingLevel,
    /// Target or task that was rated, redacted.
    pub subject: Option<String>,
    /// Rating scale id.
    pub rating_scale_id: i32,
    /// Value on the scale, e.g. `P`.
    pub rating: String,
    /// Explanation, redacted.
    pub note: Option<String>,
}

impl Record for CapabilityRating {
    const TABLE: RecordTable = RecordTable::CapabilityRating;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut CopyRow) {
        row.text(&self.event.staged());
        row.value(self.capability_id);
        row.optional_text(self.organization.as_ref().map(OrganizationRef::staged).as_deref());
        row.text(self.level.code());
        row.optional_text(self.subject.as_deref());
        row.value(self.rating_scale_id);
        row.text(&self.rating);
        row.optional_text(self.note.as_deref());
    }
}
