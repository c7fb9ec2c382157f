//! Group keys of rows as typed objects, with the names of their codes.

use std::sync::Arc;

use async_graphql::dynamic::{Field, FieldFuture, Object, SchemaBuilder, TypeRef};
use hotwash_metrics::{Dimension, Snapshot};
use hotwash_schema::global_id::global_id;
use serde_json::{Value as Json, json};

use super::answer::{of_row, row};
use super::arguments::kind;
use crate::value::{by_name, owned};

/// Registers the types of group keys.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let required = |name: &str, description: &str| {
        Field::new(name, TypeRef::named_nn(TypeRef::STRING), by_name).description(description)
    };
    let text = |name: &str, description: &str| {
        Field::new(name, TypeRef::named(TypeRef::STRING), by_name).description(description)
    };
    let region = Object::new("MetricRegion")
        .description("Region of a row of a metric.")
        .field(required("code", "Code, as filters take it, e.g. `4AB`."))
        .field(text("name", "Name."));
    let hazard = Object::new("MetricHazard")
        .description("Hazard of a row of a metric.")
        .field(required("code", "Code, as filters take it, e.g. `winter_storm`."))
        .field(text("name", "Name."))
        .field(text("category", "Code of its category."));
    let capability = Object::new("MetricCapability")
        .description("Capability of a row of a metric.")
        .field(required("key", "Framework and code, as filters take them, e.g. `PHEP:10`."))
        .field(text("framework", "Code of its framework, e.g. `PHEP`."))
        .field(text("code", "Code within its framework, e.g. `10`."))
        .field(text("name", "Name."));
    let organization = Object::new("MetricOrganization")
        .description("Organization of a row of a metric.")
        .field(required("number", "Number, as filters take it; `none` for no organization."))
        .field(
            Field::new("id", TypeRef::named(TypeRef::ID), by_name)
                .description("Global id, for `node(id:)`; empty for no organization."),
        )
        .field(text("name", "Name; empty for no organization."));
    [region, hazard, capability, organization].into_iter().fold(schema, SchemaBuilder::register)
}

/// Builds the typed field of a group key.
pub fn group_field(dimension: Dimension) -> Field {
    let object = match dimension {
        Dimension::Region => "MetricRegion",
        Dimension::Hazard => "MetricHazard",
        Dimension::Capability => "MetricCapability",
        Dimension::Organization => "MetricOrganization",
        other => {
            let field = Field::new(other.key(), TypeRef::named(kind(other).graphql()), of_row);
            return describe(field, dimension);
        }
    };
    describe(key_field(dimension.key(), object, dimension), dimension)
}

/// Builds the field of a group key as an object of this type.
pub fn key_field(name: &str, object: &str, dimension: Dimension) -> Field {
    Field::new(name, TypeRef::named(object), move |ctx| {
        let found = row(&ctx).ok().and_then(|row| {
            let key = row.get(dimension.key())?.as_str()?;
            let snapshot = ctx.data::<Arc<Snapshot>>().ok()?;
            Some(owned(named(snapshot, dimension, key)))
        });
        FieldFuture::Value(found)
    })
}

fn describe(field: Field, dimension: Dimension) -> Field {
    field.description(format!("{} Empty when not grouped by.", dimension.description()))
}

/// Returns a group key with the names of its code.
fn named(snapshot: &Snapshot, dimension: Dimension, key: &str) -> Json {
    match dimension {
        Dimension::Region => {
            let region = snapshot.regions.values().find(|region| region.code == key);
            json!({ "code": key, "name": region.map(|region| &region.name) })
        }
        Dimension::Hazard => {
            let hazard = snapshot.hazards.values().find(|hazard| hazard.code == key);
            json!({
                "code": key,
                "name": hazard.map(|hazard| &hazard.name),
                "category": hazard.map(|hazard| &hazard.category),
            })
        }
        Dimension::Capability => {
            let (framework, code) = key.split_once(':').unzip();
            json!({
                "key": key,
                "framework": framework,
                "code": code,
                "name": snapshot.capabilities.get(key),
            })
        }
        _ => {
            let number = key.parse::<i64>().ok();
            json!({
                "number": key,
                "id": number.map(|number| global_id("Organization", number)),
                "name": number.and_then(|number| snapshot.organizations.get(&number)),
            })
        }
    }
}
