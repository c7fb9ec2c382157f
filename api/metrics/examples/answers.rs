//! Writes the answers of every metric at several groupings, periods and filters as lines of JSON,
//! to compare two versions of the code or two engines.
//!
//! `DATABASE_URL=… cargo run --example answers > answers.jsonl`
#![allow(clippy::unwrap_used, missing_docs)]

use hotwash_metrics::{Dimension, Grain, MetricQuery, MetricRow, Snapshot, evaluate, registry};
use hotwash_schema::access::Viewer;

#[tokio::main]
async fn main() {
    let snapshot = Snapshot::load(&std::env::var("DATABASE_URL").unwrap()).await.unwrap();
    for metric in registry() {
        let definition = metric.definition();
        let base = MetricQuery { as_of: "2026-06-30".parse().unwrap(), ..MetricQuery::default() };
        let mut asks =
            vec![base.clone(), MetricQuery { group_by: Some(Vec::new()), ..base.clone() }];
        asks.push(MetricQuery { as_of: "2024-03-15".parse().unwrap(), ..base.clone() });
        asks.push(MetricQuery {
            from: "2024-01-01".parse().ok(),
            to: "2025-06-30".parse().ok(),
            ..base.clone()
        });
        asks.extend(
            [Grain::Month, Grain::Quarter, Grain::Year, Grain::FiscalYear]
                .map(|grain| MetricQuery { period: Some(grain), ..base.clone() }),
        );
        asks.extend(
            definition
                .dimensions
                .iter()
                .map(|one| MetricQuery { group_by: Some(vec![*one]), ..base.clone() }),
        );
        for pair in definition.dimensions.windows(2) {
            asks.push(MetricQuery {
                group_by: Some(pair.to_vec()),
                period: Some(Grain::Year),
                ..base.clone()
            });
        }
        let filters = [
            (Dimension::Region, vec!["4C", "3"]),
            (Dimension::Region, vec!["unmapped"]),
            (Dimension::Hazard, vec!["flood", "cyber_attack"]),
            (Dimension::HazardCategory, vec!["natural"]),
            (Dimension::Element, vec!["planning"]),
            (Dimension::EventKind, vec!["EXERCISE"]),
            (Dimension::Discipline, vec!["hospital"]),
            (Dimension::Framework, vec!["PHEP"]),
        ];
        for (dimension, names) in filters {
            if definition.dimensions.contains(&dimension) {
                let filter = [(dimension, names.into_iter().map(str::to_owned).collect())];
                asks.push(MetricQuery { filter: filter.clone().into(), ..base.clone() });
                asks.push(MetricQuery {
                    filter: filter.clone().into(),
                    group_by: Some(vec![]),
                    ..base.clone()
                });
                asks.push(MetricQuery {
                    filter: filter.into(),
                    group_by: Some(vec![dimension]),
                    period: Some(Grain::FiscalYear),
                    ..base.clone()
                });
            }
        }
        for query in asks {
            let rows = match evaluate(&snapshot, definition.id, &query, &Viewer::local()) {
                Ok(result) => result.rows.iter().map(MetricRow::to_json).collect::<Vec<_>>().into(),
                Err(error) => serde_json::Value::from(error.to_string()),
            };
            let asked = format!(
                "{} {:?} {:?} {:?} {:?} {}",
                definition.id, query.group_by, query.period, query.filter, query.from, query.as_of
            );
            println!("{}", serde_json::json!({ "asked": asked, "rows": rows }));
        }
    }
}
