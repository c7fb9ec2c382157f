//! What a reader finds in a file, cell by cell, while somebody inspects it. Costs nothing else:
//! each call asks one flag first.
//!
//! A source reads a file in one thread, and so does who inspects it; the trace belongs to that
//! thread.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::record::{Event, EventRef, Organization, OrganizationRef, RecordTable};

/// Unit of a value that was read as an organization.
pub const ORGANIZATION: &str = "organization";
/// Values of a column that are shown.
const VALUES: usize = 3;
/// Most values whose reading is remembered.
const MOST_READINGS: usize = 100_000;
/// Most rejects that are remembered.
const MOST_REJECTS: usize = 200;
/// Most events and organizations that are looked up.
const MOST_NAMED: usize = 2_000;

/// A cell as the file has it.
#[derive(Clone, Debug)]
pub struct RawValue {
    /// Row in the file.
    pub row: u64,
    /// The text, not yet redacted.
    pub text: String,
}

/// A cell as it was read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The unit or kind of value.
    pub unit: &'static str,
    /// The value.
    pub value: String,
}

/// A rejected row.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Its sheet; empty for a file without sheets.
    pub sheet: String,
    /// Row in the file.
    pub row: u64,
    /// Record type.
    pub record_type: String,
    /// Column.
    pub column: Option<String>,
    /// Value, redacted.
    pub value: Option<String>,
    /// Reason, redacted.
    pub reason: String,
}

/// An event or organization that a file holds or names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// A record of its own, by its id, name and day.
    Own(String, String, Option<NaiveDate>),
    /// A reference by id.
    Id(String),
    /// A reference by name, and day.
    Name(String, Option<NaiveDate>),
}

/// All that was found.
#[derive(Debug, Default)]
pub struct Trace {
    /// Sheet and column → first values.
    pub cells: HashMap<(String, usize), Vec<RawValue>>,
    /// Sheet, row and field → what was read.
    pub readings: HashMap<(String, u64, String), Reading>,
    /// Sheet whose rows are being read.
    sheet: String,
    /// First rejects.
    pub rejects: Vec<Rejected>,
    /// Records by table.
    pub records: BTreeMap<RecordTable, u64>,
    /// Events, with the number of records that name each.
    pub events: BTreeMap<Named, u64>,
    /// Organizations likewise.
    pub organizations: BTreeMap<Named, u64>,
}

thread_local! {
    static IS_ON: Cell<bool> = const { Cell::new(false) };
    static TRACE: RefCell<Trace> = RefCell::default();
}

/// Runs a reading and returns what it found besides its result.
pub fn traced<T>(read: impl FnOnce() -> T) -> (T, Trace) {
    TRACE.with(|trace| drop(trace.take()));
    IS_ON.set(true);
    let result = read();
    IS_ON.set(false);
    (result, TRACE.take())
}

/// Whether somebody inspects what this thread reads.
pub fn is_on() -> bool {
    IS_ON.get()
}

fn note(add: impl FnOnce(&mut Trace)) {
    if is_on() {
        TRACE.with_borrow_mut(add);
    }
}

/// Notes the sheet to which the rows that follow belong.
pub fn sheet(name: &str) {
    note(|trace| name.clone_into(&mut trace.sheet));
}

/// Notes a filled cell of a table.
pub fn cell(sheet: &str, place: usize, row: u64, text: &str) {
    note(|trace| {
        let values = trace.cells.entry((sheet.to_owned(), place)).or_default();
        if values.len() < VALUES && !values.iter().any(|known| known.text == text) {
            values.push(RawValue { row, text: text.to_owned() });
        }
    });
}

/// Notes as what a field of a row was read.
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

/// Notes a rejected row.
pub fn rejected(
    row: u64,
    record_type: &str,
    column: Option<&str>,
    value: Option<&str>,
    reason: &str,
) {
    note(|trace| {
        if trace.rejects.len() < MOST_REJECTS {
            let (column, value) = (column.map(str::to_owned), value.map(str::to_owned));
            trace.rejects.push(Rejected {
                sheet: trace.sheet.clone(),
                row,
                record_type: record_type.to_owned(),
                column,
                value,
                reason: reason.to_owned(),
            });
        }
    });
}

/// Notes a record.
pub fn record(table: RecordTable) {
    note(|trace| *trace.records.entry(table).or_default() += 1);
}

fn name(into: &mut BTreeMap<Named, u64>, named: Named) {
    if into.len() < MOST_NAMED || into.contains_key(&named) {
        *into.entry(named).or_default() += 1;
    }
}

/// Notes an event of the file's own.
pub fn event(event: &Event) {
    note(|trace| {
        let own = Named::Own(event.source_id.clone(), event.name.clone(), Some(event.local_date));
        name(&mut trace.events, own);
    });
}

/// Notes an event that a record names.
pub fn event_ref(event: &EventRef) {
    note(|trace| {
        let named = match event {
            EventRef::SourceId(id) => Named::Id(id.clone()),
            EventRef::Named { name, on } => Named::Name(name.clone(), *on),
        };
        name(&mut trace.events, named);
    });
}

/// Notes an organization of the file's own.
pub fn organization(organization: &Organization) {
    note(|trace| {
        name(
            &mut trace.organizations,
            Named::Own(organization.source_id.clone(), organization.name.clone(), None),
        );
    });
}

/// Notes an organization that a record names.
pub fn organization_ref(organization: &OrganizationRef) {
    note(|trace| {
        let named = match organization {
            OrganizationRef::SourceId(id) => Named::Id(id.clone()),
            OrganizationRef::Named { name, .. } => Named::Name(name.clone(), None),
        };
        name(&mut trace.organizations, named);
    });
}
