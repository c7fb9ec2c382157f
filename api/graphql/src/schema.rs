//! GraphQL schema: record types as lists, aggregates and nodes, metrics, and the warehouse status.

use std::sync::Arc;

use async_graphql::dynamic::{
    Field, FieldFuture, InputValue, Object, ResolverContext, Schema, SchemaBuilder, SchemaError,
    Subscription, SubscriptionField, SubscriptionFieldFuture, TypeRef,
};
use async_graphql::{Error, SDLExportOptions};
use futures::StreamExt;
use hotwash_metrics::SnapshotStore;
use hotwash_schema::profile;
use serde_json::{Value as Json, json};

use super::arguments::with_arguments;
use super::catalog::ENTITIES;
use super::entity::Entity;
use super::error::from_schema;
use super::federation::{self, SubgraphSdl};
use super::field_context::unplanned;
use super::field_errors::FieldErrors;
use super::pool::QueryPool;
use super::validation::StopAfterValidation;
use super::value::{by_name, owned};
use super::viewer_scope::ViewerScope;
use super::{aggregate, changes, inputs, metrics, node, objects, search};

/// Limits of a document. The guard checks them before the schema runs the document.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum nesting.
    pub depth: usize,
    /// Maximum number of fields. Fields of fragments and aliases count each.
    pub fields: usize,
    /// Maximum number of aliased fields.
    pub aliases: usize,
    /// Maximum number of directives.
    pub directives: usize,
    /// Maximum cost: fields times the records of their lists.
    pub cost: u64,
}

/// Returns the SDL with descriptions.
///
/// # Errors
/// Fails if the catalog is faulty.
pub fn sdl() -> Result<String, SchemaError> {
    Ok(build()?.sdl())
}

/// Returns the SDL as a subgraph of Apollo Federation.
///
/// # Errors
/// Fails if the catalog is faulty.
pub fn subgraph_sdl() -> Result<String, SchemaError> {
    Ok(subgraph_sdl_of(&build_subgraph()?))
}

fn subgraph_sdl_of(schema: &Schema) -> String {
    schema.sdl_with_options(SDLExportOptions::new().federation())
}

/// Builds the schema. The pool, snapshots and viewer come with each request.
///
/// # Errors
/// Fails if the catalog is faulty.
pub fn build() -> Result<Schema, SchemaError> {
    complete(false)?.register(query()).finish()
}

/// Builds the schema as a subgraph of Apollo Federation.
///
/// # Errors
/// Fails if the catalog is faulty.
pub fn build_subgraph() -> Result<Schema, SchemaError> {
    let sdl = SubgraphSdl::default();
    let query = federation::with_fields(query(), &sdl);
    let schema = federation::register(complete(true)?);
    let schema = schema.register(query).finish()?;
    // The field that needs it runs later.
    let _ = sdl.set(subgraph_sdl_of(&schema));
    Ok(schema)
}

/// Registers all types but the root of queries.
fn complete(is_subgraph: bool) -> Result<SchemaBuilder, SchemaError> {
    let mut schema = Schema::build("Query", None, Some("Subscription"))
        .extension(FieldErrors::default())
        .extension(StopAfterValidation);
    schema = inputs::register_common(schema);
    schema = objects::register_common(schema, is_subgraph);
    schema = metrics::register(schema);
    schema = schema.register(node::interface());
    schema = search::register(schema);
    for entity in ENTITIES.iter() {
        schema =
            objects::register_for(schema, entity, is_subgraph).map_err(|error| error.message)?;
        schema = inputs::register_for(schema, entity);
    }
    schema = changes::register(schema);
    Ok(register_status(schema).register(subscription()))
}

/// Builds the query type. Its fields are nullable, so that a failed one spares the others.
fn query() -> Object {
    let mut query = Object::new("Query").description(
        "Cross-region queries of the warehouse. Lists are Relay connections; every aggregate \
         groups, filters and orders in the database; metrics come with interval, n and \
         reliability.",
    );
    query = query.field(node::node()).field(node::nodes()).field(search::field());
    for entity in ENTITIES.iter().filter(|entity| !entity.list.is_empty()) {
        query = query.field(if entity.connection { connection(entity) } else { list(entity) });
        if !entity.group_keys.is_empty() {
            query = query.field(aggregate_field(entity));
        }
    }
    for field in metrics::fields() {
        query = query.field(field);
    }
    query.field(changes::field()).field(
        Field::new("warehouse", TypeRef::named("WarehouseStatus"), |ctx| {
            FieldFuture::new(async move { status(&ctx).await.map(|json| Some(owned(json))) })
        })
        .description("Contents of the warehouse and how current they are."),
    )
}

fn list(of: &'static Entity) -> Field {
    let field =
        Field::new(of.list, TypeRef::named_nn_list(of.name), unplanned).description(of.description);
    if of.name == "Capability" {
        field.argument(
            InputValue::new("framework", TypeRef::named(TypeRef::STRING))
                .description("Filter by framework, e.g. `PHEP`, `HPP`, `FEMA`."),
        )
    } else {
        field
    }
}

fn connection(of: &'static Entity) -> Field {
    let connection = TypeRef::named(format!("{}Connection", of.name));
    let field = Field::new(of.list, connection, unplanned).description(format!(
        "{} At most 1000 per page, 50 by default, e.g. `{}(first: 20, filter: {{…}}) {{ totalCount \
         nodes {{ {} }} }}`.",
        of.description, of.list, of.fields[0].name
    ));
    let mut field = with_arguments(field, of);
    if of.name == "Reject" {
        field = field.argument(
            InputValue::new("batch", TypeRef::named(TypeRef::ID))
                .description("Filter by load: its number or global id."),
        );
    }
    field
}

fn aggregate_field(of: &'static Entity) -> Field {
    let (name, group) = (aggregate::field_name(of), format!("{}Group", of.name));
    Field::new(name.clone(), TypeRef::named_nn_list(group), unplanned)
        .description(format!(
            "Aggregates over {} records, per group, or over all without `groupBy`, e.g. \
         `{name}(groupBy: [{}], having: {{count: {{gte: 5}}}}) {{ key {{ {} }} count \
         }}`.",
            of.name, of.group_keys[0].name, of.group_keys[0].key
        ))
        .argument(
            InputValue::new("filter", TypeRef::named(format!("{}Filter", of.name)))
                .description("Filter conditions."),
        )
        .argument(
            InputValue::new("groupBy", TypeRef::named_nn_list(format!("{}GroupKey", of.name)))
                .description("Groups."),
        )
        .argument(
            InputValue::new("having", TypeRef::named(format!("{}AggregateHaving", of.name)))
                .description("Filter conditions on groups."),
        )
        .argument(
            InputValue::new(
                "orderBy",
                TypeRef::named_nn_list(format!("{}AggregateOrder", of.name)),
            )
            .description("Order of the groups."),
        )
        .argument(InputValue::new("limit", TypeRef::named(TypeRef::INT)).description(
            "Maximum number of groups (1 to 10000, default 1000). More groups are \
                rejected, never truncated.",
        ))
}

fn register_status(schema: SchemaBuilder) -> SchemaBuilder {
    let count = Object::new("TableCount")
        .description("Rows of a table.")
        .field(
            Field::new("table", TypeRef::named_nn(TypeRef::STRING), by_name).description("Table."),
        )
        .field(Field::new("rows", TypeRef::named_nn("Long"), by_name).description("Rows."));
    let status = Object::new("WarehouseStatus")
        .description("Contents of the warehouse and how current they are.")
        .field(
            Field::new("version", TypeRef::named_nn("Long"), by_name)
                .description("Version of the warehouse, which every change increments."),
        )
        .field(Field::new("snapshotVersion", TypeRef::named_nn("Long"), by_name).description(
            "Warehouse version that answers metrics. To ask more of this state, send \
                     `?snapshot=` with this number.",
        ))
        .field(
            Field::new("snapshotReadAt", TypeRef::named_nn("DateTime"), by_name)
                .description("Time that version was read."),
        )
        .field(Field::new("unreachableSince", TypeRef::named("DateTime"), by_name).description(
            "Time since which the database has been unavailable; empty while it \
                    answers.",
        ))
        .field(
            Field::new("timeZone", TypeRef::named_nn(TypeRef::STRING), by_name)
                .description("Time zone of the jurisdiction, e.g. `America/Chicago`."),
        )
        .field(Field::new("lastLoad", TypeRef::named("DateTime"), by_name).description(
            "End of the \
            last load.",
        ))
        .field(
            Field::new("fictional", TypeRef::named_nn(TypeRef::BOOLEAN), by_name)
                .description("It holds invented demonstration data."),
        )
        .field(
            Field::new("tables", TypeRef::named_nn_list_nn("TableCount"), by_name).description(
                "Rows of each table, for the roles analyst and admin; empty for others.",
            ),
        );
    schema.register(count).register(status)
}

/// Fields of the status that only the database knows.
const STORED: [&str; 4] = ["version", "lastLoad", "fictional", "tables"];

/// Resolves the status. Fields of the snapshot are answered while the database is unavailable.
///
/// # Errors
/// Fails if a field that only the database knows is selected and cannot be read.
async fn status(ctx: &ResolverContext<'_>) -> Result<Json, Error> {
    let snapshot = ctx.data::<Arc<SnapshotStore>>()?.status();
    let moment = |moment: chrono::DateTime<chrono::Utc>| {
        moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    };
    let mut json = json!({
        "snapshotVersion": snapshot.version, "snapshotReadAt": moment(snapshot.read_at),
        "unreachableSince": snapshot.unreachable_since.map(moment),
        "timeZone": profile::active().time_zone.name(),
    });
    if STORED.iter().any(|field| ctx.look_ahead().field(field).exists()) {
        let stored = ctx.data::<QueryPool>()?.status().await;
        let stored = stored.map_err(|error| from_schema(&error))?;
        json["version"] = stored.version.into();
        json["lastLoad"] = stored.last_load.map(moment).into();
        json["fictional"] = stored.fictional.into();
        // Only viewers of all regions see the total number of rows.
        let is_seen = ctx.data::<ViewerScope>()?.viewer.sees_all_detail();
        let tables = stored.tables.iter().filter(|_| is_seen);
        json["tables"] =
            tables.map(|(table, rows)| json!({ "table": table, "rows": rows })).collect();
    }
    Ok(json)
}

fn subscription() -> Subscription {
    Subscription::new("Subscription").description("What changes.").field(
        SubscriptionField::new("warehouseUpdated", TypeRef::named_nn("WarehouseStatus"), |ctx| {
            SubscriptionFieldFuture::new(async move {
                let store = Arc::clone(ctx.data::<Arc<SnapshotStore>>()?);
                let ctx = Arc::new(ctx);
                // Send the status at once, then again at each new version.
                let versions = futures::stream::unfold(
                    (store.subscribe(), true),
                    |(mut versions, first)| async move {
                        let alive = first || versions.changed().await.is_ok();
                        alive.then_some(((), (versions, false)))
                    },
                );
                Ok(versions.then(move |()| {
                    let ctx = Arc::clone(&ctx);
                    async move { status(&ctx).await.map(owned) }
                }))
            })
        })
        .description("The state at once, and again each time a load changed something."),
    )
}

#[cfg(test)]
mod tests {
    use async_graphql::registry::MetaType;

    use super::*;

    #[test]
    fn every_closed_list_of_the_api_is_an_enum_with_the_stored_codes() {
        let schema = build().unwrap();
        let registry = schema.registry();
        for list in crate::catalog::vocabularies() {
            let Some(MetaType::Enum { enum_values, .. }) = registry.types.get(list.name) else {
                panic!("{} is no enum", list.name);
            };
            let values =
                enum_values.values().map(|value| (value.name.as_str(), &value.description));
            let values: Vec<(&str, Option<&str>)> =
                values.map(|(name, about)| (name, about.as_deref())).collect();
            let stored = list.codes.iter().zip(list.meanings);
            let stored: Vec<(&str, Option<&str>)> =
                stored.map(|(code, meaning)| (*code, Some(*meaning))).collect();
            assert_eq!(values, stored, "{}", list.name);
        }
        // Codes of reference lists, which a deployment may extend, stay text.
        let types = &registry.types;
        assert_eq!(types["Hazard"].field_by_name("code").unwrap().ty, "String!");
        assert_eq!(types["Event"].field_by_name("status").unwrap().ty, "EventStatus!");
    }

    #[test]
    fn the_committed_sdl_is_current() {
        let committed = include_str!("../../schema.graphql");
        assert_eq!(committed, sdl().unwrap(), "regenerate it: hotwash schema > api/schema.graphql");
    }
}
