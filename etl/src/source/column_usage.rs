//! States how a column of a table is used: read into a field, dropped because it names persons,
//! unused by its source, or unread. An unread column that contains data is reported, so no data is
//! lost silently.

use serde::Serialize;

/// Use of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ColumnFate {
    /// Read into a field.
    Read,
    /// Dropped because it contains names of persons or their contact details.
    Dropped,
    /// Known to the source, but not used.
    Unused,
    /// Unknown to the source.
    Unread,
}

impl ColumnFate {
    /// Returns the code stored in the warehouse.
    pub fn code(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Dropped => "DROPPED",
            Self::Unused => "UNUSED",
            Self::Unread => "UNREAD",
        }
    }
}

/// Column of a file, with its use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnUsage {
    /// Name of its sheet; absent if the file has no sheets.
    pub sheet: Option<String>,
    /// Position of the column, from 1.
    pub position: u32,
    /// Heading as written in the file, redacted; empty if the column has none.
    pub heading: String,
    /// Use of the column.
    pub fate: ColumnFate,
    /// Field into which the column is read.
    pub field: Option<String>,
    /// Number of filled cells.
    pub filled: u64,
    /// Examples of an unread column's values, redacted.
    pub samples: Vec<String>,
    /// Known heading most similar to an unread heading.
    pub nearest: Option<String>,
    /// Position of the column that is read instead, if two columns mean one field.
    pub read_instead: Option<u32>,
    /// First row with a value in this column.
    #[serde(skip)]
    pub first_row: u64,
}

impl ColumnUsage {
    /// Returns whether the column contains data that is not read.
    pub fn is_lost(&self) -> bool {
        self.fate == ColumnFate::Unread && self.filled > 0
    }

    /// Returns a message that names the unread data and a heading that would be read.
    pub fn message(&self) -> String {
        let what = match (self.heading.is_empty(), &self.field, self.read_instead) {
            (true, ..) => {
                format!("column {} has no heading and is not read; give it one", self.position)
            }
            (_, Some(field), Some(read)) => format!(
                "column {} means the same as column {read}, which is read as {field}; this one is \
                 not read: \
                 keep one of them, or head them differently",
                self.position
            ),
            _ => {
                let near = self.nearest.as_ref().map_or_else(String::new, |name| {
                    format!(
                        "; the nearest known heading is {name}: if it means that, head the \
                        column so"
                    )
                });
                format!("no field has this heading, so the column is not read{near}")
            }
        };
        let cells = if self.filled == 1 { "cell holds" } else { "cells hold" };
        format!("{what} ({} {cells} data)", self.filled)
    }
}
