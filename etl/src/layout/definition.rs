//! Defines a layout with checked keys and values.

use chrono_tz::Tz;

use super::field::LayoutField;
use crate::template::{Template, normalize_heading};

/// A layout with checked keys and values.
#[derive(Debug)]
pub struct Layout {
    /// File from which it was read.
    pub file: String,
    /// Name.
    pub name: String,
    /// Description of the table.
    pub about: String,
    /// Source name within which its ids are unique.
    pub source: String,
    /// Template whose rows it produces.
    pub template: &'static Template,
    /// Sheets it reads; empty for all sheets with the headings.
    pub sheets: Vec<String>,
    /// Number of rows above the header.
    pub skip_leading_rows: u64,
    /// Headings that a file must have.
    pub required: Vec<String>,
    /// Headings that are known and not used.
    pub ignored: Vec<String>,
    /// Headings, with the values by which a row is skipped. `""` means an empty cell; a final `*`
    /// matches any further text.
    pub skipped: Vec<(String, Vec<String>)>,
    /// Time zone of local times.
    pub zone: Option<Tz>,
    /// Formats of dates and times.
    pub formats: Formats,
    /// Decimal separator of numbers.
    pub decimal: char,
    /// Fields, each with its column of the template.
    pub fields: Vec<LayoutField>,
}

/// Formats of dates and times in strftime notation; any usual format if empty.
#[derive(Clone, Debug, Default)]
pub struct Formats {
    /// Format of a date.
    pub date: Option<String>,
    /// Format of a time of day.
    pub time: Option<String>,
    /// Format of both in one cell.
    pub date_time: Option<String>,
}

impl Layout {
    /// Returns the field for a template's column.
    pub fn field(&self, column: &str) -> Option<&LayoutField> {
        self.fields.iter().find(|field| field.column.heading == column)
    }

    /// Returns whether the headings include all that the layout requires.
    pub fn fits<S: AsRef<str>>(&self, headings: &[S]) -> bool {
        !self.required.is_empty()
            && self
                .required
                .iter()
                .all(|wanted| headings.iter().any(|heading| same_heading(heading.as_ref(), wanted)))
    }
}

/// Returns whether two headings are equal, ignoring case, spacing and punctuation.
pub fn same_heading(one: &str, two: &str) -> bool {
    let (left, right) = (normalize_heading(one), normalize_heading(two));
    if left.is_empty() && right.is_empty() { one.trim() == two.trim() } else { left == right }
}
