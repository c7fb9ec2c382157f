//! A duty officer's log: one row an incident with the times of its milestones, patients and hospitals.

use chrono::NaiveDateTime;

use super::grid_rows::{self, Record, Wrong};
use super::time::eastern;
use super::{Definition, Rank, Sample, Source, SourceError};
use crate::input::Input;
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::headings::lists;
use crate::record::{Event, EventRef, Incident, Kind, Milestone, TimePrecision};

/// The source.
pub struct DutyOfficerLog;

const SECTION: &str = "duty_log";
/// Milestones in the order in which they must come; the last three follow the incident's end.
const MILESTONES: [&str; 11] = [
    "notified",
    "acknowledged",
    "activated",
    "first_sitrep",
    "eei_collected",
    "resource_requested",
    "resource_filled",
    "demobilised",
    "hotwash_held",
    "aar_draft",
    "aar_final",
];
/// Those that may not come before the notification, and after which nothing else of the response comes.
const FIRST: usize = 0;
const LAST: usize = 7;

impl Source for DutyOfficerLog {
    fn definition(&self) -> Definition {
        Definition {
            id: "duty_officer_log",
            title: "Duty officer's log of incidents with the times of their milestones (CSV or Excel)",
            extensions: &[".csv", ".xlsx"],
            headings: &[
                "incident_id",
                "incident_name",
                "hazard",
                "region",
                "notified_at",
                "acknowledged_at",
                "activated_at",
            ],
        }
    }

    fn recognise(&self, sample: &Sample) -> f64 {
        let known = sample.grids.iter().filter_map(|grid| lists().header(SECTION, grid, &["name", "notified"])).map(
            |(_, columns)| {
                let stamps = MILESTONES.iter().filter(|field| columns.has(&[field])).count();
                if stamps >= 2 { 0.8 + 0.01 * columns.known() as f64 } else { 0.4 }
            },
        );
        known.fold(0.0, f64::max).min(0.97)
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Events
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let (grids, _) = grid_rows::grids(input)?;
        for grid in &grids {
            let Some((place, columns)) = lists().header(SECTION, grid, &["name", "notified"]) else { continue };
            for row in &grid.rows[place + 1..] {
                let record = Record { row, columns: &columns };
                sink.read_one()?;
                match incident(&record, lookup, sink) {
                    Ok((event, milestones)) => {
                        sink.record(&event)?;
                        for milestone in &milestones {
                            sink.support(milestone)?;
                        }
                    }
                    Err(wrong) => record.reject(sink, "incident", &wrong),
                }
                record.drop_contacts(sink);
            }
        }
        Ok(())
    }
}

fn incident(record: &Record<'_>, lookup: &Lookup, sink: &mut Sink) -> Result<(Event, Vec<Milestone>), Wrong> {
    let number = record.row.number;
    let name = record.required("name")?;
    let mut stamps: Vec<(&'static str, NaiveDateTime, bool)> = Vec::new();
    for field in MILESTONES {
        if let Some((at, timed)) = record.moment(field)? {
            stamps.push((field, at, timed));
        }
    }
    let at = |wanted: &str| stamps.iter().find(|(field, _, _)| *field == wanted).map(|(_, at, _)| *at);
    let Some(start) = at(MILESTONES[FIRST]).or_else(|| stamps.first().map(|(_, at, _)| *at)) else {
        return Err(record.wrong("notified", "must not be empty: without it the incident has no day"));
    };
    for (field, moment, timed) in &stamps {
        let early = if *timed { *moment < start } else { moment.date() < start.date() };
        if early {
            return Err(record.wrong(
                field,
                format!(
                    "must not be before {}, {}",
                    record.columns.heading(MILESTONES[FIRST]),
                    start.format("%Y-%m-%d %H:%M")
                ),
            ));
        }
    }
    let end = at(MILESTONES[LAST]);
    if let (Some(activated), Some(end)) = (at("activated"), end)
        && end < activated
    {
        return Err(record.wrong(MILESTONES[LAST], "must not be before the activation"));
    }
    let mut regions =
        grid_rows::regions(&record.text("region"), lookup).map_err(|reason| record.wrong("region", reason))?;
    let municipality = record.text("municipality");
    if regions.is_empty() && !municipality.is_empty() {
        regions = lookup.regions_of_municipality(&municipality);
    }
    let mut labels = Vec::new();
    let hazards = grid_rows::hazards(
        &record.text("hazard"),
        &record.columns.heading("hazard"),
        number,
        lookup,
        sink,
        &mut labels,
    );
    let level = record.optional("activation_level");
    let ordinal = level.as_deref().and_then(ordinal);
    let response = match record.text("response").to_uppercase().as_str() {
        "NONE" => "NONE",
        "MONITORED" => "MONITORED",
        "RESPONDED" => "RESPONDED",
        // Monitoring is not responding; without a level an activation tells.
        _ => match ordinal {
            Some(0 | 1) => "MONITORED",
            Some(_) => "RESPONDED",
            None if at("activated").is_some() => "RESPONDED",
            None => "MONITORED",
        },
    };
    let id = record
        .optional("id")
        .unwrap_or_else(|| grid_rows::made_id(&[&name, &start.to_string(), &record.text("region")]));
    let event = Event {
        row: number,
        source_id: id.clone(),
        kind: Kind::Incident,
        name: sink.redacted(&name),
        start_at: eastern(start),
        end_at: end.map(eastern),
        local_date: start.date(),
        end_local_date: end.map(|end| end.date()),
        time_zone: Some("America/New_York".into()),
        owes_aar: response == "RESPONDED",
        hazards,
        regions,
        labels,
        incident: Incident {
            response,
            activation_level: level,
            activation_ordinal: ordinal,
            patients: record.count("patients")?,
            hospitals_involved: record.count("hospitals_involved")?,
            ..Incident::default()
        },
        ..Event::default()
    };
    let milestones = stamps.iter().filter_map(|(field, at, timed)| {
        Some(Milestone {
            row: number,
            source_id: format!("{id}|{field}"),
            event: EventRef::id(id.clone()),
            milestone_type_id: lookup.lists().milestone_types.find(field)?,
            sequence: 1,
            occurred_at: eastern(*at),
            precision: if *timed { TimePrecision::Minute } else { TimePrecision::Day },
            organization: None,
        })
    });
    let milestones = milestones.collect();
    Ok((event, milestones))
}

/// 0 none, 1 monitoring, 2 partial or enhanced, 3 full.
fn ordinal(level: &str) -> Option<i16> {
    let level = level.to_lowercase();
    match level.trim() {
        "none" | "normal" | "steady state" | "0" => Some(0),
        text if text.starts_with("monitor") || text == "1" || text == "watch" => Some(1),
        text if text.starts_with("partial") || text.starts_with("enhanced") || text == "2" => Some(2),
        text if text.starts_with("full") || text == "3" => Some(3),
        _ => None,
    }
}
