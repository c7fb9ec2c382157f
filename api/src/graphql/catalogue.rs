//! All record types of the API. A new one is its description and one line here.

mod dimensions;
mod events;
mod improvement;
mod keys;
mod lineage;
mod response;
mod risk;
mod sql;

use super::entity::{Entity, Many, Relation};

/// Every type, in the order of the schema.
pub static ENTITIES: &[&Entity] = &[
    &dimensions::REGION,
    &dimensions::COUNTY,
    &dimensions::HAZARD,
    &dimensions::CAPABILITY,
    &dimensions::ORGANIZATION,
    &events::EVENT,
    &events::INCIDENT,
    &events::EXERCISE,
    &improvement::CAPABILITY_RATING,
    &improvement::FINDING,
    &improvement::CORRECTIVE_ACTION,
    &improvement::STATUS_CHANGE,
    &risk::RISK_ASSESSMENT,
    &risk::RISK_SCORE,
    &response::MILESTONE,
    &response::RESOURCE_REQUEST,
    &response::INFORMATION_REQUEST,
    &response::PARTICIPATION,
    &lineage::BATCH,
    &lineage::FILE,
    &lineage::COLUMN,
    &lineage::REJECT,
];

/// The type of this name; names are our own constants.
pub fn entity(name: &str) -> &'static Entity {
    ENTITIES.iter().find(|entity| entity.name == name).copied().unwrap_or(&dimensions::REGION)
}

/// Returns whether records of this type come in pages: as a list of the query, or within other
/// records.
pub fn is_paged(entity: &Entity) -> bool {
    let lists = |relation: &Relation| relation.many == Many::List && relation.target == entity.name;
    entity.connection || ENTITIES.iter().any(|one| one.relations.iter().any(lists))
}
