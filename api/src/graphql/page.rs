//! Relay paging: cursors that stay stable because they hold the order values and the key of their record.

use async_graphql::dynamic::ResolverContext;
use async_graphql::{Error, SelectionField};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::entity::{Entity, Kind};
use super::error::bad_input;
use super::filter::{Builder, condition};
use super::pool::Pool;
use super::select::{MOST, Seen, object};

/// Records a page unless asked otherwise.
pub const PAGE: i64 = 50;

struct Term {
    sql: String,
    kind: Kind,
    descending: bool,
    required: bool,
}

/// Resolves a connection to the JSON that its fields pick from.
pub async fn connection(
    ctx: &ResolverContext<'_>,
    entity: &'static Entity,
    extra: Option<(String, Kind, String)>,
) -> Result<Value, Error> {
    let pool = ctx.data::<Pool>()?;
    let seen = ctx.data::<Seen>()?;
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let mut wheres = vec![entity.only.replace("{t}", &alias)];
    if let Some(visible) = seen.condition(entity, &alias)? {
        wheres.push(visible);
    }
    if let Ok(filter) = ctx.args.try_get("filter")
        && !filter.is_null()
    {
        wheres.push(condition(&mut builder, entity, &alias, &filter.object()?)?);
    }
    if let Some((sql, kind, value)) = extra {
        let bound = builder.bind(value, kind);
        wheres.push(format!("{} = {bound}", sql.replace("{t}", &alias)));
    }
    let (limit, backward) = window(ctx)?;
    let fields: Vec<SelectionField> = ctx.field().selection_set().collect();
    let from = entity.from.replace("{t}", &alias);
    let mut answer = json!({});
    let named = |name: &str| fields.iter().filter(|field| field.name() == name).cloned().collect::<Vec<_>>();
    if !named("totalCount").is_empty() {
        let sql = format!("select count(*) from {from} where {}", wheres.join(" and "));
        let rows = pool.query(&sql, &builder.values).await?;
        answer["totalCount"] = json!(rows[0].get::<_, i64>(0));
    }
    let mut nodes: Vec<SelectionField> =
        named("nodes").iter().flat_map(|field| field.selection_set().collect::<Vec<_>>()).collect();
    for edge in named("edges").iter().flat_map(|field| field.selection_set().collect::<Vec<_>>()) {
        if edge.name() == "node" {
            nodes.extend(edge.selection_set());
        }
    }
    if nodes.is_empty() && named("pageInfo").is_empty() && named("edges").is_empty() && named("nodes").is_empty() {
        return Ok(answer);
    }
    let terms = terms(ctx, entity, &alias)?;
    for (argument, after) in [("after", true), ("before", false)] {
        if let Ok(cursor) = ctx.args.try_get(argument)
            && !cursor.is_null()
        {
            wheres.push(beyond(&mut builder, &terms, argument, cursor.string()?, after)?);
        }
    }
    let order: Vec<String> = terms
        .iter()
        .map(|term| {
            let descending = term.descending != backward;
            let nulls = match (term.required, backward) {
                (true, _) => "",
                (false, true) => " nulls first",
                (false, false) => " nulls last",
            };
            format!("{} {}{nulls}", term.sql, if descending { "desc" } else { "asc" })
        })
        .collect();
    let body = object(&mut builder, seen, entity, &alias, &nodes)?;
    let keys: Vec<String> = terms.iter().map(|term| format!("({})::text", term.sql)).collect();
    let sql = format!(
        "select ({body})::text, json_build_array({})::text from {from} where {} order by {} limit {}",
        keys.join(", "),
        wheres.join(" and "),
        order.join(", "),
        limit + 1
    );
    let rows = pool.query(&sql, &builder.values).await?;
    let more = rows.len() as i64 > limit;
    let mut edges = Vec::new();
    for row in rows.iter().take(limit as usize) {
        let node: Value = serde_json::from_str(row.get(0)).map_err(|error| super::error::internal(&error))?;
        edges.push(json!({ "cursor": URL_SAFE_NO_PAD.encode(row.get::<_, &str>(1)), "node": node }));
    }
    if backward {
        edges.reverse();
    }
    let given = |name: &str| ctx.args.try_get(name).is_ok_and(|value| !value.is_null());
    answer["pageInfo"] = json!({
        "hasNextPage": if backward { given("before") } else { more },
        "hasPreviousPage": if backward { more } else { given("after") },
        "startCursor": edges.first().map(|edge| edge["cursor"].clone()),
        "endCursor": edges.last().map(|edge| edge["cursor"].clone()),
    });
    answer["nodes"] = edges.iter().map(|edge| edge["node"].clone()).collect();
    answer["edges"] = Value::Array(edges);
    Ok(answer)
}

fn window(ctx: &ResolverContext<'_>) -> Result<(i64, bool), Error> {
    let number = |name: &str| match ctx.args.try_get(name) {
        Ok(value) if !value.is_null() => match value.i64() {
            Ok(number) if (0..=MOST).contains(&number) => Ok(Some(number)),
            _ => Err(bad_input(format!(
                "{name}: {} must lie between 0 and {MOST}; use after or before to go on",
                value.as_value()
            ))),
        },
        _ => Ok(None),
    };
    match (number("first")?, number("last")?) {
        (Some(_), Some(_)) => Err(bad_input("give first or last, not both")),
        (None, Some(last)) => Ok((last, true)),
        (first, None) => Ok((first.unwrap_or(PAGE), false)),
    }
}

fn terms(ctx: &ResolverContext<'_>, entity: &Entity, alias: &str) -> Result<Vec<Term>, Error> {
    let mut terms: Vec<Term> = Vec::new();
    let mut push = |name: &str, descending: bool| {
        if let Some(field) = entity.fields.iter().find(|field| field.name == name) {
            terms.push(Term {
                sql: field.sql.replace("{t}", alias),
                kind: field.kind,
                descending,
                required: field.required,
            });
        }
    };
    let asked = ctx.args.try_get("orderBy").ok().filter(|value| !value.is_null());
    match asked {
        Some(orders) => {
            for order in orders.list()?.iter() {
                for (name, direction) in order.object()?.iter() {
                    push(name.as_str(), direction.enum_name()? == "DESC");
                }
            }
        }
        None => {
            for name in entity.order {
                let (name, descending) = name.strip_prefix('-').map_or((*name, false), |name| (name, true));
                push(name, descending);
            }
        }
    }
    // Ties go by the key, in the direction of the last term, so that one index can give the whole order.
    let descending = terms.last().is_some_and(|term| term.descending);
    terms.push(Term { sql: entity.id.replace("{t}", alias), kind: Kind::Long, descending, required: true });
    Ok(terms)
}

/// Rows after (or before) the record of a cursor, in the order of the terms; nulls come last.
fn beyond(builder: &mut Builder, terms: &[Term], argument: &str, cursor: &str, after: bool) -> Result<String, Error> {
    let wrong = || {
        bad_input(format!(
            "{argument}: this is no cursor of this list in this order; take one from its edges or pageInfo"
        ))
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    let values: Vec<Option<String>> = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    if values.len() != terms.len() {
        return Err(wrong());
    }
    let mut alternatives = Vec::new();
    let mut prefix: Vec<String> = Vec::new();
    for (term, value) in terms.iter().zip(&values) {
        let (equal, strict) = match value {
            Some(value) => {
                let bound = builder.bind(value.clone(), term.kind);
                let greater = after != term.descending;
                let compared = format!("{} {} {bound}", term.sql, if greater { ">" } else { "<" });
                let strict =
                    if after && !term.required { format!("({compared} or {} is null)", term.sql) } else { compared };
                (format!("{} = {bound}", term.sql), strict)
            }
            None => {
                let strict = if after { "false".into() } else { format!("{} is not null", term.sql) };
                (format!("{} is null", term.sql), strict)
            }
        };
        let mut alternative = prefix.clone();
        alternative.push(strict);
        alternatives.push(format!("({})", alternative.join(" and ")));
        prefix.push(equal);
    }
    Ok(format!("({})", alternatives.join(" or ")))
}

/// Resolves a plain list.
pub async fn list(
    ctx: &ResolverContext<'_>,
    entity: &'static Entity,
    extra: Option<(&'static str, String)>,
) -> Result<Value, Error> {
    let pool = ctx.data::<Pool>()?;
    let seen = ctx.data::<Seen>()?;
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let fields: Vec<SelectionField> = ctx.field().selection_set().collect();
    let body = object(&mut builder, seen, entity, &alias, &fields)?;
    let mut only = entity.only.replace("{t}", &alias);
    if let Some((sql, value)) = extra {
        let bound = builder.bind(value, Kind::Text);
        only = format!("{only} and {} = {bound}", sql.replace("{t}", &alias));
    }
    let order = super::select::default_order(entity, &alias);
    let from = entity.from.replace("{t}", &alias);
    let sql = format!("select ({body})::text from {from} where {only} order by {order}");
    let rows = pool.query(&sql, &builder.values).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        items.push(serde_json::from_str::<Value>(row.get(0)).map_err(|error| super::error::internal(&error))?);
    }
    Ok(Value::Array(items))
}

/// Resolves one record by its key.
pub async fn one(ctx: &ResolverContext<'_>, entity: &'static Entity, key: i64) -> Result<Option<Value>, Error> {
    let pool = ctx.data::<Pool>()?;
    let seen = ctx.data::<Seen>()?;
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let fields: Vec<SelectionField> = ctx.field().selection_set().collect();
    let body = object(&mut builder, seen, entity, &alias, &fields)?;
    let mut only = entity.only.replace("{t}", &alias);
    if let Some(visible) = seen.condition(entity, &alias)? {
        only = format!("{only} and {visible}");
    }
    let bound = builder.bind(key.to_string(), Kind::Long);
    let sql = format!(
        "select ({body})::text from {} where {only} and {} = {bound}",
        entity.from.replace("{t}", &alias),
        entity.id.replace("{t}", &alias)
    );
    let rows = pool.query(&sql, &builder.values).await?;
    rows.first()
        .map(|row| serde_json::from_str::<Value>(row.get(0)).map_err(|error| super::error::internal(&error)))
        .transpose()
}
