//! Names of organizations, for rows that are grouped by them.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Text};
use diesel::{ExpressionMethods, QueryDsl};
use hotwash_schema::SchemaError;
use hotwash_schema::copy::{OpenTransaction, RunStatement};
use hotwash_schema::tables::organization;

/// Reads the names by number.
///
/// # Errors
/// If Postgres rejects the statement.
pub async fn names(
    transaction: &OpenTransaction<'_>,
) -> Result<BTreeMap<i64, String>, SchemaError> {
    let known = organization::table.filter(organization::organization_id.gt(0));
    let names = known.select((organization::organization_id, organization::name));
    let names: Vec<(i64, String)> = transaction.rows::<(BigInt, Text), _>(names).await?;
    Ok(names.into_iter().collect())
}
