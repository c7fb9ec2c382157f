//! Cursors that stay stable under inserts, because they hold the order values and the key of their record.

use async_graphql::Error;
use async_graphql::dynamic::ResolverContext;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::entity::{Entity, Kind};
use super::error::bad_input;
use super::filter::Builder;

/// What a list is ordered by.
pub struct Term {
    /// Expression.
    pub sql: String,
    kind: Kind,
    descending: bool,
    required: bool,
}

impl Term {
    /// Direction as SQL; empty values come last in the list, and so first when it is read from its end.
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

/// The cursor of a record with these values.
pub fn cursor(values: &[Option<&str>]) -> String {
    URL_SAFE_NO_PAD.encode(json!(values).to_string())
}

/// The terms that a list is asked to be ordered by, or its own, with the key as the last word.
pub fn terms(ctx: &ResolverContext<'_>, entity: &Entity, alias: &str) -> Result<Vec<Term>, Error> {
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
pub fn beyond(
    builder: &mut Builder,
    terms: &[Term],
    argument: &str,
    cursor: &str,
    after: bool,
) -> Result<String, Error> {
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
