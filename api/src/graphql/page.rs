//! Relay paging, plain lists and single records: one statement for the page and all that is nested
//! in it.

use async_graphql::Error;
use async_graphql::dynamic::ResolverContext;
use tokio_postgres::Row;

use super::arguments::ListArguments;
use super::cursor::{CursorScope, SortKey, beyond, terms};
use super::entity::{Entity, ScalarKind};
use super::filter::Builder;
use super::plan::ColumnPlan;
use super::pool::Pool;
use super::raw_json::{key, text};
use super::select::ViewerScope;
use super::selection::Selected;
use super::shape::Shape;

/// A member of a connection, by what it takes to write it.
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

/// A page as read.
struct Page {
    scope: CursorScope,
    total: i64,
    next: bool,
    previous: bool,
    rows: Vec<Row>,
    /// Columns of a row's cursor.
    cursor: Vec<usize>,
}

/// Resolves a connection.
///
/// # Errors
/// A wrong argument, a record type that is not open, a fault of the database.
pub async fn connection(
    ctx: &ResolverContext<'_>,
    entity: &'static Entity,
    extra: Option<(String, ScalarKind, String)>,
) -> Result<Vec<u8>, Error> {
    let pool = ctx.data::<Pool>()?;
    let seen = ctx.data::<ViewerScope>()?;
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let mut wheres = vec![entity.only.replace("{t}", &alias)];
    if let Some(visible) = seen.condition(entity, &alias)? {
        wheres.push(visible);
    }
    let field = Selected::of(ctx);
    let arguments = ListArguments::read(&field)?;
    wheres.extend(arguments.condition(&mut builder, entity, &alias)?);
    let terms = arguments.terms(entity, &alias)?;
    let other =
        extra.as_ref().map(|(sql, _, value)| format!("{sql} = {value}")).unwrap_or_default();
    let scope = CursorScope::new(entity.list, &terms, arguments.filter.as_ref(), &other);
    if let Some((sql, kind, value)) = extra {
        let bound = builder.bind(value, kind);
        wheres.push(format!("{} = {bound}", sql.replace("{t}", &alias)));
    }
    let asked = field.under(&format!("{}Connection", entity.name));
    let from = entity.from.replace("{t}", &alias);
    let mut page = Page {
        scope,
        total: 0,
        next: false,
        previous: false,
        rows: Vec::new(),
        cursor: Vec::new(),
    };
    if asked.iter().any(|part| part.name() == "totalCount") {
        let counted = wheres.join(" and ");
        let sql =
            format!("select count(*) from {} where {counted}", entity.tables(&alias, &counted));
        let rows = pool.query(&sql, &builder.values).await?;
        page.total = rows.first().map_or(0, |row| row.get(0));
    }
    for (argument, cursor, after) in arguments.cursors() {
        let values = page.scope.open(argument, cursor, terms.len())?;
        wheres.push(beyond(&mut builder, &terms, &values, after));
    }
    let mut plan = ColumnPlan::new(&mut builder, seen, &alias);
    let parts = asked.iter().map(|field| Ok((field.key(), part(&mut plan, entity, field)?)));
    let parts = parts.collect::<Result<Vec<_>, Error>>()?;
    if asked.iter().any(|part| !matches!(part.name(), "totalCount" | "__typename")) {
        if asked.iter().any(shows_cursors) {
            page.cursor =
                terms.iter().map(|term| plan.column(format!("({})::text", term.sql))).collect();
        }
        let order = ordered(&terms, arguments.backward);
        let sql = plan.statement(&from, &wheres.join(" and "), &order, Some(arguments.size + 1));
        page.rows = pool.query(&sql, &builder.values).await?;
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

/// Expressions and directions of an order.
fn ordered(terms: &[SortKey], backward: bool) -> Vec<(String, &'static str)> {
    terms.iter().map(|term| (term.sql.clone(), term.direction(backward))).collect()
}

/// Returns whether a part of a connection shows cursors.
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
                Part::PageInfo(fields) => self.write_info(fields, out),
                Part::Nodes(shape) => listed(&self.rows, out, |row, out| shape.write(row, out))?,
                Part::Edges(members) => listed(&self.rows, out, |row, out| {
                    out.push(b'{');
                    for (at, (name, member)) in members.iter().enumerate() {
                        key(name, at == 0, out);
                        match member {
                            EdgePart::Cursor => self.write_cursor(Some(row), out),
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

    fn write_info(&self, fields: &[Selected<'_>], out: &mut Vec<u8>) {
        let flag = |flag: bool, out: &mut Vec<u8>| {
            out.extend_from_slice(if flag { b"true" } else { b"false" })
        };
        out.push(b'{');
        for (at, field) in fields.iter().enumerate() {
            key(field.key(), at == 0, out);
            match field.name() {
                "hasNextPage" => flag(self.next, out),
                "hasPreviousPage" => flag(self.previous, out),
                "startCursor" => self.write_cursor(self.rows.first(), out),
                "endCursor" => self.write_cursor(self.rows.last(), out),
                _ => text("PageInfo", out),
            }
        }
        out.push(b'}');
    }

    fn write_cursor(&self, row: Option<&Row>, out: &mut Vec<u8>) {
        match row {
            Some(row) => {
                let values: Vec<Option<&str>> =
                    self.cursor.iter().map(|at| row.try_get(*at).ok().flatten()).collect();
                text(&self.scope.cursor(&values), out);
            }
            None => out.extend_from_slice(b"null"),
        }
    }
}

/// Writes rows as a list.
///
/// # Errors
/// The first that `write` meets.
pub fn listed<R>(
    rows: impl IntoIterator<Item = R>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(R, &mut Vec<u8>) -> Result<(), Error>,
) -> Result<(), Error> {
    out.push(b'[');
    for (at, row) in rows.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(row, out)?;
    }
    out.push(b']');
    Ok(())
}

/// Resolves a plain list.
///
/// # Errors
/// A wrong argument, a fault of the database.
pub async fn list(
    ctx: &ResolverContext<'_>,
    entity: &'static Entity,
    extra: Option<(&'static str, String)>,
) -> Result<Vec<u8>, Error> {
    let pool = ctx.data::<Pool>()?;
    let seen = ctx.data::<ViewerScope>()?;
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let mut only = entity.only.replace("{t}", &alias);
    if let Some((sql, value)) = extra {
        let bound = builder.bind(value, ScalarKind::Text);
        only = format!("{only} and {} = {bound}", sql.replace("{t}", &alias));
    }
    let mut plan = ColumnPlan::new(&mut builder, seen, &alias);
    let shape = plan.record(entity, &Selected::of(ctx).under(entity.name))?;
    let sql = plan.statement(
        &entity.from.replace("{t}", &alias),
        &only,
        &ordered(&terms(None, entity, &alias)?, false),
        None,
    );
    let rows = pool.query(&sql, &builder.values).await?;
    let mut out = Vec::new();
    listed(&rows, &mut out, |row, out| shape.write(row, out))?;
    Ok(out)
}

/// Resolves one record by its key.
///
/// # Errors
/// A fault of the database.
pub async fn one(
    ctx: &ResolverContext<'_>,
    entity: &'static Entity,
    number: i64,
) -> Result<Option<Vec<u8>>, Error> {
    let pool = ctx.data::<Pool>()?;
    let seen = ctx.data::<ViewerScope>()?;
    let mut builder = Builder::new(seen);
    let alias = builder.alias();
    let mut wheres = entity.only.replace("{t}", &alias);
    if let Some(visible) = seen.condition(entity, &alias)? {
        wheres = format!("{wheres} and {visible}");
    }
    let bound = builder.bind(number.to_string(), ScalarKind::Long);
    wheres = format!("{wheres} and {} = {bound}", entity.id.replace("{t}", &alias));
    let mut plan = ColumnPlan::new(&mut builder, seen, &alias);
    let shape = plan.record(entity, &Selected::of(ctx).under(entity.name))?;
    let sql = plan.statement(&entity.from.replace("{t}", &alias), &wheres, &[], None);
    let rows = pool.query(&sql, &builder.values).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut out = Vec::new();
    shape.write(row, &mut out)?;
    Ok(Some(out))
}
