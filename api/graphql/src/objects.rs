//! Object types of the schema: records, connections and groups.

use async_graphql::Error;
use async_graphql::dynamic::{Enum, EnumItem, Field, InputValue, Object, SchemaBuilder, TypeRef};

use hotwash_schema::vocabulary::Vocabulary;

use super::aggregate::functions::{
    ABOUT_SHARE, COUNT_DISTINCT, FUNCTIONS, Function, MINUTES_BETWEEN, PERCENTILE, SCOPE, SHARE,
    distinct_keys, has_numbers, numbers,
};
use super::arguments::with_arguments;
use super::catalog::{entity as named, is_paged, vocabularies};
use super::entity::{Entity, Many, Relation};
use super::federation::{shared, with_key};
use super::names::title;
use super::relation::is_never_empty;
use super::scalar::ScalarKind;
use super::value::{by_alias, by_name};
use super::viewer_scope::AggregateScope;

/// Registers `PageInfo`, the lineage type, and the closed lists of records.
pub fn register_common(schema: SchemaBuilder, is_subgraph: bool) -> SchemaBuilder {
    let plain = |name: &str, kind: TypeRef, description: &str| {
        Field::new(name, kind, by_name).description(description)
    };
    let page = Object::new("PageInfo")
        .description("Position of a page in its list.")
        .field(plain("hasNextPage", TypeRef::named_nn(TypeRef::BOOLEAN), "More records follow."))
        .field(plain(
            "hasPreviousPage",
            TypeRef::named_nn(TypeRef::BOOLEAN),
            "Records come before.",
        ))
        .field(plain("startCursor", TypeRef::named(TypeRef::STRING), "Cursor of the first record."))
        .field(plain("endCursor", TypeRef::named(TypeRef::STRING), "Cursor of the last record."));
    let page = if is_subgraph { shared(page) } else { page };
    let lineage = Object::new("RecordSource")
        .description("File and row that a record came from.")
        .field(plain("file", TypeRef::named_nn(TypeRef::STRING), "File name."))
        .field(plain("row", TypeRef::named_nn("Long"), "Row in the file, the first being 1."))
        .field(plain("batch", TypeRef::named_nn(TypeRef::INT), "Number of the load."))
        .field(plain(
            "sourceName",
            TypeRef::named(TypeRef::STRING),
            "Source with which the file was read, e.g. `noaa_storm_events`.",
        ));
    let scope = AggregateScope::ALL.into_iter().fold(
        Enum::new(AggregateScope::NAME)
            .description("Records that an aggregate counts, by the role of the key."),
        |scope, one| scope.item(EnumItem::new(one.value()).description(one.description())),
    );
    let schema = schema.register(page).register(lineage).register(scope);
    vocabularies().fold(schema, |schema, list| schema.register(enum_of(list)))
}

/// Registers a record type, its connection and its groups.
///
/// # Errors
/// Fails if a relation leads to an unknown type.
pub fn register_for(
    mut schema: SchemaBuilder,
    entity: &'static Entity,
    is_subgraph: bool,
) -> Result<SchemaBuilder, Error> {
    let object = object(entity)?;
    schema = schema.register(if is_subgraph { with_key(object) } else { object });
    if is_paged(entity) {
        schema = connection_of(schema, entity.name);
    }
    if !entity.group_keys.is_empty() {
        schema = groups(schema, entity);
    }
    Ok(schema)
}

/// Registers the connection and edge of a type.
pub fn connection_of(schema: SchemaBuilder, name: &str) -> SchemaBuilder {
    let edge = Object::new(format!("{name}Edge"))
        .description("A record with its cursor.")
        .field(
            Field::new("cursor", TypeRef::named_nn(TypeRef::STRING), by_name)
                .description("Opaque position in the list."),
        )
        .field(Field::new("node", TypeRef::named_nn(name), by_name).description("The record."));
    let connection = Object::new(format!("{name}Connection"))
        .description("A page of a list.")
        .field(
            Field::new("edges", TypeRef::named_nn_list_nn(format!("{name}Edge")), by_name)
                .description("Records with cursors."),
        )
        .field(
            Field::new("nodes", TypeRef::named_nn_list_nn(name), by_name).description("Records."),
        )
        .field(
            Field::new("pageInfo", TypeRef::named_nn("PageInfo"), by_name)
                .description("Position of the page in its list."),
        )
        .field(
            Field::new("totalCount", TypeRef::named_nn("Long"), by_name).description(
                "Number of records in the complete list; counted only when requested.",
            ),
        );
    schema.register(edge).register(connection)
}

/// Builds the enum of a closed list.
pub fn enum_of(list: &Vocabulary) -> Enum {
    let values = list.codes.iter().zip(list.meanings);
    let items = values.map(|(code, meaning)| EnumItem::new(*code).description(*meaning));
    items.fold(Enum::new(list.name).description(list.meaning), Enum::item)
}

/// Returns why a related record may be empty, as the end of a description.
fn why_empty(entity: &Entity, relation: &Relation) -> Result<&'static str, Error> {
    let target = named(relation.target)?;
    Ok(if relation.many == Many::List || is_never_empty(entity, relation)? {
        ""
    } else if target.visible.is_some() {
        " Empty if there is none, or if the viewer may not see it."
    } else if relation.skips_none || target.only.is_some() {
        " Empty if it is unmapped."
    } else {
        " Empty if there is none."
    })
}

/// Returns the type of a column.
fn type_of(kind: ScalarKind, required: bool) -> TypeRef {
    let name = kind.graphql();
    match (kind, required) {
        (ScalarKind::Texts, true) => TypeRef::named_nn_list_nn(name),
        (ScalarKind::Texts, false) => TypeRef::named_nn_list(name),
        (_, true) => TypeRef::named_nn(name),
        (_, false) => TypeRef::named(name),
    }
}

fn object(entity: &'static Entity) -> Result<Object, Error> {
    let name = entity.name;
    let id = Field::new("id", TypeRef::named_nn(TypeRef::ID), by_alias);
    let mut object = Object::new(name)
        .description(entity.description)
        .implement("Node")
        .field(id.description("Global id, for `node`."));
    for field in entity.fields.iter().filter(|field| field.shown) {
        let of = type_of(field.kind, field.required);
        object = object.field(Field::new(field.name, of, by_alias).description(field.description));
    }
    for relation in entity.relations {
        let field = match relation.many {
            Many::One => {
                let of = if is_never_empty(entity, relation)? {
                    TypeRef::named_nn
                } else {
                    TypeRef::named
                };
                Field::new(relation.name, of(relation.target), by_alias)
            }
            Many::List => {
                let page = TypeRef::named_nn(format!("{}Connection", relation.target));
                with_arguments(Field::new(relation.name, page, by_alias), named(relation.target)?)
            }
        };
        let why = why_empty(entity, relation)?;
        object = object.field(field.description([relation.description, why].concat()));
    }
    if entity.lineage.is_some() {
        object = object.field(
            Field::new("source", TypeRef::named("RecordSource"), by_alias)
                .description("File and row that the record came from."),
        );
    }
    Ok(object)
}

fn groups(mut schema: SchemaBuilder, entity: &'static Entity) -> SchemaBuilder {
    let name = entity.name;
    let mut keys = Object::new(format!("{name}GroupKeys")).description(
        "Keys of a group; those not grouped by are empty. The filter `key` takes them.",
    );
    let mut names = Enum::new(format!("{name}GroupKey")).description("Dimensions to group by.");
    for key in entity.group_keys {
        keys = keys.field(
            Field::new(key.key, TypeRef::named(key.kind.graphql()), by_name)
                .description(key.description),
        );
        if key.names.is_none() {
            names = names.item(EnumItem::new(key.name).description(key.description));
        }
    }
    let mut group = Object::new(format!("{name}Group"))
        .description("Group with its numbers.")
        .field(
            Field::new("key", TypeRef::named_nn(format!("{name}GroupKeys")), by_name)
                .description("Its keys."),
        )
        .field(
            Field::new("count", TypeRef::named_nn("Long"), by_name)
                .description("Number of records."),
        )
        .field(
            Field::new(SCOPE, TypeRef::named_nn(AggregateScope::NAME), by_name)
                .description("Records that the numbers count, by the role of the key."),
        );
    if distinct_keys(entity).next().is_some() {
        let type_name = format!("{name}CountDistinct");
        let object = distinct_keys(entity).fold(
            Object::new(&type_name).description("Numbers of distinct values in the group."),
            |object, key| {
                let of = TypeRef::named_nn("Long");
                object.field(Field::new(key.key, of, by_name).description(key.description))
            },
        );
        schema = schema.register(object);
        group = group.field(
            Field::new(COUNT_DISTINCT, TypeRef::named_nn(type_name), by_name)
                .description("Numbers of distinct values, without empty ones."),
        );
    }
    if has_numbers(entity) {
        let percentile = (PERCENTILE, Function::Percentile(0.5));
        for (function, of) in FUNCTIONS.into_iter().chain([percentile]) {
            let type_name = format!("{name}{}", title(function));
            schema = schema.register(numbers_of(entity, &type_name, function, of));
            let field = Field::new(function, TypeRef::named(type_name), by_name)
                .description(of.description());
            group = group.field(match function {
                PERCENTILE => field.argument(
                    InputValue::new(SHARE, TypeRef::named_nn(TypeRef::FLOAT))
                        .description(ABOUT_SHARE),
                ),
                _ => field,
            });
        }
    }
    schema.register(keys).register(names).register(group)
}

/// Builds the object with the values of a function.
fn numbers_of(entity: &'static Entity, type_name: &str, name: &str, function: Function) -> Object {
    let object = Object::new(type_name)
        .description(format!("{} over the group; empty where no record has a value.", title(name)));
    let object = numbers(entity).fold(object, |object, field| {
        let of = TypeRef::named(function.kind(field.kind).graphql());
        object.field(Field::new(field.name, of, by_name).description(field.description))
    });
    let Some(timeline) = entity.timeline else { return object };
    let argument = |name: &str, of: TypeRef, description: &str| {
        InputValue::new(name, of).description(description)
    };
    let from = argument("from", TypeRef::named(TypeRef::STRING), timeline.from);
    let to = argument("to", TypeRef::named_nn(TypeRef::STRING), timeline.to);
    object.field(
        Field::new(MINUTES_BETWEEN, TypeRef::named(TypeRef::FLOAT), by_name)
            .description(timeline.description)
            .argument(from)
            .argument(to),
    )
}
