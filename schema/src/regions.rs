//! The coalition regions.

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::error::SchemaError;
use crate::profile;
use crate::tables::{region, region_scheme};

/// Returns the codes of the coalition regions, in order.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn codes(connection: &mut AsyncPgConnection) -> Result<Vec<String>, SchemaError> {
    let codes = region::table
        .inner_join(region_scheme::table)
        .filter(region_scheme::code.eq(&profile::active().regions.scheme))
        .filter(region::region_id.gt(0))
        .select(region::code)
        .order(region::code);
    Ok(codes.load(connection).await?)
}
