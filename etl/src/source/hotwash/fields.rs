//! Values of a template's columns, each with what would be right when it is wrong.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use crate::load::Sink;
use crate::lookup::{Lookup, Names, UNMAPPED};
use crate::record::{EventRef, OrganizationRef};
use crate::source::csv_rows::{CsvRow, Fault, fault};
use crate::source::grid_rows::owner;
use crate::source::time::in_zone;
use crate::template::EXAMPLE_ID;

/// A text that must be there, and not as the template's example row has it.
pub fn text(row: &CsvRow, column: &'static str) -> Result<String, Fault> {
    let value = row.get(column);
    if value.is_empty() {
        return Err(fault(column, "", "must not be empty"));
    }
    if value.starts_with(EXAMPLE_ID) {
        let reason =
            "is the id of the template's example row; delete that row, or write your own values over all of it";
        return Err(fault(column, &value, reason));
    }
    Ok(value.into_owned())
}

/// A text that may be empty.
pub fn optional_word(row: &CsvRow, column: &'static str) -> Option<String> {
    let value = row.get(column);
    (!value.is_empty()).then(|| value.into_owned())
}

/// An organization by its id, or by its name where a layout says that the column holds names.
pub fn organization(row: &CsvRow, column: &'static str, lookup: &Lookup, sink: &mut Sink) -> Option<OrganizationRef> {
    let given = optional_word(row, column)?;
    match row.origin.filter(|origin| origin.is_name(column)) {
        Some(origin) => {
            let heading = origin.cell(column).map_or_else(|| column.to_owned(), |(heading, _)| heading);
            owner(&given, &heading, row.number, UNMAPPED, lookup, sink)
        }
        None => Some(OrganizationRef::id(given)),
    }
}

/// An organization that must be there.
pub fn required_organization(
    row: &CsvRow,
    column: &'static str,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<OrganizationRef, Fault> {
    let given = text(row, column)?;
    organization(row, column, lookup, sink)
        .ok_or_else(|| fault(column, &given, "names a person, who is not stored; give the organization"))
}

/// The event that a row belongs to.
pub fn event(row: &CsvRow, column: &'static str) -> Result<EventRef, Fault> {
    let given = text(row, column)?;
    Ok(optional_event(row, column).unwrap_or_else(|| EventRef::id(given)))
}

/// An event by its id, or by its name and day where a layout says that the column holds names.
pub fn optional_event(row: &CsvRow, column: &'static str) -> Option<EventRef> {
    let given = optional_word(row, column)?;
    Some(match row.origin.filter(|origin| origin.is_name(column)) {
        Some(origin) => EventRef::Named { name: given, on: origin.event_day(column) },
        None => EventRef::id(given),
    })
}

/// A word of a closed list.
pub fn word<T>(
    row: &CsvRow,
    column: &'static str,
    parse: fn(&str) -> Option<T>,
    allowed: fn() -> String,
) -> Result<Option<T>, Fault> {
    let value = row.get(column);
    if value.is_empty() {
        return Ok(None);
    }
    parse(&value).map(Some).ok_or_else(|| fault(column, &value, format!("must be one of {}", allowed())))
}

/// A name or code of a reference list.
pub fn named(row: &CsvRow, column: &'static str, names: &Names) -> Result<Option<i32>, Fault> {
    let value = row.get(column);
    if value.is_empty() {
        return Ok(None);
    }
    names.require(&value).map(Some).map_err(|miss| fault(column, &value, miss.to_string()))
}

/// Capability elements, separated by semicolons.
pub fn elements(row: &CsvRow, lookup: &Lookup) -> Result<Vec<i32>, Fault> {
    let mut elements = Vec::new();
    for name in row.get("elements").split([';', '/', ',']).map(str::trim).filter(|name| !name.is_empty()) {
        let element =
            lookup.lists().elements.require(name).map_err(|miss| fault("elements", name, miss.to_string()))?;
        if !elements.contains(&element) {
            elements.push(element);
        }
    }
    Ok(elements)
}

/// A whole number that is not negative.
pub fn integer(row: &CsvRow, column: &'static str) -> Result<Option<i32>, Fault> {
    crate::source::csv_rows::count(row, column)
}

/// A number that is not negative.
pub fn number(row: &CsvRow, column: &'static str) -> Result<Option<f64>, Fault> {
    let value = row.get(column);
    if value.is_empty() {
        return Ok(None);
    }
    match crate::reading::number::number(&value) {
        Some(number) if number >= 0.0 => Ok(Some(number)),
        _ => Err(fault(column, &value, "must be a number, not negative")),
    }
}

/// `yes` or `no`.
pub fn flag(row: &CsvRow, column: &'static str) -> Result<Option<bool>, Fault> {
    match row.get(column).to_lowercase().as_str() {
        "" => Ok(None),
        "yes" | "y" | "true" | "1" => Ok(Some(true)),
        "no" | "n" | "false" | "0" => Ok(Some(false)),
        _ => Err(fault(column, &row.get(column), "must be yes or no")),
    }
}

/// A day that must be there.
pub fn date(row: &CsvRow, column: &'static str) -> Result<NaiveDate, Fault> {
    optional_date(row, column)?.ok_or_else(|| fault(column, "", "must not be empty"))
}

/// A day that may be empty.
pub fn optional_date(row: &CsvRow, column: &'static str) -> Result<Option<NaiveDate>, Fault> {
    let value = row.get(column);
    if value.is_empty() {
        return Ok(None);
    }
    let parsed = value.parse::<NaiveDate>().or_else(|_| NaiveDate::parse_from_str(&value, "%m/%d/%Y"));
    let plausible = parsed.ok().filter(|day| (1900..2100).contains(&chrono::Datelike::year(day)));
    plausible.map(Some).ok_or_else(|| fault(column, &value, "must be a day of the calendar, as 2025-03-14"))
}

/// A moment that must be there, with its local day.
pub fn moment(row: &CsvRow, column: &'static str, zone: &str) -> Result<(DateTime<Utc>, NaiveDate), Fault> {
    optional_moment(row, column, zone)?.ok_or_else(|| fault(column, "", "must not be empty"))
}

/// A moment that may be empty: local time of the zone (Eastern when none is given), or with its offset.
pub fn optional_moment(
    row: &CsvRow,
    column: &'static str,
    zone: &str,
) -> Result<Option<(DateTime<Utc>, NaiveDate)>, Fault> {
    let value = row.get(column);
    if value.is_empty() {
        return Ok(None);
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(&value) {
        return Ok(Some((moment.with_timezone(&Utc), moment.date_naive())));
    }
    let zone: Tz = match zone {
        "" => chrono_tz::America::New_York,
        name => name.parse().map_err(|_| fault("time_zone", name, "is no time zone; write it as America/New_York"))?,
    };
    let local = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(&value, format).ok())
        .or_else(|| value.parse::<NaiveDate>().ok().and_then(|day| day.and_hms_opt(0, 0, 0)))
        .filter(|local| (1900..2100).contains(&chrono::Datelike::year(local)));
    let Some(local) = local else {
        return Err(fault(column, &value, "must be a date and time, as 2025-03-14 09:20"));
    };
    Ok(Some((in_zone(local, zone), local.date())))
}
