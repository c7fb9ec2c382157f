//! Resolver of `…Aggregate`: filter, group, having, order and limit over one type in one statement.
//! Large and frequently queried types use cached columns.

mod cached;
pub mod functions;
mod query;
mod statement;

use std::time::Instant;

use async_graphql::{Error, Value};

use super::entity::Entity;
use super::field_context::FieldContext;
use super::filter::Builder;
use super::json::listed;
use super::pool::Planning;
use query::AggregateQuery;

/// Returns the name of the root field for a type.
pub fn field_name(of: &Entity) -> String {
    [&of.name[..1].to_lowercase(), &of.name[1..], "Aggregate"].concat()
}

/// Resolves an aggregate to a list of groups.
///
/// # Errors
/// Fails for an invalid argument or a database error.
pub async fn groups(ctx: &FieldContext<'_>, entity: &'static Entity) -> Result<Vec<u8>, Error> {
    let seen = ctx.seen();
    let (query, shape) = AggregateQuery::read(&ctx.field, entity, seen)?;
    let filter = match ctx.field.given("filter") {
        Some(Value::Object(members)) => Some(members),
        _ => None,
    };
    let filter = filter.as_ref();
    // Always build the statement, because building it validates the filter.
    let mut builder = Builder::new(seen);
    let select = statement::statement(&query, &mut builder, seen, filter)?;
    builder.codes().check(ctx.pool()).await?;
    let mut out = Vec::new();
    let cache = ctx.columns();
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
    let rows = ctx.pool().query(&select, Planning::Custom).await;
    // Record timeouts too: slow queries need the column cache most.
    if let (Some(cache), Some(column_query)) = (cache, column_query) {
        cache.record_postgres_time(column_query, began.elapsed());
    }
    let rows = rows?;
    query.check(rows.len())?;
    listed(&rows, &mut out, |row, out| shape.write(row, out))?;
    Ok(out)
}
