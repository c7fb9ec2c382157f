//! Reads the cells of a row by field, and rejects rows.

use chrono::NaiveDate;
use chrono_tz::Tz;
use hotwash_documents::grid::{GridCell, GridRow};
use hotwash_documents::sheet_xml::cell_name;
use serde_json::{Map, Value};

use crate::inspect::trace;
use crate::load::Sink;
use crate::reading::dates::CellDates;
use crate::reading::headings::{Columns, lists};
use crate::reading::number::number;
use crate::reading::person::without_person;
use crate::reading::time::{
    Clock, End, Settled, Stamp, Unread, home, plausible, read_day, zone_named,
};
use crate::redact::redact;

/// Error in a row.
#[derive(Debug)]
pub struct GridFault {
    /// Heading of the column in the document.
    pub column: Option<String>,
    /// Value.
    pub value: String,
    /// Description of a valid value.
    pub reason: String,
}

/// Row with its columns.
pub struct GridRecord<'a> {
    /// Cells of the row.
    pub row: &'a GridRow,
    /// Meaning of each column.
    pub columns: &'a Columns,
}

impl GridRecord<'_> {
    /// Returns the cell of a field. An error in place of its value, such as `#REF!`, is none.
    pub fn cell(&self, field: &str) -> &GridCell {
        let cell = self.columns.index_of(field).map(|index| self.row.cell(index));
        cell.filter(|cell| !cell.is_error()).unwrap_or(&GridCell::Empty)
    }

    /// Returns the text of a field; empty if there is none.
    pub fn text(&self, field: &str) -> String {
        if self.columns.index_of(field).is_none()
            && let Some(words) =
                self.columns.marked(field, |index| self.row.cell(index).text().into())
        {
            return words;
        }
        self.cell(field).text().trim().to_owned()
    }

    /// Returns the text of a field, or none.
    pub fn optional(&self, field: &str) -> Option<String> {
        Some(self.text(field)).filter(|text| !text.is_empty())
    }

    /// Returns a required text; an empty cell is an error.
    pub fn required(&self, field: &str) -> Result<String, GridFault> {
        self.optional(field).ok_or_else(|| self.wrong(field, "must not be empty"))
    }

    /// Returns an error if a row of a text file has values beyond the header: an unquoted delimiter
    /// shifted its cells.
    pub fn shifted(&self) -> Result<(), GridFault> {
        let (cells, headed) = (self.row.cells().len(), self.columns.written);
        if headed == 0 || cells <= headed {
            return Ok(());
        }
        let beyond =
            self.row.cells()[headed..].iter().map(GridCell::text).find(|text| !text.is_empty());
        Err(GridFault {
            column: None,
            value: beyond.unwrap_or_default(),
            reason: format!(
                "the row has {cells} cells and the header has {headed}; enclose a value that \
                 contains the delimiter in quotation \
                 marks, or give the further column a heading"
            ),
        })
    }

    /// Returns whether the entire cell of a field is struck through.
    pub fn is_struck(&self, field: &str) -> bool {
        self.columns.index_of(field).is_some_and(|index| self.row.is_struck(index))
    }

    /// Returns an error if the cell by which a row is known is struck through.
    pub fn kept(&self, field: &str) -> Result<(), GridFault> {
        if !self.is_struck(field) {
            return Ok(());
        }
        let reason = "is struck through; delete the row, or remove the strikethrough to load it";
        Err(self.wrong(field, reason))
    }

    /// Returns the time zone of the row's times: its `time_zone`, or the zone of the warehouse.
    pub fn zone(&self) -> Result<Tz, GridFault> {
        match self.optional("time_zone") {
            None => Ok(home()),
            Some(text) => zone_named(&text).ok_or_else(|| {
                self.wrong(
                    "time_zone",
                    "must be a time zone, such as America/Chicago or CT; or leave it empty",
                )
            }),
        }
    }

    /// Returns an error for the first of these fields whose formula has no saved value, or an error
    /// in place of it.
    pub fn computed(&self, fields: &[&str]) -> Result<(), GridFault> {
        for field in fields {
            let Some(index) = self.columns.index_of(field) else { continue };
            let (cell, name) = (self.row.cell(index), cell_name(self.row.number, index));
            let reason = if self.row.is_unsaved(index) {
                format!(
                    "cell {name} holds a formula whose value was not saved; open the workbook in \
                     Excel or LibreOffice, save it and load it again"
                )
            } else if cell.is_error() {
                format!(
                    "cell {name} holds an error of the spreadsheet in place of a value; correct its \
                     formula, or empty the cell"
                )
            } else {
                continue;
            };
            let (column, value) = (Some(self.columns.heading(field)), cell.text());
            return Err(GridFault { column, value, reason });
        }
        Ok(())
    }

    /// Creates an error for this field.
    pub fn wrong(&self, field: &str, reason: impl Into<String>) -> GridFault {
        GridFault {
            column: Some(self.columns.heading(field)),
            value: self.text(field),
            reason: reason.into(),
        }
    }

    /// Returns the date of a cell that contains a date or a number of days.
    pub fn cell_day(&self, field: &str) -> Option<NaiveDate> {
        let at = self.cell(field).moment(self.row.dates)?;
        plausible(at.date()).ok()
    }

    /// Returns a date, in any style. A spreadsheet shows a reference to an empty cell as day 0.
    pub fn day(&self, field: &str, end: End) -> Result<Option<NaiveDate>, GridFault> {
        let read = self.day_of(field, end)?;
        if let Some(day) = read {
            trace::reading(self.row.number, field, "date", || day.to_string());
        }
        Ok(read)
    }

    fn day_of(&self, field: &str, end: End) -> Result<Option<NaiveDate>, GridFault> {
        if let Some(at) = self.cell(field).moment(self.row.dates) {
            return plausible(at.date())
                .map(Some)
                .map_err(|unread| self.wrong(field, unread.to_string()));
        }
        match self.optional(field) {
            _ if *self.cell(field) == GridCell::Clock(Clock::MIDNIGHT) => Ok(None),
            Some(text) if lists().is_undated(&text) => Ok(None),
            Some(text) => read_day(&text, end)
                .map(|read| Some(read.day))
                .map_err(|unread| self.wrong(field, unread.to_string())),
            None => Ok(None),
        }
    }

    /// Rejects a date with an impossible year, in a column whose other texts do not reject the row.
    pub fn reject_unlikely_year(&self, field: &str) -> Result<(), GridFault> {
        let read = match self.cell(field).moment(self.row.dates) {
            Some(at) => plausible(at.date()),
            None => read_day(&self.text(field), End::Last).map(|read| read.day),
        };
        match read {
            Err(unread @ Unread::Year(_)) => Err(self.wrong(field, unread.to_string())),
            _ => Ok(()),
        }
    }

    /// Returns a time; a time of day alone is on the given date.
    pub fn stamp(&self, field: &str, on: Option<NaiveDate>) -> Result<Option<Stamp>, GridFault> {
        let text = self.text(field);
        if lists().is_undated(&text) || ["-", "--"].contains(&text.as_str()) {
            return Ok(None);
        }
        let read = self.cell(field).stamp(self.row.dates, on).transpose();
        let read = read.map_err(|unread| self.wrong(field, unread.to_string()))?;
        if let Some(stamp) = read {
            trace::reading(self.row.number, field, "date and time", || {
                stamp.local.format("%Y-%m-%d %H:%M").to_string()
            });
        }
        Ok(read)
    }

    /// Warns about a doubtful time in this field.
    pub fn warn_of(&self, field: &str, settled: &Settled, sink: &mut Sink) {
        trace::reading(self.row.number, field, "date and time", || {
            settled.local.format("%Y-%m-%d %H:%M").to_string()
        });
        if let Some(remark) = settled.remark {
            let (column, value) = (self.columns.heading(field), self.text(field));
            sink.warn(
                remark.code(),
                Some(&column),
                Some(&value),
                &remark.to_string(),
                self.row.number,
            );
        }
    }

    /// Returns a non-negative count.
    pub fn count(&self, field: &str) -> Result<Option<i32>, GridFault> {
        let text = self.text(field);
        if text.is_empty() || lists().is_none(&text) || lists().is_undated(&text) {
            return Ok(None);
        }
        match number(crate::reading::count::approximate(&text)) {
            Some(number) if number < 0.0 => Err(self.wrong(field, "must not be negative")),
            Some(number) if number.fract() == 0.0 && number <= f64::from(i32::MAX) => {
                trace::reading(self.row.number, field, "count", || number.to_string());
                Ok(Some(number as i32))
            }
            _ => Err(self.wrong(field, "must be a whole number")),
        }
    }

    /// Returns the row by heading, redacted, without columns that name persons.
    pub fn content(&self) -> Value {
        self.content_with(&[])
    }

    /// Returns the row by heading, including empty cells, with further values that the sheet states
    /// under these names.
    pub fn content_with(&self, further: &[(&str, String)]) -> Value {
        let mut content = Map::new();
        for (index, heading) in self.columns.headings.iter().enumerate() {
            if !heading.is_empty()
                && !self.columns.is_dropped(index)
                && let Some(text) =
                    without_person(&self.row.cell(index).text(), self.columns.field_at(index))
            {
                content.insert(heading.clone(), text.into());
            }
        }
        for (name, text) in further {
            content.entry(*name).or_insert_with(|| redact(text).0.into_owned().into());
        }
        Value::Object(content)
    }

    /// Rejects the row.
    pub fn reject(&self, sink: &mut Sink, record_type: &str, wrong: &GridFault) {
        sink.reject(
            self.row.number,
            record_type,
            wrong.column.as_deref(),
            Some(&wrong.value),
            &wrong.reason,
            Some(self.content()),
        );
    }

    /// Counts the cells in columns that name persons, which are dropped.
    pub fn drop_contacts(&self, sink: &mut Sink) {
        for index in 0..self.columns.headings.len() {
            if self.columns.is_dropped(index) && !self.row.cell(index).is_empty() {
                sink.dropped();
            }
        }
    }
}
