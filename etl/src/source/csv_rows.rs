//! Reads rows of a CSV file by heading, with row numbers and rejection. Latin-1 text is decoded
//! field by field.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::NaiveDate;
use hotwash_documents::delimited::Records;
use hotwash_documents::input::{Input, decode, decode_cell};
use hotwash_documents::text::is_error_value;
use serde_json::{Map, Value};

use super::column_counter::{ColumnCounter, Heading};
use super::column_usage::ColumnFate;
use super::{SourceError, is_own_header};
use crate::inspect::trace;
use crate::load::Sink;
use crate::reading::headings::lists;
use crate::reading::number::number;
use crate::reading::time::{
    DateSystem, End, Unread, WrittenDay, month_first, read_day, serial_text,
};
use crate::record::DuePrecision;
use crate::template::{Template, normalize_heading};

/// Headings known to a source.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary {
    /// Columns that the source reads.
    pub read: &'static [&'static str],
    /// Columns of the format that the source does not use.
    pub unused: &'static [&'static str],
    /// Template whose columns are read.
    pub template: Option<&'static Template>,
}

impl Vocabulary {
    /// Creates the vocabulary of a source from the columns it reads and the columns it does not
    /// use.
    pub const fn new(read: &'static [&'static str], unused: &'static [&'static str]) -> Self {
        Self { read, unused, template: None }
    }

    /// Creates the vocabulary of a template.
    pub const fn of_template(template: &'static Template) -> Self {
        Self { read: &[], unused: &[], template: Some(template) }
    }

    /// Returns the headings that are read.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        let own = self
            .template
            .into_iter()
            .flat_map(|template| &template.columns)
            .map(|column| column.heading);
        self.read.iter().copied().chain(own)
    }

    /// Returns the heading of this vocabulary that matches a file's heading.
    fn find(mut known: impl Iterator<Item = &'static str>, heading: &str) -> Option<&'static str> {
        let heading = normalize_heading(heading);
        known.find(|name| normalize_heading(name) == heading)
    }

    /// Returns the headings that can be suggested.
    fn headings(&self) -> Vec<String> {
        self.fields().map(str::to_owned).collect()
    }

    /// Returns the use of a column, which may repeat an earlier heading.
    fn heading(&self, name: &str, read_instead: Option<usize>) -> Heading {
        let field = Self::find(self.fields(), name);
        let is_unused = || Self::find(self.unused.iter().copied(), name).is_some();
        // Columns of a rejects file contain the reasons why a row was rejected.
        let fate = if field.is_some() && read_instead.is_none() {
            ColumnFate::Read
        } else if field.is_none() && (name.to_lowercase().starts_with("reject_") || is_unused()) {
            ColumnFate::Unused
        } else if field.is_none() && lists().is_dropped(name) {
            ColumnFate::Dropped
        } else {
            ColumnFate::Unread
        };
        Heading { name: name.to_owned(), fate, field: field.map(str::to_owned), read_instead }
    }

    /// Returns how many of these headings are in the vocabulary.
    pub fn known<S: AsRef<str>>(&self, headings: &[S]) -> usize {
        let is_known = |heading: &&S| {
            Self::find(self.fields().chain(self.unused.iter().copied()), heading.as_ref()).is_some()
        };
        headings.iter().filter(is_known).count()
    }
}

/// Headings of a table, with their column indexes.
pub struct Headings {
    names: Vec<String>,
    indexes: HashMap<String, usize>,
    vocabulary: Vocabulary,
    /// Cache of column lookups, by the address of the name. The code looks up each name once per
    /// row, for a million rows.
    asked: RefCell<Vec<(*const u8, usize, Option<usize>)>>,
}

impl Headings {
    /// Creates the headings of a table. Of two equal headings, the first is read.
    pub(crate) fn new(names: Vec<String>, vocabulary: Vocabulary) -> Self {
        let mut indexes = HashMap::new();
        for (index, name) in names.iter().enumerate() {
            indexes.entry(normalize_heading(name)).or_insert(index);
        }
        Self { names, indexes, vocabulary, asked: RefCell::default() }
    }

    /// Creates the headings from the first record of a CSV file.
    fn of_record(record: &csv::ByteRecord, vocabulary: Vocabulary) -> Self {
        Self::new(record.iter().map(|name| decode(name).trim().to_owned()).collect(), vocabulary)
    }

    /// Creates the counter that reports the use of each column.
    pub(super) fn column_usage(&self) -> ColumnCounter {
        let heading = |(index, name): (usize, &String)| {
            let first = self.indexes.get(&normalize_heading(name)).copied();
            self.vocabulary.heading(name, first.filter(|first| *first != index))
        };
        ColumnCounter::new(
            "",
            self.names.iter().enumerate().map(heading).collect(),
            self.vocabulary.headings(),
        )
    }

    /// Returns the column index of a heading.
    pub fn index_of(&self, name: &'static str) -> Option<usize> {
        let mut asked = self.asked.borrow_mut();
        let known = asked
            .iter()
            .find(|(address, length, _)| *address == name.as_ptr() && *length == name.len());
        if let Some((_, _, index)) = known {
            return *index;
        }
        debug_assert!(
            self.vocabulary.fields().any(|field| field == name),
            "the vocabulary lacks {name}"
        );
        let index = self.indexes.get(&normalize_heading(name)).copied();
        asked.push((name.as_ptr(), name.len(), index));
        index
    }
}

/// Counts the columns of records that name their own columns, such as JSON objects.
pub struct KeyCounter {
    column_usage: ColumnCounter,
    indexes: HashMap<String, usize>,
    vocabulary: Vocabulary,
}

impl KeyCounter {
    /// Creates the counter, before the first record.
    pub fn new(vocabulary: Vocabulary) -> Self {
        let column_usage = ColumnCounter::new("", Vec::new(), vocabulary.headings());
        Self { column_usage, indexes: HashMap::new(), vocabulary }
    }

    /// Counts the values of a record.
    pub fn record<'a>(&mut self, number: u64, values: impl Iterator<Item = (&'a str, String)>) {
        for (name, value) in values.filter(|(_, value)| !value.trim().is_empty()) {
            let known = self.indexes.get(name).copied();
            let index =
                known.unwrap_or_else(|| self.column_usage.add(self.vocabulary.heading(name, None)));
            if known.is_none() {
                self.indexes.insert(name.to_owned(), index);
            }
            self.column_usage.cell(index, number, || value.into());
        }
    }

    /// Reports the columns to the sink.
    pub fn close(self, sink: &mut Sink) {
        self.column_usage.close(sink);
    }
}

/// Original row of a table with its own headings, which a layout converted to a row of a template.
pub trait Origin {
    /// Returns the original heading and value behind a column of the template.
    fn cell(&self, column: &str) -> Option<(String, String)>;

    /// Returns a remark that names the layout which defines a column, to append to a message.
    fn remark(&self, column: &str) -> String;

    /// Returns whether the column contains names rather than ids.
    fn is_name(&self, column: &str) -> bool;

    /// Returns the date of the event that the column names.
    fn event_day(&self, column: &str) -> Option<chrono::NaiveDate>;

    /// Returns the original row by its own headings, redacted.
    fn content(&self) -> Value;
}

/// Row of a CSV file.
pub struct CsvRow<'a> {
    pub(crate) headings: &'a Headings,
    pub(crate) record: &'a csv::ByteRecord,
    /// Row number; the header is row 1.
    pub number: u64,
    /// Original row from which a layout created this row.
    pub(crate) origin: Option<&'a dyn Origin>,
}

impl CsvRow<'_> {
    /// Returns the trimmed text of a column; empty if the column is missing.
    pub fn get(&self, name: &'static str) -> std::borrow::Cow<'_, str> {
        let field = self
            .headings
            .index_of(name)
            .and_then(|index| self.record.get(index))
            .unwrap_or_default();
        match decode_cell(field) {
            std::borrow::Cow::Borrowed(text) => text.trim().into(),
            std::borrow::Cow::Owned(text) => text.trim().to_owned().into(),
        }
    }

    /// Returns the fault of the first column that is read and holds an error of a spreadsheet.
    pub fn error_value(&self) -> Option<Fault> {
        let may_be_error = |cell: &[u8]| matches!(cell.trim_ascii_start(), [b'#' | b'E', ..]);
        if !self.record.iter().any(may_be_error) {
            return None;
        }
        let mut columns = self.headings.vocabulary.fields();
        let column = columns.find(|column| is_error_value(&self.get(column)))?;
        let reason = "is an error of the spreadsheet in place of a value; correct its formula, or \
            empty the cell";
        Some(fault(column, &self.get(column), reason))
    }

    /// Returns the row by heading, redacted, without the reasons of an earlier rejection.
    pub fn content(&self) -> Value {
        if let Some(origin) = self.origin {
            return origin.content();
        }
        let mut content = Map::new();
        for (name, field) in self.headings.names.iter().zip(self.record) {
            if !name.starts_with("reject_") && !lists().is_dropped(name) {
                content.insert(name.clone(), crate::redact::redact(&decode_cell(field)).0.into());
            }
        }
        Value::Object(content)
    }

    /// Rejects the row.
    pub fn reject(&self, sink: &mut Sink, record_type: &'static str, fault: &Fault) {
        if let Some(origin) = self.origin {
            let own = origin.cell(fault.column);
            let (column, value) = own
                .as_ref()
                .map_or((fault.column, fault.value.as_str()), |(column, value)| (column, value));
            let reason = format!("{}; {}", fault.reason, origin.remark(fault.column));
            sink.reject(
                self.number,
                record_type,
                Some(column),
                Some(value),
                &reason,
                Some(origin.content()),
            );
            return;
        }
        sink.reject(
            self.number,
            record_type,
            Some(fault.column),
            Some(&fault.value),
            &fault.reason,
            Some(self.content()),
        );
    }
}

/// Error in a value of a row.
#[derive(Debug)]
pub struct Fault {
    /// Column.
    pub column: &'static str,
    /// Value.
    pub value: String,
    /// Description of a valid value.
    pub reason: String,
}

/// Creates an error for this column and value.
pub fn fault(column: &'static str, value: &str, reason: impl Into<String>) -> Fault {
    Fault { column, value: value.to_owned(), reason: reason.into() }
}

/// Returns a non-negative count; none if the cell is empty.
pub fn count(row: &CsvRow, column: &'static str) -> Result<Option<i32>, Fault> {
    let text = row.get(column);
    if text.is_empty() {
        return Ok(None);
    }
    match number(&text) {
        Some(number) if number < 0.0 => Err(fault(column, &text, "must not be negative")),
        Some(number) if number.fract() == 0.0 && number <= f64::from(i32::MAX) => {
            trace::reading(row.number, column, "", || number.to_string());
            Ok(Some(number as i32))
        }
        _ => Err(fault(column, &text, "must be a whole number")),
    }
}

/// Returns a single date; a longer period is an error.
pub fn day(column: &'static str, text: &str) -> Result<NaiveDate, Fault> {
    month_first(text).map_err(|unread| fault(column, text, unread.to_string()))?;
    let read = serial_text(DateSystem::default(), text)
        .map_or_else(|| read_day(text, End::First), |at| Ok(WrittenDay::exact(at.date())));
    let exact = read.and_then(|read| {
        if read.precision == DuePrecision::Day { Ok(read.day) } else { Err(Unread::Day) }
    });
    exact.map_err(|unread| fault(column, text, unread.to_string()))
}

/// Returns a coordinate within ±`limit`; none if the cell is empty.
pub fn coordinate(row: &CsvRow, column: &'static str, limit: f64) -> Result<Option<f64>, Fault> {
    let text = row.get(column);
    if text.is_empty() {
        return Ok(None);
    }
    match number(&text) {
        Some(number) if number.abs() <= limit => {
            trace::reading(row.number, column, "degrees", || number.to_string());
            Ok(Some(number))
        }
        _ => Err(fault(column, &text, format!("must be degrees between -{limit} and {limit}"))),
    }
}

/// Calls `each` with every row of a CSV file. A row whose number of cells differs from the header's
/// is rejected.
pub fn read(
    input: &Input,
    record_type: &'static str,
    vocabulary: Vocabulary,
    sink: &mut Sink,
    mut each: impl FnMut(&CsvRow, &mut Sink) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let mut records = Records::open(input, is_own_header)?;
    if records.advance()?.is_none() {
        return Ok(());
    }
    let headings = Headings::of_record(records.record(), vocabulary);
    let mut column_usage = headings.column_usage();
    while let Some(number) = records.advance()? {
        let record = records.record();
        let cell = |index: usize| record.get(index).unwrap_or_default();
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        sink.read_one()?;
        column_usage.row(
            number,
            |index| !cell(index).trim_ascii().is_empty(),
            |index| decode_cell(cell(index)),
        );
        let row = CsvRow { headings: &headings, record, number, origin: None };
        let (cells, columns) = (record.len(), headings.names.len());
        let wrong = match records.open_quote() {
            Some(wrong) => Some(wrong.to_string()),
            None => (cells != columns)
                .then(|| format!("the row has {cells} cells and the heading {columns}")),
        };
        match wrong {
            Some(reason) => {
                sink.reject(number, record_type, None, None, &reason, Some(row.content()))
            }
            None => each(&row, sink)?,
        }
    }
    column_usage.close(sink);
    Ok(())
}
