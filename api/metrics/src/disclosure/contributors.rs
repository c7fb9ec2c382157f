//! The cells of a table of facts, each with its number of facts and its contributors.
//!
//! The contributor of a fact is the organization that the fact names. Without one, the contributors
//! are the participants of its event. Without participants, the event itself counts as one
//! contributor.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::MIN_CONTRIBUTORS;

/// Number of buckets in a sketch. Two sketches that differ in three buckets differ in at least
/// three contributors.
const BUCKETS: usize = 24;

/// The sorted keys of a cell, by name. A period is keyed by its first day.
pub(crate) type Location = Vec<(String, String)>;

/// The set of records behind a number, identified by its size, its ids, and the count of each
/// contributor.
///
/// Two numbers with the same set of records are one number, even in different metrics, tables or
/// periods.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RecordSet {
    /// Name of the id column.
    pub id_column: &'static str,
    pub n: u64,
    pub sum: i64,
    pub smallest: i64,
    pub largest: i64,
    pub contribution: Sketch,
}

/// A set of distinct contributors that stops growing at [`MIN_CONTRIBUTORS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contributors(BTreeSet<i64>);

impl Contributors {
    /// Adds contributors, until the minimum is reached.
    pub fn add(&mut self, contributors: impl IntoIterator<Item = i64>) {
        for contributor in contributors {
            if self.reach_minimum() {
                return;
            }
            self.0.insert(contributor);
        }
    }

    /// Returns the set of these contributors.
    #[cfg(test)]
    pub fn of(contributors: impl IntoIterator<Item = i64>) -> Self {
        let mut all = Self::default();
        all.add(contributors);
        all
    }

    /// Adds the contributors of another cell.
    pub fn extend(&mut self, other: &Self) {
        self.add(other.0.iter().copied());
    }

    /// Returns true if the set has no contributors.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of contributors, at most [`MIN_CONTRIBUTORS`].
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if there are at least [`MIN_CONTRIBUTORS`] contributors.
    pub fn reach_minimum(&self) -> bool {
        self.0.len() >= MIN_CONTRIBUTORS
    }
}

/// The contributions of each organization to a cell, hashed into a few buckets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sketch([u16; BUCKETS]);

impl Default for Sketch {
    fn default() -> Self {
        Self([0; BUCKETS])
    }
}

impl Sketch {
    /// Returns the buckets that differ: a lower bound for the contributors whose contribution
    /// changed.
    pub fn changed(&self, other: &Self) -> Contributors {
        let buckets = self.0.iter().zip(&other.0).enumerate();
        let mut changed = Contributors::default();
        let differ = buckets.filter(|(_, (one, other))| one != other);
        changed.add(differ.map(|(bucket, _)| bucket as i64));
        changed
    }
}

/// Three sketches of a cell: of its facts, of the facts in its numerator, and of the facts' values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Sketches([Sketch; 3]);

impl Sketches {
    /// Returns the sketch of all facts.
    pub fn of_facts(&self) -> &Sketch {
        &self.0[0]
    }

    /// Returns the smallest set of contributors who changed one of the sketches; empty if nothing
    /// changed.
    pub fn changed(&self, other: &Self) -> Contributors {
        let changed = self.0.iter().zip(&other.0).map(|(one, other)| one.changed(other));
        changed
            .filter(|changed| !changed.is_empty())
            .min_by_key(Contributors::len)
            .unwrap_or_default()
    }
}

impl From<Sketches> for String {
    /// Formats the sketches as hexadecimal text, for storage.
    fn from(sketches: Sketches) -> Self {
        let buckets = sketches.0.iter().flat_map(|sketch| sketch.0);
        buckets.map(|bucket| format!("{bucket:04x}")).collect()
    }
}

impl TryFrom<String> for Sketches {
    type Error = String;

    /// Parses hexadecimal text.
    fn try_from(text: String) -> Result<Self, String> {
        let mut sketches = Self::default();
        let error = || format!("expected {} hexadecimal digits, found {text:?}", 3 * BUCKETS * 4);
        if text.len() != sketches.0.len() * BUCKETS * 4 {
            return Err(error());
        }
        for (at, bucket) in sketches.0.iter_mut().flat_map(|sketch| &mut sketch.0).enumerate() {
            let digits = text.get(at * 4..at * 4 + 4).ok_or_else(error)?;
            *bucket = u16::from_str_radix(digits, 16).map_err(|_| error())?;
        }
        Ok(sketches)
    }
}

/// The part of one organization in a fact: the organization that the fact names, or a participant
/// of its event.
pub(super) struct Share {
    pub organization: i64,
    bucket: usize,
    weight: u64,
}

impl Share {
    /// Returns the part of an organization in the facts of a contributor: itself, or an event.
    pub fn of(organization: i64, contributor: i64) -> Self {
        Self {
            organization,
            bucket: (mix(organization as u64) % BUCKETS as u64) as usize,
            weight: mix(mix(contributor as u64).wrapping_add(organization as u64)),
        }
    }
}

/// The sums of weights from which the sketches of a cell are made.
///
/// Sums of sums are those of all facts, so a cell of a table is the sum of finer ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SketchSums([[u32; BUCKETS]; 3]);

impl SketchSums {
    /// Adds equal facts, given a hash of their values.
    pub fn add(&mut self, shares: &[Share], count: u64, in_numerator: bool, values: u64) {
        let [facts, numerators, all_values] = &mut self.0;
        let add = |sum: &mut u32, weight: u64| {
            *sum = sum.wrapping_add(weight.wrapping_mul(count) as u32);
        };
        for share in shares {
            add(&mut facts[share.bucket], share.weight);
            if in_numerator {
                add(&mut numerators[share.bucket], share.weight);
            }
            add(&mut all_values[share.bucket], mix(share.weight ^ values));
        }
    }

    /// Adds the facts of another cell.
    pub fn extend(&mut self, other: &Self) {
        let sums = self.0.as_flattened_mut().iter_mut().zip(other.0.as_flattened());
        sums.for_each(|(sum, other)| *sum = sum.wrapping_add(*other));
    }

    /// Returns the sketches.
    pub fn sketches(&self) -> Sketches {
        // A bucket without facts stays 0.
        let hash = |sum: u32| if sum == 0 { 0 } else { mix(u64::from(sum)) as u16 };
        Sketches(self.0.map(|sums| Sketch(sums.map(hash))))
    }
}

/// Mixes the bits of a number (splitmix64; Steele, Lea and Flood 2014).
pub(super) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A cell of a table of facts.
#[derive(Clone, Debug)]
pub(crate) struct FactCell {
    /// The set of records.
    pub records: RecordSet,
    /// Number of facts.
    pub n: u64,
    /// Number of facts that are not public. Anybody may list public facts and subtract them.
    pub restricted: u64,
    /// Contributors of all facts.
    pub contributors: Contributors,
    /// Contributors of the restricted facts.
    pub restricted_contributors: Contributors,
    /// The contributions of each organization.
    pub sketches: Sketches,
}

impl FactCell {
    /// Replaces the number of facts by a count of other things, for which the same contributors
    /// answer. The name identifies the new set.
    pub fn set_count(&mut self, n: u64, name: &str) {
        let without_known_contributors = Self::without_known_contributors(n, name);
        (self.n, self.restricted, self.records) = (n, n, without_known_contributors.records);
        self.restricted_contributors = self.contributors.clone();
    }

    /// Returns a cell without facts.
    pub fn empty() -> Self {
        Self::without_known_contributors(0, "")
    }

    /// Returns a cell whose contributors are unknown. The name identifies its set of records.
    pub fn without_known_contributors(n: u64, name: &str) -> Self {
        let sum = name.bytes().fold(0, |sum, byte| mix(sum ^ u64::from(byte))) as i64;
        Self {
            records: RecordSet {
                id_column: "",
                n,
                sum,
                smallest: 0,
                largest: 0,
                contribution: Sketch::default(),
            },
            n,
            restricted: n,
            contributors: Contributors::default(),
            restricted_contributors: Contributors::default(),
            sketches: Sketches::default(),
        }
    }
}

/// Returns the location of a row with these keys.
pub(crate) fn location(keys: &Map<String, Value>) -> Location {
    let mut location: Location = keys
        .iter()
        .filter(|(name, _)| *name != "period")
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    location.sort();
    location
}

/// The participants of each event.
pub(crate) struct EventParticipants(pub(super) HashMap<i64, Vec<i64>>);

impl EventParticipants {
    /// Returns the participants of an event, if any are known.
    pub fn of_event(&self, event: i64) -> Option<&[i64]> {
        self.0.get(&event).map(Vec::as_slice)
    }

    /// Returns the organizations behind a contributor: the participants of an event, or the
    /// contributor itself. If the facts have events, a contributor below 0 is one.
    pub fn organizations<'a>(&'a self, contributor: &'a i64, has_events: bool) -> &'a [i64] {
        let event = (has_events && *contributor < 0).then(|| self.of_event(-contributor));
        event.flatten().unwrap_or(std::slice::from_ref(contributor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sketches of these facts: organization, contributor, hash of the values.
    fn sums(facts: &[(i64, i64, u64)]) -> SketchSums {
        let mut sums = SketchSums::default();
        for (organization, contributor, values) in facts {
            sums.add(&[Share::of(*organization, *contributor)], 1, *values == 1, *values);
        }
        sums
    }

    #[test]
    fn a_sketch_of_a_cell_is_the_sum_of_its_parts_in_any_order() {
        let facts: Vec<(i64, i64, u64)> =
            (1..500).map(|at| (at % 40, -(at % 90), (at % 3) as u64)).collect();
        let mut all = SketchSums::default();
        facts.rchunks(7).for_each(|part| all.extend(&sums(part)));
        assert_eq!(all, sums(&facts));
        let mut twice = SketchSums::default();
        twice.add(&[Share::of(7, -9)], 2, true, 1);
        assert_eq!(twice, sums(&[(7, -9, 1), (7, -9, 1)]), "equal facts count together");
        let stored = all.sketches();
        assert_eq!(Sketches::try_from(String::from(stored.clone())), Ok(stored));
        assert!(Sketches::try_from("0g".repeat(3 * BUCKETS * 2)).is_err(), "no digits");
    }

    #[test]
    fn a_sketch_shows_who_changed_a_cell() {
        let before = [(1, -10, 0), (2, -10, 0), (3, -11, 1), (3, -12, 0)];
        let changed = |after: &[(i64, i64, u64)]| {
            sums(&before).sketches().changed(&sums(after).sketches()).len()
        };
        assert_eq!(changed(&before), 0);
        assert_eq!(changed(&[(2, -10, 0), (3, -11, 1), (3, -12, 0)]), 1, "a fact is gone");
        assert_eq!(changed(&[(1, -10, 2), (2, -10, 0), (3, -11, 1), (3, -12, 0)]), 1, "a value");
        assert_eq!(changed(&[(1, -10, 0), (2, -10, 0), (3, -11, 0), (3, -12, 1)]), 1, "exchanged");
        assert_eq!(changed(&[(1, -10, 0), (2, -13, 0), (3, -11, 1), (3, -12, 0)]), 1, "an event");
        let others: Vec<(i64, i64, u64)> = (4..14).map(|other| (other, -10, 1)).collect();
        assert_eq!(changed(&others), 3, "at least three others");
        assert_eq!(SketchSums::default().sketches(), Sketches::default(), "no facts, no sketch");
    }
}
