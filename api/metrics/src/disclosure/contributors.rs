//! The cells of a table of facts, each with its number of facts and its contributors.
//!
//! The contributor of a fact is the organization that the fact names. Without one, the contributors
//! are the participants of its event. Without participants, the event itself counts as one
//! contributor.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::MIN_CONTRIBUTORS;
use crate::cube::{Cube, Measure, Term, column, cube, integer, is, when};
use crate::facts::Facts;
use crate::metric::dimensions;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::snapshot::Snapshot;

/// Name of the key column with the contributor of a fact.
const CONTRIBUTOR: &str = "contributor";
/// Names of the sum, minimum and maximum of the record ids.
const SUM: &str = "sum_of_ids";
const SMALLEST: &str = "smallest_id";
const LARGEST: &str = "largest_id";
/// Name of the count of facts in the numerator.
const NUMERATOR: &str = "numerator_facts";
/// Name of the count of public facts.
const PUBLIC: &str = "public_facts";
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
    id_column: &'static str,
    n: u64,
    sum: i64,
    smallest: i64,
    largest: i64,
    contribution: Sketch,
}

/// A set of distinct contributors that stops growing at [`MIN_CONTRIBUTORS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contributors(BTreeSet<i64>);

impl Contributors {
    fn add(&mut self, contributor_term: i64) {
        if !self.reach_minimum() {
            self.0.insert(contributor_term);
        }
    }

    /// Returns the set of these contributors.
    #[cfg(test)]
    pub fn of(contributors: impl IntoIterator<Item = i64>) -> Self {
        let mut all = Self::default();
        contributors.into_iter().for_each(|one| all.add(one));
        all
    }

    /// Adds the contributors of another cell.
    pub fn extend(&mut self, other: &Self) {
        other.0.iter().for_each(|one| self.add(*one));
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
    fn add(&mut self, organization: i64, contribution: u64) {
        let bucket = mix(organization as u64) % BUCKETS as u64;
        let sum = &mut self.0[bucket as usize];
        *sum = sum.wrapping_add(mix(contribution) as u16);
    }

    /// Returns the buckets that differ: a lower bound for the contributors whose contribution
    /// changed.
    fn changed(&self, other: &Self) -> Contributors {
        let buckets = self.0.iter().zip(&other.0).enumerate();
        let mut changed = Contributors::default();
        buckets
            .filter(|(_, (one, other))| one != other)
            .for_each(|(bucket, _)| changed.add(bucket as i64));
        changed
    }
}

/// Three sketches of a cell: of its facts, of the facts in its numerator, and of the facts' values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sketches([Sketch; 3]);

impl Sketches {
    fn add(
        &mut self,
        organization: i64,
        contributor_id: i64,
        facts: u64,
        in_numerator: u64,
        values: u64,
    ) {
        let hash = |number: u64| mix(mix(contributor_id as u64).wrapping_add(number));
        // An organization without facts in the numerator contributes nothing to that sketch.
        let in_numerator = if in_numerator == 0 { None } else { Some(in_numerator) };
        for (sketch, number) in self.0.iter_mut().zip([Some(facts), in_numerator, Some(values)]) {
            number.into_iter().for_each(|number| sketch.add(organization, hash(number)));
        }
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

    /// Formats the sketches as hexadecimal text, for storage.
    pub fn to_hex(&self) -> String {
        self.0.iter().flat_map(|sketch| sketch.0).map(|bucket| format!("{bucket:04x}")).collect()
    }

    /// Parses hexadecimal text; returns `None` if the text is not a set of sketches.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut sketches = Self::default();
        if text.len() != sketches.0.len() * BUCKETS * 4 {
            return None;
        }
        for (at, bucket) in sketches.0.iter_mut().flat_map(|sketch| &mut sketch.0).enumerate() {
            *bucket = u16::from_str_radix(text.get(at * 4..at * 4 + 4)?, 16).ok()?;
        }
        Some(sketches)
    }
}

/// Mixes the bits of a number (splitmix64; Steele, Lea and Flood 2014).
fn mix(number: u64) -> u64 {
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
pub(crate) struct EventParticipants(HashMap<i64, Vec<i64>>);

impl EventParticipants {
    /// Reads the participants of all events, once per snapshot.
    pub fn of(snapshot: &Snapshot) -> Result<Arc<Self>, MetricError> {
        snapshot.derived().participants(|| {
            let pairs = Cube::of("participations")
                .key("event", column("event_id"))
                .key("who", column("organization_id"));
            let mut by_event: HashMap<i64, Vec<i64>> = HashMap::new();
            for group in cube(snapshot, &pairs, &MetricQuery::always(), &[])? {
                for (event, contributor_id) in
                    group.integer("event").iter().zip(group.integer("who"))
                {
                    if let (Some(event), Some(contributor_id)) = (event, contributor_id)
                        && *contributor_id > 0
                    {
                        by_event.entry(*event).or_default().push(*contributor_id);
                    }
                }
            }
            Ok(Self(by_event))
        })
    }

    fn of_event(&self, event: i64) -> Option<&[i64]> {
        self.0.get(&event).map(Vec::as_slice)
    }
}

/// Returns the contributor of a fact as a number (an organization above 0, an event below 0), and
/// true if it may be an event.
fn contributor_term(facts: &Facts) -> (Term, bool) {
    let event = || integer(0).less(column("event_id"));
    match (facts.has("organization_id"), facts.has("event_id")) {
        (true, true) => {
            let named = column("organization_id").over(integer(0));
            (when(named, column("organization_id"), event()), true)
        }
        (true, false) => (column("organization_id"), false),
        (false, true) => (event(), true),
        (false, false) => (integer(0).less(column(facts.key())), false),
    }
}

/// Returns the cells of a table of facts by location, for these dimensions and the query's period.
///
/// # Errors
/// If the engine fails.
pub(crate) fn count_cells(
    snapshot: &Snapshot,
    facts: &Facts,
    query: &MetricQuery,
    by: &[Dimension],
) -> Result<BTreeMap<Location, FactCell>, MetricError> {
    let participants = EventParticipants::of(snapshot)?;
    let query = facts.select(query);
    let by = facts.split_by(by);
    let (contributor_id, of_events) = contributor_term(facts);
    let mut plan = facts.cube().key(CONTRIBUTOR, contributor_id);
    let id = || column(facts.key());
    plan = plan
        .measure(SUM, Measure::Sum(id()))
        .measure(SMALLEST, Measure::Smallest(id()))
        .measure(LARGEST, Measure::Largest(id()));
    // A contribution includes whether a fact is in the numerator, and the fact's values.
    let values = facts.values();
    plan = plan.measure(NUMERATOR, facts.numerator_measure()).sums(&values);
    let has_public_flag = facts.has("public");
    if has_public_flag {
        plan = plan.count(PUBLIC, is("public"));
    }
    let mut cells = BTreeMap::new();
    for group in cube(snapshot, &plan, &query, &by)? {
        let sum =
            group.integer(SUM).iter().flatten().fold(0_i64, |sum, part| sum.wrapping_add(*part));
        let mut cell = FactCell {
            records: RecordSet {
                id_column: facts.key(),
                n: 0,
                sum,
                smallest: group
                    .integer(SMALLEST)
                    .iter()
                    .flatten()
                    .min()
                    .copied()
                    .unwrap_or_default(),
                largest: group.integer(LARGEST).iter().flatten().max().copied().unwrap_or_default(),
                contribution: Sketch::default(),
            },
            n: 0,
            restricted: 0,
            contributors: Contributors::default(),
            restricted_contributors: Contributors::default(),
            sketches: Sketches::default(),
        };
        let (public, numerators) = (group.integer(PUBLIC), group.integer(NUMERATOR));
        let values: Vec<&[Option<i64>]> = values.iter().map(|name| group.integer(name)).collect();
        for (at, (contributor_id, count)) in
            group.integer(CONTRIBUTOR).iter().zip(group.counts()).enumerate()
        {
            let not_public = count - public.get(at).copied().flatten().unwrap_or(0).unsigned_abs();
            let in_numerator = numerators.get(at).copied().flatten().unwrap_or(0) as u64;
            let value_hash = values.iter().fold(*count, |all, value| {
                mix(all).wrapping_add(value.get(at).copied().flatten().unwrap_or(0) as u64)
            });
            cell.n += count;
            cell.records.n += count;
            cell.restricted += not_public;
            // Facts of an unknown origin have no contributor.
            let Some(contributor_id) = contributor_id else { continue };
            let event = (of_events && *contributor_id < 0)
                .then(|| participants.of_event(-contributor_id))
                .flatten();
            for organization in event.unwrap_or(std::slice::from_ref(contributor_id)) {
                cell.contributors.add(*organization);
                if not_public > 0 {
                    cell.restricted_contributors.add(*organization);
                }
                cell.records
                    .contribution
                    .add(*organization, mix(*contributor_id as u64).wrapping_add(*count));
                cell.sketches.add(*organization, *contributor_id, *count, in_numerator, value_hash);
            }
        }
        if cell.n > 0 {
            cells.insert(location(&dimensions(&group, &by)), cell);
        }
    }
    Ok(cells)
}
