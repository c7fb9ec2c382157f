//! Status of the warehouse: rows per table, version and last load.

use chrono::{DateTime, Utc};
use diesel::dsl::{array, count_star, exists, max};
use diesel::sql_types::BigInt;
use diesel::{BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use serde::Serialize;

use crate::error::SchemaError;
use crate::functions::warehouse_version;
use crate::pool::Pool;
use crate::tables::file;

/// Status of the warehouse at one time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WarehouseStatus {
    /// Version of the warehouse; every change increases it.
    pub version: i64,
    /// Rows of each table of facts and of the main dimensions, in the order of the data model.
    #[serde(serialize_with = "as_map")]
    pub tables: Vec<(String, i64)>,
    /// End of the last load that changed the warehouse.
    pub last_load: Option<DateTime<Utc>>,
    /// The warehouse contains generated, fictional records.
    pub fictional: bool,
}

fn as_map<S: serde::Serializer>(
    tables: &[(String, i64)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(tables.iter().map(|(table, rows)| (table, rows)))
}

/// Builds the expressions that count the rows of tables, by Diesel's `tables`. A dimension is given
/// with its key, and its `unmapped` members are not counted.
macro_rules! counts {
    ($($table:ident $(($key:ident))?),* $(,)?) => {
        const TABLES: &[&str] = &[$(stringify!($table)),*];

        macro_rules! row_counts {
            () => {
                ($({
                    use crate::tables::$table;
                    let rows = $table::table.select(count_star())$(.filter($table::$key.gt(0)))?;
                    rows.single_value().assume_not_null()
                },)*)
            };
        }
    };
}

counts! {
    region(region_id),
    county(county_id),
    municipality,
    organization(organization_id),
    capability(capability_id),
    hazard(hazard_id),
    event,
    incident,
    exercise,
    after_action_report,
    participation,
    milestone,
    information_request,
    resource_request,
    capability_rating,
    finding,
    corrective_action,
    action_status_history,
    risk_assessment,
    risk_score,
    requirement,
    calendar_date,
}

/// Reads the status in one statement, at one moment.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn read(pool: &Pool) -> Result<WarehouseStatus, SchemaError> {
    let last_load = file::table.filter(file::status.eq("LOADED")).select(max(file::finished_at));
    let fictional = file::table.filter(file::fictional.and(file::status.eq("LOADED")));
    let status = diesel::select((
        warehouse_version(),
        last_load.single_value(),
        exists(fictional),
        array::<BigInt, _>(row_counts!()),
    ));
    let (version, last_load, fictional, counts) = pool
        .run(async |connection| {
            let row = status.get_result::<(i64, Option<DateTime<Utc>>, bool, Vec<i64>)>(connection);
            Ok::<_, SchemaError>(row.await?)
        })
        .await?;
    let tables = TABLES.iter().map(ToString::to_string).zip(counts).collect();
    Ok(WarehouseStatus { version, tables, last_load, fictional })
}

#[cfg(test)]
mod tests {
    use super::TABLES;
    use crate::record::{EVENT_COUNTY, RECORD_TYPES};

    #[test]
    fn every_record_type_is_counted() {
        for record in RECORD_TYPES.iter().filter(|record| **record != &EVENT_COUNTY) {
            assert!(TABLES.contains(&record.name), "{}", record.name);
        }
    }
}
