//! Canonical records into which every source turns its rows: typed, validated, and resolved against
//! the reference lists. Each has the number of its row. The merge resolves references to events and
//! organizations.

mod action;
mod event;
mod finding;
mod milestone;
mod municipality;
mod organization;
mod participation;
mod rating;
mod reference;
mod request;
mod risk;
mod vocabulary;

pub use action::ActionReport;
pub use event::{AfterActionReport, Event, EventCounty, EventLink, Exercise, Incident, Objective};
pub use finding::Finding;
pub use milestone::Milestone;
pub use municipality::Municipality;
pub use organization::Organization;
pub use participation::Participation;
pub use rating::CapabilityRating;
pub use reference::{EventRef, OrganizationRef};
pub use request::{InformationReport, InformationRequest, ResourceRequest};
pub use risk::{RiskAssessment, RiskScore, StatedRisk};
pub use vocabulary::{
    ActionChange, ActionPriority, ActionStatus, DuePrecision, EventKind, EventStatus, FindingKind,
    LinkRelation, ParticipationRole, RatingLevel, RequestPriority, RequestStatus, TimePrecision,
};

use std::borrow::Cow;

use crate::copy::CopyRow;

/// A fact ready for staging.
pub trait Record {
    /// Staging table of the record.
    const TABLE: RecordTable;
    /// Returns the id within the source.
    fn source_id(&self) -> &str;
    /// Returns the version that the source states; an older version never replaces a newer one.
    fn source_version(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }
    /// Returns the row in the file; the first row is 1.
    fn row(&self) -> u64;
    /// Writes the content in the order of the table's columns.
    fn write(&self, row: &mut CopyRow);
}

/// Staging tables in the order of their merge, referenced tables first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordTable {
    /// Municipalities, as reference rows.
    Municipality,
    /// Organizations.
    Organization,
    /// Events with their incident or exercise part, hazards, counties and regions.
    Event,
    /// Further counties of an event, one per row.
    EventCounty,
    /// Organizations that participated in an event.
    Participation,
    /// Time stamps of an event.
    Milestone,
    /// Requests for information, with the reports received.
    InformationRequest,
    /// Requests for resources.
    ResourceRequest,
    /// Ratings of capabilities.
    CapabilityRating,
    /// Strengths and areas for improvement.
    Finding,
    /// Reports of corrective actions.
    ActionReport,
    /// Risk assessments.
    RiskAssessment,
    /// Hazards in a risk assessment.
    RiskScore,
}
