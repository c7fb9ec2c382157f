//! Reads a duty officer's log. It has one row per incident, with milestone times, patients and
//! hospitals, or one row per entry, as WebEOC exports its boards.

mod columns;
mod entries;

use chrono_tz::Tz;
use hotwash_documents::grid::{Grid, GridCell};
use hotwash_documents::input::Input;

use super::grid_rows::{GridFault, GridRecord};
use super::timeline::Timeline;
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use super::{cell_labels, grids, record_id};
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::headings::{Columns, lists};
use crate::reading::time::{End, Settled, Stamp, settle};
use crate::record::{Event, EventKind, Incident};
use columns::{SECTION, stated_id};

/// Source of duty officer logs.
pub struct DutyOfficerLog;

/// Milestones in their required order; the last three come after the end of the incident.
const MILESTONES: [&str; 11] = [
    "notified",
    "acknowledged",
    "activated",
    "first_sitrep",
    "eei_collected",
    "resource_requested",
    "resource_filled",
    "demobilized",
    "hotwash_held",
    "aar_draft",
    "aar_final",
];
/// Indexes of the milestones that bound the response: none may precede the first, and none of the
/// response may follow the last.
const FIRST: usize = 0;
const LAST: usize = 7;

impl Source for DutyOfficerLog {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "duty_officer_log",
            name: "Duty officer logs",
            title: "Duty officer's log of incidents with the times of their milestones (CSV or \
                Excel)",
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

    fn recognize(&self, sample: &Sample) -> f64 {
        let known = sample.grids.iter().filter_map(|grid| match wide(grid) {
            Some((_, columns)) => {
                let stamps = MILESTONES.iter().filter(|field| columns.has(&[field])).count();
                Some(if stamps >= 2 { 0.8 + 0.01 * columns.known() as f64 } else { 0.4 })
            }
            None => entries::header(grid).map(|_| 0.78),
        });
        known.fold(0.0, f64::max).min(0.97)
    }

    fn nearness(&self, sample: &Sample) -> f64 {
        sample.grids.iter().map(|grid| lists().known_share(SECTION, grid)).fold(0.0, f64::max)
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Events
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let (grids, _) = grids::read(input, sink)?;
        let mut grids = grids::split_tables(grids, SECTION, &["name", "notified"], wide);
        let remedy = "has no headings of a log and was not read; name its columns, as Incident Name \
            and Notified At";
        let is_read = |grid: &Grid| wide(grid).is_some() || entries::header(grid).is_some();
        grids::report_unread(&grids, is_read, remedy, sink);
        for grid in &mut grids {
            if let Some((index, columns)) = wide(grid).or_else(|| entries::header(grid)) {
                grids::leave_out_struck(grid, index, &columns, "name", sink);
                grid.carry_down(index);
            }
            let grid = &*grid;
            let Some((index, columns)) = wide(grid) else {
                if let Some((index, columns)) = entries::header(grid) {
                    entries::read(grid, index, &columns, lookup, sink)?;
                }
                continue;
            };
            grids::report_columns(SECTION, &[], grid, index, &columns, sink);
            let titles =
                grid.rows[..index].iter().flat_map(|row| row.cells().iter().map(GridCell::text));
            let region =
                titles.into_iter().find_map(|text| cell_labels::region_within(&text, lookup));
            for row in &grid.rows[index + 1..] {
                let record = GridRecord { row, columns: &columns };
                if grids::is_repeated_header(&record) {
                    continue;
                }
                // A title or a footnote.
                if record.row.cells().iter().filter(|cell| !cell.is_empty()).count() <= 1 {
                    grids::report_lone_cell(&record, sink);
                    continue;
                }
                sink.read_one()?;
                match incident(&record, region, lookup, sink) {
                    Ok((event, timeline)) => {
                        sink.record_from(&event, Some(&record.content()))?;
                        timeline.write(&event.source_id, lookup, sink)?;
                    }
                    Err(wrong) => record.reject(sink, "incident", &wrong),
                }
                record.drop_contacts(sink);
            }
        }
        Ok(())
    }
}

/// Finds the header of a log with one row per incident: a name, and a notification or several other
/// times.
fn wide(grid: &Grid) -> Option<(usize, Columns)> {
    let (index, columns) = lists().header(SECTION, grid, &["name"])?;
    let stamps = MILESTONES.iter().filter(|field| columns.has(&[field])).count();
    (columns.has(&["notified"]) || stamps >= 2).then_some((index, columns))
}

/// Returns the incident of a row. A row without a known region has the region of the title.
fn incident(
    record: &GridRecord<'_>,
    titled: Option<i32>,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(Event, Timeline), GridFault> {
    let number = record.row.number;
    record.shifted()?;
    record.kept("name")?;
    // A formula without a saved value must not shift the beginning or the end of an incident.
    record.computed(&[&["name", "date"], MILESTONES.as_slice()].concat())?;
    let name = record.required("name")?;
    let zone = record.zone()?;
    let stamps = stamps(record, zone, sink)?;
    let at = |wanted: &str| {
        stamps.iter().find(|(field, ..)| *field == wanted).map(|(_, _, settled)| *settled)
    };
    let Some(start) =
        at(MILESTONES[FIRST]).or_else(|| stamps.first().map(|(_, _, settled)| *settled))
    else {
        return Err(
            record.wrong("notified", "must not be empty: without it the incident has no day")
        );
    };
    for (field, stamp, settled) in &stamps {
        let early = if stamp.timed {
            settled.at < start.at
        } else {
            settled.local.date() < start.local.date()
        };
        if early {
            return Err(record.wrong(
                field,
                format!(
                    "must not be before {}, {}",
                    record.columns.heading(MILESTONES[FIRST]),
                    start.local.format("%Y-%m-%d %H:%M")
                ),
            ));
        }
    }
    let end = at(MILESTONES[LAST]);
    if let (Some(activated), Some(end)) = (at("activated"), end)
        && end.at < activated.at
    {
        return Err(record.wrong(MILESTONES[LAST], "must not be before the activation"));
    }
    let mut regions = cell_labels::regions(&record.text("region"), lookup)
        .map_err(|reason| record.wrong("region", reason))?;
    let municipality = record.text("municipality");
    if regions.is_empty() && !municipality.is_empty() {
        regions = lookup.regions_of_municipality(&municipality);
    }
    if let (true, Some(region)) = (regions.is_empty(), titled) {
        regions.push((region, 1.0));
    }
    let mut labels = Vec::new();
    let hazards = cell_labels::hazards(
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
        // Monitoring is not a response; without a level, an activation counts.
        _ => match ordinal {
            Some(0 | 1) => "MONITORED",
            Some(_) => "RESPONDED",
            None if at("activated").is_some() => "RESPONDED",
            None => "MONITORED",
        },
    };
    let id = stated_id(record).unwrap_or_else(|| {
        record_id::derived_id(&[
            &name,
            &start.local.to_string(),
            &record.text("region"),
            &record.text("municipality"),
        ])
    });
    let event = Event {
        row: number,
        source_id: id,
        kind: EventKind::Incident,
        name: sink.redacted(&name),
        start_at: start.at,
        end_at: end.map(|end| end.at),
        local_date: start.local.date(),
        end_local_date: end.map(|end| end.local.date()),
        time_zone: Some(zone.name().into()),
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
    let mut timeline = Timeline::default();
    for (field, stamp, settled) in &stamps {
        timeline.add(field, number, stamp, settled);
    }
    Ok((event, timeline))
}

/// Returns the milestones of a row in order. A row without any is notified on its date.
fn stamps(
    record: &GridRecord<'_>,
    zone: Tz,
    sink: &mut Sink,
) -> Result<Vec<(&'static str, Stamp, Settled)>, GridFault> {
    let day = record.day("date", End::First)?;
    let mut stamps: Vec<(&'static str, Stamp)> = Vec::new();
    for field in MILESTONES {
        if let Some(stamp) = record.stamp(field, day)? {
            let before = stamps.last().map(|(_, before)| *before);
            stamps.push((field, stamp.after(before)));
        }
    }
    if let (true, Some(day)) = (stamps.is_empty(), day) {
        stamps.push((MILESTONES[FIRST], Stamp::of_day(day)));
    }
    let written: Vec<Stamp> = stamps.iter().map(|(_, stamp)| *stamp).collect();
    let settled =
        stamps.into_iter().zip(settle(&written, zone)).map(|((field, stamp), settled)| {
            record.warn_of(field, &settled, sink);
            (field, stamp, settled)
        });
    Ok(settled.collect())
}

/// Returns the rank of a level: 0 none, 1 monitoring, 2 partial or enhanced, 3 full.
fn ordinal(level: &str) -> Option<i16> {
    let level = level.to_lowercase();
    match level.trim() {
        "none" | "normal" | "steady state" | "0" => Some(0),
        text if text.starts_with("monitor") || text == "1" || text == "watch" => Some(1),
        text if text.starts_with("partial") || text.starts_with("enhanced") || text == "2" => {
            Some(2)
        }
        text if text.starts_with("full") || text == "3" => Some(3),
        _ => None,
    }
}
