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
pub use row::{Record, RecordRow, write};
