//! Rows of a record type that a viewer may see, as conditions of statements.

use async_graphql::Error;
use hotwash_schema::access::Viewer;
use hotwash_schema::formula::Formula;

use super::entity::{Entity, GroupKey};
use super::error::{Code, coded};
use super::sql::{Condition, Expression, Value, parts};

/// Viewer, with the ids of the viewer's regions.
#[derive(Clone, Debug)]
pub struct ViewerScope {
    /// The viewer.
    pub viewer: Viewer,
    /// Ids of the viewer's regions.
    pub regions: Vec<i32>,
}

impl ViewerScope {
    /// Returns the condition on rows that the viewer may see. Implements the rule of
    /// `hotwash_schema::access` for all lists.
    pub fn condition(&self, entity: &Entity, alias: &str) -> Result<Option<Condition>, Error> {
        if entity.visible.is_none() || self.viewer.sees_all_detail() {
            return Ok(None);
        }
        if !self.viewer.sees_detail() {
            return Err(coded(
                Code::Forbidden,
                format!(
                    "a key of role {} may read only aggregates, not {} records; use metrics",
                    self.viewer.role.code(),
                    entity.name
                ),
            ));
        }
        Ok(self.aggregate_condition(entity, alias))
    }

    /// Returns the condition on rows that the viewer's groups count: those whose detail is open to
    /// the viewer. Role `viewer` counts public and statewide records. Filtered counts over other
    /// restricted records could be differenced down to one record. Metrics cover all regions
    /// instead, and suppress small cells.
    pub fn aggregate_condition(&self, entity: &Entity, alias: &str) -> Option<Condition> {
        let rule = entity.visible.filter(|_| !self.viewer.sees_all_detail())?;
        Some(Condition::Holds(self.filled(&rule, alias)))
    }

    /// Returns the expression of a group key. The key is empty where the viewer may not see the
    /// record that it names.
    pub fn key(&self, key: &GroupKey, alias: &str) -> Expression {
        match &key.visible {
            Some(_) if !self.viewer.sees_detail() => shown_if(Expression::Sql("false"), key, alias),
            _ => self.counted_key(key, alias),
        }
    }

    /// Returns the expression of a group key whose distinct values are counted. Role `viewer`
    /// counts the records that it may not list.
    pub fn counted_key(&self, key: &GroupKey, alias: &str) -> Expression {
        match &key.visible {
            Some(rule) if !self.viewer.sees_all_detail() => {
                shown_if(inlined(self.filled(rule, alias)), key, alias)
            }
            _ => Expression::of(&key.formula, alias),
        }
    }

    fn filled(&self, rule: &Formula, alias: &str) -> Expression {
        Expression::filled(rule, alias, &Condition::Always(true), &self.regions)
    }
}

/// Writes the ids of regions into the text. Postgres finds a group key among the columns only if
/// neither has parameters.
fn inlined(rule: Expression) -> Expression {
    match rule {
        Expression::Value(Value::Ids(ids)) => {
            let ids = ids
                .into_iter()
                .flat_map(|id| [Expression::Sql(", "), Expression::Number(id.into())]);
            let list = ids.skip(1);
            let end = Expression::Sql("]::integer[]");
            Expression::Parts(
                [Expression::Sql("array[")].into_iter().chain(list).chain([end]).collect(),
            )
        }
        Expression::Parts(list) => Expression::Parts(list.into_iter().map(inlined).collect()),
        other => other,
    }
}

/// Returns the expression of a group key, which is empty unless a condition is true.
fn shown_if(condition: Expression, key: &GroupKey, alias: &str) -> Expression {
    parts([
        Expression::Sql("case when "),
        condition,
        Expression::Sql(" then "),
        Expression::of(&key.formula, alias),
        Expression::Sql(" end"),
    ])
}
