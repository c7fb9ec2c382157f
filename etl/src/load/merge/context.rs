//! What the merge of one file works on: its transaction, its staging tables, and its counts.

use diesel::deserialize::FromSqlRow;
use diesel::pg::Pg;
use diesel::sql_types::Bool;
use hotwash_schema::copy::{Error, OpenTransaction, RunStatement};
use hotwash_schema::record::RecordType;

use crate::load::report::Warning;
use crate::load::session::TempTables;
use crate::load::stage::{StageTable, Stages};
use crate::load::statement::{Statement, qualified};
use crate::sql::{SqlFile, sql};

/// Number of rows from which statistics, indexes and set-based reference checks save time.
pub const MANY: u64 = 1_000;

/// Number of days by which a document's date may differ from the event's.
pub const NEAR: i32 = 3;

/// Numbers of merged rows.
#[derive(Debug, Default)]
pub struct Counts {
    /// New rows.
    pub inserted: u64,
    /// Changed rows.
    pub updated: u64,
    /// Rows stored by an earlier load with the same content.
    pub unchanged: u64,
    /// Rows rejected for a missing reference or as duplicates.
    pub rejected: u64,
    /// At least one row was rejected as a duplicate of another.
    pub has_duplicates: bool,
    /// Remarks about rows that were stored.
    pub warnings: Vec<Warning>,
}

/// State of the merge of one file.
pub struct MergeContext<'a> {
    /// The open transaction.
    pub transaction: &'a OpenTransaction<'a>,
    /// Temporary tables of the connection.
    pub temp_tables: &'a TempTables,
    /// Staging tables of the file.
    pub stages: &'a Stages,
    /// Id of the source.
    pub source: &'a str,
    /// Id of the load.
    pub batch: i32,
    /// Id of the file.
    pub file: i32,
    /// Ids of events of this source that are not the same as the events they were matched to.
    pub not_same_as: &'a [String],
    /// A file contains everything that its source reports about its events
    /// ([`Source::is_complete`](crate::source::Source::is_complete)).
    pub complete_documents: bool,
}

impl MergeContext<'_> {
    /// Returns whether the file has records of a type.
    pub fn has(&self, record: &'static RecordType) -> bool {
        self.stages.has(StageTable::Records(record))
    }

    /// Returns the statement of a file with the values of this merge: `source`, `batch`, `file` and
    /// `near`.
    pub fn statement(&self, file: SqlFile) -> Statement<'_> {
        Statement::of(file)
            .value("source", self.source)
            .value("batch", self.batch)
            .value("file", self.file)
            .value("near", NEAR)
    }

    /// Returns the statement of a file with the tables and columns of a record type.
    pub fn statement_of(&self, file: SqlFile, record: &'static RecordType) -> Statement<'_> {
        self.statement(file).of_record(record)
    }

    /// Runs the statement of a file, or fills the temporary table of its query. A temporary table
    /// is created unless it exists. Returns the number of rows.
    pub async fn step(&self, file: SqlFile) -> Result<u64, Error> {
        let statement = self.statement(file);
        if let Some(table) = file.fills() {
            self.fill(table, statement).await
        } else if let Some(table) = file.creates() {
            self.temp_tables.create(self.transaction, table, statement).await.map(|()| 0)
        } else {
            self.run(statement).await
        }
    }

    /// Runs several statements, each sent before the one before it has ended.
    pub async fn steps(&self, files: &[SqlFile]) -> Result<(), Error> {
        let running = files.iter().map(|file| self.step(*file));
        futures::future::try_join_all(running).await.map(|_| ())
    }

    /// Returns the numbers that the statement of a file counts.
    pub async fn counts<const N: usize>(&self, file: SqlFile) -> Result<[u64; N], Error> {
        self.transaction.counts(self.statement(file)).await
    }

    /// Returns the number that a statement counts.
    pub async fn number(&self, statement: Statement<'_>) -> Result<u64, Error> {
        self.transaction.counts(statement).await.map(|[count]| count)
    }

    /// Returns the rows of the statement of a file.
    pub async fn rows<ST, T: FromSqlRow<ST, Pg> + Send>(
        &self,
        file: SqlFile,
    ) -> Result<Vec<T>, Error> {
        self.transaction.rows::<ST, T>(self.statement(file)).await
    }

    /// Runs a statement, and returns the number of its rows.
    pub async fn run(&self, statement: Statement<'_>) -> Result<u64, Error> {
        self.transaction.execute(statement).await
    }

    /// Fills a temporary table with the result of a query, and returns the number of rows.
    pub async fn fill(&self, table: &str, query: Statement<'_>) -> Result<u64, Error> {
        self.temp_tables.fill(self.transaction, table, query).await
    }

    /// Changes the rows that a query finds, if there are any, and returns the number of rows. A
    /// statement without rows would still raise the table's version.
    pub async fn change(&self, found: Statement<'_>, change: Statement<'_>) -> Result<u64, Error> {
        let found = found.subquery();
        let is_found = self.statement(sql!("merge/is_found.sql")).part("found", found.clone());
        if self.transaction.rows::<Bool, bool>(is_found).await? == [true] {
            self.run(change.part("found", found)).await
        } else {
            Ok(0)
        }
    }

    /// Adds an index and statistics for the key of a temporary table, if the table has enough rows.
    pub async fn prepare_keys(&self, table: &str, key: &str, rows: u64) -> Result<(), Error> {
        if rows >= MANY {
            self.temp_tables.mark_analyzed();
            for file in [sql!("temporary/index.sql"), sql!("temporary/analyze_key.sql")] {
                let statement = self.statement(file);
                self.run(statement.part_name("temporary", table).part_name("key", key)).await?;
            }
        }
        Ok(())
    }

    /// Runs inserts of `rows` rows, each with its table. Many rows are inserted without foreign key
    /// checks, which would take longer than everything else. Instead, `unknown` counts the missing
    /// references, each looked up once; without it, the rows refer only to rows resolved or added in
    /// this transaction. Only a superuser may do this, as on the private cluster; others insert as
    /// usual.
    pub async fn run_inserts(
        &self,
        rows: u64,
        unknown: Option<Statement<'_>>,
        inserts: Vec<(&str, Statement<'_>)>,
    ) -> Result<(), Error> {
        let mut proven = rows >= MANY
            && self.rows::<Bool, bool>(sql!("merge/is_superuser.sql")).await? == [true];
        if proven && let Some(unknown) = unknown {
            proven = self.number(unknown).await? == 0;
        }
        if !proven {
            for (_, insert) in inserts {
                self.run(insert).await?;
            }
            return Ok(());
        }
        for (table, _) in &inserts {
            let begin = self.statement(sql!("merge/begin_writing.sql"));
            self.run(begin.value("table", qualified(table))).await?;
        }
        self.step(sql!("merge/skip_triggers.sql")).await?;
        let mut written = Vec::new();
        for (table, insert) in inserts {
            if self.run(insert).await? > 0 {
                written.push(table);
            }
        }
        self.step(sql!("merge/fire_triggers.sql")).await?;
        // The trigger that raises a table's version was disabled as well.
        for table in written {
            let end = self.statement(sql!("merge/end_writing.sql"));
            self.run(end.part_name("table", table)).await?;
        }
        Ok(())
    }
}
