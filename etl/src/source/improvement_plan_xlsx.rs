//! Reads a coalition's tracker of corrective actions: a workbook or CSV file with its header in any
//! row.

mod band;
mod days;
mod header;
mod identity;
mod sheet;

use crate::code::WarningCode;
use chrono::{Days, NaiveDate, Utc};
use hotwash_documents::grid::{Grid, GridCell};
use hotwash_documents::input::Input;

use super::grid_rows::{GridFault, GridRecord};
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use super::{cell_labels, grids};
use crate::inspect::trace;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::headings::{Columns, Section, lists};
use crate::reading::status::{WrittenStatus, done_status, due, of_share, status};
use crate::reading::time::{End, WrittenDay};
use crate::record::{ActionPriority, ActionReport, ActionStatus, EventRef, OrganizationRef};
use days::{day_of, done_on, due_of};
use header::{SECTION, header, is_repeated_header};
use identity::{Identities, SPLIT_BY};
use sheet::{SheetContext, capability, event};

/// Source of improvement plan trackers.
pub struct ImprovementPlanXlsx;

/// Columns of dates; a row with an impossible year in one of them is rejected.
const DATES: [&str; 7] =
    ["event_date", "start", "due", "due_original", "completed", "validated", "as_of"];
/// Fields that a tracker may have and an action does not store.
const UNUSED: [&str; 3] = ["notes", "recommendation", "framework"];
/// Fields of which a tracker must have one, besides its actions.
const ANY: [&str; 5] = ["status", "share_done", "due", "owner", "capability"];

impl Source for ImprovementPlanXlsx {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "improvement_plan_xlsx",
            name: "Improvement plans",
            title: "Improvement plan tracker of a coalition (Excel or CSV)",
            extensions: &[".xlsx", ".csv"],
            headings: &[
                "Capability",
                "Corrective Action",
                "Responsible Organization",
                "Due",
                "Status",
            ],
        }
    }

    fn recognize(&self, sample: &Sample) -> f64 {
        let known = sample.grids.iter().filter_map(|grid| header(grid).map(|found| (grid, found)));
        let known = known.map(|(grid, (index, columns))| {
            let some = ANY.iter().filter(|field| columns.has(&[field])).count();
            match some {
                0 | 1 => 0.2 * some as f64,
                _ if is_improvement(grid, index, &columns) => 0.8 + 0.01 * columns.known() as f64,
                _ => 0.5,
            }
        });
        known.fold(0.0, f64::max).min(0.98)
    }

    fn nearness(&self, sample: &Sample) -> f64 {
        sample.grids.iter().map(|grid| lists().known_share(SECTION, grid)).fold(0.0, f64::max)
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::DependsOnFindings
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let (grids, archive) = grids::read(input, sink)?;
        let mut grids = grids::split_tables(grids, SECTION, &["action"], header);
        let mut tables: Vec<(&Grid, usize, Columns, SheetContext)> = Vec::new();
        for grid in &mut grids {
            if let Some((index, columns)) = header(grid) {
                grids::leave_out_struck(grid, index, &columns, "action", sink);
                grid.carry_down(index);
            }
        }
        for grid in &grids {
            let Some((index, columns)) = header(grid) else { continue };
            // A second table of a sheet has the title of the first.
            let first = tables.last().filter(|(first, ..)| first.name == grid.name);
            let about = first.map_or_else(
                || SheetContext::of(grid, index, archive.as_ref(), lookup),
                |(.., about)| about.clone(),
            );
            tables.push((grid, index, columns, about));
        }
        let mut identities = Identities::default();
        for (grid, index, columns, about) in &mut tables {
            let shares = grid.rows[*index + 1..].iter().map(|row| GridRecord { row, columns });
            about.in_percent = shares.filter_map(|record| share(&record)).any(|share| share > 1.0);
        }
        for (grid, index, columns, about) in &tables {
            each_action(grid, *index, columns, about.clone(), lookup, |record, about| {
                if !is_note(record) {
                    identities.add(record, about);
                }
                Ok(())
            })?;
        }
        for (grid, index, columns, about) in &tables {
            grids::report_columns(SECTION, &UNUSED, grid, *index, columns, sink);
            each_action(grid, *index, columns, about.clone(), lookup, |record, about| {
                if is_note(record) {
                    grids::report_lone_cell(record, sink);
                    return Ok(());
                }
                read_action(record, about, &identities, lookup, sink)
            })?;
        }
        let found = !tables.is_empty();
        if found {
            let remedy = "has no heading for corrective actions and was not read; name the column, \
                as Corrective Action";
            grids::report_unread(&grids, |grid| header(grid).is_some(), remedy, sink);
            Ok(())
        } else {
            Err(SourceError::Unreadable(
                "no sheet has a heading for corrective actions; `hotwash sources` lists the names \
                 it may have"
                    .into(),
            ))
        }
    }
}

/// Returns whether a table of actions is an improvement plan: by the heading of its actions, or by
/// their findings and status. Checklists, playbooks and measures of a risk register are not.
fn is_improvement(grid: &Grid, index: usize, columns: &Columns) -> bool {
    let is_register = lists().columns(Section::Hva, columns.headings.iter().map(String::as_str));
    if is_register.has(&["probability"])
        && (is_register.has(&["severity"]) || is_register.has(&["risk"]))
    {
        return false;
    }
    let heading = columns.heading("action").to_lowercase();
    if ["corrective", "improvement", "remedial", "action item", "recommend"]
        .iter()
        .any(|word| heading.contains(word))
    {
        return true;
    }
    let answers = ["event", "issue", "element", "capability", "due_original"]
        .iter()
        .any(|field| columns.has(&[field]));
    let rows = || grid.rows[index + 1..].iter().map(|row| GridRecord { row, columns });
    let is_dated = |record: &GridRecord<'_>| {
        record.cell_day("due").is_some() || due(&record.text("due")).understood
    };
    let is_followed = rows().any(|record| {
        !record.text("status").is_empty() && written_status(&record, "status", status).is_some()
            || share_status(&record, false).is_some()
            || !record.text("due").is_empty() && is_dated(&record)
    });
    answers && (is_followed || rows().next().is_none())
}

/// Calls `each` with every row below the header except titles, and with the context from its sheet.
fn each_action(
    grid: &Grid,
    index: usize,
    columns: &Columns,
    mut about: SheetContext,
    lookup: &Lookup,
    mut each: impl FnMut(&GridRecord<'_>, &SheetContext) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    for row in &grid.rows[index + 1..] {
        let record = GridRecord { row, columns };
        if is_repeated_header(&record) || about.band.take(&record, lookup) {
            continue;
        }
        each(&record, &about)?;
    }
    Ok(())
}

fn read_action(
    record: &GridRecord<'_>,
    about: &SheetContext,
    identities: &Identities,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(), SourceError> {
    sink.read_one()?;
    // Includes values of the row or the sheet under our own headings, so that a rejected row can be
    // corrected and loaded alone.
    let or = |own: Option<String>, stated: Option<String>| own.or(stated).unwrap_or_default();
    let day = |on: Option<NaiveDate>| on.map(|day| day.to_string());
    let is_own = record.optional("event").is_some();
    let mut further = vec![
        ("As Of", or(record.optional("as_of"), day(about.reported_on))),
        ("Event", or(record.optional("event"), Some(about.band.event.clone()))),
        ("Event Date", or(record.optional("event_date"), day(about.band.on).filter(|_| !is_own))),
        ("Capability", capability(record, about)),
    ];
    further.extend(identities.split_by(record, about).map(|fields| (SPLIT_BY, fields)));
    let content = record.content_with(&further);
    match report(record, about, identities, lookup, sink) {
        Ok(report) => sink.record_from(&report, Some(&content))?,
        Err(wrong) => {
            let (column, value) = (wrong.column.as_deref(), Some(wrong.value.as_str()));
            sink.reject(
                record.row.number,
                "corrective_action",
                column,
                value,
                &wrong.reason,
                Some(content),
            );
        }
    }
    record.drop_contacts(sink);
    Ok(())
}

/// Returns whether a row is a note or a total: only a text in the first column, or a word and
/// numbers.
fn is_note(record: &GridRecord<'_>) -> bool {
    let filled = || record.row.cells().iter().filter(|cell| !cell.is_empty());
    let wordless = |text: &str| !text.chars().any(char::is_alphabetic);
    let first = filled().next().map(|cell| cell.text().to_lowercase()).unwrap_or_default();
    let is_total =
        ["total", "totals", "grand total", "subtotal", "sub-total", "count", "sum", "average"]
            .contains(&first.trim_end_matches([' ', ':']))
            || ["total ", "grand total ", "number of "].iter().any(|word| first.starts_with(word));
    (record.text("action").is_empty() && filled().count() <= 1)
        || (is_total && filled().skip(1).all(|cell| wordless(&cell.text())))
}

fn report(
    record: &GridRecord<'_>,
    about: &SheetContext,
    identities: &Identities,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<ActionReport, GridFault> {
    let number = record.row.number;
    record.shifted()?;
    // An action of unknown status or due date must not be stored as open or as due on a date.
    record.computed(&[
        "action",
        "status",
        "share_done",
        "due",
        "due_original",
        "completed",
        "validated",
    ])?;
    let what = record.required("action")?;
    if let Some(reason) = cell_labels::no_action(&what) {
        return Err(record.wrong("action", reason));
    }
    if !what.chars().any(char::is_alphabetic) {
        return Err(record.wrong("action", "must state in words what is to be done"));
    }
    for field in DATES {
        record.reject_unlikely_year(field)?;
    }
    let event = event(record, about);
    if event.is_none() && record.columns.has(&["event"]) {
        let message = "is empty, so the action is loaded without an event; repeat the event in each \
            of its rows";
        let column = record.columns.heading("event");
        sink.warn(WarningCode::NoEvent, Some(&column), None, message, number);
    }
    if event.as_ref().is_some_and(|(_, on)| on.is_none()) {
        // Warns if the column contains no date.
        day_of(record, "event_date", None, End::First, sink);
    }
    let capability_label = capability(record, about);
    let capability_id = cell_labels::capability(
        &capability_label,
        &record.columns.heading("capability"),
        number,
        lookup,
        sink,
    );
    let issue = record.optional("issue");
    let id = record.text("id");
    let named = identities.is_unique(&id);
    let event_date = event.as_ref().and_then(|(_, event_date)| *event_date);
    let opened_on = day_of(record, "start", event_date, End::First, sink);
    let reported_on = day_of(record, "as_of", None, End::Last, sink).or(about.reported_on);
    // A due date without a year comes after the start of work, or else after the event, or else
    // after the report.
    let from = opened_on.or(event_date).or(reported_on);
    let mut due = due_of(record, from, sink);
    if let Some(read) = due.due {
        trace::reading(number, "due", "date", || read.day.to_string());
    }
    let original =
        day_of(record, "due_original", from, End::Last, sink).or(due.original.map(|read| read.day));
    if due.due.is_none() && record.text("due").is_empty() {
        due.due = original.map(WrittenDay::exact);
    }
    if let Some(start) = opened_on.filter(|start| due.due.is_some_and(|due| due.day < *start)) {
        let (column, value) = (record.columns.heading("due"), record.text("due"));
        let message = format!("is before the start, {start}");
        sink.warn(WarningCode::DueBeforeStart, Some(&column), Some(&value), &message, number);
    }
    let stated = stated(record, about.in_percent, sink);
    let completed_on = done_on(record, "completed", sink)?;
    let validated_on = done_on(record, "validated", sink)?;
    if let Some(message) = due.counted_from(opened_on) {
        sink.warn(
            WarningCode::RelativeDate,
            Some(&record.columns.heading("due")),
            Some(&record.text("due")),
            &message,
            number,
        );
    }
    let mut state = stated.or_else(|| done_status(&record.text("completed"))).or(due.status);
    if validated_on.is_some() {
        state = Some(WrittenStatus { status: ActionStatus::Validated, on: None });
    } else if completed_on.is_some()
        && state.is_none_or(|state| {
            !matches!(
                state.status,
                ActionStatus::Completed | ActionStatus::Validated | ActionStatus::Cancelled
            )
        })
    {
        if state.is_some() {
            sink.warn(
                WarningCode::StatusAndDateDiffer,
                Some(&record.columns.heading("status")),
                Some(&record.text("status")),
                "has a day of completion: taken as completed",
                number,
            );
        }
        state = Some(WrittenStatus { status: ActionStatus::Completed, on: completed_on });
    }
    let is_closed = state.is_some_and(|state| {
        use ActionStatus::{Cancelled, Completed, Validated};
        matches!(state.status, Completed | Validated | Cancelled)
    });
    if record.is_struck("action") && !is_closed {
        let reason = "is struck through, and no status says that it is done; write Completed or \
            Cancelled under Status, or remove the strikethrough";
        return Err(record.wrong("action", reason));
    }
    let is_done = matches!(
        state.map(|state| state.status),
        Some(ActionStatus::Completed | ActionStatus::Validated)
    );
    let completed_on =
        completed_on.or_else(|| state.and_then(|state| state.on)).filter(|_| is_done);
    // Time zones are ahead of each other by a day at most.
    let tomorrow = Utc::now().date_naive() + Days::new(1);
    if completed_on.is_some_and(|done| done > tomorrow) {
        let field = if record.text("completed").is_empty() { "status" } else { "completed" };
        let reason = "is in the future; write the planned day under the due date";
        return Err(record.wrong(field, reason));
    }
    if let (Some(opened), Some(done)) = (opened_on, completed_on)
        && done < opened
    {
        return Err(record.wrong("completed", format!("must not be before the start, {opened}")));
    }
    let owner = owner(record, about, lookup, sink);
    let region = region(record, about, lookup, sink)?;
    let elements = cell_labels::elements(
        &record.text("element"),
        &record.columns.heading("element"),
        number,
        lookup,
        sink,
    );
    let text = sink.redacted(&what);
    let issue = issue.map(|issue| sink.redacted(&issue));
    // Notes are not stored; their redactions are counted nevertheless.
    let _ = sink.redacted(&record.text("notes"));
    Ok(ActionReport {
        row: number,
        source_id: identities.id(record, about),
        event: event.map(|(name, on)| EventRef::Named { name, on }),
        region_id: region,
        capability_id,
        owner,
        external_id: named.then_some(id),
        issue,
        text,
        priority: priority(record, sink),
        status: Some(state.map_or(ActionStatus::Open, |state| state.status)),
        opened_on,
        start_on: opened_on,
        due_on: due.due.map(|read| read.day),
        due_original_on: original,
        due_precision: due.due.map(|read| read.precision),
        due_text: record.optional("due").map(|text| sink.answer(&text)),
        completed_on,
        cancelled_on: state
            .filter(|state| state.status == ActionStatus::Cancelled)
            .and_then(|state| state.on),
        validated_on,
        reported_on,
        elements,
        ..ActionReport::default()
    })
}

/// Returns the status in words, or the status implied by the completed share.
fn stated(record: &GridRecord<'_>, in_percent: bool, sink: &mut Sink) -> Option<WrittenStatus> {
    let written =
        written_status(record, "status", status).or_else(|| share_status(record, in_percent));
    for field in ["status", "share_done"].into_iter().filter(|_| written.is_none()) {
        let Some(text) = record.optional(field) else { continue };
        sink.warn(
            WarningCode::UnreadStatus,
            Some(&record.columns.heading(field)),
            Some(&text),
            "is not a known status; taken as open",
            record.row.number,
        );
    }
    written
}

/// Returns the status implied by a completed share: a number, or a text such as `75 %` or, in a
/// column of shares, `75`. If a column has numbers above 1, its 1 is one percent.
fn share_status(record: &GridRecord<'_>, in_percent: bool) -> Option<WrittenStatus> {
    if let Some(share) = share(record).filter(|_| in_percent) {
        let status = of_share(share / 100.0);
        return (0.0..=100.0).contains(&share).then_some(WrittenStatus { status, on: None });
    }
    written_status(record, "share_done", |text| {
        done_status(text).or_else(|| of_number(text.parse().ok()?))
    })
}

/// Returns the number in the column of completed shares.
fn share(record: &GridRecord<'_>) -> Option<f64> {
    match record.cell("share_done") {
        GridCell::Number(number) => Some(*number),
        GridCell::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn written_status(
    record: &GridRecord<'_>,
    field: &str,
    read: impl FnOnce(&str) -> Option<WrittenStatus>,
) -> Option<WrittenStatus> {
    let read = match record.cell(field) {
        GridCell::Number(number) => of_number(*number),
        _ => read(&record.optional(field)?),
    };
    if let Some(state) = &read {
        trace::reading(record.row.number, field, "status", || state.status.code().to_owned());
    }
    read
}

/// Spreadsheets store 75 % as 0.75. A number beyond 100 is no share.
fn of_number(number: f64) -> Option<WrittenStatus> {
    let share = if number > 1.0 { number / 100.0 } else { number };
    (0.0..=1.0).contains(&share).then(|| WrittenStatus { status: of_share(share), on: None })
}

fn owner(
    record: &GridRecord<'_>,
    about: &SheetContext,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Option<OrganizationRef> {
    let own = region_of_id(&record.text("id"), lookup).unwrap_or(about.region);
    let column = record.columns.heading("owner");
    cell_labels::owner(&record.text("owner"), &column, record.row.number, own, lookup, sink)
}

/// Returns the region that owns the action: the region of the row, of its id, or of the sheet.
fn region(
    record: &GridRecord<'_>,
    about: &SheetContext,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<i32, GridFault> {
    let own = cell_labels::regions(&record.text("region"), lookup)
        .map_err(|reason| record.wrong("region", reason))?;
    if own.len() > 1 {
        let (column, value) = (record.columns.heading("region"), record.text("region"));
        let message = "names several regions, and an action has one: loaded without a region; \
            write a row for each region";
        sink.warn(WarningCode::NoRegion, Some(&column), Some(&value), message, record.row.number);
        return Ok(UNMAPPED);
    }
    let own = own.first().map(|(region, _)| *region);
    Ok(own.or_else(|| region_of_id(&record.text("id"), lookup)).unwrap_or(about.region))
}

/// Returns the region at the beginning of an id such as `R3-2024-001`.
fn region_of_id(id: &str, lookup: &Lookup) -> Option<i32> {
    let first = id.split(['-', '_', ' ', '.']).next()?.to_uppercase();
    lookup.region(first.strip_prefix("REGION").or_else(|| first.strip_prefix('R'))?)
}

fn priority(record: &GridRecord<'_>, sink: &mut Sink) -> Option<ActionPriority> {
    let written = record.optional("priority")?;
    let read = priority_of(&written);
    if read.is_none() && !lists().is_none(&written) && !lists().is_undated(&written) {
        let message = "is not High, Medium or Low, nor 1 to 3; loaded without a priority";
        let column = record.columns.heading("priority");
        let code = WarningCode::UnreadPriority;
        sink.warn(code, Some(&column), Some(&written), message, record.row.number);
    }
    read
}

fn priority_of(text: &str) -> Option<ActionPriority> {
    let text = text.trim().to_lowercase();
    match text.as_str() {
        "1" | "a" | "critical" | "urgent" | "top" => Some(ActionPriority::High),
        "2" | "b" | "med" | "moderate" | "normal" => Some(ActionPriority::Medium),
        "3" | "c" | "minor" => Some(ActionPriority::Low),
        other => ActionPriority::parse(other)
            .or_else(|| ActionPriority::parse(other.split_whitespace().next()?)),
    }
}
