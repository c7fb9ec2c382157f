//! Reads the copies of dimensions that an answer needs.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Error;
use hotwash_schema::access::Viewer;

use super::{DimensionCopy, DimensionList, Record, stored, version};
use crate::cursor::{ordered, terms};
use crate::entity::Entity;
use crate::error::internal;
use crate::filter::Builder;
use crate::pool::{Planning, QueryPool, Row};
use crate::shape::{RowReader as _, Shape};
use crate::sql::{Expression, Select};
use crate::viewer_scope::ViewerScope;

/// Gives lists the copies that they need to write these rows. Each list has the number of the
/// column with its version.
///
/// # Errors
/// Fails for a database error.
pub async fn read_copies(
    pool: &QueryPool,
    lists: &[(usize, Arc<DimensionList>)],
    rows: &[Row],
) -> Result<(), Error> {
    let Some(row) = rows.first() else { return Ok(()) };
    for (at, list) in lists {
        let version = row.long(*at)?.unwrap_or_default();
        let copy = match pool.dimensions().find(list.of, version) {
            Some(copy) => copy,
            None => {
                let copy = Arc::new(read(pool, list.of).await?);
                pool.dimensions().store(list.of, &copy);
                copy
            }
        };
        // A list is written for one statement only.
        let _ = list.copy.set(copy);
    }
    Ok(())
}

/// Reads a dimension in its default order.
async fn read(pool: &QueryPool, of: &'static Entity) -> Result<DimensionCopy, Error> {
    // Dimensions are open to everyone, so the scope has no effect.
    let open = ViewerScope { viewer: Viewer::local(), regions: Vec::new() };
    let mut builder = Builder::new(&open);
    let alias = builder.alias();
    let order = ordered(&terms(&mut builder, None, of, &alias)?, false);
    let mut columns = vec![version(of), of.key(&alias).cast("bigint")];
    let mut shapes = vec![Shape::Id(1, of.name)];
    for field in stored(of) {
        shapes.push(Shape::Value(columns.len(), field.kind));
        columns.push(Expression::of(&field.formula, &alias).cast(field.kind.sql()));
    }
    let conditions = of.always(&alias).into_iter().collect();
    let select = Select { columns, conditions, order, ..Select::default() };
    let rows = pool.query(&of.complete(&alias, &[], select), Planning::Cached).await?;
    let mut copy = DimensionCopy { version: 0, records: HashMap::with_capacity(rows.len()) };
    for (position, row) in rows.iter().enumerate() {
        copy.version = row.long(0)?.unwrap_or_default();
        let id = row.long(1)?.and_then(|id| i32::try_from(id).ok());
        let id = id.ok_or_else(|| internal(&"a dimension has a record without a key"))?;
        let json = shapes.iter().map(|shape| {
            let mut json = Vec::new();
            shape.write(row, &mut json)?;
            Ok(json)
        });
        let json = json.collect::<Result<_, Error>>()?;
        copy.records.insert(id, Record { position, json });
    }
    Ok(copy)
}
