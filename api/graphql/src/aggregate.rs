//! Resolver of `…Aggregate`: filter, group, having, order and limit over one type in one statement.
//! Large and frequently queried types use cached columns.

mod cached;
mod query;
mod statement;

use std::time::Instant;

use async_graphql::Error;
use async_graphql::dynamic::ResolverContext;

use super::column_cache::PinnedColumnCache;
use super::entity::{Entity, EntityField, ScalarKind};
use super::filter::Builder;
use super::page::listed;
use super::pool::{Planning, QueryPool};
use super::select::ViewerScope;
use query::AggregateQuery;

/// Functions over numbers.
pub const FUNCTIONS: [&str; 4] = ["sum", "avg", "min", "max"];

/// Returns the columns that can be summed and averaged.
pub fn numbers(entity: &'static Entity) -> impl Iterator<Item = &'static EntityField> {
    entity
        .fields
        .iter()
        .filter(|field| field.shown && field.kind.is_number() && field.formula.is_plain())
}

/// Returns the GraphQL description of a function.
pub fn function_description(function: &str) -> &'static str {
    match function {
        "sum" => "The sum over the group's records.",
        "avg" => "The mean over the group's records that have a value.",
        "min" => "The least value in the group.",
        _ => "The greatest value in the group.",
    }
}

/// Returns the kind of a function's value over a column.
pub fn kind_of(function: &str, column: ScalarKind) -> ScalarKind {
    match (function, column) {
        ("avg", _) | (_, ScalarKind::Float) => ScalarKind::Float,
        ("sum", _) | (_, ScalarKind::Long) => ScalarKind::Long,
        _ => ScalarKind::Int,
    }
}

/// Resolves an aggregate to a list of groups.
///
/// # Errors
/// Fails for an invalid argument or a database error.
pub async fn groups(ctx: &ResolverContext<'_>, entity: &'static Entity) -> Result<Vec<u8>, Error> {
    let seen = ctx.data::<ViewerScope>()?;
    let (query, shape) = AggregateQuery::read(ctx, entity)?;
    let filter = match ctx.args.try_get("filter") {
        Ok(filter) if !filter.is_null() => Some(filter.object()?),
        _ => None,
    };
    let filter = filter.as_ref().map(|filter| filter.as_index_map());
    // Always build the statement, because building it validates the filter.
    let mut builder = Builder::new(seen);
    let select = statement::statement(&query, &mut builder, seen, filter)?;
    let mut out = Vec::new();
    let cache = ctx.data_opt::<PinnedColumnCache>();
    let column_query = cache.and_then(|_| cached::column_query(&query, seen, filter));
    if let (Some(cache), Some(column_query)) = (cache, &column_query)
        && let Some(counted) = cache.answer(column_query).await
    {
        query.check(counted.groups)?;
        let lines = (0..counted.groups).map(|row| cached::Line { counted: &counted, row });
        listed(lines, &mut out, |line, out| shape.write(&line, out))?;
        return Ok(out);
    }
    let began = Instant::now();
    let rows = ctx.data::<QueryPool>()?.query(&select, Planning::Custom).await;
    // Record timeouts too: slow queries need the column cache most.
    if let (Some(cache), Some(column_query)) = (cache, column_query) {
        cache.record_postgres_time(column_query, began.elapsed());
    }
    let rows = rows?;
    query.check(rows.len())?;
    listed(&rows, &mut out, |row, out| shape.write(row, out))?;
    Ok(out)
}
