//! Staging tables: temporary tables filled by binary COPY and cleared before the next file.

use std::collections::BTreeMap;

use hotwash_schema::record::RecordType;

use super::session::TempTables;
use super::statement::Statement;
use crate::copy::{HEADER, TRAILER};
use crate::sql::sql;
use hotwash_schema::copy::{CopyFormat, CopySink, Error, OpenTransaction, RunStatement};

/// Column with the redacted source row. A reject shows it, and it identifies the row in a later
/// edition of the file.
const CONTENT: (&str, &str) = ("row_content", "text");

/// Columns with which every record begins, with their types.
const KEY: [(&str, &str); 5] = [
    ("weight", "int"),
    ("source_row", "bigint"),
    ("source_id", "text"),
    ("source_version", "text"),
    ("content_hash", "bytea"),
];

/// A staging table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageTable {
    /// Records of one type.
    Records(&'static RecordType),
    /// Rejected rows.
    Rejects,
}

impl StageTable {
    /// Returns the table's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Records(record) => record.staging,
            Self::Rejects => "stage_reject",
        }
    }

    /// Returns the statement that creates the table.
    fn creation(self) -> Statement<'static> {
        let Self::Records(record) = self else {
            return Statement::of(sql!("temporary/stage_reject.sql"));
        };
        let columns = record.staged_columns().map(|column| (column.name, column.data_type.sql()));
        let columns = KEY.into_iter().chain([CONTENT]).chain(columns);
        let declared = columns.map(|(name, kind)| Statement::name(name).and(" ").and(kind));
        Statement::of(sql!("temporary/stage.sql"))
            .of_record(record)
            .part("columns", Statement::joined(declared, ", "))
    }
}

/// Returns the names of a record's staged columns, without the source row.
pub fn column_names(record: &RecordType) -> impl Iterator<Item = &'static str> {
    let key = KEY.iter().map(|(name, _)| *name);
    key.chain(record.staged_columns().map(|column| column.name))
}

/// Number of bytes from which a staged table gets statistics; below, every plan is equally good.
const WORTH_STATISTICS: usize = 256 << 10;

/// The staging tables of a file.
#[derive(Default)]
pub struct Stages {
    /// Bytes staged in each table.
    staged: BTreeMap<StageTable, usize>,
    current: Option<(StageTable, CopySink)>,
}

impl Stages {
    /// Returns whether the table has rows.
    pub fn has(&self, table: StageTable) -> bool {
        self.staged.contains_key(&table)
    }

    /// Returns the types of the staged records.
    pub fn record_types(&self) -> impl Iterator<Item = &'static RecordType> {
        self.staged.keys().filter_map(|table| match table {
            StageTable::Records(record) => Some(*record),
            StageTable::Rejects => None,
        })
    }

    /// Appends tuples to a table, and creates the table if it is new.
    pub async fn copy(
        &mut self,
        transaction: &OpenTransaction<'_>,
        temp_tables: &TempTables,
        table: StageTable,
        chunk: Vec<u8>,
    ) -> Result<(), Error> {
        let is_new = !self.has(table);
        *self.staged.entry(table).or_default() += chunk.len();
        temp_tables.add_bytes(chunk.len());
        if self.current.as_ref().is_none_or(|(current, _)| *current != table) {
            self.end_copy().await?;
            if is_new {
                temp_tables.create(transaction, table.name(), table.creation()).await?;
            }
            let mut sink = transaction.copy_into(table.name(), CopyFormat::Binary).await?;
            sink.send(HEADER).await?;
            self.current = Some((table, sink));
        }
        match &mut self.current {
            Some((_, sink)) => sink.send(chunk).await,
            None => Ok(()),
        }
    }

    async fn end_copy(&mut self) -> Result<(), Error> {
        match self.current.take() {
            Some((_, mut sink)) => {
                sink.send(TRAILER.to_vec()).await?;
                sink.finish().await
            }
            None => Ok(()),
        }
    }

    /// Ends the COPY and gathers statistics for the merge.
    pub async fn finish(
        &mut self,
        transaction: &OpenTransaction<'_>,
        temp_tables: &TempTables,
    ) -> Result<(), Error> {
        self.end_copy().await?;
        for (table, _) in self.staged.iter().filter(|(_, bytes)| **bytes >= WORTH_STATISTICS) {
            temp_tables.mark_analyzed();
            let analyze = Statement::of(sql!("temporary/analyze.sql"));
            transaction.execute(analyze.part_name("temporary", table.name())).await?;
        }
        Ok(())
    }
}
