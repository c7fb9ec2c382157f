//! Time stamps of an event.

use chrono::{DateTime, Utc};

use hotwash_schema::record::{self, RecordType};

use super::{EventRef, OrganizationRef, Record, RecordRow, TimePrecision};

/// Time stamp.
#[derive(Clone, Debug)]
pub struct Milestone {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Event.
    pub event: EventRef,
    /// Milestone type id.
    pub milestone_type_id: i32,
    /// Number among the stamps of this type in the event, from 1.
    pub sequence: i32,
    /// Date and time.
    pub occurred_at: DateTime<Utc>,
    /// Precision of the time.
    pub precision: TimePrecision,
    /// Organization concerned; none for the coalition itself.
    pub organization: Option<OrganizationRef>,
}

impl Record for Milestone {
    fn record_type(&self) -> &'static RecordType {
        &record::MILESTONE
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        row.text("event_ref", &self.event.staged());
        row.value("milestone_type_id", self.milestone_type_id);
        row.value("sequence", self.sequence);
        row.moment("occurred_at", Some(self.occurred_at));
        row.text("time_precision", self.precision.code());
        row.optional_text(
            "organization_ref",
            self.organization.as_ref().map(OrganizationRef::staged).as_deref(),
        );
    }
}
