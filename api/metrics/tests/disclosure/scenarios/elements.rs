//! Tests the rows of capability elements: their areas add up to the number of all areas, which each
//! row states.

use hotwash_metrics::{Dimension, MetricQuery, MetricRow, Reliability, evaluate};
use hotwash_schema::access::Viewer;
use hotwash_schema::testing::TestDatabase;

use super::{Cast, cast, exercise};
use crate::attacker::viewer;
use crate::world::{AS_OF, World};
use crate::{Rules, released};

/// Areas of the element that one organization has alone.
const SECRET: u8 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn the_areas_of_one_organization_are_not_what_the_other_elements_leave() {
    let database = TestDatabase::new().await;
    let mut world = World::default();
    let Cast { alone, others, crowds } = cast(&mut world);
    let of_region = others.iter().map(|other| (1, *other, [4, 0, 4]));
    let of_region = of_region.chain([(1, alone, [0, SECRET, 0])]);
    let of_crowds = crowds.iter().flatten().map(|one| (2, *one, [4; 3]));
    for (region, organization, counts) in of_region.chain(of_crowds) {
        let event = exercise(&mut world, region, 300, &[organization]);
        for (element, count) in (1..).zip(counts) {
            (0..count).for_each(|_| world.area(event, 1, element, Some(organization)));
        }
        // Areas of several elements, so that the areas of each element add up to more than all areas.
        if organization == others[0] {
            world.also_of_element(1);
        }
    }
    let snapshot = released(&world.load(database.url()).await, Rules::default());
    let query = MetricQuery {
        as_of: AS_OF.parse().unwrap(),
        group_by: Some(vec![Dimension::Region, Dimension::Element]),
        ..MetricQuery::default()
    };
    let rows = |reader: &Viewer| evaluate(&snapshot, "poete_mix", &query, reader).unwrap().rows;
    let of_region = |reader: Viewer| {
        let rows = rows(&reader);
        let is_published = |row: &&MetricRow| {
            row.dimensions["region"] == "1" && row.reliability != Reliability::Suppressed
        };
        rows.iter().filter(is_published).map(|row| (row.n, row.numerator)).collect::<Vec<_>>()
    };
    let truth = of_region(Viewer::local());
    assert!(truth.contains(&(26, Some(f64::from(SECRET)))), "{truth:?}");
    let stated = of_region(viewer());
    assert!(!stated.is_empty(), "nothing is published");
    let of_stated: f64 = stated.iter().filter_map(|(_, numerator)| *numerator).sum();
    assert!(
        stated.iter().all(|(all, _)| *all as f64 - of_stated > f64::from(SECRET)),
        "what is left of all areas is the secret: {stated:?}"
    );
}
