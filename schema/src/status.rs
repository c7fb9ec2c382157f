//! Status of the warehouse: rows per table, version and last load.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, max, sql};
use diesel::expression::{SqlLiteral, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt};
use diesel::{
    AppearsOnTable, BoolExpressionMethods, Expression, ExpressionMethods, QueryDsl, QueryResult,
    SelectableExpression,
};
use diesel_async::RunQueryDsl;
use serde::Serialize;

use crate::error::SchemaError;
use crate::functions::warehouse_version;
use crate::pool::Pool;
use crate::record::RECORD_TYPES;
use crate::tables::file;

/// Returns the query for the generation of the warehouse and its version: the sum and the greatest
/// of the versions of its tables. Every change raises both, but transactions that commit out of
/// order raise the sum alone.
pub fn generation_and_version() -> SqlLiteral<(BigInt, BigInt)> {
    sql("select coalesce(sum(version), 0)::bigint, coalesce(max(version), 0) from \
         meta.table_version")
}

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

/// Dimensions, which are counted along with the record types.
const DIMENSIONS: [&str; 4] = ["region", "county", "capability", "hazard"];
/// Dimensions with an `unmapped` member, which is not counted.
const WITH_UNMAPPED: [&str; 5] = ["region", "county", "organization", "capability", "hazard"];

/// Returns the counted tables of the schema `warehouse`, in the order of the data model.
fn tables() -> Vec<&'static str> {
    let records = RECORD_TYPES.iter().flat_map(|record| {
        let parts: &[&str] = match record.name {
            "event" => &["incident", "exercise", "after_action_report"],
            "corrective_action" => &["action_status_history"],
            _ => &[],
        };
        std::iter::once(record.name).chain(parts.iter().copied())
    });
    DIMENSIONS.into_iter().chain(records).chain(["calendar_date"]).collect()
}

/// SQL array of the numbers of rows of tables.
#[derive(QueryId)]
struct RowCounts(Vec<&'static str>);

impl Expression for RowCounts {
    type SqlType = Array<BigInt>;
}

impl ValidGrouping<()> for RowCounts {
    type IsAggregate = is_aggregate::Never;
}

impl<QS> SelectableExpression<QS> for RowCounts {}
impl<QS> AppearsOnTable<QS> for RowCounts {}

impl QueryFragment<Pg> for RowCounts {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.unsafe_to_cache_prepared();
        for (index, table) in self.0.iter().enumerate() {
            pass.push_sql(if index == 0 { "array[(" } else { "), (" });
            pass.push_sql("select count(*) from warehouse.");
            pass.push_identifier(table)?;
            if WITH_UNMAPPED.contains(table) {
                pass.push_sql(" where ");
                pass.push_identifier(&format!("{table}_id"))?;
                pass.push_sql(" > 0");
            }
        }
        pass.push_sql(")]");
        Ok(())
    }
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
        RowCounts(tables()),
    ));
    let (version, last_load, fictional, counts) = pool
        .run(async |connection| {
            let row = status.get_result::<(i64, Option<DateTime<Utc>>, bool, Vec<i64>)>(connection);
            Ok::<_, SchemaError>(row.await?)
        })
        .await?;
    let tables = tables().into_iter().map(str::to_owned).zip(counts).collect();
    Ok(WarehouseStatus { version, tables, last_load, fictional })
}
