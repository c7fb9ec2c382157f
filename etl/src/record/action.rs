//! Corrective actions as documents report them.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::{ActionStatus, DuePrecision, EventRef, OrganizationRef, Priority, Record, RecordTable};
use crate::copy::Row;

/// What one document says of a corrective action on one day. Several reports may tell of the same
/// action.
#[derive(Clone, Debug, Default)]
pub struct ActionReport {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// The event behind it; none when the document names none.
    pub event: Option<EventRef>,
    /// Id of its finding in the same source.
    pub finding_source_id: Option<String>,
    /// Region; by the owner or the event when `-1`.
    pub region_id: i32,
    /// The capability, `-1` when none is named.
    pub capability_id: i32,
    /// Who must do it.
    pub owner: Option<OrganizationRef>,
    /// Id the document gives it, shared by all documents that speak of it.
    pub external_id: Option<String>,
    /// The area for improvement it answers, redacted.
    pub issue: Option<String>,
    /// What must be done, redacted.
    pub text: String,
    /// Priority.
    pub priority: Option<Priority>,
    /// Status on the day of the report; none when the document does not speak of it, as an
    /// improvement plan's table.
    pub status: Option<ActionStatus>,
    /// When it was opened; the day of the event or of the report when not given.
    pub opened_on: Option<NaiveDate>,
    /// When work was to start.
    pub start_on: Option<NaiveDate>,
    /// When it is due, as this report says.
    pub due_on: Option<NaiveDate>,
    /// First due date, where the document tells that it moved.
    pub due_original_on: Option<NaiveDate>,
    /// Day on which the due date was moved last, where the document tells it.
    pub due_changed_on: Option<NaiveDate>,
    /// How exact the due date is.
    pub due_precision: Option<DuePrecision>,
    /// Due date as written.
    pub due_text: Option<String>,
    /// When it was completed; not before it was opened.
    pub completed_on: Option<NaiveDate>,
    /// When it was cancelled.
    pub cancelled_on: Option<NaiveDate>,
    /// When a later event proved it.
    pub validated_on: Option<NaiveDate>,
    /// The event that proved it.
    pub validated_event: Option<EventRef>,
    /// Day for which the report speaks, which is its version; the day of the load when not given.
    pub reported_on: Option<NaiveDate>,
    /// Open to everyone.
    pub public: bool,
    /// Capability elements; each gets an equal share.
    pub elements: Vec<i32>,
}

impl Record for ActionReport {
    const TABLE: RecordTable = RecordTable::ActionReport;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn source_version(&self) -> Cow<'_, str> {
        self.reported_on.map_or(Cow::Borrowed(""), |day| Cow::Owned(day.to_string()))
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut Row) {
        row.optional_text(self.event.as_ref().map(EventRef::staged).as_deref());
        row.optional_text(self.finding_source_id.as_deref());
        row.value(self.region_id);
        row.value(self.capability_id);
        row.optional_text(self.owner.as_ref().map(OrganizationRef::staged).as_deref());
        row.optional_text(self.external_id.as_deref());
        row.optional_text(self.issue.as_deref());
        row.text(&self.text);
        row.optional_text(self.priority.map(Priority::code));
        row.optional_text(self.status.map(ActionStatus::code));
        row.day(self.opened_on);
        row.day(self.start_on);
        row.day(self.due_on);
        row.day(self.due_original_on);
        row.day(self.due_changed_on);
        row.optional_text(self.due_precision.map(DuePrecision::code));
        row.optional_text(self.due_text.as_deref());
        row.day(self.completed_on);
        row.day(self.cancelled_on);
        row.day(self.validated_on);
        row.optional_text(self.validated_event.as_ref().map(EventRef::staged).as_deref());
        row.text(if self.public { "PUBLIC" } else { "RESTRICTED" });
        row.ids(&self.elements);
    }
}
