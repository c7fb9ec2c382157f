//! Canonical records: what every source turns its rows into. Typed, validated, resolved against the
//! reference lists; each knows the row it came from. Events and organizations are named by
//! reference and found by the merge.

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
    ActionStatus, Change, DuePrecision, EventStatus, FindingKind, Kind, LinkRelation, Priority,
    RatingLevel, RequestPriority, RequestStatus, Role, TimePrecision,
};

use std::borrow::Cow;

use crate::copy::Row;

/// A fact ready to be staged.
pub trait Record {
    /// The staging table it belongs to.
    const TABLE: RecordTable;
    /// Its id within its source.
    fn source_id(&self) -> &str;
    /// The version its source states; an older one never replaces a newer.
    fn source_version(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }
    /// The row it came from, the file's first row being 1.
    fn row(&self) -> u64;
    /// Writes its content, in the order of the table's columns.
    fn write(&self, row: &mut Row);
}

/// The staging tables, in the order of their merge: those first that others refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordTable {
    /// Municipalities as reference rows.
    Municipality,
    /// Organizations.
    Organization,
    /// Events with their incident or exercise part and their hazards, counties and regions.
    Event,
    /// Further counties of an event, one row each.
    EventCounty,
    /// Organizations that took part in an event.
    Participation,
    /// Time stamps of an event.
    Milestone,
    /// Requests for information with the reports received.
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
    /// Hazards within a risk assessment.
    RiskScore,
}
