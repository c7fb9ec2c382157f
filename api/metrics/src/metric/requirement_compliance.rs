//! Do we meet what our programmes ask? Each loaded requirement: met, due, or missed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::{Metric, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Extra, Unit};
use crate::row::Row;
use crate::snapshot::Snapshot;
use crate::snapshot::index::{days, grouped, integers, labels};

/// The metric.
pub struct RequirementCompliance;

static DEFINITION: Definition = Definition {
    id: "requirement_compliance",
    title: "Requirement compliance",
    question: "Do we meet what our programmes ask?",
    unit: Unit::Share,
    formula: "Requirements met / requirements whose day has come, for each region or each organisation of the discipline they bind; Wilson interval. A requirement is met by enough events of its kind within its period, the gap between two of them not too long; an incident counts where the requirement says so and the coalition responded to it. Periods go by the last day to meet it.",
    reference: "HPP and PHEP notices of funding; CMS 42 CFR 482.15 and 483.73",
    dimensions: &[Dimension::Region, Dimension::Discipline, Dimension::Organization],
    default_group_by: &[Dimension::Region],
    minimum_n: 1,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("met", "requirements met"),
        Extra::number("missed", "requirements missed"),
        Extra::number("due", "requirements not met whose day is to come"),
        Extra::list("requirements", "each requirement with its counts and the days left"),
    ],
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Met,
    Missed,
    Due(i64),
}

/// One requirement and who it binds.
struct Duty {
    requirement: String,
    region: i32,
    discipline: String,
    organization: Option<i64>,
    /// Last day to meet it.
    due_on: NaiveDate,
    state: State,
}

impl Metric for RequirementCompliance {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let duties = duties(snapshot, ask)?;
        let groups = grouped(
            duties.iter(),
            ask,
            group_by,
            |duty| duty.due_on,
            |duty, dimension| {
                vec![match dimension {
                    Dimension::Region => snapshot.region_code(duty.region),
                    Dimension::Discipline => duty.discipline.clone(),
                    _ => duty.organization.map_or_else(|| "none".to_owned(), |id| id.to_string()),
                }]
            },
        );
        let rows = groups.iter().map(|(key, duties)| {
            let count = |wanted: fn(State) -> bool| duties.iter().filter(|duty| wanted(duty.state)).count();
            let (met, missed, due) = (count(|state| state == State::Met), count(|state| state == State::Missed), count(|state| matches!(state, State::Due(_))));
            let mut each: BTreeMap<&str, [i64; 4]> = BTreeMap::new();
            for duty in duties {
                let counts = each.entry(&duty.requirement).or_default();
                match duty.state {
                    State::Met => counts[0] += 1,
                    State::Missed => counts[1] += 1,
                    State::Due(days) => (counts[2], counts[3]) = (counts[2] + 1, days),
                }
            }
            let mut extra = Map::new();
            extra.insert("met".into(), met.into());
            extra.insert("missed".into(), missed.into());
            extra.insert("due".into(), due.into());
            let list = each.iter().map(|(name, counts)| json!({"requirement": name, "met": counts[0], "missed": counts[1], "due": counts[2], "daysLeft": if counts[2] > 0 { Value::from(counts[3]) } else { Value::Null }}));
            extra.insert("requirements".into(), list.collect());
            single::share(&DEFINITION, key, group_by, met, met + missed, extra)
        });
        Ok(rows.collect())
    }
}

fn duties(snapshot: &Snapshot, ask: &Ask) -> Result<Vec<Duty>, MetricError> {
    let (frame, index) = (snapshot.frame("requirements"), snapshot.index()?);
    let (names, applies, disciplines) =
        (labels(frame, "requirement")?, labels(frame, "applies_to")?, labels(frame, "discipline")?);
    let (classes, types, incidents) =
        (labels(frame, "exercise_class")?, labels(frame, "exercise_type")?, integers(frame, "incident_counts")?);
    let (fewest, gaps) = (integers(frame, "minimum_events")?, integers(frame, "maximum_gap_days")?);
    let (starts, ends) = (days(frame, "period_start")?, days(frame, "due_on")?);
    let mut attended: HashMap<i64, BTreeSet<i64>> = HashMap::new();
    for (event, organization) in snapshot.attendance()? {
        attended.entry(organization).or_default().insert(event);
    }
    // A region is bound from the first year in which it is known to have held anything.
    let mut known_from: HashMap<i32, NaiveDate> = HashMap::new();
    for event in index.events.values() {
        for region in event.regions.iter().filter(|region| **region > 0) {
            let first = known_from.entry(*region).or_insert(event.day);
            *first = (*first).min(event.day);
        }
    }
    let mut duties = Vec::new();
    for place in 0..names.len() {
        let (Some(start), Some(end)) = (starts[place], ends[place]) else { continue };
        if start > ask.as_of {
            continue;
        }
        let counts = |event: &&crate::snapshot::index::EventFacts| {
            let right = match event.kind.as_str() {
                "EXERCISE" => {
                    (classes[place] == "any" || (classes[place] == "operations") == event.operations)
                        && (types[place] == "any" || types[place] == event.exercise_type)
                }
                "INCIDENT" => incidents[place] == Some(1) && event.responded,
                _ => false,
            };
            right && event.day >= start && event.day <= end.min(ask.as_of)
        };
        let judge = |mut held: Vec<NaiveDate>| {
            held.sort_unstable();
            let near = gaps[place]
                .is_none_or(|gap| held.len() < 2 || held.windows(2).any(|pair| (pair[1] - pair[0]).num_days() <= gap));
            if held.len() as i64 >= fewest[place].unwrap_or(1) && near {
                State::Met
            } else if end < ask.as_of {
                State::Missed
            } else {
                State::Due((end - ask.as_of).num_days())
            }
        };
        let is_known = |region: i32| known_from.get(&region).is_some_and(|first| *first <= end);
        if applies[place] == "REGION" {
            for region in snapshot.regions.keys().copied().filter(|region| *region > 0 && is_known(*region)) {
                let held = index
                    .events
                    .values()
                    .filter(counts)
                    .filter(|event| event.regions.contains(&region))
                    .map(|event| event.day)
                    .collect();
                duties.push(Duty {
                    requirement: names[place].clone(),
                    region,
                    discipline: "any".into(),
                    organization: None,
                    due_on: end,
                    state: judge(held),
                });
            }
        } else {
            for (id, organization) in index.organizations.iter().filter(|(_, organization)| {
                organization.active && organization.discipline == disciplines[place] && is_known(organization.region_id)
            }) {
                let held = attended
                    .get(id)
                    .into_iter()
                    .flatten()
                    .filter_map(|event| index.events.get(event))
                    .filter(counts)
                    .map(|event| event.day)
                    .collect();
                duties.push(Duty {
                    requirement: names[place].clone(),
                    region: organization.region_id,
                    discipline: organization.discipline.clone(),
                    organization: Some(*id),
                    due_on: end,
                    state: judge(held),
                });
            }
        }
    }
    Ok(duties)
}
