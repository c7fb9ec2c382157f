//! A BI login and an API key see the same published numbers, and the same changes.

use std::collections::BTreeMap;

use hotwash_metrics::{
    Earlier, Grain, MetricQuery, MetricRow, Release, Reliability, Snapshot, Unit, evaluate,
    evaluate_changes, last_closed_month, publish, registry,
};
use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::bi::{grant, revoke};
use hotwash_schema::connect::connect;
use hotwash_schema::pool::Pool;
use hotwash_tests::coalition::generated;

const GRAINS: [(Option<Grain>, &str); 4] = [
    (None, "ALL"),
    (Some(Grain::Month), "MONTH"),
    (Some(Grain::Quarter), "QUARTER"),
    (Some(Grain::FiscalYear), "FISCAL_YEAR"),
];

/// The group of a row, by its keys.
fn group(row: &MetricRow) -> String {
    let mut keys: Vec<String> =
        row.dimensions.iter().map(|(name, key)| format!("{name}={key}")).collect();
    keys.sort();
    keys.join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_sees_the_published_rows_that_the_api_shows_a_key() {
    let database = generated(3).await;
    let url = database.url();
    // The day of a query without one: in the evening it is not yet that of universal time.
    let today = MetricQuery::default().as_of;
    let release =
        Release::publish(url, &Snapshot::load(url).await.unwrap(), last_closed_month(today))
            .await
            .unwrap();
    let snapshot = Snapshot::load(url).await.unwrap();
    publish(url, &snapshot, today).await.unwrap();
    assert_eq!(
        snapshot.release().map(|release| release.number),
        Some(release.number),
        "a server reads what was stored"
    );
    for (role, codes) in [
        (Role::Region, vec!["3"]),
        (Role::Region, vec!["4C"]),
        (Role::Viewer, vec![]),
        (Role::Region, vec!["1", "2"]),
    ] {
        let regions: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let viewer = Viewer { name: "login".into(), role, regions: regions.clone() };
        let name = format!("published_{:016x}", rand::random::<u64>());
        let granted = grant(&Pool::new(url), &name, role, &regions).await.unwrap();
        let (_, server) = url.split_once('@').unwrap();
        let login =
            connect(&format!("postgres://{name}:{}@{server}", granted.password)).await.unwrap();
        let (mut shown, mut suppressed) = (0, 0);
        for (metric, (grain, label)) in
            registry().iter().flat_map(|metric| GRAINS.map(|grain| (metric, grain)))
        {
            let id = metric.definition().id;
            let metric_query =
                MetricQuery { period: grain, as_of: today, ..MetricQuery::default() };
            let is_own = |row: &&MetricRow| {
                row.dimensions
                    .get("region")
                    .and_then(|code| code.as_str())
                    .is_some_and(|code| viewer.sees_region(code))
            };
            let live = evaluate(&snapshot, id, &metric_query, &Viewer::local()).unwrap().rows;
            let mut reported: BTreeMap<String, Option<u64>> = live
                .iter()
                .filter(is_own)
                .map(|row| (group(row), row.value.map(f64::to_bits)))
                .collect();
            match evaluate(&snapshot, id, &metric_query, &viewer) {
                Ok(result) => {
                    let others = result.rows.iter().filter(|row| !is_own(row));
                    suppressed += others
                        .clone()
                        .filter(|row| row.reliability == Reliability::Suppressed)
                        .count();
                    reported.extend(others.map(|row| (group(row), row.value.map(f64::to_bits))));
                }
                // No release has such a table: one's own alone.
                Err(error) => assert!(error.is_forbidden(), "{id}: {error}"),
            }
            let sql = "select (select string_agg(key || '=' || held::text, ' ' order by key \
                collate \"C\") from jsonb_each(dimensions) as d (key, held)), value \
                from metric_value where metric_id = $1 and grain = $2";
            let seen: BTreeMap<String, Option<u64>> = login
                .query(sql, &[&id, &label])
                .await
                .unwrap()
                .iter()
                .map(|row| {
                    (
                        row.get::<_, Option<String>>(0).unwrap_or_default(),
                        row.get::<_, Option<f64>>(1).map(f64::to_bits),
                    )
                })
                .collect();
            if codes.len() > 1 {
                // Tables with a suppressed cell are not shown at all to members of several regions.
                let other = seen
                    .iter()
                    .find(|(group, value)| value.is_some() && reported.get(*group) != Some(value));
                assert!(other.is_none(), "{id} {label} {codes:?}: {other:?}");
            } else {
                let other = seen.iter().find(|(group, value)| reported.get(*group) != Some(value));
                assert!(
                    other.is_none() && seen.len() == reported.len(),
                    "{id} {label} {codes:?}: {other:?} {} of {}",
                    seen.len(),
                    reported.len()
                );
            }
            shown += seen.len();
        }
        assert!(
            shown > 500 && suppressed > 100,
            "{codes:?}: {shown} shown, {suppressed} suppressed"
        );
        drop(login);
        revoke(&Pool::new(url), &name).await.unwrap();
    }
}

/// Change of a row: previous value, difference, ends of its interval, and p value.
type ChangeNumbers = [Option<u64>; 5];

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_published_rows_are_those_of_the_api_and_follow_from_rows_that_the_login_sees() {
    let database = generated(3).await;
    let url = database.url();
    let today = MetricQuery::default().as_of;
    Release::publish(url, &Snapshot::load(url).await.unwrap(), last_closed_month(today))
        .await
        .unwrap();
    let snapshot = Snapshot::load(url).await.unwrap();
    publish(url, &snapshot, today).await.unwrap();
    for (role, codes) in
        [(Role::Region, vec!["3"]), (Role::Viewer, vec![]), (Role::Analyst, vec![])]
    {
        let regions: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let viewer = Viewer { name: "login".into(), role, regions: regions.clone() };
        let name = format!("changes_{:016x}", rand::random::<u64>());
        let granted = grant(&Pool::new(url), &name, role, &regions).await.unwrap();
        let (_, server) = url.split_once('@').unwrap();
        let login =
            connect(&format!("postgres://{name}:{}@{server}", granted.password)).await.unwrap();
        let hidden = "with seen as (select metric_id, grain, period_start, value, previous_value, \
            dimensions - 'period' - 'periodStart' as keys from bi.metric_value) \
            select count(*) from seen where previous_value is not null and not exists (select from \
            seen before where before.metric_id = seen.metric_id and before.grain = seen.grain and \
            before.keys = seen.keys and before.value = seen.previous_value and \
            before.period_start < seen.period_start)";
        let hidden: i64 = login.query_one(hidden, &[]).await.unwrap().get(0);
        assert_eq!(hidden, 0, "{role:?}: the previous value is that of a row the login sees");
        let (mut tested, mut changed) = (0, 0);
        for id in ["action_closure", "exercise_cadence", "action_time_to_close", "action_backlog"] {
            for (grain, label) in GRAINS {
                let query = MetricQuery { period: grain, as_of: today, ..MetricQuery::default() };
                let sql = "select (select string_agg(key || '=' || held::text, ' ' order by key \
                    collate \"C\") from jsonb_each(dimensions) as d (key, held)), previous_value, \
                    difference, difference_low, difference_high, change_p_value, change_verdict \
                    from bi.metric_value where metric_id = $1 and grain = $2";
                let rows = login.query(sql, &[&id, &label]).await.unwrap();
                let verdict = |row: &tokio_postgres::Row| row.get::<_, Option<String>>(6);
                if grain.is_none() {
                    assert!(rows.iter().all(|row| verdict(row).is_none()), "{id}");
                    continue;
                }
                let earlier = Earlier::PreviousPeriod;
                let bits = |number: Option<f64>| number.map(f64::to_bits);
                let changes_for = |viewer: &Viewer| {
                    let (result, changes) =
                        match evaluate_changes(&snapshot, id, &query, earlier, viewer) {
                            Ok(answer) => answer,
                            // No release has such a table: one's own alone.
                            Err(error) => {
                                assert!(error.is_forbidden(), "{id}: {error}");
                                return Vec::new();
                            }
                        };
                    let changes = result.rows.into_iter().zip(changes).map(|(row, change)| {
                        let previous = change.previous.and_then(|row| row.value);
                        // Intervals of medians are not published.
                        let interval = change.interval.filter(|_| row.unit == Unit::Share);
                        let (low, high) = interval.unwrap_or_default();
                        let numbers = [previous, change.difference, low, high, change.p].map(bits);
                        (row, numbers)
                    });
                    changes.collect::<Vec<(MetricRow, ChangeNumbers)>>()
                };
                // Rows of one's own regions are the live ones, as an analyst sees them.
                let is_own = |row: &MetricRow| {
                    let code = row.dimensions.get("region").and_then(|code| code.as_str());
                    viewer.sees_all_detail() || code.is_some_and(|code| viewer.sees_region(code))
                };
                let live = changes_for(&Viewer::local());
                let of_api: BTreeMap<String, ChangeNumbers> = changes_for(&viewer)
                    .into_iter()
                    .filter(|(row, _)| !is_own(row))
                    .chain(live.into_iter().filter(|(row, _)| is_own(row)))
                    .map(|(row, numbers)| (group(&row), numbers))
                    .collect();
                for row in &rows {
                    let key = row.get::<_, Option<String>>(0).unwrap_or_default();
                    let numbers: ChangeNumbers = [1, 2, 3, 4, 5].map(|at| bits(row.get(at)));
                    assert_eq!(of_api.get(&key), Some(&numbers), "{role:?} {id} {label} {key}");
                    let verdict = verdict(row).expect("a verdict");
                    tested += usize::from(numbers[4].is_some());
                    changed += usize::from(verdict == "CHANGED");
                    assert!(verdict != "CHANGED" || numbers[4].is_some(), "{id} {key}");
                }
            }
        }
        assert!(tested > 20 && changed < tested, "{role:?}: {changed} of {tested} changed");
        let view = "select count(*) from bi.metric_action_closure where change_verdict <> 'TOO_FEW' \
            and difference is not null";
        assert!(login.query_one(view, &[]).await.unwrap().get::<_, i64>(0) > 0, "{role:?}");
        drop(login);
        revoke(&Pool::new(url), &name).await.unwrap();
    }
}
