//! Tests metrics over a small warehouse in a real Postgres, whose numbers were counted by hand.
#![allow(clippy::unwrap_used, missing_docs)]

use hotwash_metrics::{
    Dimension, Earlier, Grain, MetricError, MetricQuery, MetricRow, Reliability, ShareDifference,
    Snapshot, Unit, compare_regions, evaluate, evaluate_changes, publish, registry,
};
use hotwash_schema::access::Viewer;
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use hotwash_schema::vocabulary::ChangeVerdict;

/// Eight exercises and two incidents of regions 1 and 4C, one rating each per quarter, six actions.
const RECORDS: &str = "
insert into meta.batch (tool_version) values ('test');
insert into meta.file (batch_id, name, source) values (1, 'records.csv', 'hotwash');
insert into warehouse.event (event_id, kind, name, start_at, local_date, source, source_id, \
    batch_id, file_id, source_row, content_hash)
    select n, case when n > 8 then 'INCIDENT' else 'EXERCISE' end, 'Event ' || n, date \
    '2023-01-15' + (n - 1) * interval '3 months',
        (date '2023-01-15' + (n - 1) * interval '3 months')::date, 'hotwash', n::text, 1, 1, n, \
    '\\x00'::bytea from generate_series(1, 10) n;
insert into warehouse.event_region (event_id, region_id)
    select n, region_id from generate_series(1, 10) n join warehouse.region on code = '4C' and \
    region_id > 0 and region_scheme_id = 1;
insert into warehouse.incident (event_id, response) select n, 'RESPONDED' from generate_series(9, \
    10) n;
-- Event 1 took place in region 1 as well: it counts once overall and once in each.
insert into warehouse.event_region (event_id, region_id) select 1, region_id from warehouse.region \
    where code = '1' and region_scheme_id = 1;
insert into warehouse.exercise (event_id, exercise_type_id)
    select n, exercise_type_id from generate_series(1, 8) n join warehouse.exercise_type t on \
    t.code = case when n % 2 = 0 then 'FSE' else 'TTX' end;
-- Of four ratings an event, the number of P or S grows: 0 0 1 1 2 2 3 3 in exercises, 1 1 in \
    incidents; one not observed leaves the denominator.
insert into warehouse.capability_rating (event_id, capability_id, rating_scale_id, rating, source, \
    source_id, batch_id, file_id, source_row, content_hash)
    select n, capability_id, 1, case when k <= (case when n > 8 then 1 else (n - 1) / 2 end) then \
    'P' else 'M' end, 'hotwash', n || '-' || k, 1, 1, n, '\\x00'::bytea
    from generate_series(1, 10) n, generate_series(1, 4) k, warehouse.capability where \
    normalized_name = 'medical surge' and capability_framework_id = 1
    union all select 1, capability_id, 1, 'NOT_OBSERVED', 'hotwash', 'none', 1, 1, 1, \
    '\\x00'::bytea from warehouse.capability where normalized_name = 'medical surge' and \
    capability_framework_id = 1;
insert into warehouse.corrective_action (event_id, region_id, text, status, opened_on, \
    due_original_on, due_current_on, completed_on, cancelled_on, source, source_id, batch_id, \
    file_id, source_row, content_hash)
    select 1, (select region_id from warehouse.region where code = '1' and region_scheme_id = 1), \
    'Action ' || n, status, opened, due, due, done, dropped, 'hotwash', 'a' || n, 1, 1, n, \
    '\\x00'::bytea
    from (values (1, 'COMPLETED', date '2024-01-01', date '2024-03-01', date '2024-02-20', \
    null::date),
                 (2, 'COMPLETED', date '2024-01-01', date '2024-03-01', date '2024-04-01', null),
                 (3, 'OPEN', date '2024-01-01', date '2024-03-01', null, null),
                 (4, 'OPEN', date '2024-02-01', date '2024-12-31', null, null),
                 (5, 'CANCELLED', date '2024-02-01', date '2024-03-01', null, date '2024-02-10'),
                 (6, 'OPEN', date '2024-03-01', null, null, null)) as a(n, status, opened, due, \
    done, dropped);
";

async fn snapshot() -> (TestDatabase, Snapshot) {
    let database = TestDatabase::new().await;
    connect(database.url()).await.unwrap().batch_execute(RECORDS).await.unwrap();
    let snapshot = Snapshot::load(database.url()).await.unwrap();
    (database, snapshot)
}

fn query(as_of: &str) -> MetricQuery {
    MetricQuery { as_of: as_of.parse().unwrap(), ..MetricQuery::default() }
}

fn rows(snapshot: &Snapshot, id: &str, query: &MetricQuery) -> Vec<MetricRow> {
    evaluate(snapshot, id, query, &Viewer::local()).unwrap().rows
}

#[tokio::test(flavor = "multi_thread")]
async fn performance_counts_an_event_once_overall_and_once_in_each_region() {
    let (_database, snapshot) = snapshot().await;
    let overall = rows(
        &snapshot,
        "capability_performance",
        &MetricQuery { group_by: Some(vec![]), ..query("2026-01-01") },
    );
    // 0+0+1+1+2+2+3+3 in exercises and 1+1 in incidents, of 40 ratings.
    assert_eq!((overall[0].numerator, overall[0].n), (Some(14.0), 40));
    assert!(overall[0].ci_low < overall[0].value && overall[0].value < overall[0].ci_high);
    let by_region = rows(
        &snapshot,
        "capability_performance",
        &MetricQuery { group_by: Some(vec![Dimension::Region]), ..query("2026-01-01") },
    );
    let counted: Vec<(String, u64, Reliability)> = by_region
        .iter()
        .map(|row| (row.dimensions["region"].as_str().unwrap().to_owned(), row.n, row.reliability))
        .collect();
    assert_eq!(counted, [("1".into(), 4, Reliability::LowN), ("4C".into(), 40, Reliability::Ok)]);
    let filtered = MetricQuery {
        group_by: Some(vec![]),
        filter: [(Dimension::Region, vec!["1".to_owned()])].into(),
        ..query("2026-01-01")
    };
    assert_eq!(
        rows(&snapshot, "capability_performance", &filtered)[0].n,
        4,
        "a filter equals filtering first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_growing_share_is_improving_and_exercises_rate_above_incidents() {
    let (_database, snapshot) = snapshot().await;
    let exercises = MetricQuery {
        filter: [(Dimension::EventKind, vec!["EXERCISE".to_owned()])].into(),
        group_by: Some(vec![]),
        ..query("2026-01-01")
    };
    let trend = &rows(&snapshot, "capability_trend", &exercises)[0];
    // pymannkendall on [0, 0, .25, .25, .5, .5, .75, .75]: S 24, p 0.003316.
    assert_eq!(
        (trend.extra["verdict"].as_str(), trend.extra["s"].as_i64()),
        (Some("IMPROVING"), Some(24))
    );
    assert!((trend.extra["pValue"].as_f64().unwrap() - 0.003_316).abs() < 1e-5);
    let gap = &rows(&snapshot, "exercise_incident_gap", &query("2026-01-01"))[0];
    assert_eq!(gap.value, Some(12.0 / 32.0 - 2.0 / 8.0));
    let cadence = rows(
        &snapshot,
        "exercise_cadence",
        &MetricQuery { period: Some(Grain::Year), ..query("2026-01-01") },
    );
    let in_2023 = cadence
        .iter()
        .find(|row| row.dimensions["region"] == "4C" && row.dimensions["period"] == "2023")
        .unwrap();
    assert_eq!((in_2023.n, in_2023.extra["operationsBased"].as_i64()), (4, Some(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_count_as_they_stood_on_the_day_asked_for() {
    let (_database, snapshot) = snapshot().await;
    let one = |id: &str, day: &str| rows(&snapshot, id, &query(day)).remove(0);
    let closure = one("action_closure", "2024-06-30");
    assert_eq!(
        (closure.numerator, closure.denominator),
        (Some(2.0), Some(5.0)),
        "the cancelled one is left out"
    );
    assert_eq!(
        one("action_closure", "2024-03-15").numerator,
        Some(1.0),
        "one was not yet completed then"
    );
    let on_time = one("action_on_time", "2024-06-30");
    assert_eq!(
        (on_time.numerator, on_time.denominator),
        (Some(1.0), Some(3.0)),
        "late and open past due count against"
    );
    let overdue = one("action_overdue", "2024-06-30");
    assert_eq!(
        (overdue.value, overdue.extra["days91To180"].as_i64(), overdue.extra["open"].as_i64()),
        (Some(1.0), Some(1), Some(3))
    );
    let time = one("action_time_to_close", "2024-06-30");
    assert_eq!(
        (time.n, time.extra["closed"].as_i64(), time.reliability),
        (6, Some(2), Reliability::LowN)
    );
    // 50 and 91 days: S(50) = 1 − 1/5 with the canceled action censored after 9 days.
    assert!((time.extra["survival90"].as_f64().unwrap() - 0.8).abs() < 1e-12);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backlog_follows_its_identity() {
    let (_database, snapshot) = snapshot().await;
    let monthly = rows(
        &snapshot,
        "action_backlog",
        &MetricQuery { period: Some(Grain::Month), ..query("2024-06-30") },
    );
    let mut open = 0.0;
    for row in &monthly {
        let change = |name: &str| row.extra[name].as_f64().unwrap();
        open += change("opened") - change("closed") - change("cancelled");
        assert_eq!(row.value, Some(open), "{:?}", row.dimensions);
    }
    assert_eq!(open, 3.0);
    assert_eq!(monthly.len(), 6);
    assert_eq!(rows(&snapshot, "action_backlog", &query("2024-06-30"))[0].value, Some(3.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_publishes_what_it_answers_and_refuses_what_it_does_not_take() {
    let (database, snapshot) = snapshot().await;
    let as_of = "2024-06-30".parse().unwrap();
    publish(database.url(), &snapshot, as_of).await.unwrap();
    let client = connect(database.url()).await.unwrap();
    for metric in registry() {
        let id = metric.definition().id;
        for (grain, name) in [
            (None, "ALL"),
            (Some(Grain::Month), "MONTH"),
            (Some(Grain::Quarter), "QUARTER"),
            (Some(Grain::FiscalYear), "FISCAL_YEAR"),
        ] {
            let answered =
                rows(&snapshot, id, &MetricQuery { period: grain, ..query("2024-06-30") });
            let sql = "select value, n, ci_low, dimensions from bi.metric_value where metric_id = \
                $1 and grain = $2 order by metric_value_id";
            let published = client.query(sql, &[&id, &name]).await.unwrap();
            assert_eq!(published.len(), answered.len(), "{id} {name}");
            for (row, wanted) in published.iter().zip(&answered) {
                let value: Option<f64> = row.get(0);
                assert_eq!(value.map(f64::to_bits), wanted.value.map(f64::to_bits), "{id} {name}");
                assert_eq!(row.get::<_, i64>(1), wanted.n as i64);
                assert_eq!(
                    row.get::<_, serde_json::Value>(3),
                    serde_json::Value::Object(wanted.dimensions.clone())
                );
            }
            for row in &answered {
                assert_eq!(
                    metric.definition().undeclared(&row.extra),
                    None,
                    "{id} does not declare it"
                );
                if let (Some(low), Some(value), Some(high)) = (row.ci_low, row.value, row.ci_high) {
                    assert!(low <= value && value <= high, "{id}: {row:?}");
                }
                if row.unit == Unit::Share && id != "exercise_incident_gap" {
                    assert!(
                        row.value.is_none_or(|value| (0.0..=1.0).contains(&value)),
                        "{id}: {row:?}"
                    );
                }
            }
        }
    }
    let views = "select relname::text from pg_class where relnamespace = 'bi'::regnamespace and \
        relkind = 'v' and relname like 'metric\\_%'";
    let views: Vec<String> =
        client.query(views, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(views.len(), registry().len(), "one tidy view a metric");
    keeps_its_columns(&client).await;
    for view in views {
        client.query(&format!("select * from bi.{view}"), &[]).await.unwrap();
    }
    let unknown = evaluate(&snapshot, "no_such_metric", &MetricQuery::default(), &Viewer::local());
    assert!(matches!(unknown, Err(MetricError::UnknownMetric { .. })));
    let reversed =
        MetricQuery { from: Some(as_of), to: "2020-01-01".parse().ok(), ..MetricQuery::default() };
    assert!(matches!(
        evaluate(&snapshot, "incident_burden", &reversed, &Viewer::local()),
        Err(MetricError::Reversed { .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn regions_are_compared_with_the_state_inside_a_funnel() {
    let (_database, snapshot) = snapshot().await;
    let compared = compare_regions(
        &snapshot,
        "capability_performance",
        &query("2026-01-01"),
        &Viewer::local(),
    )
    .unwrap();
    let one = compared.iter().find(|one| one.region == "4C").unwrap();
    assert_eq!((one.state, one.row.n), (Some(14.0 / 40.0), 40));
    // 0.35 +/- 1.96 sqrt(0.35 x 0.65 / 40)
    let (low, high) = one.funnel.unwrap();
    let half = 1.959_963_984_540_054 * (0.35_f64 * 0.65 / 40.0).sqrt();
    assert!((low - (0.35 - half)).abs() < 1e-12 && (high - (0.35 + half)).abs() < 1e-12);
    assert_eq!(
        (
            one.funnel_position,
            compared.iter().find(|one| one.region == "1").unwrap().funnel_position
        ),
        ("WITHIN", "TOO_FEW")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_share_lies_in_its_interval_and_filtering_a_region_equals_grouping_by_it() {
    let (_database, snapshot) = snapshot().await;
    for metric in registry() {
        let definition = metric.definition();
        let all = rows(&snapshot, definition.id, &query("2026-01-01"));
        for row in &all {
            if let (Some(low), Some(value), Some(high)) = (row.ci_low, row.value, row.ci_high) {
                assert!(
                    low <= value + 1e-12 && value <= high + 1e-12,
                    "{}: {row:?}",
                    definition.id
                );
            }
            if definition.unit == hotwash_metrics::Unit::Share
                && definition.id != "exercise_incident_gap"
            {
                assert!(
                    row.value.is_none_or(|value| (0.0..=1.0).contains(&value)),
                    "{}: {row:?}",
                    definition.id
                );
            }
        }
        if definition.default_group_by == [Dimension::Region] && definition.id != "capability_trend"
        {
            for row in &all {
                let code = row.dimensions["region"].as_str().unwrap().to_owned();
                let mut filtered = query("2026-01-01");
                filtered.filter.insert(Dimension::Region, vec![code]);
                assert_eq!(&rows(&snapshot, definition.id, &filtered)[0], row, "{}", definition.id);
            }
        }
    }
}

/// Checks the promise to BI tools: columns of the metrics' views are only ever added.
async fn keeps_its_columns(client: &tokio_postgres::Client) {
    let sql = "select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) \
        from pg_class c \
               join pg_attribute a on a.attrelid = c.oid where c.relnamespace = 'bi'::regnamespace \
               and c.relkind = 'v' \
               and c.relname like 'metric\\_%' and a.attnum > 0 order by c.relname, a.attnum";
    let columns: Vec<String> =
        client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/metric_views.txt");
    if std::env::var_os("HOTWASH_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(file, columns.join("\n") + "\n").unwrap();
    }
    let promised = std::fs::read_to_string(file).unwrap();
    for column in promised.lines() {
        assert!(
            columns.iter().any(|known| known == column),
            "{column} is promised to BI tools and gone"
        );
    }
    assert_eq!(
        columns.len(),
        promised.lines().count(),
        "columns were added: run with HOTWASH_UPDATE_SNAPSHOTS=1 and commit the file"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refreshed_snapshot_answers_as_one_read_anew_whatever_became_of_the_ratings() {
    let (database, mut refreshed) = snapshot().await;
    let client = connect(database.url()).await.unwrap();
    let rate = |key: &str, rating: &str| {
        format!(
            "insert into warehouse.capability_rating (event_id, capability_id, rating_scale_id, \
             rating, source, source_id, batch_id, file_id, source_row, content_hash) \
             select 2, capability_id, 1, '{rating}', 'hotwash', '{key}', 1, 1, 1, '\\x00'::bytea \
             from warehouse.capability \
             where normalized_name = 'medical surge' and capability_framework_id = 1"
        )
    };
    let changes = [
        rate("new", "P"),
        rate("newer", "U"),
        "update warehouse.capability_rating set rating = 'S' where source_id = 'new'".to_owned(),
        "delete from warehouse.capability_rating where source_id = '3-1'".to_owned(),
        format!(
            "delete from warehouse.capability_rating where source_id = '3-2'; {}",
            rate("instead", "M")
        ),
        "delete from warehouse.event_region where event_id = 2".to_owned(),
        "update warehouse.rating_value set counts_as_good = false where code = 'S'".to_owned(),
    ];
    let by = [Dimension::Capability, Dimension::Region];
    let asked = MetricQuery {
        group_by: Some(by.to_vec()),
        period: Some(Grain::Quarter),
        ..query("2026-01-01")
    };
    for change in changes {
        client.batch_execute(&change).await.unwrap();
        refreshed = refreshed.refresh(database.url()).await.unwrap();
        let anew = Snapshot::load(database.url()).await.unwrap();
        assert_eq!(
            rows(&refreshed, "capability_performance", &asked),
            rows(&anew, "capability_performance", &asked),
            "after {change}"
        );
    }
}

/// Of ten ratings of each exercise all are good, or none. The share falls from three of four
/// exercises to one of four: by far, if each rating counted alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_counts_the_exercises_and_not_their_ratings() {
    let database = TestDatabase::new().await;
    let records = "
        insert into meta.batch (tool_version) values ('test');
        insert into meta.file (batch_id, name, source) values (1, 'records.csv', 'hotwash');
        insert into warehouse.event (event_id, kind, name, start_at, local_date, source, source_id, \
            batch_id, file_id, source_row, content_hash)
            select n, 'EXERCISE', 'Event ' || n, day, day, 'hotwash', n::text, 1, 1, n, '\\x00'::bytea
            from (select n, date '2024-02-01' + n * 15 + n / 5 * 275 as day from generate_series(1, 8) n) e;
        insert into warehouse.exercise (event_id, exercise_type_id) select n, 1 from generate_series(1, 8) n;
        insert into warehouse.event_region (event_id, region_id) select n, region_id from \
            generate_series(1, 8) n, warehouse.region where code = '1' and region_scheme_id = 1;
        insert into warehouse.capability_rating (event_id, capability_id, rating_scale_id, rating, \
            source, source_id, batch_id, file_id, source_row, content_hash)
            select n, k, 1, case when n in (1, 2, 4, 7) then 'P' else 'U' end, 'hotwash', \
            n || '-' || k, 1, 1, n, '\\x00'::bytea from generate_series(1, 8) n, generate_series(1, 10) k";
    connect(database.url()).await.unwrap().batch_execute(records).await.unwrap();
    let snapshot = Snapshot::load(database.url()).await.unwrap();
    let year = MetricQuery {
        from: Some("2025-01-01".parse().unwrap()),
        to: Some("2025-12-31".parse().unwrap()),
        group_by: Some(vec![Dimension::Region]),
        ..query("2026-01-01")
    };
    let viewer = Viewer::local();
    let compare = |query: &MetricQuery| {
        let id = "capability_performance";
        evaluate_changes(&snapshot, id, query, Earlier::YearBefore, &viewer).unwrap()
    };
    let (result, changes) = compare(&year);
    assert_eq!((result.rows[0].numerator, result.rows[0].n), (Some(10.0), 40));
    let change = &changes[0];
    assert!(change.difference.is_some_and(|fall| (fall + 0.5).abs() < 1e-9), "{change:?}");
    let independent = ShareDifference::of((10.0, 40.0), (30.0, 40.0)).unwrap();
    assert!(independent.high < -0.25 && independent.p < 1e-4, "{independent:?}");
    let (Some(low), Some(high)) = change.interval.unwrap() else { panic!() };
    assert!(low < -0.8 && high > 0.2 && change.p.is_some_and(|p| p > 0.2), "{change:?}");
    assert_eq!(change.verdict, ChangeVerdict::NoDetectableChange);
    // One exercise says nothing of others.
    let spring = MetricQuery { from: Some("2025-03-01".parse().unwrap()), ..year };
    let (result, changes) = compare(&spring);
    assert_eq!((result.rows[0].n, changes[0].verdict), (10, ChangeVerdict::TooFew), "{changes:?}");
}
