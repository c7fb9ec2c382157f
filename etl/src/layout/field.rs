//! A field of a layout: its origin and format.

use std::collections::HashMap;

use crate::template::{ColumnKind, TemplateColumn};

/// Origin of a field's value.
#[derive(Clone, Debug)]
pub enum Origins {
    /// Columns of the table; several are joined.
    Columns {
        /// Headings of the columns.
        headings: Vec<String>,
        /// Text between their values.
        join: String,
    },
    /// The same value in every row.
    Constant(String),
}

/// A field and its format.
#[derive(Clone, Debug)]
pub struct LayoutField {
    /// Column of the template.
    pub column: &'static TemplateColumn,
    /// Origin of the value.
    pub origins: Origins,
    /// Value for empty cells.
    pub default: Option<String>,
    /// Format of a date or time.
    pub format: Option<String>,
    /// Factor by which numbers are multiplied.
    pub factor: Option<f64>,
    /// Separator between the items of a list.
    pub separator: Option<String>,
    /// The column contains names of organizations or events instead of ids.
    pub by_name: bool,
    /// Heading of the column with the date of the named event.
    pub on: Option<String>,
    /// Field that this date and time cannot precede: an earlier time of day belongs to the next
    /// day.
    pub after: Option<&'static str>,
    /// Mapping of the table's values to ours.
    pub values: ValueList,
}

impl LayoutField {
    /// Returns whether a list of values can map the column's values.
    pub fn is_listable(&self) -> bool {
        let kinds = [ColumnKind::Choice, ColumnKind::List, ColumnKind::YesNo, ColumnKind::Text];
        matches!(self.origins, Origins::Columns { .. }) && kinds.contains(&self.column.kind)
    }

    /// Returns the headings that the field reads.
    pub fn headings(&self) -> impl Iterator<Item = &String> {
        let own = match &self.origins {
            Origins::Columns { headings, .. } => headings.as_slice(),
            Origins::Constant(_) => &[],
        };
        own.iter().chain(&self.on)
    }
}

/// Mapping of foreign values to ours.
#[derive(Clone, Debug, Default)]
pub struct ValueList {
    known: HashMap<String, String>,
    other: Option<String>,
}

impl ValueList {
    /// Adds a pair; `*` matches all unlisted values.
    pub fn add(&mut self, theirs: &str, ours: &str) {
        if theirs == "*" {
            self.other = Some(ours.to_owned());
        } else {
            self.known.insert(folded(theirs), ours.to_owned());
        }
    }

    /// Returns our value for a foreign one, or none if it is unlisted.
    pub fn of(&self, theirs: &str) -> Option<&str> {
        let listed = self.known.get(&folded(theirs));
        listed.or(self.other.as_ref().filter(|_| !theirs.trim().is_empty())).map(String::as_str)
    }

    /// Returns whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.other.is_none()
    }
}

/// Returns a value in the form for comparison: lower case with single spaces.
pub fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
