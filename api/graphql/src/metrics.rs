//! Metrics in GraphQL, computed over the pinned snapshot by the function that all interfaces share.
//!
//! Each metric has a typed root field, generated from the registry. `metric(id:)` answers for any
//! metric with its keys and extras as JSON.

mod answer;
mod arguments;
mod change;
mod comparison;
mod compute;
mod definition;
mod groups;
mod records;
mod typed;

use answer::{json_of_row, of_row, with_answer, with_period, with_value};
use async_graphql::dynamic::{Field, FieldFuture, InputValue, Object, SchemaBuilder, TypeRef};
pub(crate) use change::change_json;
use change::{change_field, with_compare};
use comparison::comparison_json;
pub(crate) use compute::on_snapshot;
use definition::definition_json;
use groups::key_field;
use hotwash_metrics::{Dimension, Reliability, Unit, compare_regions, registry};
use records::records_field;
use serde_json::Value as Json;

use crate::objects::enum_of;
use crate::value::owned;

/// Registers the types of metrics.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let mut row = Object::new("MetricRow")
        .description("Value with its interval, sample size and reliability.");
    for dimension in Dimension::ALL {
        let kind = arguments::kind(dimension).graphql();
        row = row.field(
            Field::new(dimension.key(), TypeRef::named(kind), of_row)
                .description("Group key; empty when not grouped by."),
        );
    }
    row = row.field(
        key_field("namedOrganization", "MetricOrganization", Dimension::Organization).description(
            "Organization of the group key, with its id and name; empty when not grouped by.",
        ),
    );
    let row = with_period(row, of_row).field(
        Field::new("dimensions", TypeRef::named_nn("JSON"), json_of_row)
            .description("All group keys by name."),
    );
    let row = with_value(row, of_row)
        .field(
            Field::new("extra", TypeRef::named_nn("JSON"), json_of_row)
                .description("Further values of the metric, by name."),
        )
        .field(change_field())
        .field(records_field());
    let result = Object::new("MetricResult")
        .description("Result of a metric query, with its warehouse version and as-of day.");
    let parts = [
        definition::register,
        arguments::register,
        groups::register,
        records::register,
        change::register,
        comparison::register,
        typed::register,
    ];
    parts
        .into_iter()
        .fold(schema, |schema, part| part(schema))
        .register(row)
        .register(with_answer(result, "MetricRow"))
        .register(enum_of(Reliability::VOCABULARY))
        .register(enum_of(Unit::VOCABULARY))
}

/// Returns the root fields: `metrics`, `metric`, `compareRegions`, and one for each metric.
pub fn fields() -> impl Iterator<Item = Field> {
    let metrics = Field::new("metrics", TypeRef::named_nn_list("MetricDefinition"), |_| {
        let all: Vec<Json> =
            registry().iter().map(|metric| definition_json(metric.definition())).collect();
        FieldFuture::Value(Some(owned(Json::Array(all))))
    })
    .description("All metrics.");
    let metric = Field::new("metric", TypeRef::named("MetricResult"), |ctx| {
        FieldFuture::new(async move {
            let mut query = arguments::metric_query(&ctx.args)?;
            arguments::named_parameters(&ctx.args, &mut query)?;
            compute::answer(&ctx, ctx.args.try_get("id")?.string()?, query).await
        })
    })
    .description(
        "One metric by its id, e.g. `metric(id: \"incident_burden\", groupBy: [HAZARD], period: \
         YEAR)`. Each metric also has a typed field, e.g. `incidentBurden`. All of a request sees \
         one version.",
    )
    .argument(
        InputValue::new("id", TypeRef::named_nn(TypeRef::ID)).description("Id of the metric."),
    );
    let metric = arguments::with_filter(metric, "MetricFilter").argument(
        InputValue::new("groupBy", TypeRef::named_nn_list("MetricDimension"))
            .description("Dimensions to group by; default: those of the metric."),
    );
    let metric = with_compare(arguments::with_period(metric));
    let compare = Field::new("compareRegions", TypeRef::named_nn_list("RegionComparison"), |ctx| {
        FieldFuture::new(async move {
            let mut query = arguments::metric_query(&ctx.args)?;
            arguments::named_parameters(&ctx.args, &mut query)?;
            let id = ctx.args.try_get("metric")?.string()?;
            let compared = compute::compute(&ctx, id, move |snapshot, id, viewer| {
                compare_regions(snapshot, id, &query, viewer)
            })
            .await?;
            Ok(Some(owned(Json::Array(compared.iter().map(comparison_json).collect()))))
        })
    })
    .description(
        "Compares the regions on one metric, with funnel limits that allow for the size of a \
         region.",
    )
    .argument(
        InputValue::new("metric", TypeRef::named_nn(TypeRef::ID)).description("Id of the metric."),
    );
    let compare = arguments::with_filter(compare, "MetricFilter");
    let generic =
        [metric, compare].map(|field| arguments::with_parameters(arguments::with_days(field)));
    [metrics].into_iter().chain(generic).chain(typed::fields())
}
