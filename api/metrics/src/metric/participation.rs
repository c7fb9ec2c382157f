//! Who takes part? Organizations of a region that took part in at least one exercise or incident,
//! and events with every core discipline.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use hotwash_schema::profile;
use serde_json::Map;

use super::{Metric, single};
use crate::cube::{Cube, Measure, column, cube, day_of, integer, is, named};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::{Facts, Part};
use crate::query::{Dimension, MetricError, MetricQuery, Period};
use crate::row::{MetricRow, number};
use crate::snapshot::Snapshot;

/// The metric.
pub struct ParticipationRate;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "participation",
    title: "Participation",
    question: "Who takes part?",
    unit: Unit::Share,
    formula: "Organizations that took part in at least one exercise or incident of the period / \
        active organizations of the region, without the coalition's own organization, which \
        convenes the others. Wilson interval. Also the share of the region's events \
        with all core disciplines of the state, and with all four HPP core members.",
    reference: "HPP measure 14; HSEEP 2020",
    dimensions: &[Dimension::Region, Dimension::Discipline],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::integer("events", "events with known participants"),
        Extra::number("stateCore", "share of these events with all core disciplines of the state"),
        Extra::number("hppCore", "share of these events with all four HPP core members"),
    ],
};

/// Number of disciplines that HPP counts as core.
const HPP_CORE: i64 = 4;

/// Number of disciplines that the state counts as core.
fn state_core() -> i64 {
    profile::active().core_disciplines.len() as i64
}

/// Discipline of the coalition's own organization.
const COALITION: &str = "coalition";

/// Active organizations of a region.
fn members() -> Cube {
    Cube::of("organizations")
        .only(is("active"))
        .only(named("discipline", COALITION).not())
        .only(column("region_id").over(integer(0)))
}

/// Organizations that took part in an exercise or incident: one cell per organization and period.
fn participants() -> Cube {
    Cube::of("participations")
        .by_day("local_date")
        .only(is("active"))
        .only(named("discipline", COALITION).not())
        .only(column("region_id").over(integer(0)))
        .only(named("event_kind", "PLANNED_EVENT").not())
        .key("organization", column("organization_id"))
}

/// Exercises and incidents with known participants.
fn held_events() -> Cube {
    Cube::of("events")
        .by_day("local_date")
        .only(named("event_kind", "PLANNED_EVENT").not())
        .only(column("present").over(integer(0)))
}

impl Metric for ParticipationRate {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn has_comparable_periods(&self) -> bool {
        true
    }

    fn facts(&self, snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let participants: HashMap<i64, Part> = {
            let groups = cube(
                snapshot,
                &participants(),
                &MetricQuery { group_by: None, period: None, ..query.clone() },
                &[],
            )?;
            let organizations =
                groups.iter().flat_map(|group| group.integer("organization")).flatten();
            organizations.map(|organization| (*organization, Part::Numerator)).collect()
        };
        Ok(vec![
            Facts::of("Organization", "organization_id", members())
                .on_as_of_day()
                .listed(participants),
            Facts::events(held_events())
                .for_extras(&["events", "stateCore", "hppCore"])
                .counted_in(&["events"])
                .ignoring(&[Dimension::Discipline]),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let members = members().key("of_region", column("region_id"));
        let all_time = MetricQuery { period: None, from: None, to: None, ..query.clone() };
        let members = cube(snapshot, &members, &all_time, group_by)?;
        let mut took_part: BTreeMap<(Vec<String>, Option<NaiveDate>), usize> = BTreeMap::new();
        for group in cube(snapshot, &participants(), query, group_by)? {
            took_part.insert(
                (group.keys.clone(), group.period.map(|period| period.start)),
                group.counts().len(),
            );
        }
        let held_events = HeldEvents::of(snapshot, query)?;
        // The state includes events without a known region.
        let of_regions =
            group_by.contains(&Dimension::Region) || query.filter.contains_key(&Dimension::Region);
        let mut rows = Vec::new();
        for group in members.iter().filter(|group| group.count() > 0) {
            let regions = group
                .integer("of_region")
                .iter()
                .flatten()
                .map(|id| snapshot.region_code(*id as i32))
                .collect();
            for period in held_events.periods(query) {
                let start = period.map(|period| period.start);
                let [events, state, hpp] =
                    held_events.counts(start, of_regions.then_some(&regions));
                let share = |count: i64| number((events > 0).then(|| count as f64 / events as f64));
                let mut extra = Map::new();
                extra.insert("events".into(), events.into());
                extra.insert("stateCore".into(), share(state));
                extra.insert("hppCore".into(), share(hpp));
                let took_part =
                    took_part.get(&(group.keys.clone(), start)).copied().unwrap_or_default();
                let key = (group.keys.clone(), period);
                rows.push(single::share(
                    &DEFINITION,
                    &key,
                    group_by,
                    took_part,
                    group.count() as usize,
                    extra,
                ));
            }
        }
        Ok(rows)
    }
}

/// A set of regions and the counts of its events.
type OfRegions = (BTreeSet<String>, [i64; 3]);

/// Number of events with known participants, in all and with all core disciplines of the state
/// and of HPP, by period and set of regions.
struct HeldEvents {
    counts: BTreeMap<Option<NaiveDate>, Vec<OfRegions>>,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
}

impl HeldEvents {
    fn of(snapshot: &Snapshot, query: &MetricQuery) -> Result<Self, MetricError> {
        let events = held_events()
            .key("regions", column("regions"))
            .count("state_core", column("state_core").from(integer(state_core())))
            .count("hpp_core", column("hpp_core").from(integer(HPP_CORE)))
            .measure("first", Measure::Smallest(column("local_date")))
            .measure("last", Measure::Largest(column("local_date")));
        let everywhere = MetricQuery { filter: BTreeMap::new(), ..query.clone() };
        let mut held_events = Self { counts: BTreeMap::new(), first: None, last: None };
        for group in cube(snapshot, &events, &everywhere, &[])? {
            let days = |name: &str| {
                group.integer(name).iter().flatten().copied().map(day_of).collect::<Vec<_>>()
            };
            held_events.first = held_events.first.into_iter().chain(days("first")).min();
            held_events.last = held_events.last.into_iter().chain(days("last")).max();
            let cells = group.labels("regions").into_iter().zip(group.counts());
            let cores = group.integer("state_core").iter().zip(group.integer("hpp_core"));
            let list =
                held_events.counts.entry(group.period.map(|period| period.start)).or_default();
            for ((regions, count), (state, hpp)) in cells.zip(cores) {
                let regions = regions.split('+').map(str::to_owned).collect();
                list.push((
                    regions,
                    [*count as i64, state.unwrap_or_default(), hpp.unwrap_or_default()],
                ));
            }
        }
        Ok(held_events)
    }

    /// Returns the requested periods. Without requested days they run from the first event to the
    /// last.
    fn periods(&self, query: &MetricQuery) -> Vec<Option<Period>> {
        let Some(grain) = query.period else { return vec![None] };
        let days = query.from.or(self.first).zip(query.to.or(self.last));
        days.map(|(first, last)| Period::between(first, last, grain))
            .unwrap_or_default()
            .into_iter()
            .map(Some)
            .collect()
    }

    /// Counts the events in any of these regions, or all events, each once.
    fn counts(&self, start: Option<NaiveDate>, regions: Option<&BTreeSet<String>>) -> [i64; 3] {
        let meant =
            |set: &BTreeSet<String>| regions.is_none_or(|regions| !set.is_disjoint(regions));
        let own = self.counts.get(&start).into_iter().flatten().filter(|(set, _)| meant(set));
        own.fold([0; 3], |sum, (_, counts)| [0, 1, 2].map(|at| sum[at] + counts[at]))
    }
}
