//! Publication: writes the default rows of every metric to `bi.metric_value` in one transaction, so
//! that BI tools read the same numbers.

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Bool, Integer, Jsonb, Text};
use diesel::{select, sql_query};
use hotwash_schema::SchemaError;
use hotwash_schema::access::Viewer;
use hotwash_schema::copy::{Connection, OpenTransaction, RunStatement};
use hotwash_schema::functions::lock_transaction;
use serde_json::Value;

use crate::change::{Change, changes_of_released, changes_to_publish};
use crate::definition::MetricDefinition;
use crate::evaluate::evaluate;
use crate::metric::{Metric, registry};
use crate::metric_views::show;
use crate::parallel::on_all_cores;
use crate::query::{Dimension, Grain, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// Published grains, the coarser first. Suppression in a finer table depends on the coarser ones.
const GRAINS: [(Option<Grain>, &str); 4] = [
    (None, "ALL"),
    (Some(Grain::FiscalYear), "FISCAL_YEAR"),
    (Some(Grain::Quarter), "QUARTER"),
    (Some(Grain::Month), "MONTH"),
];

/// Advisory lock that lets one publication at a time write.
const LOCK: i64 = 7748;

/// Rows written by one statement.
const CHUNK: usize = 2_000;

/// A row to publish.
struct PublishedRow {
    metric: &'static MetricDefinition,
    grain: &'static str,
    row: MetricRow,
    /// Change from the period before, for rows by period.
    change: Option<Change>,
    scope: Scope,
    as_of: NaiveDate,
}

/// The readers of a published row.
#[derive(Clone, Copy)]
enum Scope {
    /// Members of the row's region, and roles that see all detail.
    Live,
    /// All others: a row of the release, whose table may be partial.
    Released { partial: bool },
    /// Everybody: the metric has no region dimension.
    Open,
}

impl Scope {
    fn as_str(self) -> &'static str {
        match self {
            Self::Live => "LIVE",
            Self::Released { .. } => "RELEASED",
            Self::Open => "OPEN",
        }
    }
}

/// Replaces the published values by those of this snapshot. Readers see the old values until the
/// transaction commits. Returns the number of rows written.
///
/// Extras about single records are left out. Rows of the latest release are published as well.
/// Postgres shows each reader the live rows of their own regions and the released rows of others.
///
/// # Errors
/// If Postgres rejects a statement, or a metric cannot be computed.
pub async fn publish(url: &str, snapshot: &Snapshot, as_of: NaiveDate) -> Result<u64, SchemaError> {
    let mut connection = Connection::open(url).await?;
    show(&mut connection).await?;
    let keys = Keys::of(&connection, snapshot).await?;
    let transaction = connection.begin().await?;
    if !begin(&transaction, snapshot).await? {
        return Ok(0);
    }
    // Postgres sums the ratings while the metrics are computed here.
    let shared = snapshot.clone();
    let computing = tokio::task::spawn_blocking(move || computed_rows(&shared, as_of));
    transaction.execute(sql_query("delete from bi.metric_value")).await?;
    transaction.execute(sql_query("select bi.summarize()")).await?;
    let computed_rows = computing
        .await
        .map_err(|error| SchemaError::Database(format!("publication: {error}")))??;
    let written = write(&transaction, &keys, computed_rows, snapshot.version).await?;
    transaction.commit().await?;
    Ok(written)
}

/// Replaces the published rows of the previous release by those of the snapshot's release. Live
/// rows stay. Returns the number of rows written.
///
/// # Errors
/// If Postgres rejects a statement.
pub async fn publish_release(url: &str, snapshot: &Snapshot) -> Result<u64, SchemaError> {
    let mut connection = Connection::open(url).await?;
    show(&mut connection).await?;
    let keys = Keys::of(&connection, snapshot).await?;
    let transaction = connection.begin().await?;
    if !begin(&transaction, snapshot).await? {
        return Ok(0);
    }
    let of_release = sql_query("delete from bi.metric_value where scope = 'RELEASED'");
    transaction.execute(of_release).await?;
    let written = write(&transaction, &keys, released(snapshot)?, snapshot.version).await?;
    transaction.commit().await?;
    Ok(written)
}

/// Waits for other publications. Returns false if a newer one exists already.
async fn begin(
    transaction: &OpenTransaction<'_>,
    snapshot: &Snapshot,
) -> Result<bool, SchemaError> {
    transaction.execute(select(lock_transaction(LOCK))).await?;
    let newer = "select exists (select from bi.metric_value where warehouse_version > $1)";
    let newer = sql_query(newer).bind::<BigInt, _>(snapshot.version);
    Ok(!transaction.row::<Bool, bool>(newer).await?)
}

/// Surrogate keys of the dimensions.
struct Keys {
    regions: BTreeMap<String, i32>,
    hazards: BTreeMap<String, i32>,
    capabilities: BTreeMap<String, i32>,
}

impl Keys {
    async fn of(connection: &Connection, snapshot: &Snapshot) -> Result<Self, SchemaError> {
        Ok(Self {
            regions: snapshot
                .regions
                .values()
                .map(|region| (region.code.clone(), region.id))
                .collect(),
            hazards: snapshot
                .hazards
                .values()
                .map(|hazard| (hazard.code.clone(), hazard.id))
                .collect(),
            capabilities: capability_ids(connection).await?,
        })
    }
}

/// Writes rows in the order given.
async fn write(
    transaction: &OpenTransaction<'_>,
    keys: &Keys,
    computed_rows: Vec<PublishedRow>,
    version: i64,
) -> Result<u64, SchemaError> {
    let mut values = computed_rows.into_iter().map(|computed_rows| {
        let PublishedRow { metric, grain, row, change, scope, as_of } = computed_rows;
        let verdict = change.as_ref().map(|change| change.verdict.code());
        let change = change.unwrap_or_default();
        let previous = change.previous.as_ref();
        let text = |name: &str| row.dimensions.get(name).and_then(Value::as_str).unwrap_or_default();
        serde_json::json!({
            "metric_id": metric.id, "grain": grain, "period": text("period"),
            "period_start": row.dimensions.get("periodStart"), "region_id": keys.regions.get(text("region")),
            "hazard_id": keys.hazards.get(text("hazard")), "capability_id": keys.capabilities.get(text("capability")),
            "dimensions": row.dimensions, "value": row.value, "unit": row.unit.code(),
            "numerator": row.numerator, "denominator": row.denominator, "n": row.n, "ci_low": row.ci_low, "ci_high": row.ci_high,
            "reliability": row.reliability.code(), "note": row.note, "extra": row.extra,
            "previous_value": previous.and_then(|row| row.value), "previous_n": previous.map(|row| row.n),
            "difference": change.difference, "difference_low": change.interval.and_then(|(low, _)| low),
            "difference_high": change.interval.and_then(|(_, high)| high), "rate_ratio": change.ratio,
            "rate_ratio_low": change.ratio_interval.map(|(low, _)| low),
            "rate_ratio_high": change.ratio_interval.and_then(|(_, high)| high), "change_p_value": change.p,
            "change_verdict": verdict,
            "as_of": as_of, "warehouse_version": version, "scope": scope.as_str(), "partial": matches!(scope, Scope::Released { partial: true }),
        })
    });
    let mut written = 0;
    loop {
        let chunk: Vec<Value> = values.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            break;
        }
        let insert = sql_query(
            "insert into bi.metric_value (metric_id, grain, period, period_start, region_id, \
                 hazard_id, capability_id, dimensions, value, unit, numerator, \
                 denominator, n, ci_low, ci_high, reliability, note, extra, previous_value, \
                 previous_n, difference, difference_low, difference_high, rate_ratio, \
                 rate_ratio_low, rate_ratio_high, change_p_value, change_verdict, as_of, \
                 warehouse_version, scope, partial) \
                 select metric_id, grain, period, period_start, region_id, hazard_id, \
                 capability_id, dimensions, value, unit, numerator, denominator, n, ci_low, \
                 ci_high, reliability, note, extra, previous_value, previous_n, difference, \
                 difference_low, difference_high, rate_ratio, rate_ratio_low, rate_ratio_high, \
                 change_p_value, change_verdict, as_of, warehouse_version, scope, partial from \
                 jsonb_populate_recordset(null::bi.metric_value, $1)",
        )
        .bind::<Jsonb, _>(Value::Array(chunk));
        written += transaction.execute(insert).await?;
    }
    Ok(written)
}

/// Computes the rows of every metric at every grain, in the order of the registry. Metrics are
/// computed in parallel.
fn computed_rows(snapshot: &Snapshot, as_of: NaiveDate) -> Result<Vec<PublishedRow>, SchemaError> {
    let computed_rows = on_all_cores(registry(), |metric| rows_of_metric(snapshot, *metric, as_of));
    let lists: Vec<Vec<PublishedRow>> = computed_rows.into_iter().collect::<Result<_, _>>()?;
    Ok(lists.into_iter().flatten().chain(released(snapshot)?).collect())
}

fn rows_of_metric(
    snapshot: &Snapshot,
    metric: &'static dyn Metric,
    as_of: NaiveDate,
) -> Result<Vec<PublishedRow>, SchemaError> {
    let definition = metric.definition();
    let failed = |error: MetricError| SchemaError::Database(format!("{}: {error}", definition.id));
    let scope =
        if definition.dimensions.contains(&Dimension::Region) { Scope::Live } else { Scope::Open };
    let mut computed_rows = Vec::new();
    for (grain, name) in GRAINS {
        let query = MetricQuery { period: grain, as_of, ..MetricQuery::default() };
        let began = Instant::now();
        let (rows, changes) = changed_rows(snapshot, definition.id, &query).map_err(failed)?;
        tracing::debug!(
            metric = definition.id,
            grain = name,
            computed_ms = began.elapsed().as_millis() as u64,
            "rows to publish"
        );
        for (mut row, change) in rows.into_iter().zip(changes) {
            row.extra.retain(|name, _| !definition.single_records.contains(&name.as_str()));
            let grain = name;
            computed_rows.push(PublishedRow {
                metric: definition,
                grain,
                row,
                change,
                scope,
                as_of,
            });
        }
    }
    Ok(computed_rows)
}

/// Returns the rows of a metric, and by period their changes from the period before.
fn changed_rows(
    snapshot: &Snapshot,
    id: &str,
    query: &MetricQuery,
) -> Result<(Vec<MetricRow>, Vec<Option<Change>>), MetricError> {
    if query.period.is_none() {
        let rows = evaluate(snapshot, id, query, &Viewer::local())?.rows;
        let changes = vec![None; rows.len()];
        return Ok((rows, changes));
    }
    let (result, changes) = changes_to_publish(snapshot, id, query)?;
    let of_periods = result.rows.iter().map(|row| row.period_start().is_some());
    let changes = of_periods.zip(changes).map(|(is_period, change)| is_period.then_some(change));
    let changes = changes.collect();
    Ok((result.rows, changes))
}

/// Returns the rows of the latest release, for readers of other regions. Their changes follow from
/// released rows alone.
fn released(snapshot: &Snapshot) -> Result<Vec<PublishedRow>, SchemaError> {
    let Some(release) = snapshot.release() else { return Ok(Vec::new()) };
    let mut published = Vec::new();
    let rows: Vec<_> = release.default_rows().collect();
    let table = |one: &(&'static dyn Metric, Option<Grain>, bool, &MetricRow)| {
        (one.0.definition().id, one.1, one.2)
    };
    for table in rows.chunk_by(|one, other| table(one) == table(other)) {
        let Some((metric, grain, partial, _)) = table.first().copied() else { continue };
        let Some((_, name)) = GRAINS.iter().find(|(known, _)| *known == grain) else { continue };
        let rows: Vec<&MetricRow> = table.iter().map(|(.., row)| *row).collect();
        let definition = metric.definition();
        let changes = match grain {
            None => Vec::new(),
            Some(grain) => changes_of_released(snapshot, metric, grain, release.as_of, &rows)
                .map_err(|error| SchemaError::Database(format!("{}: {error}", definition.id)))?,
        };
        let changes = changes.into_iter().map(Some).chain(std::iter::repeat(None));
        published.extend(rows.into_iter().zip(changes).map(|(row, change)| PublishedRow {
            metric: definition,
            grain: name,
            row: row.clone(),
            change,
            scope: Scope::Released { partial },
            as_of: release.as_of,
        }));
    }
    Ok(published)
}

/// Returns true if metrics have been published in this warehouse.
pub async fn is_published(url: &str) -> Result<bool, SchemaError> {
    let published = sql_query("select exists (select from bi.metric_value)");
    Ok(Connection::open(url).await?.row::<Bool, _>(published).await?)
}

/// Returns the ids of capabilities by framework and code, such as `PHEP:6`. The newest edition is
/// used.
async fn capability_ids(connection: &Connection) -> Result<BTreeMap<String, i32>, SchemaError> {
    let sql = "select f.code || ':' || c.code, c.capability_id from warehouse.capability c join \
        warehouse.capability_framework f \
               using (capability_framework_id) where c.capability_id > 0 order by f.edition";
    let ids: Vec<(String, i32)> = connection.rows::<(Text, Integer), _>(sql_query(sql)).await?;
    Ok(ids.into_iter().collect())
}
