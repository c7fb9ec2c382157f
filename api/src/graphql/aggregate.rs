//! `…Aggregate`: filter, group, having, order and limit over one type, in one statement.

use async_graphql::dynamic::{ObjectAccessor, ResolverContext};
use async_graphql::{Error, SelectionField};
use serde_json::Value;

use super::entity::{Entity, Field, GroupKey};
use super::error::bad_input;
use super::filter::{Builder, condition};
use super::pool::Pool;
use super::select::{MOST, Seen};

/// Functions over numbers.
pub const FUNCTIONS: [&str; 4] = ["sum", "avg", "min", "max"];

/// Columns that can be summed and averaged.
pub fn numbers(entity: &'static Entity) -> impl Iterator<Item = &'static Field> {
    entity.fields.iter().filter(|field| field.shown && field.kind.is_number() && !field.sql.contains("select"))
}

/// Resolves an aggregate to a list of groups.
pub async fn groups(ctx: &ResolverContext<'_>, entity: &'static Entity) -> Result<Value, Error> {
    let pool = ctx.data::<Pool>()?;
    let seen = ctx.data::<Seen>()?;
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let keys = keys(ctx, entity)?;
    let mut wheres = vec![entity.only.replace("{t}", &alias)];
    if let Some(visible) = seen.aggregate_condition(entity, &alias) {
        wheres.push(visible);
    }
    if let Ok(filter) = ctx.args.try_get("filter")
        && !filter.is_null()
    {
        wheres.push(condition(&mut builder, entity, &alias, &filter.object()?)?);
    }
    let mut joins: Vec<String> = Vec::new();
    for key in &keys {
        let join = key.join.replace("{t}", &alias);
        if !join.is_empty() && !joins.contains(&join) {
            joins.push(join);
        }
    }
    let key_sql: Vec<String> = keys.iter().map(|key| key.sql.replace("{t}", &alias)).collect();
    let mut members = vec!["'count', count(*)".to_owned()];
    if !keys.is_empty() {
        let pairs: Vec<String> = keys.iter().zip(&key_sql).map(|(key, sql)| format!("'{}', {sql}", key.key)).collect();
        members.push(format!("'key', json_build_object({})", pairs.join(", ")));
    } else {
        members.push("'key', '{}'::json".into());
    }
    for function in FUNCTIONS {
        let wanted = selected(ctx, function);
        let pairs: Vec<String> = numbers(entity)
            .filter(|field| wanted.iter().any(|name| name == field.name))
            .map(|field| format!("'{}', {function}({})", field.name, field.sql.replace("{t}", &alias)))
            .collect();
        if !pairs.is_empty() {
            members.push(format!("'{function}', json_build_object({})", pairs.join(", ")));
        }
    }
    let group = if key_sql.is_empty() { String::new() } else { format!(" group by {}", key_sql.join(", ")) };
    let having = match ctx.args.try_get("having") {
        Ok(having) if !having.is_null() => {
            format!(" having {}", having_condition(&mut builder, entity, &alias, &having.object()?)?)
        }
        _ => String::new(),
    };
    let order = order(ctx, entity, &alias, &key_sql)?;
    let limit = match ctx.args.try_get("limit") {
        Ok(limit) if !limit.is_null() => match limit.i64() {
            Ok(number) if (0..=10 * MOST).contains(&number) => number,
            _ => return Err(bad_input(format!("limit: {} must lie between 0 and {}", limit.as_value(), 10 * MOST))),
        },
        _ => MOST,
    };
    let sql = format!(
        "select json_build_object({})::text from {} {} where {}{group}{having} order by {order} limit {limit}",
        members.join(", "),
        entity.from.replace("{t}", &alias),
        joins.join(" "),
        wheres.join(" and "),
    );
    let rows = pool.query(&sql, &builder.values).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        items.push(serde_json::from_str::<Value>(row.get(0)).map_err(|error| super::error::internal(&error))?);
    }
    Ok(Value::Array(items))
}

fn keys(ctx: &ResolverContext<'_>, entity: &'static Entity) -> Result<Vec<&'static GroupKey>, Error> {
    let mut keys: Vec<&GroupKey> = Vec::new();
    if let Ok(asked) = ctx.args.try_get("groupBy")
        && !asked.is_null()
    {
        for one in asked.list()?.iter() {
            let name = one.enum_name()?;
            if let Some(key) = entity.group_keys.iter().find(|key| key.name == name)
                && !keys.iter().any(|known| known.name == key.name)
            {
                keys.push(key);
            }
        }
    }
    Ok(keys)
}

/// Names selected under `sum`, `avg`, `min` or `max`, by any alias.
fn selected(ctx: &ResolverContext<'_>, function: &str) -> Vec<String> {
    let fields: Vec<SelectionField> = ctx.field().selection_set().collect();
    let of = fields.iter().filter(|field| field.name() == function);
    of.flat_map(|field| field.selection_set().map(|inner| inner.name().to_owned()).collect::<Vec<_>>()).collect()
}

fn having_condition(
    builder: &mut Builder,
    entity: &'static Entity,
    alias: &str,
    having: &ObjectAccessor<'_>,
) -> Result<String, Error> {
    let mut parts = Vec::new();
    for (name, value) in having.iter() {
        if value.is_null() {
            continue;
        }
        if name.as_str() == "count" {
            parts.push(compare(builder, "count(*)", &value.object()?)?);
            continue;
        }
        for (column, operators) in value.object()?.iter() {
            if let Some(field) = numbers(entity).find(|field| field.name == column.as_str())
                && !operators.is_null()
            {
                let sql = format!("{}({})", name.as_str(), field.sql.replace("{t}", alias));
                parts.push(compare(builder, &sql, &operators.object()?)?);
            }
        }
    }
    Ok(if parts.is_empty() { "true".into() } else { parts.join(" and ") })
}

fn compare(builder: &mut Builder, sql: &str, operators: &ObjectAccessor<'_>) -> Result<String, Error> {
    let mut parts = Vec::new();
    for (operator, value) in operators.iter() {
        let sign = match operator.as_str() {
            "eq" => "=",
            "ne" => "<>",
            "lt" => "<",
            "lte" => "<=",
            "gt" => ">",
            "gte" => ">=",
            _ => continue,
        };
        let number = value.f64().map_err(|_| bad_input(format!("having: {} must be a number", value.as_value())))?;
        parts.push(format!("{sql} {sign} {}", builder.bind(number.to_string(), super::entity::Kind::Float)));
    }
    Ok(if parts.is_empty() { "true".into() } else { format!("({})", parts.join(" and ")) })
}

fn order(ctx: &ResolverContext<'_>, entity: &'static Entity, alias: &str, key_sql: &[String]) -> Result<String, Error> {
    let mut terms: Vec<String> = Vec::new();
    if let Ok(asked) = ctx.args.try_get("orderBy")
        && !asked.is_null()
    {
        for one in asked.list()?.iter() {
            for (name, value) in one.object()?.iter() {
                let name = name.as_str();
                if value.is_null() {
                    continue;
                }
                if name == "count" {
                    terms.push(format!("count(*) {} nulls last", value.enum_name()?));
                } else if name == "key" {
                    let direction = value.enum_name()?;
                    terms.extend(key_sql.iter().map(|sql| format!("{sql} {direction} nulls last")));
                } else {
                    for (column, direction) in value.object()?.iter() {
                        if let Some(field) = numbers(entity).find(|field| field.name == column.as_str()) {
                            let sql = field.sql.replace("{t}", alias);
                            terms.push(format!("{name}({sql}) {} nulls last", direction.enum_name()?));
                        }
                    }
                }
            }
        }
    }
    terms.extend(key_sql.iter().map(|sql| format!("{sql} asc nulls last")));
    if terms.is_empty() {
        terms.push("count(*)".into());
    }
    Ok(terms.join(", "))
}
