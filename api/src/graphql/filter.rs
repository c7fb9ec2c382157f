//! Filters into SQL conditions with bound values: one implementation for every type.

use async_graphql::dynamic::ObjectAccessor;
use async_graphql::{Error, Value};

use super::entity::{Entity, Field, Kind};
use super::error::bad_input;
use super::select::Seen;

/// SQL being built, with its bound values.
pub struct Builder {
    /// Who asks: related rows that they may not see are not found by a filter either.
    seen: Seen,
    /// Values in order; `$1` is the first.
    pub values: Vec<Option<String>>,
    aliases: usize,
}

impl Builder {
    /// For who asks.
    pub fn new(seen: &Seen) -> Self {
        Self { seen: seen.clone(), values: Vec::new(), aliases: 0 }
    }

    /// Binds a value and gives its placeholder, cast to the kind.
    pub fn bind(&mut self, value: String, kind: Kind) -> String {
        self.values.push(Some(value));
        match kind {
            Kind::Text => format!("${}", self.values.len()),
            kind => format!("(${}::text)::{}", self.values.len(), kind.sql()),
        }
    }

    /// A table alias not used before.
    pub fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }
}

/// Condition of a filter object on rows of `entity` under `alias`.
pub fn condition(
    builder: &mut Builder,
    entity: &Entity,
    alias: &str,
    filter: &ObjectAccessor<'_>,
) -> Result<String, Error> {
    let mut parts = Vec::new();
    for (name, value) in filter.iter() {
        let name = name.as_str();
        if value.is_null() {
            continue;
        }
        match name {
            "and" | "or" => {
                let mut inner = Vec::new();
                for one in value.list()?.iter() {
                    inner.push(condition(builder, entity, alias, &one.object()?)?);
                }
                let (word, none) = if name == "and" { (" and ", "true") } else { (" or ", "false") };
                parts.push(if inner.is_empty() { none.into() } else { format!("({})", inner.join(word)) });
            }
            "not" => {
                parts.push(format!("not coalesce({}, false)", condition(builder, entity, alias, &value.object()?)?))
            }
            _ => {
                let relation = entity.relations.iter().find(|relation| relation.name == name);
                if let (Some(field), None) = (entity.fields.iter().find(|field| field.name == name), relation) {
                    let sql = field.sql.replace("{t}", alias);
                    let compared = comparison(builder, field, &sql, &value.object()?)?;
                    parts.push(match field.within {
                        Some(within) => within.replace("{t}", alias).replace("{condition}", &compared),
                        None => compared,
                    });
                } else if let Some(relation) = relation {
                    let target = super::catalogue::entity(relation.target);
                    let inner_alias = builder.alias();
                    let mut inner = condition(builder, target, &inner_alias, &value.object()?)?;
                    if let Some(visible) = builder.seen.condition(target, &inner_alias)? {
                        inner = format!("{inner} and {visible}");
                    }
                    let from = target.from.replace("{t}", &inner_alias);
                    let through = relation.through.replace("{t}", alias).replace("{u}", &inner_alias);
                    let on = relation.on.replace("{t}", alias).replace("{u}", &inner_alias);
                    parts.push(format!("exists (select 1 from {from} {through} where {on} and {inner})"));
                }
            }
        }
    }
    Ok(if parts.is_empty() { "true".into() } else { format!("({})", parts.join(" and ")) })
}

fn comparison(
    builder: &mut Builder,
    field: &Field,
    sql: &str,
    operators: &ObjectAccessor<'_>,
) -> Result<String, Error> {
    let mut parts = Vec::new();
    for (operator, value) in operators.iter() {
        let bound = |builder: &mut Builder, value: &Value| -> Result<String, Error> {
            let text = checked(field, value)?;
            Ok(builder.bind(text, field.kind))
        };
        let value = value.as_value();
        let operator = operator.as_str();
        let null = matches!(value, Value::Null);
        parts.push(match operator {
            "isNull" => match value {
                Value::Boolean(true) => format!("{sql} is null"),
                Value::Boolean(false) => format!("{sql} is not null"),
                _ => continue,
            },
            "eq" if null => format!("{sql} is null"),
            "ne" if null => format!("{sql} is not null"),
            _ if null => return Err(bad_input(format!("{}.{operator} cannot be null; use isNull", field.name))),
            "eq" => format!("{sql} = {}", bound(builder, value)?),
            "ne" => format!("{sql} is distinct from {}", bound(builder, value)?),
            "lt" => format!("{sql} < {}", bound(builder, value)?),
            "lte" => format!("{sql} <= {}", bound(builder, value)?),
            "gt" => format!("{sql} > {}", bound(builder, value)?),
            "gte" => format!("{sql} >= {}", bound(builder, value)?),
            "contains" => format!("strpos(lower({sql}), lower({})) > 0", bound(builder, value)?),
            "startsWith" => format!("starts_with(lower({sql}), lower({}))", bound(builder, value)?),
            "in" | "notIn" => {
                let Value::List(list) = value else { continue };
                if list.len() > 1_000 {
                    return Err(bad_input(format!(
                        "{}.{operator} takes at most 1000 values; {} were given",
                        field.name,
                        list.len()
                    )));
                }
                let mut bound_values = Vec::new();
                for one in list {
                    bound_values.push(bound(builder, one)?);
                }
                match (operator, bound_values.is_empty()) {
                    ("in", true) => "false".into(),
                    (_, true) => "true".into(),
                    ("in", false) => format!("{sql} in ({})", bound_values.join(", ")),
                    _ => format!("({sql} is null or {sql} not in ({}))", bound_values.join(", ")),
                }
            }
            _ => continue,
        });
    }
    Ok(if parts.is_empty() { "true".into() } else { format!("({})", parts.join(" and ")) })
}

/// A filter value as text that Postgres can cast, or what would be right.
fn checked(field: &Field, value: &Value) -> Result<String, Error> {
    let wrong = |should: &str| bad_input(format!("{}: {value} must be {should}", field.name));
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Enum(name) => name.to_string(),
        _ => return Err(wrong("a single value")),
    };
    let fits = match field.kind {
        Kind::Text => !text.contains('\0'),
        Kind::Int => text.parse::<i32>().is_ok(),
        Kind::Long => text.parse::<i64>().is_ok(),
        Kind::Float => text.parse::<f64>().is_ok_and(f64::is_finite),
        Kind::Boolean => matches!(text.as_str(), "true" | "false"),
        Kind::Date => text.parse::<chrono::NaiveDate>().is_ok(),
        Kind::DateTime => chrono::DateTime::parse_from_rfc3339(&text).is_ok(),
    };
    if fits {
        return Ok(text);
    }
    Err(wrong(match field.kind {
        Kind::Text => "text",
        Kind::Int | Kind::Long => "a whole number",
        Kind::Float => "a number",
        Kind::Boolean => "true or false",
        Kind::Date => "a day such as 2026-06-30",
        Kind::DateTime => "a moment such as 2026-06-30T14:00:00Z",
    }))
}
