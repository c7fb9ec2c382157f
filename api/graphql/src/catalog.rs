//! All record types of the API. Those of the warehouse follow from `hotwash_schema::record`.

mod additions;
mod code_lists;
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
    use std::collections::{BTreeMap, BTreeSet};

    use async_graphql::registry::MetaType;
    use hotwash_schema::formula::Formula;

    use super::words::{camel, uncapitalized};
    use super::{ENTITIES, Many};

    /// Members of the types of a record type, each with the name of its type without `[`, `]`, `!`.
    fn members(of: &MetaType) -> Vec<(String, String)> {
        let plain = |of: &str| of.trim_matches(['[', ']', '!']).to_owned();
        match of {
            MetaType::Object { fields, .. } => {
                fields.values().map(|field| (field.name.clone(), plain(&field.ty))).collect()
            }
            MetaType::InputObject { input_fields, .. } => {
                input_fields.values().map(|field| (field.name.clone(), plain(&field.ty))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// `region` is the region, or the filter or order by its fields; its code is `regionCode`.
    #[test]
    fn the_name_of_a_related_record_is_never_that_of_a_code_or_id() {
        let schema = crate::schema::build().unwrap();
        let types = &schema.registry().types;
        // Record types that a record may be related to.
        let relations = ENTITIES.iter().flat_map(|of| of.relations);
        let to_one = relations.filter(|relation| relation.many == Many::One);
        let nouns: BTreeSet<String> =
            to_one.map(|relation| uncapitalized(relation.target)).collect();
        let endings = ["", "Filter", "ListFilter", "Order", "GroupKeys", "KeyFilter"];
        let mut wrong = Vec::new();
        for entity in ENTITIES.iter() {
            let is_noun = |name: &str| {
                let is_relation = entity.relations.iter().any(|relation| relation.name == name);
                name == "source" || nouns.contains(name) || is_relation
            };
            let is_of_record = |of: &str| {
                let rest = ENTITIES.iter().filter_map(|one| of.strip_prefix(one.name));
                let mut rest = rest.chain(of.strip_prefix("RecordSource"));
                rest.any(|rest| endings.contains(&rest) || rest == "Connection")
            };
            for ending in endings {
                let name = [entity.name, ending].concat();
                let of_type = types.get(&name).map(members).unwrap_or_default();
                for (member, of) in of_type.iter().filter(|(member, _)| is_noun(member)) {
                    if !is_of_record(of) {
                        wrong.push(format!("{name}.{member}: {of}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "name codes regionCode, ids regionId: {wrong:?}");
    }

    #[test]
    fn a_group_key_and_the_filter_of_the_same_value_have_one_name() {
        for entity in ENTITIES.iter() {
            let names: BTreeSet<&str> = entity.fields.iter().map(|field| field.name).collect();
            let shown = entity.fields.iter().filter(|field| field.is_comparable());
            assert!(shown.clone().count() <= names.len(), "{}: a field twice", entity.name);
            for key in entity.group_keys {
                assert_eq!(camel(&key.name.to_lowercase()), key.key, "{}", entity.name);
                for field in shown.clone() {
                    let is_same = field.formula == key.formula && field.within.is_none();
                    assert!(!is_same || field.name == key.key, "{}.{}", entity.name, key.key);
                    let is_named = field.name == key.key && field.within.is_none();
                    let is_plain = key.joins.is_empty();
                    assert!(!is_named || !is_plain || is_same, "{}.{}", entity.name, key.key);
                }
            }
        }
    }

    #[test]
    fn every_filter_and_group_key_by_a_code_has_its_list() {
        let is_code = |name: &str| {
            ["Code", "Fips", "framework", "element", "iscipline", "hazardCategory", "sourceName"]
                .iter()
                .any(|end| name.ends_with(end))
                || name == "capabilityKey"
        };
        let mut lists: BTreeMap<&str, (&str, Formula)> = BTreeMap::new();
        for entity in ENTITIES.iter() {
            let fields = entity.fields.iter().map(|field| (field.name, field.codes));
            let keys = entity.group_keys.iter().map(|key| (key.key, key.codes));
            for (name, codes) in fields.chain(keys) {
                assert!(codes.is_some() || !is_code(name), "{}.{name}", entity.name);
                let Some(list) = codes else { continue };
                let same = *lists.entry(list.meaning).or_insert((list.table, list.code));
                assert_eq!(same, (list.table, list.code), "{}.{name}", entity.name);
            }
        }
        assert!(lists.len() > 12, "{lists:?}");
    }

    #[test]
    fn an_unknown_type_is_an_error_and_not_another_type() {
        assert_eq!(super::entity("Event").unwrap().name, "Event");
        let error = super::entity("Nothing").unwrap_err();
        assert!(error.message.starts_with("internal error"), "{error:?}");
    }
}
