//! Receives the records, rejects and warnings of a source. Its memory is bounded for files of any
//! size.

use std::collections::BTreeMap;

use hotwash_documents::text::visible;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::report::Warning;
use super::stage::StageTable;
use crate::code::{RejectCode, RejectedCell, WarningCode};
use crate::copy::{Bytes, CopyRow};
use crate::inspect::trace;
use crate::reading::person::nameless;
use crate::record::{self, Record};
use crate::redact::redact;
use crate::source::{ColumnUsage, SourceError};

/// Number of bytes after which a table's rows are sent to the database.
const CHUNK: usize = 1 << 20;
/// Maximum number of separate warnings per file; further ones are counted together.
const MOST_WARNINGS: usize = 2_000;
/// Maximum length of a value shown in a reject or warning, in characters.
const LONGEST_SHOWN: usize = 200;

/// Tuples of a staging table.
pub type Message = (StageTable, Vec<u8>);

/// Receives the records of one file.
pub struct Sink {
    sender: mpsc::Sender<Message>,
    buffers: BTreeMap<StageTable, Vec<u8>>,
    key: CopyRow,
    content: CopyRow,
    totals: SinkTotals,
    warnings: BTreeMap<(WarningCode, String, String), Warning>,
}

/// Totals of one file.
#[derive(Debug, Default)]
pub struct SinkTotals {
    /// Records read.
    pub read: u64,
    /// Records rejected.
    pub rejected: u64,
    /// Contact details removed.
    pub redacted: u64,
    /// Labels without an entry in any reference list.
    pub unmapped: u64,
    /// Warnings by kind.
    pub warnings: Vec<Warning>,
    /// Columns of the file's tables, and how each was used.
    pub columns: Vec<ColumnUsage>,
}

impl Sink {
    /// Returns a sink and the receiver of its chunks. A slow receiver slows the source down.
    pub(super) fn new() -> (Self, mpsc::Receiver<Message>) {
        let (sender, receiver) = mpsc::channel(8);
        let sink = Self {
            sender,
            buffers: BTreeMap::new(),
            key: CopyRow::default(),
            content: CopyRow::default(),
            totals: SinkTotals::default(),
            warnings: BTreeMap::new(),
        };
        (sink, receiver)
    }

    /// Counts a record read.
    ///
    /// # Errors
    /// Returns an error if the load was aborted.
    pub fn read_one(&mut self) -> Result<(), SourceError> {
        self.totals.read += 1;
        if self.sender.is_closed() { Err(SourceError::BrokenOff) } else { Ok(()) }
    }

    /// Stages a record made from one row.
    pub fn record<R: Record>(&mut self, record: &R) -> Result<(), SourceError> {
        self.stage(record, 1, None)
    }

    /// Stages a record like [`Sink::record`], together with its redacted row. The row is shown if
    /// the merge rejects the record, and closes the reject of the same row in an earlier edition.
    pub fn record_from<R: Record>(
        &mut self,
        record: &R,
        content: Option<&Value>,
    ) -> Result<(), SourceError> {
        self.stage(record, 1, content)
    }

    /// Stages a record made from several rows.
    pub fn record_of_rows<R: Record>(
        &mut self,
        record: &R,
        rows: usize,
    ) -> Result<(), SourceError> {
        self.stage(record, i32::try_from(rows).unwrap_or(i32::MAX), None)
    }

    /// Stages a record that is not counted itself, because it belongs to a counted one.
    pub fn support<R: Record>(&mut self, record: &R) -> Result<(), SourceError> {
        self.stage(record, 0, None)
    }

    fn stage<R: Record>(
        &mut self,
        record: &R,
        weight: i32,
        content: Option<&Value>,
    ) -> Result<(), SourceError> {
        let record_type = record.record_type();
        let table = StageTable::Records(record_type);
        self.content.clear();
        trace::record(record_type);
        record::write(record, &mut self.content);
        self.totals.redacted += u64::from(self.content.redacted());
        // Two ids that are redacted to the same text would become one record, so such an id is
        // rejected.
        if redact(record.source_id()).1 > 0 {
            if weight > 0 {
                let reason = "looks like a contact detail, which is not stored; give the record an \
                    id that is none";
                let cell = RejectedCell { column: Some("id"), value: None, reason };
                let row = record.row();
                self.reject_as(
                    RejectCode::ContactDetail,
                    row,
                    record_type.name,
                    cell,
                    content.cloned(),
                );
            }
            return Ok(());
        }
        self.key.clear();
        self.key.value(weight);
        self.key.value(record.row() as i64);
        self.key.text(record.source_id());
        self.key.text(&record.source_version());
        self.key.value(Bytes(&self.content.digest()));
        self.key.json_text(content);
        CopyRow::append(self.buffers.entry(table).or_default(), &self.key, &self.content);
        self.flush(table, CHUNK)
    }

    /// Rejects a row, with the reason, the location and the remedy. The code follows from the
    /// location.
    pub fn reject(
        &mut self,
        row_number: u64,
        record_type: &str,
        column: Option<&str>,
        value: Option<&str>,
        reason: &str,
        content: Option<Value>,
    ) {
        let code = RejectCode::of_cell(column, value);
        let cell = RejectedCell { column, value, reason };
        self.reject_as(code, row_number, record_type, cell, content);
    }

    /// Rejects a row for a reason that has a code of its own.
    pub fn reject_as(
        &mut self,
        code: RejectCode,
        row_number: u64,
        record_type: &str,
        cell: RejectedCell<'_>,
        content: Option<Value>,
    ) {
        self.totals.rejected += 1;
        trace::rejected(code, row_number, record_type, cell);
        let row = &mut self.content;
        row.clear();
        row.value(row_number as i64);
        row.text(record_type);
        row.text(code.as_str());
        row.optional_text(cell.column);
        row.optional_text(cell.value.map(printable).as_deref());
        row.text(&redact(cell.reason).0);
        row.json(content.as_ref());
        CopyRow::append(
            self.buffers.entry(StageTable::Rejects).or_default(),
            &CopyRow::default(),
            &self.content,
        );
        // The next record returns the error of a closed channel.
        let _ = self.flush(StageTable::Rejects, CHUNK);
    }

    /// Adds a warning about a value that is loaded anyway.
    pub fn warn(
        &mut self,
        code: WarningCode,
        column: Option<&str>,
        value: Option<&str>,
        message: &str,
        row: u64,
    ) {
        // Cells with dates, statuses and owners can name a person.
        let may_name_person = matches!(
            code,
            WarningCode::UnreadDate
                | WarningCode::UnreadStatus
                | WarningCode::RelativeDate
                | WarningCode::LockedCell
                | WarningCode::LoneCell
                | WarningCode::StruckThrough
        );
        let value =
            value.map(
                |text| if may_name_person { printable(&nameless(text).0) } else { printable(text) },
            );
        let mut key =
            (code, column.unwrap_or_default().to_owned(), value.clone().unwrap_or_default());
        let (mut value, mut message) = (value, message.to_owned());
        if self.warnings.len() >= MOST_WARNINGS && !self.warnings.contains_key(&key) {
            key.2 = "…".into();
            value = None;
            message = format!("{message} (further values)");
        }
        let warning = self.warnings.entry(key).or_insert_with(|| Warning {
            code,
            column: column.map(str::to_owned),
            value,
            message,
            first_row: row,
            occurrences: 0,
        });
        warning.occurrences += 1;
    }

    /// Records how a column was used. A column with data that was not read becomes a warning.
    pub fn column(&mut self, column: ColumnUsage) {
        if column.is_lost() {
            let code = if column.read_instead.is_some() {
                WarningCode::DuplicateHeading
            } else {
                WarningCode::UnreadColumn
            };
            let samples = column.samples.join("; ");
            self.warn(
                code,
                Some(&column.heading),
                Some(&samples),
                &column.message(),
                column.first_row,
            );
        }
        self.totals.columns.push(column);
    }

    /// Counts contact details that were dropped together with their entire value.
    pub fn dropped(&mut self) {
        self.totals.redacted += 1;
    }

    /// Counts a label without an entry in any reference list.
    pub fn unmapped(&mut self) {
        self.totals.unmapped += 1;
    }

    /// Removes contact details from free text, and counts them.
    pub fn redacted(&mut self, text: &str) -> String {
        let (clean, count) = redact(text);
        self.totals.redacted += u64::from(count);
        clean.into_owned()
    }

    /// Removes contact details and names of persons from a short answer, and counts them.
    pub fn answer(&mut self, text: &str) -> String {
        let (clean, count) = nameless(text);
        self.totals.redacted += u64::from(count);
        self.redacted(&clean)
    }

    fn flush(&mut self, table: StageTable, least: usize) -> Result<(), SourceError> {
        match self.buffers.get_mut(&table) {
            Some(buffer) if buffer.len() >= least.max(1) => {
                let chunk = std::mem::replace(
                    buffer,
                    Vec::with_capacity(if least > 1 { CHUNK + (CHUNK >> 3) } else { 0 }),
                );
                self.sender.blocking_send((table, chunk)).map_err(|_| SourceError::BrokenOff)
            }
            _ => Ok(()),
        }
    }

    /// Sends the remaining rows and returns the totals.
    pub(super) fn finish(mut self) -> Result<SinkTotals, SourceError> {
        let tables: Vec<StageTable> = self.buffers.keys().copied().collect();
        for table in tables {
            self.flush(table, 1)?;
        }
        self.totals.warnings = std::mem::take(&mut self.warnings).into_values().collect();
        Ok(std::mem::take(&mut self.totals))
    }
}

fn printable(value: &str) -> String {
    redact(value).0.chars().take(LONGEST_SHOWN).collect()
}

/// Returns the redacted fields of a row, so that a user can correct and reload it.
pub fn redacted_content(fields: &Map<String, Value>) -> Value {
    let clean = |value: &Value| match value {
        Value::String(text) => Value::String(redact(text).0.into_owned()),
        other => other.clone(),
    };
    let fields = fields.iter().map(|(name, value)| (visible(name).into_owned(), clean(value)));
    Value::Object(fields.collect())
}
