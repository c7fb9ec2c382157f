//! A log of entries: one row a moment, with the incident it belongs to and what happened. Entries that tell a milestone make
//! one; an incident stands for all its entries.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::{SECTION, stated_id};
use crate::document::grid::{Cell, Grid, GridRow};
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::day::End;
use crate::reading::headings::{Columns, lists};
use crate::reading::items::unmarked;
use crate::reading::person::is_person;
use crate::record::{Event, EventRef, Incident, Kind, Milestone, TimePrecision};
use crate::source::SourceError;
use crate::source::grid_rows::{self, Record, Wrong};
use crate::source::time::eastern;

/// The header of a log of entries, which names the incident in a column or above the table.
pub fn header(grid: &Grid) -> Option<(usize, Columns)> {
    lists()
        .header(SECTION, grid, &["name", "entry", "entered_at"])
        .or_else(|| lists().header(SECTION, grid, &["name", "entry", "date"]))
        .or_else(|| {
            let headed = |needed: &[&str]| lists().header(SECTION, grid, needed);
            let found = headed(&["entry", "entered_at"]).or_else(|| headed(&["entry", "date"]));
            found.filter(|(place, _)| title(&grid.rows[..*place], "name").is_some())
        })
}

/// What a form or a title above the table says of a field: `Incident: Gas leak`, or the label in one cell, the value in the next.
/// Forms number their boxes: `1. Incident Name`.
fn title(above: &[GridRow], field: &str) -> Option<String> {
    above.iter().find_map(|row| {
        row.cells().iter().enumerate().find_map(|(place, cell)| {
            let text = cell.text();
            let (label, rest) = text.split_once(':').unwrap_or((&text, ""));
            let label = unmarked(label);
            // `Name` alone, on a form, is a person's.
            let is_named = lists().field(SECTION, label) == Some(field) && !label.eq_ignore_ascii_case("name");
            let value = if rest.trim().is_empty() { row.cell(place + 1).text() } else { rest.trim().to_owned() };
            Some(value).filter(|value| is_named && !value.is_empty() && !is_person(value))
        })
    })
}

/// The day and the moment of the entry before, which an entry without its own day goes on from.
#[derive(Default)]
struct Before {
    day: Option<NaiveDate>,
    at: Option<NaiveDateTime>,
}

impl Before {
    /// The moment of an entry: by its own day, or by the last one told, past midnight when the clock has gone back.
    fn next(&mut self, record: &Record<'_>) -> Result<Option<(NaiveDateTime, bool)>, Wrong> {
        let own = record.day("date", End::First)?;
        let mut read = record.moment_on("entered_at", own.or(self.day))?;
        let has_own_day = own.is_some() || record.moment("entered_at").is_ok();
        if let (Some((at, true)), Some(before), false) = (&mut read, self.at, has_own_day)
            && *at < before
            && before - *at > TimeDelta::hours(12)
        {
            *at += TimeDelta::days(1);
        }
        let read = read.or(own.map(|day| (day.and_time(NaiveTime::MIN), false)));
        if let Some((at, _)) = read {
            (self.day, self.at) = (Some(at.date()), Some(at));
        }
        Ok(read)
    }
}

/// An incident as its entries tell it.
struct Told<'a> {
    first: Record<'a>,
    name: String,
    /// Region that the title names, for a log that has no column for it.
    region: String,
    rows: usize,
    starts: NaiveDateTime,
    ends: NaiveDateTime,
    /// The first moment of each milestone, whether it has a time of day, and its row.
    milestones: BTreeMap<String, (NaiveDateTime, bool, u64)>,
}

/// Reads the entries below the header.
pub fn read(grid: &Grid, place: usize, columns: &Columns, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
    grid_rows::account(SECTION, &[], grid, place, columns, sink);
    let mut incidents: Vec<(String, Told<'_>)> = Vec::new();
    let titled = title(&grid.rows[..place], "name");
    let region = title(&grid.rows[..place], "region").or_else(|| {
        let texts = grid.rows[..place].iter().flat_map(|row| row.cells().iter().map(Cell::text));
        texts.into_iter().find(|text| grid_rows::region_within(text, lookup).is_some())
    });
    let mut before = Before::default();
    for row in &grid.rows[place + 1..] {
        let record = Record { row, columns };
        if record.row.cells().iter().filter(|cell| !cell.is_empty()).count() <= 1 {
            continue;
        }
        sink.read_one()?;
        record.drop_contacts(sink);
        let (name, at, timed) = match entry(&record, titled.as_deref(), &mut before) {
            Ok(entry) => entry,
            Err(wrong) => {
                // With what the title says, so that a refused row can be mended and loaded by itself.
                let (column, value) = (wrong.column.as_deref(), Some(wrong.value.as_str()));
                let name = titled.clone().unwrap_or_default();
                let content = record.content_with(&[("Incident Name", name)]);
                sink.reject(row.number, "incident", column, value, &wrong.reason, Some(content));
                continue;
            }
        };
        // Two towns may have an incident of one name.
        let named = || [name.as_str(), &record.text("region"), &record.text("municipality")].join("\n");
        let key = stated_id(&record).unwrap_or_else(named);
        let known = incidents.iter().position(|(known, _)| *known == key);
        let place = known.unwrap_or_else(|| {
            let region = region.clone().unwrap_or_default();
            let told = Told { first: record, name, region, rows: 0, starts: at, ends: at, milestones: BTreeMap::new() };
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

fn entry(
    record: &Record<'_>,
    titled: Option<&str>,
    before: &mut Before,
) -> Result<(String, NaiveDateTime, bool), Wrong> {
    let name = match (record.optional("name"), titled) {
        (Some(name), _) => name,
        (None, Some(titled)) => titled.to_owned(),
        (None, None) => record.required("name")?,
    };
    let (at, timed) = before
        .next(record)?
        .ok_or_else(|| record.wrong("entered_at", "must not be empty: without it the entry has no moment"))?;
    Ok((name, at, timed))
}

fn write(told: &Told<'_>, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
    let record = &told.first;
    let number = record.row.number;
    let name = &told.name;
    let mut regions = grid_rows::regions(&record.text("region"), lookup).unwrap_or_else(|_| {
        let column = record.columns.heading("region");
        let message = "no region has this name; loaded without one";
        sink.warn("no_region", Some(&column), Some(&record.text("region")), message, number);
        Vec::new()
    });
    if regions.is_empty() {
        regions = lookup.regions_of_municipality(&record.text("municipality"));
    }
    if regions.is_empty() {
        regions.extend(grid_rows::region_within(&told.region, lookup).map(|region| (region, 1.0)));
    }
    let mut labels = Vec::new();
    let column = record.columns.heading("hazard");
    let hazards = grid_rows::hazards(&record.text("hazard"), &column, number, lookup, sink, &mut labels);
    let id = stated_id(record).unwrap_or_else(|| {
        let day = told.starts.date().to_string();
        grid_rows::made_id(&[name, &day, &record.text("region"), &record.text("municipality")])
    });
    let responded = told.milestones.contains_key("activated");
    let name = sink.redacted(name);
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
