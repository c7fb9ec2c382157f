//! Planted warehouses: what one organization of region 1 did must not be published, whatever stands beside it.

use hotwash_metrics::{Ask, Dimension, Grain, Release, Reliability, Row, Snapshot, compare_regions, evaluate};
use hotwash_schema::testing::TestDatabase;
use serde_json::json;

use super::attacker::{member, viewer};
use super::world::{AS_OF, Event, World};
use super::{Rules, released};

/// Organizations: one of region 1, whose records are secret, and crowds of three in the others.
struct Cast {
    alone: usize,
    crowds: Vec<Vec<usize>>,
}

fn cast(world: &mut World) -> Cast {
    let alone = world.organization(1);
    let crowds = (2..=6).map(|region| (0..3).map(|_| world.organization(region)).collect()).collect();
    Cast { alone, crowds }
}

fn rows_of(snapshot: &Snapshot, id: &str, by: &[Dimension], region: &str) -> Vec<Row> {
    let ask = Ask { as_of: AS_OF.parse().unwrap(), group_by: Some(by.to_vec()), ..Ask::default() };
    let mut all = Vec::new();
    for reader in [viewer(), member("2")] {
        if let Ok(result) = evaluate(snapshot, id, &ask, &reader) {
            all.extend(
                result.rows.into_iter().filter(|row| row.dimensions.get("region").is_some_and(|code| code == region)),
            );
        }
        for compared in compare_regions(snapshot, id, &ask, &reader).unwrap_or_default() {
            if compared.region == region {
                all.push(compared.row);
            }
        }
    }
    all
}

fn is_secret(snapshot: &Snapshot, id: &str, by: &[Dimension]) {
    for row in rows_of(snapshot, id, by, "1") {
        // A zero is published only where there is nothing.
        let says = |value: Option<f64>| value.is_some_and(|value| value != 0.0);
        let extra = row
            .extra
            .values()
            .any(|value| says(value.as_f64()) || value.as_array().is_some_and(|list| !list.is_empty()));
        assert!(row.n == 0 && !says(row.value) && !says(row.numerator) && !extra, "{id} {by:?}: {row:?}");
    }
}

fn exercise(world: &mut World, region: usize, days_ago: i64, participants: &[usize]) -> usize {
    world.event(&Event { region, kind: "EXERCISE", days_ago, hazard: 3, participants, public: false })
}

#[tokio::test(flavor = "multi_thread")]
async fn one_organizations_records_stay_secret_beside_others_that_do_not_count() {
    let database = TestDatabase::new().await;
    let mut world = World::default();
    let Cast { alone, crowds } = cast(&mut world);
    let others: Vec<usize> = (0..3).map(|_| world.organization(1)).collect();
    // Region 1: eight timed exercises of one organization, and three of others without a stamp or a recent rating.
    for number in 0..8 {
        let event = exercise(&mut world, 1, 20 + number, &[alone]);
        world.milestone(event, "notified", 10);
        world.milestone(event, "activated", 50 + number);
        world.milestone(event, "aar_final", 40 * 24 * 60);
        world.rating(event, 1, (number % 4) as usize, None);
        world.area(event, 1, 2);
    }
    for other in &others {
        let old = exercise(&mut world, 1, 1_600, &[*other]);
        world.rating(old, 1, 0, None);
        exercise(&mut world, 1, 3, &[*other]);
    }
    // Ratings that name the one, in events of three.
    for number in 0..6 {
        let event = exercise(&mut world, 1, 300 + number, &[alone, others[0], others[1]]);
        world.rating(event, 2, 0, Some(alone));
    }
    for (region, crowd) in crowds.iter().enumerate() {
        for number in 0..12 {
            let event = exercise(&mut world, region + 2, 20 + number * 9, crowd);
            world.milestone(event, "notified", 10);
            world.milestone(event, "activated", 60 + number);
            world.milestone(event, "aar_final", 40 * 24 * 60);
            for capability in 1..3 {
                world.rating(event, capability, (number % 4) as usize, None);
                world.area(event, capability, 1 + (number % 4) as u8);
            }
        }
        for (at, owner) in crowd.iter().enumerate() {
            for number in 0..6 {
                world.action(region + 2, 1, *owner, 400 + number * 7, 100, (number % 2 == 0).then_some(90 + at as i64));
            }
        }
    }
    for number in 0..6 {
        world.action(1, 1, alone, 200 + number, 20, None);
    }
    for (at, other) in others.iter().enumerate() {
        world.action(1, 2, *other, 900 + at as i64, 20, Some(10));
    }
    world.assessment(alone, 1, 100, &[(1, 0.7), (2, 0.6), (3, 0.5), (4, 0.4), (5, 0.3), (6, 0.2)]);
    for (at, other) in others.iter().enumerate() {
        world.assessment(*other, 1, 950 + at as i64, &[(1, 0.1), (2, 0.2), (3, 0.3)]);
    }
    for (region, crowd) in crowds.iter().enumerate() {
        for organization in crowd {
            world.assessment(
                *organization,
                region + 2,
                100,
                &[(1, 0.5), (2, 0.4), (3, 0.3), (4, 0.2), (5, 0.1), (6, 0.1)],
            );
        }
    }
    let snapshot = released(&world.load(database.url()).await, Rules::default());
    let region = [Dimension::Region];
    for id in ["response_time", "response_control", "action_forecast", "risk_profile", "hazard_coverage"] {
        is_secret(&snapshot, id, &region);
    }
    let by_capability = [Dimension::Region, Dimension::Capability];
    for row in rows_of(&snapshot, "improvement_priority", &by_capability, "1") {
        assert_eq!(row.reliability, Reliability::Suppressed, "{row:?}");
    }
    for row in rows_of(&snapshot, "capability_performance", &by_capability, "1") {
        assert_eq!(row.reliability, Reliability::Suppressed, "ratings that name one organization: {row:?}");
    }
    is_secret(&snapshot, "action_overdue", &by_capability);
    // What crowds did is published.
    let open = rows_of(&snapshot, "response_time", &region, "5");
    assert!(!open.is_empty() && open.iter().all(|row| row.value.is_some()), "{open:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_without_records_of_its_own_says_nothing_beside_it() {
    let database = TestDatabase::new().await;
    let mut world = World::default();
    let Cast { alone, .. } = cast(&mut world);
    // An event ten days old with its report: none is old enough, and one is owed.
    let event = exercise(&mut world, 1, 10, &[alone]);
    world.milestone(event, "aar_final", 6 * 24 * 60);
    // An action opened and closed.
    world.action(1, 1, alone, 100, 50, Some(10));
    let snapshot = released(&world.load(database.url()).await, Rules::default());
    for (id, extras) in [
        ("aar_timeliness", ["owed", "final", "medianDays", "curve", "share30"].as_slice()),
        ("action_backlog", &["opened", "closed"]),
        ("action_forecast", &["weeksWithClosures", "open"]),
        ("risk_profile", &["organizations", "shareApplicable"]),
    ] {
        for row in rows_of(&snapshot, id, &[Dimension::Region], "1") {
            for extra in extras {
                assert!(
                    row.extra.get(*extra).is_none_or(|value| value.is_null() || *value == 0),
                    "{id} tells {extra}: {row:?}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_regions_are_answered_from_the_release_alone() {
    let database = TestDatabase::new().await;
    let snapshot = World::random(7).load(database.url()).await;
    let plain = Ask { as_of: AS_OF.parse().unwrap(), group_by: Some(vec![Dimension::Region]), ..Ask::default() };
    let asked = |snapshot: &Snapshot, id: &str, ask: &Ask| evaluate(snapshot, id, ask, &member("2"));
    let none = asked(&snapshot, "action_closure", &plain).unwrap_err();
    assert!(none.is_forbidden() && none.to_string().contains("hotwash release"), "{none}");
    let snapshot = released(&snapshot, Rules::default());
    let day = |text: &str| Some(text.parse().unwrap());
    let parameter = |name: &str, value| Ask { parameters: [(name.to_owned(), value)].into(), ..plain.clone() };
    for (id, ask) in [
        ("action_closure", Ask { from: day("2026-01-01"), ..plain.clone() }),
        ("action_closure", Ask { to: day("2026-03-31"), ..plain.clone() }),
        ("action_closure", Ask { as_of: "2026-05-31".parse().unwrap(), ..plain.clone() }),
        ("action_closure", Ask { period: Some(Grain::Year), ..plain.clone() }),
        (
            "action_closure",
            Ask {
                group_by: Some(vec![Dimension::Region, Dimension::Capability]),
                period: Some(Grain::Month),
                ..plain.clone()
            },
        ),
        (
            "action_closure",
            Ask {
                filter: [(Dimension::Region, vec!["1".into(), "2".into()])].into(),
                group_by: Some(vec![]),
                ..plain.clone()
            },
        ),
        ("aar_timeliness", parameter("days", json!(1_000_000))),
        ("hazard_coverage", parameter("top", json!(1_000))),
        (
            "improvement_priority",
            Ask { group_by: Some(vec![Dimension::Region, Dimension::Capability]), ..parameter("months", json!(8)) },
        ),
        (
            "participation",
            Ask {
                group_by: Some(vec![Dimension::Discipline, Dimension::Region]),
                period: Some(Grain::Month),
                ..plain.clone()
            },
        ),
        ("risk_profile", Ask { group_by: Some(vec![Dimension::Organization]), ..plain.clone() }),
    ] {
        let error = asked(&snapshot, id, &ask).err().unwrap_or_else(|| panic!("{id} {ask:?} is answered"));
        assert!(error.is_forbidden() && error.to_string().contains("ask "), "{error}");
        // One's own region, and analysts, see live numbers for all of these.
        let own = Ask { filter: [(Dimension::Region, vec!["2".into()])].into(), ..ask.clone() };
        assert!(asked(&snapshot, id, &own).is_ok(), "{id} {own:?}");
    }
    // A default given by name is a default, and today is the day of the release.
    for ask in [
        parameter("days", json!(60)),
        parameter("days", json!("60")),
        Ask { as_of: Ask::default().as_of, ..plain.clone() },
    ] {
        let result = asked(&snapshot, "aar_timeliness", &ask).unwrap();
        assert_eq!(result.as_of, plain.as_of);
    }
    // A slice of a table is the table's cells.
    let by_capability = Ask { group_by: Some(vec![Dimension::Region, Dimension::Capability]), ..plain.clone() };
    let table = asked(&snapshot, "action_closure", &by_capability).unwrap().rows;
    let slice = Ask {
        filter: [(Dimension::Region, vec!["1".into()])].into(),
        group_by: Some(vec![Dimension::Capability]),
        ..plain.clone()
    };
    let slice = asked(&snapshot, "action_closure", &slice).unwrap().rows;
    let of_region: Vec<_> = table
        .iter()
        .filter(|row| row.dimensions["region"] == "1")
        .map(|row| (row.dimensions["capability"].clone(), row.n))
        .collect();
    assert_eq!(slice.iter().map(|row| (row.dimensions["capability"].clone(), row.n)).collect::<Vec<_>>(), of_region);
}

/// Twelve months of releases: what one organization changes is never seen, in its cell or by any sum.
#[tokio::test(flavor = "multi_thread")]
async fn successive_releases_do_not_give_back_what_one_organization_changed() {
    let database = TestDatabase::new().await;
    let build = |extra: usize, crowd_extra: usize| {
        let mut world = World::default();
        let Cast { alone, crowds } = cast(&mut world);
        let neighbours: Vec<usize> = (0..3).map(|_| world.organization(1)).collect();
        for owner in neighbours.iter().chain([&alone]) {
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
