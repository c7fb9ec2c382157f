//! The answer of one row: what its owner changed, or that nothing changed.

use chrono::{Days, NaiveDate};
use hotwash_documents::grid::GridCell;

use crate::code::WarningCode;
use crate::load::Sink;
use crate::reading::headings::lists;
use crate::reading::mark::is_mark;
use crate::reading::status::{WrittenStatus, of_share, status};
use crate::reading::time::End;
use crate::record::{ActionReport, ActionStatus, DuePrecision};
use crate::source::grid_rows::{GridFault, GridRecord};
use crate::tracker_form::{COLUMNS, Entry, STATUSES, SentRow, comparable, status_words};

/// What the owner changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer {
    status: Option<ActionStatus>,
    due: Option<NaiveDate>,
    completed: Option<NaiveDate>,
}

impl Answer {
    /// Reads the row. Returns none if it is as it was sent and not confirmed.
    pub fn read(
        record: &GridRecord<'_>,
        sent: &SentRow,
        reported_on: NaiveDate,
        sink: &mut Sink,
    ) -> Result<Option<Self>, GridFault> {
        record.computed(&["status", "due", "completed", "no_change"])?;
        let stated = stated_status(record, sent, sink)?;
        let due = changed_day(record, sent, "due", sink)?;
        let completed = changed_day(record, sent, "completed", sink)?;
        let completed = completed.or(stated.and_then(|status| status.on));
        let is_confirmed = is_confirmed(record)?;
        let status = stated.map(|status| status.status);
        if status.is_none() && due.is_none() && completed.is_none() && !is_confirmed {
            return Ok(None);
        }
        let opened = sent.day("opened");
        let status = completion(record, status, completed, opened, reported_on, sink)?;
        Ok(Some(Self { status, due, completed }))
    }

    /// Returns the report: it states what changed, and nothing else.
    pub fn report(
        self,
        record: &GridRecord<'_>,
        sent: &SentRow,
        reported_on: NaiveDate,
    ) -> ActionReport {
        ActionReport {
            row: record.row.number,
            source_id: sent.id().to_owned(),
            request_id: Some(sent.id().to_owned()),
            region_id: crate::lookup::UNMAPPED,
            capability_id: crate::lookup::UNMAPPED,
            status: self.status,
            due_on: self.due,
            due_precision: self.due.map(|_| DuePrecision::Day),
            completed_on: self.completed,
            reported_on: Some(reported_on),
            ..ActionReport::default()
        }
    }
}

/// Checks a day of completion against the status and the other days. Returns the status: a day of
/// completion completes an action.
pub fn completion(
    record: &GridRecord<'_>,
    status: Option<ActionStatus>,
    completed: Option<NaiveDate>,
    opened: Option<NaiveDate>,
    reported_on: NaiveDate,
    sink: &mut Sink,
) -> Result<Option<ActionStatus>, GridFault> {
    let Some(completed) = completed else { return Ok(status) };
    if let Some(opened) = opened.filter(|opened| completed < *opened) {
        let reason = format!("must not be before {opened}, when the action was opened");
        return Err(record.wrong("completed", reason));
    }
    // The day a file was saved is in UTC.
    if completed > reported_on + Days::new(1) {
        let reason = format!(
            "must not be after the day of the answers, {reported_on}; write a planned day under {}",
            record.columns.heading("due")
        );
        return Err(record.wrong("completed", reason));
    }
    if status == Some(ActionStatus::Cancelled) {
        let reason = "must be empty for a canceled action; or choose Completed";
        return Err(record.wrong("completed", reason));
    }
    if status != Some(ActionStatus::Completed) {
        sink.warn(
            WarningCode::StatusAndDateDiffer,
            Some(&record.columns.heading("status")),
            Some(&record.text("status")),
            "has a day of completion: taken as completed",
            record.row.number,
        );
    }
    Ok(Some(ActionStatus::Completed))
}

/// Returns the status of a cell, or none for an empty cell.
pub fn written_status(record: &GridRecord<'_>) -> Result<Option<WrittenStatus>, GridFault> {
    let text = record.text("status");
    if text.is_empty() {
        return Ok(None);
    }
    let read = match record.cell("status") {
        // Spreadsheets store 75% as 0.75.
        GridCell::Number(share) if (0.0..=1.0).contains(share) => {
            Some(WrittenStatus { status: of_share(*share), on: None })
        }
        _ => status(&text),
    };
    let allowed = read.filter(|read| STATUSES.contains(&read.status));
    allowed.map(Some).ok_or_else(|| {
        let words = STATUSES.map(status_words).join(", ");
        record.wrong("status", format!("must be one of {words}"))
    })
}

/// Returns the status if it is another one than was sent.
fn stated_status(
    record: &GridRecord<'_>,
    sent: &SentRow,
    sink: &mut Sink,
) -> Result<Option<WrittenStatus>, GridFault> {
    if comparable(&record.text("status")) == sent.value("status") {
        return Ok(None);
    }
    let Some(read) = written_status(record)? else {
        warn_of_emptied(record, sent, "status", sink);
        return Ok(None);
    };
    let same = status(sent.value("status")).is_some_and(|before| before.status == read.status);
    Ok(Some(read).filter(|read| !same || read.on.is_some()))
}

/// Returns the date of a cell, or none for an empty cell.
pub fn written_day(record: &GridRecord<'_>, field: &str) -> Result<Option<NaiveDate>, GridFault> {
    record.day(field, End::Last)
}

/// Returns the date of a cell if it is another one than was sent.
fn changed_day(
    record: &GridRecord<'_>,
    sent: &SentRow,
    field: &str,
    sink: &mut Sink,
) -> Result<Option<NaiveDate>, GridFault> {
    let (before, read) = (sent.day(field), written_day(record, field)?);
    if read.is_none() && before.is_some() {
        warn_of_emptied(record, sent, field, sink);
    }
    Ok(read.filter(|read| Some(*read) != before))
}

/// Warns of a cell that had a value, if the table still has its column.
fn warn_of_emptied(record: &GridRecord<'_>, sent: &SentRow, field: &str, sink: &mut Sink) {
    if record.columns.index_of(field).is_none() {
        return;
    }
    let message = "was emptied, which says nothing; the value that was sent remains";
    let value = sent.value(field);
    let heading = record.columns.heading(field);
    sink.warn(WarningCode::EmptiedCell, Some(&heading), Some(value), message, record.row.number);
}

fn is_confirmed(record: &GridRecord<'_>) -> Result<bool, GridFault> {
    let text = record.text("no_change").to_lowercase();
    let is_no = ["no", "n", "false", "0"].contains(&text.as_str()) || lists().is_none(&text);
    if text.is_empty() || is_no || !is_mark(&text) {
        return Ok(false);
    }
    if ["yes", "y", "x", "true", "1", "ok", "\u{2713}", "\u{2714}", "\u{2611}", "\u{2612}"]
        .contains(&text.as_str())
    {
        return Ok(true);
    }
    Err(record.wrong("no_change", "must be Yes or empty"))
}

/// Warns of each locked cell with another value than was sent. A deleted column says nothing.
pub fn warn_of_locked(record: &GridRecord<'_>, sent: &SentRow, sink: &mut Sink) {
    for column in COLUMNS.iter().filter(|column| !column.entry.is_editable()) {
        if record.columns.index_of(column.field).is_none() {
            continue;
        }
        let is_same = match column.entry {
            Entry::LockedDate => {
                written_day(record, column.field).ok() == Some(sent.day(column.field))
            }
            _ => comparable(&record.text(column.field)) == comparable(sent.value(column.field)),
        };
        if !is_same {
            let message = "is not the owner's to change; the value that was sent remains";
            let value = record.text(column.field);
            sink.warn(
                WarningCode::LockedCell,
                Some(column.heading),
                Some(&value),
                message,
                record.row.number,
            );
        }
    }
}
