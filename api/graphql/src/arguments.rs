//! Arguments of connections, the same for root lists and for lists within records.

use async_graphql::dynamic::{Field, InputValue, TypeRef};
use async_graphql::{Error, Value};

use super::cursor::{self, SortKey};
use super::entity::Entity;
use super::error::bad_input;
use super::filter::{self, Builder};
use super::selection::Selected;
use super::sql::Condition;

/// Records per page by default.
pub const PAGE: i64 = 50;
/// Maximum number of records per page.
pub use hotwash_schema::record::MAX_LISTED as MOST;

/// Arguments of a list.
pub struct ListArguments {
    /// Filter.
    pub filter: Option<Value>,
    order: Option<Value>,
    /// Maximum number of records.
    pub size: i64,
    /// True if the page is counted from the end of the list.
    pub backward: bool,
    after: Option<String>,
    before: Option<String>,
}

impl ListArguments {
    /// Reads the arguments of a field.
    ///
    /// # Errors
    /// Fails when `first` or `last` is out of range, or both are given.
    pub fn read(field: &Selected<'_>) -> Result<Self, Error> {
        let given = |name: &str| field.argument(name).filter(|value| *value != Value::Null);
        let number = |name: &str| match given(name) {
            None => Ok(None),
            Some(Value::Number(number))
                if number.as_i64().is_some_and(|number| (0..=MOST).contains(&number)) =>
            {
                Ok(number.as_i64())
            }
            Some(other) => Err(bad_input(format!(
                "{name}: {other} must lie between 0 and {MOST}; use after or before to go on"
            ))),
        };
        let cursor = |name: &str| match given(name) {
            None => Ok(None),
            Some(Value::String(cursor)) => Ok(Some(cursor)),
            Some(other) => {
                Err(bad_input(format!("{name}: {other} must be a cursor from edges or pageInfo")))
            }
        };
        let (size, backward) = match (number("first")?, number("last")?) {
            (Some(_), Some(_)) => return Err(bad_input("give first or last, not both")),
            (None, Some(last)) => (last, true),
            (first, None) => (first.unwrap_or(PAGE), false),
        };
        let (after, before) = (cursor("after")?, cursor("before")?);
        Ok(Self { filter: given("filter"), order: given("orderBy"), size, backward, after, before })
    }

    /// Builds the SQL condition of the filter, if there is one.
    ///
    /// # Errors
    /// Fails for a field, operator or value that the type does not have.
    pub fn condition(
        &self,
        builder: &mut Builder,
        entity: &Entity,
        alias: &str,
    ) -> Result<Option<Condition>, Error> {
        match &self.filter {
            None => Ok(None),
            Some(Value::Object(members)) => {
                filter::condition(builder, entity, alias, members).map(Some)
            }
            Some(other) => Err(bad_input(format!("filter: {other} must be an object"))),
        }
    }

    /// Returns the sort keys of the list.
    ///
    /// # Errors
    /// Fails for an order that the type does not have.
    pub fn terms(
        &self,
        builder: &mut Builder,
        entity: &Entity,
        alias: &str,
    ) -> Result<Vec<SortKey>, Error> {
        cursor::terms(builder, self.order.as_ref(), entity, alias)
    }

    /// Returns the given cursors with their argument names, and true if records after the cursor
    /// are requested.
    pub fn cursors(&self) -> impl Iterator<Item = (&'static str, &str, bool)> {
        let given = [("after", &self.after, true), ("before", &self.before, false)];
        given
            .into_iter()
            .filter_map(|(name, cursor, after)| Some((name, cursor.as_deref()?, after)))
    }

    /// Returns whether the list begins with its first record, in its default order and without a
    /// filter.
    pub fn is_default_order(&self) -> bool {
        self.filter.is_none()
            && self.order.is_none()
            && !self.backward
            && self.after.is_none()
            && self.before.is_none()
    }

    /// Returns whether there are records before and after the page; `more` states that records lie
    /// beyond its end.
    pub fn neighbors(&self, more: bool) -> (bool, bool) {
        if self.backward { (self.before.is_some(), more) } else { (more, self.after.is_some()) }
    }
}

/// Adds the arguments of a connection to a field.
pub fn with_arguments(field: Field, of: &Entity) -> Field {
    let field = field
        .argument(
            InputValue::new("filter", TypeRef::named(format!("{}Filter", of.name)))
                .description("Filter conditions."),
        )
        .argument(
            InputValue::new("orderBy", TypeRef::named_nn_list(format!("{}Order", of.name)))
                .description("Sort order; default: that of the list. Ties are sorted by key."),
        );
    with_page(field)
}

/// Adds the paging arguments to a field.
pub fn with_page(field: Field) -> Field {
    let text = |name: &str, description: &str| {
        InputValue::new(name, TypeRef::named(TypeRef::STRING)).description(description)
    };
    let number = |name: &str, description: &str| {
        InputValue::new(name, TypeRef::named(TypeRef::INT)).description(description)
    };
    field
        .argument(number(
            "first",
            "Maximum number of records from the start, 0 to 1000; 50 unless given.",
        ))
        .argument(text(
            "after",
            "Return records after this cursor of the same list, order and filter.",
        ))
        .argument(number("last", "Maximum number of records from the end, 0 to 1000."))
        .argument(text(
            "before",
            "Return records before this cursor of the same list, order and filter.",
        ))
}
