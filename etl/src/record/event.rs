//! Events: incidents, exercises and planned events, with the details that belong to them.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use hotwash_schema::record::{self, RecordType};

use super::{EventKind, EventRef, EventStatus, LinkRelation, OrganizationRef, Record, RecordRow};
use crate::inspect::trace::{self, Named};

/// Incident details from a public feed or log; amounts in US dollars, areas in square kilometers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incident {
    /// `NONE`, `MONITORED` or `RESPONDED`; empty means `NONE`.
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
    /// Property damage in US dollars.
    pub damage_property_usd: Option<i64>,
    /// Crop damage in US dollars.
    pub damage_crops_usd: Option<i64>,
    /// People evacuated.
    pub evacuated: Option<i32>,
    /// Area in square kilometers.
    pub area_km2: Option<f64>,
    /// Magnitude in the source's unit.
    pub magnitude: Option<f64>,
    /// Quantity that the magnitude measures.
    pub magnitude_type: Option<String>,
    /// Activation level in the coalition's words.
    pub activation_level: Option<String>,
    /// 0 none, 1 monitoring, 2 partial or enhanced, 3 full.
    pub activation_ordinal: Option<i16>,
    /// Patients treated or moved.
    pub patients: Option<i32>,
    /// Hospitals involved.
    pub hospitals_involved: Option<i32>,
}

/// Exercise details of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exercise {
    /// Exercise type id; `-1` if unknown.
    pub exercise_type_id: i32,
    /// Sponsoring organization.
    pub sponsor: Option<OrganizationRef>,
    /// Grant program that requires it.
    pub program: Option<String>,
    /// Scope, redacted.
    pub scope: Option<String>,
    /// Scenario, redacted.
    pub scenario: Option<String>,
    /// Limit in minutes at which measured times are cut off.
    pub time_limit_minutes: Option<i32>,
}

/// Objective of an exercise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objective {
    /// Number in the event, from 1.
    pub number: i32,
    /// Text, redacted.
    pub text: String,
    /// Capability that the objective tests; `-1` if none is named.
    pub capability_id: i32,
}

/// Link to another event, stored once that event is in the warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLink {
    /// The other event.
    pub event: EventRef,
    /// Relation to the other event.
    pub relation: LinkRelation,
}

/// After-action report of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AfterActionReport {
    /// Layout of the document, e.g. `hseep_2013`.
    pub layout: String,
    /// The report has an overview.
    pub has_overview: bool,
    /// Date of the draft.
    pub draft_on: Option<NaiveDate>,
    /// Date of the final report; none while it is a draft.
    pub final_on: Option<NaiveDate>,
    /// The report lists participants.
    pub participants_listed: bool,
}

/// Event with all details that belong to it. Build it with `..Event::default()`; `name`,
/// `start_at`, `local_date` and `hazards` are required.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Version that the source states.
    pub source_version: String,
    /// Incident, exercise or planned event.
    pub kind: EventKind,
    /// Name.
    pub name: String,
    /// Start.
    pub start_at: DateTime<Utc>,
    /// End.
    pub end_at: Option<DateTime<Utc>>,
    /// Local date of the start.
    pub local_date: NaiveDate,
    /// Local date of the end.
    pub end_local_date: Option<NaiveDate>,
    /// Time zone of the local times.
    pub time_zone: Option<String>,
    /// Held, planned or canceled.
    pub status: EventStatus,
    /// Readable by everyone.
    pub public: bool,
    /// Affects the entire state.
    pub statewide: bool,
    /// An after-action report is due.
    pub owes_aar: bool,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Description, redacted.
    pub narrative: Option<String>,
    /// Hazard ids, the primary hazard first.
    pub hazards: Vec<i32>,
    /// County ids.
    pub counties: Vec<i32>,
    /// Region ids with their shares of the event.
    pub regions: Vec<(i32, f64)>,
    /// Labels without an entry in any reference list, as `field` and `label`.
    pub labels: Vec<(&'static str, String)>,
    /// Incident details, stored if `kind` is an incident.
    pub incident: Incident,
    /// Exercise details, stored if `kind` is an exercise.
    pub exercise: Option<Exercise>,
    /// Objectives.
    pub objectives: Vec<Objective>,
    /// Links to other events.
    pub links: Vec<EventLink>,
    /// After-action report, if the source contains one.
    pub after_action_report: Option<AfterActionReport>,
}

impl Event {
    /// Returns details that public feeds lack as one JSON value, so that their many rows stay
    /// narrow.
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
    fn record_type(&self) -> &'static RecordType {
        &record::EVENT
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn source_version(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_version)
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        trace::event(|| {
            Named::Own(self.source_id.clone(), self.name.clone(), Some(self.local_date))
        });
        let incident = &self.incident;
        row.text("kind", self.kind.code());
        row.text("name", &self.name);
        row.moment("start_at", Some(self.start_at));
        row.moment("end_at", self.end_at);
        row.day("local_date", Some(self.local_date));
        row.day("end_local_date", self.end_local_date);
        row.optional_text("time_zone", self.time_zone.as_deref());
        row.text("status", self.status.code());
        row.ids("regions", &self.regions.iter().map(|(region, _)| *region).collect::<Vec<i32>>());
        row.shares(
            "weights",
            &self.regions.iter().map(|(_, weight)| *weight).collect::<Vec<f64>>(),
        );
        row.ids("counties", &self.counties);
        row.value("statewide", self.statewide);
        row.ids("hazards", &self.hazards);
        row.text("sensitivity", if self.public { "PUBLIC" } else { "RESTRICTED" });
        row.value("owes_aar", self.owes_aar);
        row.optional("latitude", self.latitude);
        row.optional("longitude", self.longitude);
        row.optional_text("narrative", self.narrative.as_deref());
        row.texts(
            "label_fields",
            &self.labels.iter().map(|(field, _)| *field).collect::<Vec<&str>>(),
        );
        row.texts(
            "labels",
            &self.labels.iter().map(|(_, label)| label.as_str()).collect::<Vec<&str>>(),
        );
        row.text("response", if incident.response.is_empty() { "NONE" } else { incident.response });
        row.optional_text("declaration_number", incident.declaration_number.as_deref());
        row.optional_text("declaration_type", incident.declaration_type.as_deref());
        row.optional("deaths_direct", incident.deaths_direct);
        row.optional("deaths_indirect", incident.deaths_indirect);
        row.optional("injuries_direct", incident.injuries_direct);
        row.optional("injuries_indirect", incident.injuries_indirect);
        row.optional("damage_property_usd", incident.damage_property_usd);
        row.optional("damage_crops_usd", incident.damage_crops_usd);
        row.optional("evacuated", incident.evacuated);
        row.optional("area_km2", incident.area_km2);
        row.optional("magnitude", incident.magnitude);
        row.optional_text("magnitude_type", incident.magnitude_type.as_deref());
        row.json("detail", self.detail().as_ref());
    }
}

/// Further county of an event that other rows of the source describe.
#[derive(Clone, Debug)]
pub struct EventCounty {
    /// Row in the file.
    pub row: u64,
    /// Id of the event in the source.
    pub event_source_id: String,
    /// `event|fips`.
    pub source_id: String,
    /// County id; none for a statewide row.
    pub county_id: Option<i32>,
}

impl Record for EventCounty {
    fn record_type(&self) -> &'static RecordType {
        &record::EVENT_COUNTY
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        row.text("event_source_id", &self.event_source_id);
        row.optional("county_id", self.county_id);
    }
}
