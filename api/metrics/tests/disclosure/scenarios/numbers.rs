//! Tests changes of single numbers of a row: each number needs three contributors of its own change.

use hotwash_metrics::{Dimension, Release};
use hotwash_schema::testing::TestDatabase;
use rstest::rstest;

use super::months::{plant_old_actions, publish};
use super::versions::rows;
use super::{Cast, cast, exercise};
use crate::Rules;
use crate::world::{AS_OF, World};

/// Three organizations open an action each. The one alone moves a due date.
fn moved_due_date(month: usize) -> World {
    let mut world = World::default();
    let Cast { alone, others, crowds } = cast(&mut world);
    plant_old_actions(&mut world, &others, &crowds);
    for owner in others.iter().filter(|_| month == 1) {
        world.action(1, 1, *owner, 600, 100, None);
    }
    (0..4).for_each(|_| world.action(1, 1, alone, 600, 100, None));
    if month == 1 {
        world.move_due_date(30);
    }
    world
}

/// Three organizations are rated P. One rating of the one alone is corrected from M to P.
fn corrected_rating(month: usize) -> World {
    let [performed, some] = [0, 2];
    let mut world = World::default();
    let Cast { alone, others, crowds } = cast(&mut world);
    let of_region = others.iter().chain([&alone]).map(|one| (1, *one));
    for (region, organization) in of_region.chain(crowds[0].iter().map(|one| (2, *one))) {
        let event = exercise(&mut world, region, 300, &[organization]);
        for number in 0..4 {
            let is_corrected = month == 1 && organization == alone && number == 0;
            let rating = if is_corrected { performed } else { some };
            world.rating(event, 1, rating, Some(organization));
        }
        if month == 1 && others.contains(&organization) {
            world.rating(event, 1, performed, Some(organization));
        }
    }
    world
}

#[rstest]
#[case("action_slippage", "moved", moved_due_date, [(22, 0), (25, 1)])]
#[case("capability_performance", "m", corrected_rating, [(16, 16), (19, 15)])]
#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_one_organization_changed_is_not_updated_with_records_of_three_others(
    #[case] metric: &str,
    #[case] count: &str,
    #[case] build: fn(usize) -> World,
    #[case] actual: [(u64, i64); 2],
) {
    let database = TestDatabase::new().await;
    for successive in [true, false] {
        let rules = Rules { successive, ..Rules::default() };
        let mut series: Option<Release> = None;
        let mut published = Vec::new();
        for month in 0..2 {
            let live = build(month).load(database.url()).await;
            let snapshot = publish(&live, AS_OF, &mut series, rules);
            let row = rows(&snapshot, metric, &[Dimension::Region]).remove(0);
            published.push((row.n, row.extra[count].as_i64().unwrap()));
        }
        let expected = if successive { [actual[0]; 2] } else { actual };
        assert_eq!(published, expected, "rule {successive}");
    }
}

/// Two metrics count the same actions. One states them after three organizations opened one each; the
/// row of the other stays, because the one alone moved a due date. Then the one alone moves it back
/// and opens an action. Compared with what the other metric stated, four organizations opened actions.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_two_metrics_state_is_compared_with_the_versions_of_both() {
    let database = TestDatabase::new().await;
    let build = |month: usize| {
        let mut world = World::default();
        let Cast { alone, others, crowds } = cast(&mut world);
        plant_old_actions(&mut world, &others, &crowds);
        for owner in others.iter().filter(|_| month > 0) {
            world.action(1, 1, *owner, 600, 100, None);
        }
        let of_alone = if month == 2 { 5 } else { 4 };
        (0..of_alone).for_each(|_| world.action(1, 1, alone, 600, 100, None));
        if month == 1 {
            world.move_due_date(30);
        }
        world
    };
    for across_metrics in [true, false] {
        let rules = Rules { across_metrics, ..Rules::default() };
        let mut series: Option<Release> = None;
        let mut published = Vec::new();
        for month in 0..3 {
            let live = build(month).load(database.url()).await;
            let snapshot = publish(&live, AS_OF, &mut series, rules);
            let n = |metric| rows(&snapshot, metric, &[Dimension::Region])[0].n;
            published.push([n("action_closure"), n("action_slippage")]);
        }
        let last = if across_metrics { [25, 22] } else { [25, 26] };
        assert_eq!(published, [[22, 22], [25, 22], last], "rule {across_metrics}");
    }
}

/// Actions become overdue by time alone, so no record changes. Their owners count as contributors of
/// the change.
#[rstest]
#[case(3, true)]
#[case(1, false)]
#[tokio::test(flavor = "multi_thread")]
async fn actions_that_become_overdue_are_published_if_they_are_of_three_organizations(
    #[case] owners: usize,
    #[case] is_updated: bool,
) {
    let database = TestDatabase::new().await;
    let mut world = World::default();
    let Cast { others, crowds, .. } = cast(&mut world);
    plant_old_actions(&mut world, &others, &crowds);
    for owner in &others[..owners] {
        world.action(1, 1, *owner, 200, 160, None);
    }
    let live = world.load(database.url()).await;
    let mut series: Option<Release> = None;
    let mut published = Vec::new();
    for as_of in ["2026-04-30", "2026-05-31"] {
        let snapshot = publish(&live, as_of, &mut series, Rules::default());
        let row = rows(&snapshot, "action_overdue", &[Dimension::Region]).remove(0);
        let numbers = (row.n, row.numerator.unwrap(), row.extra["days1To30"].as_i64().unwrap());
        published.push(numbers);
    }
    let open = 18 + owners as u64;
    let updated = if is_updated { (open, open as f64, owners as i64) } else { published[0] };
    assert_eq!(published, [(open, 18.0, 0), updated]);
}
