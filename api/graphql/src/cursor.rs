//! Cursors that stay stable under inserts, because they contain the sort values and the key of
//! their record. A fingerprint of list, order and filter ties a cursor to its list; a checksum
//! detects changes.

use std::fmt::Write;

use async_graphql::indexmap::IndexMap;
use async_graphql::{Error, Name, Value as Input};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::json;

use super::catalog::entity as related_type;
use super::entity::{Entity, Many, Relation};
use super::error::bad_input;
use super::filter::Builder;
use super::relation::{Tie, joined_and_open, related};
use super::scalar::ScalarKind;
use super::sql::{Comparison, Condition, Expression, Order, Select, Value};

/// Number of hexadecimal digits of a fingerprint and of a checksum.
const DIGITS: usize = 12;
/// Maximum number of characters of a rejected cursor that its message repeats.
const SHOWN: usize = 40;

/// Sort key of a list.
pub struct SortKey {
    /// Name of the field, after those of the relations that lead to it, or of the key.
    name: String,
    /// Expression.
    pub by: Expression,
    kind: ScalarKind,
    descending: bool,
    required: bool,
}

impl SortKey {
    /// Returns the direction as SQL. Empty values come last, and first when the list is read from
    /// its end.
    pub fn direction(&self, backward: bool) -> &'static str {
        match (self.descending != backward, self.required, backward) {
            (false, true, _) => "asc",
            (true, true, _) => "desc",
            (false, false, true) => "asc nulls first",
            (true, false, true) => "desc nulls first",
            (false, false, false) => "asc nulls last",
            (true, false, false) => "desc nulls last",
        }
    }
}

/// Returns the sort keys of a list: the given order or the type's own, then the record's key.
///
/// # Errors
/// Fails for an order with anything other than fields and directions.
pub fn terms(
    builder: &mut Builder,
    order: Option<&Input>,
    entity: &Entity,
    alias: &str,
) -> Result<Vec<SortKey>, Error> {
    let mut terms: Vec<SortKey> = Vec::new();
    match order {
        Some(order) => {
            // In GraphQL, a single value counts as a list of one.
            let orders = if let Input::List(list) = order {
                list.as_slice()
            } else {
                std::slice::from_ref(order)
            };
            for order in orders {
                let Input::Object(order) = order else {
                    return Err(bad_input(format!(
                        "orderBy: {order} must be an object of a field and ASC or DESC"
                    )));
                };
                terms.extend(given(builder, entity, alias, order)?);
            }
        }
        None => {
            for name in entity.order {
                let (name, descending) =
                    name.strip_prefix('-').map_or((*name, false), |name| (name, true));
                terms.extend(by_field(entity, alias, name, descending));
            }
        }
    }
    // Ties are ordered by key, in the direction of the last term, so that one index provides the
    // entire order.
    let descending = terms.last().is_some_and(|term| term.descending);
    terms.push(SortKey {
        name: "key".to_owned(),
        by: entity.key(alias),
        kind: ScalarKind::Long,
        descending,
        required: true,
    });
    Ok(terms)
}

/// Returns the sort keys of one order: its fields, and those of related records.
fn given(
    builder: &mut Builder,
    entity: &Entity,
    alias: &str,
    order: &IndexMap<Name, Input>,
) -> Result<Vec<SortKey>, Error> {
    let mut terms = Vec::new();
    for (name, direction) in order.iter().filter(|(_, direction)| **direction != Input::Null) {
        let relation = entity.relations.iter().find(|relation| relation.name == name.as_str());
        match (direction, relation) {
            (Input::Object(order), Some(relation)) if relation.many == Many::One => {
                terms.extend(by_related(builder, entity, alias, relation, order)?);
            }
            _ => {
                let descending = matches!(direction, Input::Enum(word) if word == "DESC");
                terms.extend(by_field(entity, alias, name, descending));
            }
        }
    }
    Ok(terms)
}

fn by_field(entity: &Entity, alias: &str, name: &str, descending: bool) -> Option<SortKey> {
    let field = entity.fields.iter().find(|field| field.name == name)?;
    Some(SortKey {
        name: name.to_owned(),
        by: Expression::of(&field.formula, alias),
        kind: field.kind,
        descending,
        required: field.required,
    })
}

/// Returns the sort keys of a related record. Without one that the viewer may see, they are empty.
fn by_related(
    builder: &mut Builder,
    entity: &Entity,
    alias: &str,
    relation: &Relation,
    order: &IndexMap<Name, Input>,
) -> Result<Vec<SortKey>, Error> {
    let target = related_type(relation.target)?;
    let joined = joined_and_open(builder.seen(), entity, relation, alias)?;
    let mut terms = if let Some(joined) = joined {
        given(builder, target, &joined, order)?
    } else {
        let inner = builder.alias();
        let tie = Tie::of(entity, relation, alias);
        let found = related(builder.seen(), target, relation, &inner, &tie)?;
        let mut terms = given(builder, target, &inner, order)?;
        for term in &mut terms {
            let by = Select { columns: vec![term.by.clone()], limit: Some(1), ..found.clone() };
            term.by = Expression::Select(Box::new(target.complete(&inner, &[], by)));
            term.required = false;
        }
        terms
    };
    for term in &mut terms {
        term.name = [relation.name, ".", &term.name].concat();
    }
    Ok(terms)
}

/// Returns the sort keys as the order of a statement.
pub fn ordered(terms: &[SortKey], backward: bool) -> Vec<Order> {
    terms
        .iter()
        .map(|term| Order { by: term.by.clone(), direction: term.direction(backward) })
        .collect()
}

/// A list with order and filter, to which cursors belong. Viewer and page size do not matter.
pub struct CursorScope {
    list: String,
    fingerprint: String,
}

impl CursorScope {
    /// Creates the scope of a list. `other` are further arguments that determine the records.
    pub fn new(list: &str, terms: &[SortKey], filter: Option<&Input>, other: &str) -> Self {
        let mut text = format!("{list}\n{other}\n");
        for term in terms {
            let _ =
                writeln!(text, "{} {}", term.name, if term.descending { "DESC" } else { "ASC" });
        }
        canonical(filter, &mut text);
        Self { list: list.to_owned(), fingerprint: hash(&text) }
    }

    /// Returns the cursor of a record with these sort values.
    pub fn cursor(&self, values: &[Option<String>]) -> String {
        let body = format!("{}{}", self.fingerprint, json!(values));
        URL_SAFE_NO_PAD.encode(format!("{}{body}", hash(&body)))
    }

    /// Returns the expression by which Postgres computes a record's cursor from these values.
    pub fn expression(&self, values: Vec<Expression>) -> Expression {
        let mut list = vec![
            Expression::Sql(
                "(select translate(encode(convert_to(left(encode(sha256(convert_to(body, \
                 'UTF8')), 'hex'), ",
            ),
            Expression::Number(DIGITS as i64),
            Expression::Sql(") || body, 'UTF8'), 'base64'), E'+/=\\n', '-_') from (select "),
            Expression::text(&self.fingerprint),
            Expression::Sql(" || json_build_array("),
        ];
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 {
                list.push(Expression::Sql(", "));
            }
            list.push(value.cast("text"));
        }
        list.push(Expression::Sql(")::text as body) cursor_of)"));
        Expression::Parts(list)
    }

    /// Returns the sort values of a cursor.
    ///
    /// # Errors
    /// Fails when the cursor was altered, or belongs to another scope.
    pub fn open(
        &self,
        argument: &str,
        cursor: &str,
        count: usize,
    ) -> Result<Vec<Option<String>>, Error> {
        let list = &self.list;
        let altered = || {
            let shown: String = cursor.chars().take(SHOWN).collect();
            let more = if shown.len() < cursor.len() { "…" } else { "" };
            bad_input(format!(
                "{list}({argument}: \"{shown}{more}\") is not a cursor of this API, or was \
                 altered; pass a cursor from edges or pageInfo unchanged"
            ))
        };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| altered())?;
        let text = String::from_utf8(bytes).map_err(|_| altered())?;
        let (checksum, body) = text.split_at_checked(DIGITS).ok_or_else(altered)?;
        let (fingerprint, values) = body.split_at_checked(DIGITS).ok_or_else(altered)?;
        if checksum != hash(body) {
            return Err(altered());
        }
        let values: Vec<Option<String>> = serde_json::from_str(values).map_err(|_| altered())?;
        if fingerprint != self.fingerprint || values.len() != count {
            return Err(bad_input(format!(
                "{list}({argument}): this cursor belongs to another list, order or filter; pass it \
                 with the orderBy and filter of the query that returned it, or leave out \
                 {argument} to start over"
            )));
        }
        Ok(values)
    }
}

/// Builds the condition for records after (or before) the record with these values; nulls come
/// last.
///
/// # Errors
/// Fails if a value does not match the kind of its sort key.
pub fn beyond(
    argument: &str,
    terms: &[SortKey],
    values: &[Option<String>],
    after: bool,
) -> Result<Condition, Error> {
    let mut alternatives = Vec::new();
    let mut prefix: Vec<Condition> = Vec::new();
    for (term, value) in terms.iter().zip(values) {
        let by = || term.by.clone();
        let (equal, strict) = match value {
            Some(text) => {
                let value = Value::parse(term.kind, text).ok_or_else(|| {
                    bad_input(format!(
                        "{argument}: the cursor contains {text:?}, which is not a value of {}; \
                         pass a \
                         cursor from edges or pageInfo unchanged",
                        term.name
                    ))
                })?;
                let bound = || Expression::Value(value.clone());
                let greater = after != term.descending;
                let comparison = if greater { Comparison::Greater } else { Comparison::Less };
                let compared = Condition::Compare(by(), comparison, bound());
                let strict = if after && !term.required {
                    Condition::Any(vec![compared, Condition::Empty(by())])
                } else {
                    compared
                };
                (Condition::equal(by(), bound()), strict)
            }
            None => {
                let strict = if after { Condition::Always(false) } else { Condition::Given(by()) };
                (Condition::Empty(by()), strict)
            }
        };
        let mut alternative = prefix.clone();
        alternative.push(strict);
        alternatives.push(Condition::All(alternative));
        prefix.push(equal);
    }
    Ok(Condition::Any(alternatives))
}

/// Returns the first digits of a text's SHA-256, which Postgres can compute too.
fn hash(text: &str) -> String {
    let digest = digest(&SHA256, text.as_bytes());
    let mut digits = String::with_capacity(DIGITS);
    for byte in &digest.as_ref()[..DIGITS / 2] {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// Normalizes a filter: the order of members does not matter, and none equals an empty filter.
fn canonical(filter: Option<&Input>, out: &mut String) {
    match filter {
        None | Some(Input::Null) => out.push_str("{}"),
        Some(filter) => sorted(filter, out),
    }
}

fn sorted(value: &Input, out: &mut String) {
    match value {
        Input::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (name, member) in members {
                let _ = write!(out, "{name}:");
                sorted(member, out);
                out.push(',');
            }
            out.push('}');
        }
        Input::List(list) => {
            out.push('[');
            for one in list {
                sorted(one, out);
                out.push(',');
            }
            out.push(']');
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(name: &'static str, descending: bool) -> Vec<SortKey> {
        vec![SortKey {
            name: name.to_owned(),
            by: Expression::column("t1", name),
            kind: ScalarKind::Text,
            descending,
            required: true,
        }]
    }

    fn filter(json: serde_json::Value) -> Input {
        Input::from_json(json).unwrap()
    }

    #[test]
    fn a_cursor_opens_in_its_own_scope_alone() {
        let status = filter(json!({ "status": { "eq": "OPEN" }, "text": { "contains": "x" } }));
        let own = || CursorScope::new("actions", &by("text", false), Some(&status), "");
        let cursor = own().cursor(&[Some("a \"quoted\" text".to_owned())]);
        let opened = own().open("after", &cursor, 1).unwrap();
        assert_eq!(opened, [Some("a \"quoted\" text".to_owned())]);
        let same = filter(json!({ "text": { "contains": "x" }, "status": { "eq": "OPEN" } }));
        assert!(
            CursorScope::new("actions", &by("text", false), Some(&same), "")
                .open("after", &cursor, 1)
                .is_ok()
        );
        let narrower = filter(json!({ "status": { "eq": "OPEN" } }));
        for (what, other) in [
            ("list", CursorScope::new("events", &by("text", false), Some(&status), "")),
            ("field", CursorScope::new("actions", &by("status", false), Some(&status), "")),
            ("direction", CursorScope::new("actions", &by("text", true), Some(&status), "")),
            ("filter", CursorScope::new("actions", &by("text", false), Some(&narrower), "")),
            ("no filter", CursorScope::new("actions", &by("text", false), None, "")),
            ("argument", CursorScope::new("actions", &by("text", false), Some(&status), "batch 7")),
        ] {
            let message = other.open("after", &cursor, 1).unwrap_err().message;
            assert!(
                message.contains("belongs to another list, order or filter"),
                "{what}: {message}"
            );
        }
    }

    #[test]
    fn no_filter_is_an_empty_filter() {
        let scope =
            |filter: Option<&Input>| CursorScope::new("actions", &by("text", false), filter, "");
        let cursor = scope(None).cursor(&[None]);
        for same in [Input::Null, filter(json!({}))] {
            assert_eq!(scope(Some(&same)).open("before", &cursor, 1).unwrap(), [None]);
        }
    }

    #[test]
    fn every_changed_added_or_missing_letter_is_noticed() {
        let scope = CursorScope::new("actions", &by("text", false), None, "");
        let cursor = scope.cursor(&[Some("Ärzte".to_owned()), None]);
        let letters: Vec<char> = cursor.chars().collect();
        let mut altered: Vec<String> =
            vec![format!("{cursor}A"), cursor[1..].into(), String::new(), "ä".into()];
        for at in 0..letters.len() {
            for other in ['A', 'b', '3', '-'] {
                let mut changed = letters.clone();
                changed[at] = other;
                altered.push(changed.into_iter().collect());
            }
        }
        for altered in altered.into_iter().filter(|altered| *altered != cursor) {
            let message = scope.open("after", &altered, 2).unwrap_err().message;
            assert!(message.contains("was altered"), "{altered}: {message}");
        }
    }
}
