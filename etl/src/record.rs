//! Canonical records into which every source turns its rows: typed, validated, and resolved against
//! the reference lists. Each has the number of its row. The merge resolves references to events and
//! organizations.

mod action;
mod event;
mod finding;
mod municipality;
mod organization;
mod rating;
mod read;
mod reference;
mod request;
mod risk;
mod row;

pub use action::ActionReport;
pub use event::{AfterActionReport, Event, EventCounty, EventLink, Exercise, Incident, Objective};
pub use finding::Finding;
pub use hotwash_schema::vocabulary::{
    ActionChange, ActionPriority, ActionStatus, DuePrecision, EventKind, EventStatus, FindingKind,
    LinkRelation, ParticipationRole, RatingLevel, RequestPriority, RequestStatus, TimePrecision,
};
pub use municipality::Municipality;
pub use organization::Organization;
pub use rating::CapabilityRating;
pub use read::{FieldValue, ReadRecord};
pub use reference::{EventRef, OrganizationRef};
pub use request::{InformationReport, InformationRequest, ResourceRequest};
pub use risk::{RiskAssessment, RiskScore, StatedRisk};
pub use row::{RecordRow, write};

use std::borrow::Cow;

use hotwash_schema::record::RecordType;

/// A fact ready for staging.
pub trait Record {
    /// Returns the description of the record.
    fn record_type(&self) -> &'static RecordType;
    /// Returns the id within the source.
    fn source_id(&self) -> &str;
    /// Returns the version that the source states; an older version never replaces a newer one.
    fn source_version(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }
    /// Returns the row in the file; the first row is 1.
    fn row(&self) -> u64;
    /// Writes the content in the order of the described columns.
    fn write(&self, row: &mut RecordRow<'_>);
}
