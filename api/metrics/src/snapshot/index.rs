//! Records one by one, for statistics that a count cannot give: events and organisations by id, columns as lists.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{Duration, NaiveDate};
use polars::prelude::{DataFrame, DataType};

use super::Snapshot;
use crate::ask::{Ask, Dimension, MetricError, Period};

/// An event that a coalition held or answered.
#[derive(Clone, Debug)]
pub struct EventFacts {
    /// Id.
    pub id: i64,
    /// INCIDENT, EXERCISE or PLANNED_EVENT.
    pub kind: String,
    /// Code of the exercise's type, `none` for others.
    pub exercise_type: String,
    /// Operations-based exercise.
    pub operations: bool,
    /// Incident that the coalition responded to, not only monitored.
    pub responded: bool,
    /// First day.
    pub day: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
    /// Primary hazard.
    pub hazard_id: i32,
    /// Its other hazards.
    pub other_hazards: Vec<i32>,
    /// Owes an after-action report.
    pub owes_aar: bool,
    /// Day of the final report.
    pub final_on: Option<NaiveDate>,
    /// Minutes after which an exercise's times are cut off.
    pub limit_minutes: Option<i64>,
    /// Start and end in minutes of the epoch.
    pub start_minute: i64,
    /// End.
    pub end_minute: Option<i64>,
    /// Regions.
    pub regions: Vec<i32>,
}

/// An organisation.
#[derive(Clone, Debug)]
pub struct OrganizationFacts {
    /// Region.
    pub region_id: i32,
    /// Discipline's code.
    pub discipline: String,
    /// One of Massachusetts' five core disciplines.
    pub ma_core: bool,
    /// One of HPP's four core members.
    pub hpp_core: bool,
    /// Still in operation.
    pub active: bool,
}

/// Both by id.
#[derive(Debug, Default)]
pub struct Index {
    /// Events.
    pub events: BTreeMap<i64, EventFacts>,
    /// Organisations.
    pub organizations: BTreeMap<i64, OrganizationFacts>,
}

/// Corrective actions, a list a column.
pub struct Actions {
    /// Day opened.
    pub opened: Vec<Option<NaiveDate>>,
    /// First due date.
    pub due_original: Vec<Option<NaiveDate>>,
    /// Present due date.
    pub due: Vec<Option<NaiveDate>>,
    /// Day completed.
    pub completed: Vec<Option<NaiveDate>>,
    /// Day cancelled.
    pub cancelled: Vec<Option<NaiveDate>>,
    /// Day proved.
    pub validated: Vec<Option<NaiveDate>>,
    /// Region's code.
    pub regions: Vec<String>,
    /// Capability, as framework and code.
    pub capabilities: Vec<String>,
    frameworks: Vec<String>,
}

impl Actions {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.opened.len()
    }

    /// Whether an action had ended by a day.
    pub fn ended(&self, place: usize, by: NaiveDate) -> bool {
        [self.completed[place], self.cancelled[place]].into_iter().flatten().any(|day| day <= by)
    }

    /// What an action has in a dimension.
    pub fn of(&self, place: usize, dimension: Dimension) -> Vec<String> {
        vec![match dimension {
            Dimension::Region => self.regions[place].clone(),
            Dimension::Capability => self.capabilities[place].clone(),
            _ => self.frameworks[place].clone(),
        }]
    }
}

/// A column of days.
pub fn days(frame: &DataFrame, name: &str) -> Result<Vec<Option<NaiveDate>>, MetricError> {
    let column = frame.column(name)?.cast(&DataType::Int32)?;
    Ok(column.i32()?.iter().map(|day| day.map(|day| NaiveDate::default() + Duration::days(i64::from(day)))).collect())
}

/// A column of whole numbers.
pub fn integers(frame: &DataFrame, name: &str) -> Result<Vec<Option<i64>>, MetricError> {
    let column = frame.column(name)?.cast(&DataType::Int64)?;
    Ok(column.i64()?.iter().collect())
}

/// A column of numbers.
pub fn numbers(frame: &DataFrame, name: &str) -> Result<Vec<Option<f64>>, MetricError> {
    let column = frame.column(name)?.cast(&DataType::Float64)?;
    Ok(column.f64()?.iter().collect())
}

/// A column of labels.
pub fn labels(frame: &DataFrame, name: &str) -> Result<Vec<String>, MetricError> {
    let column = frame.column(name)?.cast(&DataType::String)?;
    Ok(column.str()?.iter().map(|label| label.unwrap_or_default().to_owned()).collect())
}

impl Snapshot {
    /// Events and organisations by id.
    pub(crate) fn index(&self) -> Result<&Index, MetricError> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let made = self.make_index()?;
        Ok(self.index.get_or_init(|| made))
    }

    /// Regions of these events, in the order of their ids; those without any are not in it.
    pub(crate) fn regions_of_events(
        &self,
        events: impl IntoIterator<Item = Option<i64>>,
    ) -> Result<HashMap<i64, Vec<i32>>, MetricError> {
        let wanted: HashSet<i64> = events.into_iter().flatten().collect();
        let frame = self.frame("event_regions");
        let mut regions: HashMap<i64, Vec<i32>> = HashMap::new();
        for (event, region) in integers(frame, "event_id")?.into_iter().zip(integers(frame, "region_id")?) {
            if let (Some(event), Some(region)) = (event.filter(|event| wanted.contains(event)), region) {
                regions.entry(event).or_default().push(region as i32);
            }
        }
        regions.values_mut().for_each(|list| list.sort_unstable());
        Ok(regions)
    }

    fn make_index(&self) -> Result<Index, MetricError> {
        let mut index = Index::default();
        let frame = self.frame("events");
        let ids = integers(frame, "event_id")?;
        let mut of_event = self.regions_of_events(ids.iter().copied())?;
        let (kinds, types) = (labels(frame, "event_kind")?, labels(frame, "exercise_type")?);
        let (responded, others) = (integers(frame, "responded")?, labels(frame, "other_hazards")?);
        let (operations, hazards, owes) =
            (integers(frame, "operations")?, integers(frame, "hazard_id")?, integers(frame, "owes_aar")?);
        let (first, last, finals) = (days(frame, "local_date")?, days(frame, "end_date")?, days(frame, "final_on")?);
        let (limits, starts, ends) =
            (integers(frame, "limit_minutes")?, integers(frame, "start_minute")?, integers(frame, "end_minute")?);
        for (place, id) in ids.iter().enumerate() {
            let (Some(id), Some(day)) = (*id, first[place]) else { continue };
            let regions = of_event.remove(&id).unwrap_or_else(|| vec![-1]);
            let facts = EventFacts {
                id,
                kind: kinds[place].clone(),
                exercise_type: types[place].clone(),
                operations: operations[place] == Some(1),
                responded: responded[place] == Some(1),
                day,
                end: last[place].unwrap_or(day),
                hazard_id: hazards[place].unwrap_or(-1) as i32,
                other_hazards: others[place].split('+').filter_map(|id| id.parse().ok()).collect(),
                owes_aar: owes[place] == Some(1),
                final_on: finals[place],
                limit_minutes: limits[place],
                start_minute: starts[place].unwrap_or_default(),
                end_minute: ends[place],
                regions,
            };
            index.events.insert(id, facts);
        }
        let frame = self.frame("organizations");
        let (ids, regions, disciplines) =
            (integers(frame, "organization_id")?, integers(frame, "region_id")?, labels(frame, "discipline")?);
        let (ma, hpp, active) = (integers(frame, "ma_core")?, integers(frame, "hpp_core")?, integers(frame, "active")?);
        for (place, id) in ids.iter().enumerate() {
            let facts = OrganizationFacts {
                region_id: regions[place].unwrap_or(-1) as i32,
                discipline: disciplines[place].clone(),
                ma_core: ma[place] == Some(1),
                hpp_core: hpp[place] == Some(1),
                active: active[place] == Some(1),
            };
            index.organizations.insert(id.unwrap_or(-1), facts);
        }
        Ok(index)
    }

    /// The first day in a column of a frame.
    pub(crate) fn first_day(&self, frame: &str, column: &str) -> Result<Option<NaiveDate>, MetricError> {
        Ok(days(self.frame(frame), column)?.into_iter().flatten().min())
    }

    /// Corrective actions as they stood on this day.
    pub(crate) fn actions(&self, day: NaiveDate) -> Result<Actions, MetricError> {
        let frame = &self.actions_on(day)?;
        let regions = integers(frame, "region_id")?;
        Ok(Actions {
            opened: days(frame, "opened_on")?,
            due_original: days(frame, "due_original_on")?,
            due: days(frame, "due_current_on")?,
            completed: days(frame, "completed_on")?,
            cancelled: days(frame, "cancelled_on")?,
            validated: days(frame, "validated_on")?,
            regions: regions.iter().map(|region| self.region_code(region.unwrap_or(-1) as i32)).collect(),
            capabilities: labels(frame, "capability")?,
            frameworks: labels(frame, "framework")?,
        })
    }

    /// Events and the organisations that took part in them.
    pub(crate) fn attendance(&self) -> Result<Vec<(i64, i64)>, MetricError> {
        let frame = self.frame("participations");
        let pairs = integers(frame, "event_id")?.into_iter().zip(integers(frame, "organization_id")?);
        Ok(pairs.filter_map(|(event, organization)| event.zip(organization)).collect())
    }

    /// Code of a hazard, or its category.
    pub(crate) fn of_hazard(&self, id: i32, dimension: Dimension) -> String {
        self.hazards.get(&id).map_or_else(
            || "unmapped".to_owned(),
            |hazard| if dimension == Dimension::HazardCategory { hazard.category.clone() } else { hazard.code.clone() },
        )
    }

    /// Codes of regions.
    pub(crate) fn region_codes(&self, ids: &[i32]) -> Vec<String> {
        ids.iter().map(|id| self.region_code(*id)).collect()
    }

    /// Code of a region.
    pub(crate) fn region_code(&self, id: i32) -> String {
        self.regions.get(&id).map_or_else(|| "unmapped".to_owned(), |region| region.code.clone())
    }

    /// What an event has in a dimension.
    pub(crate) fn of_event(&self, event: &EventFacts, dimension: Dimension) -> Vec<String> {
        match dimension {
            Dimension::Region => self.region_codes(&event.regions),
            Dimension::Hazard | Dimension::HazardCategory => vec![self.of_hazard(event.hazard_id, dimension)],
            Dimension::EventKind => vec![event.kind.clone()],
            Dimension::ExerciseType => vec![event.exercise_type.clone()],
            _ => vec!["unmapped".to_owned()],
        }
    }
}

/// Keys of a group and its period.
pub type GroupKey = (Vec<String>, Option<Period>);

/// Records by group, after the question's filters and days. A record with several values in a dimension, as an event in two
/// regions, is in the group of each; without that dimension it counts once. A group's periods without records, between the
/// first and the last asked for (or seen), are there with none.
pub fn grouped<R: Clone>(
    records: impl IntoIterator<Item = R>,
    ask: &Ask,
    group_by: &[Dimension],
    day: impl Fn(&R) -> NaiveDate,
    of: impl Fn(&R, Dimension) -> Vec<String>,
) -> Vec<(GroupKey, Vec<R>)> {
    let mut groups: BTreeMap<(Vec<String>, Option<NaiveDate>), Vec<R>> = BTreeMap::new();
    for record in records {
        let on = day(&record);
        if ask.from.is_some_and(|from| on < from) || ask.to.is_some_and(|to| on > to) {
            continue;
        }
        if !ask
            .filter
            .iter()
            .all(|(dimension, wanted)| of(&record, *dimension).iter().any(|value| wanted.contains(value)))
        {
            continue;
        }
        let mut keys: Vec<Vec<String>> = vec![Vec::new()];
        for dimension in group_by {
            let mut values = of(&record, *dimension);
            values.dedup();
            if let Some(wanted) = ask.filter.get(dimension) {
                values.retain(|value| wanted.contains(value));
            }
            keys = keys
                .iter()
                .flat_map(|key| values.iter().map(|value| [key.clone(), vec![value.clone()]].concat()))
                .collect();
        }
        let start = ask.period.map(|grain| Period::of(on, grain).start);
        for key in keys {
            groups.entry((key, start)).or_default().push(record.clone());
        }
    }
    if let Some(grain) = ask.period {
        let starts = || groups.keys().filter_map(|(_, start)| *start);
        let (first, last) = (ask.from.or_else(|| starts().min()), ask.to.or_else(|| starts().max()));
        let keys: BTreeSet<Vec<String>> = groups.keys().map(|(keys, _)| keys.clone()).collect();
        for period in first.zip(last).map_or_else(Vec::new, |(first, last)| Period::between(first, last, grain)) {
            for key in &keys {
                groups.entry((key.clone(), Some(period.start))).or_default();
            }
        }
    }
    groups
        .into_iter()
        .map(|((keys, start), records)| {
            ((keys, start.zip(ask.period).map(|(start, grain)| Period { start, grain })), records)
        })
        .collect()
}
