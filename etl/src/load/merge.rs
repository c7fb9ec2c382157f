//! Merges staged records into the warehouse by natural key, within the file's transaction.

mod action;
mod event;
mod fact;
mod municipality;
mod organization;
mod resolve;
mod version;

use diesel::deserialize::FromSqlRow;
use diesel::pg::Pg;
use diesel::sql_types::{Array, BigInt, Bool};
use hotwash_schema::record::{self, Merge, Need, RECORD_TYPES, RecordType};

pub(crate) use resolve::NEAR;

use super::report::Warning;
use super::session::TempTables;
use super::stage::{StageTable, Stages};
use super::statement::{Statement, qualified};
use crate::code::RejectCode;
use crate::sql::{SqlFile, sql};
use hotwash_schema::copy::{Error, OpenTransaction, RunStatement};

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
    has_duplicates: bool,
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
    fn has(&self, record: &'static RecordType) -> bool {
        self.stages.has(StageTable::Records(record))
    }

    /// Returns the statement of a file with the values of this merge: `source`, `batch`, `file` and
    /// `near`.
    fn statement(&self, file: SqlFile) -> Statement<'_> {
        Statement::of(file)
            .value("source", self.source)
            .value("batch", self.batch)
            .value("file", self.file)
            .value("near", NEAR)
    }

    /// Returns the statement of a file with the tables and columns of a record type.
    fn statement_of(&self, file: SqlFile, record: &'static RecordType) -> Statement<'_> {
        self.statement(file).of_record(record)
    }

    /// Runs the statement of a file, or fills the temporary table of its query. A temporary table
    /// is created unless it exists. Returns the number of rows.
    async fn step(&self, file: SqlFile) -> Result<u64, Error> {
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
    async fn steps(&self, files: &[SqlFile]) -> Result<(), Error> {
        let running = files.iter().map(|file| self.step(*file));
        futures::future::try_join_all(running).await.map(|_| ())
    }

    /// Returns the numbers that the statement of a file counts.
    async fn counts<const N: usize>(&self, file: SqlFile) -> Result<[u64; N], Error> {
        self.transaction.counts(self.statement(file)).await
    }

    /// Returns the number that a statement counts.
    async fn number(&self, statement: Statement<'_>) -> Result<u64, Error> {
        self.transaction.counts(statement).await.map(|[count]| count)
    }

    /// Returns the rows of the statement of a file.
    async fn rows<ST, T: FromSqlRow<ST, Pg> + Send>(&self, file: SqlFile) -> Result<Vec<T>, Error> {
        self.transaction.rows::<ST, T>(self.statement(file)).await
    }

    /// Runs a statement, and returns the number of its rows.
    async fn run(&self, statement: Statement<'_>) -> Result<u64, Error> {
        self.transaction.execute(statement).await
    }

    /// Fills a temporary table with the result of a query, and returns the number of rows.
    async fn fill(&self, table: &str, query: Statement<'_>) -> Result<u64, Error> {
        self.temp_tables.fill(self.transaction, table, query).await
    }

    /// Changes the rows that a query finds, if there are any, and returns the number of rows. A
    /// statement without rows would still raise the table's version.
    async fn change(&self, found: Statement<'_>, change: Statement<'_>) -> Result<u64, Error> {
        let found = found.subquery();
        let is_found = self.statement(sql!("merge/is_found.sql")).part("found", found.clone());
        if self.transaction.rows::<Bool, bool>(is_found).await? == [true] {
            self.run(change.part("found", found)).await
        } else {
            Ok(0)
        }
    }

    /// Adds an index and statistics for the key of a temporary table, if the table has enough rows.
    async fn prepare_keys(&self, table: &str, key: &str, rows: u64) -> Result<(), Error> {
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
    async fn run_inserts(
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

/// Number of rows from which statistics, indexes and set-based reference checks save time.
const MANY: u64 = 1_000;

/// Merges all staged tables, referenced tables first.
pub async fn merge(merging: &MergeContext<'_>) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    if merging.has(&record::MUNICIPALITY) {
        municipality::merge(merging, &mut counts).await?;
    }
    if merging.has(&record::ORGANIZATION) {
        organization::merge(merging, &mut counts).await?;
    }
    resolve::organizations(merging, &mut counts).await?;
    if merging.has(&record::EVENT) {
        event::merge(merging, &mut counts).await?;
    }
    if merging.has(&record::EVENT_COUNTY) {
        event::merge_counties(merging, &mut counts).await?;
    }
    resolve::events(merging).await?;
    if merging.has(&record::EVENT) {
        event::link(merging, &mut counts).await?;
    }
    if merging.complete_documents {
        version::compare(merging, &mut counts).await?;
    }
    for record in RECORD_TYPES {
        if *record == &record::CORRECTIVE_ACTION {
            action::merge(merging, &mut counts).await?;
        } else if record.merge == Merge::Shared {
            fact::merge(merging, record, &mut counts).await?;
        }
    }
    if counts.has_duplicates {
        merging.step(sql!("merge/store_duplicates.sql")).await?;
    }
    if merging.stages.has(StageTable::Rejects) {
        merging.step(sql!("merge/store_rejects.sql")).await?;
    }
    Ok(counts)
}

/// Rejects all but one of the records with the same id, each with the remaining row and the
/// differences. Records with all required references (the rows of `retained`) come first, then the
/// newest version, then the content that sorts last, then the first row. So the order of rows never
/// matters.
async fn reject_duplicates(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
    retained: Option<Statement<'_>>,
    counts: &mut Counts,
) -> Result<(), Error> {
    let repeated = merging.statement_of(sql!("record/count_repeated.sql"), record);
    if merging.number(repeated).await? == 0 {
        return Ok(());
    }
    // Rejects are written last, like those of the files. Otherwise files that load at the same time
    // would wait for each other.
    merging.step(sql!("temporary/duplicate_reject.sql")).await?;
    counts.has_duplicates = true;
    let has_content = StageTable::Records(record).has_content();
    let content = if has_content { "s.row_content::jsonb" } else { "null::jsonb" };
    let reject = merging
        .statement_of(sql!("record/reject_duplicates.sql"), record)
        .part("retained", retained.unwrap_or_else(|| Statement::name(record.staging)))
        .part("content", Statement::sql(content))
        .value("code", RejectCode::DuplicateRecord.as_str());
    let rejected = merging.transaction.rows::<(BigInt, Array<BigInt>), _>(reject).await?;
    let (rows, gone): (i64, Vec<i64>) = rejected.into_iter().next().unwrap_or_default();
    counts.rejected += rows.unsigned_abs();
    // What the row of a rejected event reports besides, such as time stamps, is dropped with it.
    if record == &record::EVENT && !gone.is_empty() {
        let supported = RECORD_TYPES.iter().filter(|record| {
            record.merge == Merge::Shared && record.event() != Need::No && merging.has(record)
        });
        for record in supported {
            let dropped = merging.statement_of(sql!("record/drop_supported.sql"), record);
            merging.run(dropped.value("rows", gone.clone())).await?;
        }
    }
    Ok(())
}
