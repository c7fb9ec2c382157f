//! Converts cells of a table to a field's value in template form.

use std::borrow::Cow;

use hotwash_documents::grid::GridCell;

use super::definition::Layout;
use super::field::{LayoutField, Origins};
use super::moment;
use crate::reading::headings::{Section, lists};
use crate::reading::number::number;
use crate::reading::time::DateSystem;
use crate::template::{ColumnKind, TemplateColumn};

/// Suffix of a field's name, unit of such fields, and the factor to the field's own unit.
pub const UNITS: [(&str, &str, f64); 10] = [
    ("_minutes", "minutes", 1.0),
    ("_minutes", "seconds", 1.0 / 60.0),
    ("_minutes", "hours", 60.0),
    ("_minutes", "days", 1440.0),
    ("_usd", "usd", 1.0),
    ("_usd", "thousand_usd", 1_000.0),
    ("_usd", "million_usd", 1_000_000.0),
    ("_usd", "billion_usd", 1_000_000_000.0),
    ("risk_printed", "share", 1.0),
    ("risk_printed", "percent", 0.01),
];

/// Returns the factor from a unit to the field's own unit.
pub fn factor(field: &str, unit: &str) -> Option<f64> {
    UNITS
        .iter()
        .find(|(ending, known, _)| field.ends_with(ending) && *known == unit)
        .map(|(.., factor)| *factor)
}

/// Returns the value of a field. An invalid value is returned unchanged, so that the template's
/// reader rejects it with a reason.
pub fn value(
    layout: &Layout,
    field: &LayoutField,
    cells: &[&GridCell],
    dates: DateSystem,
) -> String {
    let Origins::Columns { join, .. } = &field.origins else {
        let Origins::Constant(text) = &field.origins else { return String::new() };
        return text.clone();
    };
    let filled: Vec<String> =
        cells.iter().filter(|cell| !cell.is_empty()).map(|cell| cell.text()).collect();
    let text = filled.join(join);
    if let Some(separator) = &field.separator {
        let items = text.split(separator.as_str()).map(str::trim).filter(|item| !item.is_empty());
        let items: Vec<&str> = items
            .map(|item| field.values.of(item).unwrap_or(item))
            .filter(|item| !item.is_empty())
            .collect();
        if !items.is_empty() {
            return items.join("; ");
        }
    } else if let Some(ours) = field.values.of(&text) {
        return ours.to_owned();
    }
    if text.trim().is_empty() {
        return field.default.clone().unwrap_or_default();
    }
    match field.column.kind {
        ColumnKind::Date => moment::date(layout, field, cells, dates)
            .map_or_else(|| unread(layout, field, text), |day| day.to_string()),
        ColumnKind::Moment => moment::moment(layout, field, cells, dates)
            .unwrap_or_else(|| unread(layout, field, text)),
        ColumnKind::Integer | ColumnKind::Number => figure(layout, field, &text).unwrap_or(text),
        ColumnKind::Choice => word(field.column, &text).map_or(text, str::to_owned),
        _ => text,
    }
}

/// Returns an unreadable date or time. A value that does not match its format must not be read in
/// another format.
fn unread(layout: &Layout, field: &LayoutField, text: String) -> String {
    let formats = &layout.formats;
    let format = field.format.as_ref().or(formats.date_time.as_ref()).or(formats.date.as_ref());
    format.map_or(text.clone(), |format| format!("not in the format {format}: {text}"))
}

/// Returns a number in the field's own unit.
fn figure(layout: &Layout, field: &LayoutField, text: &str) -> Option<String> {
    let plain = text.trim().trim_start_matches('$').trim();
    let percent = field.column.heading.ends_with("risk_printed")
        && field.factor.is_none()
        && plain.ends_with('%');
    let plain = plain.trim_end_matches('%').trim_end();
    let plain: Cow<'_, str> = match layout.decimal {
        ',' => plain
            .chars()
            .filter(|letter| *letter != '.')
            .map(|letter| if letter == ',' { '.' } else { letter })
            .collect(),
        _ => plain.into(),
    };
    let factor = if percent { 0.01 } else { field.factor.unwrap_or(1.0) };
    let read = number(&plain)? * factor;
    // A fraction such as 19.8 minutes is rounded if the field takes whole numbers.
    let read = if field.column.kind == ColumnKind::Integer && field.factor.is_some() {
        read.round()
    } else {
        read
    };
    Some(if read.fract() == 0.0 && read.abs() < 1e15 {
        format!("{read:.0}")
    } else {
        read.to_string()
    })
}

/// Returns the code of a closed list for a document's word, such as a status or exercise type.
pub fn word(column: &TemplateColumn, text: &str) -> Option<&'static str> {
    let code = lists().field(Section::of_list(column.words)?, text)?.to_uppercase();
    column.allowed.iter().find(|allowed| **allowed == code).copied()
}
