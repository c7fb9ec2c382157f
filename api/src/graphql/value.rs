//! Turns JSON into GraphQL values; global ids.

use async_graphql::dynamic::{FieldFuture, FieldValue, ResolverContext};
use async_graphql::{Error, Value};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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

/// Returns a global id: type and key, opaque to clients.
pub fn global_id(type_name: &str, key: &Json) -> String {
    URL_SAFE_NO_PAD.encode(format!("{type_name}:{key}"))
}

/// Returns the type of a global id; `None` if the id is invalid.
pub fn type_of(id: &str) -> Option<String> {
    parse_global_id(id).ok().map(|(name, _)| name)
}

/// Returns the key of a global id of this type.
pub fn key_of(type_name: &str, id: &str) -> Option<i64> {
    parse_global_id(id).ok().filter(|(name, _)| name == type_name).map(|(_, key)| key)
}

/// Returns type and key of a global id.
pub fn parse_global_id(id: &str) -> Result<(String, i64), Error> {
    let wrong = || {
        bad_input(format!(
            "id: {id} is not an id of this API; take one from the field id of a \
            record"
        ))
    };
    let text = URL_SAFE_NO_PAD
        .decode(id)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(wrong)?;
    let (name, key) = text.split_once(':').ok_or_else(wrong)?;
    Ok((name.to_owned(), key.parse().map_err(|_| wrong())?))
}
