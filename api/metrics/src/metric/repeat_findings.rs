//! Do we keep finding the same thing? Areas for improvement that came before, from another event of the region.

use std::collections::{BTreeMap, HashMap};

use chrono::{Months, NaiveDate};
use serde_json::Map;

use super::{Metric, amount, single};
use crate::ask::{Ask, Dimension, MetricError};
use crate::definition::{Definition, Extra, Parameter, Unit};
use crate::row::{Row, number};
use crate::snapshot::Snapshot;
use crate::snapshot::index::{days, grouped, integers, labels};

/// The metric.
pub struct RepeatFindings;

static DEFINITION: Definition = Definition {
    id: "repeat_findings",
    title: "Repeat findings",
    question: "Do we keep finding the same thing?",
    unit: Unit::Share,
    formula: "Areas for improvement whose region has an earlier one on the same capability and element, from another event, at most 36 months before / areas with an element; in the row of a region or an element only its own earlier ones count; Wilson interval. A repeat is a relapse when an action on an earlier one had been completed, else still open when one had an action, else never actioned.",
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
    parameters: &[Parameter {
        name: "months",
        description: "how far back an earlier one may lie",
        default: "36",
        allowed: &[],
    }],
    single_records: &[],
    extras: &[
        Extra::number("repeats", "areas that came before"),
        Extra::number("relapse", "repeats after a completed action"),
        Extra::number("stillOpen", "repeats whose actions were not completed"),
        Extra::number("neverActioned", "repeats without any action"),
        Extra::number("relapseShare", "relapses / repeats"),
    ],
};

/// Day, event and id of an area.
type Earlier = (NaiveDate, i64, i64);

struct Area {
    event: i64,
    day: NaiveDate,
    kind: String,
    capability: String,
    framework: String,
    elements: Vec<String>,
    regions: Vec<i32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    No,
    Relapse,
    StillOpen,
    NeverActioned,
}

impl Metric for RepeatFindings {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let months = amount(&DEFINITION, ask, "months")? as u32;
        let areas = areas(snapshot, ask)?;
        let actions = completions(snapshot)?;
        // Earlier areas by region, capability and element.
        let mut earlier: HashMap<(i32, &str, &str), Vec<Earlier>> = HashMap::new();
        for (id, area) in &areas {
            for region in &area.regions {
                for element in &area.elements {
                    earlier.entry((*region, &area.capability, element)).or_default().push((area.day, area.event, *id));
                }
            }
        }
        let judge = |area: &Area, regions: &[i32], elements: &[&String]| {
            let oldest = area.day.checked_sub_months(Months::new(months)).unwrap_or(area.day);
            let before = regions.iter().flat_map(|region| {
                elements
                    .iter()
                    .filter_map(|element| earlier.get(&(*region, area.capability.as_str(), element.as_str())))
            });
            let before: Vec<i64> = before
                .flatten()
                .filter(|(day, event, _)| *event != area.event && *day < area.day && *day >= oldest)
                .map(|(_, _, id)| *id)
                .collect();
            let acted = || before.iter().filter_map(|id| actions.get(id)).flatten();
            if before.is_empty() {
                Repeat::No
            } else if acted().any(|done| done.is_some_and(|day| day < area.day)) {
                Repeat::Relapse
            } else if acted().next().is_some() {
                Repeat::StillOpen
            } else {
                Repeat::NeverActioned
            }
        };
        let list: Vec<&Area> = areas.values().collect();
        let groups = grouped(
            0..list.len(),
            ask,
            group_by,
            |place| list[*place].day,
            |place, dimension| {
                let area = list[*place];
                match dimension {
                    Dimension::Region => snapshot.region_codes(&area.regions),
                    Dimension::Capability => vec![area.capability.clone()],
                    Dimension::Framework => vec![area.framework.clone()],
                    Dimension::Element => area.elements.clone(),
                    _ => vec![area.kind.clone()],
                }
            },
        );
        // Within a region's or an element's row, or where one is asked for, only its own earlier areas count.
        let chosen = |dimension: Dimension, key: &[String]| -> Option<Vec<String>> {
            let place = group_by.iter().position(|known| *known == dimension);
            place.map(|place| vec![key[place].clone()]).or_else(|| ask.filter.get(&dimension).cloned())
        };
        let rows = groups.iter().map(|(key, places)| {
            let (of_regions, of_elements) = (chosen(Dimension::Region, &key.0), chosen(Dimension::Element, &key.0));
            let mut counts = [0_usize; 4];
            for place in places {
                let area = list[*place];
                let meant = |wanted: &Option<Vec<String>>, name: &String| {
                    wanted.as_ref().is_none_or(|wanted| wanted.contains(name))
                };
                let regions: Vec<i32> =
                    area.regions.iter().copied().filter(|id| meant(&of_regions, &snapshot.region_code(*id))).collect();
                let elements: Vec<&String> = area.elements.iter().filter(|name| meant(&of_elements, name)).collect();
                counts[judge(area, &regions, &elements) as usize] += 1;
            }
            let repeats = counts[1] + counts[2] + counts[3];
            let mut extra = Map::new();
            extra.insert("repeats".into(), repeats.into());
            for (name, count) in [("relapse", counts[1]), ("stillOpen", counts[2]), ("neverActioned", counts[3])] {
                extra.insert(name.into(), count.into());
            }
            extra.insert("relapseShare".into(), number((repeats > 0).then(|| counts[1] as f64 / repeats as f64)));
            single::share(&DEFINITION, key, group_by, repeats, places.len(), extra)
        });
        Ok(rows.collect())
    }
}

/// Areas for improvement with an element, until the as-of day, by id.
fn areas(snapshot: &Snapshot, ask: &Ask) -> Result<BTreeMap<i64, Area>, MetricError> {
    let frame = snapshot.frame("areas");
    let kinds = labels(frame, "event_kind")?;
    let regions = snapshot.regions_of_events(integers(frame, "event_id")?)?;
    let (ids, events, when) =
        (integers(frame, "finding_id")?, integers(frame, "event_id")?, days(frame, "local_date")?);
    let (capabilities, frameworks, elements) =
        (labels(frame, "capability")?, labels(frame, "framework")?, labels(frame, "element")?);
    let mut areas: BTreeMap<i64, Area> = BTreeMap::new();
    for place in 0..frame.height() {
        let (Some(id), Some(event), Some(day)) = (ids[place], events[place], when[place]) else { continue };
        if day > ask.as_of {
            continue;
        }
        let area = areas.entry(id).or_insert_with(|| Area {
            event,
            day,
            kind: kinds[place].clone(),
            capability: capabilities[place].clone(),
            framework: frameworks[place].clone(),
            elements: Vec::new(),
            regions: regions.get(&event).cloned().unwrap_or_else(|| vec![-1]),
        });
        area.elements.push(elements[place].clone());
    }
    Ok(areas)
}

/// Days on which the actions of a finding were completed, none for those that were not.
fn completions(snapshot: &Snapshot) -> Result<HashMap<i64, Vec<Option<NaiveDate>>>, MetricError> {
    let frame = snapshot.frame("actions");
    let mut actions: HashMap<i64, Vec<Option<NaiveDate>>> = HashMap::new();
    for (finding, done) in integers(frame, "finding_id")?.into_iter().zip(days(frame, "completed_on")?) {
        if let Some(finding) = finding {
            actions.entry(finding).or_default().push(done);
        }
    }
    Ok(actions)
}
