//! Records each cell that a reader reads during an inspection. Without an inspection, each call
//! only checks a flag.
//!
//! An inspection reads the file in its own thread, and the trace belongs to that thread.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use hotwash_schema::record::RecordType;

use crate::code::{RejectCode, RejectedCell};

/// Unit of a value that was read as an organization.
pub const ORGANIZATION: &str = "organization";
/// Number of a column's values that are shown.
const VALUES: usize = 3;
/// Maximum number of readings that are stored.
const MOST_READINGS: usize = 100_000;
/// Maximum number of rejects that are stored.
const MOST_REJECTS: usize = 200;
/// Maximum number of events and organizations that are matched.
const MOST_NAMED: usize = 2_000;

/// Original cell.
#[derive(Clone, Debug)]
pub struct RawValue {
    /// Row in the file.
    pub row: u64,
    /// Text, not redacted yet.
    pub text: String,
}

/// Cell as it was read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Unit or kind of value.
    pub unit: &'static str,
    /// Value.
    pub value: String,
}

/// Rejected row.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Sheet; empty for a file without sheets.
    pub sheet: String,
    /// Row in the file.
    pub row: u64,
    /// Record type.
    pub record_type: String,
    /// Code of the reason.
    pub code: RejectCode,
    /// Column.
    pub column: Option<String>,
    /// Value, redacted.
    pub value: Option<String>,
    /// Reason, redacted.
    pub reason: String,
}

/// Event or organization that a file contains or names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// Own record, with id, name and date.
    Own(String, String, Option<NaiveDate>),
    /// Reference by id.
    Id(String),
    /// Reference by name and date.
    Name(String, Option<NaiveDate>),
}

/// Everything recorded while reading a file.
#[derive(Debug, Default)]
pub struct Trace {
    /// First values by sheet and column.
    pub cells: HashMap<(String, usize), Vec<RawValue>>,
    /// Readings by sheet, row and field.
    pub readings: HashMap<(String, u64, String), Reading>,
    /// Sheet whose rows are being read.
    sheet: String,
    /// First rejects.
    pub rejects: Vec<Rejected>,
    /// Number of records by table.
    pub records: BTreeMap<&'static RecordType, u64>,
    /// Events with the number of records that name each.
    pub events: BTreeMap<Named, u64>,
    /// Organizations with the number of records that name each.
    pub organizations: BTreeMap<Named, u64>,
}

thread_local! {
    static IS_ON: Cell<bool> = const { Cell::new(false) };
    static TRACE: RefCell<Trace> = RefCell::default();
}

/// Runs a reader and returns its trace together with its result.
pub fn traced<T>(read: impl FnOnce() -> T) -> (T, Trace) {
    TRACE.with(|trace| drop(trace.take()));
    IS_ON.set(true);
    let result = read();
    IS_ON.set(false);
    (result, TRACE.take())
}

/// Returns whether this thread's reading is traced.
pub fn is_on() -> bool {
    IS_ON.get()
}

fn note(add: impl FnOnce(&mut Trace)) {
    if is_on() {
        TRACE.with_borrow_mut(add);
    }
}

/// Records the sheet of the rows that follow.
pub fn sheet(name: &str) {
    note(|trace| name.clone_into(&mut trace.sheet));
}

/// Records a non-empty cell of a table.
pub fn cell(sheet: &str, index: usize, row: u64, text: &str) {
    note(|trace| {
        let values = trace.cells.entry((sheet.to_owned(), index)).or_default();
        if values.len() < VALUES && !values.iter().any(|known| known.text == text) {
            values.push(RawValue { row, text: text.to_owned() });
        }
    });
}

/// Records the value read for a field of a row.
pub fn reading(row: u64, field: &str, unit: &'static str, value: impl FnOnce() -> String) {
    note(|trace| {
        if trace.readings.len() < MOST_READINGS {
            trace.readings.insert(
                (trace.sheet.clone(), row, field.to_owned()),
                Reading { unit, value: value() },
            );
        }
    });
}

/// Records a rejected row.
pub fn rejected(code: RejectCode, row: u64, record_type: &str, cell: RejectedCell<'_>) {
    note(|trace| {
        if trace.rejects.len() < MOST_REJECTS {
            let (column, value) = (cell.column.map(str::to_owned), cell.value.map(str::to_owned));
            trace.rejects.push(Rejected {
                sheet: trace.sheet.clone(),
                row,
                record_type: record_type.to_owned(),
                code,
                column,
                value,
                reason: cell.reason.to_owned(),
            });
        }
    });
}

/// Records one record.
pub fn record(record: &'static RecordType) {
    note(|trace| *trace.records.entry(record).or_default() += 1);
}

fn name(into: &mut BTreeMap<Named, u64>, named: Named) {
    if into.len() < MOST_NAMED || into.contains_key(&named) {
        *into.entry(named).or_default() += 1;
    }
}

/// Records an event that the file contains or that a record names.
pub fn event(named: impl FnOnce() -> Named) {
    note(|trace| name(&mut trace.events, named()));
}

/// Records an organization that the file contains or that a record names.
pub fn organization(named: impl FnOnce() -> Named) {
    note(|trace| name(&mut trace.organizations, named()));
}
