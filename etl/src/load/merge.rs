//! The merge: staged records into the warehouse by natural key, set by set, within the file's transaction.

mod event;
mod municipality;

use tokio_postgres::{Error, Transaction};

use super::report::Warning;
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

/// Merges all staged tables, those first that others refer to.
pub async fn merge(
    transaction: &Transaction<'_>,
    stages: &Stages,
    source: &str,
    batch: i32,
    file: i32,
) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    if stages.has(StageTable::Records(Table::Municipality)) {
        municipality::merge(transaction, &mut counts).await?;
    }
    if stages.has(StageTable::Records(Table::Event)) {
        event::merge(transaction, source, batch, file, &mut counts).await?;
    }
    if stages.has(StageTable::Records(Table::EventCounty)) {
        event::merge_counties(transaction, source, &mut counts).await?;
    }
    if stages.has(StageTable::Rejects) {
        transaction
            .execute(
                "insert into meta.reject (file_id, batch_id, row_number, record_type, column_name, value, reason, row_content) \
                 select $1, $2, source_row, record_type, column_name, value, reason, content from stage_reject order by source_row",
                &[&file, &batch],
            )
            .await?;
    }
    Ok(counts)
}

/// A number that a statement counted.
async fn number(transaction: &Transaction<'_>, sql: &str) -> Result<u64, Error> {
    let counted: i64 = transaction.query_one(sql, &[]).await?.get(0);
    Ok(counted.unsigned_abs())
}

/// Of records with the same id, keeps the one of the newest version, and among equals the one whose content sorts last, so
/// that the order of rows decides nothing. Gives the rows let go.
async fn drop_repeats(transaction: &Transaction<'_>, table: &str) -> Result<u64, Error> {
    let sql = format!(
        "with repeated as (select source_id from {table} group by source_id having count(*) > 1), \
         ranked as (select s.ctid as place, s.weight, row_number() over (partition by s.source_id order by s.source_version desc, s.content_hash desc, s.source_row) as rank \
             from {table} s join repeated using (source_id)), \
         gone as (delete from {table} s using ranked where ranked.rank > 1 and s.ctid = ranked.place returning s.weight) \
         select coalesce(sum(weight), 0)::bigint from gone"
    );
    number(transaction, &sql).await
}
