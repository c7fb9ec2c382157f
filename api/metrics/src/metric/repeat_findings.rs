//! Do we keep finding the same thing? Areas for improvement that repeat an earlier one, from
//! another event of the region.

use std::collections::{BTreeSet, HashMap, VecDeque};

use chrono::Months;
use serde_json::Map;

use super::{Metric, amount, dimensions, single};
use crate::clusters::{CLUSTER, Clusters, RowClusters};
use crate::cube::{CellGroup, Cube, Measure, column, cube, day_number, day_of, filled};
use crate::definition::{Extra, MAX_MONTHS, MetricDefinition, Parameter, Unit};
use crate::facts::{Facts, Part};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, number};
use crate::snapshot::Snapshot;

/// The metric.
pub struct RepeatFindings;

const MONTHS: Parameter =
    Parameter::number("months", "maximum age of the earlier area, in months", "36", MAX_MONTHS);

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "repeat_findings",
    title: "Repeat findings",
    question: "Do we keep finding the same thing?",
    unit: Unit::Share,
    formula: "Areas for improvement that repeat an earlier one / areas with an element. Wilson \
        interval. The earlier area must have the same region, capability and element, come from \
        another event, and be at most 36 months older. An area without a known region, capability \
        or element repeats nothing. In the row of a region or an element, only earlier areas of \
        that region or element count. A repeat is a relapse if an action for an earlier area was \
        completed before it, even if that action was reopened. Otherwise it is still open if an \
        earlier area had an action, and never actioned if none had.",
    reference: "Savoia, Agboola and Biddinger 2012; Donahue and Tuohy 2006",
    dimensions: &[
        Dimension::Region,
        Dimension::Capability,
        Dimension::Framework,
        Dimension::Element,
        Dimension::EventKind,
    ],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[MONTHS],
    single_records: &[],
    extras: &[
        Extra::integer("repeats", "areas that repeat an earlier one"),
        Extra::integer("relapse", "repeats after a completed action"),
        Extra::integer("stillOpen", "repeats whose actions were not completed"),
        Extra::integer("neverActioned", "repeats without any action"),
        Extra::number("relapseShare", "relapses / repeats"),
    ],
};

/// Positions of a region, a capability and an element.
type Subject = (usize, usize, usize);

/// The areas of a subject on one day: true if one has an action, and the day on which the first of
/// those actions was completed.
#[derive(Clone, Copy)]
struct OnDay {
    day: i64,
    acted: bool,
    completed: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Repeat {
    No,
    NeverActioned,
    StillOpen,
    Relapse,
}

/// Name for values that are not in the reference lists.
const UNMAPPED: &str = "unmapped";

/// Positions of names, the same for all cubes.
#[derive(Default)]
struct NameIndex(HashMap<String, usize>);

impl NameIndex {
    fn of(&mut self, name: &str) -> usize {
        if let Some(position) = self.0.get(name) {
            return *position;
        }
        self.0.insert(name.to_owned(), self.0.len());
        self.0.len() - 1
    }

    /// Returns the positions of the members of each cell's label.
    fn members(&mut self, group: &CellGroup, column: &str) -> Vec<Vec<usize>> {
        let mut known: HashMap<Option<i64>, Vec<usize>> = HashMap::new();
        let names = group.names(column);
        let mut members = |code: Option<i64>| {
            let name =
                code.and_then(|code| names.get(code as usize)).map_or(UNMAPPED, String::as_str);
            name.split('+').map(|one| self.of(one)).collect::<Vec<usize>>()
        };
        let codes = group.integer(column).iter();
        codes.map(|code| known.entry(*code).or_insert_with(|| members(*code)).clone()).collect()
    }
}

/// Areas for improvement with an element, up to the as-of day; equal ones are counted together.
fn areas() -> Cube {
    Cube::of("areas")
        .by_day("local_date")
        .key("of_regions", column("regions"))
        .key("of_capability", column("capability"))
        .key("of_elements", column("elements"))
        .key("on", column("local_date"))
}

impl Metric for RepeatFindings {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let months = amount(&DEFINITION, query, &MONTHS)? as u32;
        let mut names_index = NameIndex::default();
        let judged = judged(snapshot, query, months, &mut names_index)?;
        let each = areas().key("finding_id", column("finding_id"));
        let mut repeats = HashMap::new();
        for group in cube(
            snapshot,
            &each,
            &MetricQuery { group_by: None, period: None, ..query.clone() },
            &[],
        )? {
            let chosen = Chosen::of(&mut names_index, query, &[], &[]);
            let found = found(&group, &judged, &mut names_index, &chosen);
            for (finding, repeat) in group.integer("finding_id").iter().zip(found) {
                if let Some(finding) = finding.filter(|_| repeat != Repeat::No) {
                    repeats.insert(finding, Part::Numerator);
                }
            }
        }
        Ok(vec![Facts::findings(Cube::of("areas").by_day("local_date")).listed(repeats)])
    }

    fn clusters(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Option<RowClusters>, MetricError> {
        let months = amount(&DEFINITION, query, &MONTHS)? as u32;
        let mut names_index = NameIndex::default();
        let judged = judged(snapshot, query, months, &mut names_index)?;
        let by_event = areas().key(CLUSTER, column("event_id"));
        let groups = cube(snapshot, &by_event, query, group_by)?;
        let clusters = groups.iter().map(|group| {
            let chosen = Chosen::of(&mut names_index, query, group_by, &group.keys);
            let found = found(group, &judged, &mut names_index, &chosen);
            let cells = found.into_iter().zip(group.counts());
            let cells = cells.map(|(repeat, count)| {
                let all = *count as f64;
                (if repeat == Repeat::No { 0.0 } else { all }, all)
            });
            (dimensions(group, group_by), Clusters::of(group, cells))
        });
        Ok(Some(clusters.collect()))
    }

    fn repeated(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
    ) -> Result<HashMap<i64, i64>, MetricError> {
        let months = amount(&DEFINITION, query, &MONTHS)? as u32;
        let mut names_index = NameIndex::default();
        let chosen = Chosen::of(&mut names_index, query, &[], &[]);
        let known = Known::of(snapshot, &mut names_index);
        let all = MetricQuery { as_of: query.as_of, ..MetricQuery::default() };
        let each = areas().key("finding_id", column("finding_id"));
        let mut areas: Vec<(i64, i64, Vec<Subject>)> = Vec::new();
        for group in cube(snapshot, &each, &all, &[])? {
            let ids = group.integer("on").iter().zip(group.integer("finding_id"));
            let subjects = subjects(&group, &mut names_index, &known);
            areas.extend(ids.zip(subjects).filter_map(|((day, id), mut subjects)| {
                subjects.retain(|subject| chosen.has(subject));
                Some(((*day)?, (*id)?, subjects))
            }));
        }
        areas.sort_unstable();
        let mut latest: HashMap<Subject, (i64, i64)> = HashMap::new();
        let mut repeated = HashMap::new();
        for of_day in areas.chunk_by(|one, two| one.0 == two.0) {
            for (day, id, subjects) in of_day {
                let oldest =
                    day_of(*day).checked_sub_months(Months::new(months)).map_or(*day, day_number);
                let earlier = subjects.iter().filter_map(|subject| latest.get(subject));
                let earlier = earlier.filter(|(on, _)| *on >= oldest).max();
                repeated.extend(earlier.map(|(_, earlier)| (*id, *earlier)));
            }
            for (day, id, subjects) in of_day {
                latest.extend(subjects.iter().map(|subject| (*subject, (*day, *id))));
            }
        }
        Ok(repeated)
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let months = amount(&DEFINITION, query, &MONTHS)? as u32;
        let mut names_index = NameIndex::default();
        let judged = judged(snapshot, query, months, &mut names_index)?;
        let groups = filled(cube(snapshot, &areas(), query, group_by)?, query);
        let mut rows = Vec::new();
        for group in groups.iter().filter(|group| group.count() > 0 || group.period.is_some()) {
            let chosen = Chosen::of(&mut names_index, query, group_by, &group.keys);
            let mut counts = HashMap::from([(Repeat::No as u8, 0_u64)]);
            for (repeat, count) in
                found(group, &judged, &mut names_index, &chosen).into_iter().zip(group.counts())
            {
                *counts.entry(repeat as u8).or_default() += count;
            }
            let count = |kind: Repeat| counts.get(&(kind as u8)).copied().unwrap_or_default();
            let (relapses, open, never) =
                (count(Repeat::Relapse), count(Repeat::StillOpen), count(Repeat::NeverActioned));
            let repeats = relapses + open + never;
            let mut extra = Map::new();
            extra.insert("repeats".into(), repeats.into());
            for (name, count) in
                [("relapse", relapses), ("stillOpen", open), ("neverActioned", never)]
            {
                extra.insert(name.into(), count.into());
            }
            extra.insert(
                "relapseShare".into(),
                number((repeats > 0).then(|| relapses as f64 / repeats as f64)),
            );
            let all = group.count() as usize;
            rows.push(single::share(
                &DEFINITION,
                &single::key(group),
                group_by,
                repeats as usize,
                all,
                extra,
            ));
        }
        Ok(rows)
    }
}

/// The regions and elements whose earlier areas count; all if empty.
///
/// In the row of a region or an element, or with a filter by one, only its own earlier areas count.
struct Chosen {
    regions: Option<Vec<usize>>,
    elements: Option<Vec<usize>>,
}

impl Chosen {
    fn of(
        names_index: &mut NameIndex,
        query: &MetricQuery,
        group_by: &[Dimension],
        keys: &[String],
    ) -> Self {
        let mut of = |dimension: Dimension| {
            let at = group_by.iter().position(|known| *known == dimension);
            let names = at
                .map(|at| vec![keys[at].clone()])
                .or_else(|| query.filter.get(&dimension).cloned());
            names.map(|names| names.iter().map(|name| names_index.of(name)).collect())
        };
        Self { regions: of(Dimension::Region), elements: of(Dimension::Element) }
    }

    /// Returns true if the areas of a subject count.
    fn has(&self, (region, _, element): &Subject) -> bool {
        let has = |chosen: &Option<Vec<usize>>, position: &usize| {
            chosen.as_ref().is_none_or(|chosen| chosen.contains(position))
        };
        has(&self.regions, region) && has(&self.elements, element)
    }
}

/// Returns the kind of repeat of each cell's areas.
fn found(
    group: &CellGroup,
    judged: &HashMap<Subject, HashMap<i64, Repeat>>,
    names_index: &mut NameIndex,
    chosen: &Chosen,
) -> Vec<Repeat> {
    let [regions, capabilities, elements] =
        ["of_regions", "of_capability", "of_elements"].map(|name| names_index.members(group, name));
    let cells = group.integer("on").iter().enumerate().map(|(at, on)| {
        let mut found = Repeat::No;
        for region in &regions[at] {
            for element in &elements[at] {
                let subject = (*region, capabilities[at][0], *element);
                if !chosen.has(&subject) {
                    continue;
                }
                let known = on.and_then(|on| judged.get(&subject)?.get(&on));
                found = found.max(known.copied().unwrap_or(Repeat::No));
            }
        }
        found
    });
    cells.collect()
}

/// The subjects whose parts are all in the reference lists. Two unmapped values are not the same
/// value.
struct Known {
    regions: BTreeSet<usize>,
    capabilities: BTreeSet<usize>,
    no_element: usize,
}

impl Known {
    fn of(snapshot: &Snapshot, names_index: &mut NameIndex) -> Self {
        let regions = snapshot.regions.values().filter(|region| region.id > 0);
        Self {
            regions: regions.map(|region| names_index.of(&region.code)).collect(),
            capabilities: snapshot.capabilities.keys().map(|code| names_index.of(code)).collect(),
            no_element: names_index.of(UNMAPPED),
        }
    }

    fn has(&self, (region, capability, element): &Subject) -> bool {
        self.regions.contains(region)
            && self.capabilities.contains(capability)
            && *element != self.no_element
    }
}

/// Returns the known subjects of each cell's areas.
fn subjects(
    group: &CellGroup,
    names_index: &mut NameIndex,
    known: &Known,
) -> impl Iterator<Item = Vec<Subject>> {
    let [regions, capabilities, elements] =
        ["of_regions", "of_capability", "of_elements"].map(|name| names_index.members(group, name));
    regions.into_iter().zip(capabilities).zip(elements).map(|((regions, capability), elements)| {
        let pairs =
            regions.iter().flat_map(|region| elements.iter().map(move |one| (*region, *one)));
        let subjects = pairs.map(|(region, element)| (region, capability[0], element));
        subjects.filter(|subject| known.has(subject)).collect()
    })
}

/// Returns the kind of repeat of each subject and day, from all earlier areas.
fn judged(
    snapshot: &Snapshot,
    query: &MetricQuery,
    months: u32,
    names_index: &mut NameIndex,
) -> Result<HashMap<Subject, HashMap<i64, Repeat>>, MetricError> {
    let earlier = areas()
        .count("acted", column("first_opened").known())
        .measure("completed", Measure::Smallest(column("first_completed")));
    let all = MetricQuery { as_of: query.as_of, ..MetricQuery::default() };
    let known = Known::of(snapshot, names_index);
    let mut days: HashMap<Subject, Vec<OnDay>> = HashMap::new();
    for group in cube(snapshot, &earlier, &all, &[])? {
        let cells =
            group.integer("on").iter().zip(group.integer("acted")).zip(group.integer("completed"));
        let subjects = subjects(&group, names_index, &known);
        for (((on, acted), completed), subjects) in cells.zip(subjects) {
            let Some(day) = *on else { continue };
            let on_day =
                OnDay { day, acted: acted.is_some_and(|count| count > 0), completed: *completed };
            for subject in subjects {
                days.entry(subject).or_default().push(on_day);
            }
        }
    }
    Ok(days.into_iter().map(|(subject, days)| (subject, repeats(days, months))).collect())
}

/// Compares each day with the days of the months before it.
fn repeats(mut days: Vec<OnDay>, months: u32) -> HashMap<i64, Repeat> {
    days.sort_by_key(|one| one.day);
    let mut judged = HashMap::new();
    // The window moves forward with the days. The front of an ascending queue is its earliest
    // completion.
    let (mut first, mut acted, mut earliest) = (0, 0_usize, VecDeque::<(usize, i64)>::new());
    let mut next = 0;
    for group in days.chunk_by(|one, two| one.day == two.day) {
        let day = group[0].day;
        let oldest = day_of(day).checked_sub_months(Months::new(months)).map_or(day, day_number);
        while days[next].day < day {
            acted += usize::from(days[next].acted);
            if let Some(completed) = days[next].completed {
                while earliest.back().is_some_and(|(_, known)| *known >= completed) {
                    earliest.pop_back();
                }
                earliest.push_back((next, completed));
            }
            next += 1;
        }
        while first < next && days[first].day < oldest {
            acted -= usize::from(days[first].acted);
            first += 1;
        }
        while earliest.front().is_some_and(|(position, _)| *position < first) {
            earliest.pop_front();
        }
        judged.insert(
            day,
            if first == next {
                Repeat::No
            } else if earliest.front().is_some_and(|(_, completed)| *completed < day) {
                Repeat::Relapse
            } else if acted > 0 {
                Repeat::StillOpen
            } else {
                Repeat::NeverActioned
            },
        );
    }
    judged
}
