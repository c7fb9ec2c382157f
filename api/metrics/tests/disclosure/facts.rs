//! Checks that the records behind a row add up to its numbers.

use std::collections::BTreeMap;

use hotwash_metrics::{Dimension, Grain, MetricQuery, Part, Period, evaluate, records, registry};
use hotwash_schema::access::Viewer;
use hotwash_schema::testing::TestDatabase;
use serde_json::json;

use super::world::{AS_OF, World};

/// Metrics whose n counts something other than records, and why.
const OTHER_N: [(&str, &str); 4] = [
    ("hazard_coverage", "n counts hazards; the records are the assessments that rank them"),
    ("requirement_compliance", "n counts duties, which are no records"),
    ("data_quality", "n counts rows of files; the records are the files"),
    ("information_response", "n counts organizations asked, which are parts of requests"),
];
/// Metrics whose numerator is not a count of records, and why.
const OTHER_NUMERATOR: [(&str, &str); 2] =
    [("poete_mix", "an area of several elements counts in parts"), ("resource_fill", "quantities")];

#[tokio::test(flavor = "multi_thread")]
async fn the_records_behind_a_row_add_up_to_its_numbers() {
    let database = TestDatabase::new().await;
    let (mut rows, mut numerators) = (0, 0);
    for seed in 0..3 {
        let snapshot = World::random(100 + seed).load(database.url()).await;
        for metric in registry() {
            let definition = metric.definition();
            let id = definition.id;
            if OTHER_N.iter().any(|(other, _)| *other == id) {
                continue;
            }
            let parameters = definition.parameters.iter().filter_map(|parameter| {
                let other =
                    parameter.allowed.iter().find(|value| parameter.default_value() != **value);
                let number = parameter.default_value().as_u64().map(|number| json!(number / 2));
                Some((parameter.name.to_owned(), other.map(|value| json!(value)).or(number)?))
            });
            for parameter_set in [BTreeMap::new(), parameters.collect()] {
                for as_of in [AS_OF, "2025-09-30"] {
                    for period in [None, Some(Grain::Quarter)] {
                        let query = MetricQuery {
                            as_of: as_of.parse().unwrap(),
                            period,
                            parameters: parameter_set.clone(),
                            ..MetricQuery::default()
                        };
                        for row in evaluate(&snapshot, id, &query, &Viewer::local()).unwrap().rows {
                            let keys: BTreeMap<Dimension, String> = row
                                .dimensions
                                .iter()
                                .filter_map(|(name, key)| {
                                    Some((name.parse().ok()?, key.as_str()?.to_owned()))
                                })
                                .collect();
                            let start = row
                                .dimensions
                                .get("periodStart")
                                .and_then(|start| start.as_str()?.parse().ok());
                            let period =
                                period.zip(start).map(|(grain, start)| Period { start, grain });
                            let found = records(
                                &snapshot,
                                id,
                                &query,
                                &keys,
                                period,
                                10_000,
                                &Viewer::local(),
                            )
                            .unwrap();
                            let of = |part: Part| {
                                found.iter().filter(|record| record.part == part).count()
                            };
                            let case = format!("world {seed}: {id} {query:?} {row:?}");
                            assert_eq!(found.len() as u64, row.n, "{case}");
                            rows += 1;
                            if OTHER_NUMERATOR.iter().any(|(other, _)| *other == id) {
                                continue;
                            }
                            if let Some(numerator) = row.numerator {
                                assert_eq!(of(Part::Numerator) as f64, numerator, "{case}");
                                numerators += usize::from(numerator > 0.0);
                            }
                            if let Some(denominator) = row.denominator {
                                assert_eq!(
                                    (of(Part::Numerator) + of(Part::Denominator)) as f64,
                                    denominator,
                                    "{case}"
                                );
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(rows > 1_000 && numerators > 200, "{rows} rows, {numerators} numerators");
}
