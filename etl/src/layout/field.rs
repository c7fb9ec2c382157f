//! One field of a layout: from which columns it is made, and how.

use std::collections::HashMap;

use crate::template::{ColumnKind, TemplateColumn};

/// Where a field's value comes from.
#[derive(Clone, Debug)]
pub enum Origins {
    /// Columns of the table; several are joined.
    Columns {
        /// Their headings.
        headings: Vec<String>,
        /// Text between their values.
        join: String,
    },
    /// The same in every row.
    Constant(String),
}

/// A field and how it is read.
#[derive(Clone, Debug)]
pub struct Field {
    /// The template's column.
    pub column: &'static TemplateColumn,
    /// Where its value comes from.
    pub origins: Origins,
    /// Value where the cells are empty.
    pub default: Option<String>,
    /// How a date or time is written.
    pub format: Option<String>,
    /// Number by which the table's numbers are multiplied.
    pub factor: Option<f64>,
    /// Text between the items of a list.
    pub separator: Option<String>,
    /// The column holds names of organizations or events, not ids.
    pub by_name: bool,
    /// Heading of the column with the day of the event that is named.
    pub on: Option<String>,
    /// The field of a moment before which this one cannot be: a time of day before that is of the
    /// next day.
    pub after: Option<&'static str>,
    /// The table's values and ours.
    pub values: ValueList,
}

impl Field {
    /// Whether a list of values may mend what a column holds.
    pub fn is_listable(&self) -> bool {
        let kinds = [ColumnKind::Choice, ColumnKind::List, ColumnKind::YesNo, ColumnKind::Text];
        matches!(self.origins, Origins::Columns { .. }) && kinds.contains(&self.column.kind)
    }

    /// Headings that it reads.
    pub fn headings(&self) -> impl Iterator<Item = &String> {
        let own = match &self.origins {
            Origins::Columns { headings, .. } => headings.as_slice(),
            Origins::Constant(_) => &[],
        };
        own.iter().chain(&self.on)
    }
}

/// A list of values: theirs to ours.
#[derive(Clone, Debug, Default)]
pub struct ValueList {
    known: HashMap<String, String>,
    other: Option<String>,
}

impl ValueList {
    /// Adds a pair; `*` stands for all values that are not listed.
    pub fn add(&mut self, theirs: &str, ours: &str) {
        if theirs == "*" {
            self.other = Some(ours.to_owned());
        } else {
            self.known.insert(folded(theirs), ours.to_owned());
        }
    }

    /// Ours for theirs; a value that is not listed stays as it is.
    pub fn of(&self, theirs: &str) -> Option<&str> {
        let listed = self.known.get(&folded(theirs));
        listed.or(self.other.as_ref().filter(|_| !theirs.trim().is_empty())).map(String::as_str)
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.other.is_none()
    }
}

/// A value as it is compared: in lower case, with single spaces.
pub fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
