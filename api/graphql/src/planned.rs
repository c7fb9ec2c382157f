//! Root fields that are answered with JSON, each by one plan: lists, aggregates and records. One
//! statement or few read the answer with everything nested in it.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::indexmap::IndexMap;
use async_graphql::{Error, Name, Value};

use super::catalog::ENTITIES;
use super::entity::Entity;
use super::field_context::FieldContext;
use super::value::{global_id_of, text};
use super::{aggregate, federation, node, page, sql};

/// Argument of the capabilities, and their field with the same name.
const FRAMEWORK: &str = "framework";

/// Planned root field.
#[derive(Clone, Copy)]
pub enum Planned {
    /// Plain list of a type.
    List(&'static Entity),
    /// Connection of a type.
    Connection(&'static Entity),
    /// Aggregates of a type.
    Aggregate(&'static Entity),
    /// One record by its id.
    Node,
    /// Records by their ids.
    Nodes,
    /// Records that a gateway refers to.
    Entities,
}

/// Planned root fields by name.
static FIELDS: LazyLock<HashMap<String, Planned>> = LazyLock::new(|| {
    let mut fields = HashMap::from([
        (node::NODE.to_owned(), Planned::Node),
        (node::NODES.to_owned(), Planned::Nodes),
        (federation::ENTITIES_FIELD.to_owned(), Planned::Entities),
    ]);
    for of in ENTITIES.iter().copied().filter(|of| !of.list.is_empty()) {
        let list = if of.connection { Planned::Connection(of) } else { Planned::List(of) };
        fields.insert(of.list.to_owned(), list);
        if !of.group_keys.is_empty() {
            fields.insert(aggregate::field_name(of), Planned::Aggregate(of));
        }
    }
    fields
});

impl Planned {
    /// Returns the planned field with this name.
    pub fn named(name: &str) -> Option<Self> {
        FIELDS.get(name).copied()
    }

    /// Answers the field with JSON.
    ///
    /// # Errors
    /// Fails for an invalid argument, a record type that is not open, or a database error.
    pub async fn answer(self, ctx: &FieldContext<'_>) -> Result<Vec<u8>, Error> {
        match self {
            Self::List(of) => list(ctx, of).await,
            Self::Connection(of) => {
                let batch = ctx.field.given("batch");
                let batch = batch.map(|batch| batch_condition(text(&batch))).transpose()?;
                page::connection(ctx, of, batch).await
            }
            Self::Aggregate(of) => aggregate::groups(ctx, of).await,
            Self::Node => node::one(ctx).await,
            Self::Nodes => node::several(ctx).await,
            Self::Entities => federation::entities(ctx).await,
        }
    }
}

async fn list(ctx: &FieldContext<'_>, of: &'static Entity) -> Result<Vec<u8>, Error> {
    let equal = |value| Value::Object(IndexMap::from([(Name::new("eq"), value)]));
    let framework = ctx.field.given(FRAMEWORK).map(|code| (Name::new(FRAMEWORK), equal(code)));
    page::list(ctx, of, &framework.into_iter().collect()).await
}

fn batch_condition(batch: &str) -> Result<(&'static str, sql::Value), Error> {
    let number = match batch.parse::<i64>() {
        Ok(number) => number,
        Err(_) => global_id_of(batch)?.1,
    };
    Ok(("batch_id", sql::Value::Long(number)))
}

#[cfg(test)]
mod tests {
    use async_graphql::dynamic::Schema;
    use futures::FutureExt;

    use super::*;

    #[test]
    fn the_schema_has_each_planned_field() {
        let schema: Schema = crate::schema::build_subgraph().unwrap();
        let query = &schema.registry().types["Query"];
        for name in FIELDS.keys() {
            assert!(query.field_by_name(name).is_some(), "{name}");
        }
    }

    /// The library resolves these fields without data to "not planned", and no others.
    #[test]
    fn every_field_that_no_resolver_answers_is_planned() {
        let schema: Schema = crate::schema::build_subgraph().unwrap();
        let fields = schema.registry().types["Query"].fields().unwrap();
        for (name, field) in fields {
            let arguments = field.args.values().filter(|argument| argument.ty.ends_with('!'));
            let arguments = arguments.map(|argument| {
                let value = if argument.ty.starts_with('[') { "[]" } else { "\"a\"" };
                format!("{}: {value}", argument.name)
            });
            let arguments = arguments.collect::<Vec<_>>().join(", ");
            let arguments =
                if arguments.is_empty() { String::new() } else { format!("({arguments})") };
            let document = format!("{{ {name}{arguments} {{ __typename }} }}");
            let response = schema.execute(document).now_or_never();
            let errors = response.map(|response| response.errors).unwrap_or_default();
            let is_unplanned = errors.iter().any(|error| error.message.contains("internal error"));
            assert_eq!(is_unplanned, Planned::named(name).is_some(), "{name}: {errors:?}");
        }
    }
}
