//! A coalition's calendar of exercises, planned and held.

use chrono::{Datelike, Months, NaiveDate, Utc};

use super::grid_rows::{self, Record, Wrong};
use super::time::eastern_days;
use super::{Definition, Rank, Sample, Source, SourceError};
use crate::document::grid::{Cell, Grid};
use crate::input::Input;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::day::{End, day, range};
use crate::reading::headings::{Columns, lists};
use crate::record::{DuePrecision, Event, EventStatus, Exercise, Kind, Objective, OrganizationRef};

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
        let (mut grids, _) = grid_rows::grids(input)?;
        for grid in &mut grids {
            let Some((place, columns)) = header(grid) else { continue };
            grid.carry_down(place);
            let mut month = None;
            let year = year_of_title(grid, place);
            for row in &grid.rows[place + 1..] {
                let record = Record { row, columns: &columns };
                let mut filled = record.row.cells().iter().filter(|cell| !cell.is_empty());
                let title = filled.next().filter(|_| filled.next().is_none());
                // A month's title stands for the days below it; a remark says nothing.
                if let Some(title) = title {
                    month = month_of(title, year).or(month);
                    continue;
                }
                month = month_of(record.cell("month"), year).or(month);
                sink.read_one()?;
                match exercise(&record, month, lookup, sink) {
                    Ok(event) => sink.record(&event)?,
                    Err(wrong) => {
                        // With the month, so that a refused row can be mended and loaded by itself.
                        let month = month.map(|(first, _)| first.format("%B %Y").to_string()).unwrap_or_default();
                        let content = record.content_with(&[("Month", month)]);
                        let (column, value) = (wrong.column.as_deref(), Some(wrong.value.as_str()));
                        sink.reject(row.number, "exercise", column, value, &wrong.reason, Some(content));
                    }
                }
                record.drop_contacts(sink);
            }
        }
        Ok(())
    }
}

/// The header: a name and a day, and a type or two other things that a calendar tells; then the type stands in the name.
fn header(grid: &Grid) -> Option<(usize, Columns)> {
    let headed = |needed: &[&str]| {
        let by_month: Vec<&str> = needed.iter().map(|field| if *field == "start" { "month" } else { *field }).collect();
        lists().header(SECTION, grid, needed).or_else(|| lists().header(SECTION, grid, &by_month))
    };
    // `Category` may be that of anything; the kinds below it tell.
    let tells_type = |(place, columns): &(usize, Columns)| {
        let heading = columns.heading("type").to_lowercase();
        let column = columns.place("type").unwrap_or_default();
        heading.contains("type")
            || columns.heading("name").to_lowercase().contains("exercise")
            || grid.rows[place + 1..].iter().take(60).any(|row| {
                let text = row.cell(column).text();
                !text.is_empty() && lists().word_within("exercise_type", &text).is_some()
            })
    };
    headed(&["name", "start", "type"]).filter(tells_type).or_else(|| {
        let (place, columns) = headed(&["name", "start"])?;
        let further = ["status", "sponsor", "hazard", "capabilities", "programme"];
        let is_exercise = columns.heading("name").to_lowercase().contains("exercise");
        let known = further.iter().filter(|field| columns.has(&[field])).count();
        (is_exercise && known >= 2).then_some((place, columns))
    })
}

fn exercise(
    record: &Record<'_>,
    month: Option<(NaiveDate, NaiveDate)>,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<Event, Wrong> {
    let number = record.row.number;
    let name = record.required("name")?;
    let (first, last, is_month) = days(record, month)?;
    if is_month {
        let text = record.text("start");
        let message = "is no day; the month it stands under is taken";
        sink.warn("unread_date", Some(&record.columns.heading("start")), Some(&text), message, number);
    }
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

/// The year that the title above the table names, and whether it is a fiscal one: `2025 Exercise Calendar`, `FY25`.
fn year_of_title(grid: &Grid, header: usize) -> Option<(i32, bool)> {
    let above = grid.rows[..header].iter().flat_map(|row| row.cells().iter().map(Cell::text));
    let texts: Vec<String> = above.chain([grid.name.clone()]).collect();
    let words = texts.iter().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
    let mut years = words.filter_map(|word| {
        let lower = word.to_lowercase();
        let fiscal = lower.strip_prefix("fy").filter(|digits| matches!(digits.len(), 2 | 4));
        let year: i32 = fiscal.or_else(|| (lower.len() == 4).then_some(lower.as_str()))?.parse().ok()?;
        let year = if year < 100 { 2000 + year } else { year };
        (1990..2100).contains(&year).then_some((year, fiscal.is_some()))
    });
    // Two years in a title tell none.
    let first = years.next()?;
    years.all(|other| other == first).then_some(first)
}

/// First and last day of the month that a cell names, and nothing else: `January 2025`, `Jan-25`, or `January` below a title
/// with the year.
fn month_of(cell: &Cell, year: Option<(i32, bool)>) -> Option<(NaiveDate, NaiveDate)> {
    if let Some(day) = cell.day() {
        // A spreadsheet makes a day of `Jan-25`: the first of the month.
        return Some((day, last_of_month(day)?)).filter(|_| day.day() == 1);
    }
    let text = cell.text();
    let whole = |text: &str, end| day(text, end).filter(|read| read.precision == DuePrecision::Month);
    let of = |text: &str| Some((whole(text, End::First)?.day, whole(text, End::Last)?.day));
    of(&text).or_else(|| {
        let (year, is_fiscal) = year?;
        let own = of(&format!("{text} {year}"))?;
        // Fiscal years begin in July of the year before.
        if is_fiscal && own.0.month() >= 7 { of(&format!("{text} {}", year - 1)) } else { Some(own) }
    })
}

fn last_of_month(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// First and last day, and whether the month had to stand for what is no day, as `TBD` or `3rd week`.
fn days(record: &Record<'_>, month: Option<(NaiveDate, NaiveDate)>) -> Result<(NaiveDate, NaiveDate, bool), Wrong> {
    let text = record.text("start");
    let read = match record.cell("start").day_or_serial() {
        Some(day) => Some((day, day)),
        None => range(&text)
            .or_else(|| text.lines().find_map(range))
            .or_else(|| month.and_then(|month| within(&text, month))),
    };
    let in_words = text.is_empty() || text.chars().any(char::is_alphabetic);
    let (first, last) = match (read, month) {
        (Some(days), _) => days,
        (None, Some(month)) if in_words => month,
        (None, None) if text.is_empty() => return Err(record.wrong("start", "must not be empty")),
        _ => {
            return Err(record.wrong("start", "must be a day or a range of days, as June 4, 2025 or 2025-06-04"));
        }
    };
    let last = record.day("end", End::Last)?.unwrap_or(last);
    if last < first {
        return Err(record.wrong("end", format!("must not be before the start, {first}")));
    }
    Ok((first, last, read.is_none() && !text.is_empty()))
}

/// Days of a month as a calendar writes them below its title: `14`, `22-23`, `Tues 14th`, `April 15 - 17`.
fn within(text: &str, (first, _): (NaiveDate, NaiveDate)) -> Option<(NaiveDate, NaiveDate)> {
    let plain = text.trim().trim_end_matches(['.', ',']);
    range(&format!("{plain}, {}", first.year()))
        .or_else(|| range(&format!("{} {plain}, {}", first.format("%B"), first.year())))
        .filter(|(from, to)| from.month() == first.month() || to.month() == first.month())
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
