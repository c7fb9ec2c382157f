//! Tests which queries about other regions are allowed: the tables of the release, and nothing
//! else.

use hotwash_metrics::{Dimension, Grain, MetricQuery, Snapshot, evaluate};
use hotwash_schema::testing::TestDatabase;
use serde_json::json;

use crate::attacker::member;
use crate::world::{AS_OF, World};
use crate::{Rules, released};

#[tokio::test(flavor = "multi_thread")]
async fn other_regions_are_answered_from_the_release_alone() {
    let database = TestDatabase::new().await;
    let snapshot = World::random(7).load(database.url()).await;
    let plain = MetricQuery {
        as_of: AS_OF.parse().unwrap(),
        group_by: Some(vec![Dimension::Region]),
        ..MetricQuery::default()
    };
    let answer = |snapshot: &Snapshot, id: &str, query: &MetricQuery| {
        evaluate(snapshot, id, query, &member("2"))
    };
    let no_release = answer(&snapshot, "action_closure", &plain).unwrap_err();
    assert!(
        no_release.is_forbidden() && no_release.to_string().contains("hotwash release"),
        "{no_release}"
    );
    let snapshot = released(&snapshot, Rules::default());
    let day = |text: &str| Some(text.parse().unwrap());
    let parameter = |name: &str, value| MetricQuery {
        parameters: [(name.to_owned(), value)].into(),
        ..plain.clone()
    };
    for (id, query) in [
        ("action_closure", MetricQuery { from: day("2026-01-01"), ..plain.clone() }),
        ("action_closure", MetricQuery { to: day("2026-03-31"), ..plain.clone() }),
        ("action_closure", MetricQuery { as_of: "2026-05-31".parse().unwrap(), ..plain.clone() }),
        ("action_closure", MetricQuery { period: Some(Grain::Year), ..plain.clone() }),
        (
            "action_closure",
            MetricQuery {
                group_by: Some(vec![Dimension::Region, Dimension::Capability]),
                period: Some(Grain::Month),
                ..plain.clone()
            },
        ),
        (
            "action_closure",
            MetricQuery {
                filter: [(Dimension::Region, vec!["1".into(), "2".into()])].into(),
                group_by: Some(vec![]),
                ..plain.clone()
            },
        ),
        ("aar_timeliness", parameter("days", json!(3_650))),
        ("hazard_coverage", parameter("top", json!(1_000))),
        (
            "improvement_priority",
            MetricQuery {
                group_by: Some(vec![Dimension::Region, Dimension::Capability]),
                ..parameter("months", json!(8))
            },
        ),
        (
            "participation",
            MetricQuery {
                group_by: Some(vec![Dimension::Discipline, Dimension::Region]),
                period: Some(Grain::Month),
                ..plain.clone()
            },
        ),
        (
            "risk_profile",
            MetricQuery { group_by: Some(vec![Dimension::Organization]), ..plain.clone() },
        ),
    ] {
        let error = answer(&snapshot, id, &query)
            .err()
            .unwrap_or_else(|| panic!("{id} {query:?} is answered"));
        assert!(error.is_forbidden() && error.to_string().contains("ask "), "{error}");
        // Analysts and members of the region see current numbers for all of these.
        let own =
            MetricQuery { filter: [(Dimension::Region, vec!["2".into()])].into(), ..query.clone() };
        assert!(answer(&snapshot, id, &own).is_ok(), "{id} {own:?}");
    }
    // A default stated explicitly is still a default, and today is the day of the release.
    for query in [
        parameter("days", json!(60)),
        parameter("days", json!("60")),
        MetricQuery { as_of: MetricQuery::default().as_of, ..plain.clone() },
    ] {
        let result = answer(&snapshot, "aar_timeliness", &query).unwrap();
        assert_eq!(result.as_of, plain.as_of);
    }
    // A slice of a table contains the same cells as the table.
    let by_capability = MetricQuery {
        group_by: Some(vec![Dimension::Region, Dimension::Capability]),
        ..plain.clone()
    };
    let table = answer(&snapshot, "action_closure", &by_capability).unwrap().rows;
    let slice = MetricQuery {
        filter: [(Dimension::Region, vec!["1".into()])].into(),
        group_by: Some(vec![Dimension::Capability]),
        ..plain.clone()
    };
    let slice = answer(&snapshot, "action_closure", &slice).unwrap().rows;
    let of_region: Vec<_> = table
        .iter()
        .filter(|row| row.dimensions["region"] == "1")
        .map(|row| (row.dimensions["capability"].clone(), row.n))
        .collect();
    assert_eq!(
        slice.iter().map(|row| (row.dimensions["capability"].clone(), row.n)).collect::<Vec<_>>(),
        of_region
    );
}
