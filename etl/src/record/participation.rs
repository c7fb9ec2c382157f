//! Participation of organizations in events.

use super::{EventRef, OrganizationRef, ParticipationRole, Record, RecordTable};
use crate::copy::CopyRow;

/// Participation of one organization in one event.
#[derive(Clone, Debug)]
pub struct Participation {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Event.
    pub event: EventRef,
    /// Organization.
    pub organization: OrganizationRef,
    /// Region at the time; the organization's own if not given.
    pub region_id: Option<i32>,
    /// Role in the event.
    pub role: ParticipationRole,
    /// An executive took part.
    pub executive_present: Option<bool>,
    /// Number of participants.
    pub participant_count: Option<i32>,
}

impl Record for Participation {
    const TABLE: RecordTable = RecordTable::Participation;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut CopyRow) {
        row.text(&self.event.staged());
        row.text(&self.organization.staged());
        row.optional(self.region_id);
        row.text(self.role.code());
        row.optional(self.executive_present);
        row.optional(self.participant_count);
    }
}
