//! Who took part in an event.

use super::{EventRef, OrganizationRef, Record, RecordTable, Role};
use crate::copy::Row;

/// An organization in an event.
#[derive(Clone, Debug)]
pub struct Participation {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// The event.
    pub event: EventRef,
    /// The organization.
    pub organization: OrganizationRef,
    /// Its region at the time; the organization's own when not given.
    pub region_id: Option<i32>,
    /// What it did.
    pub role: Role,
    /// An executive took part.
    pub executive_present: Option<bool>,
    /// People it sent.
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

    fn write(&self, row: &mut Row) {
        row.text(&self.event.staged());
        row.text(&self.organization.staged());
        row.optional(self.region_id);
        row.text(self.role.code());
        row.optional(self.executive_present);
        row.optional(self.participant_count);
    }
}
