//! Tests the exposure of an improvement priority: a mean of risks that one organization assessed
//! stays secret, and so does the one event that connects a hazard with a capability.

use hotwash_metrics::{Dimension, MetricQuery, MetricRow, Reliability, Snapshot, evaluate};
use hotwash_schema::testing::TestDatabase;

use super::{Cast, cast, event_of_hazard};
use crate::attacker::viewer;
use crate::world::{AS_OF, World};
use crate::{Rules, released};

/// Hazard of the events that rated the capability, hazard of most assessments, and hazard that one
/// organization assessed.
const RATED: u8 = 3;
const USUAL: u8 = 5;
const SECRET: u8 = 6;

/// Plants nine ratings of a capability by three organizations of region 1, and of region 2.
fn plant_ratings(world: &mut World, cast: &Cast) {
    for (region, organizations) in [(1, &cast.others), (2, &cast.crowds[0])] {
        for organization in organizations {
            for number in 0..3 {
                let event_id =
                    event_of_hazard(world, RATED, region, 100 + number, &[*organization]);
                world.rating(event_id, 1, number as usize, None);
            }
        }
    }
}

/// Returns the published row of a region, with this value of a further key.
fn row(snapshot: &Snapshot, metric: &str, region: &str, key: (&str, &str)) -> Option<MetricRow> {
    let dimension = key.0.parse().unwrap();
    let query = MetricQuery {
        as_of: AS_OF.parse().unwrap(),
        group_by: Some(vec![Dimension::Region, dimension]),
        ..MetricQuery::default()
    };
    let rows = evaluate(snapshot, metric, &query, &viewer()).unwrap().rows;
    let is_asked = |row: &&MetricRow| {
        row.dimensions["region"] == region
            && row.dimensions[key.0] == key.1
            && row.reliability != Reliability::Suppressed
    };
    rows.iter().find(is_asked).cloned()
}

fn exposure(snapshot: &Snapshot, region: &str, capability: &str) -> Option<f64> {
    let row = row(snapshot, "improvement_priority", region, ("capability", capability))?;
    row.extra["exposure"].as_f64()
}

/// Returns the code of a hazard or capability of the world.
fn codes(snapshot: &Snapshot, metric: &str, dimension: Dimension) -> Vec<String> {
    let query = MetricQuery {
        as_of: AS_OF.parse().unwrap(),
        group_by: Some(vec![Dimension::Region, dimension]),
        ..MetricQuery::default()
    };
    let rows = evaluate(snapshot, metric, &query, &hotwash_schema::access::Viewer::local());
    let mut codes: Vec<String> = rows
        .unwrap()
        .rows
        .iter()
        .map(|row| row.dimensions[dimension.key()].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

/// Without a hazard of the capability, the exposure is the mean of all the region's scores. The
/// release publishes it, or the means of all hazards but one, never both.
#[tokio::test(flavor = "multi_thread")]
async fn the_mean_of_a_region_does_not_give_back_the_hazard_of_one_organization() {
    let database = TestDatabase::new().await;
    let mut world = World::default();
    let cast = cast(&mut world);
    plant_ratings(&mut world, &cast);
    let further: Vec<usize> = (0..4).map(|_| world.organization(1)).collect();
    for organization in cast.others.iter().chain(&further) {
        world.assessment(*organization, 1, 100, &[(USUAL, 0.3)]);
    }
    world.assessment(cast.alone, 1, 100, &[(SECRET, 0.777)]);
    let live = world.load(database.url()).await;
    let snapshot = released(&live, Rules::default());
    let capability = codes(&live, "improvement_priority", Dimension::Capability).remove(0);
    let all = exposure(&snapshot, "1", &capability);
    let usual = codes(&live, "risk_profile", Dimension::Hazard)
        .iter()
        .filter_map(|hazard| row(&snapshot, "risk_profile", "1", ("hazard", hazard)))
        .find_map(|row| row.extra.get("inherent")?.as_f64());
    assert!(all.is_some(), "the exposure of region 1 is published");
    let secrets = all.zip(usual).map(|(all, usual)| [2.0 * all - usual, 8.0 * all - 7.0 * usual]);
    let is_secret = |value: f64| (value - 0.777).abs() < 1e-9;
    assert!(
        !secrets.is_some_and(|values| values.into_iter().any(is_secret)),
        "exposure {all:?}, mean of the other hazard {usual:?}"
    );
}

/// The exposure shows that events of a hazard rated a capability. If one organization's event did,
/// the exposure of all regions with that hazard is secret.
#[tokio::test(flavor = "multi_thread")]
async fn the_only_event_of_a_hazard_that_rated_a_capability_stays_secret() {
    let database = TestDatabase::new().await;
    let mut seen = Vec::new();
    for (organizations, is_secret) in [(0, false), (1, true), (3, false)] {
        let mut world = World::default();
        let cast = cast(&mut world);
        plant_ratings(&mut world, &cast);
        let further: Vec<usize> = (0..4).map(|_| world.organization(2)).collect();
        for organization in cast.crowds[0].iter().chain(&further) {
            world.assessment(*organization, 2, 100, &[(RATED, 0.3), (SECRET, 0.6)]);
        }
        for organization in cast.others.iter().take(organizations) {
            for number in 0..6 {
                let event_id =
                    event_of_hazard(&mut world, SECRET, 1, 50 + number, &[*organization]);
                world.rating(event_id, 1, 0, None);
            }
        }
        let live = world.load(database.url()).await;
        let capability = codes(&live, "improvement_priority", Dimension::Capability).remove(0);
        let stated = exposure(&released(&live, Rules::default()), "2", &capability);
        assert_eq!(stated.is_none(), is_secret, "{organizations} organizations: {stated:?}");
        seen.push(stated);
    }
    assert_ne!(seen[0], seen[2], "events of three organizations show");
}
