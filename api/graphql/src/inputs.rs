//! Input types: filters by scalar type, filters and orders by record type, and `having`.

use async_graphql::dynamic::{
    Enum, EnumItem, InputObject, InputValue, Scalar, SchemaBuilder, TypeRef,
};

use super::aggregate::functions::{
    ABOUT_SHARE, COUNT_DISTINCT, FUNCTIONS, Function, PERCENTILE, SHARE, distinct_keys,
    has_numbers, numbers,
};
use super::catalog::{is_listed, vocabularies};
use super::entity::{Entity, EntityField, Many};
use super::filter::{COUNT, KEY, takes};
use super::full_text::{ABOUT_WORDS, SEARCH};
use super::scalar::ScalarKind;

/// Kinds whose values are compared, except codes.
const SCALARS: [ScalarKind; 7] = [
    ScalarKind::Text,
    ScalarKind::Int,
    ScalarKind::Long,
    ScalarKind::Float,
    ScalarKind::Boolean,
    ScalarKind::Date,
    ScalarKind::DateTime,
];

/// Returns the name of the filter on values of a kind.
pub fn filter_name(kind: ScalarKind) -> String {
    format!("{}Filter", kind.graphql())
}

/// Registers scalars, sort directions, and filters of scalars and codes.
pub fn register_common(mut schema: SchemaBuilder) -> SchemaBuilder {
    for (name, description, specification) in [
        (
            "Date",
            "A day of the years 1 to 9999, as `2026-06-30`: the full-date of RFC 3339.",
            "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        ),
        (
            "DateTime",
            "A moment in UTC, as `2026-06-30T14:00:00Z`: the date-time of RFC 3339.",
            "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        ),
        (
            "Long",
            "A whole number of up to 64 bits, as a JSON number.",
            "https://www.w3.org/TR/xmlschema11-2/#long",
        ),
        ("JSON", "Any JSON value.", "https://www.rfc-editor.org/rfc/rfc8259"),
    ] {
        let scalar = Scalar::new(name).description(description);
        schema = schema.register(scalar.specified_by_url(specification));
    }
    schema = schema.register(
        Enum::new("Direction")
            .item(EnumItem::new("ASC").description("From low to high, from early to late."))
            .item(EnumItem::new("DESC").description("From high to low, from late to early."))
            .description("Order: ascending or descending; empty values come last."),
    );
    let codes = vocabularies().map(ScalarKind::Code);
    for kind in SCALARS.into_iter().chain(codes) {
        let value = kind.graphql();
        let mut input = InputObject::new(filter_name(kind))
            .description(format!("Comparisons; all given must match, e.g. `{}`.", example(kind)));
        input =
            input
                .field(InputValue::new("eq", TypeRef::named(value)).description(
                    "Equal; null selects records without a value, as `isNull: true`.",
                ));
        input = input.field(InputValue::new("ne", TypeRef::named(value)).description(
            "Not equal; records without a value match; null selects records with a value, as \
             `isNull: false`.",
        ));
        input = input.field(
            InputValue::new("in", TypeRef::named_nn_list(value))
                .description("One of these, at most 1000."),
        );
        input = input.field(
            InputValue::new("notIn", TypeRef::named_nn_list(value)).description("None of these."),
        );
        for (operator, description) in [
            ("lt", "Less."),
            ("lte", "Less or equal."),
            ("gt", "Greater."),
            ("gte", "Greater or equal."),
            ("contains", "Contains this text, in any case."),
            ("startsWith", "Starts with this text, in any case."),
        ] {
            if takes(kind, operator) {
                input = input.field(
                    InputValue::new(operator, TypeRef::named(value)).description(description),
                );
            }
        }
        input = input.field(
            InputValue::new("isNull", TypeRef::named(TypeRef::BOOLEAN))
                .description("Is empty, or is not."),
        );
        schema = schema.register(input);
    }
    let numbers = [
        (
            "NumberComparison",
            TypeRef::FLOAT,
            "Comparisons of an aggregated number, e.g. `{gte: 5}`.",
        ),
        ("CountFilter", TypeRef::INT, "Comparisons of a number of records, e.g. `{gte: 3}`."),
    ];
    let comparisons = [
        ("eq", "Equal."),
        ("ne", "Not equal."),
        ("lt", "Less."),
        ("lte", "Less or equal."),
        ("gt", "Greater."),
        ("gte", "Greater or equal."),
    ];
    numbers.into_iter().fold(schema, |schema, (name, kind, about)| {
        let fields = comparisons.map(|(operator, description)| {
            InputValue::new(operator, TypeRef::named(kind)).description(description)
        });
        let input = InputObject::new(name).description(about);
        schema.register(fields.into_iter().fold(input, InputObject::field))
    })
}

/// Returns an example filter for a description.
fn example(kind: ScalarKind) -> String {
    match kind {
        ScalarKind::Code(list) => return format!("{{eq: {}}}", list.codes[0]),
        ScalarKind::Text | ScalarKind::Texts => "{contains: \"shelter\"}",
        ScalarKind::Id(_) => "{isNull: false}",
        ScalarKind::Int | ScalarKind::Long => "{gte: 1}",
        ScalarKind::Float => "{lt: 0.5}",
        ScalarKind::Boolean => "{eq: true}",
        ScalarKind::Date => "{gte: \"2025-07-01\", lt: \"2026-07-01\"}",
        ScalarKind::DateTime => "{gte: \"2026-06-30T14:00:00Z\"}",
    }
    .to_owned()
}

/// Returns an example filter of a record type: on a field that is no text, or on a text whose
/// description states a value.
fn example_of(entity: &'static Entity) -> String {
    let condition = |field: &EntityField| match field.kind {
        ScalarKind::Text | ScalarKind::Texts => {
            let (_, rest) = field.description.split_once("e.g. `")?;
            Some(format!("{{eq: \"{}\"}}", rest.split_once('`')?.0))
        }
        kind => Some(example(kind)),
    };
    let mut examples = compared(entity).filter_map(|field| Some((field.name, condition(field)?)));
    let (name, condition) =
        examples.next().unwrap_or((entity.fields[0].name, "{isNull: false}".to_owned()));
    format!("{{{name}: {condition}}}")
}

/// Registers filter and order of a record type, and for aggregates `having` and the order of
/// groups.
pub fn register_for(mut schema: SchemaBuilder, entity: &'static Entity) -> SchemaBuilder {
    let filter = format!("{}Filter", entity.name);
    let example = example_of(entity);
    schema = schema.register(filter_of(InputObject::new(&filter), entity).description(format!(
        "Which {} records; all given fields must match, e.g. `{example}`.",
        entity.name
    )));
    if is_listed(entity) {
        let input = filter_of(InputObject::new(list_filter_name(entity.name)), entity).field(
            InputValue::new(COUNT, TypeRef::named("CountFilter")).description(
                "Number of the records that match the other fields; at least one unless given.",
            ),
        );
        schema = schema.register(input.description(format!(
            "Which {} records a record must have; all given fields must match, e.g. `{example}`.",
            entity.name
        )));
    }
    let mut order = InputObject::new(format!("{}Order", entity.name)).description(format!(
        "Order by these fields, the first before the others, e.g. `[{{{}: DESC}}]`.",
        entity.fields[0].name
    ));
    for field in compared(entity).filter(|field| field.within.is_none()) {
        order = order.field(
            InputValue::new(field.name, TypeRef::named("Direction")).description(field.description),
        );
    }
    let to_one = entity.relations.iter().filter(|relation| relation.many == Many::One);
    for relation in to_one.filter(|relation| entity.compared(relation.name).is_none()) {
        order = order.field(
            InputValue::new(relation.name, TypeRef::named(format!("{}Order", relation.target)))
                .description(format!("{} By its fields.", relation.description)),
        );
    }
    schema = schema.register(order);
    if !entity.group_keys.is_empty() {
        schema = register_group(schema, entity);
    }
    schema
}

/// Returns the name of the filter by the keys of a group.
fn key_filter_name(name: &str) -> String {
    format!("{name}KeyFilter")
}

/// Returns the name of the filter on a record's list of these records.
fn list_filter_name(target: &str) -> String {
    format!("{target}ListFilter")
}

/// Returns the columns that are compared.
fn compared(entity: &'static Entity) -> impl Iterator<Item = &'static EntityField> {
    entity.fields.iter().filter(|field| field.is_comparable())
}

/// Adds the conditions on a record type to a filter.
fn filter_of(mut input: InputObject, entity: &'static Entity) -> InputObject {
    let filter = format!("{}Filter", entity.name);
    let related = |name: &str| entity.relations.iter().any(|relation| relation.name == name);
    for field in compared(entity).filter(|field| !related(field.name)) {
        input = input.field(
            InputValue::new(field.name, TypeRef::named(filter_name(field.kind)))
                .description(field.description),
        );
    }
    if entity.search.is_some() {
        input = input.field(
            InputValue::new(SEARCH, TypeRef::named(TypeRef::STRING)).description(ABOUT_WORDS),
        );
    }
    if !entity.group_keys.is_empty() {
        input = input.field(
            InputValue::new(KEY, TypeRef::named(key_filter_name(entity.name))).description(
                "In the group of an aggregate with these keys; null for a key without a value.",
            ),
        );
    }
    for relation in entity.relations {
        let (of, rule) = match relation.many {
            Many::One => (format!("{}Filter", relation.target), "It must match."),
            Many::List => {
                (list_filter_name(relation.target), "One of them must match, or `count`.")
            }
        };
        input = input.field(
            InputValue::new(relation.name, TypeRef::named(of))
                .description(format!("{} {rule}", relation.description)),
        );
    }
    input = input.field(
        InputValue::new("and", TypeRef::named_nn_list(&filter)).description("All of these."),
    );
    input = input
        .field(InputValue::new("or", TypeRef::named_nn_list(&filter)).description("One of these."));
    input.field(InputValue::new("not", TypeRef::named(&filter)).description("Not this."))
}

fn register_group(mut schema: SchemaBuilder, entity: &'static Entity) -> SchemaBuilder {
    let name = entity.name;
    let mut having = InputObject::new(format!("{name}AggregateHaving"))
        .description("Conditions on the groups, e.g. `{count: {gte: 5}}`.");
    let mut order = InputObject::new(format!("{name}AggregateOrder"))
        .description("Order of the groups, e.g. `[{count: DESC}]`.");
    having = having.field(
        InputValue::new("count", TypeRef::named("NumberComparison"))
            .description("Number of records."),
    );
    order = order.field(
        InputValue::new("count", TypeRef::named("Direction"))
            .description("By the number of records."),
    );
    order = order.field(
        InputValue::new("key", TypeRef::named("Direction")).description("By the group keys."),
    );
    let keys = entity.group_keys.iter().fold(
        InputObject::new(key_filter_name(name))
            .description("Keys of a group, as its aggregate returned them; all must be equal."),
        |keys, key| {
            let of = TypeRef::named(key.kind.graphql());
            keys.field(InputValue::new(key.key, of).description(key.description))
        },
    );
    schema = schema.register(keys);
    if distinct_keys(entity).next().is_some() {
        let mut compared = InputObject::new(format!("{name}CountDistinctHaving"))
            .description("Comparisons of numbers of distinct values.");
        let mut ordered = InputObject::new(format!("{name}CountDistinctOrder"))
            .description("Order by numbers of distinct values.");
        for key in distinct_keys(entity) {
            let value = |of| InputValue::new(key.key, TypeRef::named(of));
            compared = compared.field(value("NumberComparison").description(key.description));
            ordered = ordered.field(value("Direction").description(key.description));
        }
        let value = |of: &str| InputValue::new(COUNT_DISTINCT, TypeRef::named(of));
        let about = "By the number of distinct values.";
        having = having.field(value(compared.type_name()).description(about));
        order = order.field(value(ordered.type_name()).description(about));
        schema = schema.register(compared).register(ordered);
    }
    if has_numbers(entity) {
        let input = |suffix: &str, about: &str, of: &str| {
            let input = InputObject::new([name, suffix].concat()).description(about);
            numbers(entity).fold(input, |input, field| {
                let value = InputValue::new(field.name, TypeRef::named(of));
                input.field(value.description(field.description))
            })
        };
        let share =
            || InputValue::new(SHARE, TypeRef::named_nn(TypeRef::FLOAT)).description(ABOUT_SHARE);
        let (compared, ordered) = ("NumberComparison", "Direction");
        for input in [
            input("NumbersHaving", "Comparisons of aggregated numbers.", compared),
            input("NumbersOrder", "Order by aggregated numbers.", ordered),
            input("PercentileHaving", "Comparisons of percentiles.", compared).field(share()),
            input("PercentileOrder", "Order by percentiles.", ordered).field(share()),
        ] {
            schema = schema.register(input);
        }
        let percentile = |suffix: &str| {
            InputValue::new(PERCENTILE, TypeRef::named([name, suffix].concat()))
                .description(Function::Percentile(0.5).description())
        };
        having = having.field(percentile("PercentileHaving"));
        order = order.field(percentile("PercentileOrder"));
        for (function, of) in FUNCTIONS {
            having = having.field(
                InputValue::new(function, TypeRef::named(format!("{name}NumbersHaving")))
                    .description(of.description()),
            );
            order = order.field(
                InputValue::new(function, TypeRef::named(format!("{name}NumbersOrder")))
                    .description(of.description()),
            );
        }
    }
    schema.register(having).register(order)
}
