//! A BI login and an API key see the same published numbers.

use std::collections::BTreeMap;

use hotwash_metrics::{
    Grain, MetricQuery, MetricRow, Release, Reliability, Snapshot, evaluate, last_closed_month,
    publish, registry,
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
