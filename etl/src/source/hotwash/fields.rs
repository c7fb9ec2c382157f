//! Parses values of a template's columns; errors describe a valid value.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use hotwash_schema::vocabulary::Vocabulary;

use crate::inspect::trace;
use crate::load::Sink;
use crate::lookup::{Lookup, NameIndex, UNMAPPED};
use crate::reading::time::{Stamp, Zone, home, month_first, settle, stamp};
use crate::record::{EventRef, OrganizationRef};
use crate::source::cell_labels::owner;
use crate::source::csv_rows::{self, CsvRow, Fault, fault};
use crate::template::EXAMPLE_ID;

/// Returns a required text; the text of the template's example row is an error.
pub fn text(row: &CsvRow, column: &'static str) -> Result<String, Fault> {
    required(row, column)?;
    let value = row.get(column);
    if value.starts_with(EXAMPLE_ID) {
        let reason = "is the id of the template's example row; delete that row, or write your own \
            values over all of it";
        return Err(fault(column, &value, reason));
    }
    Ok(value.into_owned())
}

/// Fails if a required value is missing.
pub fn required(row: &CsvRow, column: &'static str) -> Result<(), Fault> {
    if row.get(column).is_empty() { Err(fault(column, "", "must not be empty")) } else { Ok(()) }
}

/// Returns the fault of a day or time that precedes another column of its row.
pub fn precedes(row: &CsvRow, column: &'static str, earlier: &'static str) -> Fault {
    let original = row.origin.and_then(|origin| origin.cell(earlier));
    let (heading, value) =
        original.unwrap_or_else(|| (earlier.to_owned(), row.get(earlier).into_owned()));
    let reason = format!("must not be before {heading}, {value}; correct one of the two");
    fault(column, &row.get(column), reason)
}

/// Returns an optional text.
pub fn optional_word(row: &CsvRow, column: &'static str) -> Option<String> {
    let value = row.get(column);
    (!value.is_empty()).then(|| value.into_owned())
}

/// Returns an organization by id, or by name if a layout declares that the column contains names.
pub fn organization(
    row: &CsvRow,
    column: &'static str,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Option<OrganizationRef> {
    let given = optional_word(row, column)?;
    match row.origin.filter(|origin| origin.is_name(column)) {
        Some(origin) => {
            let heading =
                origin.cell(column).map_or_else(|| column.to_owned(), |(heading, _)| heading);
            owner(&given, &heading, row.number, UNMAPPED, lookup, sink)
        }
        None => Some(OrganizationRef::id(given)),
    }
}

/// Returns a required organization.
pub fn required_organization(
    row: &CsvRow,
    column: &'static str,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<OrganizationRef, Fault> {
    let given = text(row, column)?;
    organization(row, column, lookup, sink).ok_or_else(|| {
        fault(column, &given, "names a person, who is not stored; give the organization")
    })
}

/// Returns the event of a row.
pub fn event(row: &CsvRow, column: &'static str) -> Result<EventRef, Fault> {
    let given = text(row, column)?;
    Ok(optional_event(row, column).unwrap_or_else(|| EventRef::id(given)))
}

/// Returns an event by id, or by name and date if a layout declares that the column contains names.
pub fn optional_event(row: &CsvRow, column: &'static str) -> Option<EventRef> {
    let given = optional_word(row, column)?;
    Some(match row.origin.filter(|origin| origin.is_name(column)) {
        Some(origin) => EventRef::Named { name: given, on: origin.event_day(column) },
        None => EventRef::id(given),
    })
}

/// Returns a word of a closed list.
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
    let word = parse(&value);
    trace::reading(row.number, column, "one of a list", || {
        let plain = value.replace([' ', '-'], "_");
        let allowed = allowed();
        let code = allowed.split(", ").find(|code| code.eq_ignore_ascii_case(&plain));
        code.unwrap_or_default().to_owned()
    });
    word.map(Some).ok_or_else(|| fault(column, &value, format!("must be one of {}", allowed())))
}

/// Returns a code of a vocabulary, in any case, with spaces or hyphens for underscores.
pub fn code(
    row: &CsvRow,
    column: &'static str,
    vocabulary: &Vocabulary,
) -> Result<Option<&'static str>, Fault> {
    let value = row.get(column);
    if value.is_empty() {
        return Ok(None);
    }
    let code = vocabulary.find(&value);
    trace::reading(row.number, column, "one of a list", || code.unwrap_or_default().to_owned());
    let reason = || format!("must be one of {}", vocabulary.codes.join(", "));
    code.map(Some).ok_or_else(|| fault(column, &value, reason()))
}

/// Returns a name or code of a reference list.
pub fn named(row: &CsvRow, column: &'static str, names: &NameIndex) -> Result<Option<i32>, Fault> {
    let value = row.get(column);
    if value.is_empty() {
        return Ok(None);
    }
    let id = names.require(&value).map_err(|miss| fault(column, &value, miss.to_string()))?;
    trace::reading(row.number, column, "one of a list", || {
        names.name(id).unwrap_or_default().to_owned()
    });
    Ok(Some(id))
}

/// Returns the rows of a reference list that a cell names, separated by semicolons.
pub fn all_named(row: &CsvRow, column: &'static str, names: &NameIndex) -> Result<Vec<i32>, Fault> {
    let mut ids = Vec::new();
    let cell = row.get(column);
    for name in cell.split([';', '/', ',']).map(str::trim).filter(|name| !name.is_empty()) {
        let id = names.require(name).map_err(|miss| fault(column, name, miss.to_string()))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Returns a non-negative whole number.
pub fn integer(row: &CsvRow, column: &'static str) -> Result<Option<i32>, Fault> {
    crate::source::csv_rows::count(row, column)
}

/// Returns a non-negative number.
pub fn number(row: &CsvRow, column: &'static str) -> Result<Option<f64>, Fault> {
    let value = row.get(column);
    if value.is_empty() {
        return Ok(None);
    }
    match crate::reading::number::number(&value) {
        Some(number) if number >= 0.0 => {
            trace::reading(row.number, column, "", || number.to_string());
            Ok(Some(number))
        }
        _ => Err(fault(column, &value, "must be a number, not negative")),
    }
}

/// Returns the meaning of `yes` or `no`.
pub fn flag(row: &CsvRow, column: &'static str) -> Result<Option<bool>, Fault> {
    let flag = match row.get(column).to_lowercase().as_str() {
        "" => return Ok(None),
        "yes" | "y" | "true" | "1" => true,
        "no" | "n" | "false" | "0" => false,
        _ => return Err(fault(column, &row.get(column), "must be yes or no")),
    };
    trace::reading(row.number, column, "yes or no", || if flag { "yes" } else { "no" }.to_owned());
    Ok(Some(flag))
}

/// Returns a required date.
pub fn date(row: &CsvRow, column: &'static str) -> Result<NaiveDate, Fault> {
    optional_date(row, column)?.ok_or_else(|| fault(column, "", "must not be empty"))
}

/// Returns an optional date.
pub fn optional_date(row: &CsvRow, column: &'static str) -> Result<Option<NaiveDate>, Fault> {
    let value = row.get(column);
    if value.is_empty() {
        return Ok(None);
    }
    let day = csv_rows::day(column, &value)?;
    trace::reading(row.number, column, "date", || day.to_string());
    Ok(Some(day))
}

/// Time as stored, with its local date.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The instant.
    pub at: DateTime<Utc>,
    /// Date in the zone of the event. Without a zone, the date at the written offset, unless that
    /// is UTC.
    pub day: NaiveDate,
    /// A time of day is written.
    pub timed: bool,
}

/// Returns the zone of a row's local times: the given zone, or the zone of the deployment.
pub fn zone(name: &str) -> Result<Tz, Fault> {
    if name.is_empty() {
        return Ok(home());
    }
    name.parse()
        .map_err(|_| fault("time_zone", name, "must be a time zone, such as America/Chicago"))
}

/// Returns a fixed number of times, see [`moments_in_order`].
pub fn moments<const COUNT: usize>(
    row: &CsvRow,
    columns: [&'static str; COUNT],
    zone_name: &str,
    sink: &mut Sink,
) -> Result<[Option<Moment>; COUNT], Fault> {
    let mut found = moments_in_order(row, &columns, zone_name, sink)?.into_iter();
    Ok(std::array::from_fn(|_| found.next().flatten()))
}

/// Returns the times of a row in chronological order, each at its offset or in local time of the
/// named zone. Empty cells give none.
pub fn moments_in_order(
    row: &CsvRow,
    columns: &[&'static str],
    zone_name: &str,
    sink: &mut Sink,
) -> Result<Vec<Option<Moment>>, Fault> {
    let zone = zone(zone_name)?;
    let mut written = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().copied().enumerate() {
        let value = row.get(column);
        if !value.is_empty() {
            let read = month_first(&value).and_then(|()| stamp(&value, None));
            let stamp = read.map_err(|unread| fault(column, &value, unread.to_string()))?;
            written.push((index, stamp));
        }
    }
    let mut moments = vec![None; columns.len()];
    let stamps: Vec<Stamp> = written.iter().map(|(_, stamp)| *stamp).collect();
    for ((index, stamp), settled) in written.into_iter().zip(settle(&stamps, zone)) {
        if let Some(remark) = settled.remark {
            let value = row.get(columns[index]);
            sink.warn(
                remark.code(),
                Some(columns[index]),
                Some(&value),
                &remark.to_string(),
                row.number,
            );
        }
        let is_own_day = zone_name.is_empty()
            && matches!(stamp.zone, Some(Zone::Offset(offset)) if offset.local_minus_utc() != 0);
        let day = if is_own_day { stamp.local.date() } else { settled.local.date() };
        trace::reading(row.number, columns[index], "date and time", || {
            settled.at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
        });
        moments[index] = Some(Moment { at: settled.at, day, timed: stamp.timed });
    }
    Ok(moments)
}

/// Returns a required time.
pub fn given(moment: Option<Moment>, column: &'static str) -> Result<Moment, Fault> {
    moment.ok_or_else(|| fault(column, "", "must not be empty"))
}

/// Returns the capability of a row, by its framework.
pub fn capability(row: &CsvRow, lookup: &Lookup) -> Result<i32, Fault> {
    let label = row.get("capability");
    let framework = row.get("framework");
    let code = format!("{framework} {label}");
    let named = |label: &str| {
        lookup.lists().capability(label, (!framework.is_empty()).then_some(&framework))
    };
    // A bare number is a code of the given framework.
    let found =
        if label.bytes().all(|byte| byte.is_ascii_digit()) { named(&code) } else { named(&label) };
    let found = found.map_err(|miss| fault("capability", &label, miss.to_string()))?;
    trace::reading(row.number, "capability", "capability", || {
        lookup.lists().capabilities.name(found).unwrap_or_default().to_owned()
    });
    Ok(found)
}
