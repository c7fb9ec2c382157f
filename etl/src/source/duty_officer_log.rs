//! A duty officer's log: one row an incident with the times of its milestones, patients and hospitals; or one row an entry, as
//! WebEOC exports its boards.

mod entries;

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};

use super::grid_rows::{self, Record, Wrong};
use super::time::eastern;
use super::{Definition, Rank, Sample, Source, SourceError};
use crate::document::grid::{Cell, Grid};
use crate::input::Input;
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::day::End;
use crate::reading::headings::{Columns, lists};
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
        let (grids, _) = grid_rows::grids(input)?;
        for grid in &grids {
            let Some((place, columns)) = wide(grid) else {
                if let Some((place, columns)) = entries::header(grid) {
                    entries::read(grid, place, &columns, lookup, sink)?;
                }
                continue;
            };
            grid_rows::account(SECTION, &[], grid, place, &columns, sink);
            let titles = grid.rows[..place].iter().flat_map(|row| row.cells().iter().map(Cell::text));
            let region = titles.into_iter().find_map(|text| grid_rows::region_within(&text, lookup));
            for row in &grid.rows[place + 1..] {
                let record = Record { row, columns: &columns };
                // A title or a footnote.
                if record.row.cells().iter().filter(|cell| !cell.is_empty()).count() <= 1 {
                    continue;
                }
                sink.read_one()?;
                match incident(&record, region, lookup, sink) {
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

/// The header of a log with one row an incident: a name, and a notification or several other stamps.
fn wide(grid: &Grid) -> Option<(usize, Columns)> {
    let (place, columns) = lists().header(SECTION, grid, &["name"])?;
    let stamps = MILESTONES.iter().filter(|field| columns.has(&[field])).count();
    (columns.has(&["notified"]) || stamps >= 2).then_some((place, columns))
}

/// The incident of a row; of the title's region where it names none that is known.
fn incident(
    record: &Record<'_>,
    titled: Option<i32>,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(Event, Vec<Milestone>), Wrong> {
    let number = record.row.number;
    let name = record.required("name")?;
    let mut stamps: Vec<(&'static str, NaiveDateTime, bool)> = Vec::new();
    // A column for the day, and times of day in the others: a time before the one above it is of the next day.
    let day = record.day("date", End::First)?;
    let mut last: Option<NaiveDateTime> = None;
    for field in MILESTONES {
        if let Some((mut at, timed)) = record.moment_on(field, day)? {
            let has_own_day = record.moment(field).is_ok();
            if let (Some(before), false) = (last, has_own_day)
                && at < before
                && before - at > TimeDelta::hours(12)
            {
                at += TimeDelta::days(1);
            }
            last = Some(at);
            stamps.push((field, at, timed));
        }
    }
    if stamps.is_empty()
        && let Some(day) = day
    {
        stamps.push((MILESTONES[FIRST], day.and_time(NaiveTime::MIN), false));
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
    if let (true, Some(region)) = (regions.is_empty(), titled) {
        regions.push((region, 1.0));
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
    let id = stated_id(record).unwrap_or_else(|| {
        grid_rows::made_id(&[&name, &start.to_string(), &record.text("region"), &record.text("municipality")])
    });
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

/// The incident's own id; none where it is a running number, or somebody's.
fn stated_id(record: &Record<'_>) -> Option<String> {
    record.optional("id").filter(|id| grid_rows::is_id(&record.columns.heading("id"), id))
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
