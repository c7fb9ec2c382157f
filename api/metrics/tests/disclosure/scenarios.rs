//! Builds warehouses with a secret: one organization of region 1 whose records must stay unknown
//! outside the region.

mod allowed;
mod elements;
mod exposure;
mod months;
mod numbers;
mod planted;
mod secret;
mod versions;

use super::world::{PlantedEvent, World};

/// Organizations of a planted warehouse.
pub struct Cast {
    /// The organization of region 1 whose records are secret.
    pub alone: usize,
    /// Other organizations of region 1, whose records do not count in the same cells.
    pub others: Vec<usize>,
    /// Three organizations of each further region, from region 2 on.
    pub crowds: Vec<Vec<usize>>,
}

fn cast(world: &mut World) -> Cast {
    let alone = world.organization(1);
    let crowds =
        (2..=6).map(|region| (0..3).map(|_| world.organization(region)).collect()).collect();
    let others = (0..3).map(|_| world.organization(1)).collect();
    Cast { alone, others, crowds }
}

/// Plants an event of hazard 3 with these participants.
fn event(
    world: &mut World,
    kind: &str,
    region: usize,
    days_ago: i64,
    participants: &[usize],
) -> usize {
    world.event(&PlantedEvent { region, kind, days_ago, hazard: 3, participants, public: false })
}

/// Plants an exercise of a hazard.
fn event_of_hazard(
    world: &mut World,
    hazard: u8,
    region: usize,
    days_ago: i64,
    participants: &[usize],
) -> usize {
    let kind = "EXERCISE";
    world.event(&PlantedEvent { region, kind, days_ago, hazard, participants, public: false })
}

/// Plants an exercise.
fn exercise(world: &mut World, region: usize, days_ago: i64, participants: &[usize]) -> usize {
    event(world, "EXERCISE", region, days_ago, participants)
}

/// Builds a warehouse in which region 1 has eight open actions of one organization.
pub fn one_organization() -> World {
    let mut world = World::default();
    let Cast { alone, crowds, .. } = cast(&mut world);
    for number in 0..8 {
        world.action(1, 1, alone, 200 + number, 20, None);
    }
    for (region, crowd) in crowds.iter().enumerate() {
        for owner in crowd {
            (0..6).for_each(|number| world.action(region + 2, 1, *owner, 200 + number, 20, None));
        }
    }
    world
}

/// Builds a warehouse in which regions 1, 3 and 5 have one action each, and only region 2 has more.
pub fn three_small_regions() -> World {
    let mut world = World::default();
    let Cast { alone, crowds, .. } = cast(&mut world);
    for (region, owner) in [(1, alone), (3, crowds[1][0]), (5, crowds[3][0])] {
        world.action(region, 1, owner, 200, 20, None);
    }
    for owner in &crowds[0] {
        (0..6).for_each(|number| world.action(2, 1, *owner, 200 + number, 20, None));
    }
    world
}

/// Builds a warehouse in which regions 1, 3 and 5 have eight actions each, but only two
/// organizations own them, and only region 2 has more.
pub fn two_organizations_beside_a_region() -> World {
    let mut world = World::default();
    let Cast { alone, crowds, .. } = cast(&mut world);
    let owners = [(1, alone), (3, crowds[1][0]), (5, crowds[1][0])].into_iter();
    for (region, owner) in owners.chain(crowds[0].iter().map(|owner| (2, *owner))) {
        (0..8).for_each(|number| world.action(region, 1, owner, 200 + number, 20, None));
    }
    world
}

/// Builds a warehouse in which four organizations of region 1 have actions, and one of them
/// completed an action in the last month.
pub fn one_organization_with_a_new_completion() -> World {
    let mut world = World::default();
    let Cast { alone, others, crowds } = cast(&mut world);
    for owner in others.iter().chain([&alone]) {
        (0..4).for_each(|number| {
            world.action(1, 1, *owner, 600 + number, 100, (number % 2 == 0).then_some(50))
        });
    }
    for (region, crowd) in crowds.iter().enumerate() {
        for owner in crowd {
            (0..6).for_each(|number| {
                world.action(
                    region + 2,
                    1,
                    *owner,
                    600 + number,
                    100,
                    (number % 2 == 0).then_some(50),
                );
            });
        }
    }
    world.action(1, 1, alone, 603, 100, Some(593));
    world
}
