//! All record types of the API. To add one, describe it in a module and list it here.

mod dimensions;
mod events;
mod filters;
mod improvement;
mod keys;
mod lineage;
mod response;
mod risk;

use super::entity::{Entity, Many, Relation};

/// Record types in the order of the schema.
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

/// Returns the type with this name. Names are constants of this crate.
pub fn entity(name: &str) -> &'static Entity {
    ENTITIES.iter().find(|entity| entity.name == name).copied().unwrap_or(&dimensions::REGION)
}

/// Returns whether records of this type are paged: in a root list or within other records.
pub fn is_paged(entity: &Entity) -> bool {
    let lists = |relation: &Relation| relation.many == Many::List && relation.target == entity.name;
    entity.connection || ENTITIES.iter().any(|one| one.relations.iter().any(lists))
}
