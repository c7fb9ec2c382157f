//! All record types of the API. Those of the warehouse follow from `hotwash_schema::record`.

mod additions;
mod derived;
mod dimensions;
mod filters;
mod keys;
mod lineage;
mod lists;
mod record_table;
mod words;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use hotwash_schema::vocabulary::Vocabulary;

use super::entity::{Entity, Many, Relation};
use super::scalar::ScalarKind;

/// Record types in the order of the schema.
pub static ENTITIES: LazyLock<Vec<&'static Entity>> = LazyLock::new(|| {
    let described: &'static [Entity] = derived::entities().leak();
    let dimensions =
        [&dimensions::REGION, &dimensions::COUNTY, &dimensions::HAZARD, &dimensions::CAPABILITY];
    let dimensions: &'static [Entity] = dimensions.map(derived::with_lists).to_vec().leak();
    let loading = [&lineage::BATCH, &lineage::FILE, &lineage::COLUMN, &lineage::REJECT];
    let all = dimensions.iter().chain(described).chain([&additions::STATUS_CHANGE]);
    all.chain(loading).collect()
});

/// Returns the type with this name. Names are constants of this crate. The schema is built before
/// any query, and [`build`](crate::build) fails if a relation leads to a type that is not listed.
///
/// # Panics
/// Panics for an unknown name, rather than answer with records of another type.
pub fn entity(name: &str) -> &'static Entity {
    let found = ENTITIES.iter().find(|entity| entity.name == name);
    found.copied().unwrap_or_else(|| panic!("the catalog has no record type {name}"))
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
    #[should_panic(expected = "the catalog has no record type Nothing")]
    fn an_unknown_type_is_an_error_and_not_another_type() {
        super::entity("Nothing");
    }
}
