//! Dates and moments of a table: in its own formats, else in any usual style; a date and a time may stand in two columns.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::Layout;
use super::field::Field;
use crate::document::grid::Cell;
use crate::reading::day::{End, day};
use crate::reading::moment as reading;
use crate::record::DuePrecision;
use crate::source::time::in_zone;

/// The date of a field.
pub fn date(layout: &Layout, field: &Field, cells: &[&Cell]) -> Option<NaiveDate> {
    let cell = cells.iter().find(|cell| !cell.is_empty())?;
    day_of(cell, field.format.as_ref().or(layout.formats.date.as_ref()))
}

/// The date of a cell, in a format or in any usual style.
pub fn day_of(cell: &Cell, format: Option<&String>) -> Option<NaiveDate> {
    if let Some(day) = cell.day() {
        return Some(day);
    }
    let text = cell.text();
    let Some(format) = format else {
        let exact = day(&text, End::First).filter(|read| read.precision == DuePrecision::Day);
        return exact.map(|read| read.day).or_else(|| cell.day_or_serial());
    };
    let parsed = NaiveDate::parse_from_str(&text, format).ok();
    parsed.or_else(|| NaiveDateTime::parse_from_str(&text, format).ok().map(|at| at.date()))
}

/// The moment of a field, as templates write it: local time where the record names its zone, else with its offset.
pub fn moment(layout: &Layout, field: &Field, cells: &[&Cell]) -> Option<String> {
    let filled: Vec<&Cell> = cells.iter().filter(|cell| !cell.is_empty()).copied().collect();
    let local = match filled.as_slice() {
        [one] => {
            if let Some(instant) = instant(&one.text(), field.format.as_ref()) {
                return Some(instant);
            }
            one_cell(layout, field, one)?
        }
        [date, time] => {
            let text = format!("{} {}", date.text(), time.text());
            if let Some(instant) = instant(&text, field.format.as_ref()) {
                return Some(instant);
            }
            two_cells(layout, field, date, time)?
        }
        _ => return None,
    };
    let names_zone = layout.template.position("time_zone").is_some();
    match layout.zone.filter(|_| !names_zone) {
        Some(zone) => Some(in_zone(local, zone).with_timezone(&zone).to_rfc3339()),
        None => Some(local.format("%Y-%m-%d %H:%M:%S").to_string()),
    }
}

/// A text that states its offset.
fn instant(text: &str, format: Option<&String>) -> Option<String> {
    let read = match format {
        Some(format) => DateTime::parse_from_str(text, format).ok()?,
        None => DateTime::parse_from_rfc3339(&text.trim().replacen(' ', "T", 1)).ok()?,
    };
    Some(read.to_rfc3339())
}

fn one_cell(layout: &Layout, field: &Field, cell: &Cell) -> Option<NaiveDateTime> {
    match cell {
        Cell::Moment(at) if at.year() > 1900 => return Some(*at),
        Cell::Number(serial) if (20_000.0..80_000.0).contains(serial) => {
            let start = NaiveDate::from_ymd_opt(1899, 12, 30)?.and_time(NaiveTime::MIN);
            return start.checked_add_signed(TimeDelta::seconds((serial * 86_400.0).round() as i64));
        }
        _ => {}
    }
    let text = cell.text();
    let formats = &layout.formats;
    let Some(format) = field.format.as_ref().or(formats.date_time.as_ref()).or(formats.date.as_ref()) else {
        return reading::moment(&text, None).map(|(at, _)| at);
    };
    let parsed = NaiveDateTime::parse_from_str(&text, format).ok();
    parsed.or_else(|| NaiveDate::parse_from_str(&text, format).ok().map(|day| day.and_time(NaiveTime::MIN)))
}

fn two_cells(layout: &Layout, field: &Field, date: &Cell, time: &Cell) -> Option<NaiveDateTime> {
    if let Some(format) = &field.format {
        let text = format!("{} {}", date.text(), time.text());
        return NaiveDateTime::parse_from_str(&text, format).ok();
    }
    let day = day_of(date, layout.formats.date.as_ref())?;
    match time {
        Cell::Moment(at) => return Some(day.and_time(at.time())),
        Cell::Number(share) if (0.0..1.0).contains(share) => {
            let seconds = (share * 86_400.0).round() as u32;
            return NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).map(|time| day.and_time(time));
        }
        _ => {}
    }
    let text = match time {
        // `0015` loses its zeros in a workbook.
        Cell::Number(figure) if figure.fract() == 0.0 && (0.0..=2400.0).contains(figure) => format!("{figure:04.0}"),
        Cell::Text(text) if text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit()) => format!("{text:0>4}"),
        other => other.text(),
    };
    match &layout.formats.time {
        Some(format) => NaiveTime::parse_from_str(&text, format).ok().map(|time| day.and_time(time)),
        None => reading::moment(&text, Some(day)).map(|(at, _)| at),
    }
}

/// A moment as [`moment`] writes it, on the next day when it is before another.
pub fn not_before(moment: &str, other: &str) -> Option<String> {
    const LOCAL: &str = "%Y-%m-%d %H:%M:%S";
    let day = TimeDelta::days(1);
    if let (Ok(at), Ok(start)) =
        (NaiveDateTime::parse_from_str(moment, LOCAL), NaiveDateTime::parse_from_str(other, LOCAL))
    {
        return (at < start && start - at < day).then(|| (at + day).format(LOCAL).to_string());
    }
    let (at, start) = (DateTime::parse_from_rfc3339(moment).ok()?, DateTime::parse_from_rfc3339(other).ok()?);
    (at < start && start - at < day).then(|| (at + day).to_rfc3339())
}
