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

    /// Returns the smallest of these sets that has contributors; empty if none has.
    pub fn smallest(all: impl IntoIterator<Item = Self>) -> Self {
        let all = all.into_iter().filter(|one| !one.is_empty());
        all.min_by_key(Self::len).unwrap_or_default()
    }

    /// Returns true if there are at least [`MIN_CONTRIBUTORS`] contributors.
    pub fn reach_minimum(&self) -> bool {
        self.0.len() >= MIN_CONTRIBUTORS
    }
}

/// The contributions of each organization to a number of a cell, added up in a few buckets.
///
/// The difference of two numbers has the difference of their sketches.
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

    /// Returns the sketch of the difference of two numbers.
    fn less(&self, other: &Self) -> Self {
        let mut less = self.clone();
        less.0.iter_mut().zip(&other.0).for_each(|(one, other)| *one = one.wrapping_sub(*other));
        less
    }

    fn is_zero(&self) -> bool {
        self.0 == [0; BUCKETS]
    }
}

/// The sketches of a cell: of its facts, of the facts in its numerator, of the facts' values, and of
/// each further number that the facts [state](crate::facts::Facts::stating).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Sketches(Vec<Sketch>);

/// Positions in a list of sketches.
const FACTS: usize = 0;
const NUMERATOR: usize = 1;
const VALUES: usize = 2;
/// Number of sketches before those of further numbers.
const FIXED: usize = 3;

impl Sketches {
    /// Returns the sketch of all facts.
    pub fn of_facts(&self) -> Sketch {
        self.at(FACTS)
    }

    /// Returns a sketch; without facts, every sketch is zero.
    fn at(&self, position: usize) -> Sketch {
        self.0.get(position).cloned().unwrap_or_default()
    }

    /// Returns who added or removed facts.
    pub fn changed_facts(&self, other: &Self) -> Contributors {
        self.of_facts().changed(&other.of_facts())
    }

    /// Returns who added or removed facts, or changed a value of one.
    pub fn changed_values(&self, other: &Self) -> Contributors {
        self.at(VALUES).changed(&other.at(VALUES))
    }

    /// Returns the smallest set of contributors who changed one of the counts: the facts, those in
    /// the numerator, the rest, or a further number. Empty if none changed.
    pub fn changed_counts(&self, other: &Self) -> Contributors {
        let rest = |sketches: &Self| sketches.at(FACTS).less(&sketches.at(NUMERATOR));
        let further = FIXED..self.0.len().max(other.0.len());
        let positions = [FACTS, NUMERATOR].into_iter().chain(further);
        let changed = positions.map(|position| self.at(position).changed(&other.at(position)));
        Contributors::smallest(changed.chain([rest(self).changed(&rest(other))]))
    }
}

impl From<Sketches> for String {
    /// Formats the sketches for storage, separated by commas: in hexadecimal digits, as `=` if a
    /// sketch equals the one before, and as nothing if it is zero.
    fn from(sketches: Sketches) -> Self {
        let zero = Sketch::default();
        let before = std::iter::once(&zero).chain(&sketches.0);
        let format = |(sketch, before): (&Sketch, &Sketch)| {
            if sketch.is_zero() {
                Self::new()
            } else if sketch == before {
                "=".to_owned()
            } else {
                sketch.0.iter().map(|bucket| format!("{bucket:04x}")).collect()
            }
        };
        sketches.0.iter().zip(before).map(format).collect::<Vec<_>>().join(",")
    }
}

impl TryFrom<String> for Sketches {
    type Error = String;

    /// Parses stored sketches. Those of formats before 6 are read as none: their releases are not
    /// [compared](crate::Release::is_comparable).
    fn try_from(text: String) -> Result<Self, String> {
        let mut sketches: Vec<Sketch> = Vec::new();
        if !text.contains(',') {
            return Ok(Self::default());
        }
        for part in text.split(',') {
            let sketch = match part {
                "" => Sketch::default(),
                "=" => sketches.last().cloned().unwrap_or_default(),
                digits => Sketch::parsed(digits).ok_or_else(|| {
                    format!("expected {} hexadecimal digits, found {digits:?}", BUCKETS * 4)
                })?,
            };
            sketches.push(sketch);
        }
        Ok(Self(sketches))
    }
}

impl Sketch {
    /// Parses hexadecimal digits, four for each bucket.
    fn parsed(digits: &str) -> Option<Self> {
        let mut sketch = Self::default();
        if digits.len() != BUCKETS * 4 {
            return None;
        }
        for (at, bucket) in sketch.0.iter_mut().enumerate() {
            *bucket = u16::from_str_radix(digits.get(at * 4..at * 4 + 4)?, 16).ok()?;
        }
        Some(sketch)
    }
}

/// The part of one organization in a fact: the organization that the fact names, or a participant
/// of its event.
pub(super) struct Share {
    pub organization: i64,
    bucket: usize,
    /// Odd, so that no small multiple of it is zero in a bucket.
    weight: u64,
}

impl Share {
    /// Returns the part of an organization in the facts of a contributor: itself, or an event.
    pub fn of(organization: i64, contributor: i64) -> Self {
        Self {
            organization,
            bucket: (mix(organization as u64) % BUCKETS as u64) as usize,
            weight: mix(mix(contributor as u64).wrapping_add(organization as u64)) | 1,
        }
    }
}

/// The sums of weights from which the sketches of a cell are made.
///
/// Sums of sums are those of all facts, so a cell of a table is the sum of finer ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SketchSums(Vec<[u16; BUCKETS]>);

impl SketchSums {
    /// Adds equal facts, given a hash of their values, and what each adds to the further numbers.
    pub fn add(
        &mut self,
        shares: &[Share],
        count: u64,
        in_numerator: bool,
        values: u64,
        further: &[i64],
    ) {
        self.0.resize(FIXED + further.len(), [0; BUCKETS]);
        let mut add = |position: usize, share: &Share, weight: u64| {
            let sum = &mut self.0[position][share.bucket];
            *sum = sum.wrapping_add(weight.wrapping_mul(count) as u16);
        };
        for share in shares {
            add(FACTS, share, share.weight);
            if in_numerator {
                add(NUMERATOR, share, share.weight);
            }
            add(VALUES, share, mix(share.weight ^ values));
            for (number, amount) in further.iter().enumerate() {
                add(FIXED + number, share, share.weight.wrapping_mul(*amount as u64));
            }
        }
    }

    /// Adds the facts of another cell.
    pub fn extend(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), [0; BUCKETS]);
        let sums = self.0.as_flattened_mut().iter_mut().zip(other.0.as_flattened());
        sums.for_each(|(sum, other)| *sum = sum.wrapping_add(*other));
    }

    /// Returns the sketches.
    pub fn sketches(&self) -> Sketches {
        Sketches(self.0.iter().map(|sums| Sketch(*sums)).collect())
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

    /// Sketches of these facts: organization, contributor, hash of the values. Those with the hash 1
    /// are in the numerator, and the hash is a further number.
    fn sums(facts: &[(i64, i64, u64)]) -> SketchSums {
        let mut sums = SketchSums::default();
        for (organization, contributor, values) in facts {
            let shares = [Share::of(*organization, *contributor)];
            sums.add(&shares, 1, *values == 1, *values, &[*values as i64]);
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
        twice.add(&[Share::of(7, -9)], 2, true, 1, &[1]);
        assert_eq!(twice, sums(&[(7, -9, 1), (7, -9, 1)]), "equal facts count together");
    }

    #[test]
    fn sketches_are_read_as_they_were_stored() {
        for facts in [&[][..], &[(7, -9, 1)], &[(7, -9, 0)], &[(7, -9, 1), (8, -9, 2)]] {
            let sketches = sums(facts).sketches();
            assert_eq!(Sketches::try_from(String::from(sketches.clone())), Ok(sketches));
        }
        assert!(Sketches::try_from(format!("{},", "0g".repeat(BUCKETS * 2))).is_err(), "no digits");
    }

    #[test]
    fn a_sketch_shows_who_changed_a_cell() {
        let before = [(1, -10, 0), (2, -10, 0), (3, -11, 1), (3, -12, 0)];
        let changed = |after: &[(i64, i64, u64)]| {
            let (before, after) = (sums(&before).sketches(), sums(after).sketches());
            let [facts, counts, values] =
                [Sketches::changed_facts, Sketches::changed_counts, Sketches::changed_values]
                    .map(|changed| changed(&before, &after).len());
            (facts, counts, values)
        };
        assert_eq!(changed(&before), (0, 0, 0));
        assert_eq!(changed(&[(2, -10, 0), (3, -11, 1), (3, -12, 0)]), (1, 1, 1), "a fact is gone");
        let with_value = [(1, -10, 2), (2, -10, 0), (3, -11, 1), (3, -12, 0)];
        assert_eq!(changed(&with_value), (0, 1, 1), "a further number");
        let exchanged = [(1, -10, 0), (2, -10, 0), (3, -11, 0), (3, -12, 1)];
        assert_eq!(changed(&exchanged), (0, 1, 1), "another fact of the numerator");
        let of_event = [(1, -10, 0), (2, -13, 0), (3, -11, 1), (3, -12, 0)];
        assert_eq!(changed(&of_event), (1, 1, 1), "an event");
        let others: Vec<(i64, i64, u64)> = (4..14).map(|other| (other, -10, 1)).collect();
        assert_eq!(changed(&others), (3, 3, 3), "at least three others");
        // Others add facts of the numerator, and one of the earlier facts gets into it.
        let rest: Vec<_> = others.into_iter().chain(before).collect();
        let rest: Vec<_> =
            rest.into_iter().map(|(one, by, of)| (one, by, of.max((one == 1).into()))).collect();
        assert_eq!(changed(&rest), (3, 1, 3), "the rest of the facts");
        assert_eq!(changed(&[]), (3, 1, 3), "no facts, no sketch");
    }
}
