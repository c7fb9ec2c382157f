//! What is published is shown to a BI login as the API tells it to a key: one definition of who may see which number.

use std::collections::BTreeSet;

use hotwash_metrics::{Ask, Grain, MetricError, Reliability, Row, Snapshot, evaluate, registry};
use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::bi::{grant, revoke};
use hotwash_schema::connect::connect;
use hotwash_tests::coalition::generated;

const GRAINS: [(Option<Grain>, &str); 4] = [
    (None, "ALL"),
    (Some(Grain::Month), "MONTH"),
    (Some(Grain::Quarter), "QUARTER"),
    (Some(Grain::FiscalYear), "FISCAL_YEAR"),
];

/// The group of a row, by its keys.
fn group(row: &Row) -> String {
    let mut keys: Vec<String> = row.dimensions.iter().map(|(name, key)| format!("{name}={key}")).collect();
    keys.sort();
    keys.join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_sees_the_published_rows_that_the_api_tells_a_key() {
    let database = generated(3).await;
    let snapshot = Snapshot::load(database.url()).await.unwrap();
    let owner = connect(database.url()).await.unwrap();
    let as_of = owner.query_one("select max(as_of) from bi.metric_value", &[]).await.unwrap().get(0);
    for (role, codes) in
        [(Role::Region, vec!["3"]), (Role::Region, vec!["4C"]), (Role::Viewer, vec![]), (Role::Region, vec!["1", "2"])]
    {
        let regions: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let viewer = Viewer { name: "login".into(), role, regions: regions.clone() };
        let name = format!("published_{:016x}", rand::random::<u64>());
        let granted = grant(database.url(), &name, role, &regions).await.unwrap();
        let (_, server) = database.url().split_once('@').unwrap();
        let login = connect(&format!("postgres://{name}:{}@{server}", granted.password)).await.unwrap();
        let (mut shown, mut withheld) = (0, 0);
        for (metric, (grain, label)) in registry().iter().flat_map(|metric| GRAINS.map(|grain| (metric, grain))) {
            let id = metric.definition().id;
            let ask = Ask { period: grain, as_of, ..Ask::default() };
            let all = evaluate(&snapshot, id, &ask, &Viewer::local()).unwrap().rows;
            let told: BTreeSet<String> = match evaluate(&snapshot, id, &ask, &viewer) {
                Ok(result) => {
                    result.rows.iter().filter(|row| row.reliability != Reliability::Suppressed).map(group).collect()
                }
                // Finer than other regions are told: one's own alone.
                Err(MetricError::TooFine { .. }) => {
                    let own =
                        |row: &&Row| row.dimensions["region"].as_str().is_some_and(|code| viewer.sees_region(code));
                    all.iter().filter(own).map(group).collect()
                }
                Err(error) => panic!("{id}: {error}"),
            };
            let sql = "select string_agg(key || '=' || held::text, ' ' order by key collate \"C\") from metric_value m, jsonb_each(dimensions) as d (key, held) \
                where metric_id = $1 and grain = $2 group by metric_value_id \
                union all select '' from metric_value where metric_id = $1 and grain = $2 and dimensions = '{}'";
            let seen: BTreeSet<String> =
                login.query(sql, &[&id, &label]).await.unwrap().iter().map(|row| row.get(0)).collect();
            if codes.len() > 1 {
                assert!(seen.is_subset(&told), "{id} {label} {codes:?}: {:?}", seen.difference(&told).next());
            } else {
                assert!(seen == told, "{id} {label} {codes:?}: {:?}", seen.symmetric_difference(&told).next());
            }
            shown += seen.len();
            withheld += all.len() - told.len();
        }
        assert!(shown > 500 && withheld > 500, "{codes:?}: {shown} shown, {withheld} withheld");
        drop(login);
        revoke(database.url(), &name).await.unwrap();
    }
}
