//! Requests made in an event: for information and for resources.

use chrono::{DateTime, Utc};

use super::{EventRef, OrganizationRef, Record, RecordTable, RequestPriority, RequestStatus};
use crate::copy::Row;

/// An organization's answer to a request for information.
#[derive(Clone, Debug)]
pub struct InformationReport {
    /// Who was asked.
    pub organization: OrganizationRef,
    /// When the answer came; none when it did not.
    pub received_at: Option<DateTime<Utc>>,
}

/// A request for essential elements of information.
#[derive(Clone, Debug)]
pub struct InformationRequest {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// The event.
    pub event: EventRef,
    /// What was asked.
    pub label: String,
    /// By which platform.
    pub platform: Option<String>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// When answers were due.
    pub due_at: Option<DateTime<Utc>>,
    /// Who was asked and who answered.
    pub reports: Vec<InformationReport>,
}

impl Record for InformationRequest {
    const TABLE: RecordTable = RecordTable::InformationRequest;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut Row) {
        row.text(&self.event.staged());
        row.text(&self.label);
        row.optional_text(self.platform.as_deref());
        row.moment(Some(self.asked_at));
        row.moment(self.due_at);
        let reports = self
            .reports
            .iter()
            .map(|report| serde_json::json!({"organization": report.organization.staged(), "at": report.received_at}));
        row.json(Some(&reports.collect()));
    }
}

/// A request for a resource, as on form ICS-213RR.
#[derive(Clone, Debug)]
pub struct ResourceRequest {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// The event; none outside of one.
    pub event: Option<EventRef>,
    /// Region that asked; by the organization when `-1`.
    pub region_id: i32,
    /// Who asked.
    pub organization: Option<OrganizationRef>,
    /// What kind of resource.
    pub kind: String,
    /// Urgency.
    pub priority: Option<RequestPriority>,
    /// State.
    pub status: RequestStatus,
    /// Asked; above 0.
    pub quantity_requested: f64,
    /// Filled; not below 0.
    pub quantity_filled: f64,
    /// When it was asked.
    pub requested_at: DateTime<Utc>,
    /// When it was needed.
    pub needed_by: Option<DateTime<Utc>>,
    /// When it was assigned.
    pub assigned_at: Option<DateTime<Utc>>,
    /// When it was filled; not before it was asked.
    pub filled_at: Option<DateTime<Utc>>,
}

impl Record for ResourceRequest {
    const TABLE: RecordTable = RecordTable::ResourceRequest;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut Row) {
        row.optional_text(self.event.as_ref().map(EventRef::staged).as_deref());
        row.value(self.region_id);
        row.optional_text(self.organization.as_ref().map(OrganizationRef::staged).as_deref());
        row.text(&self.kind);
        row.optional_text(self.priority.map(RequestPriority::code));
        row.text(self.status.code());
        row.value(self.quantity_requested);
        row.value(self.quantity_filled);
        row.moment(Some(self.requested_at));
        row.moment(self.needed_by);
        row.moment(self.assigned_at);
        row.moment(self.filled_at);
    }
}
