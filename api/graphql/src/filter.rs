//! Converts filters to conditions with bound values, for every record type.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Error, Name, Value};
use hotwash_schema::formula::Formula;
use hotwash_schema::nearest::{choices, did_you_mean};

use super::catalog::entity as related_type;
use super::code_list::{CodeList, NamedCodes, UNMAPPED};
use super::entity::{Entity, EntityField, Many, Relation, TableJoin};
use super::error::bad_input;
use super::full_text::{SEARCH, has_words};
use super::relation::{Tie, joined, tied};
use super::scalar::ScalarKind;
use super::sql::{self, Aggregate, Comparison, Condition, Expression, Select};
use super::viewer_scope::ViewerScope;

/// Field of a filter on related records that compares their number.
pub const COUNT: &str = "count";
/// Field of a filter that selects the records of a group of an aggregate.
pub const KEY: &str = "key";

/// Generates table aliases for one statement, for one viewer.
pub struct Builder {
    /// Scope of the viewer. Filters do not match related rows that the viewer may not see.
    seen: ViewerScope,
    aliases: usize,
    codes: NamedCodes,
}

impl Builder {
    /// Creates a builder for a viewer.
    pub fn new(seen: &ViewerScope) -> Self {
        Self { seen: seen.clone(), aliases: 0, codes: NamedCodes::default() }
    }

    /// Returns the scope of the viewer.
    pub fn seen(&self) -> &ViewerScope {
        &self.seen
    }

    /// Returns an unused table alias.
    pub fn alias(&mut self) -> String {
        self.aliases += 1;
        ["t", &self.aliases.to_string()].concat()
    }

    /// Notes that the statement names a code, or codes, of a reference list.
    pub fn name_code(&mut self, name: &'static str, list: CodeList, value: &Value) {
        self.codes.add(name, list, value);
    }

    /// Returns the codes that the statement names. Check them before it runs.
    pub fn codes(&self) -> &NamedCodes {
        &self.codes
    }

    /// Returns the codes that the statement names, and forgets them.
    pub fn take_codes(&mut self) -> NamedCodes {
        std::mem::take(&mut self.codes)
    }
}

/// Returns an object's members, or an error that describes the value.
fn members<'a>(name: &str, value: &'a Value) -> Result<&'a IndexMap<Name, Value>, Error> {
    match value {
        Value::Object(members) => Ok(members),
        other => Err(bad_input(format!("{name}: {other} must be an object"))),
    }
}

/// Builds the condition of a filter object on rows of `entity` under `alias`.
///
/// # Errors
/// Fails for a field, operator or value that the type does not have.
pub fn condition(
    builder: &mut Builder,
    entity: &Entity,
    alias: &str,
    filter: &IndexMap<Name, Value>,
) -> Result<Condition, Error> {
    let mut parts = Vec::new();
    for (name, value) in filter {
        let name = name.as_str();
        if *value == Value::Null {
            continue;
        }
        match name {
            "and" | "or" => {
                let mut inner = Vec::new();
                // In GraphQL, a single value counts as a list of one.
                let list = if let Value::List(list) = value {
                    list.as_slice()
                } else {
                    std::slice::from_ref(value)
                };
                for one in list {
                    inner.push(condition(builder, entity, alias, members(name, one)?)?);
                }
                parts.push(if name == "and" {
                    Condition::All(inner)
                } else {
                    Condition::Any(inner)
                });
            }
            "not" => parts.push(Condition::Not(Box::new(condition(
                builder,
                entity,
                alias,
                members(name, value)?,
            )?))),
            KEY if !entity.group_keys.is_empty() => {
                parts.push(in_group(builder, entity, alias, members(name, value)?)?);
            }
            SEARCH if let Some(searched) = &entity.search => {
                parts.push(has_words(searched, alias, SEARCH, value)?);
            }
            _ => {
                let relation = entity.relations.iter().find(|relation| relation.name == name);
                if let (Some(field), None) = (entity.compared(name), relation) {
                    let operators = members(name, value)?;
                    parts.push(match &field.within {
                        Some(within) => of_list(builder, field, within, alias, operators)?,
                        None => comparison(builder, field, alias, operators)?,
                    });
                } else if let Some(relation) = relation {
                    let filter = members(name, value)?;
                    parts.push(on_related(builder, entity, alias, relation, filter)?);
                } else {
                    let fields = entity.fields.iter().filter(|field| field.is_comparable());
                    let relations = entity.relations.iter().map(|one| one.name);
                    let known = fields.map(|field| field.name).chain(relations);
                    let choices = choices(name, known.chain(["and", "or", "not"]));
                    return Err(bad_input(format!(
                        "{} has no filter {name}{choices}",
                        entity.name
                    )));
                }
            }
        }
    }
    Ok(Condition::All(parts))
}

/// Builds the condition on the values that related rows of a record have: one value passes all
/// comparisons, and none is an excluded one. A record without related rows has the value
/// `unmapped`, like its group.
fn of_list(
    builder: &mut Builder,
    field: &EntityField,
    within: &Formula,
    alias: &str,
    operators: &IndexMap<Name, Value>,
) -> Result<Condition, Error> {
    let exists =
        |condition: &Condition| Condition::Holds(Expression::filled(within, alias, condition, &[]));
    let mut one_passes = |operators: &IndexMap<Name, Value>| -> Result<Condition, Error> {
        let found = exists(&comparison(builder, field, alias, operators)?);
        if !operators.values().any(names_unmapped) {
            return Ok(found);
        }
        let unmapped = EntityField { formula: Formula::Sql("'unmapped'::text"), ..*field };
        let has_none = Condition::Not(Box::new(exists(&Condition::Always(true))));
        let passes = comparison(builder, &unmapped, alias, operators)?;
        Ok(Condition::Any(vec![found, Condition::All(vec![has_none, passes])]))
    };
    let (mut included, mut parts) = (IndexMap::new(), Vec::new());
    for (operator, value) in operators {
        let excludes = match (operator.as_str(), value) {
            ("eq", Value::Null) | ("isNull", Value::Boolean(true)) => {
                Some(exists(&Condition::Always(true)))
            }
            ("ne", Value::Null) | ("isNull", _) => None,
            ("ne", value) => Some(one_passes(&operator_of("eq", value))?),
            ("notIn", value) => Some(one_passes(&operator_of("in", value))?),
            _ => None,
        };
        match excludes {
            Some(excluded) => parts.push(Condition::Not(Box::new(excluded))),
            None => {
                included.insert(operator.clone(), value.clone());
            }
        }
    }
    if !included.is_empty() {
        parts.push(one_passes(&included)?);
    }
    Ok(Condition::All(parts))
}

fn operator_of(operator: &str, value: &Value) -> IndexMap<Name, Value> {
    IndexMap::from([(Name::new(operator), value.clone())])
}

/// Returns whether a value, or one of a list, is the code of the records without a related row.
fn names_unmapped(value: &Value) -> bool {
    match value {
        Value::String(text) => text == UNMAPPED,
        Value::List(list) => list.iter().any(names_unmapped),
        _ => false,
    }
}

/// Builds the condition on related records: one of them matches, or as many as `count` states.
fn on_related(
    builder: &mut Builder,
    entity: &Entity,
    alias: &str,
    relation: &Relation,
    filter: &IndexMap<Name, Value>,
) -> Result<Condition, Error> {
    let target = related_type(relation.target)?;
    let closed = builder.seen.condition(target, alias)?.is_some();
    if let (Some(suffix), false) = (joined(entity, relation)?, closed) {
        return condition(builder, target, &[alias, suffix].concat(), filter);
    }
    let mut filter = filter.clone();
    let count = match relation.many {
        Many::List => filter.shift_remove(COUNT).filter(|count| *count != Value::Null),
        Many::One => None,
    };
    let inner = builder.alias();
    let matches = condition(builder, target, &inner, &filter)?;
    let mut related = tied(relation, &inner, &Tie::of(entity, relation, alias));
    related.conditions.push(matches);
    related.conditions.extend(builder.seen.condition(target, &inner)?);
    let Some(count) = count else {
        return Ok(Condition::Exists(Box::new(target.complete(&inner, &[], related))));
    };
    related.columns = vec![Expression::Aggregate(Box::new(Aggregate::Count))];
    let counted = Expression::Select(Box::new(target.complete(&inner, &[], related)));
    let mut parts = Vec::new();
    for (operator, value) in members(COUNT, &count)? {
        let wrong = |should: &str| {
            bad_input(format!("{}.{COUNT}: {operator}: {value} {should}", relation.name))
        };
        let comparison = Comparison::of_numbers(operator)
            .ok_or_else(|| wrong("is not eq, ne, lt, lte, gt or gte"))?;
        let Some(number) = sql::Value::parse(ScalarKind::Long, &value.to_string()) else {
            return Err(wrong("must be a whole number"));
        };
        parts.push(Condition::Compare(counted.clone(), comparison, Expression::Value(number)));
    }
    Ok(Condition::All(parts))
}

/// Builds the condition that a record is in a group: its keys have these values, or none for null.
fn in_group(
    builder: &mut Builder,
    entity: &Entity,
    alias: &str,
    values: &IndexMap<Name, Value>,
) -> Result<Condition, Error> {
    let mut keys = Vec::new();
    for (name, value) in values {
        let key = entity.group_keys.iter().find(|key| key.key == name.as_str());
        keys.push((key.ok_or_else(|| bad_input(format!("{KEY}: there is no key {name}")))?, value));
    }
    // Joins of keys may repeat a record, so they need a statement of their own.
    let is_joined = keys.iter().any(|(key, _)| !key.joins.is_empty());
    let own = if is_joined { builder.alias() } else { alias.to_owned() };
    let mut conditions = Vec::new();
    let mut joins: Vec<TableJoin> = Vec::new();
    for (key, value) in keys {
        if let Some(list) = key.codes {
            builder.name_code(key.key, list, value);
        }
        let compared = builder.seen.key(key, &own);
        conditions.push(match value {
            Value::Null => Condition::Empty(compared),
            value => {
                let value = checked(key.key, key.kind, value)?;
                Condition::equal(compared, Expression::Value(value))
            }
        });
        joins.extend(key.joins.iter().filter(|join| !joins.contains(join)).collect::<Vec<_>>());
    }
    if !is_joined {
        return Ok(Condition::All(conditions));
    }
    conditions.push(Condition::equal(entity.key(&own), entity.key(alias)));
    let select = Select { conditions, ..Select::default() };
    Ok(Condition::Exists(Box::new(entity.complete(&own, &joins, select))))
}

fn comparison(
    builder: &mut Builder,
    field: &EntityField,
    alias: &str,
    operators: &IndexMap<Name, Value>,
) -> Result<Condition, Error> {
    let mut parts = Vec::new();
    for (operator, value) in operators {
        let sql = || Expression::of(&field.formula, alias);
        let checked = |value: &Value| checked(field.name, field.kind, value);
        let compared = |comparison: Comparison| -> Result<Condition, Error> {
            let bound = Expression::Value(checked(value)?);
            Ok(Condition::Compare(sql(), comparison, bound))
        };
        let operator = operator.as_str();
        if !takes(field.kind, operator) {
            return Err(bad_input(format!(
                "{}: {operator} is not a comparison for {}",
                field.name,
                field.kind.graphql()
            )));
        }
        if let (Some(list), "eq" | "ne" | "in" | "notIn") = (field.codes, operator) {
            builder.name_code(field.name, list, value);
        }
        let null = matches!(value, Value::Null);
        parts.push(match operator {
            "isNull" => match value {
                Value::Boolean(true) => Condition::Empty(sql()),
                Value::Boolean(false) => Condition::Given(sql()),
                _ => {
                    return Err(bad_input(format!(
                        "{}.isNull: {value} must be true or false",
                        field.name
                    )));
                }
            },
            "eq" if null => Condition::Empty(sql()),
            "ne" if null => Condition::Given(sql()),
            _ if null => {
                return Err(bad_input(format!(
                    "{}.{operator} cannot be null; use isNull",
                    field.name
                )));
            }
            "eq" => compared(Comparison::Equal)?,
            "ne" => compared(Comparison::Distinct)?,
            "lt" => compared(Comparison::Less)?,
            "lte" => compared(Comparison::LessOrEqual)?,
            "gt" => compared(Comparison::Greater)?,
            "gte" => compared(Comparison::GreaterOrEqual)?,
            "contains" => Condition::Contains(sql(), checked(value)?),
            "startsWith" => Condition::StartsWith(sql(), checked(value)?),
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
                let values = list.iter().map(checked);
                let values = values.collect::<Result<_, _>>()?;
                if operator == "in" {
                    Condition::In(sql(), values)
                } else {
                    Condition::NotIn(sql(), values)
                }
            }
            other => {
                return Err(bad_input(format!("{}: there is no comparison {other}", field.name)));
            }
        });
    }
    Ok(Condition::All(parts))
}

/// Returns whether an operator applies to values of a kind.
pub fn takes(kind: ScalarKind, operator: &str) -> bool {
    match operator {
        "lt" | "lte" | "gt" | "gte" => !matches!(kind, ScalarKind::Boolean | ScalarKind::Code(_)),
        "contains" | "startsWith" => kind == ScalarKind::Text,
        _ => true,
    }
}

/// Converts a filter value for binding, or returns the expected format.
pub fn checked(name: &str, kind: ScalarKind, value: &Value) -> Result<sql::Value, Error> {
    let wrong = |should: &str| bad_input(format!("{name}: {value} must be {should}"));
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Enum(name) => name.to_string(),
        _ => return Err(wrong("a single value")),
    };
    if let Some(value) = sql::Value::parse(kind, &text) {
        return Ok(value);
    }
    Err(wrong(match kind {
        ScalarKind::Code(list) => {
            let near = did_you_mean(&text, list.codes.iter().copied());
            return Err(wrong(&format!("one of {}{near}", list.codes.join(", "))));
        }
        ScalarKind::Id(name) => return Err(wrong(&format!("the id of a record of type {name}"))),
        ScalarKind::Text | ScalarKind::Texts => "text",
        ScalarKind::Int => "a whole number of at most 32 bits",
        ScalarKind::Long => "a whole number of at most 64 bits",
        ScalarKind::Float => "a number",
        ScalarKind::Boolean => "true or false",
        ScalarKind::Date => "a day such as 2026-06-30",
        ScalarKind::DateTime => "a moment such as 2026-06-30T14:00:00Z",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::entity;
    use hotwash_schema::access::Viewer;

    fn seen() -> ViewerScope {
        ViewerScope { viewer: Viewer::local(), regions: Vec::new() }
    }

    fn filter(json: serde_json::Value) -> Result<Condition, Error> {
        let mut builder = Builder::new(&seen());
        let Value::Object(members) = Value::from_json(json).unwrap() else { panic!("an object") };
        condition(&mut builder, entity("Event").unwrap(), "t1", &members)
    }

    #[test]
    fn a_value_is_never_part_of_the_statement() {
        let condition = filter(
            serde_json::json!({ "name": { "eq": "it's $1 \\' or" }, "kind": { "eq": "EXERCISE" } }),
        )
        .unwrap();
        let shown = diesel::debug_query::<diesel::pg::Pg, _>(&condition).to_string();
        assert_eq!(
            shown,
            "((t1.name = $1) and (t1.kind = $2)) -- binds: [\"it's $1 \\\\' or\", \"EXERCISE\"]"
        );
    }

    #[test]
    fn what_the_type_does_not_have_is_named_with_what_it_has() {
        for (json, message) in [
            (serde_json::json!({ "nonsense": { "eq": 1 } }), "has no filter nonsense"),
            (serde_json::json!({ "name": { "like": "x" } }), "no comparison like"),
            (
                serde_json::json!({ "statewide": { "lt": true } }),
                "lt is not a comparison for \
                Boolean",
            ),
            (
                serde_json::json!({ "latitude": { "contains": "4" } }),
                "contains is not a comparison for Float",
            ),
            (serde_json::json!({ "name": "x" }), "must be an object"),
            (serde_json::json!({ "localDate": { "gte": "yesterday" } }), "must be a day"),
            (
                serde_json::json!({ "kind": { "eq": "EXCERSISE" } }),
                "one of INCIDENT, EXERCISE, PLANNED_EVENT; did you mean EXERCISE?",
            ),
            (
                serde_json::json!({ "kind": { "startsWith": "EX" } }),
                "startsWith is not a comparison for EventKind",
            ),
        ] {
            let error = filter(json).err().unwrap();
            assert!(error.message.contains(message), "{}", error.message);
        }
    }
}
