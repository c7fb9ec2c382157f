//! All record types of the API. Those of the warehouse follow from `hotwash_schema::record`.

mod additions;
mod derived;
mod dimensions;
mod filters;
mod keys;
mod lineage;
mod lists;
mod record_table;
pub mod references;
mod words;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use async_graphql::Error;
use hotwash_schema::vocabulary::Vocabulary;

use super::entity::{Entity, Many, Relation};
use super::error::internal;
use super::scalar::ScalarKind;

/// Record types in the order of the schema.
pub static ENTITIES: LazyLock<Vec<&'static Entity>> = LazyLock::new(|| {
    let described: &'static [Entity] = derived::entities().leak();
    let dimensions =
        [&dimensions::REGION, &dimensions::COUNTY, &dimensions::HAZARD, &dimensions::CAPABILITY];
    let dimensions: &'static [Entity] = dimensions.map(derived::with_lists).to_vec().leak();
    let loading =
        [&lineage::BATCH, &lineage::FILE, &lineage::COLUMN, &lineage::REJECT, &lineage::WARNING];
    let all = dimensions.iter().chain(described).chain([&additions::STATUS_CHANGE]);
    all.chain(loading).collect()
});

/// Returns the type with this name.
///
/// # Errors
/// Fails for an unknown name, rather than answer with records of another type.
pub fn entity(name: &str) -> Result<&'static Entity, Error> {
    let found = ENTITIES.iter().find(|entity| entity.name == name);
    let missing = || internal(&format!("the catalog has no record type {name}"));
    found.copied().ok_or_else(missing)
}

/// Returns the closed lists that record types have, by name.
pub fn vocabularies() -> impl Iterator<Item = &'static Vocabulary> {
    let kinds = ENTITIES.iter().flat_map(|entity| {
        let fields = entity.fields.iter().map(|field| field.kind);
        fields.chain(entity.group_keys.iter().map(|key| key.kind))
    });
    let named = kinds.filter_map(|kind| match kind {
        ScalarKind::Code(list) => Some((list.name, list)),
        _ => None,
    });
    named.collect::<BTreeMap<_, _>>().into_values()
}

/// Returns whether records of this type are paged: in a root list or within other records.
pub fn is_paged(entity: &Entity) -> bool {
    entity.connection || is_listed(entity)
}

/// Returns whether other records have lists of this type.
pub fn is_listed(entity: &Entity) -> bool {
    let lists = |relation: &Relation| relation.many == Many::List && relation.target == entity.name;
    ENTITIES.iter().any(|one| one.relations.iter().any(lists))
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_unknown_type_is_an_error_and_not_another_type() {
        assert_eq!(super::entity("Event").unwrap().name, "Event");
        let error = super::entity("Nothing").unwrap_err();
        assert!(error.message.starts_with("internal error"), "{error:?}");
    }
}
