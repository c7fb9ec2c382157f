//! Arguments of metric fields: filters, groups, days and parameters.

use async_graphql::dynamic::{
    Enum, EnumItem, Field, InputObject, InputValue, ObjectAccessor, SchemaBuilder, TypeRef,
    ValueAccessor,
};
use async_graphql::{Error, Name, Value};
use hotwash_metrics::{Dimension, Grain, MetricDefinition, MetricQuery, Parameter};
use hotwash_schema::day::parse_day;
use serde_json::Value as Json;

use crate::error::{bad_input, from_metric};
use crate::names::title;
use crate::scalar::ScalarKind;

/// Returns the name of a dimension in an enum.
pub fn enum_name(dimension: Dimension) -> String {
    dimension.to_string().to_uppercase()
}

/// Returns the kind of a dimension's values.
pub fn kind(dimension: Dimension) -> ScalarKind {
    dimension.vocabulary().map_or(ScalarKind::Text, ScalarKind::Code)
}

/// Returns the name of the filter on a dimension.
fn filter_name(dimension: Dimension) -> String {
    format!("Metric{}Filter", kind(dimension).graphql())
}

/// Registers the input types that metrics share.
pub fn register(mut schema: SchemaBuilder) -> SchemaBuilder {
    let mut names = Vec::new();
    for dimension in Dimension::ALL {
        let (name, value) = (filter_name(dimension), kind(dimension).graphql());
        if names.contains(&name) {
            continue;
        }
        let input = InputObject::new(&name)
            .description("Values of a group key; the same as the keys of rows, `unmapped` too.")
            .field(InputValue::new("eq", TypeRef::named(value)).description("Equal."))
            .field(
                InputValue::new("in", TypeRef::named_nn_list(value)).description("One of these."),
            );
        schema = schema.register(input);
        names.push(name);
    }
    let period = [
        ("MONTH", "A calendar month, e.g. `2025-08`."),
        ("QUARTER", "A calendar quarter, e.g. `2025-Q3`."),
        ("YEAR", "A calendar year, e.g. `2025`."),
        (
            "FISCAL_YEAR",
            "A fiscal year of the jurisdiction, named by its ending year, e.g. `FY2026`.",
        ),
    ]
    .into_iter()
    .fold(
        Enum::new("Period").description("Length of a period, by the event's local date."),
        |period, (name, description)| period.item(EnumItem::new(name).description(description)),
    );
    let filter = filter_of("MetricFilter", &Dimension::ALL);
    let groups = groups_of("MetricDimension", &Dimension::ALL).description(
        "Dimension for filtering and grouping metrics; each metric supports some of them.",
    );
    schema.register(period).register(filter).register(groups)
}

/// Builds a filter by these dimensions.
pub fn filter_of(name: &str, dimensions: &[Dimension]) -> InputObject {
    let input = InputObject::new(name).description(
        "Only records with these values; all given fields must match, e.g. \
         `{region: {in: [\"3\", \"4C\"]}}`.",
    );
    dimensions.iter().fold(input, |input, dimension| {
        input.field(
            InputValue::new(dimension.key(), TypeRef::named(filter_name(*dimension)))
                .description(dimension.description()),
        )
    })
}

/// Builds the enum of the dimensions to group by.
pub fn groups_of(name: &str, dimensions: &[Dimension]) -> Enum {
    dimensions.iter().fold(Enum::new(name), |groups, dimension| {
        groups.item(EnumItem::new(enum_name(*dimension)).description(dimension.description()))
    })
}

/// Adds the argument of a filter of this type.
pub fn with_filter(field: Field, name: &str) -> Field {
    field
        .argument(InputValue::new("filter", TypeRef::named(name)).description("Filter conditions."))
}

/// Adds the argument of periods.
pub fn with_period(field: Field) -> Field {
    field.argument(
        InputValue::new("period", TypeRef::named("Period")).description("One row per period."),
    )
}

/// Adds the arguments of days.
pub fn with_days(field: Field) -> Field {
    let day = |name: &str, description: &str| {
        InputValue::new(name, TypeRef::named("Date")).description(description)
    };
    field
        .argument(day("from", "First day of the period."))
        .argument(day("to", "Last day of the period."))
        .argument(day(
            "asOf",
            "Date on which open, overdue and censored records are decided; default: today.",
        ))
}

/// Adds the argument of parameters by name.
pub fn with_parameters(field: Field) -> Field {
    field.argument(
        InputValue::new("parameters", TypeRef::named("JSON"))
            .description("Parameters by name, as an object."),
    )
}

/// Returns the name of the enum of a parameter that is a choice.
pub fn choice_name(definition: &MetricDefinition, parameter: &str) -> String {
    definition.type_name() + &title(parameter)
}

/// Returns the name of a choice in its enum.
pub fn choice_code(choice: &str) -> String {
    choice.to_uppercase()
}

/// Builds the enum of a parameter that is a choice.
pub fn choice_of(definition: &MetricDefinition, parameter: &Parameter) -> Enum {
    let choices = Enum::new(choice_name(definition, parameter.name))
        .description(title(parameter.description) + ".");
    parameter.allowed.iter().fold(choices, |choices, choice| {
        let words = title(&choice.replace('_', " ")) + ".";
        choices.item(EnumItem::new(choice_code(choice)).description(words))
    })
}

/// Builds the typed argument of a parameter.
pub fn parameter_of(definition: &MetricDefinition, parameter: &Parameter) -> InputValue {
    let default = parameter.default_value();
    let (kind, default) = match &default {
        Json::String(choice) if !parameter.allowed.is_empty() => {
            (choice_name(definition, parameter.name), Value::Enum(Name::new(choice_code(choice))))
        }
        Json::Number(number) if number.is_f64() => {
            (TypeRef::FLOAT.to_owned(), Value::Number(number.clone()))
        }
        Json::Number(number) => (TypeRef::INT.to_owned(), Value::Number(number.clone())),
        other => (TypeRef::STRING.to_owned(), Value::String(other.to_string())),
    };
    InputValue::new(parameter.name, TypeRef::named(kind))
        .default_value(default)
        .description(title(&parameter.meaning()) + ".")
}

/// Returns an argument that is given and not null.
fn given<'a>(arguments: &'a ObjectAccessor<'a>, name: &str) -> Option<ValueAccessor<'a>> {
    arguments.get(name).filter(|value| !value.is_null())
}

/// Reads the query of a field with a filter, groups and days, without its parameters.
///
/// # Errors
/// Fails for an invalid day, dimension, period or filter.
pub fn metric_query(arguments: &ObjectAccessor<'_>) -> Result<MetricQuery, Error> {
    let mut metric_query = MetricQuery::default();
    let day = |name: &str| -> Result<Option<chrono::NaiveDate>, Error> {
        let Some(value) = given(arguments, name) else { return Ok(None) };
        let text = value.string()?;
        let day = parse_day(text);
        day.map(Some)
            .ok_or_else(|| bad_input(format!("{name}: {text} must be a day such as 2026-06-30")))
    };
    if let Some(list) = given(arguments, "groupBy") {
        let mut dimensions = Vec::new();
        for one in list.list()?.iter() {
            dimensions.push(one.enum_name()?.parse().map_err(|error| from_metric(&error))?);
        }
        metric_query.group_by = Some(dimensions);
    }
    if let Some(period) = given(arguments, "period") {
        metric_query.period =
            Some(period.enum_name()?.parse::<Grain>().map_err(|error| from_metric(&error))?);
    }
    metric_query.from = day("from")?;
    metric_query.to = day("to")?;
    if let Some(as_of) = day("asOf")? {
        metric_query.as_of = as_of;
    }
    let Some(filter) = given(arguments, "filter") else { return Ok(metric_query) };
    for (name, comparison) in filter.object()?.iter().filter(|(_, one)| !one.is_null()) {
        let dimension: Dimension = name.parse().map_err(|error| from_metric(&error))?;
        let mut wanted: Option<Vec<String>> = None;
        for (operator, value) in comparison.object()?.iter() {
            let values = match value.as_value() {
                Value::List(list) => texts(list),
                Value::Null => {
                    return Err(bad_input(format!(
                        "filter.{name}.{operator} must not be null; leave it out for all"
                    )));
                }
                one => texts(std::slice::from_ref(one)),
            };
            // As in every filter, both comparisons must hold.
            wanted = Some(match wanted {
                None => values,
                Some(wanted) => wanted.into_iter().filter(|one| values.contains(one)).collect(),
            });
        }
        metric_query.filter.extend(wanted.map(|wanted| (dimension, wanted)));
    }
    Ok(metric_query)
}

/// Reads the parameters that are given by name in one argument.
///
/// # Errors
/// Fails if the argument is no object.
pub fn named_parameters(
    arguments: &ObjectAccessor<'_>,
    metric_query: &mut MetricQuery,
) -> Result<(), Error> {
    let Some(parameters) = given(arguments, "parameters") else { return Ok(()) };
    let json =
        parameters.as_value().clone().into_json().map_err(|error| bad_input(error.to_string()))?;
    let Json::Object(fields) = json else {
        return Err(bad_input("parameters: must be an object of names and values"));
    };
    metric_query.parameters = fields.into_iter().collect();
    Ok(())
}

/// Reads the parameters of a metric that are arguments of their own.
///
/// # Errors
/// Fails if a value cannot be JSON.
pub fn own_parameters(
    arguments: &ObjectAccessor<'_>,
    definition: &MetricDefinition,
    metric_query: &mut MetricQuery,
) -> Result<(), Error> {
    for parameter in definition.parameters {
        let Some(value) = given(arguments, parameter.name) else { continue };
        let value = match value.as_value() {
            Value::Enum(code) => {
                let choice = parameter.allowed.iter().find(|one| choice_code(one) == code.as_str());
                Json::from(choice.copied().unwrap_or(code.as_str()))
            }
            other => other.clone().into_json().map_err(|error| bad_input(error.to_string()))?,
        };
        // A default is left out, so that this query and one without it share their cached answer.
        if !parameter.is_default(&value) {
            metric_query.parameters.insert(parameter.name.to_owned(), value);
        }
    }
    Ok(())
}

/// Returns the texts and codes of a list.
fn texts(list: &[Value]) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Enum(code) => Some(code.to_string()),
        _ => None,
    };
    list.iter().filter_map(text).collect()
}
