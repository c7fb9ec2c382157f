//! Warehouses with a secret: one organization of region 1, whose records nobody outside the region may learn of.

mod allowed;
mod months;
mod planted;
mod secret;

use super::world::{Event, World};

/// The organizations of a planted warehouse.
pub struct Cast {
    /// The one of region 1 whose records are secret.
    pub alone: usize,
    /// Others of region 1, whose records do not count beside the secret ones.
    pub others: Vec<usize>,
    /// Three organizations of each further region, from region 2 on.
    pub crowds: Vec<Vec<usize>>,
}

fn cast(world: &mut World) -> Cast {
    let alone = world.organization(1);
    let crowds = (2..=6).map(|region| (0..3).map(|_| world.organization(region)).collect()).collect();
    let others = (0..3).map(|_| world.organization(1)).collect();
    Cast { alone, others, crowds }
}

/// Plants an event of hazard 3 with these participants.
fn event(world: &mut World, kind: &str, region: usize, days_ago: i64, participants: &[usize]) -> usize {
    world.event(&Event { region, kind, days_ago, hazard: 3, participants, public: false })
}

/// Plants an exercise.
fn exercise(world: &mut World, region: usize, days_ago: i64, participants: &[usize]) -> usize {
    event(world, "EXERCISE", region, days_ago, participants)
}
