//! Related records of a record: where they are already joined, and the statement over them.

use async_graphql::Error;

use super::catalog::entity;
use super::entity::{Entity, Many, Relation, TableJoin};
use super::sql::{Comparison, Condition, Expression, Join, JoinKind, Select, Source};
use super::viewer_scope::ViewerScope;

/// Returns the alias suffix of a related record that is already joined, e.g. `e`. The reference
/// to the record is never empty.
pub fn joined(of: &Entity, relation: &Relation) -> Result<Option<&'static str>, Error> {
    let target = entity(relation.target)?;
    let is_direct = relation.many == Many::One && relation.link.is_none() && !relation.skips_none;
    let is_it = |join: &&TableJoin| {
        !join.is_optional
            && join.table == target.table
            && (join.column, join.to) == (relation.column, relation.to)
    };
    // The tables that the related type joins must be joined too.
    let is_complete = |join: &&TableJoin| {
        let is_joined = |inner: &TableJoin| {
            let alias = [join.alias, inner.alias].concat();
            of.joins.iter().any(|own| own.alias == alias && own.table == inner.table)
        };
        target.joins.iter().all(is_joined)
    };
    let mut joined = of.joins.iter().filter(|_| is_direct).filter(is_it);
    Ok(joined.find(is_complete).map(|join| join.alias))
}

/// Returns the alias of a related record that is already joined to the row of `alias`, if everyone
/// who sees the record also sees that one.
pub fn joined_and_open(
    seen: &ViewerScope,
    of: &Entity,
    relation: &Relation,
    alias: &str,
) -> Result<Option<String>, Error> {
    let Some(suffix) = joined(of, relation)? else { return Ok(None) };
    let joined = [alias, suffix].concat();
    let rule = seen.condition(entity(relation.target)?, &joined)?;
    let is_open = rule.is_none() || seen.condition(of, alias)? == rule;
    Ok(is_open.then_some(joined))
}

/// Returns whether every viewer of a record finds this related record: the reference is never
/// empty, and the same rule of access opens both.
pub fn is_never_empty(of: &Entity, relation: &Relation) -> Result<bool, Error> {
    let target = entity(relation.target)?;
    Ok(joined(of, relation)?.is_some_and(|alias| {
        let rule = target.visible.map(|rule| rule.under(alias));
        target.only.is_none() && (rule.is_none() || rule == of.visible)
    }))
}

/// Link from a related record to its parent.
pub struct Tie {
    /// Column of the parent that equals the relation's column.
    pub to: Expression,
    /// Key of the parent.
    pub parent: Expression,
}

impl Tie {
    /// Creates the link to the parent's row under its alias.
    pub fn of(parent: &Entity, relation: &Relation, alias: &str) -> Self {
        let (join, column) = relation.to;
        let to = Expression::column(&[alias, join].concat(), column);
        Self { to, parent: parent.key(alias) }
    }
}

/// Builds a statement over the related rows. Includes the link table, but no tables of the related
/// type.
pub fn tied(relation: &Relation, inner: &str, tie: &Tie) -> Select {
    let mut select = Select::default();
    let mut of = inner.to_owned();
    if let Some(link) = relation.link {
        of.push('k');
        let on = Condition::equal(
            Expression::column(&of, link.column),
            Expression::column(inner, link.column),
        );
        let source = Source::Table(link.table, of.clone());
        select.joins.push(Join { kind: JoinKind::Inner, source, on });
        let only = link.only.map(|only| Condition::Holds(Expression::of(&only, &of)));
        select.conditions.extend(only);
    }
    let column = Expression::column(&of, relation.column);
    if relation.skips_none {
        let known = Condition::Compare(column.clone(), Comparison::Greater, Expression::Number(0));
        select.conditions.push(known);
    }
    select.conditions.push(Condition::equal(column, tie.to.clone()));
    select
}

/// Extends [`tied`] with the conditions of the related type and of the viewer.
pub fn related(
    seen: &ViewerScope,
    target: &Entity,
    relation: &Relation,
    inner: &str,
    tie: &Tie,
) -> Result<Select, Error> {
    let mut select = tied(relation, inner, tie);
    select.conditions.extend(target.always(inner));
    select.conditions.extend(seen.condition(target, inner)?);
    Ok(select)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_related_record_stands_beside_where_it_is_joined_by_what_is_never_empty() {
        let suffix = |name: &str, relation: &str| {
            let of = entity(name).unwrap();
            joined(of, of.relations.iter().find(|one| one.name == relation).unwrap()).unwrap()
        };
        assert_eq!(suffix("Incident", "event"), Some("e"));
        assert_eq!(suffix("CapabilityRating", "event"), Some("e"));
        assert_eq!(suffix("RiskScore", "assessment"), Some("p"));
        assert_eq!(suffix("CorrectiveAction", "event"), None, "an action may have none");
        assert_eq!(suffix("Incident", "regions"), None);
        assert_eq!(suffix("Exercise", "sponsor"), None);
    }

    #[test]
    fn a_related_record_is_never_empty_where_one_rule_opens_both() {
        let never_empty = |name: &str, relation: &str| {
            let of = entity(name).unwrap();
            let relation = of.relations.iter().find(|one| one.name == relation).unwrap();
            is_never_empty(of, relation).unwrap()
        };
        assert!(never_empty("Incident", "event"));
        assert!(never_empty("Finding", "event"));
        assert!(never_empty("RiskScore", "assessment"));
        assert!(!never_empty("CorrectiveAction", "event"), "it may have none");
        assert!(!never_empty("CorrectiveAction", "finding"), "it may be closed to the viewer");
        assert!(!never_empty("Finding", "organization"), "it may be unmapped");
        assert!(!never_empty("Event", "exercise"), "an incident has none");
    }
}
