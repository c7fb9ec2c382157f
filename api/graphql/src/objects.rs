//! Object types of the schema: records, connections and groups.

use async_graphql::Error;
use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, Object, SchemaBuilder, TypeRef,
};

use hotwash_schema::global_id::global_id;
use hotwash_schema::vocabulary::Vocabulary;

use super::aggregate::functions::{FUNCTIONS, function_description, kind_of, numbers};
use super::arguments::with_arguments;
use super::catalog::{entity as named, is_paged, vocabularies};
use super::entity::{Entity, Many, Relation};
use super::federation::{shared, with_key};
use super::names::title;
use super::relation::is_never_empty;
use super::scalar::ScalarKind;
use super::value::{by_alias, by_name, parent};

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
        .field(plain("source", TypeRef::named(TypeRef::STRING), "Format of the file."));
    vocabularies().fold(schema.register(page).register(lineage), |schema, list| {
        schema.register(enum_of(list))
    })
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
    let id = Field::new("id", TypeRef::named_nn(TypeRef::ID), move |ctx| {
        let key = ctx.field().alias().unwrap_or("id");
        let found =
            parent(&ctx).ok().and_then(|json| json.get(key)).map(|key| global_id(name, key));
        FieldFuture::Value(found.map(FieldValue::value))
    });
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
    let mut keys = Object::new(format!("{name}GroupKeys"))
        .description("Keys of a group; those not grouped by are empty.");
    let mut names = Enum::new(format!("{name}GroupKey")).description("Dimensions to group by.");
    for key in entity.group_keys {
        keys = keys.field(
            Field::new(key.key, TypeRef::named(key.kind.graphql()), by_name)
                .description(key.description),
        );
        names = names.item(EnumItem::new(key.name).description(key.description));
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
        );
    if numbers(entity).next().is_some() {
        for function in FUNCTIONS {
            let type_name = format!("{name}{}", title(function));
            let mut object = Object::new(&type_name).description(format!(
                "{} over the group; empty where no record has a value.",
                title(function)
            ));
            for field in numbers(entity) {
                let kind = kind_of(function, field.kind).graphql();
                object = object.field(
                    Field::new(field.name, TypeRef::named(kind), by_name)
                        .description(field.description),
                );
            }
            schema = schema.register(object);
            group = group.field(
                Field::new(function, TypeRef::named(type_name), by_name)
                    .description(function_description(function)),
            );
        }
    }
    schema.register(keys).register(names).register(group)
}
