//! Measures the metrics over a warehouse, and compares them with a plain Polars group-by and with
//! the same query in SQL. Run by `tests/bench/metrics.py`.
//!
//! `DATABASE_URL=… cargo run --release --workspace --example measure`; with `-- --release`, only a
//! release and the next one are measured.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::{Duration, Instant};

use hotwash_metrics::{
    Dimension, Grain, MetricQuery, Release, Snapshot, evaluate, publish, registry,
};
use hotwash_schema::access::Viewer;
use hotwash_schema::connect::connect;
use polars::prelude::{DataType, IntoLazy, col, len, lit};

/// Number of runs; the median is reported.
const RUNS: usize = 5;

/// Wall-clock time, and CPU time on both cores. Only wall-clock time includes the load of other
/// programs.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Took {
    clock: Duration,
    cores: Duration,
}

fn median(mut once: impl FnMut()) -> Took {
    once();
    let mut took: Vec<Took> = (0..RUNS)
        .map(|_| {
            let (began, cores) = (Instant::now(), of_cores());
            once();
            Took { clock: began.elapsed(), cores: of_cores().saturating_sub(cores) }
        })
        .collect();
    took.sort_by_key(|took| took.clock);
    took[RUNS / 2]
}

/// Returns the CPU time of this process on all cores, in hundredths of a second as Linux counts it.
fn of_cores() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // State, parent and nine more fields are between the name and the times.
    let fields = stat.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(2);
    Duration::from_millis(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or_default()
        / 1024
}

/// Ratings by region, capability and quarter, as an analyst would write it.
const SQL: &str = "select coalesce(g.code, 'unmapped'), f.code || ':' || c.code, \
    date_trunc('quarter', e.local_date), count(*), \
    count(*) filter (where v.counts_as_good), count(*) filter (where v.met_objective), count(*) \
    filter (where r.rating = 'P'), \
    count(*) filter (where r.rating = 'S'), count(*) filter (where r.rating = 'M'), count(*) \
    filter (where r.rating = 'U') \
    from warehouse.capability_rating r join warehouse.event e using (event_id) left join \
    warehouse.event_region er using (event_id) \
    left join warehouse.region g on g.region_id = er.region_id join warehouse.capability c using \
    (capability_id) \
    join warehouse.capability_framework f using (capability_framework_id) \
    join warehouse.rating_value v on v.rating_scale_id = r.rating_scale_id and v.code = r.rating \
    where r.level = 'CAPABILITY' and not v.excluded and e.status = 'HELD' and (e.kind <> \
    'INCIDENT' or e.event_id in \
    (select i.event_id from warehouse.incident i where i.response <> 'NONE')) group by 1, 2, 3 \
    order by 1, 2, 3";

#[tokio::main]
async fn main() {
    let url = std::env::var("DATABASE_URL").unwrap();
    let as_of = "2026-06-30".parse().unwrap();
    let read = Snapshot::load(&url).await.unwrap();
    // Computes every answer, without a cache.
    let snapshot = read.without_caches();
    println!(
        "snapshot: {} rows in {:.1} s, {} MiB in memory, {} MiB at the peak (limits 15 s and 2048 \
         MiB for 10,000,000)",
        snapshot.rows(),
        snapshot.took.as_secs_f64(),
        snapshot.bytes() / 1_048_576,
        peak_mib()
    );
    if std::env::args().any(|argument| argument == "--release") {
        return release(&snapshot);
    }
    println!("\n{:<26}{:>10}{:>12}{:>8}", "metric, default groups", "ms", "ms of cores", "rows");
    for metric in registry() {
        let id = metric.definition().id;
        let query = MetricQuery { as_of, ..MetricQuery::default() };
        let mut rows = 0;
        let took =
            median(|| rows = evaluate(&snapshot, id, &query, &Viewer::local()).unwrap().rows.len());
        let over = if took.clock.as_millis() > 500 { "  over 500" } else { "" };
        println!(
            "{id:<26}{:>10}{:>12}{rows:>8}{over}",
            took.clock.as_millis(),
            took.cores.as_millis()
        );
    }
    let query = MetricQuery {
        group_by: Some(vec![Dimension::Region, Dimension::Capability]),
        period: Some(Grain::Quarter),
        as_of,
        ..MetricQuery::default()
    };
    let mut rows = 0;
    let ours = median(|| {
        rows = evaluate(&snapshot, "capability_performance", &query, &Viewer::local())
            .unwrap()
            .rows
            .len()
    });
    let frame = snapshot.data("ratings");
    let month = || col("local_date~month");
    let sums =
        || ["good", "met", "p", "s", "m", "u"].map(|name| col(name).cast(DataType::Int64).sum());
    let bare = median(|| {
        let keys =
            [col("regions"), col("capability"), (month() - month() % lit(3)).alias("quarter")];
        let measures = [vec![len()], sums().to_vec()].concat();
        frame.clone().lazy().group_by(keys).agg(measures).collect().unwrap();
    });
    let client = connect(&url).await.unwrap();
    client.batch_execute("set jit = off").await.unwrap();
    let began = Instant::now();
    let found = client.query(SQL, &[]).await.unwrap().len();
    let sql = began.elapsed();
    println!(
        "\ncapability_performance by region, capability and quarter: {rows} rows of {} ratings",
        frame.height()
    );
    println!(
        "  ours {:.0} ms ({} of cores); bare Polars {:.0} ms ({} of cores), ratio {:.2} (limit 2); \
         Postgres {:.0} ms for {found} rows, {:.0} times ours (at least 10)",
        ours.clock.as_secs_f64() * 1e3,
        ours.cores.as_millis(),
        bare.clock.as_secs_f64() * 1e3,
        bare.cores.as_millis(),
        ours.clock.as_secs_f64() / bare.clock.as_secs_f64(),
        sql.as_secs_f64() * 1e3,
        sql.as_secs_f64() / ours.clock.as_secs_f64()
    );
    let published = Instant::now();
    let written = publish(&url, &read, as_of).await.unwrap();
    println!(
        "publication: {written} rows in {:.1} s (limit 30)",
        published.elapsed().as_secs_f64()
    );
    if std::env::args().any(|argument| argument == "--refresh") {
        refresh(&url, &snapshot).await;
    }
}

/// Computes a release, and the next one of its series.
fn release(snapshot: &Snapshot) {
    let mut series: Option<Release> = None;
    for as_of in ["2026-05-31", "2026-06-30"] {
        let (began, cores) = (Instant::now(), of_cores());
        let as_of = as_of.parse().unwrap();
        let release = Release::compute(snapshot, as_of, series.as_ref()).unwrap();
        let (rows, suppressed) = release.counts();
        println!(
            "release of {as_of}: {rows} rows, {suppressed} suppressed, in {:.1} s (limit 60), {:.1} \
             s of cores, {} MiB at the peak",
            began.elapsed().as_secs_f64(),
            of_cores().saturating_sub(cores).as_secs_f64(),
            peak_mib()
        );
        series = Some(release);
    }
}

/// Loads 10,000 ratings and reads the changed snapshot, while the previous snapshot answers
/// queries.
async fn refresh(url: &str, snapshot: &Snapshot) {
    let client = connect(url).await.unwrap();
    let sql = "insert into warehouse.capability_rating (event_id, capability_id, organization_id, \
        level, subject, rating_scale_id, rating, source, source_id, \
        batch_id, file_id, source_row, content_hash) select event_id, capability_id, \
        organization_id, level, subject, rating_scale_id, rating, source, \
        'bench-' || md5(random()::text || source_id), batch_id, file_id, source_row, content_hash \
        from warehouse.capability_rating \
        where level = 'CAPABILITY' order by capability_rating_id limit 10000";
    client.batch_execute(sql).await.unwrap();
    let running = std::sync::atomic::AtomicBool::new(true);
    let answered = std::sync::atomic::AtomicUsize::new(0);
    let fresh = std::thread::scope(|scope| {
        scope.spawn(|| {
            while running.load(std::sync::atomic::Ordering::Relaxed) {
                evaluate(snapshot, "exercise_cadence", &MetricQuery::default(), &Viewer::local())
                    .unwrap();
                answered.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        });
        let fresh = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(snapshot.refresh(url))
        })
        .unwrap();
        running.store(false, std::sync::atomic::Ordering::Relaxed);
        fresh
    });
    println!(
        "refresh after 10,000 ratings: {:.2} s (limit 1), {} rows more; {} questions answered \
         meanwhile from the old version",
        fresh.took.as_secs_f64(),
        fresh.rows() - snapshot.rows(),
        answered.into_inner()
    );
}
