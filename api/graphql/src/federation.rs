//! Apollo Federation 2: the API as a subgraph, whose records other subgraphs refer to by id.

use std::sync::{Arc, OnceLock};

use async_graphql::dynamic::{
    Directive, Field, FieldFuture, InputValue, Object, Scalar, SchemaBuilder, TypeRef, Union,
};
use async_graphql::{Error, Value};
use serde_json::json;

use super::catalog::ENTITIES;
use super::entity::Entity;
use super::error::bad_input;
use super::field_context::{FieldContext, unplanned};
use super::node;
use super::value::{by_name, list, owned};

/// Name of the field by which a gateway asks for records.
pub const ENTITIES_FIELD: &str = "_entities";

/// Maximum number of records that a gateway may request at a time.
const MOST_ENTITIES: usize = 1000;

/// SDL of the subgraph, known once the schema is built.
pub type SubgraphSdl = Arc<OnceLock<String>>;

/// Marks a record type as an entity.
pub fn with_key(object: Object) -> Object {
    object.directive(Directive::new("key").argument("fields", Value::from("id")))
}

/// Marks a type that other subgraphs may define too.
pub fn shared(object: Object) -> Object {
    object.directive(Directive::new("shareable"))
}

/// Registers the types by which a gateway asks.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let service = Object::new("_Service").description("This subgraph.").field(
        Field::new("sdl", TypeRef::named(TypeRef::STRING), by_name)
            .description("Schema with the directives of Apollo Federation."),
    );
    let any = Scalar::new("_Any")
        .description("Reference to a record: an object with its `__typename` and `id`.");
    let entity = Union::new("_Entity").description("Any record.");
    let entity = ENTITIES.iter().fold(entity, |union, one| union.possible_type(one.name));
    schema.register(service).register(any).register(entity)
}

/// Adds the fields by which a gateway asks.
pub fn with_fields(query: Object, sdl: &SubgraphSdl) -> Object {
    let sdl = Arc::clone(sdl);
    let service = Field::new("_service", TypeRef::named_nn("_Service"), move |_| {
        FieldFuture::Value(Some(owned(json!({ "sdl": sdl.get() }))))
    });
    let entities = Field::new(ENTITIES_FIELD, TypeRef::named_list_nn("_Entity"), unplanned);
    let references = InputValue::new("representations", TypeRef::named_nn_list_nn("_Any"))
        .description("References to records.");
    query.field(service.description("Schema of this subgraph, for gateways.")).field(
        entities.argument(references).description(format!(
            "Records that other subgraphs refer to, in their order, at most {MOST_ENTITIES}. Null \
             without a record, or for one that the viewer may not see."
        )),
    )
}

/// Answers references as `nodes` answers ids.
///
/// # Errors
/// Fails for a reference of another form, a record type that is not open, or a database error.
pub async fn entities(ctx: &FieldContext<'_>) -> Result<Vec<u8>, Error> {
    let given = ctx.field.given("representations").unwrap_or_default();
    let given = list(&given);
    if given.len() > MOST_ENTITIES {
        return Err(bad_input(format!(
            "representations: {} were given; give at most {MOST_ENTITIES} at a time",
            given.len()
        )));
    }
    let records = given.iter().map(record_of).collect::<Result<Vec<_>, _>>()?;
    node::written(ctx, &records).await
}

/// Returns type and key of a record by a reference to it.
fn record_of(reference: &Value) -> Result<(&'static Entity, i64), Error> {
    let member = |name: &str| match reference {
        Value::Object(members) => match members.get(name)? {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        },
        _ => None,
    };
    let (Some(name), Some(id)) = (member("__typename"), member("id")) else {
        return Err(bad_input(
            "representations: write each as {\"__typename\": \"Event\", \"id\": \"RXZlbnQ6MQ\"}",
        ));
    };
    let (entity, key) = node::record_of(id)?;
    if entity.name != name {
        return Err(bad_input(format!(
            "representations: {id} is an id of type {}, not {name}",
            entity.name
        )));
    }
    Ok((entity, key))
}
