//! Filters into SQL conditions with bound values: one implementation for every type.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Error, Name, Value};

use super::entity::{Entity, EntityField, ScalarKind};
use super::error::bad_input;
use super::select::ViewerScope;

/// SQL being built, with its bound values.
pub struct Builder {
    /// Who asks: related rows that they may not see are not found by a filter either.
    seen: ViewerScope,
    /// Values in order; `$1` is the first.
    pub values: Vec<Option<String>>,
    aliases: usize,
}

impl Builder {
    /// For who asks.
    pub fn new(seen: &ViewerScope) -> Self {
        Self { seen: seen.clone(), values: Vec::new(), aliases: 0 }
    }

    /// Binds a value and gives its placeholder, cast to the kind.
    pub fn bind(&mut self, value: String, kind: ScalarKind) -> String {
        self.values.push(Some(value));
        match kind {
            ScalarKind::Text => format!("${}", self.values.len()),
            kind => format!("(${}::text)::{}", self.values.len(), kind.sql()),
        }
    }

    /// The statement with its values written into it, for commands that take no parameters.
    pub fn literal(&self, sql: &str) -> String {
        let mut pieces = sql.split('$');
        let mut whole = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end = piece.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(piece.len());
            let (number, rest) = piece.split_at(end);
            let value = number
                .parse::<usize>()
                .ok()
                .and_then(|number| self.values.get(number.checked_sub(1)?));
            match value {
                Some(Some(value)) => whole.push_str(&format!("'{}'", value.replace('\'', "''"))),
                Some(None) => whole.push_str("null"),
                None => whole.push_str(&format!("${number}")),
            }
            whole.push_str(rest);
        }
        whole
    }

    /// A table alias not used before.
    pub fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }
}

/// An object's members, or what is wrong.
fn members<'a>(name: &str, value: &'a Value) -> Result<&'a IndexMap<Name, Value>, Error> {
    match value {
        Value::Object(members) => Ok(members),
        other => Err(bad_input(format!("{name}: {other} must be an object"))),
    }
}

/// Condition of a filter object on rows of `entity` under `alias`.
///
/// # Errors
/// A field, operator or value that the type does not have.
pub fn condition(
    builder: &mut Builder,
    entity: &Entity,
    alias: &str,
    filter: &IndexMap<Name, Value>,
) -> Result<String, Error> {
    let mut parts = Vec::new();
    for (name, value) in filter {
        let name = name.as_str();
        if *value == Value::Null {
            continue;
        }
        match name {
            "and" | "or" => {
                let mut inner = Vec::new();
                // As in GraphQL, a single value stands for a list of one.
                let list = if let Value::List(list) = value {
                    list.as_slice()
                } else {
                    std::slice::from_ref(value)
                };
                for one in list {
                    inner.push(condition(builder, entity, alias, members(name, one)?)?);
                }
                let (word, none) =
                    if name == "and" { (" and ", "true") } else { (" or ", "false") };
                parts.push(if inner.is_empty() {
                    none.into()
                } else {
                    format!("({})", inner.join(word))
                });
            }
            "not" => parts.push(format!(
                "not coalesce({}, false)",
                condition(builder, entity, alias, members(name, value)?)?
            )),
            _ => {
                let relation = entity.relations.iter().find(|relation| relation.name == name);
                if let (Some(field), None) =
                    (entity.fields.iter().find(|field| field.name == name), relation)
                {
                    let sql = field.sql.replace("{t}", alias);
                    let compared = comparison(builder, field, &sql, members(name, value)?)?;
                    parts.push(match field.within {
                        Some(within) => {
                            within.replace("{t}", alias).replace("{condition}", &compared)
                        }
                        None => compared,
                    });
                } else if let Some(relation) = relation {
                    let target = super::catalogue::entity(relation.target);
                    let visible = builder.seen.condition(target, "{t}")?;
                    if let (Some(suffix), None) = (entity.beside(relation), &visible) {
                        parts.push(condition(
                            builder,
                            target,
                            &format!("{alias}{suffix}"),
                            members(name, value)?,
                        )?);
                        continue;
                    }
                    let inner_alias = builder.alias();
                    let mut inner =
                        condition(builder, target, &inner_alias, members(name, value)?)?;
                    if let Some(visible) = visible {
                        inner = format!("{inner} and {}", visible.replace("{t}", &inner_alias));
                    }
                    let from = target.from.replace("{t}", &inner_alias);
                    let through =
                        relation.through.replace("{t}", alias).replace("{u}", &inner_alias);
                    let on = relation.on.replace("{t}", alias).replace("{u}", &inner_alias);
                    parts.push(format!(
                        "exists (select 1 from {from} {through} where {on} and {inner})"
                    ));
                } else {
                    let fields = entity.fields.iter().map(|field| field.name);
                    let known: Vec<&str> =
                        fields.chain(entity.relations.iter().map(|one| one.name)).collect();
                    return Err(bad_input(format!(
                        "{} has no filter {name}; it has {}, and, or, not",
                        entity.name,
                        known.join(", ")
                    )));
                }
            }
        }
    }
    Ok(if parts.is_empty() { "true".into() } else { format!("({})", parts.join(" and ")) })
}

fn comparison(
    builder: &mut Builder,
    field: &EntityField,
    sql: &str,
    operators: &IndexMap<Name, Value>,
) -> Result<String, Error> {
    let mut parts = Vec::new();
    for (operator, value) in operators {
        let bound = |builder: &mut Builder, value: &Value| -> Result<String, Error> {
            let text = checked(field, value)?;
            Ok(builder.bind(text, field.kind))
        };
        let operator = operator.as_str();
        if !takes(field.kind, operator) {
            return Err(bad_input(format!(
                "{}: {operator} is no comparison of {}",
                field.name,
                field.kind.graphql()
            )));
        }
        let null = matches!(value, Value::Null);
        parts.push(match operator {
            "isNull" => match value {
                Value::Boolean(true) => format!("{sql} is null"),
                Value::Boolean(false) => format!("{sql} is not null"),
                _ => {
                    return Err(bad_input(format!(
                        "{}.isNull: {value} must be true or false",
                        field.name
                    )));
                }
            },
            "eq" if null => format!("{sql} is null"),
            "ne" if null => format!("{sql} is not null"),
            _ if null => {
                return Err(bad_input(format!(
                    "{}.{operator} cannot be null; use isNull",
                    field.name
                )));
            }
            "eq" => format!("{sql} = {}", bound(builder, value)?),
            "ne" => format!("{sql} is distinct from {}", bound(builder, value)?),
            "lt" => format!("{sql} < {}", bound(builder, value)?),
            "lte" => format!("{sql} <= {}", bound(builder, value)?),
            "gt" => format!("{sql} > {}", bound(builder, value)?),
            "gte" => format!("{sql} >= {}", bound(builder, value)?),
            "contains" => format!("strpos(lower({sql}), lower({})) > 0", bound(builder, value)?),
            "startsWith" => format!("starts_with(lower({sql}), lower({}))", bound(builder, value)?),
            "in" | "notIn" => {
                let list = if let Value::List(list) = value {
                    list.as_slice()
                } else {
                    std::slice::from_ref(value)
                };
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
            other => {
                return Err(bad_input(format!("{}: there is no comparison {other}", field.name)));
            }
        });
    }
    Ok(if parts.is_empty() { "true".into() } else { format!("({})", parts.join(" and ")) })
}

/// Returns whether values of a kind can be compared so.
pub fn takes(kind: ScalarKind, operator: &str) -> bool {
    match operator {
        "lt" | "lte" | "gt" | "gte" => kind != ScalarKind::Boolean,
        "contains" | "startsWith" => kind == ScalarKind::Text,
        _ => true,
    }
}

/// A filter value as text that Postgres can cast, or what would be right.
pub fn checked(field: &EntityField, value: &Value) -> Result<String, Error> {
    let wrong = |should: &str| bad_input(format!("{}: {value} must be {should}", field.name));
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Enum(name) => name.to_string(),
        _ => return Err(wrong("a single value")),
    };
    let fits = match field.kind {
        ScalarKind::Text => !text.contains('\0'),
        ScalarKind::Int => text.parse::<i32>().is_ok(),
        ScalarKind::Long => text.parse::<i64>().is_ok(),
        ScalarKind::Float => text.parse::<f64>().is_ok_and(f64::is_finite),
        ScalarKind::Boolean => matches!(text.as_str(), "true" | "false"),
        ScalarKind::Date => text.parse::<chrono::NaiveDate>().is_ok(),
        ScalarKind::DateTime => chrono::DateTime::parse_from_rfc3339(&text).is_ok(),
    };
    if fits {
        return Ok(text);
    }
    Err(wrong(match field.kind {
        ScalarKind::Text => "text",
        ScalarKind::Int | ScalarKind::Long => "a whole number",
        ScalarKind::Float => "a number",
        ScalarKind::Boolean => "true or false",
        ScalarKind::Date => "a day such as 2026-06-30",
        ScalarKind::DateTime => "a moment such as 2026-06-30T14:00:00Z",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::catalogue::entity;
    use hotwash_schema::access::Viewer;

    fn seen() -> ViewerScope {
        ViewerScope { viewer: Viewer::local(), regions: Vec::new() }
    }

    fn filter(json: serde_json::Value) -> Result<(String, Builder), Error> {
        let mut builder = Builder::new(&seen());
        let Value::Object(members) = Value::from_json(json).unwrap() else { panic!("an object") };
        let sql = condition(&mut builder, entity("Event"), "t1", &members)?;
        Ok((sql, builder))
    }

    #[test]
    fn a_value_written_into_a_statement_cannot_leave_its_quotation_marks() {
        let (sql, builder) = filter(
            serde_json::json!({ "name": { "eq": "it's $1 \\' or" }, "kind": { "eq": "x" } }),
        )
        .unwrap();
        assert_eq!(builder.literal(&sql), "((t1.name = 'it''s $1 \\'' or') and (t1.kind = 'x'))");
    }

    #[test]
    fn what_the_type_does_not_have_is_named_with_what_it_has() {
        for (json, said) in [
            (serde_json::json!({ "nonsense": { "eq": 1 } }), "has no filter nonsense"),
            (serde_json::json!({ "name": { "like": "x" } }), "no comparison like"),
            (serde_json::json!({ "statewide": { "lt": true } }), "lt is no comparison of Boolean"),
            (
                serde_json::json!({ "latitude": { "contains": "4" } }),
                "contains is no comparison of Float",
            ),
            (serde_json::json!({ "name": "x" }), "must be an object"),
            (serde_json::json!({ "localDate": { "gte": "yesterday" } }), "must be a day"),
        ] {
            let error = filter(json).err().unwrap();
            assert!(error.message.contains(said), "{}", error.message);
        }
    }
}
