//! Who takes part? Organisations of a region seen in at least one exercise or incident, and events with every core discipline.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Map;

use super::{Metric, single};
use crate::ask::{Ask, Dimension, MetricError, Period};
use crate::definition::{Definition, Extra, Unit};
use crate::row::{Row, number};
use crate::snapshot::Snapshot;
use crate::snapshot::index::{EventFacts, grouped};

/// The metric.
pub struct Participation;

static DEFINITION: Definition = Definition {
    id: "participation",
    title: "Participation",
    question: "Who takes part?",
    unit: Unit::Share,
    formula: "Organisations that took part in at least one exercise or incident of the period / active organisations of the region; Wilson interval. Beside it the share of the region's events with all five Massachusetts core disciplines present, and with all four HPP core members.",
    reference: "HPP measure 14; HSEEP 2020",
    dimensions: &[Dimension::Region, Dimension::Discipline],
    default_group_by: &[Dimension::Region],
    minimum_n: 5,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("events", "events with known participants"),
        Extra::number("massachusettsCore", "share of them with all five Massachusetts core disciplines"),
        Extra::number("hppCore", "share of them with all four HPP core members"),
    ],
};

/// Disciplines that Massachusetts and HPP count as core.
const MA_CORE: usize = 5;
const HPP_CORE: usize = 4;

impl Metric for Participation {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let index = snapshot.index()?;
        let mut present: HashMap<i64, BTreeSet<i64>> = HashMap::new();
        for (event, organization) in snapshot.attendance()? {
            present.entry(event).or_default().insert(organization);
        }
        let within = |event: &&EventFacts| {
            event.kind != "PLANNED_EVENT"
                && event.day <= ask.as_of
                && ask.from.is_none_or(|from| event.day >= from)
                && ask.to.is_none_or(|to| event.day <= to)
        };
        let held: Vec<&EventFacts> =
            index.events.values().filter(within).filter(|event| present.contains_key(&event.id)).collect();
        let periods: Vec<Option<Period>> = match ask.period {
            None => vec![None],
            Some(grain) => {
                let first = ask.from.or_else(|| held.iter().map(|event| event.day).min());
                let last = ask.to.or_else(|| held.iter().map(|event| event.day).max());
                first
                    .zip(last)
                    .map(|(first, last)| Period::between(first, last, grain))
                    .unwrap_or_default()
                    .into_iter()
                    .map(Some)
                    .collect()
            }
        };
        let asked = Ask { period: None, from: None, to: None, ..ask.clone() };
        let members =
            index.organizations.iter().filter(|(_, organization)| organization.active && organization.region_id > 0);
        let groups = grouped(
            members,
            &asked,
            group_by,
            |_| ask.as_of,
            |(_, organization), dimension| {
                vec![if dimension == Dimension::Region {
                    snapshot.region_code(organization.region_id)
                } else {
                    organization.discipline.clone()
                }]
            },
        );
        // The state as a whole has the events of no known region too.
        let of_regions = group_by.contains(&Dimension::Region) || ask.filter.contains_key(&Dimension::Region);
        let mut rows = Vec::new();
        for ((keys, _), members) in groups {
            let regions: BTreeSet<i32> = members.iter().map(|(_, organization)| organization.region_id).collect();
            for period in &periods {
                let events: Vec<&&EventFacts> = held
                    .iter()
                    .filter(|event| period.is_none_or(|period| event.day >= period.start && event.day <= period.end()))
                    .collect();
                let seen: BTreeSet<i64> =
                    events.iter().filter_map(|event| present.get(&event.id)).flatten().copied().collect();
                let took_part = members.iter().filter(|(id, _)| seen.contains(id)).count();
                let own: Vec<&&&EventFacts> = events
                    .iter()
                    .filter(|event| !of_regions || event.regions.iter().any(|region| regions.contains(region)))
                    .collect();
                let complete = |ma: bool, needed: usize| {
                    own.iter().filter(|event| core(snapshot, &present[&event.id], ma) >= needed).count()
                };
                let share = |count: usize| number((!own.is_empty()).then(|| count as f64 / own.len() as f64));
                let mut extra = Map::new();
                extra.insert("events".into(), own.len().into());
                extra.insert("massachusettsCore".into(), share(complete(true, MA_CORE)));
                extra.insert("hppCore".into(), share(complete(false, HPP_CORE)));
                rows.push(single::share(
                    &DEFINITION,
                    &(keys.clone(), *period),
                    group_by,
                    took_part,
                    members.len(),
                    extra,
                ));
            }
        }
        Ok(rows)
    }
}

/// How many core disciplines are among these organisations.
fn core(snapshot: &Snapshot, organizations: &BTreeSet<i64>, ma: bool) -> usize {
    let Ok(index) = snapshot.index() else { return 0 };
    let found = organizations
        .iter()
        .filter_map(|id| index.organizations.get(id))
        .filter(|organization| if ma { organization.ma_core } else { organization.hpp_core });
    found.map(|organization| (organization.discipline.as_str(), ())).collect::<BTreeMap<_, _>>().len()
}
