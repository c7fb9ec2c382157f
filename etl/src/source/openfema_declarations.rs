//! Reads OpenFEMA Disaster Declarations Summaries v2, as CSV or as the API's JSON: one row per
//! declaration and county.
//!
//! The rows of a declaration become one event with its counties. `designatedArea` is typed by hand,
//! so counties are matched by FIPS code; county code 000 is the entire state.

use crate::code::WarningCode;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use hotwash_documents::input::{Input, decode};
use serde_json::{Map, Value};

use super::csv_rows::{self, Fault, KeyCounter, Vocabulary, fault};
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use crate::inspect::trace;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::time::{Unread, month_first, settle_one, stamp};
use crate::record::{Event, EventCounty, EventKind, Incident};

/// Source of OpenFEMA declarations.
pub struct OpenfemaDeclarations;

const HEADINGS: [&str; 7] = [
    "femaDeclarationString",
    "disasterNumber",
    "state",
    "declarationType",
    "incidentType",
    "incidentBeginDate",
    "fipsCountyCode",
];
const VOCABULARY: Vocabulary = Vocabulary::new(
    &[
        "femaDeclarationString",
        "state",
        "declarationType",
        "incidentType",
        "declarationTitle",
        "incidentBeginDate",
        "incidentEndDate",
        "fipsStateCode",
        "fipsCountyCode",
        "placeCode",
        "lastRefresh",
    ],
    &[
        "disasterNumber",
        "declarationDate",
        "fyDeclared",
        "ihProgramDeclared",
        "iaProgramDeclared",
        "paProgramDeclared",
        "hmProgramDeclared",
        "disasterCloseoutDate",
        "tribalRequest",
        "designatedArea",
        "declarationRequestNumber",
        "lastIAFilingDate",
        "incidentId",
        "region",
        "designatedIncidentTypes",
        "hash",
        "id",
    ],
);
/// Maximum size of a JSON response, in bytes; the API returns at most 10,000 records at once.
const LARGEST_JSON: u64 = 256 << 20;

impl Source for OpenfemaDeclarations {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "openfema_declarations",
            name: "OpenFEMA declarations",
            title: "OpenFEMA Disaster Declarations Summaries v2 (CSV or the API's JSON)",
            extensions: &[".csv", ".json"],
            headings: &HEADINGS,
        }
    }

    fn recognize(&self, sample: &Sample) -> f64 {
        sample.share_of_headings(&HEADINGS)
    }

    fn nearness(&self, sample: &Sample) -> f64 {
        VOCABULARY.known(&sample.headings) as f64 / sample.headings.len().max(1) as f64
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Independent
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let mut gathered = Gathered::default();
        if is_json(input)? {
            let mut column_usage = KeyCounter::new(VOCABULARY);
            let text = |value: &Value| match value {
                Value::String(text) => text.trim().to_owned(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            for (found_index, record) in json_records(input)?.into_iter().enumerate() {
                sink.read_one()?;
                let number = found_index as u64 + 1;
                column_usage.record(
                    number,
                    record.iter().map(|(name, value)| (name.as_str(), text(value))),
                );
                let get = |name: &'static str| record.get(name).map(text).unwrap_or_default();
                if let Err(fault) = gathered.add(number, get, lookup, sink) {
                    let content = crate::load::redacted_content(&record);
                    sink.reject(
                        number,
                        "incident",
                        Some(fault.column),
                        Some(&fault.value),
                        &fault.reason,
                        Some(content),
                    );
                }
            }
            column_usage.close(sink);
        } else {
            csv_rows::read(input, "incident", VOCABULARY, sink, |row, sink| {
                if let Err(fault) =
                    gathered.add(row.number, |name| row.get(name).into_owned(), lookup, sink)
                {
                    row.reject(sink, "incident", &fault);
                }
                Ok(())
            })?;
        }
        gathered.give(lookup, sink)
    }
}

fn is_json(input: &Input) -> Result<bool, SourceError> {
    let mut start = Vec::new();
    input.decoded()?.take(64).read_to_end(&mut start)?;
    Ok(matches!(
        decode(&start).trim_start_matches('\u{feff}').trim_start().bytes().next(),
        Some(b'{' | b'[')
    ))
}

/// Returns the records of `{"DisasterDeclarationsSummaries": […]}`, of a bare array, or of one
/// object per line.
fn json_records(input: &Input) -> Result<Vec<Map<String, Value>>, SourceError> {
    let mut bytes = Vec::new();
    input.decoded()?.take(LARGEST_JSON).read_to_end(&mut bytes)?;
    let text = decode(&bytes);
    let text = text.trim_start_matches('\u{feff}');
    let unreadable = |error: serde_json::Error| {
        SourceError::Unreadable(format!(
            "line {}, column {}: the JSON is broken: {error}",
            error.line(),
            error.column()
        ))
    };
    let mut records = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match value.map_err(unreadable)? {
            Value::Array(list) => records.extend(list),
            Value::Object(mut object) => match object.remove("DisasterDeclarationsSummaries") {
                Some(Value::Array(list)) => records.extend(list),
                _ => records.push(Value::Object(object)),
            },
            _ => {
                return Err(SourceError::Unreadable(
                    "the JSON holds neither an array nor objects".into(),
                ));
            }
        }
    }
    Ok(records
        .into_iter()
        .filter_map(|value| if let Value::Object(object) = value { Some(object) } else { None })
        .collect())
}

/// Declarations read so far, with the counties of each.
#[derive(Default)]
struct Gathered {
    events: BTreeMap<String, Event>,
    counties: HashMap<String, Vec<EventCounty>>,
}

impl Gathered {
    fn add(
        &mut self,
        number: u64,
        get: impl Fn(&'static str) -> String,
        lookup: &Lookup,
        sink: &mut Sink,
    ) -> Result<(), Fault> {
        let event = declaration(number, &get, lookup, sink)?;
        let county = county(number, &event.source_id, &get, lookup, sink)?;
        let rows = self.counties.entry(event.source_id.clone()).or_default();
        rows.push(county);
        match self.events.get_mut(&event.source_id) {
            // Rows of one declaration may be refreshed at different times; the newest row
            // determines its values.
            Some(known) if known.source_version < event.source_version => *known = event,
            Some(_) => {}
            None => {
                self.events.insert(event.source_id.clone(), event);
            }
        }
        Ok(())
    }

    fn give(self, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        for mut event in self.events.into_values() {
            let rows = self.counties.get(&event.source_id).map(Vec::as_slice).unwrap_or_default();
            event.statewide = event.statewide || rows.iter().any(|row| row.county_id.is_none());
            if event.statewide
                && event
                    .incident
                    .declaration_number
                    .as_deref()
                    .is_some_and(|number| number.ends_with("-MA"))
            {
                event.regions = lookup.all_regions();
            }
            sink.support(&event)?;
            for row in rows {
                sink.record(row)?;
            }
        }
        Ok(())
    }
}

fn declaration(
    number: u64,
    get: &impl Fn(&'static str) -> String,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<Event, Fault> {
    let id = get("femaDeclarationString");
    if id.is_empty() {
        return Err(fault(
            "femaDeclarationString",
            "",
            "must not be empty; it names the declaration, as DR-4637-TN",
        ));
    }
    let declaration_type = get("declarationType");
    if !matches!(declaration_type.as_str(), "DR" | "EM" | "FM" | "FS") {
        return Err(fault("declarationType", &declaration_type, "must be DR, EM, FM or FS"));
    }
    let start = moment("incidentBeginDate", &get("incidentBeginDate"))?
        .ok_or_else(|| fault("incidentBeginDate", "", "must not be empty"))?;
    let end = moment("incidentEndDate", &get("incidentEndDate"))?;
    for (column, at) in [("incidentBeginDate", Some(start)), ("incidentEndDate", end)] {
        if let Some(at) = at {
            trace::reading(number, column, "date", || at.format("%Y-%m-%d").to_string());
        }
    }
    if end.is_some_and(|end| end < start) {
        return Err(fault(
            "incidentEndDate",
            &get("incidentEndDate"),
            "must not be before incidentBeginDate",
        ));
    }
    let title = get("declarationTitle");
    let label = get("incidentType");
    let mut labels = Vec::new();
    let hazards = match lookup.hazards("openfema", &label) {
        Some(_) if label == "Biological" && title.to_uppercase().contains("COVID") => {
            vec![lookup.hazard("pandemic")]
        }
        Some(hazards) => hazards,
        None => {
            sink.warn(
                WarningCode::UnmappedHazard,
                Some("incidentType"),
                Some(&label),
                "no hazard has this label; loaded as unmapped",
                number,
            );
            sink.unmapped();
            labels.push(("hazard", label.clone()));
            vec![UNMAPPED]
        }
    };
    let name = if title.is_empty() {
        format!("{label}, {}", get("state"))
    } else {
        format!("{} ({id})", sentence(&title))
    };
    Ok(Event {
        row: number,
        source_id: id.clone(),
        source_version: get("lastRefresh"),
        kind: EventKind::Incident,
        name: sink.redacted(&name),
        start_at: start,
        end_at: end,
        local_date: start.date_naive(),
        end_local_date: end.map(|end| end.date_naive()),
        time_zone: None,
        public: true,
        statewide: false,
        latitude: None,
        longitude: None,
        narrative: None,
        hazards,
        counties: Vec::new(),
        regions: Vec::new(),
        labels,
        incident: Incident {
            response: "NONE",
            declaration_number: Some(id),
            declaration_type: Some(declaration_type),
            ..Incident::default()
        },
        ..Event::default()
    })
}

fn county(
    number: u64,
    event: &str,
    get: &impl Fn(&'static str) -> String,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<EventCounty, Fault> {
    let (state, code) = (get("fipsStateCode"), get("fipsCountyCode"));
    let part = |column: &'static str, text: &str, width: usize| -> Result<String, Fault> {
        match text.parse::<u32>() {
            Ok(number) if text.len() <= width => Ok(format!("{number:0width$}")),
            _ => Err(fault(column, text, format!("must be {width} digits"))),
        }
    };
    let (state, code) = (part("fipsStateCode", &state, 2)?, part("fipsCountyCode", &code, 3)?);
    let fips = format!("{state}{code}");
    let county_id = if code == "000" {
        None
    } else {
        Some(lookup.county(&fips).unwrap_or_else(|| {
            sink.warn(
                WarningCode::UnknownCounty,
                Some("fipsCountyCode"),
                Some(&fips),
                "no county has this code; stored as unmapped",
                number,
            );
            sink.unmapped();
            UNMAPPED
        }))
    };
    let index = get("placeCode");
    Ok(EventCounty {
        row: number,
        event_source_id: event.into(),
        source_id: format!("{event}|{fips}|{index}"),
        county_id,
    })
}

/// Parses `2021-12-10T00:00:00.000Z` or a plain date. The feed gives dates, at midnight UTC.
fn moment(column: &'static str, text: &str) -> Result<Option<DateTime<Utc>>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = month_first(text).and_then(|()| stamp(text, None));
    let read = read.map_err(|unread| match unread {
        Unread::Year(_) | Unread::DayFirst => fault(column, text, unread.to_string()),
        _ => fault(column, text, "must be a date, such as 2021-12-10T00:00:00.000Z or 2021-12-10"),
    });
    read.map(|stamp| Some(settle_one(&stamp, Tz::UTC).at))
}

fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
    })
}
