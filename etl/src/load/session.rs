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
const MUCH: usize = 1 << 20;

/// A connection and its temporary tables.
pub struct Session {
    /// The connection.
    pub client: Client,
    scratch: Scratch,
}

impl Session {
    /// A session without tables.
    pub fn new(client: Client) -> Self {
        Self { client, scratch: Scratch::default() }
    }

    /// Begins a file: a transaction, and tables without rows.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn begin(&mut self) -> Result<(Transaction<'_>, &Scratch), Error> {
        let emptying = self.scratch.tables().emptying();
        if !emptying.is_empty() {
            self.client.batch_execute(&emptying).await?;
        }
        // Not before: what could not be emptied is tried again for the next file.
        self.scratch.tables().emptied();
        Ok((self.client.transaction().await?, &self.scratch))
    }
}

/// The temporary tables of a session.
#[derive(Default)]
pub struct Scratch(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    /// Made by files that are committed.
    made: BTreeSet<String>,
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
    fn left(&self) -> impl Iterator<Item = &String> {
        self.used.iter().filter(|_| self.is_committed)
    }

    /// Statements that empty the tables or drop them, for the next file.
    fn emptying(&self) -> String {
        if self.bytes < MUCH {
            return self
                .left()
                .map(|table| format!("delete from {table}"))
                .collect::<Vec<_>>()
                .join("; ");
        }
        let dropped: BTreeSet<&str> =
            self.made.iter().chain(self.left()).map(String::as_str).collect();
        if dropped.is_empty() {
            return String::new();
        }
        format!("drop table {}", dropped.into_iter().collect::<Vec<_>>().join(", "))
    }

    /// Notes that those statements were carried out.
    fn emptied(&mut self) {
        if self.bytes < MUCH {
            let left: Vec<String> = self.left().cloned().collect();
            self.made.extend(left);
        } else {
            self.made.clear();
            self.bytes = 0;
        }
        self.used.clear();
        self.is_committed = false;
    }
}

impl Scratch {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a table is used; whether it is there already.
    fn has(&self, table: &str) -> bool {
        let mut tables = self.tables();
        let is_new = tables.used.insert(table.to_owned());
        !is_new || tables.made.contains(table)
    }

    /// A table of these columns, without rows.
    pub async fn make(
        &self,
        transaction: &Transaction<'_>,
        table: &str,
        columns: &str,
    ) -> Result<(), Error> {
        if self.has(table) {
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
        let sql = if self.has(table) {
            format!("insert into {table} {query}")
        } else {
            format!("create temp table {table} as {query}")
        };
        transaction.execute_typed(&sql, &[]).await.map(|_| ())
    }

    /// Notes bytes staged.
    pub fn staged(&self, bytes: usize) {
        self.tables().bytes += bytes;
    }

    /// Notes an index or statistics, which are of use to this file alone.
    pub fn prepared(&self) {
        self.staged(MUCH);
    }

    /// Notes that the file is committed, and with it the tables it made.
    pub fn committed(&self) {
        self.tables().is_committed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::{MUCH, Scratch};

    /// What is carried out before the next file.
    fn emptied(scratch: &Scratch) -> String {
        let emptying = scratch.tables().emptying();
        scratch.tables().emptied();
        emptying
    }

    #[test]
    fn tables_of_a_committed_file_are_emptied_and_those_of_a_failed_one_forgotten() {
        let scratch = Scratch::default();
        assert!(!scratch.has("stage"), "a first file makes it");
        scratch.committed();
        assert_eq!(scratch.tables().emptying(), "delete from stage");
        assert_eq!(
            emptied(&scratch),
            "delete from stage",
            "what was not carried out is told again"
        );
        assert!(scratch.has("stage"));
        assert!(!scratch.has("merging"));
        assert_eq!(emptied(&scratch), "", "what a failed file wrote is gone with it");
        assert!(scratch.has("stage"));
        assert!(!scratch.has("merging"), "and so is the table it made");
        scratch.committed();
        scratch.staged(MUCH);
        assert_eq!(emptied(&scratch), "drop table merging, stage");
        assert!(!scratch.has("stage"), "after much they are made anew");
    }
}
