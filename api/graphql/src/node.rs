//! Records by their global ids.

use std::collections::BTreeMap;

use async_graphql::Error;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Interface, InterfaceField, TypeRef,
};
use serde_json::Value as Json;

use super::catalog::ENTITIES;
use super::entity::Entity;
use super::error::{bad_input, internal};
use super::field_context::{FieldContext, unplanned};
use super::json;
use super::page;
use super::value::{global_id_of, list, parent, text};

/// Name of the field for one record.
pub const NODE: &str = "node";
/// Name of the field for several records.
pub const NODES: &str = "nodes";

/// Maximum number of ids in one list.
pub const MOST_NODES: usize = 100;

/// Builds the interface of all records.
pub fn interface() -> Interface {
    Interface::new("Node")
        .description("Anything with a global id.")
        .field(InterfaceField::new("id", TypeRef::named_nn(TypeRef::ID)).description("Global id."))
}

/// Builds the field for one record.
pub fn node() -> Field {
    Field::new(NODE, TypeRef::named("Node"), unplanned)
        .description("Any record by its global id.")
        .argument(
            InputValue::new("id", TypeRef::named_nn(TypeRef::ID))
                .description("Value of a field `id`, e.g. `RXZlbnQ6MQ`."),
        )
}

/// Builds the field for several records.
pub fn nodes() -> Field {
    Field::new(NODES, TypeRef::named_list("Node"), unplanned)
        .description(format!(
            "Records by their global ids, in the order of the ids, at most {MOST_NODES}. Null for \
             an id without a record, or whose record the viewer may not see."
        ))
        .argument(
            InputValue::new("ids", TypeRef::named_nn_list_nn(TypeRef::ID))
                .description("Values of fields `id`, e.g. `[\"RXZlbnQ6MQ\"]`."),
        )
}

/// Builds a field with the record whose global id is in a member of the parent with this name.
pub fn record(name: &str, of: &str, member: &'static str, description: &str) -> Field {
    let is_interface = of == "Node";
    Field::new(name, TypeRef::named(of), move |ctx| {
        FieldFuture::new(async move {
            let Some(id) = parent(&ctx)?[member].as_str() else { return Ok(None) };
            let (entity, key) = record_of(id)?;
            let ctx = FieldContext::of(&ctx)?;
            let found = page::by_keys(&ctx, entity, &[key]).await?.remove(&key);
            let Some(json) = found else { return Ok(None) };
            let json: Json = serde_json::from_slice(&json).map_err(|error| internal(&error))?;
            let record = FieldValue::owned_any(json);
            Ok(Some(if is_interface { record.with_type(entity.name) } else { record }))
        })
    })
    .description(description)
}

/// Answers the field for one record: null without one that the viewer may see.
///
/// # Errors
/// Fails for an id of another form, a record type that is not open, or a database error.
pub async fn one(ctx: &FieldContext<'_>) -> Result<Vec<u8>, Error> {
    let (entity, key) = record_of(text(&ctx.field.given("id").unwrap_or_default()))?;
    let found = page::by_keys(ctx, entity, &[key]).await?.remove(&key);
    Ok(found.unwrap_or_else(|| b"null".to_vec()))
}

/// Answers the field for several records.
///
/// # Errors
/// Fails for too many ids, and as [`one`] does.
pub async fn several(ctx: &FieldContext<'_>) -> Result<Vec<u8>, Error> {
    let ids = ctx.field.given("ids").unwrap_or_default();
    let ids = list(&ids);
    if ids.len() > MOST_NODES {
        return Err(bad_input(format!(
            "ids: {} ids were given; give at most {MOST_NODES} at a time",
            ids.len()
        )));
    }
    let records = ids.iter().map(|id| record_of(text(id))).collect::<Result<Vec<_>, _>>()?;
    written(ctx, &records).await
}

/// Writes records in the given order, with one statement for each type: null for one without a record that the viewer may see.
///
/// # Errors
/// Fails for a record type that is not open, or a database error.
pub async fn written(
    ctx: &FieldContext<'_>,
    records: &[(&'static Entity, i64)],
) -> Result<Vec<u8>, Error> {
    let mut keys: BTreeMap<&str, (&Entity, Vec<i64>)> = BTreeMap::new();
    for (entity, key) in records {
        keys.entry(entity.name).or_insert_with(|| (entity, Vec::new())).1.push(*key);
    }
    let mut found = BTreeMap::new();
    for (entity, keys) in keys.into_values() {
        found.insert(entity.name, page::by_keys(ctx, entity, &keys).await?);
    }
    let mut out = Vec::new();
    json::listed(records, &mut out, |(entity, key), out| {
        let json = found.get(entity.name).and_then(|records| records.get(key));
        out.extend_from_slice(json.map_or(b"null", Vec::as_slice));
        Ok(())
    })?;
    Ok(out)
}

/// Returns type and key of a record by its global id.
///
/// # Errors
/// Fails for an id of another form, or of no type.
pub fn record_of(id: &str) -> Result<(&'static Entity, i64), Error> {
    let (name, key) = global_id_of(id)?;
    let found = ENTITIES.iter().find(|entity| entity.name == name);
    found
        .map(|entity| (*entity, key))
        .ok_or_else(|| bad_input(format!("id: there is no type {name}")))
}
