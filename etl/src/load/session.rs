//! A connection that loads one file after the other and reuses its temporary tables.
//!
//! Creating and dropping a temporary table takes Postgres longer than filling it with one document.
//! A session therefore creates a table when a file first needs it, and clears it for the next file.
//! After much data it drops the tables. They end with the connection.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::statement::{Fill, Statement};
use crate::sql::sql;
use hotwash_schema::copy::{Connection, Error, OpenTransaction, RunStatement};

/// Number of staged bytes after which the tables are dropped. Deleted rows leave dead tuples, and
/// statistics of many rows mislead the plan for few.
const REBUILD_BYTES: usize = 1 << 20;

/// A connection and its temporary tables.
pub struct Session {
    /// The connection.
    pub connection: Connection,
    temp_tables: TempTables,
}

impl Session {
    /// Returns a session without temporary tables.
    pub fn new(connection: Connection) -> Self {
        Self { connection, temp_tables: TempTables::default() }
    }

    /// Begins a file with a transaction and empty tables.
    ///
    /// # Errors
    /// Returns an error if the connection is lost.
    pub async fn begin(&mut self) -> Result<(OpenTransaction<'_>, &TempTables), Error> {
        let clearing = self.temp_tables.tables().clearing().text()?;
        if !clearing.is_empty() {
            self.connection.run_batch(&clearing).await?;
        }
        // Only after success: tables that could not be cleared are cleared before the next file.
        self.temp_tables.tables().mark_cleared();
        Ok((self.connection.begin().await?, &self.temp_tables))
    }
}

/// The temporary tables of a session.
#[derive(Default)]
pub struct TempTables(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    /// Tables created by committed files.
    existing: BTreeSet<String>,
    /// Tables created or filled by the current file.
    used: BTreeSet<String>,
    /// The current file is committed; until then, nothing of it persists.
    is_committed: bool,
    /// Bytes staged since the tables were created.
    bytes: usize,
}

impl Tables {
    /// Returns the tables that the last file created or filled. A failed file left none.
    fn to_clear(&self) -> impl Iterator<Item = &String> {
        self.used.iter().filter(|_| self.is_committed)
    }

    /// Returns the statements that clear or drop the tables before the next file.
    fn clearing(&self) -> Statement<'_> {
        if self.bytes < REBUILD_BYTES {
            let clear = Statement::of(sql!("temporary/clear.sql"));
            let cleared = self.to_clear().map(|table| clear.clone().part_name("temporary", table));
            return Statement::joined(cleared, "; ");
        }
        let dropped: BTreeSet<&String> = self.existing.iter().chain(self.to_clear()).collect();
        if dropped.is_empty() {
            return Statement::default();
        }
        let tables = Statement::joined(dropped.into_iter().map(Statement::name), ", ");
        Statement::of(sql!("temporary/drop.sql")).part("tables", tables)
    }

    /// Records that the clearing statements succeeded.
    fn mark_cleared(&mut self) {
        if self.bytes < REBUILD_BYTES {
            let to_clear: Vec<String> = self.to_clear().cloned().collect();
            self.existing.extend(to_clear);
        } else {
            self.existing.clear();
            self.bytes = 0;
        }
        self.used.clear();
        self.is_committed = false;
    }
}

impl TempTables {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a table is used, and returns whether it already exists.
    fn use_table(&self, table: &str) -> bool {
        let mut tables = self.tables();
        let is_new = tables.used.insert(table.to_owned());
        !is_new || tables.existing.contains(table)
    }

    /// Creates an empty table with this statement, unless it exists.
    pub async fn create(
        &self,
        transaction: &OpenTransaction<'_>,
        table: &str,
        statement: Statement<'_>,
    ) -> Result<(), Error> {
        if self.use_table(table) {
            return Ok(());
        }
        transaction.execute(statement).await.map(|_| ())
    }

    /// Fills a table with the result of a query, and returns the number of rows. A table must
    /// always be filled with the same columns.
    pub async fn fill(
        &self,
        transaction: &OpenTransaction<'_>,
        table: &str,
        query: Statement<'_>,
    ) -> Result<u64, Error> {
        let exists = self.use_table(table);
        transaction.execute(Fill { table, exists, query }).await
    }

    /// Adds to the number of staged bytes.
    pub fn add_bytes(&self, bytes: usize) {
        self.tables().bytes += bytes;
    }

    /// Records an index or statistics, which fit the current file only.
    pub fn mark_analyzed(&self) {
        self.add_bytes(REBUILD_BYTES);
    }

    /// Records that the file is committed, together with the tables it created.
    pub fn mark_committed(&self) {
        self.tables().is_committed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::{REBUILD_BYTES, TempTables};

    fn clearing(temp_tables: &TempTables) -> String {
        temp_tables.tables().clearing().text().unwrap()
    }

    /// Runs the clearing that precedes the next file, and returns its statements.
    fn mark_cleared(temp_tables: &TempTables) -> String {
        let clearing = clearing(temp_tables);
        temp_tables.tables().mark_cleared();
        clearing
    }

    #[test]
    fn tables_of_a_committed_file_are_emptied_and_those_of_a_failed_one_forgotten() {
        let temp_tables = TempTables::default();
        assert!(!temp_tables.use_table("stage"), "a first file makes it");
        temp_tables.mark_committed();
        assert_eq!(clearing(&temp_tables), r#"delete from "stage""#);
        assert_eq!(
            mark_cleared(&temp_tables),
            r#"delete from "stage""#,
            "what was not carried out is told again"
        );
        assert!(temp_tables.use_table("stage"));
        assert!(!temp_tables.use_table("merging"));
        assert_eq!(mark_cleared(&temp_tables), "", "what a failed file wrote is gone with it");
        assert!(temp_tables.use_table("stage"));
        assert!(!temp_tables.use_table("merging"), "and so is the table it made");
        temp_tables.mark_committed();
        temp_tables.add_bytes(REBUILD_BYTES);
        assert_eq!(mark_cleared(&temp_tables), r#"drop table "merging", "stage""#);
        assert!(!temp_tables.use_table("stage"), "after much they are made anew");
    }
}
