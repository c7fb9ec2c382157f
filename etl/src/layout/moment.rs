//! Dates and times of a table, in the layout's formats or any usual format. Date and time can be in
//! separate columns.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use hotwash_documents::grid::GridCell;

use super::definition::Layout;
use super::field::LayoutField;
use crate::reading::dates::CellDates;
use crate::reading::time::{
    Clock, DateSystem, End, Stamp, Zone, day, home, month_first, settle, stamp, year,
};
use crate::record::DuePrecision;

/// Format of local time in a template.
const LOCAL: &str = "%Y-%m-%d %H:%M:%S";

/// Returns the date of a field.
pub fn date(
    layout: &Layout,
    field: &LayoutField,
    cells: &[&GridCell],
    dates: DateSystem,
) -> Option<NaiveDate> {
    let cell = cells.iter().find(|cell| !cell.is_empty())?;
    day_of(cell, field.format.as_ref().or(layout.formats.date.as_ref()), dates)
}

/// Returns the date of a cell, in a format or in any usual format.
pub fn day_of(cell: &GridCell, format: Option<&String>, dates: DateSystem) -> Option<NaiveDate> {
    match (cell, format) {
        (GridCell::Text(text), Some(format)) => in_format(text, format).map(|read| read.day),
        (GridCell::Text(text), None) => {
            month_first(text).ok()?;
            let exact = day(text, End::First).filter(|read| read.precision == DuePrecision::Day);
            exact.map(|read| read.day).or_else(|| Some(cell.moment(dates)?.date()))
        }
        _ => Some(cell.moment(dates)?.date()),
    }
}

/// Returns the date and time of a field in template form. Uses the zone in the record, or else that
/// of the layout.
pub fn moment(
    layout: &Layout,
    field: &LayoutField,
    cells: &[&GridCell],
    dates: DateSystem,
) -> Option<String> {
    let filled: Vec<&GridCell> = cells.iter().filter(|cell| !cell.is_empty()).copied().collect();
    let read = match filled.as_slice() {
        [one] => one_cell(layout, field, one, dates)?,
        [date, time] => two_cells(layout, field, date, time, dates)?,
        _ => return None,
    };
    let names_zone = layout.template.position("time_zone").is_some();
    let local = read.local.format(LOCAL);
    Some(match read.zone {
        _ if !read.timed => read.day.to_string(),
        Some(Zone::Offset(offset)) => format!("{local}{offset}"),
        Some(Zone::Word(word, ..)) => format!("{local} {word}"),
        Some(Zone::Place(index)) => format!("{local}[{index}]"),
        None => layout
            .zone
            .filter(|_| !names_zone)
            .map_or(local.to_string(), |zone| format!("{local}[{zone}]")),
    })
}

fn one_cell(
    layout: &Layout,
    field: &LayoutField,
    cell: &GridCell,
    dates: DateSystem,
) -> Option<Stamp> {
    let formats = &layout.formats;
    let format = field.format.as_ref().or(formats.date_time.as_ref()).or(formats.date.as_ref());
    match (cell, format) {
        (GridCell::Text(text), Some(format)) => in_format(text, format).or_else(|| {
            // A text with an offset needs no format.
            stamp(text, None)
                .ok()
                .filter(|read| field.format.is_none() && matches!(read.zone, Some(Zone::Offset(_))))
        }),
        (GridCell::Text(text), None) if month_first(text).is_err() => None,
        _ => cell.stamp(dates, None)?.ok(),
    }
}

fn two_cells(
    layout: &Layout,
    field: &LayoutField,
    date: &GridCell,
    time: &GridCell,
    dates: DateSystem,
) -> Option<Stamp> {
    if let Some(format) = &field.format {
        return in_format(&format!("{} {}", date.text(), time.text()), format);
    }
    let day = day_of(date, layout.formats.date.as_ref(), dates)?;
    match (time, &layout.formats.time) {
        (GridCell::Moment(at), _) => {
            Some(Stamp { timed: true, ..Stamp::of_local(day.and_time(at.time())) })
        }
        (GridCell::Text(text), Some(format)) => {
            let time = NaiveTime::parse_from_str(text, format).ok()?;
            Some(Stamp { timed: true, ..Stamp::of_local(day.and_time(time)) })
        }
        // Spreadsheets drop the leading zeros of `0015`.
        (GridCell::Text(text), None)
            if text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Stamp::of_clock(Clock::of_figure(text.parse().ok()?)?, Some(day)).ok()
        }
        _ => time.stamp(dates, Some(day))?.ok(),
    }
}

/// Parses a text in a format: with an offset, as local time, or as a date. Two-digit years use the
/// pivot of all sources.
fn in_format(text: &str, format: &str) -> Option<Stamp> {
    if let Some(midnight) =
        text.find("24:00").filter(|_| NaiveDateTime::parse_from_str(text, format).is_err())
    {
        let begun =
            in_format(&format!("{}00:00{}", &text[..midnight], &text[midnight + 5..]), format)?;
        return Some(Stamp { local: begun.local + TimeDelta::days(1), timed: true, ..begun });
    }
    let zoned = DateTime::parse_from_str(text, format).ok();
    let local = zoned
        .map(|at| at.naive_local())
        .or_else(|| NaiveDateTime::parse_from_str(text, format).ok());
    let read = local.map(|at| Stamp { timed: true, ..Stamp::of_local(at) });
    let mut read =
        read.or_else(|| Some(Stamp::of_day(NaiveDate::parse_from_str(text, format).ok()?)))?;
    read.zone = zoned.map(|at| Zone::Offset(*at.offset()));
    if format.contains("%y") {
        let full = year(&format!("{:02}", read.day.year().rem_euclid(100)))?;
        (read.day, read.local) = (read.day.with_year(full)?, read.local.with_year(full)?);
    }
    Some(read)
}

/// Moves the result of [`moment`] to the next day if it precedes another, except where clocks were
/// set back between the two.
pub fn not_before(layout: &Layout, moment: &str, other: &str) -> Option<String> {
    let zoned = |text: &str| {
        let (local, zone) = text.split_at_checked(19)?;
        Some((NaiveDateTime::parse_from_str(local, LOCAL).ok()?, zone.to_owned()))
    };
    let ((at, zone), (start, start_zone)) = (zoned(moment)?, zoned(other)?);
    let day = TimeDelta::days(1);
    if zone != start_zone || at >= start || start - at >= day {
        return None;
    }
    let read = settle(
        &[stamp(other, None).ok()?, stamp(moment, None).ok()?],
        layout.zone.unwrap_or_else(home),
    );
    (read[1].at < read[0].at).then(|| format!("{}{zone}", (at + day).format(LOCAL)))
}
