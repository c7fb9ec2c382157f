//! The merge: staged records into the warehouse by natural key, set by set, within the file's transaction.

mod action;
mod event;
mod fact;
mod municipality;
mod organization;
mod reference;
mod risk;
mod version;

use tokio_postgres::{Error, Transaction};

use super::report::Warning;
use super::session::Scratch;
use super::stage::{StageTable, Stages};
use crate::record::Table;

/// What the merge did, in rows read.
#[derive(Debug, Default)]
pub struct Counts {
    /// New.
    pub inserted: u64,
    /// Changed.
    pub updated: u64,
    /// As before, or repeated in the file.
    pub unchanged: u64,
    /// Refused, because what they refer to is not there.
    pub rejected: u64,
    /// What to know.
    pub warnings: Vec<Warning>,
}

/// The file whose records are merged.
pub struct Merging<'a> {
    /// The open transaction.
    pub transaction: &'a Transaction<'a>,
    /// Its temporary tables.
    pub scratch: &'a Scratch,
    /// What was staged.
    pub stages: &'a Stages,
    /// Id of the source.
    pub source: &'a str,
    /// Number of the load.
    pub batch: i32,
    /// Number of the file.
    pub file: i32,
    /// Ids of events of this source that are not the events of other sources they were taken for.
    pub apart: &'a [String],
    /// A file tells all that its source says of the events in it ([`Source::is_whole`](crate::source::Source::is_whole)).
    pub whole_documents: bool,
}

impl Merging<'_> {
    fn has(&self, table: Table) -> bool {
        self.stages.has(StageTable::Records(table))
    }

    /// The source as a literal; ids are our own constants.
    fn source_literal(&self) -> String {
        format!("'{}'", self.source.replace('\'', "''"))
    }

    async fn run(&self, sql: &str) -> Result<u64, Error> {
        self.transaction.execute_typed(sql, &[]).await
    }

    /// Makes a temporary table of what a query gives.
    async fn fill(&self, table: &str, query: &str) -> Result<(), Error> {
        self.scratch.fill(self.transaction, table, query).await
    }

    /// Runs a statement only when a query finds what it would change: without rows it would raise the table's version all the same.
    async fn run_where(&self, found: &str, sql: &str) -> Result<u64, Error> {
        let found: bool = self.transaction.query_typed_one(&format!("select exists ({found})"), &[]).await?.get(0);
        if found { self.run(sql).await } else { Ok(0) }
    }

    /// Index and statistics of a temporary table's key, where it has rows enough for them to matter.
    async fn prepare_keys(&self, table: &str, key: &str, rows: u64) -> Result<(), Error> {
        if rows >= MANY {
            self.scratch.prepared();
            self.run(&format!("create index on {table} ({key})")).await?;
            self.run(&format!("analyze {table} ({key})")).await?;
        }
        Ok(())
    }

    /// Runs inserts of so many rows. Many are inserted without Postgres proving each row's references again, which takes longer
    /// than all else: `unknown` has counted those that are not there, each looked up once. Only a superuser, as on the private
    /// cluster, may ask for it; others insert as usual.
    async fn run_inserts(&self, rows: u64, unknown: &str, statements: &[(&str, String)]) -> Result<(), Error> {
        let superuser = "select rolsuper from pg_roles where rolname = current_user";
        let proven = rows >= MANY
            && self.transaction.query_typed_one(superuser, &[]).await?.get(0)
            && number(self.transaction, unknown).await? == 0;
        if !proven {
            for (_, statement) in statements {
                self.run(statement).await?;
            }
            return Ok(());
        }
        for (table, _) in statements {
            self.run(&format!("select meta.begin_writing('warehouse.{table}')")).await?;
        }
        self.run("set local session_replication_role = replica").await?;
        let mut written = Vec::new();
        for (table, statement) in statements {
            if self.run(statement).await? > 0 {
                written.push(table);
            }
        }
        self.run("set local session_replication_role = origin").await?;
        // The trigger that raises a table's version slept as well; a statement without rows wakes it.
        for table in written {
            self.run(&format!("delete from warehouse.{table} where false")).await?;
        }
        Ok(())
    }
}

/// Rows from which it pays to prepare the plan: statistics, an index, references proven set by set.
const MANY: u64 = 1_000;
/// Of inserts that refer only to what was just found or made in this transaction.
const ALL_KNOWN: &str = "select 0::bigint";

/// Merges all staged tables, those first that others refer to.
pub async fn merge(merging: &Merging<'_>) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    if merging.has(Table::Municipality) {
        municipality::merge(merging.transaction, &mut counts).await?;
    }
    if merging.has(Table::Organization) {
        organization::merge(merging, &mut counts).await?;
    }
    reference::organizations(merging, &mut counts).await?;
    if merging.has(Table::Event) {
        event::merge(merging, &mut counts).await?;
    }
    if merging.has(Table::EventCounty) {
        event::merge_counties(merging, &mut counts).await?;
    }
    reference::events(merging).await?;
    if merging.has(Table::Event) {
        event::link(merging, &mut counts).await?;
    }
    if merging.whole_documents {
        version::compare(merging, &mut counts).await?;
    }
    for fact in fact::FACTS {
        fact::merge(merging, fact, &mut counts).await?;
    }
    if merging.stages.has(StageTable::Rejects) {
        merging
            .transaction
            .execute(
                "insert into meta.reject (file_id, batch_id, row_number, record_type, column_name, value, reason, row_content) \
                 select $1, $2, source_row, record_type, column_name, value, reason, content from stage_reject order by source_row",
                &[&merging.file, &merging.batch],
            )
            .await?;
    }
    Ok(counts)
}

/// A number that a statement counted.
async fn number(transaction: &Transaction<'_>, sql: &str) -> Result<u64, Error> {
    let counted: i64 = transaction.query_typed_one(sql, &[]).await?.get(0);
    Ok(counted.unsigned_abs())
}

/// Of records with the same id, keeps the one of the newest version, and among equals the one whose content sorts last, so
/// that the order of rows decides nothing. Gives the rows let go, which count as unchanged.
async fn drop_repeats(transaction: &Transaction<'_>, table: &str) -> Result<u64, Error> {
    let repeated = format!(
        "select count(*) from (select from {table} group by source_id having count(*) > 1 limit 1) as repeated"
    );
    if number(transaction, &repeated).await? == 0 {
        return Ok(0);
    }
    let sql = format!(
        "with repeated as (select source_id from {table} group by source_id having count(*) > 1), \
         ranked as (select s.ctid as place, s.weight, row_number() over (partition by s.source_id order by s.source_version desc, s.content_hash desc, s.source_row) as rank \
             from {table} s join repeated using (source_id)), \
         gone as (delete from {table} s using ranked where ranked.rank > 1 and s.ctid = ranked.place returning s.weight) \
         select coalesce(sum(weight), 0)::bigint from gone"
    );
    number(transaction, &sql).await
}
