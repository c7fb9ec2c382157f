//! Requests for information and for resources in an event.

use chrono::{DateTime, Utc};

use hotwash_schema::record::{self, RecordType};

use super::{EventRef, OrganizationRef, Record, RecordRow, RequestPriority, RequestStatus};

/// Answer of an organization to a request for information.
#[derive(Clone, Debug)]
pub struct InformationReport {
    /// Organization that must answer.
    pub organization: OrganizationRef,
    /// Date and time of the answer; none if it did not arrive.
    pub received_at: Option<DateTime<Utc>>,
}

/// Request for essential elements of information.
#[derive(Clone, Debug)]
pub struct InformationRequest {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Event.
    pub event: EventRef,
    /// Information requested.
    pub label: String,
    /// Platform of the request.
    pub platform: Option<String>,
    /// Date and time of the request.
    pub asked_at: DateTime<Utc>,
    /// Date and time the answers were due.
    pub due_at: Option<DateTime<Utc>>,
    /// Organizations in the request, with their answers.
    pub reports: Vec<InformationReport>,
}

impl Record for InformationRequest {
    fn record_type(&self) -> &'static RecordType {
        &record::INFORMATION_REQUEST
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        let reports = self
            .reports
            .iter()
            .map(|report| serde_json::json!({"organization": report.organization.staged(), "at": report.received_at}));
        row.text("event_ref", &self.event.staged());
        row.text("label", &self.label);
        row.optional_text("platform", self.platform.as_deref());
        row.moment("asked_at", Some(self.asked_at));
        row.moment("due_at", self.due_at);
        row.json("reports", Some(&reports.collect()));
    }
}

/// Request for a resource, as on form ICS-213RR.
#[derive(Clone, Debug)]
pub struct ResourceRequest {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Event; none outside of an event.
    pub event: Option<EventRef>,
    /// Requesting region; `-1` uses the organization's region.
    pub region_id: i32,
    /// Requesting organization.
    pub organization: Option<OrganizationRef>,
    /// Kind of resource.
    pub kind: String,
    /// Urgency.
    pub priority: Option<RequestPriority>,
    /// Status.
    pub status: RequestStatus,
    /// Quantity requested; greater than 0.
    pub quantity_requested: f64,
    /// Quantity delivered; 0 or more.
    pub quantity_filled: f64,
    /// Date and time of the request.
    pub requested_at: DateTime<Utc>,
    /// Date and time by which it was needed.
    pub needed_by: Option<DateTime<Utc>>,
    /// Date and time it was assigned.
    pub assigned_at: Option<DateTime<Utc>>,
    /// Date and time it was filled; not before the request.
    pub filled_at: Option<DateTime<Utc>>,
}

impl Record for ResourceRequest {
    fn record_type(&self) -> &'static RecordType {
        &record::RESOURCE_REQUEST
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        row.optional_text("event_ref", self.event.as_ref().map(EventRef::staged).as_deref());
        row.value("region_id", self.region_id);
        row.optional_text(
            "organization_ref",
            self.organization.as_ref().map(OrganizationRef::staged).as_deref(),
        );
        row.text("kind", &self.kind);
        row.optional_text("priority", self.priority.map(RequestPriority::code));
        row.text("status", self.status.code());
        row.value("quantity_requested", self.quantity_requested);
        row.value("quantity_filled", self.quantity_filled);
        row.moment("requested_at", Some(self.requested_at));
        row.moment("needed_by", self.needed_by);
        row.moment("assigned_at", self.assigned_at);
        row.moment("filled_at", self.filled_at);
    }
}
