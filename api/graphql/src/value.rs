//! Turns JSON into GraphQL values; reads global ids.

use async_graphql::dynamic::{FieldFuture, FieldValue, ResolverContext};
use async_graphql::{Error, Value};
use hotwash_schema::global_id::parse_global_id;
use serde_json::Value as Json;

use super::error::bad_input;

/// Returns the JSON of the parent.
pub fn parent<'a>(ctx: &ResolverContext<'a>) -> Result<&'a Json, Error> {
    ctx.parent_value.try_downcast_ref::<Json>()
}

/// Resolves a field by its response name, which compiled selections use.
pub fn by_alias(ctx: ResolverContext<'_>) -> FieldFuture<'_> {
    let key = ctx.field().alias().unwrap_or_else(|| ctx.field().name());
    FieldFuture::Value(member(&ctx, key))
}

/// Resolves a field by its own name: pages, groups and other wrappers.
pub fn by_name(ctx: ResolverContext<'_>) -> FieldFuture<'_> {
    let key = ctx.field().name();
    FieldFuture::Value(member(&ctx, key))
}

fn member<'a>(ctx: &ResolverContext<'a>, key: &str) -> Option<FieldValue<'a>> {
    let json = parent(ctx).ok()?.get(key)?;
    Some(field_value(json))
}

/// Turns JSON into a field value; objects and lists keep their JSON for the next level.
pub fn field_value(json: &Json) -> FieldValue<'_> {
    match json {
        Json::Null => FieldValue::NULL,
        Json::Object(_) => FieldValue::borrowed_any(json),
        Json::Array(items) => FieldValue::list(items.iter().map(field_value)),
        scalar => FieldValue::value(Value::from_json(scalar.clone()).unwrap_or(Value::Null)),
    }
}

/// Turns owned JSON into a field value.
pub fn owned(json: Json) -> FieldValue<'static> {
    match json {
        Json::Null => FieldValue::NULL,
        Json::Object(_) => FieldValue::owned_any(json),
        Json::Array(items) => FieldValue::list(items.into_iter().map(owned)),
        scalar => FieldValue::value(Value::from_json(scalar).unwrap_or(Value::Null)),
    }
}

/// Resolves a JSON scalar.
pub fn json_by_name(ctx: ResolverContext<'_>) -> FieldFuture<'_> {
    let found = parent(&ctx)
        .ok()
        .and_then(|json| json.get(ctx.field().name()))
        .filter(|json| !json.is_null());
    FieldFuture::Value(
        found.map(|json| FieldValue::value(Value::from_json(json.clone()).unwrap_or(Value::Null))),
    )
}

/// Returns a text or the name of an enum's value. Coercion rejects other values before.
pub fn text(value: &Value) -> &str {
    match value {
        Value::String(text) => text,
        Value::Enum(name) => name,
        _ => "",
    }
}

/// Returns the items of a list. Coercion rejects other values before.
pub fn list(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        _ => &[],
    }
}

/// Returns the members of an object that are not null. Coercion rejects other values before.
pub fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = match value {
        Value::Object(members) => Some(members),
        _ => None,
    };
    members
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
        .filter(|(_, value)| **value != Value::Null)
}

/// Returns type and key of a global id.
pub fn global_id_of(id: &str) -> Result<(String, i64), Error> {
    parse_global_id(id).ok_or_else(|| {
        bad_input(format!(
            "id: {id} is not an id of this API; take one from the field id of a record"
        ))
    })
}
