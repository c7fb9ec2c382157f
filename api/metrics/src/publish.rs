//! Publication: the defaults of every metric into `bi.metric_value`, in one transaction, so that BI tools read the same numbers.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use hotwash_schema::SchemaError;
use hotwash_schema::access::Viewer;
use hotwash_schema::connect::connect;
use serde_json::Value;

use crate::ask::{Ask, Grain, MetricError};
use crate::metric::{evaluate, registry};
use crate::snapshot::Snapshot;
use crate::suppress::{Tables, withheld_from};
use crate::tidy::show;

/// Replaces the published values by those of this snapshot; readers see the old ones until it is done. Gives the rows written.
///
/// What tells of single records is left out: a published row is open to everyone who may see the aggregate. From whom a row is withheld
/// is decided here as for a question; Postgres shows it accordingly.
pub async fn publish(url: &str, snapshot: &Snapshot, as_of: NaiveDate) -> Result<u64, SchemaError> {
    let mut client = connect(url).await?;
    show(&mut client).await?;
    let capabilities = capability_ids(&client).await?;
    let ids = |names: BTreeMap<String, i32>| move |name: &str| names.get(name).copied();
    let region_id = ids(snapshot.regions.values().map(|region| (region.code.clone(), region.id)).collect());
    let hazard_id = ids(snapshot.hazards.values().map(|hazard| (hazard.code.clone(), hazard.id)).collect());
    let capability_id = ids(capabilities);
    let mut values = Vec::new();
    for metric in registry() {
        let tables = Tables::new(snapshot, *metric);
        for (grain, name) in [
            (None, "ALL"),
            (Some(Grain::Month), "MONTH"),
            (Some(Grain::Quarter), "QUARTER"),
            (Some(Grain::FiscalYear), "FISCAL_YEAR"),
        ] {
            let ask = Ask { period: grain, as_of, ..Ask::default() };
            let failed = |error: MetricError| SchemaError::Database(format!("{}: {error}", metric.definition().id));
            let result = evaluate(snapshot, metric.definition().id, &ask, &Viewer::local()).map_err(failed)?;
            let group_by = result.definition.default_group_by;
            let withheld = withheld_from(&tables, &ask, group_by, &result.rows).map_err(failed)?;
            for (mut row, withheld) in result.rows.into_iter().zip(withheld) {
                row.extra.retain(|name, _| !result.definition.single_records.contains(&name.as_str()));
                let text = |name: &str| row.dimensions.get(name).and_then(Value::as_str).unwrap_or_default();
                values.push(serde_json::json!({
                    "metric_id": result.definition.id, "grain": name, "period": text("period"),
                    "period_start": row.dimensions.get("periodStart"), "region_id": region_id(text("region")), "hazard_id": hazard_id(text("hazard")),
                    "capability_id": capability_id(text("capability")),
                    "dimensions": row.dimensions, "value": row.value, "unit": row.unit.as_str(),
                    "numerator": row.numerator, "denominator": row.denominator, "n": row.n, "ci_low": row.ci_low, "ci_high": row.ci_high,
                    "reliability": row.reliability.to_string(), "note": row.note, "extra": row.extra,
                    "as_of": as_of, "warehouse_version": snapshot.version, "withheld_from": withheld,
                }));
            }
        }
    }
    let transaction = client.transaction().await?;
    transaction.execute("select pg_advisory_xact_lock(7748)", &[]).await?;
    let newer: bool = transaction
        .query_one("select exists (select from bi.metric_value where warehouse_version > $1)", &[&snapshot.version])
        .await?
        .get(0);
    if newer {
        return Ok(0);
    }
    transaction.execute("delete from bi.metric_value", &[]).await?;
    transaction.execute("select bi.summarize()", &[]).await?;
    let mut written = 0;
    for chunk in values.chunks(5_000) {
        written += transaction
            .execute(
                "insert into bi.metric_value (metric_id, grain, period, period_start, region_id, hazard_id, capability_id, dimensions, value, unit, numerator, \
                 denominator, n, ci_low, ci_high, reliability, note, extra, as_of, warehouse_version, withheld_from) \
                 select metric_id, grain, period, period_start, region_id, hazard_id, capability_id, dimensions, value, unit, numerator, denominator, n, ci_low, \
                 ci_high, reliability, note, extra, as_of, warehouse_version, withheld_from from jsonb_populate_recordset(null::bi.metric_value, $1)",
                &[&Value::Array(chunk.to_vec())],
            )
            .await?;
    }
    transaction.commit().await?;
    Ok(written)
}

/// Whether metrics have been published in this warehouse.
pub async fn is_published(url: &str) -> Result<bool, SchemaError> {
    Ok(connect(url).await?.query_one("select exists (select from bi.metric_value)", &[]).await?.get(0))
}

/// Ids of capabilities by framework and code, as `PHEP:6`: of several editions, the newest.
async fn capability_ids(client: &tokio_postgres::Client) -> Result<BTreeMap<String, i32>, SchemaError> {
    let sql = "select f.code || ':' || c.code, c.capability_id from warehouse.capability c join warehouse.capability_framework f \
               using (capability_framework_id) where c.capability_id > 0 order by f.edition";
    Ok(client.query(sql, &[]).await?.iter().map(|row| (row.get(0), row.get(1))).collect())
}
