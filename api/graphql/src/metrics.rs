//! Metrics in GraphQL, computed over the pinned snapshot by the function that all interfaces share.

use std::sync::Arc;

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, InputObject, InputValue, Object, ResolverContext,
    SchemaBuilder, TypeRef,
};
use async_graphql::{Error, Value};
use hotwash_metrics::{
    Comparison, Dimension, Grain, MetricQuery, MetricResult, MetricRow, Part, RecordId, Snapshot,
    compare_regions, evaluate, find, registry,
};
use hotwash_metrics::{MOST_RECORDS, MetricError, Reliability};
use hotwash_schema::access::Viewer;
use hotwash_schema::global_id::global_id;
use serde_json::{Value as Json, json};

use super::arguments::{ListArguments, with_page};
use super::cursor::CursorScope;
use super::error::{bad_input, from_metric};
use super::inputs::filter_name;
use super::objects::{connection_of, enum_of};
use super::scalar::ScalarKind;
use super::selection::Selected;
use super::value::{by_name, json_by_name, owned};
use super::viewer_scope::ViewerScope;

fn enum_name(dimension: Dimension) -> String {
    dimension.to_string().to_uppercase()
}

/// Returns the kind of a dimension's values.
fn kind(dimension: Dimension) -> ScalarKind {
    dimension.vocabulary().map_or(ScalarKind::Text, ScalarKind::Code)
}

/// Returns the field with the reliability of a row's value.
fn reliability() -> Field {
    Field::new("reliability", TypeRef::named_nn(Reliability::VOCABULARY.name), by_name)
        .description("Reliability of the value.")
}

/// Registers the types of metrics.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let text = |name: &str, description: &str| {
        Field::new(name, TypeRef::named(TypeRef::STRING), by_name).description(description)
    };
    let required = |name: &str, description: &str| {
        Field::new(name, TypeRef::named_nn(TypeRef::STRING), by_name).description(description)
    };
    let number = |name: &str, description: &str| {
        Field::new(name, TypeRef::named(TypeRef::FLOAT), by_name).description(description)
    };
    let parameter = Object::new("MetricParameter")
        .description("A parameter that a metric takes.")
        .field(required("name", "Name."))
        .field(required("description", "Effect of the parameter, with unit and range."))
        .field(text("default", "Default value, as JSON."))
        .field(
            Field::new("allowed", TypeRef::named_nn_list_nn(TypeRef::STRING), by_name)
                .description("Allowed values of a choice."),
        );
    let definition = Object::new("MetricDefinition")
        .description("Definition of a metric.")
        .field(
            Field::new("id", TypeRef::named_nn(TypeRef::ID), by_name)
                .description("Id, e.g. `incident_burden`."),
        )
        .field(required("title", "Name for people."))
        .field(required("question", "Question that the metric answers."))
        .field(required("unit", "Unit of the value: share (0 to 1), count, days or minutes."))
        .field(required("formula", "Formula of the metric."))
        .field(required("reference", "Source of the definition."))
        .field(
            Field::new("dimensions", TypeRef::named_nn_list_nn("MetricDimension"), by_name)
                .description("Dimensions for filtering and grouping."),
        )
        .field(
            Field::new("defaultGroupBy", TypeRef::named_nn_list_nn("MetricDimension"), by_name)
                .description("Default grouping."),
        )
        .field(
            Field::new("minimumN", TypeRef::named_nn(TypeRef::INT), by_name)
                .description("Fewest records for a value to be judged."),
        )
        .field(
            Field::new("parameters", TypeRef::named_nn_list_nn("MetricParameter"), by_name)
                .description("Parameters of the metric."),
        );
    let mut row = Object::new("MetricRow")
        .description("Value with its interval, sample size and reliability.");
    for dimension in Dimension::ALL {
        row = row.field(
            Field::new(dimension.key(), TypeRef::named(kind(dimension).graphql()), by_name)
                .description("Group key; empty when not grouped by."),
        );
    }
    let row = row
        .field(text("period", "Period, e.g. `2025-Q3`; empty without one."))
        .field(Field::new("periodStart", TypeRef::named("Date"), by_name).description(
            "First day \
            of the period.",
        ))
        .field(Field::new("dimensions", TypeRef::named_nn("JSON"), json_by_name).description(
            "All \
            group keys by name.",
        ))
        .field(number("value", "Value; empty where it is undefined."))
        .field(required("unit", "Unit of the value."))
        .field(number("numerator", "Numerator."))
        .field(number("denominator", "Denominator."))
        .field(Field::new("n", TypeRef::named_nn("Long"), by_name).description(
            "Records behind the \
            value.",
        ))
        .field(number("ciLow", "Lower end of the 95% interval."))
        .field(number("ciHigh", "Upper end of the 95% interval."))
        .field(reliability())
        .field(text("note", "Remark on the row."))
        .field(Field::new("extra", TypeRef::named_nn("JSON"), json_by_name).description(
            "Further \
                values of the metric, by name.",
        ))
        .field(
            with_page(Field::new("records", TypeRef::named_nn("MetricRecordConnection"), |ctx| {
                FieldFuture::new(async move { provenance(&ctx).await })
            }))
            .description(
                "Records behind the row; read one with `node(id:)`, and its file and row \
                with `source`. Empty for regions whose detail the viewer may not see.",
            ),
        );
    let record = Object::new("MetricRecord")
        .description("Record behind a row of a metric, with its part in the value.")
        .field(Field::new("id", TypeRef::named_nn(TypeRef::ID), by_name).description("Global id."))
        .field(required("type", "Its type."))
        .field(
            Field::new("part", TypeRef::named_nn("MetricPart"), by_name)
                .description("Its part in the row."),
        );
    let part = [
        (Part::Numerator, "Counts in the numerator and in the denominator."),
        (Part::Denominator, "Counts in the denominator only."),
        (
            Part::Censored,
            "Whether it had not happened by the as-of day, so that it counts as lasting at least \
             that long.",
        ),
    ]
    .into_iter()
    .fold(
        Enum::new("MetricPart").description("Part of a record in a row of a metric."),
        |part, (one, meaning)| part.item(EnumItem::new(one.as_str()).description(meaning)),
    );
    let schema = connection_of(schema, "MetricRecord");
    let schema = connection_of(schema, "MetricRecord");
    let result = Object::new("MetricResult")
        .description("Result of a metric query, with its warehouse version and as-of day.")
        .field(
            Field::new("definition", TypeRef::named_nn("MetricDefinition"), by_name)
                .description("The metric."),
        )
        .field(
            Field::new("rows", TypeRef::named_nn_list_nn("MetricRow"), by_name)
                .description("Its rows."),
        )
        .field(
            Field::new("snapshotVersion", TypeRef::named_nn("Long"), by_name)
                .description("Version of the warehouse."),
        )
        .field(
            Field::new("asOf", TypeRef::named_nn("Date"), by_name)
                .description("As-of day of the computation."),
        );
    let comparison = Object::new("RegionComparison")
        .description(
            "A region compared with the state, with the funnel within which regions \
            differ by chance alone.",
        )
        .field(
            Field::new("region", TypeRef::named_nn(TypeRef::STRING), by_name)
                .description("Region code."),
        )
        .field(number("value", "The region's value; empty where it is undefined or suppressed."))
        .field(required("unit", "Unit of the value."))
        .field(number("numerator", "Numerator."))
        .field(number("denominator", "Denominator."))
        .field(Field::new("n", TypeRef::named_nn("Long"), by_name).description(
            "Records behind the \
            value.",
        ))
        .field(number("ciLow", "Lower end of the 95% interval."))
        .field(number("ciHigh", "Upper end of the 95% interval."))
        .field(reliability())
        .field(text("note", "Remark on the row."))
        .field(number("state", "Statewide value."))
        .field(number("difference", "Region less state."))
        .field(number("funnelLow", "Lower 95% funnel limit around the state's share."))
        .field(number("funnelHigh", "Upper 95% funnel limit."))
        .field(number("funnelLow998", "Lower 99.8% funnel limit."))
        .field(number("funnelHigh998", "Upper 99.8% funnel limit."))
        .field(required(
            "funnelPosition",
            "ABOVE or BELOW the 99.8% funnel, WITHIN it, TOO_FEW, or NOT_COMPARED if the metric is \
             not a share.",
        ))
        .field(
            Field::new("extra", TypeRef::named_nn("JSON"), json_by_name)
                .description("Further values of the metric, by name."),
        );
    let mut filter = InputObject::new("MetricFilter").description(
        "Only records with these values; `eq` and `in`, e.g. `{region: {in: [\"3\", \"4C\"]}}`.",
    );
    let mut dimensions = Enum::new("MetricDimension").description(
        "Dimension for filtering and grouping metrics; each metric supports some of them.",
    );
    for dimension in Dimension::ALL {
        let description = dimension.description();
        filter = filter.field(
            InputValue::new(dimension.key(), TypeRef::named(filter_name(kind(dimension))))
                .description(description),
        );
        dimensions = dimensions.item(EnumItem::new(enum_name(dimension)).description(description));
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
    schema
        .register(parameter)
        .register(definition)
        .register(row)
        .register(record)
        .register(part)
        .register(result)
        .register(comparison)
        .register(filter)
        .register(dimensions)
        .register(period)
        .register(enum_of(Reliability::VOCABULARY))
}

/// Registers the fields `metrics`, `metric` and `compareRegions`.
pub fn fields() -> [Field; 3] {
    let metrics = Field::new("metrics", TypeRef::named_nn_list("MetricDefinition"), |_| {
        let all: Vec<Json> =
            registry().iter().map(|metric| definition(metric.definition())).collect();
        FieldFuture::Value(Some(owned(Json::Array(all))))
    })
    .description("All metrics.");
    let metric = Field::new("metric", TypeRef::named("MetricResult"), |ctx| {
        FieldFuture::new(async move {
            let result = compute(&ctx, evaluate).await?;
            let mut json = answer(&result);
            // Each row carries the metric query, which determines its records.
            let query = query_json(&ctx);
            for row in json["rows"].as_array_mut().into_iter().flatten() {
                row["__question"] = query.clone();
            }
            Ok(Some(owned(json)))
        })
    })
    .description(
        "One metric, e.g. `metric(id: \"incident_burden\", groupBy: [HAZARD], period: \
        YEAR)`. All of a request sees one version.",
    )
    .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)).description(
        "Id of the \
        metric.",
    ))
    .argument(InputValue::new("where", TypeRef::named("MetricFilter")).description(
        "Filter \
        conditions.",
    ))
    .argument(
        InputValue::new("groupBy", TypeRef::named_nn_list("MetricDimension"))
            .description("Dimensions to group by; default: those of the metric."),
    )
    .argument(InputValue::new("period", TypeRef::named("Period")).description("A row a period."));
    let compare = Field::new("compareRegions", TypeRef::named_nn_list("RegionComparison"), |ctx| {
        FieldFuture::new(async move {
            let compared = compute(&ctx, compare_regions).await?;
            Ok(Some(owned(Json::Array(compared.iter().map(comparison).collect()))))
        })
    })
    .description(
        "Compares the regions on one metric, with funnel limits that allow for the size \
        of a region.",
    )
    .argument(InputValue::new("metric", TypeRef::named_nn(TypeRef::ID)).description(
        "Id of the \
        metric.",
    ))
    .argument(InputValue::new("where", TypeRef::named("MetricFilter")).description(
        "Filter \
        conditions.",
    ));
    [metrics, with_days(metric), with_days(compare)]
}

fn with_days(field: Field) -> Field {
    field
        .argument(
            InputValue::new("from", TypeRef::named("Date")).description("First day of the period."),
        )
        .argument(
            InputValue::new("to", TypeRef::named("Date")).description("Last day of the period."),
        )
        .argument(InputValue::new("asOf", TypeRef::named("Date")).description(
            "Date on which open, overdue and censored records are decided; default: today.",
        ))
        .argument(
            InputValue::new("parameters", TypeRef::named("JSON"))
                .description("Parameters by name, as an object."),
        )
}

/// Runs a computation over the pinned snapshot, on a separate thread for blocking work.
async fn compute<T: Send + 'static>(
    ctx: &ResolverContext<'_>,
    what: fn(&Snapshot, &str, &MetricQuery, &Viewer) -> Result<T, MetricError>,
) -> Result<T, Error> {
    let snapshot = Arc::clone(ctx.data::<Arc<Snapshot>>()?);
    let viewer = ctx.data::<ViewerScope>()?.viewer.clone();
    let id = ctx.args.try_get("id").or_else(|_| ctx.args.try_get("metric"))?.string()?.to_owned();
    find(&id).map_err(|error| from_metric(&error))?;
    let metric_query = metric_query(ctx)?;
    let computed =
        tokio::task::spawn_blocking(move || what(&snapshot, &id, &metric_query, &viewer)).await;
    computed.map_err(|error| super::error::internal(&error))?.map_err(|error| from_metric(&error))
}

/// Returns the metric query as JSON, which a row carries.
fn query_json(ctx: &ResolverContext<'_>) -> Json {
    let Ok(metric_query) = metric_query(ctx) else { return Json::Null };
    let id = ctx.args.try_get("id").ok().and_then(|id| id.string().ok().map(str::to_owned));
    let filter: serde_json::Map<String, Json> = metric_query
        .filter
        .iter()
        .map(|(dimension, values)| (dimension.to_string(), json!(values)))
        .collect();
    json!({ "id": id, "filter": filter, "from": metric_query.from, "to": metric_query.to, "asOf": metric_query.as_of, "period": metric_query.period, "parameters": metric_query.parameters })
}

/// Resolves the records behind a row.
async fn provenance(
    ctx: &ResolverContext<'_>,
) -> Result<Option<async_graphql::dynamic::FieldValue<'static>>, Error> {
    let row = super::value::parent(ctx)?.clone();
    let arguments = ListArguments::read(&Selected::of(ctx))?;
    let of = format!("{} {} {}", row["__question"], row["dimensions"], row["periodStart"]);
    let scope = CursorScope::new("MetricRow.records", &[], None, &of);
    let snapshot = Arc::clone(ctx.data::<Arc<Snapshot>>()?);
    let viewer = ctx.data::<ViewerScope>()?.viewer.clone();
    let found = tokio::task::spawn_blocking(move || {
        let query = &row["__question"];
        let day = |name: &str| query[name].as_str().and_then(|day| day.parse().ok());
        let mut metric_query =
            MetricQuery { from: day("from"), to: day("to"), ..MetricQuery::default() };
        metric_query.as_of = day("asOf").unwrap_or(metric_query.as_of);
        metric_query
            .parameters
            .extend(query["parameters"].as_object().cloned().into_iter().flatten());
        for (name, values) in query["filter"].as_object().into_iter().flatten() {
            let values = values
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect();
            if let Ok(dimension) = name.parse::<Dimension>() {
                metric_query.filter.insert(dimension, values);
            }
        }
        let keys = row["dimensions"].as_object().into_iter().flatten();
        let keys = keys
            .filter_map(|(name, value)| {
                Some((name.parse::<Dimension>().ok()?, value.as_str()?.to_owned()))
            })
            .collect();
        let period = serde_json::from_value::<Option<Grain>>(query["period"].clone())
            .ok()
            .flatten()
            .zip(row["periodStart"].as_str().and_then(|day| day.parse().ok()));
        let period = period.map(|(grain, start)| hotwash_metrics::Period { start, grain });
        hotwash_metrics::records(
            &snapshot,
            query["id"].as_str().unwrap_or_default(),
            &metric_query,
            &keys,
            period,
            MOST_RECORDS,
            &viewer,
        )
    });
    let found = found
        .await
        .map_err(|error| super::error::internal(&error))?
        .map_err(|error| from_metric(&error))?;
    if found.len() == MOST_RECORDS {
        return Err(bad_input(format!(
            "records: more than {} are behind this row; narrow it with where or groupBy, or export \
             the list",
            MOST_RECORDS - 1
        )));
    }
    Ok(Some(owned(page(&found, &arguments, &scope)?)))
}

/// Returns the requested page of records, in the order of their keys.
fn page(found: &[RecordId], arguments: &ListArguments, scope: &CursorScope) -> Result<Json, Error> {
    let mut rest = found;
    for (argument, cursor, after) in arguments.cursors() {
        let key = scope
            .open(argument, cursor, 1)?
            .remove(0)
            .and_then(|key| key.parse::<i64>().ok())
            .unwrap_or_default();
        rest = if after {
            &rest[rest.partition_point(|record| record.key <= key)..]
        } else {
            &rest[..rest.partition_point(|record| record.key < key)]
        };
    }
    let size = rest.len().min(usize::try_from(arguments.size).unwrap_or_default());
    let shown = if arguments.backward { &rest[rest.len() - size..] } else { &rest[..size] };
    let (next, previous) = arguments.neighbors(rest.len() > size);
    let node = |record: &RecordId| json!({ "id": global_id(record.kind, record.key), "type": record.kind, "part": record.part.as_str() });
    let cursor = |record: &RecordId| scope.cursor(&[Some(record.key.to_string())]);
    let edges: Vec<Json> = shown
        .iter()
        .map(|record| json!({ "cursor": cursor(record), "node": node(record) }))
        .collect();
    Ok(json!({
        "totalCount": found.len(),
        "nodes": shown.iter().map(node).collect::<Vec<_>>(),
        "edges": edges,
        "pageInfo": {
            "hasNextPage": next, "hasPreviousPage": previous,
            "startCursor": shown.first().map(cursor), "endCursor": shown.last().map(cursor),
        },
    }))
}

fn comparison(one: &Comparison) -> Json {
    let mut json = row_json(&one.row);
    json["region"] = one.region.clone().into();
    json["state"] = json!(one.state);
    json["difference"] = json!(one.difference);
    for (low, high, funnel) in [
        ("funnelLow", "funnelHigh", one.funnel),
        ("funnelLow998", "funnelHigh998", one.wide_funnel),
    ] {
        json[low] = json!(funnel.map(|(low, _)| low));
        json[high] = json!(funnel.map(|(_, high)| high));
    }
    json["funnelPosition"] = one.funnel_position.into();
    json
}

fn row_json(row: &MetricRow) -> Json {
    let mut json = row.to_json();
    json["dimensions"] = Json::Object(row.dimensions.clone());
    json["extra"] = Json::Object(row.extra.clone());
    json
}

fn metric_query(ctx: &ResolverContext<'_>) -> Result<MetricQuery, Error> {
    let mut metric_query = MetricQuery::default();
    let given = |name: &str| ctx.args.try_get(name).ok().filter(|value| !value.is_null());
    let day = |name: &str| -> Result<Option<chrono::NaiveDate>, Error> {
        let Some(value) = given(name) else { return Ok(None) };
        let text = value.string()?;
        text.parse()
            .map(Some)
            .map_err(|_| bad_input(format!("{name}: {text} must be a day such as 2026-06-30")))
    };
    if let Some(list) = given("groupBy") {
        let mut dimensions = Vec::new();
        for one in list.list()?.iter() {
            dimensions.push(one.enum_name()?.parse().map_err(|error| from_metric(&error))?);
        }
        metric_query.group_by = Some(dimensions);
    }
    if let Some(period) = given("period") {
        metric_query.period =
            Some(period.enum_name()?.parse::<Grain>().map_err(|error| from_metric(&error))?);
    }
    metric_query.from = day("from")?;
    metric_query.to = day("to")?;
    if let Some(as_of) = day("asOf")? {
        metric_query.as_of = as_of;
    }
    if let Some(filter) = given("where") {
        for (name, comparison) in
            filter.object()?.iter().filter(|(_, comparison)| !comparison.is_null())
        {
            let dimension: Dimension = name.parse().map_err(|error| from_metric(&error))?;
            for (operator, value) in comparison.object()?.iter() {
                let values: Vec<String> = match (operator.as_str(), value.as_value()) {
                    ("eq", Value::String(_) | Value::Enum(_)) => {
                        texts(std::slice::from_ref(value.as_value()))
                    }
                    ("in", Value::List(list)) => texts(list),
                    ("eq" | "in", _) => {
                        return Err(bad_input(format!(
                            "where.{name}.{operator} must not be null; leave it out for all"
                        )));
                    }
                    (other, _) => {
                        return Err(bad_input(format!(
                            "where.{name}: metrics are filtered by eq and in, not {other}"
                        )));
                    }
                };
                metric_query.filter.entry(dimension).or_default().extend(values);
            }
        }
    }
    if let Some(parameters) = given("parameters") {
        let json = parameters
            .as_value()
            .clone()
            .into_json()
            .map_err(|error| bad_input(error.to_string()))?;
        let Json::Object(fields) = json else {
            return Err(bad_input("parameters: must be an object of names and values"));
        };
        metric_query.parameters = fields.into_iter().collect();
    }
    Ok(metric_query)
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

fn definition(definition: &hotwash_metrics::MetricDefinition) -> Json {
    let names = |dimensions: &[Dimension]| {
        dimensions.iter().map(|dimension| enum_name(*dimension)).collect::<Vec<_>>()
    };
    json!({
        "id": definition.id, "title": definition.title, "question": definition.question, "unit": definition.unit.as_str(),
        "formula": definition.formula, "reference": definition.reference, "dimensions": names(definition.dimensions),
        "defaultGroupBy": names(definition.default_group_by), "minimumN": definition.minimum_n,
        "parameters": definition.parameters.iter().map(|parameter| json!({
            "name": parameter.name, "description": parameter.description, "default": parameter.default, "allowed": parameter.allowed,
        })).collect::<Vec<_>>(),
    })
}

fn answer(result: &MetricResult) -> Json {
    let rows: Vec<Json> = result.rows.iter().map(row_json).collect();
    json!({
        "definition": definition(result.definition), "rows": rows,
        "snapshotVersion": result.snapshot_version, "asOf": result.as_of.to_string(),
    })
}
