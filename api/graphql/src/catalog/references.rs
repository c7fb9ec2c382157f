//! Foreign keys between record types, and the link tables between two of them. Both follow from
//! the relations of the catalog.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::words::{camel, leaked, plural, uncapitalized};
use super::{ENTITIES, entity};
use crate::entity::{Entity, Many, Relation};
use crate::relation::{is_never_empty, joined};
use hotwash_schema::formula::Formula;

/// Foreign key of a record.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    /// Name, e.g. `eventId`.
    pub name: &'static str,
    /// Column with the key: the alias suffix of its table and its name.
    pub column: (&'static str, &'static str),
    /// Referenced record type.
    pub target: &'static Entity,
    /// True if every viewer of the record finds the referenced record.
    pub is_never_empty: bool,
    /// True if the record is a part of the referenced one, which lists it.
    pub is_part: bool,
    /// Meaning.
    pub description: &'static str,
}

/// Table whose rows each link two records.
#[derive(Clone, Copy, Debug)]
pub struct LinkTable {
    /// Name of its list, e.g. `eventRegions`.
    pub name: &'static str,
    /// Table.
    pub table: &'static str,
    /// Condition that is true for each row that counts.
    pub only: Option<Formula>,
    /// References to the two records.
    pub sides: [Reference; 2],
}

/// Returns the name of a type's file: that of its root list, or the plural of its name.
pub fn file_name(of: &Entity) -> &'static str {
    match of.list {
        "" => leaked(plural(&uncapitalized(of.name))),
        list => list,
    }
}

/// Returns the foreign keys of a record type.
pub fn references(of: &'static Entity) -> Vec<Reference> {
    let own = of.relations.iter().filter_map(|relation| own_reference(of, relation));
    let mut references: Vec<Reference> = own.collect();
    for owner in ENTITIES.iter().copied() {
        for relation in owner.relations.iter().filter(|relation| lists_parts(owner, of, relation)) {
            if references.iter().all(|known| known.column.1 != relation.column) {
                references.push(Reference {
                    is_part: true,
                    ..side(owner, ("", relation.column), "The record that it is a part of.")
                });
            }
        }
    }
    references
}

/// All link tables.
pub static LINK_TABLES: LazyLock<Vec<LinkTable>> = LazyLock::new(link_tables);

fn link_tables() -> Vec<LinkTable> {
    let own: BTreeSet<&str> = ENTITIES.iter().map(|entity| entity.table).collect();
    let (mut seen, mut tables) = (BTreeSet::new(), Vec::new());
    for from in ENTITIES.iter().copied().filter(|entity| has_own_key(entity)) {
        for relation in from.relations {
            let (Ok(to), Some(link)) = (entity(relation.target), relation.link) else { continue };
            let is_of_both = relation.column == from.id && relation.to == ("", from.id);
            if is_of_both && has_own_key(to) && !own.contains(link.table) && seen.insert(link.table)
            {
                let (_, name) = link.table.split_once('.').unwrap_or(("", link.table));
                let about = "One of the linked records.";
                tables.push(LinkTable {
                    name: camel(&plural(name)),
                    table: link.table,
                    only: link.only,
                    sides: [
                        side(from, ("", relation.column), about),
                        side(to, ("", link.column), about),
                    ],
                });
            }
        }
    }
    tables
}

fn side(
    target: &'static Entity,
    column: (&'static str, &'static str),
    description: &'static str,
) -> Reference {
    let name = leaked(uncapitalized(target.name) + "Id");
    Reference { name, column, target, is_never_empty: false, is_part: false, description }
}

/// Returns the foreign key that a relation is: a column with the key of the related record. A
/// relation by the record's own key leads to the record that it is a part of, or to one of its
/// parts. The schema is not built if a relation leads to no type.
fn own_reference(of: &Entity, relation: &Relation) -> Option<Reference> {
    let target = entity(relation.target).ok()?;
    let is_key = relation.many == Many::One
        && relation.link.is_none()
        && relation.column == target.id
        && (relation.to != ("", of.id) || joined(of, relation).ok()?.is_some());
    is_key.then_some(Reference {
        name: leaked([relation.name, "Id"].concat()),
        column: relation.to,
        target,
        is_never_empty: is_never_empty(of, relation).ok()?,
        is_part: false,
        description: relation.description,
    })
}

/// Returns whether a relation lists all records of a type that have the owner's key.
fn lists_parts(owner: &Entity, of: &Entity, relation: &Relation) -> bool {
    relation.many == Many::List
        && relation.link.is_none()
        && relation.target == of.name
        && relation.column == owner.id
        && relation.to == ("", owner.id)
        && has_own_key(owner)
}

/// Returns whether the type's key is its own, and not that of the record that it is a part of.
fn has_own_key(of: &Entity) -> bool {
    let (_, table) = of.table.split_once('.').unwrap_or(("", of.table));
    of.id.strip_suffix("_id") == Some(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Vec<&'static str> {
        references(entity(name).unwrap()).iter().map(|reference| reference.name).collect()
    }

    #[test]
    fn a_record_names_what_it_references() {
        assert_eq!(
            named("CorrectiveAction"),
            [
                "eventId",
                "findingId",
                "regionId",
                "capabilityId",
                "ownerOrganizationId",
                "validatedEventId"
            ]
        );
        assert_eq!(named("Participation"), ["eventId", "organizationId", "regionId"]);
        assert!(named("RiskScore").contains(&"organizationId"), "that of its assessment");
        // Its incident references it, not the other way round.
        assert_eq!(named("Event"), ["hazardId"]);
        assert!(named("Incident").contains(&"eventId"));
    }

    #[test]
    fn a_part_references_what_lists_it() {
        assert_eq!(named("ActionStatusChange"), ["correctiveActionId"]);
        assert_eq!(named("LoadedFile"), ["batchId"]);
        let change = references(entity("ActionStatusChange").unwrap());
        assert!(change[0].is_part && !references(entity("Finding").unwrap())[0].is_part);
    }

    #[test]
    fn link_tables_link_two_records() {
        let tables = link_tables();
        let named: Vec<_> =
            tables.iter().map(|link| (link.name, link.sides.map(|side| side.name))).collect();
        assert!(named.contains(&("eventRegions", ["regionId", "eventId"])), "{named:?}");
        assert!(named.iter().any(|(name, _)| *name == "eventHazards"), "{named:?}");
        assert!(named.iter().all(|(_, [one, other])| one != other), "{named:?}");
    }
}
