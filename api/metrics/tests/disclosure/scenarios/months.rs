//! Releases that follow one another.

use hotwash_metrics::{Ask, Dimension, Release, Snapshot, evaluate};
use hotwash_schema::testing::TestDatabase;

use super::{Cast, cast};
use crate::Rules;
use crate::attacker::viewer;
use crate::world::{AS_OF, World};

/// Twelve months of releases: what one organization changes is never seen, in its cell or by any sum.
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
                    world.action(region + 2, 1, *owner, 600 + number, 100, (number % 2 == 0).then_some(50));
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
    let by_region = Ask { as_of: AS_OF.parse().unwrap(), group_by: Some(vec![Dimension::Region]), ..Ask::default() };
    let state = Ask { group_by: Some(vec![]), ..by_region.clone() };
    let n = |snapshot: &Snapshot, ask: &Ask, region: Option<&str>| {
        let rows = evaluate(snapshot, "action_closure", ask, &viewer()).unwrap().rows;
        let row =
            rows.iter().find(|row| region.is_none_or(|region| row.dimensions["region"] == region)).unwrap().clone();
        row.n
    };
    for (successive, seen) in [(true, false), (false, true)] {
        let rules = Rules { successive, ..Rules::default() };
        let mut before: Option<Release> = None;
        let mut months = Vec::new();
        for month in 0..12 {
            // The one organization opens an action every third month; three of region 3 do in month six.
            let live = build(month / 3, usize::from(month >= 6)).load(database.url()).await;
            let release = Release::make_under(&live, AS_OF.parse().unwrap(), before.as_ref(), rules).unwrap();
            let snapshot = live.with_release(Release::from_json(release.to_json().unwrap()).unwrap());
            months.push([
                n(&snapshot, &by_region, Some("1")),
                n(&snapshot, &by_region, Some("3")),
                n(&snapshot, &state, None),
            ]);
            before = Some(release);
        }
        let changed = |at: usize| months.windows(2).filter(|pair| pair[0][at] != pair[1][at]).count();
        assert_eq!(changed(0) > 0, seen, "region 1 with the rule {successive}: {months:?}");
        if successive {
            // What is left of the state without region 3 never changes: nobody else changed by three organizations.
            let rest: Vec<u64> = months.iter().map(|[_, third, state]| state - third).collect();
            assert!(rest.windows(2).all(|pair| pair[0] == pair[1]), "{months:?}");
        }
    }
}
