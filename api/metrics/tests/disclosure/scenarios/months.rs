//! Tests successive releases.

use hotwash_metrics::{
    Dimension, Grain, MetricQuery, MetricRow, Release, Reliability, Snapshot, evaluate,
};
use hotwash_schema::testing::TestDatabase;
use rstest::rstest;

use super::{Cast, cast, exercise, one_organization};
use crate::Rules;
use crate::attacker::viewer;
use crate::world::{AS_OF, World};

/// Publishes the next release of a series, and returns the snapshot that it answers.
pub(super) fn publish(
    live: &Snapshot,
    as_of: &str,
    series: &mut Option<Release>,
    rules: Rules,
) -> Snapshot {
    let as_of = as_of.parse().unwrap();
    let release = Release::compute_with_rules(live, as_of, series.as_ref(), rules).unwrap();
    let stored = Release::from_json(release.to_json().unwrap()).unwrap();
    *series = Some(release);
    live.with_release(stored)
}

/// Plants six old, overdue actions of each organization that is not secret.
pub(super) fn plant_old_actions(world: &mut World, others: &[usize], crowds: &[Vec<usize>]) {
    let of_crowds = crowds.iter().enumerate().map(|(at, crowd)| (at + 2, crowd.as_slice()));
    for (region, owners) in [(1, others)].into_iter().chain(of_crowds) {
        for owner in owners {
            (0..6).for_each(|number| world.action(region, 1, *owner, 600 + number, 100, None));
        }
    }
}

/// Twelve months of releases: changes by one organization are never visible, in its cell or by any
/// sum.
#[tokio::test(flavor = "multi_thread")]
async fn successive_releases_do_not_give_back_what_one_organization_changed() {
    let database = TestDatabase::new().await;
    let build = |extra: usize, crowd_extra: usize| {
        let mut world = World::default();
        let Cast { alone, others, crowds } = cast(&mut world);
        for owner in others.iter().chain([&alone]) {
            for number in 0..4 {
                world.action(1, 1, *owner, 600 + number, 100, (number % 2 == 0).then_some(50));
            }
        }
        for (region, crowd) in crowds.iter().enumerate() {
            for owner in crowd {
                for number in 0..5 {
                    world.action(
                        region + 2,
                        1,
                        *owner,
                        600 + number,
                        100,
                        (number % 2 == 0).then_some(50),
                    );
                }
            }
        }
        for number in 0..extra {
            world.action(1, 1, alone, 300 - number as i64, 100, None);
        }
        for owner in &crowds[1] {
            for number in 0..crowd_extra {
                world.action(3, 1, *owner, 250 - number as i64, 100, None);
            }
        }
        world
    };
    let by_region = MetricQuery {
        as_of: AS_OF.parse().unwrap(),
        group_by: Some(vec![Dimension::Region]),
        ..MetricQuery::default()
    };
    let state = MetricQuery { group_by: Some(vec![]), ..by_region.clone() };
    let row = |snapshot: &Snapshot, query: &MetricQuery, region: Option<&str>| {
        let rows = evaluate(snapshot, "action_closure", query, &viewer()).unwrap().rows;
        let is_wanted =
            |row: &&MetricRow| region.is_none_or(|region| row.dimensions["region"] == region);
        rows.iter().find(is_wanted).unwrap().clone()
    };
    for (successive, is_visible) in [(true, false), (false, true)] {
        let rules = Rules { successive, ..Rules::default() };
        let mut previous: Option<Release> = None;
        let mut months = Vec::new();
        for month in 0..12 {
            // The single organization opens an action every third month; three organizations of
            // region 3 open two each in month six, enough for that month to be published.
            let live = build(month / 3, 2 * usize::from(month >= 6)).load(database.url()).await;
            let snapshot = publish(&live, AS_OF, &mut previous, rules);
            months.push([
                row(&snapshot, &by_region, Some("1")).n,
                row(&snapshot, &by_region, Some("3")).n,
                row(&snapshot, &state, None).n,
            ]);
            // A row that is not updated names the release that it comes from.
            let note = row(&snapshot, &by_region, Some("1")).note;
            let is_dated = note.is_some_and(|note| note.contains("as of the release of"));
            assert_eq!(is_dated, successive && month >= 3, "month {month}");
        }
        let changed =
            |at: usize| months.windows(2).filter(|pair| pair[0][at] != pair[1][at]).count();
        assert_eq!(changed(0) > 0, is_visible, "region 1 with the rule {successive}: {months:?}");
        if successive {
            // The state's figure is unchanged: a member of region 3 could subtract that region's
            // own change.
            assert_eq!((changed(1), changed(2)), (1, 0), "{months:?}");
        }
    }
}

/// A corrected value does not change the number of records. The state's figure must not reveal it
/// together with another region's additions.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_by_one_organization_is_not_given_back_by_the_state() {
    let database = TestDatabase::new().await;
    // Ratings P become S: both are good, so numerator and n do not change.
    let build = |corrected: usize, more: usize| {
        let mut world = World::default();
        let Cast { alone, others, crowds } = cast(&mut world);
        for owner in others.iter().chain([&alone]) {
            for number in 0..8 {
                let event_id = exercise(&mut world, 1, 300 + number, &[*owner]);
                world.rating(
                    event_id,
                    1,
                    if *owner == alone && (number as usize) < corrected { 1 } else { 0 },
                    None,
                );
            }
        }
        for (region, crowd) in crowds.iter().enumerate() {
            for owner in crowd {
                for number in 0..(8 + if region == 1 { more as i64 } else { 0 }) {
                    let event_id = exercise(&mut world, region + 2, 300 + number, &[*owner]);
                    world.rating(event_id, 1, 0, None);
                }
            }
        }
        world
    };
    let mut previous: Option<Release> = None;
    let mut published = Vec::new();
    for (corrected, more) in [(0, 0), (5, 2)] {
        let live = build(corrected, more).load(database.url()).await;
        let snapshot = publish(&live, AS_OF, &mut previous, Rules::default());
        let count = |by: &[Dimension], region: Option<&str>| {
            let query = MetricQuery {
                as_of: AS_OF.parse().unwrap(),
                group_by: Some(by.to_vec()),
                ..MetricQuery::default()
            };
            let rows =
                evaluate(&snapshot, "capability_performance", &query, &viewer()).unwrap().rows;
            let row = rows
                .iter()
                .find(|row| region.is_none_or(|code| row.dimensions["region"] == code))
                .unwrap();
            row.extra.get("p").and_then(|p| p.as_i64())
        };
        published.push([
            count(&[], None),
            count(&[Dimension::Region], Some("1")),
            count(&[Dimension::Region], Some("3")),
        ]);
    }
    let [state, first, third] = [0, 1, 2].map(|at| Some(published[1][at]? - published[0][at]?));
    assert!(published[0].iter().all(Option::is_some), "all are published: {published:?}");
    assert_ne!(first, Some(-5), "{published:?}");
    assert_ne!(state.zip(third).map(|(state, third)| state - third), Some(-5), "{published:?}");
}

/// A corrected risk score leaves all records in place, and changes a mean.
#[tokio::test(flavor = "multi_thread")]
async fn a_risk_that_one_organization_corrected_is_not_given_back() {
    let database = TestDatabase::new().await;
    let by_region = MetricQuery {
        as_of: AS_OF.parse().unwrap(),
        group_by: Some(vec![Dimension::Region]),
        ..MetricQuery::default()
    };
    for (successive, is_visible) in [(true, false), (false, true)] {
        let mut previous: Option<Release> = None;
        let mut published = Vec::new();
        for (risk, rank) in [(0.2, 2), (0.9, 1)] {
            let mut world = World::default();
            let Cast { alone, others, .. } = cast(&mut world);
            let further: Vec<usize> = (0..3).map(|_| world.organization(1)).collect();
            for organization in others.iter().chain(&further) {
                world.assessment(*organization, 1, 100, &[(1, 0.6), (2, 0.5)]);
            }
            let scores = if rank == 1 { [(1, risk), (2, 0.5)] } else { [(2, 0.5), (1, risk)] };
            world.assessment(alone, 1, 100, &scores);
            let live = world.load(database.url()).await;
            let rules = Rules { successive, ..Rules::default() };
            let snapshot = publish(&live, AS_OF, &mut previous, rules);
            let rows = evaluate(&snapshot, "risk_profile", &by_region, &viewer()).unwrap().rows;
            let row = rows.iter().find(|row| row.dimensions["region"] == "1").unwrap().clone();
            published.push((row.n, row.value, row.extra, row.reliability));
        }
        assert!(published[0].1.is_some(), "published: {published:?}");
        assert_eq!(published[0] != published[1], is_visible, "rule {successive}: {published:?}");
    }
}

/// Sketches of another format differ in every cell, which would look like a change by everybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_of_another_format_is_recognized() {
    let database = TestDatabase::new().await;
    let live = one_organization().load(database.url()).await;
    let release = Release::compute(&live, AS_OF.parse().unwrap(), None).unwrap();
    let mut stored = release.to_json().unwrap();
    assert!(Release::from_json(stored.clone()).unwrap().is_comparable());
    stored["sketch_format"] = 1.into();
    assert!(!Release::from_json(stored.clone()).unwrap().is_comparable());
    stored.as_object_mut().unwrap().remove("sketch_format");
    assert!(!Release::from_json(stored).unwrap().is_comparable(), "versions before the number");
}

/// Time alone moves an action past its due date, and an overdue action from one class of age to the
/// next. Other metrics count the same open actions, so their records do not change.
#[tokio::test(flavor = "multi_thread")]
async fn an_action_of_one_organization_that_grows_old_is_not_given_back() {
    let database = TestDatabase::new().await;
    let mut world = World::default();
    let Cast { alone, others, crowds } = cast(&mut world);
    plant_old_actions(&mut world, &others, &crowds);
    // One is due 15 days before the later release, one is overdue 20 days at the earlier release.
    world.action(1, 1, alone, 600, 585, None);
    world.action(1, 1, alone, 600, 550, None);
    let live = world.load(database.url()).await;
    let query =
        |by: &[Dimension]| MetricQuery { group_by: Some(by.to_vec()), ..MetricQuery::default() };
    for (successive, is_visible) in [(true, false), (false, true)] {
        let rules = Rules { successive, ..Rules::default() };
        let mut previous: Option<Release> = None;
        let mut published = Vec::new();
        for as_of in ["2026-05-31", AS_OF] {
            let snapshot = publish(&live, as_of, &mut previous, rules);
            let rows = [&[][..], &[Dimension::Region]].map(|by| {
                let result = evaluate(&snapshot, "action_overdue", &query(by), &viewer()).unwrap();
                let row = result.rows[0].clone();
                (row.n, row.numerator, row.extra)
            });
            published.push(rows);
        }
        assert!(published[0].iter().all(|row| row.0 > 0), "all are published: {published:?}");
        assert_eq!(published[0] != published[1], is_visible, "rule {successive}: {published:?}");
    }
}

/// A reader may guess that no action of an earlier month was added later. Then the change of a
/// region is that of the new months, and less the published one, that of the suppressed one.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_one_organization_is_not_the_change_less_another_month() {
    let database = TestDatabase::new().await;
    let mut world = World::default();
    let Cast { alone, others, crowds } = cast(&mut world);
    plant_old_actions(&mut world, &others, &crowds);
    // Suppressed months that do not change, then the secret month of May, then June of three.
    for (at, days_ago) in [230, 200, 170, 140, 110, 80].into_iter().enumerate() {
        (0..2).for_each(|_| world.action(1, 1, others[at % 3], days_ago, 1000, None));
    }
    (0..2).for_each(|_| world.action(1, 1, alone, 45, 1000, None));
    for owner in &others {
        (0..3).for_each(|_| world.action(1, 1, *owner, 15, 1000, None));
    }
    let live = world.load(database.url()).await;
    let mut previous: Option<Release> = None;
    let mut totals = Vec::new();
    let mut june = None;
    for as_of in ["2026-04-30", AS_OF] {
        let snapshot = publish(&live, as_of, &mut previous, Rules::default());
        let of_region = |period: Option<Grain>| {
            let query = MetricQuery {
                as_of: as_of.parse().unwrap(),
                period,
                group_by: Some(vec![Dimension::Region]),
                ..MetricQuery::default()
            };
            let rows = evaluate(&snapshot, "action_closure", &query, &viewer()).unwrap().rows;
            let published = |row: &MetricRow| {
                row.dimensions["region"] == "1" && row.reliability != Reliability::Suppressed
            };
            rows.into_iter().filter(published).collect::<Vec<_>>()
        };
        totals.push(of_region(None).first().map(|row| row.n));
        let is_june = |row: &&MetricRow| row.dimensions["period"] == "2026-06";
        june = of_region(Some(Grain::Month)).iter().find(is_june).map(|row| row.n);
    }
    let [Some(before), Some(after)] = totals[..] else { panic!("not published: {totals:?}") };
    let of_may = june.and_then(|june| (after - before).checked_sub(june));
    assert_ne!(of_may, Some(2), "{before}, {after}, {june:?}");
}

/// Records that one organization deleted, or that were assigned to another region, leave the
/// published rows as they were.
#[rstest]
#[case::deleted(None)]
#[case::assigned_to_another_region(Some(2))]
#[tokio::test(flavor = "multi_thread")]
async fn records_of_one_organization_that_leave_a_region_are_not_given_back(
    #[case] later: Option<usize>,
) {
    let database = TestDatabase::new().await;
    let by_region = MetricQuery {
        as_of: AS_OF.parse().unwrap(),
        group_by: Some(vec![Dimension::Region]),
        ..MetricQuery::default()
    };
    let state = MetricQuery { group_by: Some(vec![]), ..by_region.clone() };
    for (successive, is_visible) in [(true, false), (false, true)] {
        let rules = Rules { successive, ..Rules::default() };
        let mut series: Option<Release> = None;
        let mut published = Vec::new();
        for region in [Some(1), later] {
            let mut world = World::default();
            let Cast { alone, others, crowds } = cast(&mut world);
            plant_old_actions(&mut world, &others, &crowds);
            for region in region.into_iter().chain(region) {
                world.action(region, 1, alone, 500, 100, None);
            }
            let live = world.load(database.url()).await;
            let snapshot = publish(&live, AS_OF, &mut series, rules);
            let counts = |query: &MetricQuery| {
                let rows = evaluate(&snapshot, "action_closure", query, &viewer()).unwrap().rows;
                rows.iter().map(|row| row.n).collect::<Vec<_>>()
            };
            published.push((counts(&by_region), counts(&state)));
        }
        assert_eq!((published[0].0[0], published[0].1[0]), (20, 110), "{published:?}");
        assert_eq!(published[0] != published[1], is_visible, "rule {successive}: {published:?}");
    }
}
