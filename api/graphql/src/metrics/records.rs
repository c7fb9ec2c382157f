//! Records behind the rows of metrics, each with its part.

use std::sync::Arc;

use async_graphql::Error;
use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use hotwash_metrics::{Dimension, MOST_RECORDS, Part, Period, RecordId, Snapshot, records};
use hotwash_schema::global_id::global_id;
use serde_json::{Value as Json, json};

use super::answer::{AnsweredRow, row};
use crate::arguments::{ListArguments, with_page};
use crate::cursor::CursorScope;
use crate::error::{bad_input, from_metric, internal};
use crate::node;
use crate::objects::connection_of;
use crate::selection::Selected;
use crate::value::{by_name, owned};
use crate::viewer_scope::ViewerScope;

/// Registers the types of records.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let record = Object::new("MetricRecord")
        .description("Record behind a row of a metric, with its part in the value.")
        .field(Field::new("id", TypeRef::named_nn(TypeRef::ID), by_name).description("Global id."))
        .field(
            Field::new("recordType", TypeRef::named_nn(TypeRef::STRING), by_name)
                .description("Its record type, e.g. `Finding`."),
        )
        .field(
            Field::new("part", TypeRef::named_nn("MetricPart"), by_name)
                .description("Its part in the row."),
        )
        .field(node::record(
            "record",
            "Node",
            "id",
            "The record; empty if the viewer may not see it.",
        ))
        .field(node::record(
            "repeats",
            "Finding",
            "repeats",
            "Latest earlier finding that this one repeats, for records of `repeat_findings` in the \
             numerator.",
        ));
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
    connection_of(schema, "MetricRecord").register(record).register(part)
}

/// Builds the field with the records behind a row.
pub fn records_field() -> Field {
    let field = Field::new("records", TypeRef::named_nn("MetricRecordConnection"), |ctx| {
        FieldFuture::new(async move { behind(&ctx).await })
    });
    with_page(field).description(
        "Records behind the row; read one with `node(id:)`, and its file and row with `source`. \
         Empty for regions whose detail the viewer may not see.",
    )
}

/// Resolves the records behind a row.
async fn behind(ctx: &ResolverContext<'_>) -> Result<Option<FieldValue<'static>>, Error> {
    let AnsweredRow { row, metric, query, .. } = row(ctx)?;
    let arguments = ListArguments::read(&Selected::of(ctx))?;
    let list = json!([metric, query.as_ref(), row.dimensions]).to_string();
    let scope = CursorScope::new("MetricRow.records", &[], None, &list);
    let keys = row.dimensions.iter().filter_map(|(name, value)| {
        Some((name.parse::<Dimension>().ok()?, value.as_str()?.to_owned()))
    });
    let keys = keys.collect();
    let start = row.dimensions.get("periodStart").and_then(Json::as_str);
    let start = start.and_then(|day| day.parse().ok());
    let period = query.period.zip(start).map(|(grain, start)| Period { start, grain });
    let snapshot = Arc::clone(ctx.data::<Arc<Snapshot>>()?);
    let viewer = ctx.data::<ViewerScope>()?.viewer.clone();
    let (metric, query) = (*metric, Arc::clone(query));
    let found = tokio::task::spawn_blocking(move || {
        records(&snapshot, metric, &query, &keys, period, MOST_RECORDS, &viewer)
    });
    let found =
        found.await.map_err(|error| internal(&error))?.map_err(|error| from_metric(&error))?;
    if found.len() == MOST_RECORDS {
        return Err(bad_input(format!(
            "records: more than {} are behind this row; narrow it with filter or groupBy, or \
             export the list",
            MOST_RECORDS - 1
        )));
    }
    Ok(Some(owned(paged(&found, &arguments, &scope)?)))
}

/// Returns the requested page of records, in the order of their keys.
fn paged(
    found: &[RecordId],
    arguments: &ListArguments,
    scope: &CursorScope,
) -> Result<Json, Error> {
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
    let node = |record: &RecordId| {
        json!({
            "id": global_id(record.kind, record.key),
            "recordType": record.kind,
            "part": record.part.as_str(),
            "repeats": record.repeats.map(|key| global_id(record.kind, key)),
        })
    };
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
