//! Events: incidents, exercises and planned events, with what hangs on them alone.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::{EventRef, EventStatus, Kind, LinkRelation, OrganizationRef, Record, RecordTable};
use crate::copy::Row;

/// What a public feed or log tells of an incident; amounts in whole US dollars, areas in square
/// kilometers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incident {
    /// `NONE`, `MONITORED` or `RESPONDED`; empty is `NONE`.
    pub response: &'static str,
    /// Federal declaration, e.g. `DR-4637-TN`.
    pub declaration_number: Option<String>,
    /// `DR`, `EM`, `FM` or `FS`.
    pub declaration_type: Option<String>,
    /// Direct deaths.
    pub deaths_direct: Option<i32>,
    /// Indirect deaths.
    pub deaths_indirect: Option<i32>,
    /// Direct injuries.
    pub injuries_direct: Option<i32>,
    /// Indirect injuries.
    pub injuries_indirect: Option<i32>,
    /// Property damage.
    pub damage_property_usd: Option<i64>,
    /// Crop damage.
    pub damage_crops_usd: Option<i64>,
    /// People evacuated.
    pub evacuated: Option<i32>,
    /// Area.
    pub area_km2: Option<f64>,
    /// Magnitude as the source measures it.
    pub magnitude: Option<f64>,
    /// What the magnitude measures.
    pub magnitude_type: Option<String>,
    /// Activation level as the coalition calls it.
    pub activation_level: Option<String>,
    /// 0 none, 1 monitoring, 2 partial or enhanced, 3 full.
    pub activation_ordinal: Option<i16>,
    /// Patients cared for or moved.
    pub patients: Option<i32>,
    /// Hospitals involved.
    pub hospitals_involved: Option<i32>,
}

/// What an exercise adds to an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exercise {
    /// Its type, `-1` when no list knows it.
    pub exercise_type_id: i32,
    /// Who sponsored it.
    pub sponsor: Option<OrganizationRef>,
    /// Program that asked for it.
    pub program: Option<String>,
    /// Scope, redacted.
    pub scope: Option<String>,
    /// Scenario, redacted.
    pub scenario: Option<String>,
    /// Limit at which measured times are cut off.
    pub time_limit_minutes: Option<i32>,
}

/// An objective of an exercise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objective {
    /// Its number in the event, from 1.
    pub number: i32,
    /// Text, redacted.
    pub text: String,
    /// The capability it tests, `-1` when none is named.
    pub capability_id: i32,
}

/// A link to another event, made when that event is in the warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLink {
    /// The other event.
    pub event: EventRef,
    /// How they belong together.
    pub relation: LinkRelation,
}

/// The after-action report of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AfterActionReport {
    /// Layout of the document, e.g. `hseep_2013`.
    pub layout: String,
    /// It has an overview.
    pub has_overview: bool,
    /// Day of the draft.
    pub draft_on: Option<NaiveDate>,
    /// Day of the final report; none while it is a draft.
    pub final_on: Option<NaiveDate>,
    /// It lists who took part.
    pub participants_listed: bool,
}

/// An event with everything that hangs on it alone. Build it with `..Event::default()`; `name`,
/// `start_at`, `local_date` and `hazards` must be set.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Version the source states.
    pub source_version: String,
    /// Incident, exercise or planned event.
    pub kind: Kind,
    /// Name.
    pub name: String,
    /// Start.
    pub start_at: DateTime<Utc>,
    /// End.
    pub end_at: Option<DateTime<Utc>>,
    /// Day of the start where it happened.
    pub local_date: NaiveDate,
    /// Day of the end where it happened.
    pub end_local_date: Option<NaiveDate>,
    /// Zone in which local times were given.
    pub time_zone: Option<String>,
    /// Held, planned or cancelled.
    pub status: EventStatus,
    /// Open to everyone.
    pub public: bool,
    /// State-wide.
    pub statewide: bool,
    /// An after-action report is due.
    pub owes_aar: bool,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// What happened, redacted.
    pub narrative: Option<String>,
    /// Hazard ids, the primary first.
    pub hazards: Vec<i32>,
    /// County ids.
    pub counties: Vec<i32>,
    /// Region ids with the share of the event given to each.
    pub regions: Vec<(i32, f64)>,
    /// Labels that no list knows, as `field` and `label`.
    pub labels: Vec<(&'static str, String)>,
    /// The incident part, kept when `kind` is an incident.
    pub incident: Incident,
    /// The exercise part, kept when `kind` is an exercise.
    pub exercise: Option<Exercise>,
    /// Objectives.
    pub objectives: Vec<Objective>,
    /// Links to other events.
    pub links: Vec<EventLink>,
    /// Its after-action report, when the source holds one.
    pub after_action_report: Option<AfterActionReport>,
}

impl Event {
    /// What public feeds do not have, as one JSON value, so that their many rows stay narrow.
    fn detail(&self) -> Option<Value> {
        let plain = self.exercise.is_none()
            && self.objectives.is_empty()
            && self.links.is_empty()
            && self.after_action_report.is_none()
            && self.incident.activation_level.is_none()
            && self.incident.activation_ordinal.is_none()
            && self.incident.patients.is_none()
            && self.incident.hospitals_involved.is_none();
        if plain {
            return None;
        }
        let exercise = self.exercise.as_ref().map(|exercise| {
            json!({
                "type": exercise.exercise_type_id,
                "sponsor": exercise.sponsor.as_ref().map(OrganizationRef::staged),
                "program": exercise.program,
                "scope": exercise.scope,
                "scenario": exercise.scenario,
                "time_limit_minutes": exercise.time_limit_minutes,
            })
        });
        let objectives: Vec<Value> = self
            .objectives
            .iter()
            .map(|objective| json!({"number": objective.number, "text": objective.text, "capability": objective.capability_id}))
            .collect();
        let links: Vec<Value> = self
            .links
            .iter()
            .map(|link| json!({"event": link.event.staged(), "relation": link.relation.code()}))
            .collect();
        let report = self.after_action_report.as_ref().map(|report| {
            json!({
                "layout": report.layout,
                "has_overview": report.has_overview,
                "draft_on": report.draft_on,
                "final_on": report.final_on,
                "participants_listed": report.participants_listed,
            })
        });
        Some(json!({
            "exercise": exercise,
            "objectives": objectives,
            "links": links,
            "after_action_report": report,
            "activation_level": self.incident.activation_level,
            "activation_ordinal": self.incident.activation_ordinal,
            "patients": self.incident.patients,
            "hospitals_involved": self.incident.hospitals_involved,
        }))
    }
}

impl Record for Event {
    const TABLE: RecordTable = RecordTable::Event;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn source_version(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_version)
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut Row) {
        crate::inspect::trace::event(self);
        row.text(self.kind.code());
        row.text(&self.name);
        row.moment(Some(self.start_at));
        row.moment(self.end_at);
        row.day(Some(self.local_date));
        row.day(self.end_local_date);
        row.optional_text(self.time_zone.as_deref());
        row.text(self.status.code());
        row.text(if self.public { "PUBLIC" } else { "RESTRICTED" });
        row.value(self.statewide);
        row.value(self.owes_aar);
        row.optional(self.latitude);
        row.optional(self.longitude);
        row.optional_text(self.narrative.as_deref());
        row.ids(&self.hazards);
        row.ids(&self.counties);
        row.ids(&self.regions.iter().map(|(region, _)| *region).collect::<Vec<i32>>());
        row.shares(&self.regions.iter().map(|(_, weight)| *weight).collect::<Vec<f64>>());
        row.texts(&self.labels.iter().map(|(field, _)| *field).collect::<Vec<&str>>());
        row.texts(&self.labels.iter().map(|(_, label)| label.as_str()).collect::<Vec<&str>>());
        let incident = &self.incident;
        row.text(if incident.response.is_empty() { "NONE" } else { incident.response });
        row.optional_text(incident.declaration_number.as_deref());
        row.optional_text(incident.declaration_type.as_deref());
        row.optional(incident.deaths_direct);
        row.optional(incident.deaths_indirect);
        row.optional(incident.injuries_direct);
        row.optional(incident.injuries_indirect);
        row.optional(incident.damage_property_usd);
        row.optional(incident.damage_crops_usd);
        row.optional(incident.evacuated);
        row.optional(incident.area_km2);
        row.optional(incident.magnitude);
        row.optional_text(incident.magnitude_type.as_deref());
        row.json(self.detail().as_ref());
    }
}

/// One more county of an event that other rows of the source describe.
#[derive(Clone, Debug)]
pub struct EventCounty {
    /// Row in the file.
    pub row: u64,
    /// Id of the event in the source.
    pub event_source_id: String,
    /// `event|fips`.
    pub source_id: String,
    /// The county, or none for a state-wide row.
    pub county_id: Option<i32>,
}

impl Record for EventCounty {
    const TABLE: RecordTable = RecordTable::EventCounty;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut Row) {
        row.text(&self.event_source_id);
        row.optional(self.county_id);
    }
}
