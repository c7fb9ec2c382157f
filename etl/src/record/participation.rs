//! Participation of organizations in events.

use hotwash_schema::record::{self, RecordType};

use super::{EventRef, OrganizationRef, ParticipationRole, Record, RecordRow};

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
    fn record_type(&self) -> &'static RecordType {
        &record::PARTICIPATION
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        row.text("event_ref", &self.event.staged());
        row.text("organization_ref", &self.organization.staged());
        row.optional("region_id", self.region_id);
        row.text("role", self.role.code());
        row.optional("executive_present", self.executive_present);
        row.optional("participant_count", self.participant_count);
    }
}
