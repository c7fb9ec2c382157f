//! Reads a log of entries: one row per entry, with its time, incident and text. All entries of an
//! incident create one event with its timeline.

use crate::code::WarningCode;
use chrono_tz::Tz;
use hotwash_documents::grid::{Grid, GridCell, GridRow};

use super::columns::{SECTION, stated_id};
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::headings::{Columns, lists};
use crate::reading::items::unmarked;
use crate::reading::person::is_person;
use crate::reading::time::{End, Settled, Stamp, home, settle};
use crate::record::{Event, EventKind, Incident};
use crate::source::SourceError;
use crate::source::grid_rows::{GridFault, GridRecord};
use crate::source::timeline::Timeline;
use crate::source::{cell_labels, grids, record_id};

/// Time that begins the timeline of an incident.
const NOTIFIED: &str = "notified";

/// Finds the header of a log of entries, which names the incident in a column or above the table.
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

/// Returns the value that a form or a title above the table gives for a field. Label and value
/// share a cell (`Incident: Gas leak`) or are in adjacent cells. Forms number their boxes: `1.
/// Incident Name`.
fn title(above: &[GridRow], field: &str) -> Option<String> {
    above.iter().find_map(|row| {
        row.cells().iter().enumerate().find_map(|(place, cell)| {
            let text = cell.text();
            let (label, rest) = text.split_once(':').unwrap_or((&text, ""));
            let label = unmarked(label);
            // On a form, `Name` alone is a person's name.
            let is_named =
                lists().field(SECTION, label) == Some(field) && !label.eq_ignore_ascii_case("name");
            let value = if rest.trim().is_empty() {
                row.cell(place + 1).text()
            } else {
                rest.trim().to_owned()
            };
            Some(value).filter(|value| is_named && !value.is_empty() && !is_person(value))
        })
    })
}

/// Returns the time of an entry, on its own date or on the date of the previous entry. A time
/// earlier than the previous entry's is past midnight.
fn moment(record: &GridRecord<'_>, before: Option<Stamp>) -> Result<Option<Stamp>, GridFault> {
    let own = record.day("date", End::First)?;
    let read = record.stamp("entered_at", own.or(before.map(|before| before.local.date())))?;
    let read = read.map(|stamp| if own.is_some() { stamp } else { stamp.after(before) });
    Ok(read.or(own.map(Stamp::of_day)))
}

/// Incident assembled from its entries.
struct LoggedIncident<'a> {
    name: String,
    /// Region named by the title, for a log without a region column.
    region: String,
    /// Entries in the order of the file, with their times.
    entries: Vec<(Stamp, &'a GridRow)>,
}

impl LoggedIncident<'_> {
    /// Returns the times of the entries, in the order of the file. A log may start with its newest
    /// entry.
    fn settled(&self, zone: Tz) -> Vec<Settled> {
        let mut stamps: Vec<Stamp> = self.entries.iter().map(|(stamp, _)| *stamp).collect();
        let is_falling =
            stamps.first().zip(stamps.last()).is_some_and(|(first, last)| first.local > last.local);
        if is_falling {
            stamps.reverse();
        }
        let mut settled = settle(&stamps, zone);
        if is_falling {
            settled.reverse();
        }
        settled
    }

    /// Returns the zone of its times.
    fn zone(&self, columns: &Columns) -> Tz {
        let first = self.entries.first();
        let zone = first.and_then(|(_, row)| GridRecord { row, columns }.zone().ok());
        zone.unwrap_or_else(home)
    }

    /// Rejects times before the notification: times past midnight under the day before, or in the
    /// afternoon without PM.
    fn reject_early(&mut self, columns: &Columns, sink: &mut Sink) {
        let settled = self.settled(self.zone(columns));
        let codes: Vec<Option<&str>> = self
            .entries
            .iter()
            .map(|(_, row)| Timeline::reported(&GridRecord { row, columns }.text("entry")))
            .collect();
        let notified = (0..codes.len())
            .filter(|at| codes[*at] == Some(NOTIFIED))
            .min_by_key(|at| settled[*at].at);
        let Some(notified) = notified else { return };
        let field = if columns.has(&["entered_at"]) { "entered_at" } else { "date" };
        let is_early = |at: usize| {
            self.entries[at].0.timed
                && codes[at].is_some_and(|code| code != NOTIFIED)
                && settled[at].at < settled[notified].at
        };
        let early: Vec<bool> = (0..codes.len()).map(is_early).collect();
        for (at, (_, row)) in self.entries.iter().enumerate().filter(|(at, _)| early[*at]) {
            let record = GridRecord { row, columns };
            let reason = format!(
                "is read as {}, before the notification at {}; write the date of a time past \
                 midnight, and PM or 24 hours for the afternoon",
                settled[at].local.format("%Y-%m-%d %H:%M"),
                settled[notified].local.format("%Y-%m-%d %H:%M")
            );
            record.reject(sink, "incident", &record.wrong(field, reason));
        }
        let mut at = 0..;
        self.entries.retain(|_| at.next().is_none_or(|at: usize| !early[at]));
    }
}

/// Reads the entries below the header.
pub fn read(
    grid: &Grid,
    place: usize,
    columns: &Columns,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(), SourceError> {
    grids::report_columns(SECTION, &[], grid, place, columns, sink);
    let mut incidents: Vec<(String, LoggedIncident<'_>)> = Vec::new();
    let titled = title(&grid.rows[..place], "name");
    let region = title(&grid.rows[..place], "region").or_else(|| {
        let texts =
            grid.rows[..place].iter().flat_map(|row| row.cells().iter().map(GridCell::text));
        texts.into_iter().find(|text| cell_labels::region_within(text, lookup).is_some())
    });
    let mut before = None;
    for row in &grid.rows[place + 1..] {
        let record = GridRecord { row, columns };
        if grids::is_repeated_header(&record) {
            continue;
        }
        if record.row.cells().iter().filter(|cell| !cell.is_empty()).count() <= 1 {
            grids::report_lone_cell(&record, sink);
            continue;
        }
        sink.read_one()?;
        record.drop_contacts(sink);
        let (name, stamp) = match entry(&record, titled.as_deref(), before) {
            Ok(entry) => entry,
            Err(wrong) => {
                // Includes the title's values, so that a rejected row can be corrected and loaded
                // alone.
                let (column, value) = (wrong.column.as_deref(), Some(wrong.value.as_str()));
                let name = titled.clone().unwrap_or_default();
                let content = record.content_with(&[("Incident Name", name)]);
                sink.reject(row.number, "incident", column, value, &wrong.reason, Some(content));
                continue;
            }
        };
        // Two towns may have incidents with the same name.
        let named =
            || [name.as_str(), &record.text("region"), &record.text("municipality")].join("\n");
        let key = stated_id(&record).unwrap_or_else(named);
        let known = incidents.iter().position(|(known, _)| *known == key);
        let place = known.unwrap_or_else(|| {
            let region = region.clone().unwrap_or_default();
            incidents.push((key, LoggedIncident { name, region, entries: Vec::new() }));
            incidents.len() - 1
        });
        before = Some(stamp);
        incidents[place].1.entries.push((stamp, row));
    }
    for (_, incident) in &mut incidents {
        incident.reject_early(columns, sink);
        write(incident, columns, lookup, sink)?;
    }
    Ok(())
}

fn entry(
    record: &GridRecord<'_>,
    titled: Option<&str>,
    before: Option<Stamp>,
) -> Result<(String, Stamp), GridFault> {
    record.shifted()?;
    record.kept("name")?;
    record.computed(&["name", "date", "entered_at"])?;
    record.zone()?;
    let name = match (record.optional("name"), titled) {
        (Some(name), _) => name,
        (None, Some(titled)) => titled.to_owned(),
        (None, None) => record.required("name")?,
    };
    let stamp = moment(record, before)?.ok_or_else(|| {
        record.wrong("entered_at", "must not be empty: without it the entry has no moment")
    })?;
    Ok((name, stamp))
}

fn write(
    incident: &LoggedIncident<'_>,
    columns: &Columns,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(), SourceError> {
    let zone = incident.zone(columns);
    let settled = incident.settled(zone);
    let (Some((_, first)), Some(starts), Some(ends)) = (
        incident.entries.first(),
        settled.iter().min_by_key(|settled| settled.at),
        settled.iter().max_by_key(|settled| settled.at),
    ) else {
        return Ok(());
    };
    let mut timeline = Timeline::default();
    for ((stamp, row), settled) in incident.entries.iter().zip(&settled) {
        let entry = GridRecord { row, columns };
        entry.warn_of("entered_at", settled, sink);
        if let Some(code) = Timeline::reported(&entry.text("entry")) {
            timeline.add(code, row.number, stamp, settled);
        }
    }
    let record = &GridRecord { row: first, columns };
    let number = record.row.number;
    let name = &incident.name;
    let mut regions = cell_labels::regions(&record.text("region"), lookup).unwrap_or_else(|_| {
        let column = record.columns.heading("region");
        let message = "no region has this name; loaded without one";
        sink.warn(
            WarningCode::NoRegion,
            Some(&column),
            Some(&record.text("region")),
            message,
            number,
        );
        Vec::new()
    });
    if regions.is_empty() {
        regions = lookup.regions_of_municipality(&record.text("municipality"));
    }
    if regions.is_empty() {
        regions.extend(
            cell_labels::region_within(&incident.region, lookup).map(|region| (region, 1.0)),
        );
    }
    let mut labels = Vec::new();
    let column = record.columns.heading("hazard");
    let hazards =
        cell_labels::hazards(&record.text("hazard"), &column, number, lookup, sink, &mut labels);
    let id = stated_id(record).unwrap_or_else(|| {
        let day = starts.local.date().to_string();
        record_id::derived_id(&[name, &day, &record.text("region"), &record.text("municipality")])
    });
    let responded = timeline.has("activated");
    let name = sink.redacted(name);
    sink.record_of_rows(
        &Event {
            row: number,
            source_id: id.clone(),
            kind: EventKind::Incident,
            name,
            start_at: starts.at,
            end_at: Some(ends.at),
            local_date: starts.local.date(),
            end_local_date: Some(ends.local.date()),
            time_zone: Some(zone.name().into()),
            owes_aar: responded,
            hazards,
            regions,
            labels,
            incident: Incident {
                response: if responded { "RESPONDED" } else { "MONITORED" },
                ..Incident::default()
            },
            ..Event::default()
        },
        incident.entries.len(),
    )?;
    timeline.write(&id, lookup, sink)
}
