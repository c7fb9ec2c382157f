//! Definitions of metrics in GraphQL.

use async_graphql::dynamic::{Field, Object, SchemaBuilder, TypeRef};
use hotwash_metrics::{Dimension, MetricDefinition, Unit};
use serde_json::{Value as Json, json};

use super::arguments::enum_name;
use crate::value::by_name;

/// Registers the types of definitions.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let of = |name: &str, kind: TypeRef, description: &str| {
        Field::new(name, kind, by_name).description(description)
    };
    let text = || TypeRef::named_nn(TypeRef::STRING);
    let dimensions = || TypeRef::named_nn_list_nn("MetricDimension");
    let parameter = Object::new("MetricParameter")
        .description("A parameter that a metric takes.")
        .field(of("name", text(), "Name."))
        .field(of("description", text(), "Effect of the parameter, with unit and range."))
        .field(of("default", TypeRef::named(TypeRef::STRING), "Default value, as JSON."))
        .field(of(
            "allowed",
            TypeRef::named_nn_list_nn(TypeRef::STRING),
            "Allowed values of a choice.",
        ));
    let definition = Object::new("MetricDefinition")
        .description("Definition of a metric.")
        .field(of("id", TypeRef::named_nn(TypeRef::ID), "Id, e.g. `incident_burden`."))
        .field(of("field", text(), "Typed root field, e.g. `incidentBurden`."))
        .field(of("title", text(), "Name for people."))
        .field(of("question", text(), "Question that the metric answers."))
        .field(of("unit", TypeRef::named_nn(Unit::VOCABULARY.name), "Unit of the value."))
        .field(of("formula", text(), "Formula of the metric."))
        .field(of("reference", text(), "Source of the definition."))
        .field(of("dimensions", dimensions(), "Dimensions for filtering and grouping."))
        .field(of("defaultGroupBy", dimensions(), "Default grouping."))
        .field(of(
            "minimumN",
            TypeRef::named_nn(TypeRef::INT),
            "Fewest records for a value to be judged.",
        ))
        .field(of(
            "parameters",
            TypeRef::named_nn_list_nn("MetricParameter"),
            "Parameters of the metric.",
        ));
    schema.register(parameter).register(definition)
}

/// Returns a definition as JSON.
pub fn definition_json(definition: &MetricDefinition) -> Json {
    let names = |dimensions: &[Dimension]| {
        dimensions.iter().map(|dimension| enum_name(*dimension)).collect::<Vec<_>>()
    };
    let parameters = definition.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "description": parameter.meaning(),
            "default": parameter.default,
            "allowed": parameter.allowed,
        })
    });
    json!({
        "id": definition.id,
        "field": definition.field_name(),
        "title": definition.title,
        "question": definition.question,
        "unit": definition.unit.code(),
        "formula": definition.formula,
        "reference": definition.reference,
        "dimensions": names(definition.dimensions),
        "defaultGroupBy": names(definition.default_group_by),
        "minimumN": definition.minimum_n,
        "parameters": parameters.collect::<Vec<_>>(),
    })
}
