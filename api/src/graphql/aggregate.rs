//! `…Aggregate`: filter, group, having, order and limit over one type, in one statement.

use async_graphql::Error;
use async_graphql::dynamic::{ObjectAccessor, ResolverContext};

use super::entity::{Entity, Field, GroupKey, Kind};
use super::error::bad_input;
use super::filter::{Builder, condition};
use super::page::listed;
use super::pool::Pool;
use super::select::{MOST, Seen};
use super::selection::Selected;
use super::shape::Shape;

/// Functions over numbers.
pub const FUNCTIONS: [&str; 4] = ["sum", "avg", "min", "max"];

/// Columns that can be summed and averaged.
pub fn numbers(entity: &'static Entity) -> impl Iterator<Item = &'static Field> {
    entity.fields.iter().filter(|field| field.shown && field.kind.is_number() && !field.sql.contains("select"))
}

/// What a function gives.
pub fn said(function: &str) -> &'static str {
    match function {
        "sum" => "The sum over the group's records.",
        "avg" => "The mean over the group's records that have a value.",
        "min" => "The least value in the group.",
        _ => "The greatest value in the group.",
    }
}

/// Kind of a function's value over a column.
pub fn kind_of(function: &str, column: Kind) -> Kind {
    match (function, column) {
        ("avg", _) | (_, Kind::Float) => Kind::Float,
        ("sum", _) | (_, Kind::Long) => Kind::Long,
        _ => Kind::Int,
    }
}

/// Resolves an aggregate to a list of groups.
///
/// # Errors
/// A wrong argument, a fault of the database.
pub async fn groups(ctx: &ResolverContext<'_>, entity: &'static Entity) -> Result<Vec<u8>, Error> {
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
        wheres.push(condition(&mut builder, entity, &alias, filter.object()?.as_index_map())?);
    }
    let mut joins: Vec<String> = Vec::new();
    for key in &keys {
        let join = key.join.replace("{t}", &alias);
        if !join.is_empty() && !joins.contains(&join) {
            joins.push(join);
        }
    }
    let key_sql: Vec<String> = keys.iter().map(|key| key.sql.replace("{t}", &alias)).collect();
    let mut columns = Vec::new();
    let asked = Selected::of(ctx).under(&format!("{}Group", entity.name));
    let members =
        asked.iter().map(|field| (field.key().to_owned(), member(&mut columns, entity, &alias, &keys, field)));
    let shape = Shape::Object(members.collect());
    if columns.is_empty() {
        columns.push("1".to_owned());
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
    let (columns, joins, wheres) = (columns.join(", "), joins.join(" "), wheres.join(" and "));
    let tables =
        entity.tables(&alias, &[&columns, &joins, &wheres, &group, &having, &order].map(String::as_str).join(" "));
    let sql =
        format!("select {columns} from {tables} {joins} where {wheres}{group}{having} order by {order} limit {limit}");
    let rows = pool.query(&sql, &builder.values).await?;
    let mut out = Vec::with_capacity(rows.len() * 64 + 2);
    listed(&rows, &mut out, |row, out| shape.write(row, out))?;
    Ok(out)
}

/// A member of a group, with the columns it takes.
fn member(
    columns: &mut Vec<String>,
    entity: &'static Entity,
    alias: &str,
    keys: &[&GroupKey],
    field: &Selected<'_>,
) -> Shape {
    let mut column = |sql: String, kind: Kind| {
        columns.push(format!("({sql})::{}", kind.sql()));
        Shape::Value(columns.len() - 1, kind)
    };
    let title = match field.name() {
        "count" => return column("count(*)".into(), Kind::Long),
        "key" => "GroupKeys".to_owned(),
        "__typename" => return Shape::TypeName(format!("{}Group", entity.name)),
        function => super::objects::title(function),
    };
    let type_name = format!("{}{title}", entity.name);
    let mut of = |one: &Selected<'_>| {
        if one.name() == "__typename" {
            return Shape::TypeName(type_name.clone());
        }
        if field.name() == "key" {
            // A key that is not grouped by is empty.
            let known = keys.iter().find(|key| key.key == one.name());
            return known.map_or(Shape::Null, |key| column(key.sql.replace("{t}", alias), key.kind));
        }
        numbers(entity).find(|number| number.name == one.name()).map_or(Shape::Null, |number| {
            let function = field.name();
            column(format!("{function}({})", number.sql.replace("{t}", alias)), kind_of(function, number.kind))
        })
    };
    Shape::Object(field.under(&type_name).iter().map(|one| (one.key().to_owned(), of(one))).collect())
}

fn keys(ctx: &ResolverContext<'_>, entity: &'static Entity) -> Result<Vec<&'static GroupKey>, Error> {
    let mut keys: Vec<&GroupKey> = Vec::new();
    if let Ok(asked) = ctx.args.try_get("groupBy")
        && !asked.is_null()
    {
        for one in asked.list()?.iter() {
            let name = one.enum_name()?;
            if let Some(key) = entity.keys().find(|key| key.name == name)
                && !keys.iter().any(|known| known.name == key.name)
            {
                keys.push(key);
            }
        }
    }
    Ok(keys)
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
        parts.push(format!("{sql} {sign} {}", builder.bind(number.to_string(), Kind::Float)));
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
