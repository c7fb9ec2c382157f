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

/// Records that the numbers of an aggregate count, before its filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateScope {
    /// Every record.
    All,
    /// Open records, and those of the viewer's regions.
    OpenAndOwn,
    /// Open records.
    Open,
}

impl AggregateScope {
    /// Name of the enum in GraphQL.
    pub const NAME: &str = "AggregateScope";
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::All, Self::OpenAndOwn, Self::Open];

    /// Returns the value in GraphQL.
    pub fn value(self) -> &'static str {
        match self {
            Self::All => "ALL_RECORDS",
            Self::OpenAndOwn => "OPEN_AND_OWN_RECORDS",
            Self::Open => "OPEN_RECORDS",
        }
    }

    /// Returns the meaning.
    pub fn description(self) -> &'static str {
        match self {
            Self::All => "All records, of every region.",
            Self::OpenAndOwn => {
                "Public and statewide records, and those of the key's own regions. Restricted \
                 records of other regions are not counted."
            }
            Self::Open => {
                "Public and statewide records only, as the key has no region. For numbers over all \
                 regions, use metrics."
            }
        }
    }
}

impl ViewerScope {
    /// Returns which records of a type the viewer's aggregates count, as
    /// [`ViewerScope::aggregate_condition`] selects them.
    pub fn aggregate_scope(&self, entity: &Entity) -> AggregateScope {
        if entity.visible.is_none() || self.viewer.sees_all_detail() {
            AggregateScope::All
        } else if self.viewer.sees_detail() {
            AggregateScope::OpenAndOwn
        } else {
            AggregateScope::Open
        }
    }

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
