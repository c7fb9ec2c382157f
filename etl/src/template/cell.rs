//! Typed cell value that each table format writes in its own way.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Timelike, Utc};

use super::ColumnKind;
use crate::reading::time::home;

/// Value to write into a table.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue<'a> {
    /// Empty cell.
    Empty,
    /// Text.
    Text(Cow<'a, str>),
    /// Integer.
    Integer(i64),
    /// Number.
    Number(f64),
    /// Date.
    Date(NaiveDate),
    /// Date and time, written in local time with its offset.
    Moment(DateTime<Utc>),
    /// `yes` or `no`.
    YesNo(bool),
}

impl<'a> CellValue<'a> {
    /// Returns a text cell, borrowed or owned; empty text is an empty cell.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// Returns a cell for an optional value.
    pub fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }

    /// Parses the cell from an example.
    pub fn from_example(kind: ColumnKind, example: &'static str) -> Self {
        if example.is_empty() {
            return Self::Empty;
        }
        match kind {
            ColumnKind::Integer => {
                example.parse().map_or(Self::Text(example.into()), Self::Integer)
            }
            ColumnKind::Number => example.parse().map_or(Self::Text(example.into()), Self::Number),
            ColumnKind::Date => example.parse().map_or(Self::Text(example.into()), Self::Date),
            ColumnKind::YesNo => Self::YesNo(example == "yes"),
            _ => Self::Text(example.into()),
        }
    }

    /// Appends the value as written in CSV.
    pub fn render(&self, out: &mut String) {
        match self {
            Self::Empty => {}
            Self::Text(text) => out.push_str(text),
            Self::Integer(number) => {
                let _ = write!(out, "{number}");
            }
            Self::Number(number) => {
                let _ = write!(out, "{number}");
            }
            Self::Date(date) => {
                let _ = write!(out, "{date}");
            }
            Self::Moment(moment) => render_moment(*moment, out),
            Self::YesNo(yes) => out.push_str(if *yes { "yes" } else { "no" }),
        }
    }
}

/// Appends local time to the second with its offset, so that repeated hours of the clock change are
/// unambiguous.
fn render_moment(moment: DateTime<Utc>, out: &mut String) {
    let local = moment.with_timezone(&home());
    let offset = local.naive_local().signed_duration_since(moment.naive_utc()).num_minutes();
    let (sign, size) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
    let _ = write!(
        out,
        "{}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
        local.date_naive(),
        local.hour(),
        local.minute(),
        local.second(),
        size / 60,
        size % 60
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_with_the_offset_of_its_season() {
        for (utc, written) in [
            ("2025-01-15T14:05:00Z", "2025-01-15T09:05:00-05:00"),
            ("2025-07-15T14:05:00Z", "2025-07-15T10:05:00-04:00"),
        ] {
            let mut out = String::new();
            CellValue::Moment(utc.parse().unwrap()).render(&mut out);
            assert_eq!(out, written);
        }
    }
}
