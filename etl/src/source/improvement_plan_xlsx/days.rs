//! Parses the dates of a tracker's row, with warnings about unreadable dates and missing years.

use crate::code::WarningCode;
use chrono::NaiveDate;

use crate::load::Sink;
use crate::reading::headings::lists;
use crate::reading::status::{Due, dated_from, done_status, due};
use crate::reading::time::{End, WrittenDay};
use crate::source::grid_rows::{GridFault, GridRecord};

/// Returns the date of a column. A date without a year is the first one from the given day on;
/// other texts are reported.
pub fn day_of(
    record: &GridRecord<'_>,
    field: &str,
    from: Option<NaiveDate>,
    end: End,
    sink: &mut Sink,
) -> Option<NaiveDate> {
    let (column, number) = (record.columns.heading(field), record.row.number);
    record.day(field, end).unwrap_or_else(|wrong| {
        let Some((read, message)) = dated_from(&wrong.value, from, end) else {
            sink.warn(
                WarningCode::UnreadDate,
                Some(&column),
                Some(&wrong.value),
                "is not a date; loaded without it",
                number,
            );
            return None;
        };
        sink.warn(WarningCode::NoYear, Some(&column), Some(&wrong.value), &message, number);
        read.map(|read| read.day)
    })
}

/// Returns the due date of a row. A date without a year is the first one from the given day on.
pub fn due_of(record: &GridRecord<'_>, from: Option<NaiveDate>, sink: &mut Sink) -> Due {
    if let Some(day) = record.cell_day("due") {
        return Due { due: Some(WrittenDay::exact(day)), understood: true, ..Due::default() };
    }
    let text = record.text("due");
    let mut read = due(&text);
    if let Some(message) = read.dated_from(&text, from) {
        sink.warn(
            WarningCode::NoYear,
            Some(&record.columns.heading("due")),
            Some(&text),
            &message,
            record.row.number,
        );
    }
    if !read.understood {
        sink.warn(
            WarningCode::UnreadDate,
            Some(&record.columns.heading("due")),
            Some(&text),
            "is not a date; loaded without a due date",
            record.row.number,
        );
    }
    read
}

/// Returns the date of a `Completed` column, which may contain `Yes`, `No` or nothing.
pub fn done_on(
    record: &GridRecord<'_>,
    field: &str,
    sink: &mut Sink,
) -> Result<Option<NaiveDate>, GridFault> {
    let text = record.text(field).to_lowercase();
    if ["", "no", "n", "false", "n/a", "na", "-", "yes", "y", "x", "true"].contains(&text.as_str())
        || lists().is_undated(&text)
        || done_status(&text).is_some()
    {
        return Ok(done_status(&text).filter(|_| field == "completed").and_then(|done| done.on));
    }
    record.day(field, End::Last).or_else(|wrong| {
        sink.warn(
            WarningCode::UnreadDate,
            wrong.column.as_deref(),
            Some(&wrong.value),
            "is not a date; loaded without it",
            record.row.number,
        );
        Ok(None)
    })
}
