//! Time stamps of an event.

use chrono::{DateTime, Utc};

use super::{EventRef, OrganizationRef, Record, RecordTable, TimePrecision};
use crate::copy::CopyRow;

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
    const TABLE: RecordTable = RecordTable::Milestone;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut CopyRow) {
        row.text(&self.event.staged());
        row.value(self.milestone_type_id);
        row.value(self.sequence);
        row.moment(Some(self.occurred_at));
        row.text(self.precision.code());
        row.optional_text(self.organization.as_ref().map(OrganizationRef::staged).as_deref());
    }
}
