//! A coalition's calendar of exercises, planned and held.

use chrono::{NaiveDate, Utc};

use super::grid_rows::{self, Record, Wrong};
use super::time::eastern_days;
use super::{Definition, Rank, Sample, Source, SourceError};
use crate::document::grid::Grid;
use crate::input::Input;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::day::{End, range};
use crate::reading::headings::{Columns, lists};
use crate::record::{Event, EventStatus, Exercise, Kind, Objective, OrganizationRef};

/// The source.
pub struct ExerciseCalendar;

const SECTION: &str = "exercise_calendar";

impl Source for ExerciseCalendar {
    fn definition(&self) -> Definition {
        Definition {
            id: "exercise_calendar",
            title: "Calendar of planned and held exercises (Excel or CSV)",
            extensions: &[".xlsx", ".csv"],
            headings: &["Exercise Name", "Exercise Type", "Start Date", "Region", "Sponsor", "Status"],
        }
    }

    fn recognise(&self, sample: &Sample) -> f64 {
        let known = sample.grids.iter().filter_map(header).map(|(_, columns)| 0.74 + 0.01 * columns.known() as f64);
        known.fold(0.0, f64::max).min(0.93)
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Events
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let (grids, _) = grid_rows::grids(input)?;
        for grid in &grids {
            let Some((place, columns)) = header(grid) else { continue };
            for row in &grid.rows[place + 1..] {
                let record = Record { row, columns: &columns };
                // A month's title or a remark.
                if record.row.cells().iter().filter(|cell| !cell.is_empty()).count() <= 1 {
                    continue;
                }
                sink.read_one()?;
                match exercise(&record, lookup, sink) {
                    Ok(event) => sink.record(&event)?,
                    Err(wrong) => record.reject(sink, "exercise", &wrong),
                }
                record.drop_contacts(sink);
            }
        }
        Ok(())
    }
}

/// The header: a name and a day, and a type or two other things that a calendar tells; then the type stands in the name.
fn header(grid: &Grid) -> Option<(usize, Columns)> {
    lists().header(SECTION, grid, &["name", "start", "type"]).or_else(|| {
        let (place, columns) = lists().header(SECTION, grid, &["name", "start"])?;
        let further = ["status", "sponsor", "hazard", "capabilities", "programme"];
        let is_exercise = columns.heading("name").to_lowercase().contains("exercise");
        let known = further.iter().filter(|field| columns.has(&[field])).count();
        (is_exercise && known >= 2).then_some((place, columns))
    })
}

fn exercise(record: &Record<'_>, lookup: &Lookup, sink: &mut Sink) -> Result<Event, Wrong> {
    let number = record.row.number;
    let name = record.required("name")?;
    let (first, last) = days(record)?;
    let type_label = record.text("type");
    let exercise_type_id =
        type_within(&type_label, lookup).or_else(|| type_within(&name, lookup)).unwrap_or_else(|| {
            sink.warn(
                "unmapped_exercise_type",
                Some(&record.columns.heading("type")),
                Some(&type_label),
                "no list knows this type of exercise; loaded as unmapped",
                number,
            );
            sink.unmapped();
            UNMAPPED
        });
    let sponsor = record.optional("sponsor").and_then(|name| crate::reading::person::organisation_in(&name).0);
    let mut regions =
        grid_rows::regions(&record.text("region"), lookup).map_err(|reason| record.wrong("region", reason))?;
    if let (true, Some(region)) =
        (regions.is_empty(), sponsor.as_deref().and_then(|sponsor| grid_rows::region_within(sponsor, lookup)))
    {
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
    let mut objectives = Vec::new();
    for (place, label) in
        (1..).zip(record.text("capabilities").split([';', '\n']).map(str::trim).filter(|label| !label.is_empty()))
    {
        let capability_id = grid_rows::capability(label, &record.columns.heading("capabilities"), number, lookup, sink);
        objectives.push(Objective { number: place, text: sink.redacted(label), capability_id });
    }
    let status = status(&record.text("status"), first);
    let (start_at, end_at) = eastern_days(first, last);
    let id = record.optional("id").unwrap_or_else(|| grid_rows::made_id(&[&name, &first.to_string()]));
    Ok(Event {
        row: number,
        source_id: id,
        kind: Kind::Exercise,
        name: sink.redacted(&name),
        start_at,
        end_at: Some(end_at),
        local_date: first,
        end_local_date: Some(last),
        time_zone: Some("America/New_York".into()),
        status,
        owes_aar: status == EventStatus::Held,
        hazards,
        regions,
        labels,
        exercise: Some(Exercise {
            exercise_type_id,
            sponsor: sponsor.map(|name| OrganizationRef::Named {
                region_id: grid_rows::region_of_organization(&name, lookup, UNMAPPED),
                name,
            }),
            programme: record.optional("programme"),
            scope: record.optional("scope").map(|text| sink.redacted(&text)),
            scenario: record.optional("scenario").map(|text| sink.redacted(&text)),
            time_limit_minutes: None,
        }),
        objectives,
        ..Event::default()
    })
}

fn days(record: &Record<'_>) -> Result<(NaiveDate, NaiveDate), Wrong> {
    let (first, last) = match record.cell("start").day_or_serial() {
        Some(day) => (day, day),
        None => {
            let text = record.required("start")?;
            range(&text).or_else(|| text.lines().find_map(range)).ok_or_else(|| {
                record.wrong("start", "must be a day or a range of days, as June 4, 2025 or 2025-06-04")
            })?
        }
    };
    let last = record.day("end", End::Last)?.unwrap_or(last);
    if last < first {
        return Err(record.wrong("end", format!("must not be before the start, {first}")));
    }
    Ok((first, last))
}

/// What the calendar says, or what the day says.
fn status(text: &str, first: NaiveDate) -> EventStatus {
    let text = text.to_lowercase();
    if text.contains("cancel") || text.contains("postpone") {
        EventStatus::Cancelled
    } else if ["held", "complete", "done", "conducted", "closed"].iter().any(|word| text.contains(word)) {
        EventStatus::Held
    } else if ["plan", "schedul", "tentative", "proposed", "upcoming", "confirmed", "in development"]
        .iter()
        .any(|word| text.contains(word))
        || first > Utc::now().date_naive()
    {
        EventStatus::Planned
    } else {
        EventStatus::Held
    }
}

/// The exercise type that a text names: a code, a name, or the first of the lists' words that stands in it.
pub fn type_within(text: &str, lookup: &Lookup) -> Option<i32> {
    let types = &lookup.lists().exercise_types;
    types.find(text).or_else(|| types.find(lists().word_within("exercise_type", text)?))
}
