//! Where a source puts what it reads: records, refusals, warnings. Bounded in memory whatever the
//! file.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::report::Warning;
use super::stage::StageTable;
use crate::copy::{Bytes, Row};
use crate::inspect::trace;
use crate::reading::person::nameless;
use crate::record::{Record, RecordTable};
use crate::redact::redact;
use crate::source::{Column, SourceError};

/// Bytes after which a table's rows go on to the database.
const CHUNK: usize = 1 << 20;
/// Kinds of warnings kept apart in a file; further ones are counted together.
const MOST_WARNINGS: usize = 2_000;
/// Longest value shown in a reject or warning, in characters.
const LONGEST_SHOWN: usize = 200;

/// Tuples of a staging table.
pub type Message = (StageTable, Vec<u8>);

/// Takes records of one file.
pub struct Sink {
    sender: mpsc::Sender<Message>,
    buffers: BTreeMap<StageTable, Vec<u8>>,
    key: Row,
    content: Row,
    totals: SinkTotals,
    warnings: BTreeMap<(&'static str, String, String), Warning>,
}

/// What the sink knows at the end.
#[derive(Debug, Default)]
pub struct SinkTotals {
    /// Records read.
    pub read: u64,
    /// Records refused.
    pub rejected: u64,
    /// Contact details taken out.
    pub redacted: u64,
    /// Labels that no list knows.
    pub unmapped: u64,
    /// Warnings, by kind.
    pub warnings: Vec<Warning>,
    /// Columns of its tables and what became of each.
    pub columns: Vec<Column>,
}

impl Sink {
    /// A sink and the receiver of its chunks; a slow receiver slows the source.
    pub(super) fn new() -> (Self, mpsc::Receiver<Message>) {
        let (sender, receiver) = mpsc::channel(8);
        let sink = Self {
            sender,
            buffers: BTreeMap::new(),
            key: Row::default(),
            content: Row::default(),
            totals: SinkTotals::default(),
            warnings: BTreeMap::new(),
        };
        (sink, receiver)
    }

    /// Counts a record read; fails when the load was broken off.
    pub fn read_one(&mut self) -> Result<(), SourceError> {
        self.totals.read += 1;
        if self.sender.is_closed() { Err(SourceError::BrokenOff) } else { Ok(()) }
    }

    /// Stages a record that stands for one row read.
    pub fn record<R: Record>(&mut self, record: &R) -> Result<(), SourceError> {
        self.stage(record, 1, None)
    }

    /// As [`Sink::record`], with the row it came from (redacted), so that it can be shown and
    /// mended when the merge must refuse it because what it refers to is not there.
    pub fn record_from<R: Record>(
        &mut self,
        record: &R,
        content: Option<&Value>,
    ) -> Result<(), SourceError> {
        self.stage(record, 1, content)
    }

    /// Stages a record that stands for several rows read.
    pub fn record_of_rows<R: Record>(
        &mut self,
        record: &R,
        rows: usize,
    ) -> Result<(), SourceError> {
        self.stage(record, i32::try_from(rows).unwrap_or(i32::MAX), None)
    }

    /// Stages a record that others, counted by themselves, hang on.
    pub fn support<R: Record>(&mut self, record: &R) -> Result<(), SourceError> {
        self.stage(record, 0, None)
    }

    fn stage<R: Record>(
        &mut self,
        record: &R,
        weight: i32,
        content: Option<&Value>,
    ) -> Result<(), SourceError> {
        let table = StageTable::Records(R::TABLE);
        self.content.clear();
        trace::record(R::TABLE);
        record.write(&mut self.content);
        self.totals.redacted += u64::from(self.content.redacted());
        // Two records whose ids are redacted alike would become one: such an id is refused.
        if redact(record.source_id()).1 > 0 {
            if weight > 0 {
                let reason = "looks like a contact detail, which is not stored; give the record an \
                    id that is none";
                self.reject(
                    record.row(),
                    table.name().trim_start_matches("stage_"),
                    Some("id"),
                    None,
                    reason,
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
        if table.has_content() {
            self.key.json_text(content);
        }
        Row::append(self.buffers.entry(table).or_default(), &self.key, &self.content);
        self.flush(table, CHUNK)
    }

    /// Refuses a row: what is wrong, where, and what would be right.
    pub fn reject(
        &mut self,
        row_number: u64,
        record_type: &str,
        column: Option<&str>,
        value: Option<&str>,
        reason: &str,
        content: Option<Value>,
    ) {
        self.totals.rejected += 1;
        trace::rejected(row_number, record_type, column, value, reason);
        let row = &mut self.content;
        row.clear();
        row.value(row_number as i64);
        row.text(record_type);
        row.optional_text(column);
        row.optional_text(value.map(printable).as_deref());
        row.text(&redact(reason).0);
        row.json(content.as_ref());
        Row::append(
            self.buffers.entry(StageTable::Rejects).or_default(),
            &Row::default(),
            &self.content,
        );
        // A closed channel is met again, and answered, at the next record.
        let _ = self.flush(StageTable::Rejects, CHUNK);
    }

    /// Notes a doubtful value that is loaded all the same.
    pub fn warn(
        &mut self,
        code: &'static str,
        column: Option<&str>,
        value: Option<&str>,
        message: &str,
        row: u64,
    ) {
        // Answers in columns of days and statuses may name who gave them.
        let may_name_person = ["unread_date", "unread_status", "relative_date"].contains(&code);
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

    /// Notes what became of a column. One that holds data and is not read is a warning.
    pub fn column(&mut self, column: Column) {
        if column.is_lost() {
            let code =
                if column.read_instead.is_some() { "duplicate_heading" } else { "unread_column" };
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

    /// Counts contact details that were dropped with the whole value they stood in.
    pub fn dropped(&mut self) {
        self.totals.redacted += 1;
    }

    /// Counts a label that no list knows.
    pub fn unmapped(&mut self) {
        self.totals.unmapped += 1;
    }

    /// Free text without contact details, which are counted.
    pub fn redacted(&mut self, text: &str) -> String {
        let (clean, count) = redact(text);
        self.totals.redacted += u64::from(count);
        clean.into_owned()
    }

    /// As [`Sink::redacted`], for a short answer, without the names of persons.
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

    /// Sends what is left and tells the counts.
    pub(super) fn finish(mut self) -> Result<SinkTotals, SourceError> {
        let tables: Vec<StageTable> = self.buffers.keys().copied().collect();
        for table in tables {
            self.flush(table, 1)?;
        }
        self.totals.warnings = std::mem::take(&mut self.warnings).into_values().collect();
        Ok(std::mem::take(&mut self.totals))
    }
}

/// Postgres cannot store null bytes in text: they are dropped.
fn printable(value: &str) -> String {
    redact(value).0.chars().filter(|letter| *letter != '\0').take(LONGEST_SHOWN).collect()
}

/// A row's fields, redacted, to be mended and loaded again.
pub fn redacted_content(fields: &Map<String, Value>) -> Value {
    let clean = |value: &Value| match value {
        Value::String(text) => Value::String(redact(text).0.into_owned()),
        other => other.clone(),
    };
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), clean(value))).collect())
}

impl From<RecordTable> for StageTable {
    fn from(table: RecordTable) -> Self {
        Self::Records(table)
    }
}
