//! A connection that loads files one after the other, with the temporary tables they are merged
//! through.
//!
//! Postgres takes longer to make a temporary table and to drop it than to fill it with what a
//! document holds. So a session makes one when a file first needs it and keeps it for the next: the
//! rows go before that begins, and the table too once much has gone through it. They end with the
//! connection.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_postgres::{Client, Error, Transaction};

/// Bytes staged after which tables are made anew: deleted rows leave something behind, and
/// statistics of many rows mislead a plan for few.
const REBUILD_BYTES: usize = 1 << 20;

/// A connection and its temporary tables.
pub struct Session {
    /// The connection.
    pub client: Client,
    temp_tables: TempTables,
}

impl Session {
    /// A session without tables.
    pub fn new(client: Client) -> Self {
        Self { client, temp_tables: TempTables::default() }
    }

    /// Begins a file: a transaction, and tables without rows.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn begin(&mut self) -> Result<(Transaction<'_>, &TempTables), Error> {
        let clearing_sql = self.temp_tables.tables().clearing_sql();
        if !clearing_sql.is_empty() {
            self.client.batch_execute(&clearing_sql).await?;
        }
        // Not before: what could not be emptied is tried again for the next file.
        self.temp_tables.tables().mark_cleared();
        Ok((self.client.transaction().await?, &self.temp_tables))
    }
}

/// The temporary tables of a session.
#[derive(Default)]
pub struct TempTables(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    /// Made by files that are committed.
    existing: BTreeSet<String>,
    /// Made or filled by the present file.
    used: BTreeSet<String>,
    /// The present file is committed; until then, nothing of it stays.
    is_committed: bool,
    /// Staged since the tables were made.
    bytes: usize,
}

impl Tables {
    /// Tables that hold rows, or were made, since they were last emptied; a file that failed left
    /// neither.
    fn to_clear(&self) -> impl Iterator<Item = &String> {
        self.used.iter().filter(|_| self.is_committed)
    }

    /// Statements that empty the tables or drop them, for the next file.
    fn clearing_sql(&self) -> String {
        if self.bytes < REBUILD_BYTES {
            return self
                .to_clear()
                .map(|table| format!("delete from {table}"))
                .collect::<Vec<_>>()
                .join("; ");
        }
        let dropped: BTreeSet<&str> =
            self.existing.iter().chain(self.to_clear()).map(String::as_str).collect();
        if dropped.is_empty() {
            return String::new();
        }
        format!("drop table {}", dropped.into_iter().collect::<Vec<_>>().join(", "))
    }

    /// Notes that those statements were carried out.
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

    /// Notes that a table is used; whether it is there already.
    fn use_table(&self, table: &str) -> bool {
        let mut tables = self.tables();
        let is_new = tables.used.insert(table.to_owned());
        !is_new || tables.existing.contains(table)
    }

    /// A table of these columns, without rows.
    pub async fn create(
        &self,
        transaction: &Transaction<'_>,
        table: &str,
        columns: &str,
    ) -> Result<(), Error> {
        if self.use_table(table) {
            return Ok(());
        }
        transaction.batch_execute(&format!("create temp table {table} ({columns})")).await
    }

    /// A table of what a query gives; the same table always of the same columns.
    pub async fn fill(
        &self,
        transaction: &Transaction<'_>,
        table: &str,
        query: &str,
    ) -> Result<(), Error> {
        let sql = if self.use_table(table) {
            format!("insert into {table} {query}")
        } else {
            format!("create temp table {table} as {query}")
        };
        transaction.execute_typed(&sql, &[]).await.map(|_| ())
    }

    /// Notes bytes staged.
    pub fn add_bytes(&self, bytes: usize) {
        self.tables().bytes += bytes;
    }

    /// Notes an index or statistics, which are of use to this file alone.
    pub fn mark_analyzed(&self) {
        self.add_bytes(REBUILD_BYTES);
    }

    /// Notes that the file is committed, and with it the tables it made.
    pub fn mark_committed(&self) {
        self.tables().is_committed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::{REBUILD_BYTES, TempTables};

    /// What is carried out before the next file.
    fn mark_cleared(temp_tables: &TempTables) -> String {
        let clearing_sql = temp_tables.tables().clearing_sql();
        temp_tables.tables().mark_cleared();
        clearing_sql
    }

    #[test]
    fn tables_of_a_committed_file_are_emptied_and_those_of_a_failed_one_forgotten() {
        let temp_tables = TempTables::default();
        assert!(!temp_tables.use_table("stage"), "a first file makes it");
        temp_tables.mark_committed();
        assert_eq!(temp_tables.tables().clearing_sql(), "delete from stage");
        assert_eq!(
            mark_cleared(&temp_tables),
            "delete from stage",
            "what was not carried out is told again"
        );
        assert!(temp_tables.use_table("stage"));
        assert!(!temp_tables.use_table("merging"));
        assert_eq!(mark_cleared(&temp_tables), "", "what a failed file wrote is gone with it");
        assert!(temp_tables.use_table("stage"));
        assert!(!temp_tables.use_table("merging"), "and so is the table it made");
        temp_tables.mark_committed();
        temp_tables.add_bytes(REBUILD_BYTES);
        assert_eq!(mark_cleared(&temp_tables), "drop table merging, stage");
        assert!(!temp_tables.use_table("stage"), "after much they are made anew");
    }
}
