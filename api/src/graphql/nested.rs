//! A list within a record as a connection: one SQL expression that builds its JSON, so that a page
//! takes a fixed number of statements whatever is nested in it.

use async_graphql::Error;

use super::arguments::ListArguments;
use super::catalogue::entity;
use super::cursor::{CursorScope, beyond};
use super::entity::{Entity, Relation};
use super::error::bad_input;
use super::filter::Builder;
use super::select::{Tie, ViewerScope, json_object, object, related};
use super::selection::Selected;

/// A nested connection.
pub struct Nested {
    /// Expression of its JSON.
    pub sql: String,
    /// Key of the record whose list its cursors belong to, when cursors are given.
    pub parent: Option<i64>,
}

/// Tables, conditions and order of the list.
struct List<'e> {
    entity: &'e Entity,
    alias: String,
    from: String,
    /// Conditions on all records.
    all: String,
    /// Conditions on the records that the cursors leave.
    rest: String,
    arguments: ListArguments,
    /// Expression of a record's cursor.
    cursor: String,
    /// Expressions of the page's rows, named by their position.
    columns: Vec<String>,
}

/// Compiles a connection.
///
/// # Errors
/// A wrong argument, a cursor of another list, or records that the viewer may not see.
pub fn connection(
    builder: &mut Builder,
    seen: &ViewerScope,
    of: &Entity,
    relation: &Relation,
    field: &Selected<'_>,
    tie: &Tie,
) -> Result<Nested, Error> {
    let target = entity(relation.target);
    let alias = builder.alias();
    let arguments = ListArguments::read(field)?;
    let (from, mut all) = related(seen, target, &alias, tie)?;
    if let Some(filter) = arguments.condition(builder, target, &alias)? {
        all = format!("{all} and {filter}");
    }
    let terms = arguments.terms(target, &alias)?;
    let scope = CursorScope::new(
        &format!("{}.{}", of.name, relation.name),
        &terms,
        arguments.filter.as_ref(),
        "",
    );
    let (mut rest, mut parent) = (all.clone(), None);
    for (argument, cursor, after) in arguments.cursors() {
        let mut values = scope.open(argument, cursor, terms.len() + 1)?;
        let own = values.remove(0).and_then(|key| key.parse::<i64>().ok());
        if own.is_none() || parent.is_some() && own != parent {
            return Err(foreign(of, relation));
        }
        parent = own;
        rest = format!("{rest} and {}", beyond(builder, &terms, &values, after));
    }
    let order: Vec<String> = terms
        .iter()
        .map(|term| format!("{} {}", term.sql, term.direction(arguments.backward)))
        .collect();
    let values: Vec<&str> = std::iter::once(tie.parent.as_str())
        .chain(terms.iter().map(|term| term.sql.as_str()))
        .collect();
    let cursor = scope.sql(&values);
    let mut list =
        List { entity: target, alias, from, all, rest, arguments, cursor, columns: Vec::new() };
    let mut parts = Vec::new();
    for part in field.under(&format!("{}Connection", target.name)) {
        parts.push(format!("'{}', {}", part.key(), list.part(builder, seen, &part)?));
    }
    Ok(Nested { sql: list.sql(&parts, &order.join(", ")), parent })
}

/// Rejection of a cursor of another record's list.
pub fn foreign(of: &Entity, relation: &Relation) -> Error {
    bad_input(format!(
        "{0}.{1}: the cursor belongs to the list of another {0}; go on in one record's list alone, \
         by node(id: …) {{ ... on {0} {{ {1}(after: …) … }} }}",
        of.name, relation.name
    ))
}

impl List<'_> {
    fn part(
        &mut self,
        builder: &mut Builder,
        seen: &ViewerScope,
        part: &Selected<'_>,
    ) -> Result<String, Error> {
        let name = self.entity.name;
        Ok(match part.name() {
            "totalCount" => format!("(select count(*) from {} where {})", self.from, self.all),
            "nodes" => {
                let body = object(builder, seen, self.entity, &self.alias, &part.under(name))?;
                self.listed(body)
            }
            "edges" => {
                let mut members = Vec::new();
                for one in part.under(&format!("{name}Edge")) {
                    let member = match one.name() {
                        "cursor" => self.cursor.clone(),
                        "node" => {
                            object(builder, seen, self.entity, &self.alias, &one.under(name))?
                        }
                        _ => format!("'{name}Edge'"),
                    };
                    members.push(format!("'{}', {member}", one.key()));
                }
                self.listed(json_object(&members))
            }
            "pageInfo" => self.info(part),
            _ => format!("'{name}Connection'"),
        })
    }

    fn info(&mut self, part: &Selected<'_>) -> String {
        let size = self.arguments.size;
        let more = format!(
            "(select count(*) > {size} from (select 1 from {} where {} limit {}) {}m)",
            self.from,
            self.rest,
            size + 1,
            self.alias
        );
        let flag = |known: bool| if known { "true".to_owned() } else { "false".to_owned() };
        let (next, previous) = self.arguments.neighbors(true);
        let (next, previous) =
            if self.arguments.backward { (flag(next), more) } else { (more, flag(previous)) };
        let mut members = Vec::new();
        for one in part.under("PageInfo") {
            let member = match one.name() {
                "hasNextPage" => next.clone(),
                "hasPreviousPage" => previous.clone(),
                "startCursor" => self.edge(true),
                "endCursor" => self.edge(false),
                _ => "'PageInfo'".to_owned(),
            };
            members.push(format!("'{}', {member}", one.key()));
        }
        json_object(&members)
    }

    /// Adds a column to the page's rows; gives its name.
    fn column(&mut self, sql: String) -> String {
        let at = self.columns.iter().position(|known| *known == sql).unwrap_or_else(|| {
            self.columns.push(sql);
            self.columns.len() - 1
        });
        format!("{}i.c{at}", self.alias)
    }

    /// The rows' values of an expression, in the order of the list.
    fn listed(&mut self, sql: String) -> String {
        let column = self.column(sql);
        let order = if self.arguments.backward {
            format!(" order by {}i.at desc", self.alias)
        } else {
            String::new()
        };
        format!("coalesce(json_agg({column}{order}), '[]'::json)")
    }

    /// The cursor of the first or last row.
    fn edge(&mut self, first: bool) -> String {
        let column = self.column(self.cursor.clone());
        let at = if first == self.arguments.backward { "count(*)::int" } else { "1" };
        format!("(array_agg({column}))[{at}]")
    }

    fn sql(&self, parts: &[String], order: &str) -> String {
        let json = json_object(parts);
        if self.columns.is_empty() {
            return json;
        }
        let columns: Vec<String> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| format!("{column} as c{at}"))
            .collect();
        let mut rows = format!(
            "(select {} from {} where {} order by {order} limit {})",
            columns.join(", "),
            self.from,
            self.rest,
            self.arguments.size
        );
        if self.arguments.backward {
            rows =
                format!("(select {0}r.*, row_number() over () as at from {rows} {0}r)", self.alias);
        }
        format!("(select {json} from {rows} {}i)", self.alias)
    }
}
