//! Status of the warehouse: rows per table, version and last load.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::error::SchemaError;

/// The state of the warehouse at one moment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WarehouseStatus {
    /// Version of the warehouse; every change raises it.
    pub version: i64,
    /// Rows of each table of facts and of the main dimensions, in the order of the data model.
    #[serde(serialize_with = "as_map")]
    pub tables: Vec<(String, i64)>,
    /// End of the last load that changed something.
    pub last_load: Option<DateTime<Utc>>,
    /// True if generated, fictional records are among them.
    pub fictional: bool,
}

fn as_map<S: serde::Serializer>(
    tables: &[(String, i64)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(tables.iter().map(|(table, rows)| (table, rows)))
}

const TABLES: [&str; 22] = [
    "region",
    "county",
    "municipality",
    "organization",
    "capability",
    "hazard",
    "event",
    "incident",
    "exercise",
    "after_action_report",
    "participation",
    "milestone",
    "information_request",
    "resource_request",
    "capability_rating",
    "finding",
    "corrective_action",
    "action_status_history",
    "risk_assessment",
    "risk_score",
    "requirement",
    "calendar_date",
];

/// Counts the rows of every table in one statement, at one moment. The `unmapped` members are not
/// counted.
pub fn sql() -> String {
    let counts: Vec<String> = TABLES
        .iter()
        .map(|table| match *table {
            "region" | "county" | "organization" | "capability" | "hazard" => {
                format!("(select count(*) from warehouse.{table} where {table}_id > 0)")
            }
            _ => format!("(select count(*) from warehouse.{table})"),
        })
        .collect();
    format!(
        "select meta.warehouse_version(), (select max(finished_at) from meta.file where status = \
         'LOADED'), \
         exists (select from meta.file where fictional and status = 'LOADED'), array[{}]::bigint[]",
        counts.join(", ")
    )
}

/// The state that the statement of [`sql`] gave.
pub fn from_row(row: &tokio_postgres::Row) -> WarehouseStatus {
    let counts: Vec<i64> = row.get(3);
    WarehouseStatus {
        version: row.get(0),
        last_load: row.get(1),
        fictional: row.get(2),
        tables: TABLES.iter().map(ToString::to_string).zip(counts).collect(),
    }
}

/// The state now.
pub async fn read(url: &str) -> Result<WarehouseStatus, SchemaError> {
    let client = crate::connect::connect(url).await?;
    Ok(from_row(&client.query_one(sql().as_str(), &[]).await?))
}
