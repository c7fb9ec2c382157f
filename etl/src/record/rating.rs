//! Ratings of capabilities.

use hotwash_schema::record::{self, RecordType};

use super::{EventRef, OrganizationRef, RatingLevel, Record, RecordRow};

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
    fn record_type(&self) -> &'static RecordType {
        &record::CAPABILITY_RATING
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        row.text("event_ref", &self.event.staged());
        row.value("capability_id", self.capability_id);
        row.optional_text(
            "organization_ref",
            self.organization.as_ref().map(OrganizationRef::staged).as_deref(),
        );
        row.text("level", self.level.code());
        row.optional_text("subject", self.subject.as_deref());
        row.value("rating_scale_id", self.rating_scale_id);
        row.text("rating", &self.rating);
        row.optional_text("note", self.note.as_deref());
    }
}
