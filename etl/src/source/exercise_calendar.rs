//! Reads a coalition's calendar of planned and completed exercises.

mod when;

use crate::code::WarningCode;
use std::collections::HashMap;

use chrono::{Days, Utc};
use hotwash_documents::grid::Grid;
use hotwash_documents::input::Input;
use hotwash_schema::label::normalize_label;

use super::grid_rows::{GridFault, GridRecord};
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use super::{cell_labels, grids, record_id};
use crate::inspect::trace;
use crate::load::Sink;
use crate::lookup::{Lookup, NamedList, UNMAPPED};
use crate::reading::headings::{Columns, Section, lists};
use crate::reading::items::items;
use crate::reading::time::{days_at_home, home};
use crate::record::{Event, EventKind, EventStatus, Exercise, Objective, OrganizationRef};
use when::{ExerciseDates, InheritedDate};

/// Source of exercise calendars.
pub struct ExerciseCalendar;

const SECTION: Section = Section::ExerciseCalendar;

impl Source for ExerciseCalendar {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "exercise_calendar",
            name: "Exercise calendars",
            title: "Calendar of planned and held exercises (Excel or CSV)",
            extensions: &[".xlsx", ".csv"],
            headings: &[
                "Exercise Name",
                "Exercise Type",
                "Start Date",
                "Region",
                "Sponsor",
                "Status",
            ],
        }
    }

    fn recognize(&self, sample: &Sample) -> f64 {
        let known = sample
            .grids
            .iter()
            .filter_map(header)
            .map(|(_, columns)| 0.74 + 0.01 * columns.known() as f64);
        known.fold(0.0, f64::max).min(0.93)
    }

    fn nearness(&self, sample: &Sample) -> f64 {
        sample.grids.iter().map(|grid| lists().known_share(SECTION, grid)).fold(0.0, f64::max)
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Events
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let (grids, _) = grids::read(input, sink)?;
        let mut grids = grids::split_tables(grids, SECTION, &["name", "start"], header);
        let remedy = "has no headings of a calendar and was not read; name its columns, as Exercise \
            Name, Exercise Type and Start Date";
        grids::report_unread(&grids, |grid| header(grid).is_some(), remedy, sink);
        for grid in &mut grids {
            let Some((index, columns)) = header(grid) else { continue };
            grids::leave_out_struck(grid, index, &columns, "name", sink);
            grid.carry_down(index);
            grids::report_columns(SECTION, &["time"], grid, index, &columns, sink);
            let namesakes = Namesakes::of(grid, index, &columns);
            let mut inherited = InheritedDate::of_title(grid, index);
            for row in &grid.rows[index + 1..] {
                let record = GridRecord { row, columns: &columns };
                let mut filled = record.row.cells().iter().filter(|cell| !cell.is_empty());
                let title = filled.next().filter(|_| filled.next().is_none());
                // The title of a month applies to the days below it; a remark has no meaning.
                if let Some(title) = title {
                    if !inherited.take(title) {
                        grids::report_lone_cell(&record, sink);
                    }
                    continue;
                }
                if grids::is_repeated_header(&record) {
                    continue;
                }
                let own = inherited.of_row(&record);
                sink.read_one()?;
                // Includes the month and year, so that a rejected row can be corrected and loaded
                // alone.
                let content = record.content_with(&own.by_heading());
                match exercise(&record, &own, &namesakes, lookup, sink) {
                    Ok(event) => sink.record_from(&event, Some(&content))?,
                    Err(wrong) => {
                        let (column, value) = (wrong.column.as_deref(), Some(wrong.value.as_str()));
                        sink.reject(
                            row.number,
                            "exercise",
                            column,
                            value,
                            &wrong.reason,
                            Some(content),
                        );
                    }
                }
                record.drop_contacts(sink);
            }
        }
        Ok(())
    }
}

/// Finds the header: a name and a date, and a type or two other fields of a calendar. Without a
/// type column, the name contains the type.
fn header(grid: &Grid) -> Option<(usize, Columns)> {
    let headed = |needed: &[&str]| {
        let by = |when| {
            needed
                .iter()
                .map(|field| if *field == "start" { when } else { *field })
                .collect::<Vec<&str>>()
        };
        let header = |when| lists().header(SECTION, grid, &by(when));
        header("start").or_else(|| header("month")).or_else(|| header("year"))
    };
    // A type column may belong to any table; its values, or a heading about exercises, decide.
    let tells_type = |(index, columns): &(usize, Columns)| {
        let Some(column) = columns.index_of("type") else { return false };
        let says_exercise = |field| columns.heading(field).to_lowercase().contains("exercise");
        says_exercise("name")
            || says_exercise("type")
            || grid.rows[index + 1..].iter().take(60).any(|row| {
                let text = row.cell(column).text();
                !text.is_empty() && lists().word_within(Section::ExerciseType, &text).is_some()
            })
    };
    // A table of planned work about an exercise is not a table of exercises.
    let plans = |(_, columns): &(usize, Columns)| {
        let headings = columns.headings.iter().map(String::as_str);
        let plan = lists().columns(Section::ImprovementPlan, headings);
        plan.has(&["action"])
            && plan.index_of("action") != columns.index_of("name")
            && plan.has(&["owner"])
    };
    headed(&["name", "start", "type"]).filter(tells_type).filter(|found| !plans(found)).or_else(
        || {
            let (index, columns) = headed(&["name", "start"]).filter(|found| !plans(found))?;
            let further = ["status", "sponsor", "hazard", "capabilities", "program"];
            let is_exercise = columns.heading("name").to_lowercase().contains("exercise");
            let known = further.iter().filter(|field| columns.has(&[field])).count();
            (is_exercise && known >= 2).then_some((index, columns))
        },
    )
}

fn exercise(
    record: &GridRecord<'_>,
    inherited: &InheritedDate,
    namesakes: &Namesakes,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<Event, GridFault> {
    let number = record.row.number;
    record.shifted()?;
    record.kept("name")?;
    record.computed(&["name", "type", "start", "end", "month", "year", "status"])?;
    let name = record.required("name")?;
    if items(&name).len() > 1 {
        let reason = "names several exercises; write a row for each";
        return Err(record.wrong("name", reason));
    }
    let ExerciseDates { first, last, doubt } = inherited.days(record)?;
    trace::reading(number, "start", "date", || {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    });
    if let Some((code, message)) = doubt {
        sink.warn(
            code,
            Some(&record.columns.heading("start")),
            Some(&record.text("start")),
            &message,
            number,
        );
    }
    let type_label = record.text("type");
    let exercise_type_id = type_within(&type_label, lookup).or_else(|| type_within(&name, lookup));
    if exercise_type_id.is_none() && lookup.hazards_named(&type_label).is_some() {
        let reason = "names a hazard, not a type of exercise; incidents are loaded by the headings \
            of `hotwash template events`";
        return Err(record.wrong("type", reason));
    }
    if exercise_type_id.is_none()
        && let Some(reason) = no_exercise(&type_label, record.columns)
    {
        return Err(record.wrong("type", reason));
    }
    if let Some(id) = exercise_type_id {
        trace::reading(number, "type", "exercise type", || {
            lookup.lists().of(NamedList::ExerciseType).name(id).unwrap_or_default().to_owned()
        });
    }
    let exercise_type_id = exercise_type_id.unwrap_or_else(|| {
        sink.warn(
            WarningCode::UnmappedExerciseType,
            Some(&record.columns.heading("type")),
            Some(&type_label),
            "not in any reference list; loaded as unmapped",
            number,
        );
        sink.unmapped();
        UNMAPPED
    });
    let sponsor_column = record.columns.heading("sponsor");
    let sponsor = record
        .optional("sponsor")
        .and_then(|name| cell_labels::organization_in(&name, &sponsor_column, number, sink));
    let mut regions = cell_labels::regions(&record.text("region"), lookup)
        .map_err(|reason| record.wrong("region", reason))?;
    if let (true, Some(region)) = (
        regions.is_empty(),
        sponsor.as_deref().and_then(|sponsor| cell_labels::region_within(sponsor, lookup)),
    ) {
        regions.push((region, 1.0));
    }
    let location = record.text("location");
    if regions.is_empty() && !location.is_empty() {
        regions = lookup.regions_of_municipality(&location);
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
    let mut objectives = Vec::new();
    for (index, label) in (1..).zip(
        record
            .text("capabilities")
            .split([';', '\n'])
            .map(str::trim)
            .filter(|label| !label.is_empty()),
    ) {
        let capability_id = cell_labels::capability(
            label,
            &record.columns.heading("capabilities"),
            number,
            lookup,
            sink,
        );
        objectives.push(Objective { number: index, text: sink.redacted(label), capability_id });
    }
    let status_text = record.text("status");
    let status = status(&status_text).unwrap_or_else(|| {
        let is_over = last < Utc::now().date_naive();
        if !status_text.is_empty() {
            let message = if is_over {
                "is not a known status; taken as held, because its last day is over"
            } else {
                "is not a known status; taken as planned, because its last day is not over"
            };
            let column = record.columns.heading("status");
            sink.warn(
                WarningCode::UnreadStatus,
                Some(&column),
                Some(&status_text),
                message,
                number,
            );
        }
        if is_over { EventStatus::Held } else { EventStatus::Planned }
    });
    // Time zones are ahead of each other by a day at most.
    if status == EventStatus::Held && first > Utc::now().date_naive() + Days::new(1) {
        let reason = format!("says that the exercise was held, but its day is to come, {first}");
        return Err(record.wrong("status", reason));
    }
    let (start_at, end_at) = days_at_home(first, last);
    let stated =
        record.optional("id").filter(|id| record_id::is_id(&record.columns.heading("id"), id));
    let id = stated.unwrap_or_else(|| {
        let codes: Vec<String> = regions.iter().map(|(region, _)| region.to_string()).collect();
        let (day, codes, sponsor) =
            (first.to_string(), codes.join(" "), sponsor.as_deref().unwrap_or_default());
        let distinguishing = namesakes.distinguishing(record);
        let parts = [name.as_str(), &day, &codes, sponsor]
            .into_iter()
            .chain(distinguishing.iter().map(String::as_str));
        record_id::derived_id(&parts.collect::<Vec<_>>())
    });
    Ok(Event {
        row: number,
        source_id: id,
        kind: EventKind::Exercise,
        name: sink.redacted(&name),
        start_at,
        end_at: Some(end_at),
        local_date: first,
        end_local_date: Some(last),
        time_zone: Some(home().name().into()),
        status,
        owes_aar: status == EventStatus::Held,
        hazards,
        regions,
        labels,
        exercise: Some(Exercise {
            exercise_type_id,
            sponsor: sponsor.map(|name| OrganizationRef::Named {
                region_id: cell_labels::region_of_organization(&name, lookup, UNMAPPED),
                name,
            }),
            program: record.optional("program"),
            scope: record.optional("scope").map(|text| sink.redacted(&text)),
            scenario: record.optional("scenario").map(|text| sink.redacted(&text)),
            time_limit_minutes: None,
        }),
        objectives,
        ..Event::default()
    })
}

/// Returns why an unknown type is not an exercise type; none if the headings show that the rows are
/// exercises.
fn no_exercise(label: &str, columns: &Columns) -> Option<&'static str> {
    let says_exercise =
        |text: &str| ["exercise", "drill"].iter().any(|word| text.to_lowercase().contains(word));
    if label.is_empty() || says_exercise(label) {
        return None;
    }
    match lists().word_within(Section::NoExercise, label) {
        Some("training") => Some(
            "is training or a meeting, and no exercise; a calendar is read for its exercises only",
        ),
        Some(_) => Some(
            "is an incident or a planned event, and no exercise; load it by the headings of \
             `hotwash template events`",
        ),
        None if says_exercise(&columns.heading("name"))
            || says_exercise(&columns.heading("type")) =>
        {
            None
        }
        None => Some(
            "is not a known exercise type, and no heading says that the rows are \
             exercises; write a type such as TTX, \
             drill or full-scale exercise, or load other events by the headings of `hotwash \
             template events`",
        ),
    }
}

/// Exercises of one calendar that share name, time, region and sponsor, with the values that
/// distinguish them.
struct Namesakes(HashMap<Vec<String>, Vec<[String; DISTINGUISHING.len()]>>);

/// Fields that distinguish such exercises. Their values may change later, so an id contains them
/// only where needed.
const DISTINGUISHING: [&str; 3] = ["location", "type", "time"];

impl Namesakes {
    fn of(grid: &Grid, index: usize, columns: &Columns) -> Self {
        let mut rows: HashMap<Vec<String>, Vec<[String; DISTINGUISHING.len()]>> = HashMap::new();
        for row in &grid.rows[index + 1..] {
            let record = GridRecord { row, columns };
            rows.entry(Self::key(&record)).or_default().push(Self::values(&record));
        }
        Self(rows)
    }

    fn key(record: &GridRecord<'_>) -> Vec<String> {
        let fields = ["name", "start", "end", "month", "year", "region", "sponsor"];
        fields.iter().map(|field| normalize_label(&record.text(field))).collect()
    }

    fn values(record: &GridRecord<'_>) -> [String; DISTINGUISHING.len()] {
        DISTINGUISHING.map(|field| normalize_label(&record.text(field)))
    }

    /// Returns the values that distinguish a row from rows with the same name; empty if the name is
    /// unique.
    fn distinguishing(&self, record: &GridRecord<'_>) -> Vec<String> {
        let own = Self::values(record);
        let Some(rows) = self.0.get(&Self::key(record)) else { return Vec::new() };
        let differs = |at: &usize| rows.iter().any(|other| other[*at] != own[*at]);
        (0..DISTINGUISHING.len())
            .filter(differs)
            .map(|at| format!("{} {}", DISTINGUISHING[at], own[at]))
            .collect()
    }
}

/// Returns the status that the calendar states; none if it is empty or unknown.
fn status(text: &str) -> Option<EventStatus> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |starts: &[&str]| {
        words.iter().any(|word| starts.iter().any(|start| word.starts_with(start)))
    };
    let is_denied = ["not", "no", "did", "never", "incomplete", "unheld"]
        .iter()
        .any(|word| words.first() == Some(word));
    if text.contains('?') || is_denied && has(&["cancel", "postpone"]) {
        None
    } else if has(&["cancel", "postpone"]) {
        Some(EventStatus::Cancelled)
    } else if text.contains("to be ") || text.contains("will be ") || has(&["yet"]) {
        Some(EventStatus::Planned)
    } else if is_denied {
        let is_off = has(&["held", "conducted", "occur", "happen", "done"]);
        is_off.then_some(EventStatus::Cancelled)
    } else if has(&["held", "complete", "done", "conducted", "closed", "yes"]) {
        Some(EventStatus::Held)
    } else if has(&["plan", "schedul", "reschedul", "tentative", "propose", "upcoming", "confirm"])
        || text.contains("in development")
    {
        Some(EventStatus::Planned)
    } else {
        None
    }
}

/// Returns the exercise type named in a text: a code, a name, or the first listed word that occurs
/// in it.
pub fn type_within(text: &str, lookup: &Lookup) -> Option<i32> {
    let types = lookup.lists().of(NamedList::ExerciseType);
    types.find(text).or_else(|| types.find(lists().word_within(Section::ExerciseType, text)?))
}
