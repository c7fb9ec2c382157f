//! Canonical records: what every source turns its rows into. Typed, validated, resolved against the reference lists; each
//! knows the row it came from.

use chrono::{DateTime, NaiveDate, Utc};

use crate::copy::Row;

/// A fact ready to be staged.
pub trait Record {
    /// The staging table it belongs to.
    const TABLE: Table;
    /// Its id within its source.
    fn source_id(&self) -> &str;
    /// The version its source states; an older one never replaces a newer.
    fn source_version(&self) -> &str {
        ""
    }
    /// The row it came from, the file's first row being 1.
    fn row(&self) -> u64;
    /// Writes its content, in the order of the table's columns.
    fn write(&self, row: &mut Row);
}

/// The staging tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// Events with their incident or exercise part and their hazards, counties and regions.
    Event,
    /// Further counties of an event, one row each.
    EventCounty,
    /// Municipalities as reference rows.
    Municipality,
}

/// Kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It happened.
    Incident,
    /// It was practised.
    Exercise,
    /// It was planned for, such as a marathon.
    PlannedEvent,
}

impl Kind {
    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Incident => "INCIDENT",
            Self::Exercise => "EXERCISE",
            Self::PlannedEvent => "PLANNED_EVENT",
        }
    }
}

/// What a public feed or log tells of an incident; amounts in whole US dollars, areas in square kilometres.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incident {
    /// `NONE`, `MONITORED` or `RESPONDED`.
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
}

/// An event with everything that hangs on it alone.
#[derive(Clone, Debug)]
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
    /// Open to everyone.
    pub public: bool,
    /// State-wide.
    pub statewide: bool,
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
    /// The incident part.
    pub incident: Incident,
}

impl Record for Event {
    const TABLE: Table = Table::Event;

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn source_version(&self) -> &str {
        &self.source_version
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut Row) {
        row.text(self.kind.code());
        row.text(&self.name);
        row.moment(Some(self.start_at));
        row.moment(self.end_at);
        row.day(Some(self.local_date));
        row.day(self.end_local_date);
        row.optional_text(self.time_zone.as_deref());
        row.text(if self.public { "PUBLIC" } else { "RESTRICTED" });
        row.value(self.statewide);
        row.optional(self.latitude);
        row.optional(self.longitude);
        row.optional_text(self.narrative.as_deref());
        row.array(&self.hazards);
        row.array(&self.counties);
        row.array(self.regions.iter().map(|(region, _)| region));
        row.array(self.regions.iter().map(|(_, weight)| weight));
        row.text_array(self.labels.iter().map(|(field, _)| *field));
        row.text_array(self.labels.iter().map(|(_, label)| label.as_str()));
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
    const TABLE: Table = Table::EventCounty;

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

/// A row of the municipality reference file, taken as it stands.
#[derive(Clone, Debug)]
pub struct Municipality {
    /// Row in the file.
    pub row: u64,
    /// Ten-digit Census id.
    pub geoid: String,
    /// The row's fields in the order of the reference file's columns.
    pub fields: Vec<String>,
}

impl Record for Municipality {
    const TABLE: Table = Table::Municipality;

    fn source_id(&self) -> &str {
        &self.geoid
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut Row) {
        for field in &self.fields {
            row.optional_text((!field.is_empty()).then_some(field.as_str()));
        }
    }
}
