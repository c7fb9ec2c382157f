//! A typed root field for each metric, generated from the registry.

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Name, Value};
use hotwash_metrics::{Extra, ExtraKind, MetricDefinition, registry};
use hotwash_schema::global_id::global_id;
use serde_json::Value as Json;

use super::answer::{of_row, row, with_answer, with_period as with_row_period, with_value};
use super::arguments::{
    choice_code, choice_name, choice_of, enum_name, filter_of, groups_of, metric_query,
    own_parameters, parameter_of, with_days, with_filter, with_period,
};
use super::change::{change_field, with_compare};
use super::compute::answer;
use super::groups::group_field;
use super::records::records_field;
use crate::objects::enum_of;
use crate::value::{field_value, parent};

/// Returns the definitions of all metrics.
fn definitions() -> impl Iterator<Item = &'static MetricDefinition> {
    registry().iter().map(|metric| metric.definition())
}

/// Registers the types of each metric.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    definitions().fold(schema, register_metric)
}

fn register_metric(schema: SchemaBuilder, definition: &'static MetricDefinition) -> SchemaBuilder {
    let name = definition.type_name();
    let mut schema =
        schema.register(filter_of(&format!("{name}MetricFilter"), definition.dimensions)).register(
            groups_of(&format!("{name}MetricDimension"), definition.dimensions)
                .description(format!("Dimensions by which `{}` groups.", definition.field_name())),
        );
    for parameter in definition.parameters.iter().filter(|one| !one.allowed.is_empty()) {
        schema = schema.register(choice_of(definition, parameter));
    }
    let mut row = Object::new(format!("{name}MetricRow")).description(format!(
        "{} of a group, with its interval, sample size and reliability.",
        definition.title
    ));
    for dimension in definition.dimensions {
        row = row.field(group_field(*dimension));
    }
    row = with_value(with_row_period(row, of_row), of_row);
    for extra in definition.extras {
        schema = register_extra(schema, definition, extra);
        row = row.field(extra_field(definition, extra, row_value));
    }
    let answer = Object::new(format!("{name}MetricResult"))
        .description(format!("{}, with its warehouse version and as-of day.", definition.title));
    schema
        .register(row.field(change_field()).field(records_field()))
        .register(with_answer(answer, &format!("{name}MetricRow")))
}

/// Reads an extra of a row by its name.
fn row_value<'a>(ctx: &ResolverContext<'a>, name: &str) -> Option<&'a Json> {
    row(ctx).ok()?.get(name)
}

/// Reads a value of a list's item by its name.
fn item_value<'a>(ctx: &ResolverContext<'a>, name: &str) -> Option<&'a Json> {
    parent(ctx).ok()?.get(name)
}

/// Registers the types of an extra's values.
fn register_extra(
    schema: SchemaBuilder,
    definition: &'static MetricDefinition,
    extra: &'static Extra,
) -> SchemaBuilder {
    match extra.kind {
        ExtraKind::Code(list) => schema.register(enum_of(list)),
        ExtraKind::List(item) => {
            let object = Object::new(definition.type_name() + item.name)
                .description(format!("Item of `{}`.", extra.name));
            item.fields
                .iter()
                .fold(schema, |schema, field| register_extra(schema, definition, field))
                .register(item.fields.iter().fold(object, |object, field| {
                    object.field(extra_field(definition, field, item_value))
                }))
        }
        _ => schema,
    }
}

/// Builds the field of an extra, which this function reads by its name.
fn extra_field(
    definition: &'static MetricDefinition,
    extra: &'static Extra,
    read: for<'a> fn(&ResolverContext<'a>, &str) -> Option<&'a Json>,
) -> Field {
    let field = Field::new(extra.name, type_of(definition, extra), move |ctx| {
        FieldFuture::Value(read(&ctx, extra.name).map(|value| typed(extra.kind, value)))
    });
    field.description(extra.description())
}

/// Returns the type of an extra.
fn type_of(definition: &MetricDefinition, extra: &Extra) -> TypeRef {
    match extra.kind {
        ExtraKind::Integer => TypeRef::named(TypeRef::INT),
        ExtraKind::Long => TypeRef::named("Long"),
        ExtraKind::Number => TypeRef::named(TypeRef::FLOAT),
        ExtraKind::Text => TypeRef::named(TypeRef::STRING),
        ExtraKind::Texts => TypeRef::named_nn_list(TypeRef::STRING),
        ExtraKind::Code(list) => TypeRef::named(list.name),
        ExtraKind::Parameter => TypeRef::named(choice_name(definition, extra.name)),
        ExtraKind::Flag => TypeRef::named(TypeRef::BOOLEAN),
        ExtraKind::Day => TypeRef::named("Date"),
        ExtraKind::Moment => TypeRef::named("DateTime"),
        ExtraKind::Record(_) => TypeRef::named(TypeRef::ID),
        ExtraKind::List(item) => TypeRef::named_nn_list(definition.type_name() + item.name),
    }
}

/// Returns a value in the type of its kind.
fn typed(kind: ExtraKind, value: &Json) -> FieldValue<'_> {
    match (kind, value) {
        (ExtraKind::Parameter, Json::String(choice)) => FieldValue::value(choice_code(choice)),
        (ExtraKind::Record(record), Json::Number(key)) => FieldValue::value(global_id(record, key)),
        (_, value) => field_value(value),
    }
}

/// Returns the typed root field of each metric.
pub fn fields() -> impl Iterator<Item = Field> {
    definitions().map(field)
}

fn field(definition: &'static MetricDefinition) -> Field {
    let name = definition.type_name();
    let result = TypeRef::named(format!("{name}MetricResult"));
    let field = Field::new(definition.field_name(), result, move |ctx| {
        FieldFuture::new(async move {
            let mut query = metric_query(&ctx.args)?;
            own_parameters(&ctx.args, definition, &mut query)?;
            answer(&ctx, definition.id, query).await
        })
    });
    let groups = definition.default_group_by.iter();
    let groups = groups.map(|dimension| Value::Enum(Name::new(enum_name(*dimension))));
    let field = with_filter(field, &format!("{name}MetricFilter")).argument(
        InputValue::new("groupBy", TypeRef::named_nn_list(format!("{name}MetricDimension")))
            .default_value(Value::List(groups.collect()))
            .description("Dimensions to group by."),
    );
    let field = with_compare(with_days(with_period(field)));
    definition
        .parameters
        .iter()
        .fold(field, |field, parameter| field.argument(parameter_of(definition, parameter)))
        .description(format!(
            "{}: {} {}",
            definition.title, definition.question, definition.formula
        ))
}
