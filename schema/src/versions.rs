//! Retention of superseded versions of records.

use diesel::dsl::{IntervalDsl, exists, now, select};
use diesel::sql_types::Timestamptz;
use diesel::{ExpressionMethods, IntoSql, OptionalExtension, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::error::SchemaError;
use crate::tables::{record_version, setting};

/// Setting with the number of days for which a superseded version is stored.
const SETTING: &str = "version_days";

/// Number of days for which a superseded version is stored without the setting: five years.
const DAYS: i64 = 1826;

/// Deletes versions that were superseded longer ago than the retention. Returns their number.
///
/// # Errors
/// Fails if the warehouse cannot be written, or the setting is not a number of days.
pub async fn delete_expired(connection: &mut AsyncPgConnection) -> Result<usize, SchemaError> {
    let days: Option<Value> =
        setting::table.find(SETTING).select(setting::value).first(connection).await.optional()?;
    let days = match days {
        None => DAYS,
        Some(value) => value.as_i64().filter(|days| (1..=100_000).contains(days)).ok_or_else(|| {
            SchemaError::Setting(format!(
                "meta.setting: {SETTING} is {value}, which is not a number of days; set it to a \
                 whole number from 1, such as {DAYS}"
            ))
        })?,
    };
    let first = now.into_sql::<Timestamptz>() - i32::try_from(days).unwrap_or(i32::MAX).days();
    let expired = record_version::table.filter(record_version::valid_to.lt(first));
    // A deletion of no rows would raise the table's version.
    if !select(exists(expired)).get_result::<bool>(connection).await? {
        return Ok(0);
    }
    Ok(diesel::delete(expired).execute(connection).await?)
}
