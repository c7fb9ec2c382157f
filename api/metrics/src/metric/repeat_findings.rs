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
    formula: "Areas for improvement whose region has an earlier one on the same capability and element, from another event, at most 36 months before / areas with an element; Wilson interval. A repeat is a relapse when an action on an earlier one had been completed, else still open when one had an action, else never actioned.",
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
        let judge = |area: &Area, regions: &[i32]| {
            let oldest = area.day.checked_sub_months(Months::new(months)).unwrap_or(area.day);
            let before = regions.iter().flat_map(|region| {
                area.elements
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
        let region_place = group_by.iter().position(|dimension| *dimension == Dimension::Region);
        let rows = groups.iter().map(|(key, places)| {
            // Within a region's row only that region's earlier areas count.
            let own = region_place
                .and_then(|place| snapshot.regions.values().find(|region| region.code == key.0[place]))
                .map(|region| region.id);
            let mut counts = [0_usize; 4];
            for place in places {
                let area = list[*place];
                let found = own.map_or_else(|| judge(area, &area.regions), |region| judge(area, &[region]));
                counts[found as usize] += 1;
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
