//! Tests the versions of cells in a series of releases: those that earlier releases published, those
//! that several rows share, and extras that stay while their row is updated.

use hotwash_metrics::{
    Dimension, MetricQuery, MetricRow, Release, Reliability, Snapshot, evaluate,
};
use hotwash_schema::testing::TestDatabase;

use super::months::{plant_old_actions, publish};
use super::{Cast, cast, exercise};
use crate::Rules;
use crate::attacker::viewer;
use crate::world::{AS_OF, World};

/// Returns the published rows of region 1.
pub(super) fn rows(snapshot: &Snapshot, metric: &str, by: &[Dimension]) -> Vec<MetricRow> {
    let query = MetricQuery { group_by: Some(by.to_vec()), ..MetricQuery::default() };
    let rows = evaluate(snapshot, metric, &query, &viewer()).unwrap().rows;
    let is_published = |row: &MetricRow| {
        row.dimensions["region"] == "1" && row.reliability != Reliability::Suppressed
    };
    rows.iter().filter(|row| is_published(row)).cloned().collect()
}

/// Three organizations add an action each, and take them back while another one adds one. Compared
/// with the latest version four organizations changed the region, compared with the first only one.
#[tokio::test(flavor = "multi_thread")]
async fn actions_that_are_taken_back_do_not_give_back_those_of_another_organization() {
    let database = TestDatabase::new().await;
    let build = |month: usize| {
        let mut world = World::default();
        let Cast { alone, others, crowds } = cast(&mut world);
        plant_old_actions(&mut world, &others, &crowds);
        let of_alone = if month == 2 { 3 } else { 2 };
        (0..of_alone).for_each(|_| world.action(1, 1, alone, 600, 100, None));
        for owner in others.iter().filter(|_| month == 1) {
            world.action(1, 1, *owner, 600, 100, None);
        }
        world
    };
    for (successive, last) in [(true, 23), (false, 21)] {
        let rules = Rules { successive, ..Rules::default() };
        let mut series: Option<Release> = None;
        let mut published = Vec::new();
        for month in 0..3 {
            let live = build(month).load(database.url()).await;
            let snapshot = publish(&live, AS_OF, &mut series, rules);
            let of_region = rows(&snapshot, "action_closure", &[Dimension::Region]);
            published.extend(of_region.iter().map(|row| row.n));
        }
        assert_eq!(published, [20, 23, last], "rule {successive}");
    }
}

/// The rows of all elements share the number of areas of all elements. Rows that stay as they were
/// published state an earlier version of it than a row that is updated, and a later version is
/// compared with both.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_rows_share_is_compared_with_each_version_that_one_of_them_states() {
    let database = TestDatabase::new().await;
    // Areas of each element: of each of three organizations, and of the one alone.
    let months = [
        ([4, 4, 4, 4], [2, 2, 2, 2]),
        // Three organizations add areas of elements 1 and 3, the one alone adds one of element 2.
        ([5, 4, 5, 4], [2, 3, 2, 2]),
        // The three move areas from element 4 to 2. The one alone adds one of element 3.
        ([5, 5, 5, 3], [2, 3, 3, 2]),
    ];
    let build = |(of_each, of_alone): ([u8; 4], [u8; 4])| {
        let mut world = World::default();
        let Cast { alone, others, crowds } = cast(&mut world);
        let of_region = others.iter().map(|other| (1, *other, of_each));
        let of_region = of_region.chain([(1, alone, of_alone)]);
        let of_crowds = crowds.iter().flatten().map(|one| (2, *one, [4; 4]));
        for (region, organization, counts) in of_region.chain(of_crowds) {
            let event = exercise(&mut world, region, 300, &[organization]);
            for (element, count) in (1..).zip(counts) {
                (0..count).for_each(|_| world.area(event, 1, element, Some(organization)));
            }
        }
        world
    };
    for successive in [true, false] {
        let rules = Rules { successive, ..Rules::default() };
        let mut series: Option<Release> = None;
        let mut published = Vec::new();
        for month in months {
            let live = build(month).load(database.url()).await;
            let snapshot = publish(&live, AS_OF, &mut series, rules);
            let by = [Dimension::Region, Dimension::Element];
            let rows = rows(&snapshot, "poete_mix", &by);
            published.push(rows.iter().map(|row| row.n).collect::<Vec<_>>());
        }
        assert_eq!(published[0], [56; 4], "rule {successive}");
        if successive {
            assert!(published[1].contains(&56) && published[1].contains(&63), "{published:?}");
        }
        assert_eq!(published[2].contains(&64), !successive, "rule {successive}: {published:?}");
    }
}

/// Three new organizations of a region are published, the event of one organization is not.
#[tokio::test(flavor = "multi_thread")]
async fn extras_that_stay_name_the_release_that_they_come_from() {
    let database = TestDatabase::new().await;
    let build = |new_organizations: usize, new_events: usize| {
        let mut world = World::default();
        let Cast { alone, others, crowds } = cast(&mut world);
        for organization in others.iter().chain(&crowds[0]).chain([&alone]) {
            let region = if crowds[0].contains(organization) { 2 } else { 1 };
            for number in 0..4 {
                exercise(&mut world, region, 300 + number, &[*organization]);
            }
        }
        for _ in 0..new_events {
            exercise(&mut world, 1, 200, &[alone]);
        }
        for _ in 0..2 + new_organizations {
            world.organization(1);
        }
        world
    };
    let mut series: Option<Release> = None;
    let mut published = Vec::new();
    for (as_of, new_organizations, new_events) in
        [("2026-04-30", 0, 0), ("2026-05-31", 3, 1), (AS_OF, 4, 1)]
    {
        let live = build(new_organizations, new_events).load(database.url()).await;
        let snapshot = publish(&live, as_of, &mut series, Rules::default());
        let row = rows(&snapshot, "participation", &[Dimension::Region]).remove(0);
        published.push((row.n, row.extra["events"].as_i64(), row.note.unwrap_or_default()));
    }
    let first = published[0].clone();
    assert!(!first.2.contains("release"), "{first:?}");
    let of_extras = "events, stateCore, hppCore as of the release of 2026-04-30";
    let second = (first.0 + 3, first.1, of_extras.to_owned());
    assert_eq!(published[1], second);
    let note = format!("as of the release of 2026-05-31; {of_extras}");
    assert_eq!(published[2], (second.0, first.1, note));
}

/// One organization deletes as many actions as three others had added, so the region has as many as
/// the first release stated. The state and the other regions must not give that back.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_one_organization_brings_back_is_not_what_other_regions_leave() {
    let database = TestDatabase::new().await;
    let build = |month: usize| {
        let mut world = World::default();
        let Cast { others, crowds, .. } = cast(&mut world);
        plant_old_actions(&mut world, &others, &crowds);
        let added: &[usize] = if month == 1 { &others } else { &others[1..] };
        for owner in added.iter().filter(|_| month > 0) {
            world.action(1, 1, *owner, 600, 100, None);
        }
        let of_one = if month == 2 { 2 } else { 4 };
        (0..of_one).for_each(|_| world.action(1, 1, others[0], 600, 100, None));
        for owner in crowds[1].iter().filter(|_| month == 2) {
            (0..2).for_each(|_| world.action(3, 1, *owner, 600, 100, None));
        }
        world
    };
    for successive in [true, false] {
        let rules = Rules { successive, ..Rules::default() };
        let mut series: Option<Release> = None;
        let mut published = Vec::new();
        for month in 0..3 {
            let live = build(month).load(database.url()).await;
            let snapshot = publish(&live, AS_OF, &mut series, rules);
            let count = |by: &[Dimension]| {
                let query = MetricQuery { group_by: Some(by.to_vec()), ..MetricQuery::default() };
                let rows = evaluate(&snapshot, "action_closure", &query, &viewer()).unwrap().rows;
                rows.iter().map(|row| row.n).collect::<Vec<_>>()
            };
            published.push((count(&[Dimension::Region]), count(&[])[0]));
        }
        let left = |(regions, all): &(Vec<u64>, u64)| all - regions[1..].iter().sum::<u64>();
        assert_eq!((published[0].0[0], left(&published[0])), (22, 22), "{published:?}");
        assert_eq!((published[1].0[0], left(&published[1])), (25, 25), "{published:?}");
        let is_visible = published[2].0[0] == 22 || left(&published[2]) == 22;
        assert_eq!(is_visible, !successive, "rule {successive}: {published:?}");
    }
}
