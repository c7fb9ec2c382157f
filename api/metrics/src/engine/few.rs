//! Who is behind each cell: its organisations, counted no further than needed to tell few from enough.

use std::collections::HashMap;

use super::{Answer, Values};
use crate::suppress::FEWEST_ORGANIZATIONS;

/// Organisations noted of a cell; one that has so many is made of enough.
pub(super) const ENOUGH: usize = FEWEST_ORGANIZATIONS as usize;

/// The organisations that stand for a contributor named otherwise, as the participants of an event do; without any it stands for itself.
#[derive(Debug, Default)]
pub struct Behind {
    of: HashMap<i64, Vec<i64>>,
    /// Contributors are organisations already.
    plain: bool,
}

impl Behind {
    /// Contributors that are organisations.
    pub fn organizations() -> Self {
        Self { of: HashMap::new(), plain: true }
    }

    /// Events, by their participants. More than enough of one are not kept.
    pub fn events(participants: impl Iterator<Item = (i64, i64)>) -> Self {
        let mut of: HashMap<i64, Vec<i64>> = HashMap::new();
        for (event, who) in participants {
            let list = of.entry(event).or_default();
            if list.len() < ENOUGH && !list.contains(&who) {
                list.push(who);
            }
        }
        Self { of, plain: false }
    }

    /// Adds those behind a contributor. One without known organisations counts as one of its own, under a number below 0.
    fn add(&self, contributor: i64, to: &mut Few) {
        if self.plain {
            return to.add(contributor);
        }
        match self.of.get(&contributor) {
            Some(list) => list.iter().for_each(|one| to.add(*one)),
            None => to.add(-contributor),
        }
    }
}

/// Up to [`ENOUGH`] distinct organisations.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Few {
    of: [i64; ENOUGH],
    len: u8,
}

impl Few {
    /// Notes one more.
    fn add(&mut self, one: i64) {
        let len = usize::from(self.len);
        if len < ENOUGH && !self.of[..len].contains(&one) {
            self.of[len] = one;
            self.len += 1;
        }
    }

    /// Adds those behind a contributor, unless there are enough.
    pub fn contribute(&mut self, contributor: i64, behind: &Behind) {
        if usize::from(self.len) < ENOUGH {
            behind.add(contributor, self);
        }
    }

    /// Those noted.
    pub fn list(&self) -> &[i64] {
        &self.of[..usize::from(self.len)]
    }
}

/// An answer whose last key is the contributor: the same cells with their few organisations in its place, one row each.
pub(super) fn folded(answer: &Answer, behind: &Behind) -> Answer {
    let last = answer.keys.saturating_sub(1);
    let keys: Vec<&[Option<i64>]> = answer.columns[..last].iter().map(|(_, values)| values.whole()).collect();
    let mut places: HashMap<Vec<Option<i64>>, usize> = HashMap::new();
    let mut cells: Vec<(u32, Few)> = Vec::new();
    let contributors = answer.columns.get(last).map_or(&[][..], |(_, values)| values.whole());
    for (row, contributor) in contributors.iter().enumerate() {
        let place = *places.entry(keys.iter().map(|key| key[row]).collect()).or_insert_with(|| {
            cells.push((row as u32, Few::default()));
            cells.len() - 1
        });
        if let Some(contributor) = contributor {
            cells[place].1.contribute(*contributor, behind);
        }
    }
    let (mut rows, mut organizations) = (Vec::new(), Vec::new());
    for (row, few) in &cells {
        rows.extend(few.list().iter().map(|_| *row));
        organizations.extend(few.list().iter().copied().map(Some));
    }
    let mut made = answer.take(&rows);
    made.columns.truncate(answer.keys);
    if let Some((_, values)) = made.columns.get_mut(last) {
        *values = Values::Whole(organizations);
    }
    made
}
