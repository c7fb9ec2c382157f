//! Rows of a CSV file by heading, with the row's number, a way to refuse it, and Latin-1 read field
//! by field.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::SourceError;
use super::column_usage::{ColumnCounter, ColumnFate, Heading};
use crate::document::delimited::Records;
use crate::input::{Input, decode};
use crate::inspect::trace;
use crate::load::Sink;
use crate::reading::headings::lists;
use crate::reading::number::number;
use crate::reading::time::{DateSystem, End, Unread, WrittenDay, month_first, read_day};
use crate::record::DuePrecision;
use crate::template::{Template, normalize_heading};

/// Headings that a source knows.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary {
    /// Columns that it reads.
    pub read: &'static [&'static str],
    /// Columns of its format that it does not use.
    pub unused: &'static [&'static str],
    /// The template, whose columns are read.
    pub template: Option<&'static Template>,
}

impl Vocabulary {
    /// The columns of a source that reads some and does not use others.
    pub const fn new(read: &'static [&'static str], unused: &'static [&'static str]) -> Self {
        Self { read, unused, template: None }
    }

    /// The columns of a template.
    pub const fn of_template(template: &'static Template) -> Self {
        Self { read: &[], unused: &[], template: Some(template) }
    }

    /// Headings that are read.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        let own = self
            .template
            .into_iter()
            .flat_map(|template| template.columns)
            .map(|column| column.heading);
        self.read.iter().copied().chain(own)
    }

    /// Returns the heading of this vocabulary that a file's heading is.
    fn find(mut known: impl Iterator<Item = &'static str>, heading: &str) -> Option<&'static str> {
        let heading = normalize_heading(heading);
        known.find(|name| normalize_heading(name) == heading)
    }

    /// Headings that are read, to suggest one of them.
    fn headings(&self) -> Vec<String> {
        self.fields().map(str::to_owned).collect()
    }

    /// What becomes of a column, which may repeat the heading of an earlier one.
    fn heading(&self, name: &str, read_instead: Option<usize>) -> Heading {
        let field = Self::find(self.fields(), name);
        let is_unused = || Self::find(self.unused.iter().copied(), name).is_some();
        // Columns of a rejects file say why a row was refused.
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

    /// Returns how many of these headings the vocabulary knows.
    pub fn known<S: AsRef<str>>(&self, headings: &[S]) -> usize {
        let is_known = |heading: &&S| {
            Self::find(self.fields().chain(self.unused.iter().copied()), heading.as_ref()).is_some()
        };
        headings.iter().filter(is_known).count()
    }
}

/// Headings and where they stand.
pub struct Headings {
    names: Vec<String>,
    indexes: HashMap<String, usize>,
    vocabulary: Vocabulary,
    /// Columns asked for before, by the address of their name: a name in the code is asked for once
    /// a row, a million times.
    asked: RefCell<Vec<(*const u8, usize, Option<usize>)>>,
}

impl Headings {
    /// The headings of a table. Of two that are the same the first is read.
    pub(crate) fn new(names: Vec<String>, vocabulary: Vocabulary) -> Self {
        let mut indexes = HashMap::new();
        for (index, name) in names.iter().enumerate() {
            indexes.entry(normalize_heading(name)).or_insert(index);
        }
        Self { names, indexes, vocabulary, asked: RefCell::default() }
    }

    /// The headings of a CSV file's first record.
    fn of_record(record: &csv::ByteRecord, vocabulary: Vocabulary) -> Self {
        Self::new(record.iter().map(|name| decode(name).trim().to_owned()).collect(), vocabulary)
    }

    /// What becomes of each column.
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

    /// Column of a heading.
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

/// The account of records that name their own columns, as JSON objects do.
pub struct KeyCounter {
    column_usage: ColumnCounter,
    indexes: HashMap<String, usize>,
    vocabulary: Vocabulary,
}

impl KeyCounter {
    /// The account before the first record.
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

    /// Reports the columns.
    pub fn close(self, sink: &mut Sink) {
        self.column_usage.close(sink);
    }
}

/// The row of a table with headings of its own, from which a layout made a row of a template.
pub trait Origin {
    /// Heading and value, as the table has them, of a column of the template.
    fn cell(&self, column: &str) -> Option<(String, String)>;

    /// Says in which layout a column of the template is defined, to end a message with.
    fn remark(&self, column: &str) -> String;

    /// Whether the column holds names rather than ids.
    fn is_name(&self, column: &str) -> bool;

    /// The day of the event that the column names.
    fn event_day(&self, column: &str) -> Option<chrono::NaiveDate>;

    /// The row by its own headings, redacted.
    fn content(&self) -> Value;
}

/// One row.
pub struct CsvRow<'a> {
    pub(crate) headings: &'a Headings,
    pub(crate) record: &'a csv::ByteRecord,
    /// Its number, the heading being row 1.
    pub number: u64,
    /// The row that a layout made it of.
    pub(crate) origin: Option<&'a dyn Origin>,
}

impl CsvRow<'_> {
    /// The trimmed text in a column, empty when it is not there.
    pub fn get(&self, name: &'static str) -> std::borrow::Cow<'_, str> {
        let field = self
            .headings
            .index_of(name)
            .and_then(|index| self.record.get(index))
            .unwrap_or_default();
        match decode(field) {
            std::borrow::Cow::Borrowed(text) => text.trim().into(),
            std::borrow::Cow::Owned(text) => text.trim().to_owned().into(),
        }
    }

    /// The row by heading, redacted, without the reasons of an earlier refusal.
    pub fn content(&self) -> Value {
        if let Some(origin) = self.origin {
            return origin.content();
        }
        let mut content = Map::new();
        for (name, field) in self.headings.names.iter().zip(self.record) {
            if !name.starts_with("reject_") && !lists().is_dropped(name) {
                content.insert(name.clone(), crate::redact::redact(&decode(field)).0.into());
            }
        }
        Value::Object(content)
    }

    /// Refuses the row.
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

/// What is wrong with a row.
#[derive(Debug)]
pub struct Fault {
    /// Column.
    pub column: &'static str,
    /// Value.
    pub value: String,
    /// What would be right.
    pub reason: String,
}

/// A fault of this column and value.
pub fn fault(column: &'static str, value: &str, reason: impl Into<String>) -> Fault {
    Fault { column, value: value.to_owned(), reason: reason.into() }
}

/// A count that must not be negative; empty is none.
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

/// A day written as such: no longer period.
pub fn day(column: &'static str, text: &str) -> Result<NaiveDate, Fault> {
    month_first(text).map_err(|unread| fault(column, text, unread.to_string()))?;
    let read = DateSystem::default()
        .read(text)
        .map_or_else(|| read_day(text, End::First), |at| Ok(WrittenDay::exact(at.date())));
    let exact = read.and_then(|read| {
        if read.precision == DuePrecision::Day { Ok(read.day) } else { Err(Unread::Day) }
    });
    exact.map_err(|unread| fault(column, text, unread.to_string()))
}

/// A coordinate within ±`limit`; empty is none.
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

/// Calls `each` with every row of a CSV file; a row with another number of cells than headings is
/// refused.
pub fn read(
    input: &Input,
    record_type: &'static str,
    vocabulary: Vocabulary,
    sink: &mut Sink,
    mut each: impl FnMut(&CsvRow, &mut Sink) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let mut records = Records::open(input)?;
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
            |index| decode(cell(index)),
        );
        let row = CsvRow { headings: &headings, record, number, origin: None };
        let (cells, columns) = (record.len(), headings.names.len());
        let wrong = match records.open_quote() {
            Some(wrong) => Some(wrong.to_owned()),
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
