//! Publication: the defaults of every metric into `bi.metric_value`, in one transaction, so that BI tools read the same numbers.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use chrono::NaiveDate;
use hotwash_schema::SchemaError;
use hotwash_schema::access::Viewer;
use hotwash_schema::connect::connect;
use serde_json::Value;

use crate::ask::{Ask, Grain, MetricError};
use crate::definition::Definition;
use crate::metric::{Metric, evaluate, registry};
use crate::row::Row;
use crate::snapshot::Snapshot;
use crate::suppress::withheld_from;
use crate::tidy::show;

/// Grains that are published, the coarser first: what is withheld of a finer one follows from what is withheld of them.
const GRAINS: [(Option<Grain>, &str); 4] = [
    (None, "ALL"),
    (Some(Grain::FiscalYear), "FISCAL_YEAR"),
    (Some(Grain::Quarter), "QUARTER"),
    (Some(Grain::Month), "MONTH"),
];

/// Rows written by one statement.
const CHUNK: usize = 2_000;

/// A row to publish.
struct Told {
    metric: &'static Definition,
    grain: &'static str,
    row: Row,
    withheld_from: Vec<i32>,
}

/// Replaces the published values by those of this snapshot; readers see the old ones until it is done. Gives the rows written.
///
/// What tells of single records is left out: a published row is open to everyone who may see the aggregate. From whom a row is withheld
/// is decided here as for a question; Postgres shows it accordingly.
///
/// # Errors
/// When Postgres refuses, or a metric cannot be computed.
pub async fn publish(url: &str, snapshot: &Snapshot, as_of: NaiveDate) -> Result<u64, SchemaError> {
    let mut client = connect(url).await?;
    show(&mut client).await?;
    let capabilities = capability_ids(&client).await?;
    let ids = |names: BTreeMap<String, i32>| move |name: &str| names.get(name).copied();
    let region_id = ids(snapshot.regions.values().map(|region| (region.code.clone(), region.id)).collect());
    let hazard_id = ids(snapshot.hazards.values().map(|hazard| (hazard.code.clone(), hazard.id)).collect());
    let capability_id = ids(capabilities);
    let transaction = client.transaction().await?;
    transaction.execute("select pg_advisory_xact_lock(7748)", &[]).await?;
    let newer: bool = transaction
        .query_one("select exists (select from bi.metric_value where warehouse_version > $1)", &[&snapshot.version])
        .await?
        .get(0);
    if newer {
        return Ok(0);
    }
    // Postgres sums up the ratings while the metrics are computed here.
    let shared = snapshot.clone();
    let computing = tokio::task::spawn_blocking(move || told(&shared, as_of));
    transaction.execute("delete from bi.metric_value", &[]).await?;
    transaction.execute("select bi.summarize()", &[]).await?;
    let told = computing.await.map_err(|error| SchemaError::Database(format!("publication: {error}")))??;
    let mut values = told.into_iter().map(|told| {
        let Told { metric, grain, row, withheld_from } = told;
        let text = |name: &str| row.dimensions.get(name).and_then(Value::as_str).unwrap_or_default();
        serde_json::json!({
            "metric_id": metric.id, "grain": grain, "period": text("period"),
            "period_start": row.dimensions.get("periodStart"), "region_id": region_id(text("region")), "hazard_id": hazard_id(text("hazard")),
            "capability_id": capability_id(text("capability")),
            "dimensions": row.dimensions, "value": row.value, "unit": row.unit.as_str(),
            "numerator": row.numerator, "denominator": row.denominator, "n": row.n, "ci_low": row.ci_low, "ci_high": row.ci_high,
            "reliability": row.reliability.to_string(), "note": row.note, "extra": row.extra,
            "as_of": as_of, "warehouse_version": snapshot.version, "withheld_from": withheld_from,
        })
    });
    let mut written = 0;
    loop {
        let chunk: Vec<Value> = values.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            break;
        }
        written += transaction
            .execute(
                "insert into bi.metric_value (metric_id, grain, period, period_start, region_id, hazard_id, capability_id, dimensions, value, unit, numerator, \
                 denominator, n, ci_low, ci_high, reliability, note, extra, as_of, warehouse_version, withheld_from) \
                 select metric_id, grain, period, period_start, region_id, hazard_id, capability_id, dimensions, value, unit, numerator, denominator, n, ci_low, \
                 ci_high, reliability, note, extra, as_of, warehouse_version, withheld_from from jsonb_populate_recordset(null::bi.metric_value, $1)",
                &[&Value::Array(chunk)],
            )
            .await?;
    }
    transaction.commit().await?;
    Ok(written)
}

/// The rows of every metric at every grain, in the order of the registry; metrics are computed beside each other.
fn told(snapshot: &Snapshot, as_of: NaiveDate) -> Result<Vec<Told>, SchemaError> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mine = std::iter::from_fn(|| {
            let at = next.fetch_add(1, Ordering::Relaxed);
            registry().get(at).map(|metric| (at, told_of(snapshot, *metric, as_of)))
        });
        mine.collect::<Vec<_>>()
    };
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut done = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        // A panic goes on to who waits for this.
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect::<Vec<_>>()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    let lists: Vec<Vec<Told>> = done.into_iter().map(|(_, told)| told).collect::<Result<_, _>>()?;
    Ok(lists.into_iter().flatten().collect())
}

fn told_of(snapshot: &Snapshot, metric: &'static dyn Metric, as_of: NaiveDate) -> Result<Vec<Told>, SchemaError> {
    let definition = metric.definition();
    let failed = |error: MetricError| SchemaError::Database(format!("{}: {error}", definition.id));
    let mut told = Vec::new();
    for (grain, name) in GRAINS {
        let ask = Ask { period: grain, as_of, ..Ask::default() };
        let began = Instant::now();
        let result = evaluate(snapshot, definition.id, &ask, &Viewer::local()).map_err(failed)?;
        let computed = began.elapsed();
        let withheld =
            withheld_from(snapshot, metric, &ask, definition.default_group_by, &result.rows).map_err(failed)?;
        let (computed_ms, decided_ms) = (computed.as_millis() as u64, (began.elapsed() - computed).as_millis() as u64);
        tracing::debug!(metric = definition.id, grain = name, computed_ms, decided_ms, "rows to publish");
        for (mut row, withheld_from) in result.rows.into_iter().zip(withheld) {
            row.extra.retain(|name, _| !definition.single_records.contains(&name.as_str()));
            told.push(Told { metric: definition, grain: name, row, withheld_from });
        }
    }
    Ok(told)
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
