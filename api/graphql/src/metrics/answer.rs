//! The answer to a metric query as parent of the fields of its type, and the fields of a row's
//! value.

use std::sync::Arc;

use async_graphql::Value;
use async_graphql::dynamic::{Field, FieldFuture, FieldValue, Object, ResolverContext, TypeRef};
use hotwash_metrics::{MetricDefinition, MetricQuery, MetricResult, MetricRow, Reliability, Unit};
use serde_json::Value as Json;

use super::definition::definition_json;
use crate::value::{field_value, owned};

/// Resolver of a field.
pub type Resolve = for<'a> fn(ResolverContext<'a>) -> FieldFuture<'a>;

/// An answer to a metric query.
pub struct Answer {
    definition: &'static MetricDefinition,
    snapshot_version: i64,
    as_of: chrono::NaiveDate,
    rows: Vec<AnsweredRow>,
}

/// A row of an answer.
pub struct AnsweredRow {
    /// The row.
    pub row: MetricRow,
    /// Id of the metric.
    pub metric: &'static str,
    /// The query, which determines the records behind the row.
    pub query: Arc<MetricQuery>,
    /// Values by name.
    json: Json,
}

impl Answer {
    /// Joins a result with the changes of its rows, if it compares, and with its query.
    pub fn new(result: MetricResult, changes: &[Json], query: MetricQuery) -> Self {
        let query = Arc::new(query);
        let metric = result.definition.id;
        let rows = result.rows.into_iter().enumerate().map(|(position, row)| {
            let mut json = row_json(&row);
            json["comparison"] = changes.get(position).cloned().unwrap_or_default();
            AnsweredRow { row, metric, query: Arc::clone(&query), json }
        });
        Self {
            definition: result.definition,
            snapshot_version: result.snapshot_version,
            as_of: result.as_of,
            rows: rows.collect(),
        }
    }
}

impl AnsweredRow {
    /// Returns a value of the row by name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.json.get(name)
    }
}

/// Returns the values of a row by name, with all group keys and extras.
pub fn row_json(row: &MetricRow) -> Json {
    let mut json = row.to_json();
    json["dimensions"] = Json::Object(row.dimensions.clone());
    json["extra"] = Json::Object(row.extra.clone());
    json
}

/// Returns the row whose field is resolved.
pub fn row<'a>(ctx: &ResolverContext<'a>) -> async_graphql::Result<&'a AnsweredRow> {
    ctx.parent_value.try_downcast_ref::<AnsweredRow>()
}

/// Resolves a field of a row by its name.
pub fn of_row(ctx: ResolverContext<'_>) -> FieldFuture<'_> {
    let found = row(&ctx).ok().and_then(|row| row.get(ctx.field().name()));
    FieldFuture::Value(found.map(field_value))
}

/// Resolves a field of a row that holds JSON.
pub fn json_of_row(ctx: ResolverContext<'_>) -> FieldFuture<'_> {
    let found = row(&ctx).ok().and_then(|row| row.get(ctx.field().name()));
    let json = found.and_then(|json| Value::from_json(json.clone()).ok());
    FieldFuture::Value(json.map(FieldValue::value))
}

/// Adds the fields of an answer, whose rows have this type.
pub fn with_answer(object: Object, row_type: &str) -> Object {
    let of = |name: &str, kind: TypeRef, read: fn(&Answer) -> FieldValue<'_>| {
        Field::new(name, kind, move |ctx| {
            let answer = ctx.parent_value.try_downcast_ref::<Answer>();
            FieldFuture::Value(answer.ok().map(read))
        })
    };
    object
        .field(
            of("definition", TypeRef::named_nn("MetricDefinition"), |answer| {
                owned(definition_json(answer.definition))
            })
            .description("The metric."),
        )
        .field(
            of("rows", TypeRef::named_nn_list_nn(row_type), |answer| {
                FieldValue::list(answer.rows.iter().map(|row| FieldValue::borrowed_any(row)))
            })
            .description("Its rows."),
        )
        .field(
            of("unit", TypeRef::named_nn(Unit::VOCABULARY.name), |answer| {
                FieldValue::value(answer.definition.unit.code())
            })
            .description("Unit of the values."),
        )
        .field(
            of("snapshotVersion", TypeRef::named_nn("Long"), |answer| {
                FieldValue::value(answer.snapshot_version)
            })
            .description("Version of the warehouse."),
        )
        .field(
            of("asOf", TypeRef::named_nn("Date"), |answer| {
                FieldValue::value(answer.as_of.to_string())
            })
            .description("As-of day of the computation."),
        )
}

/// Adds the fields of a row's period, which this resolver reads.
pub fn with_period(object: Object, resolve: Resolve) -> Object {
    object
        .field(
            Field::new("period", TypeRef::named(TypeRef::STRING), resolve)
                .description("Period, e.g. `2025-Q3`; empty without one."),
        )
        .field(
            Field::new("periodStart", TypeRef::named("Date"), resolve)
                .description("First day of the period."),
        )
}

/// Adds the fields of a row's value with its interval, which this resolver reads.
pub fn with_value(object: Object, resolve: Resolve) -> Object {
    let number = |name: &str, description: &str| {
        Field::new(name, TypeRef::named(TypeRef::FLOAT), resolve).description(description)
    };
    object
        .field(number("value", "Value; empty where it is undefined or suppressed."))
        .field(
            Field::new("unit", TypeRef::named_nn(Unit::VOCABULARY.name), resolve)
                .description("Unit of the value."),
        )
        .field(number("numerator", "Numerator."))
        .field(number("denominator", "Denominator."))
        .field(
            Field::new("n", TypeRef::named_nn("Long"), resolve)
                .description("Records behind the value."),
        )
        .field(number("ciLow", "Lower end of the 95% interval."))
        .field(number("ciHigh", "Upper end of the 95% interval."))
        .field(
            Field::new("reliability", TypeRef::named_nn(Reliability::VOCABULARY.name), resolve)
                .description("Reliability of the value."),
        )
        .field(
            Field::new("note", TypeRef::named(TypeRef::STRING), resolve)
                .description("Remark on the row."),
        )
}
