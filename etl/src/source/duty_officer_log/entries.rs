//! A log of entries: one row a moment, with the incident it belongs to and what happened. Entries that tell a milestone make
//! one; an incident stands for all its entries.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, NaiveTime};

use super::SECTION;
use crate::document::grid::Grid;
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::day::End;
use crate::reading::headings::{Columns, lists};
use crate::record::{Event, EventRef, Incident, Kind, Milestone, TimePrecision};
use crate::source::SourceError;
use crate::source::grid_rows::{self, Record, Wrong};
use crate::source::time::eastern;

/// The header of a log of entries.
pub fn header(grid: &Grid) -> Option<(usize, Columns)> {
    lists()
        .header(SECTION, grid, &["name", "entry", "entered_at"])
        .or_else(|| lists().header(SECTION, grid, &["name", "entry", "date"]))
}

/// An incident as its entries tell it.
struct Told<'a> {
    first: Record<'a>,
    rows: usize,
    starts: NaiveDateTime,
    ends: NaiveDateTime,
    /// The first moment of each milestone, whether it has a time of day, and its row.
    milestones: BTreeMap<String, (NaiveDateTime, bool, u64)>,
}

/// Reads the entries below the header.
pub fn read(grid: &Grid, place: usize, columns: &Columns, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
    let mut incidents: Vec<(String, Told<'_>)> = Vec::new();
    for row in &grid.rows[place + 1..] {
        let record = Record { row, columns };
        if record.row.cells().iter().filter(|cell| !cell.is_empty()).count() <= 1 {
            continue;
        }
        sink.read_one()?;
        record.drop_contacts(sink);
        let (name, at, timed) = match entry(&record) {
            Ok(entry) => entry,
            Err(wrong) => {
                record.reject(sink, "incident", &wrong);
                continue;
            }
        };
        let key = id(&record).unwrap_or_else(|| name.clone());
        let known = incidents.iter().position(|(known, _)| *known == key);
        let place = known.unwrap_or_else(|| {
            let told = Told { first: record, rows: 0, starts: at, ends: at, milestones: BTreeMap::new() };
            incidents.push((key, told));
            incidents.len() - 1
        });
        let told = &mut incidents[place].1;
        let text = Record { row, columns }.text("entry");
        told.rows += 1;
        (told.starts, told.ends) = (told.starts.min(at), told.ends.max(at));
        if let Some(code) = lists().within("milestone", &text) {
            let first = told.milestones.entry(code.to_owned()).or_insert((at, timed, row.number));
            if at < first.0 {
                *first = (at, timed, row.number);
            }
        }
    }
    for (_, told) in &incidents {
        write(told, lookup, sink)?;
    }
    Ok(())
}

/// The incident's own id, unless it is somebody's number.
fn id(record: &Record<'_>) -> Option<String> {
    record.optional("id").filter(|id| crate::redact::redact(id).1 == 0)
}

fn entry(record: &Record<'_>) -> Result<(String, NaiveDateTime, bool), Wrong> {
    let name = record.required("name")?;
    let day = record.day("date", End::First)?;
    let at = record.moment_on("entered_at", day)?;
    let (at, timed) = at
        .or(day.map(|day| (day.and_time(NaiveTime::MIN), false)))
        .ok_or_else(|| record.wrong("entered_at", "must not be empty: without it the entry has no moment"))?;
    Ok((name, at, timed))
}

fn write(told: &Told<'_>, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
    let record = &told.first;
    let number = record.row.number;
    let name = record.text("name");
    let mut regions = grid_rows::regions(&record.text("region"), lookup).unwrap_or_else(|_| {
        let column = record.columns.heading("region");
        let message = "no region has this name; loaded without one";
        sink.warn("no_region", Some(&column), Some(&record.text("region")), message, number);
        Vec::new()
    });
    if regions.is_empty() {
        regions = lookup.regions_of_municipality(&record.text("municipality"));
    }
    let mut labels = Vec::new();
    let column = record.columns.heading("hazard");
    let hazards = grid_rows::hazards(&record.text("hazard"), &column, number, lookup, sink, &mut labels);
    let id = id(record)
        .unwrap_or_else(|| grid_rows::made_id(&[&name, &told.starts.date().to_string(), &record.text("region")]));
    let responded = told.milestones.contains_key("activated");
    let name = sink.redacted(&name);
    sink.record_of_rows(
        &Event {
            row: number,
            source_id: id.clone(),
            kind: Kind::Incident,
            name,
            start_at: eastern(told.starts),
            end_at: Some(eastern(told.ends)),
            local_date: told.starts.date(),
            end_local_date: Some(told.ends.date()),
            time_zone: Some("America/New_York".into()),
            owes_aar: responded,
            hazards,
            regions,
            labels,
            incident: Incident { response: if responded { "RESPONDED" } else { "MONITORED" }, ..Incident::default() },
            ..Event::default()
        },
        told.rows,
    )?;
    for (code, (at, timed, row)) in &told.milestones {
        let Some(milestone_type_id) = lookup.lists().milestone_types.find(code) else { continue };
        sink.support(&Milestone {
            row: *row,
            source_id: format!("{id}|{code}"),
            event: EventRef::id(id.clone()),
            milestone_type_id,
            sequence: 1,
            occurred_at: eastern(*at),
            precision: if *timed { TimePrecision::Minute } else { TimePrecision::Day },
            organization: None,
        })?;
    }
    Ok(())
}
