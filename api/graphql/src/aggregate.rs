//! Resolver of `…Aggregate`: filter, group, having, order and limit over one type in one statement.
//! Large and frequently queried types use cached columns.

mod cached;
pub mod functions;
mod query;
mod statement;

use std::time::Instant;

use async_graphql::Error;
use async_graphql::dynamic::ResolverContext;

use super::column_cache::PinnedColumnCache;
use super::entity::Entity;
use super::filter::Builder;
use super::page::listed;
use super::pool::{Planning, QueryPool};
use super::viewer_scope::ViewerScope;
use query::AggregateQuery;

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
