//! Columns of a file with their fields and units, and with original values next to the values read.

use serde::Serialize;

use super::trace::{ORGANIZATION, RawValue, Trace};
use crate::reading::person::{is_person, organization_part};
use crate::redact::redact;
use crate::source::{ColumnFate, ColumnUsage};
use crate::template::{ColumnKind, TEMPLATES};

/// Fields for organizations in documents that people fill in.
const OWNERS: [&str; 4] = ["owner", "sponsor", "organization", "facility"];
/// Maximum length of a value shown, in characters.
const LONGEST: usize = 60;

/// Column of a file.
#[derive(Clone, Debug, Serialize)]
pub struct InspectedColumn {
    /// Name of its sheet.
    pub sheet: Option<String>,
    /// Position, from 1.
    pub position: u32,
    /// Heading, redacted.
    pub heading: String,
    /// Use of the column.
    pub fate: ColumnFate,
    /// Fields into which it is read.
    pub field: Option<String>,
    /// Unit or kind of its values.
    pub unit: Option<String>,
    /// Number of non-empty cells.
    pub filled: u64,
    /// First values; none for a dropped column.
    pub values: Vec<Value>,
    /// Remark about a column that is not read.
    pub remark: Option<String>,
}

/// A value and its reading.
#[derive(Clone, Debug, Serialize)]
pub struct Value {
    /// Row in the file.
    pub row: u64,
    /// Value in the file, redacted.
    pub raw: String,
    /// Value as loaded; none if it is not read.
    pub read_as: Option<String>,
}

/// Returns the columns of a file that was read under a trace.
pub fn columns(columns: Vec<ColumnUsage>, trace: &Trace) -> Vec<InspectedColumn> {
    columns.into_iter().map(|column| inspected(column, trace)).collect()
}

fn inspected(column: ColumnUsage, trace: &Trace) -> InspectedColumn {
    let fields: Vec<&str> =
        column.field.as_deref().map(|fields| fields.split(", ").collect()).unwrap_or_default();
    let index = (column.sheet.clone().unwrap_or_default(), column.position as usize - 1);
    let raw = trace.cells.get(&index).filter(|_| column.fate != ColumnFate::Dropped);
    // Readers record a value under its field, or under the heading used in their messages.
    let names = || fields.iter().copied().chain([column.heading.as_str()]);
    // A reader that does not read sheet by sheet records no sheet.
    let sheets = [index.0.as_str(), ""];
    let noted = |row: u64, name: &str| {
        sheets
            .iter()
            .find_map(|sheet| trace.readings.get(&((*sheet).to_owned(), row, name.to_owned())))
    };
    let reading = |row: u64| names().find_map(|name| noted(row, name));
    // A column that feeds several fields has a reading in each.
    let each = |row: u64| {
        let read = fields.iter().filter_map(|field| Some((field, noted(row, field)?)));
        read.map(|(field, found)| format!("{field} {}", shown(&found.value)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    // A column of organizations can contain persons, whom the reader drops.
    let is_organization =
        |value: &RawValue| reading(value.row).is_some_and(|found| found.unit == ORGANIZATION);
    let names_owner = fields.iter().any(|field| OWNERS.contains(field));
    let holds_organizations = names_owner || raw.into_iter().flatten().any(is_organization);
    let clean = |text: &str| if holds_organizations { organizations(text) } else { shown(text) };
    let mut unit = None;
    let values = raw.into_iter().flatten().map(|value| {
        let found = reading(value.row);
        unit = unit.or(found.map(|found| found.unit).filter(|unit| !unit.is_empty()));
        let names = |rejected: Option<&String>| {
            let rejected = rejected.map(String::as_str).unwrap_or_default();
            !rejected.is_empty()
                && (rejected.split(", ").any(|name| name == column.heading)
                    || fields.contains(&rejected))
        };
        let rejected = trace.rejects.iter().find(|reject| {
            reject.row == value.row
                && sheets.contains(&reject.sheet.as_str())
                && names(reject.column.as_ref())
        });
        let read_as = match (rejected, found) {
            _ if column.fate != ColumnFate::Read => None,
            (Some(reject), _) => Some(format!("rejected: {}", redact(&reject.reason).0)),
            (None, Some(_)) if fields.len() > 1 => Some(each(value.row)),
            (None, Some(found)) => Some(shown(&found.value)),
            (None, None) => Some(clean(&value.text)),
        };
        Value { row: value.row, raw: clean(&value.text), read_as }
    });
    let values = values.collect();
    let unit = unit.filter(|_| fields.len() == 1);
    let named = fields.first().filter(|_| fields.len() == 1).and_then(|field| unit_of(field));
    InspectedColumn {
        unit: unit.or(named).map(str::to_owned).filter(|_| column.fate == ColumnFate::Read),
        remark: column.is_lost().then(|| column.message()),
        sheet: column.sheet,
        position: column.position,
        heading: column.heading,
        fate: column.fate,
        field: column.field,
        filled: column.filled,
        values,
    }
}

/// Returns a value of a column of organizations, without persons.
fn organizations(text: &str) -> String {
    let parts = text.split(['\n', ';']).map(str::trim).filter(|part| !part.is_empty());
    let clean = parts.map(|part| {
        let (organization, left_out) = organization_part(part);
        let mark = (left_out > 0 || organization.is_none()).then(|| "[redacted]".to_owned());
        organization.into_iter().chain(mark).collect::<Vec<_>>().join(" ")
    });
    shown(&clean.collect::<Vec<_>>().join("; "))
}

/// Returns a value in displayable form: short, redacted, and empty for a person.
pub fn shown(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if is_person(&text) {
        return "[redacted]".into();
    }
    let clean = redact(&text).0;
    let mut shown: String = clean.chars().take(LONGEST).collect();
    if clean.chars().count() > LONGEST {
        shown.push('\u{2026}');
    }
    shown
}

/// Returns the unit of a field by its name, or the kind of its values.
fn unit_of(field: &str) -> Option<&'static str> {
    let lower = field.to_lowercase();
    let has = |part: &str| lower.contains(part);
    if has("usd") || has("damage") || has("cost") {
        Some("US dollars")
    } else if lower.ends_with("_minutes") {
        Some("minutes")
    } else if lower.ends_with("_km2") {
        Some("square kilometers")
    } else if has("latitude")
        || has("longitude")
        || lower.ends_with("_lat")
        || lower.ends_with("_lon")
    {
        Some("degrees")
    } else if has("acres") || lower.ends_with("_area") {
        Some("acres")
    } else if lower == "risk_printed" {
        Some("share, 0 to 1")
    } else {
        let columns = TEMPLATES.iter().flat_map(|template| &template.columns);
        let kind =
            columns.clone().find(|column| column.heading == field).map(|column| column.kind)?;
        match kind {
            ColumnKind::Integer => Some("whole number"),
            ColumnKind::Number => Some("number"),
            ColumnKind::Date => Some("date"),
            ColumnKind::Moment => Some("date and time"),
            ColumnKind::YesNo => Some("yes or no"),
            ColumnKind::List => Some("list"),
            ColumnKind::Choice => Some("one of a list"),
            ColumnKind::Identifier => Some("id"),
            ColumnKind::Text => Some("text"),
        }
    }
}
