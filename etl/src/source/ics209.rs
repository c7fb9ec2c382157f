//! Reads ICS-209 incident status summaries, one row per incident, as Parquet or CSV.

use crate::code::WarningCode;
use chrono::NaiveTime;
use hotwash_documents::input::Input;
use serde_json::{Map, Value};

use super::csv_rows::{self, Fault, KeyCounter, Vocabulary, fault};
use super::parquet_rows::{columns, open, rows};
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use crate::inspect::trace;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::record::{Event, EventKind, Incident};

/// Source of ICS-209 summaries.
pub struct Ics209;

const HEADINGS: [&str; 6] = [
    "ics_id",
    "ics_name",
    "ics_wildfire_ignition_date",
    "ics_state",
    "ics_county",
    "ics_wildfire_area",
];

const VOCABULARY: Vocabulary = Vocabulary::new(
    &[
        "ics_id",
        "ics_name",
        "ics_state",
        "ics_county",
        "ics_wildfire_ignition_date",
        "ics_wildfire_poo_lat",
        "ics_wildfire_poo_lon",
        "ics_wildfire_fatalities_tot",
        "ics_wildfire_injuries_tot",
        "ics_wildfire_evacuation_tot",
        "ics_wildfire_area",
    ],
    &[
        "ics_complex",
        "ics_irwin_id",
        "ics_wildfire_cost",
        "ics_wildfire_struct_destroyed",
        "ics_wildfire_struct_threatened",
        "ics_wildfire_fatalities_civ",
        "ics_wildfire_injuries_civ",
        "ics_wildfire_evacuation_civ",
    ],
);

impl Source for Ics209 {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "ics209",
            name: "ICS-209 summaries",
            title: "ICS-209 incident status summaries, one row an incident (Parquet or CSV)",
            extensions: &[".parquet", ".csv"],
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
        let mut magic = [0_u8; 4];
        std::io::Read::read(&mut input.raw()?, &mut magic)?;
        if &magic != b"PAR1" {
            return csv_rows::read(input, "incident", VOCABULARY, sink, |row, sink| {
                match event(row.number, |name| row.get(name).into_owned(), lookup, sink) {
                    Ok(event) => sink.record(&event)?,
                    Err(fault) => row.reject(sink, "incident", &fault),
                }
                Ok(())
            });
        }
        let reader = open(input)?;
        let names = columns(input)?;
        let mut column_usage = KeyCounter::new(VOCABULARY);
        for (index, row) in rows(&reader)?.enumerate() {
            let (number, row) = (index as u64 + 1, row?);
            sink.read_one()?;
            let cells = || names.iter().map(String::as_str).zip(row.iter());
            let cell = |wanted: &str| {
                cells()
                    .find(|(name, _)| *name == wanted)
                    .map(|(_, text)| text.clone())
                    .unwrap_or_default()
            };
            column_usage.record(number, cells().map(|(name, text)| (name, text.clone())));
            match event(number, cell, lookup, sink) {
                Ok(event) => sink.record(&event)?,
                Err(fault) => {
                    let content: Map<String, Value> = cells()
                        .map(|(name, text)| (name.to_owned(), text.clone().into()))
                        .collect();
                    let content = crate::load::redacted_content(&content);
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
        }
        column_usage.close(sink);
        Ok(())
    }
}

fn event(
    number: u64,
    get: impl Fn(&'static str) -> String,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<Event, Fault> {
    let id = get("ics_id");
    if id.is_empty() {
        return Err(fault("ics_id", "", "must not be empty"));
    }
    let text = get("ics_wildfire_ignition_date");
    let start = csv_rows::day("ics_wildfire_ignition_date", &text)?;
    trace::reading(number, "ics_wildfire_ignition_date", "date", || start.to_string());
    let latitude = degrees("ics_wildfire_poo_lat", &get("ics_wildfire_poo_lat"), 90.0)?;
    let longitude = western(
        number,
        degrees("ics_wildfire_poo_lon", &get("ics_wildfire_poo_lon"), 360.0)?,
        sink,
    )?;
    let state = get("ics_state").to_uppercase();
    let county_name = get("ics_county");
    let mut labels = Vec::new();
    let counties = match lookup.county_named(&state, &county_name) {
        _ if county_name.is_empty() => Vec::new(),
        Some(county) => vec![county],
        None => {
            sink.warn(
                WarningCode::UnknownCounty,
                Some("ics_county"),
                Some(&format!("{county_name}, {state}")),
                "no county has this name; loaded as unmapped",
                number,
            );
            sink.unmapped();
            labels.push(("county", format!("{county_name}, {state}")));
            vec![UNMAPPED]
        }
    };
    let name = get("ics_name");
    let name = if name.is_empty() {
        format!("Wildfire, {state}")
    } else {
        format!("{} fire, {state}", title(&name))
    };
    Ok(Event {
        row: number,
        source_id: id,
        source_version: String::new(),
        kind: EventKind::Incident,
        name: sink.redacted(&name),
        start_at: start.and_time(NaiveTime::MIN).and_utc(),
        end_at: None,
        local_date: start,
        end_local_date: None,
        time_zone: None,
        public: true,
        statewide: false,
        latitude,
        longitude,
        narrative: None,
        // These harmonized summaries describe wildland fires.
        hazards: vec![lookup.hazard("wildfire")],
        regions: lookup.regions_of(&counties),
        counties,
        labels,
        incident: Incident {
            response: "NONE",
            deaths_direct: people(
                "ics_wildfire_fatalities_tot",
                &get("ics_wildfire_fatalities_tot"),
            )?,
            injuries_direct: people(
                "ics_wildfire_injuries_tot",
                &get("ics_wildfire_injuries_tot"),
            )?,
            evacuated: people("ics_wildfire_evacuation_tot", &get("ics_wildfire_evacuation_tot"))?,
            area_km2: area(&get("ics_wildfire_area"))?,
            ..Incident::default()
        },
        ..Event::default()
    })
}

fn number(column: &'static str, text: &str) -> Result<Option<f64>, Fault> {
    if text.is_empty() || text.eq_ignore_ascii_case("nan") {
        return Ok(None);
    }
    match crate::reading::number::number(text) {
        Some(number) => Ok(Some(number)),
        None => Err(fault(column, text, "must be a number")),
    }
}

fn people(column: &'static str, text: &str) -> Result<Option<i32>, Fault> {
    match number(column, text)? {
        Some(count) if count < 0.0 => Err(fault(column, text, "must not be negative")),
        Some(count) if count > f64::from(i32::MAX) => {
            Err(fault(column, text, "is too large for a count of people"))
        }
        count => Ok(count.map(|count| count.round() as i32)),
    }
}

fn area(text: &str) -> Result<Option<f64>, Fault> {
    match number("ics_wildfire_area", text)? {
        Some(area) if area < 0.0 => Err(fault("ics_wildfire_area", text, "must not be negative")),
        area => Ok(area),
    }
}

fn degrees(column: &'static str, text: &str, limit: f64) -> Result<Option<f64>, Fault> {
    match number(column, text)? {
        Some(degrees) if degrees.abs() > limit => {
            Err(fault(column, text, format!("must lie between -{limit} and {limit}")))
        }
        degrees => Ok(degrees.filter(|degrees| *degrees != 0.0)),
    }
}

/// Corrects the sign of a longitude. The forms are American, and no American longitude is between 0
/// and 130 degrees east, so the minus sign was lost.
fn western(row: u64, longitude: Option<f64>, sink: &mut Sink) -> Result<Option<f64>, Fault> {
    match longitude {
        Some(degrees)
            if degrees > 0.0 && degrees <= 180.0 && !(140.0..=150.0).contains(&degrees) =>
        {
            sink.warn(
                WarningCode::LongitudeSign,
                Some("ics_wildfire_poo_lon"),
                None,
                "east longitude of an American incident: minus sign restored",
                row,
            );
            Ok(Some(-degrees))
        }
        Some(degrees) if degrees.abs() > 180.0 => Err(fault(
            "ics_wildfire_poo_lon",
            &degrees.to_string(),
            "must lie between -180 and 180",
        )),
        other => Ok(other),
    }
}

fn title(name: &str) -> String {
    let words = name.split_whitespace().map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
        })
    });
    words.collect::<Vec<String>>().join(" ")
}
