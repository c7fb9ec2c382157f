//! What changed between two days: changes of records, and differences of metrics beyond chance.

use async_graphql::Error;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use chrono::{Days, NaiveDate};
use hotwash_metrics::{MetricQuery, differences};
use hotwash_schema::changes::{Change, ChangeGroup, ChangeKind};
use hotwash_schema::day::parse_day;
use hotwash_schema::global_id::global_id;
use serde_json::{Value as Json, json};

use crate::arguments::PAGE;
use crate::error::{bad_input, internal};
use crate::metrics::{change_json, on_snapshot};
use crate::objects::enum_of;
use crate::pool::QueryPool;
use crate::value::{by_name, field_value, json_by_name, owned, parent};
use crate::viewer_scope::ViewerScope;

/// Days before `until` at which a period begins by default.
const DAYS: u64 = 30;

/// Registers the types of changes.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let field = |name: &str, kind: TypeRef, description: &str| {
        Field::new(name, kind, by_name).description(description)
    };
    let day = |name: &str, description: &str| field(name, TypeRef::named("Date"), description);
    let change = Object::new("RecordChange")
        .description("Change of one record.")
        .field(field(
            "id",
            TypeRef::named_nn(TypeRef::ID),
            "Global id of the record, for `node`: an action, event or requirement.",
        ))
        .field(field("day", TypeRef::named_nn("Date"), "Day of the change."))
        .field(field(
            "text",
            TypeRef::named_nn(TypeRef::STRING),
            "Text of the action, or name of the event or requirement.",
        ))
        .field(field(
            "regionCodes",
            TypeRef::named_nn_list_nn(TypeRef::STRING),
            "Codes of its regions.",
        ))
        .field(field(
            "owner",
            TypeRef::named(TypeRef::STRING),
            "Name of the organization that owns the action.",
        ))
        .field(day("dueBefore", "Due date before the change."))
        .field(day("dueOn", "Due date after the change."))
        .field(day("loadedOn", "Day of the load that reported the change."))
        .field(field("batch", TypeRef::named(TypeRef::INT), "Number of that load."))
        .field(field("file", TypeRef::named(TypeRef::STRING), "File that reported the change."))
        .field(field("row", TypeRef::named("Long"), "Row in the file."));
    let first = InputValue::new("first", TypeRef::named(TypeRef::INT))
        .description("Maximum number of changes (1 to 1000, default 50).");
    let group = Object::new("ChangeGroup")
        .description("Changes of one kind.")
        .field(field("kind", TypeRef::named_nn(ChangeKind::VOCABULARY.name), "Kind."))
        .field(field("count", TypeRef::named_nn(TypeRef::INT), "Number of changes, at most 1000."))
        .field(field(
            "isTruncated",
            TypeRef::named_nn(TypeRef::BOOLEAN),
            "There are more than 1000 changes.",
        ))
        .field(
            Field::new("changes", TypeRef::named_nn_list_nn("RecordChange"), |ctx| {
                FieldFuture::Value(first_changes(&ctx).ok())
            })
            .description("The changes, the latest first.")
            .argument(first),
        );
    let groups = |name: &str, description: &str| {
        field(name, TypeRef::named_nn_list_nn("ChangeGroup"), description)
    };
    let changes = Object::new("Changes")
        .description("What changed between two days.")
        .field(field("since", TypeRef::named_nn("Date"), "First day."))
        .field(field("until", TypeRef::named_nn("Date"), "Last day."))
        .field(field(
            "hasRecords",
            TypeRef::named_nn(TypeRef::BOOLEAN),
            "The viewer may read single records. Others see only requirements.",
        ))
        .field(groups("happened", "What happened in the period, by kind."))
        .field(groups(
            "learned",
            "What happened before the period and was loaded in it, by kind. The first load of the \
             warehouse is where knowledge begins.",
        ))
        .field(
            Field::new("differences", TypeRef::named_nn_list_nn("MetricDifference"), |ctx| {
                FieldFuture::new(async move { differences_of(&ctx).await.map(Some) })
            })
            .description(
                "Metrics that differ beyond chance from the time before the period, equally long.",
            ),
        );
    let difference = Object::new("MetricDifference")
        .description("Difference of a metric from the time before the period, equally long.")
        .field(field("metric", TypeRef::named_nn(TypeRef::ID), "Id of the metric."))
        .field(field("title", TypeRef::named_nn(TypeRef::STRING), "Title of the metric."))
        .field(
            Field::new("dimensions", TypeRef::named_nn("JSON"), json_by_name)
                .description("Group keys by name."),
        )
        .field(field("value", TypeRef::named(TypeRef::FLOAT), "Value in the period."))
        .field(field(
            "comparison",
            TypeRef::named_nn("MetricChange"),
            "Change from the time before, corrected for the number of comparisons.",
        ));
    schema
        .register(change)
        .register(group)
        .register(changes)
        .register(difference)
        .register(enum_of(ChangeKind::VOCABULARY))
}

/// Builds the root field.
pub fn field() -> Field {
    let day = |name: &str, description: &str| {
        InputValue::new(name, TypeRef::named("Date")).description(description)
    };
    Field::new("changes", TypeRef::named("Changes"), |ctx| {
        FieldFuture::new(async move { resolve(&ctx).await.map(|json| Some(owned(json))) })
    })
    .description(
        "What changed: what happened between two days, apart from what was only learned, e.g. \
         `changes(since: \"2026-06-01\") { happened { kind count } }`.",
    )
    .argument(day("since", "First day; default: 30 days before the last."))
    .argument(day("until", "Last day; default: today."))
}

async fn resolve(ctx: &ResolverContext<'_>) -> Result<Json, Error> {
    let day = |name: &str| match ctx.args.try_get(name).ok().filter(|value| !value.is_null()) {
        None => Ok(None),
        Some(value) => {
            let text = value.string()?;
            let day = parse_day(text);
            day.map(Some).ok_or_else(|| {
                bad_input(format!("{name}: {text} must be a date such as 2026-06-30"))
            })
        }
    };
    let until = day("until")?.unwrap_or_else(|| MetricQuery::default().as_of);
    let since = day("since")?.unwrap_or_else(|| until - Days::new(DAYS));
    if since > until {
        return Err(bad_input(format!(
            "since: {since} is after until: {until}; give the earlier day first"
        )));
    }
    let viewer = &ctx.data::<ViewerScope>()?.viewer;
    let found = ctx.data::<QueryPool>()?.changes(viewer, since, until).await?;
    let groups = |groups: &[ChangeGroup]| groups.iter().map(group_json).collect::<Vec<Json>>();
    Ok(json!({
        "since": found.since.to_string(),
        "until": found.until.to_string(),
        "hasRecords": found.has_records,
        "happened": groups(&found.happened),
        "learned": groups(&found.learned),
    }))
}

fn group_json(group: &ChangeGroup) -> Json {
    let change = |change: &Change| {
        let mut json = json!(change);
        json["id"] = global_id(type_name(group.kind), change.record_id).into();
        json["regionCodes"] = change.region.iter().flat_map(|codes| codes.split(", ")).collect();
        json
    };
    json!({
        "kind": group.kind.code(),
        "count": group.changes.len(),
        "isTruncated": group.is_truncated,
        "changes": group.changes.iter().map(change).collect::<Vec<Json>>(),
    })
}

/// Returns the type of the records that changed.
fn type_name(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::FinalReport => "Event",
        ChangeKind::RequirementDue => "Requirement",
        _ => "CorrectiveAction",
    }
}

fn first_changes<'a>(ctx: &ResolverContext<'a>) -> Result<FieldValue<'a>, Error> {
    let first = match ctx.args.get("first").filter(|value| !value.is_null()) {
        Some(first) => usize::try_from(first.i64()?).unwrap_or_default(),
        None => PAGE as usize,
    };
    let changes = parent(ctx)?["changes"].as_array();
    Ok(FieldValue::list(changes.into_iter().flatten().take(first).map(field_value)))
}

async fn differences_of(ctx: &ResolverContext<'_>) -> Result<FieldValue<'static>, Error> {
    let day = |name: &str| {
        let text = parent(ctx)?[name].as_str().unwrap_or_default();
        text.parse::<NaiveDate>().map_err(|error| internal(&error))
    };
    let (since, until) = (day("since")?, day("until")?);
    let found =
        on_snapshot(ctx, move |snapshot, viewer| differences(snapshot, viewer, since, until))
            .await?;
    let json = found.iter().map(|found| {
        json!({
            "metric": found.metric,
            "title": found.title,
            "dimensions": found.row.dimensions,
            "value": found.row.value,
            "comparison": change_json(&found.change),
        })
    });
    Ok(owned(json.collect()))
}
