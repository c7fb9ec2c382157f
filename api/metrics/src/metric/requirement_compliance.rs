//! Do we meet our programs' requirements? Each loaded requirement is met, due, or missed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::{Metric, pool::pooled, single};
use crate::cube::{Condition, Cube, Measure, column, cube, day, day_of, is, named};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::{RequirementEntry, Snapshot};

/// The metric.
pub struct RequirementCompliance;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "requirement_compliance",
    title: "Requirement compliance",
    question: "Do we meet our programs' requirements?",
    unit: Unit::Share,
    formula: "Requirements met / requirements whose deadline has passed, for each region or for \
        each organization of the required discipline. Wilson interval. A requirement is met by the \
        required number of events of its kind within its period, with no gap between two of them \
        longer than allowed. An incident counts if the requirement allows it and the coalition \
        responded. A requirement belongs to the period of its deadline.",
    reference: "HPP and PHEP notices of funding; CMS 42 CFR 482.15 and 483.73",
    dimensions: &[Dimension::Region, Dimension::Discipline, Dimension::Organization],
    default_group_by: &[Dimension::Region],
    minimum_n: 1,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::integer("met", "requirements met"),
        Extra::integer("missed", "requirements missed"),
        Extra::integer("due", "requirements not met yet whose deadline is in the future"),
        Extra::list(
            "requirements",
            "for each requirement: its counts and the days left",
            "Requirement",
            &[
                Extra::text("requirement", "program, code and period"),
                Extra::integer("met", "times met"),
                Extra::integer("missed", "times missed"),
                Extra::integer("due", "times not met yet, with a deadline in the future"),
                Extra::integer("daysLeft", "days until the deadline; empty if none is due"),
            ],
        ),
    ],
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum ComplianceStatus {
    Met,
    Missed,
    Due(i64),
}

/// One requirement and the region or organization that must meet it.
struct Duty {
    requirement: String,
    region: i32,
    discipline: String,
    organization: Option<i64>,
    /// Deadline.
    due_on: NaiveDate,
    state: ComplianceStatus,
}

impl Metric for RequirementCompliance {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        let known = snapshot.requirements.iter().filter(|one| one.period_start <= query.as_of);
        let bound: BTreeSet<String> = known.filter_map(|one| one.discipline.clone()).collect();
        let members = Cube::of("organizations").only(is("active"));
        let bound = members.only(Condition::Named("discipline", bound.into_iter().collect()));
        // Duties are not records. Their contributors are the organizations that must meet them.
        let of =
            |cube| Facts::of("Organization", "organization_id", cube).unlisted().on_as_of_day();
        // A single requirement applies to few organizations.
        Ok(vec![
            of(bound.clone()).answering_for_rows(),
            of(bound).for_extras(&["requirements"]).unreleased(),
        ])
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let duties = duties(snapshot, query)?;
        let due_on = |duty: &&Duty| Some(duty.due_on);
        let groups =
            pooled(duties.iter(), query, group_by, due_on, |duty, dimension| match dimension {
                Dimension::Region => snapshot.region_code(duty.region),
                Dimension::Discipline => duty.discipline.clone(),
                _ => duty.organization.map_or_else(|| "none".to_owned(), |id| id.to_string()),
            });
        let rows = groups.iter().map(|(key, duties)| {
            let count = |wanted: fn(ComplianceStatus) -> bool| duties.iter().filter(|duty| wanted(duty.state)).count();
            let (met, missed, due) = (count(|state| state == ComplianceStatus::Met), count(|state| state == ComplianceStatus::Missed), count(|state| matches!(state, ComplianceStatus::Due(_))));
            let mut each: BTreeMap<&str, [i64; 4]> = BTreeMap::new();
            for duty in duties {
                let counts = each.entry(&duty.requirement).or_default();
                match duty.state {
                    ComplianceStatus::Met => counts[0] += 1,
                    ComplianceStatus::Missed => counts[1] += 1,
                    ComplianceStatus::Due(days) => (counts[2], counts[3]) = (counts[2] + 1, days),
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

/// Days on which an organization or region took part in events of the right kind.
type Days = HashMap<i64, Vec<i64>>;

/// The events that a requirement counts.
fn counts(requirement: &RequirementEntry, query: &MetricQuery) -> [Condition; 2] {
    let mut exercise = vec![named("event_kind", "EXERCISE")];
    match requirement.exercise_class.as_deref() {
        Some("OPERATIONS") => exercise.push(is("operations")),
        Some(_) => exercise.push(is("operations").not()),
        None => {}
    }
    exercise.extend(requirement.exercise_type.as_deref().map(|code| named("exercise_type", code)));
    let mut kinds = vec![Condition::All(exercise)];
    if requirement.incident_counts {
        kinds.push(named("event_kind", "INCIDENT").and(is("responded")));
    }
    let within = column("local_date").from(day(requirement.period_start));
    [
        Condition::Any(kinds),
        within.and(column("local_date").up_to(day(requirement.due_on.min(query.as_of)))),
    ]
}

/// Decides between met, missed and due, from the sorted days of events.
fn judge(requirement: &RequirementEntry, days: &[i64], query: &MetricQuery) -> ComplianceStatus {
    let near = requirement.maximum_gap_days.is_none_or(|gap| {
        days.len() < 2 || days.windows(2).any(|pair| pair[1] - pair[0] <= i64::from(gap))
    });
    if days.len() as i64 >= i64::from(requirement.minimum_events) && near {
        ComplianceStatus::Met
    } else if requirement.due_on < query.as_of {
        ComplianceStatus::Missed
    } else {
        ComplianceStatus::Due((requirement.due_on - query.as_of).num_days())
    }
}

/// Sorted days of events; a day with several events is repeated.
fn days_of(cells: impl Iterator<Item = (Option<i64>, Option<i64>, u64)>) -> Days {
    let mut days = Days::new();
    for (organization, on, count) in cells {
        if let Some((organization, on)) = organization.zip(on) {
            days.entry(organization).or_default().extend(std::iter::repeat_n(on, count as usize));
        }
    }
    days.values_mut().for_each(|list| list.sort_unstable());
    days
}

fn duties(snapshot: &Snapshot, query: &MetricQuery) -> Result<Vec<Duty>, MetricError> {
    let all = MetricQuery { as_of: query.as_of, ..MetricQuery::default() };
    // Requirements apply to a region from the first year with a known event.
    let first = Cube::of("events").measure("first", Measure::Smallest(column("local_date")));
    let mut known_from: HashMap<String, NaiveDate> = HashMap::new();
    for group in cube(snapshot, &first, &all, &[Dimension::Region])? {
        known_from.extend(
            group
                .integer("first")
                .iter()
                .flatten()
                .min()
                .map(|on| (group.keys[0].clone(), day_of(*on))),
        );
    }
    let members = Cube::of("organizations")
        .only(is("active"))
        .key("organization", column("organization_id"))
        .key("region", column("region_id"));
    let members = cube(snapshot, &members, &all, &[Dimension::Discipline])?;
    let mut duties = Vec::new();
    for requirement in snapshot.requirements.iter().filter(|one| one.period_start <= query.as_of) {
        let is_known = |region: i32| {
            region > 0
                && known_from
                    .get(&snapshot.region_code(region))
                    .is_some_and(|first| *first <= requirement.due_on)
        };
        if requirement.applies_to == "REGION" {
            let days = counts(requirement, query).into_iter().fold(Cube::of("events"), Cube::only);
            let days = days.key("on", column("local_date"));
            let groups = cube(snapshot, &days, &all, &[Dimension::Region])?;
            for region in snapshot.regions.values().filter(|region| is_known(region.id)) {
                let own = groups.iter().find(|group| group.keys[0] == region.code);
                let cells = own
                    .into_iter()
                    .flat_map(|group| group.integer("on").iter().zip(group.counts()));
                let days = days_of(cells.map(|(on, count)| (Some(0), *on, *count)));
                duties.push(Duty {
                    requirement: requirement.name.clone(),
                    region: region.id,
                    discipline: "any".into(),
                    organization: None,
                    due_on: requirement.due_on,
                    state: judge(requirement, days.get(&0).map_or(&[], Vec::as_slice), query),
                });
            }
            continue;
        }
        let bound = requirement.discipline.as_deref().unwrap_or("any");
        let attended =
            counts(requirement, query).into_iter().fold(Cube::of("participations"), Cube::only);
        let attended = attended
            .only(named("discipline", bound))
            .key("organization", column("organization_id"))
            .key("on", column("local_date"));
        let mut days = Days::new();
        for group in cube(snapshot, &attended, &all, &[])? {
            let cells =
                group.integer("organization").iter().zip(group.integer("on")).zip(group.counts());
            days = days_of(cells.map(|((organization, on), count)| (*organization, *on, *count)));
        }
        for group in members.iter().filter(|group| group.keys[0] == bound) {
            let mut own: Vec<(i64, i32)> = group
                .integer("organization")
                .iter()
                .zip(group.integer("region"))
                .filter_map(|(id, region)| Some(((*id)?, region.unwrap_or(-1) as i32)))
                .filter(|(_, region)| is_known(*region))
                .collect();
            own.sort_unstable();
            duties.extend(own.into_iter().map(|(id, region)| Duty {
                requirement: requirement.name.clone(),
                region,
                discipline: bound.to_owned(),
                organization: Some(id),
                due_on: requirement.due_on,
                state: judge(requirement, days.get(&id).map_or(&[], Vec::as_slice), query),
            }));
        }
    }
    Ok(duties)
}
