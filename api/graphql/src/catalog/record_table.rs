//! Tables of the described record types: their own, and further tables with parts of a record.

use hotwash_schema::record::{ColumnDef, RECORD_TYPES, RecordType, StoredColumn, Visibility};

use super::words::leaked;

/// Table with columns of a record.
#[derive(Clone, Copy)]
pub struct RecordTable {
    /// Record type.
    pub record: &'static RecordType,
    /// Table, if it is not the record's own.
    pub part: Option<&'static str>,
}

/// Returns the tables of the record types with lists, in the order of the schema.
pub fn record_tables() -> impl Iterator<Item = RecordTable> {
    let listed = RECORD_TYPES.iter().copied().filter(|record| record.order.is_some());
    listed.flat_map(|record| {
        let parts = RecordTable::parts(record).into_iter().map(Some);
        std::iter::once(None).chain(parts).map(move |part| RecordTable { record, part })
    })
}

impl RecordTable {
    /// Returns the further tables with columns of a record.
    pub fn parts(record: &RecordType) -> Vec<&'static str> {
        let mut parts = Vec::new();
        for part in record.columns.iter().filter_map(|column| column.stored?.table) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts
    }

    /// Returns the name of the table in the schema `warehouse`.
    pub fn name(self) -> &'static str {
        self.part.unwrap_or(self.record.name)
    }

    /// Returns the plural of the name.
    pub fn plural(self) -> &'static str {
        self.part.map_or(self.record.plural, |part| leaked([part, "s"].concat()))
    }

    /// Returns the columns that the API shows.
    pub fn columns(self) -> impl Iterator<Item = (&'static ColumnDef, StoredColumn)> {
        let shown = self.record.columns.iter().filter(|column| !column.api.is_internal);
        let stored = shown.filter_map(|column| Some((column, column.stored?)));
        stored.filter(move |(_, stored)| stored.table == self.part)
    }

    /// Returns whether each row belongs to an event, which it references by `event_id`.
    pub fn is_of_event(self) -> bool {
        self.part.is_some() || self.record.visibility == Visibility::OfEvent
    }

    /// Returns the name of the relation by a column, in snake case.
    pub fn relation_name(column: &ColumnDef, stored: &'static str) -> &'static str {
        column.api.name.unwrap_or(stored.strip_suffix("_id").unwrap_or(stored))
    }
}
