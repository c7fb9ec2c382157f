//! Corrective actions as documents report them.

use std::borrow::Cow;

use chrono::NaiveDate;

use hotwash_schema::record::{self, RecordType};

use super::{
    ActionPriority, ActionStatus, DuePrecision, EventRef, OrganizationRef, Record, RecordRow,
};

/// Report of a corrective action in one document on one date. Several reports can describe the same
/// action.
#[derive(Clone, Debug, Default)]
pub struct ActionReport {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Event that led to the action; none if the document names none.
    pub event: Option<EventRef>,
    /// Id of its finding in the same source.
    pub finding_source_id: Option<String>,
    /// Region id; `-1` uses the region of the owner or the event.
    pub region_id: i32,
    /// Capability id; `-1` if none is named.
    pub capability_id: i32,
    /// Responsible organization.
    pub owner: Option<OrganizationRef>,
    /// Id given by the document and shared by all documents with this action.
    pub external_id: Option<String>,
    /// Row of a sent tracker that the report answers. Such a report states only what changed.
    pub request_id: Option<String>,
    /// Area for improvement that the action addresses, redacted.
    pub issue: Option<String>,
    /// Task, redacted.
    pub text: String,
    /// Priority.
    pub priority: Option<ActionPriority>,
    /// Status on the date of the report; none if the document states none, like an improvement
    /// plan's table.
    pub status: Option<ActionStatus>,
    /// Date it was opened; the date of the event or the report if not given.
    pub opened_on: Option<NaiveDate>,
    /// Planned start date.
    pub start_on: Option<NaiveDate>,
    /// Due date in this report.
    pub due_on: Option<NaiveDate>,
    /// First due date, if the document states that it changed.
    pub due_original_on: Option<NaiveDate>,
    /// Date on which the due date last changed, if the document states it.
    pub due_changed_on: Option<NaiveDate>,
    /// Precision of the due date.
    pub due_precision: Option<DuePrecision>,
    /// Due date as written.
    pub due_text: Option<String>,
    /// Date of completion; not before the opening.
    pub completed_on: Option<NaiveDate>,
    /// Date of cancellation.
    pub cancelled_on: Option<NaiveDate>,
    /// Date on which a later event validated the action.
    pub validated_on: Option<NaiveDate>,
    /// Event that validated the action.
    pub validated_event: Option<EventRef>,
    /// Date the report describes, which is its version; the load date if not given.
    pub reported_on: Option<NaiveDate>,
    /// The row states no such date; it follows from the other dates.
    pub undated: bool,
    /// Readable by everyone.
    pub public: bool,
    /// Capability element ids; each gets an equal share.
    pub elements: Vec<i32>,
}

impl Record for ActionReport {
    fn record_type(&self) -> &'static RecordType {
        &record::CORRECTIVE_ACTION
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn source_version(&self) -> Cow<'_, str> {
        self.reported_on.map_or(Cow::Borrowed(""), |day| Cow::Owned(day.to_string()))
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        row.optional_text("event_ref", self.event.as_ref().map(EventRef::staged).as_deref());
        row.optional_text("finding_source_id", self.finding_source_id.as_deref());
        row.value("region_id", self.region_id);
        row.value("capability_id", self.capability_id);
        row.optional_text("owner_ref", self.owner.as_ref().map(OrganizationRef::staged).as_deref());
        row.optional_text("external_id", self.external_id.as_deref());
        row.optional_text("request_id", self.request_id.as_deref());
        row.value("is_undated", self.undated);
        row.ids("elements", &self.elements);
        row.optional_text("issue", self.issue.as_deref());
        row.text("text", &self.text);
        row.optional_text("priority", self.priority.map(ActionPriority::code));
        row.optional_text("status", self.status.map(ActionStatus::code));
        row.day("opened_on", self.opened_on);
        row.day("start_on", self.start_on);
        row.day("due_original_on", self.due_original_on);
        row.day("due_on", self.due_on);
        row.day("due_changed_on", self.due_changed_on);
        row.optional_text("due_precision", self.due_precision.map(DuePrecision::code));
        row.optional_text("due_text", self.due_text.as_deref());
        row.day("completed_on", self.completed_on);
        row.day("cancelled_on", self.cancelled_on);
        row.day("validated_on", self.validated_on);
        row.optional_text(
            "validated_event_ref",
            self.validated_event.as_ref().map(EventRef::staged).as_deref(),
        );
        let sensitivity = if self.public { "PUBLIC" } else { "RESTRICTED" };
        row.optional_text("sensitivity", self.request_id.is_none().then_some(sensitivity));
    }
}
