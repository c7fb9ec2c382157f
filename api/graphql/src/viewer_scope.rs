//! Rows of a record type that a viewer may see, as conditions of statements.

use async_graphql::Error;
use hotwash_schema::access::Viewer;

use super::entity::Entity;
use super::error::{Code, coded};
use super::sql::{Condition, Expression};

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
        let always = Condition::Always(true);
        Some(Condition::Holds(Expression::filled(&rule, alias, &always, &self.regions)))
    }
}
