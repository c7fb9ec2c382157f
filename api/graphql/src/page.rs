//! Relay paging, plain lists and single records. One statement reads a page and everything nested
//! in it.

use std::collections::HashMap;

use async_graphql::indexmap::IndexMap;
use async_graphql::{Error, Name, Value as InputValue};

use super::arguments::ListArguments;
use super::cursor::{CursorScope, beyond, ordered, terms};
use super::entity::Entity;
use super::field_context::FieldContext;
use super::filter::{Builder, condition};
use super::json::{key, listed, text};
use super::plan::ColumnPlan;
use super::pool::{Planning, Row};
use super::selection::Selected;
use super::shape::{RowReader, Shape};
use super::sql::{Aggregate, Condition, Expression, Select, Value};

/// Member of a connection, with the data needed to write it.
enum Part<'a> {
    Total,
    TypeName(String),
    PageInfo(Vec<Selected<'a>>),
    Nodes(Shape),
    Edges(Vec<(&'a str, EdgePart)>),
}

enum EdgePart {
    Cursor,
    TypeName(String),
    Node(Shape),
}

/// Page as read from the database.
struct Page {
    scope: CursorScope,
    total: i64,
    next: bool,
    previous: bool,
    rows: Vec<Row>,
    /// Columns of a row's cursor.
    cursor: Vec<usize>,
}

/// Resolves a connection. `extra` is a column of the type's own table and its required value.
///
/// # Errors
/// Fails for an invalid argument, a record type that is not open, or a database error.
pub async fn connection(
    ctx: &FieldContext<'_>,
    entity: &'static Entity,
    extra: Option<(&'static str, Value)>,
) -> Result<Vec<u8>, Error> {
    let (pool, seen) = (ctx.pool(), ctx.seen());
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let mut conditions: Vec<Condition> = entity.always(&alias).into_iter().collect();
    conditions.extend(seen.condition(entity, &alias)?);
    let field = &ctx.field;
    let arguments = ListArguments::read(field)?;
    conditions.extend(arguments.condition(&mut builder, entity, &alias)?);
    let terms = arguments.terms(&mut builder, entity, &alias)?;
    let other = extra
        .as_ref()
        .map(|(column, value)| ["{t}.", column, " = ", &value.text()].concat())
        .unwrap_or_default();
    let scope = CursorScope::new(entity.list, &terms, arguments.filter.as_ref(), &other);
    if let Some((column, value)) = extra {
        let column = Expression::column(&alias, column);
        conditions.push(Condition::equal(column, Expression::Value(value)));
    }
    let selected = field.under(&format!("{}Connection", entity.name));
    let mut page = Page {
        scope,
        total: 0,
        next: false,
        previous: false,
        rows: Vec::new(),
        cursor: Vec::new(),
    };
    if selected.iter().any(|part| part.name() == "totalCount") {
        builder.codes().check(pool).await?;
        let counted = Select {
            columns: vec![Expression::Aggregate(Box::new(Aggregate::Count))],
            conditions: conditions.clone(),
            ..Select::default()
        };
        let counted = entity.complete(&alias, &[], counted);
        let rows = pool.query(&counted, Planning::Custom).await?;
        page.total = rows.first().map(|row| row.long(0)).transpose()?.flatten().unwrap_or(0);
    }
    for (argument, cursor, after) in arguments.cursors() {
        let values = page.scope.open(argument, cursor, terms.len())?;
        conditions.push(beyond(argument, &terms, &values, after)?);
    }
    let mut plan = ColumnPlan::new(&mut builder, seen, &alias);
    let parts = selected.iter().map(|field| Ok((field.key(), part(&mut plan, entity, field)?)));
    let parts = parts.collect::<Result<Vec<_>, Error>>()?;
    if selected.iter().any(|part| !matches!(part.name(), "totalCount" | "__typename")) {
        if selected.iter().any(shows_cursors) {
            page.cursor =
                terms.iter().map(|term| plan.column(term.by.clone().cast("text"))).collect();
        }
        let order = ordered(&terms, arguments.backward);
        let limit = Some(arguments.size + 1);
        let select = Select { conditions, order, limit, ..Select::default() };
        page.rows = plan.read(pool, entity, select, Planning::Cached).await?;
        let more = page.rows.len() as i64 > arguments.size;
        page.rows.truncate(arguments.size as usize);
        if arguments.backward {
            page.rows.reverse();
        }
        (page.next, page.previous) = arguments.neighbors(more);
    }
    let mut out = Vec::with_capacity(page.rows.len() * 128 + 64);
    page.write(&parts, &mut out)?;
    Ok(out)
}

/// Returns whether a part of a connection contains cursors.
fn shows_cursors(part: &Selected<'_>) -> bool {
    match part.name() {
        "edges" => part.all().iter().any(|one| one.name() == "cursor"),
        "pageInfo" => part.under("PageInfo").iter().any(|one| one.name().ends_with("Cursor")),
        _ => false,
    }
}

fn part<'a>(
    plan: &mut ColumnPlan<'_>,
    entity: &Entity,
    field: &Selected<'a>,
) -> Result<Part<'a>, Error> {
    let name = entity.name;
    Ok(match field.name() {
        "totalCount" => Part::Total,
        "pageInfo" => Part::PageInfo(field.under("PageInfo")),
        "nodes" => Part::Nodes(plan.record(entity, &field.under(name))?),
        "edges" => {
            let mut members = Vec::new();
            for one in field.under(&format!("{name}Edge")) {
                let member = match one.name() {
                    "cursor" => EdgePart::Cursor,
                    "node" => EdgePart::Node(plan.record(entity, &one.under(name))?),
                    _ => EdgePart::TypeName(format!("{name}Edge")),
                };
                members.push((one.key(), member));
            }
            Part::Edges(members)
        }
        _ => Part::TypeName(format!("{name}Connection")),
    })
}

impl Page {
    fn write(&self, parts: &[(&str, Part<'_>)], out: &mut Vec<u8>) -> Result<(), Error> {
        out.push(b'{');
        for (at, (name, part)) in parts.iter().enumerate() {
            key(name, at == 0, out);
            match part {
                Part::Total => out.extend_from_slice(self.total.to_string().as_bytes()),
                Part::TypeName(name) => text(name, out),
                Part::PageInfo(fields) => self.write_info(fields, out)?,
                Part::Nodes(shape) => listed(&self.rows, out, |row, out| shape.write(row, out))?,
                Part::Edges(members) => listed(&self.rows, out, |row, out| {
                    out.push(b'{');
                    for (at, (name, member)) in members.iter().enumerate() {
                        key(name, at == 0, out);
                        match member {
                            EdgePart::Cursor => self.write_cursor(Some(row), out)?,
                            EdgePart::TypeName(name) => text(name, out),
                            EdgePart::Node(shape) => shape.write(row, out)?,
                        }
                    }
                    out.push(b'}');
                    Ok(())
                })?,
            }
        }
        out.push(b'}');
        Ok(())
    }

    fn write_info(&self, fields: &[Selected<'_>], out: &mut Vec<u8>) -> Result<(), Error> {
        let flag = |flag: bool, out: &mut Vec<u8>| {
            out.extend_from_slice(if flag { b"true" } else { b"false" })
        };
        out.push(b'{');
        for (at, field) in fields.iter().enumerate() {
            key(field.key(), at == 0, out);
            match field.name() {
                "hasNextPage" => flag(self.next, out),
                "hasPreviousPage" => flag(self.previous, out),
                "startCursor" => self.write_cursor(self.rows.first(), out)?,
                "endCursor" => self.write_cursor(self.rows.last(), out)?,
                _ => text("PageInfo", out),
            }
        }
        out.push(b'}');
        Ok(())
    }

    fn write_cursor(&self, row: Option<&Row>, out: &mut Vec<u8>) -> Result<(), Error> {
        let Some(row) = row else {
            out.extend_from_slice(b"null");
            return Ok(());
        };
        let value = |at: &usize| row.with_text(*at, |text| text.map(str::to_owned));
        let values = self.cursor.iter().map(value).collect::<Result<Vec<_>, _>>()?;
        text(&self.scope.cursor(&values), out);
        Ok(())
    }
}

/// Resolves a plain list of the records that a filter selects.
///
/// # Errors
/// Fails for an invalid argument or a database error.
pub async fn list(
    ctx: &FieldContext<'_>,
    entity: &'static Entity,
    filter: &IndexMap<Name, InputValue>,
) -> Result<Vec<u8>, Error> {
    let (pool, seen) = (ctx.pool(), ctx.seen());
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let mut conditions: Vec<Condition> = entity.always(&alias).into_iter().collect();
    conditions.push(condition(&mut builder, entity, &alias, filter)?);
    let order = ordered(&terms(&mut builder, None, entity, &alias)?, false);
    let mut plan = ColumnPlan::new(&mut builder, seen, &alias);
    let shape = plan.record(entity, &ctx.field.under(entity.name))?;
    let select = Select { conditions, order, ..Select::default() };
    let rows = plan.read(pool, entity, select, Planning::Cached).await?;
    let mut out = Vec::new();
    listed(&rows, &mut out, |row, out| shape.write(row, out))?;
    Ok(out)
}

/// Resolves records by their keys. Omits the keys without a record that the viewer may see.
///
/// # Errors
/// Fails for a record type that is not open, or a database error.
pub async fn by_keys(
    ctx: &FieldContext<'_>,
    entity: &'static Entity,
    keys: &[i64],
) -> Result<HashMap<i64, Vec<u8>>, Error> {
    let (pool, seen) = (ctx.pool(), ctx.seen());
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let mut conditions: Vec<Condition> = entity.always(&alias).into_iter().collect();
    conditions.extend(seen.condition(entity, &alias)?);
    let wanted = keys.iter().map(|key| Value::Long(*key)).collect();
    conditions.push(Condition::In(entity.key(&alias), wanted));
    let mut plan = ColumnPlan::new(&mut builder, seen, &alias);
    let shape = plan.record(entity, &ctx.field.under(entity.name))?;
    let key = plan.column(entity.key(&alias).cast("bigint"));
    let select = Select { conditions, ..Select::default() };
    // The number of keys is part of the text, so only the statement for one is prepared.
    let planning = if keys.len() == 1 { Planning::Cached } else { Planning::Custom };
    let mut records = HashMap::new();
    for row in plan.read(pool, entity, select, planning).await? {
        let mut json = Vec::new();
        shape.write(&row, &mut json)?;
        records.extend(row.long(key)?.map(|key| (key, json)));
    }
    Ok(records)
}
