//! Rows of a CSV file by heading, with the row's number, a way to refuse it, and Latin-1 read field by field.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::SourceError;
use crate::document::grid::start;
use crate::input::{Input, OPEN, decode};
use crate::load::Sink;
use crate::reading::headings::lists;

/// Headings and where they stand.
pub struct Headings {
    names: Vec<String>,
    places: HashMap<String, usize>,
    /// Columns asked for before, by the address of their name: a name in the code is asked for once a row, a million times.
    asked: RefCell<Vec<(*const u8, usize, Option<usize>)>>,
}

impl Headings {
    pub(super) fn new(record: &csv::ByteRecord) -> Self {
        let names: Vec<String> =
            record.iter().map(|name| decode(name).trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let places = names.iter().enumerate().map(|(place, name)| (name.to_ascii_lowercase(), place)).collect();
        Self { names, places, asked: RefCell::default() }
    }

    /// Column of a heading.
    pub fn place(&self, name: &'static str) -> Option<usize> {
        let mut asked = self.asked.borrow_mut();
        let known = asked.iter().find(|(address, length, _)| *address == name.as_ptr() && *length == name.len());
        if let Some((_, _, place)) = known {
            return *place;
        }
        let place = self.places.get(&name.to_ascii_lowercase()).copied();
        asked.push((name.as_ptr(), name.len(), place));
        place
    }
}

/// One row.
pub struct CsvRow<'a> {
    pub(super) headings: &'a Headings,
    pub(super) record: &'a csv::ByteRecord,
    /// Its number, the heading being row 1.
    pub number: u64,
}

impl CsvRow<'_> {
    /// The trimmed text in a column, empty when it is not there.
    pub fn get(&self, name: &'static str) -> std::borrow::Cow<'_, str> {
        let field = self.headings.place(name).and_then(|place| self.record.get(place)).unwrap_or_default();
        match decode(field) {
            std::borrow::Cow::Borrowed(text) => text.trim().into(),
            std::borrow::Cow::Owned(text) => text.trim().to_owned().into(),
        }
    }

    /// The row by heading, redacted, without the reasons of an earlier refusal.
    pub fn content(&self) -> Value {
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
    match text.parse::<f64>() {
        Ok(number) if number < 0.0 => Err(fault(column, &text, "must not be negative")),
        Ok(number) if number.fract() == 0.0 && number <= f64::from(i32::MAX) => Ok(Some(number as i32)),
        _ => Err(fault(column, &text, "must be a whole number")),
    }
}

/// A coordinate within ±`limit`; empty is none.
pub fn coordinate(row: &CsvRow, column: &'static str, limit: f64) -> Result<Option<f64>, Fault> {
    let text = row.get(column);
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(number) if number.abs() <= limit => Ok(Some(number)),
        _ => Err(fault(column, &text, format!("must be degrees between -{limit} and {limit}"))),
    }
}

/// Calls `each` with every row of a CSV file; a row with another number of cells than headings is refused.
pub fn read(
    input: &Input,
    record_type: &'static str,
    sink: &mut Sink,
    mut each: impl FnMut(&CsvRow, &mut Sink) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let (text, claim) = input.records()?;
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).comment(Some(b'#')).buffer_capacity(1 << 18).from_reader(text);
    let headings = Headings::new(reader.byte_headers()?);
    let mut record = csv::ByteRecord::new();
    let mut number = 1;
    claim.end_record();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => claim.end_record(),
            Ok(false) => break,
            Err(error) => return Err(SourceError::from(error).at_row(number + 1)),
        }
        number += 1;
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        sink.read_one()?;
        let row = CsvRow { headings: &headings, record: &record, number };
        if claim.is_open(start(&record), b',', record.iter().next_back().unwrap_or_default()) {
            sink.reject(number, record_type, None, None, OPEN, Some(row.content()));
            continue;
        }
        if record.len() != headings.names.len() {
            let reason = format!("the row has {} cells and the heading {}", record.len(), headings.names.len());
            sink.reject(number, record_type, None, None, &reason, Some(row.content()));
            continue;
        }
        each(&row, sink)?;
    }
    Ok(())
}
