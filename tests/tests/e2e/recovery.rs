//! Runs the attacker of the disclosure tests against a server: it reads a coalition by GraphQL and
//! SQL, and solves for suppressed numbers.

#[path = "../../../api/metrics/tests/disclosure/attacker.rs"]
#[allow(dead_code)]
mod attacker;
#[path = "../../../api/metrics/tests/disclosure/solver.rs"]
#[allow(dead_code)]
mod solver;

use std::time::Instant;

use hotwash_metrics::{
    Dimension, Grain, MetricRow, Reliability, Snapshot, Unit, last_closed_month, registry,
};
use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::bi::{grant, revoke};
use hotwash_schema::connect::connect;
use hotwash_schema::pool::Pool;
use hotwash_tests::bounds::{TimeLimit, wait_until};
use hotwash_tests::coalition::{generated, released};
use hotwash_tests::{Server, run};
use serde_json::Value;

use attacker::{
    Number, TableNumbers, additive, equal_fields, read_as_of, read_by, relations, with_unknowns,
};
use solver::solve;

/// Row as a channel states it.
fn row(stated: &Value) -> MetricRow {
    let map = |name: &str| stated[name].as_object().cloned().unwrap_or_default();
    MetricRow {
        dimensions: map("dimensions"),
        value: stated["value"].as_f64(),
        unit: Unit::Count,
        numerator: stated["numerator"].as_f64(),
        denominator: stated["denominator"].as_f64(),
        n: stated["n"].as_u64().unwrap_or_default(),
        ci_low: None,
        ci_high: None,
        reliability: match stated["reliability"].as_str() {
            Some("SUPPRESSED") => Reliability::Suppressed,
            Some("LOW_N") => Reliability::LowN,
            Some("STALE") => Reliability::Stale,
            _ => Reliability::Ok,
        },
        note: None,
        extra: map("extra"),
    }
}

fn by_graphql(server: &Server, key: &str) -> TableNumbers {
    read_by(true, |id, by, period| {
        let by: Vec<String> = by.iter().map(|one| one.to_string().to_uppercase()).collect();
        let period = period.map_or_else(String::new, |grain| {
            let name = match grain {
                Grain::Month => "MONTH",
                Grain::Quarter => "QUARTER",
                Grain::Year => "YEAR",
                Grain::FiscalYear => "FISCAL_YEAR",
            };
            format!(", period: {name}")
        });
        let fields = "rows { dimensions value numerator denominator n reliability extra }";
        let query = format!(
            "{{ metric(id: \"{id}\", groupBy: [{}]{period}) {{ {fields} }} }}",
            by.join(" ")
        );
        let answer = server.query_as(Some(key), &query).2;
        answer["data"]["metric"]["rows"].as_array().map(|rows| rows.iter().map(row).collect())
    })
}

/// What a BI login reads, as the tables by which metrics group by default.
async fn by_sql(url: &str) -> TableNumbers {
    let name = format!("recovery_{:016x}", rand::random::<u64>());
    let granted = grant(&Pool::new(url), &name, Role::Viewer, &[]).await.unwrap();
    let (_, server) = url.split_once('@').unwrap();
    let login = connect(&format!("postgres://{name}:{}@{server}", granted.password)).await.unwrap();
    let sql = "select metric_id, grain, to_jsonb(t)::text from bi.metric_value t";
    let rows = login.query(sql, &[]).await.unwrap();
    let stated: Vec<(String, String, Value)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), serde_json::from_str(row.get(2)).unwrap()))
        .collect();
    drop(login);
    revoke(&Pool::new(url), &name).await.unwrap();
    read_by(true, |id, by, period| {
        let definition = registry().iter().map(|one| one.definition()).find(|one| one.id == id)?;
        let grain = match period {
            None => "ALL",
            Some(Grain::Month) => "MONTH",
            Some(Grain::Quarter) => "QUARTER",
            Some(Grain::FiscalYear) => "FISCAL_YEAR",
            Some(Grain::Year) => return None,
        };
        let mut default: Vec<Dimension> = definition.default_group_by.to_vec();
        default.sort_unstable();
        let mut asked = by.to_vec();
        asked.sort_unstable();
        let own = stated.iter().filter(|(metric, of, _)| metric == id && of == grain);
        (asked == default).then(|| own.map(|(_, _, stated)| row(stated)).collect())
    })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: tests/run --disclosure runs it"]
async fn a_viewer_recovers_nothing_of_a_coalition_by_graphql_and_sql() {
    let _limit = TimeLimit::minutes(14);
    let database = generated(1).await;
    let url = database.url();
    released(url);
    let key = run(url, &["key", "create", "viewer", "--role", "viewer"]);
    let server = Server::start(url, &["--rate", "0", "--budget", "0"]);
    wait_until("the server knows the key", || {
        server.query_as(Some(key.trim()), "{ regions { code } }").0 == 200
    });
    let began = Instant::now();
    let truth = {
        let snapshot = Snapshot::load(url).await.unwrap();
        read_as_of(&snapshot, &Viewer::local(), last_closed_month(chrono::Utc::now().date_naive()))
    };
    let mut answers = with_unknowns(&by_graphql(&server, key.trim()), &truth);
    let by_sql = by_sql(url).await;
    let (mut shared, mut more) = (0, 0);
    for (number, stated) in by_sql.iter().filter_map(|(number, stated)| Some((number, (*stated)?)))
    {
        if let Some(known) = answers.get_mut(number) {
            shared += 1;
            more += usize::from(known.is_none());
            *known = Some(stated);
        }
    }
    let hidden = answers.values().filter(|known| known.is_none()).count();
    println!(
        "{} numbers by GraphQL, {shared} of them by SQL too; {hidden} suppressed; {:?}",
        answers.len(),
        began.elapsed()
    );
    assert!(hidden > 1_000 && shared > 500, "{hidden} suppressed, {shared} by SQL");
    assert_eq!(more, 0, "SQL states what GraphQL suppresses");
    // The attacker knows every sum and every pair of equal numbers in this warehouse.
    let worlds = [truth];
    let (sums, equal) = (additive(&worlds), equal_fields(&worlds));
    let found = solve(&answers, &relations(&answers, &sums, &equal));
    // A row is suppressed when one of its numbers is: another metric may publish the others.
    let is_published = |number: &Number| {
        let of_row = equal.iter().filter(|(_, in_periods)| **in_periods || number.period.is_none());
        of_row.flat_map(|((one, other), _)| [(one, other), (other, one)]).any(|(of, twin)| {
            let twin = Number { metric: twin.0, field: twin.1.clone(), ..number.clone() };
            of.0 == number.metric
                && of.1 == number.field
                && answers.get(&twin).copied().flatten().is_some()
        })
    };
    let recovered: Vec<String> = found
        .iter()
        // These count hazards, not records.
        .filter(|(number, _)| number.metric != "hazard_coverage" && !is_published(number))
        .filter(|(number, value)| worlds[0][number] == Some(*value) && *value != 0)
        .map(|(number, value)| format!("{number:?} = {value}"))
        .collect();
    println!("recovered: {} in {:?}", recovered.len(), began.elapsed());
    assert!(
        recovered.is_empty(),
        "{}",
        recovered.iter().take(12).cloned().collect::<Vec<_>>().join("\n")
    );
}
