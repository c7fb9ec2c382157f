//! Rejects all but one of the records with the same id.

use diesel::sql_types::{Array, BigInt};
use hotwash_schema::copy::{Error, RunStatement};
use hotwash_schema::record::{self, Merge, Need, RECORD_TYPES, RecordType};

use super::context::{Counts, MergeContext};
use crate::code::RejectCode;
use crate::load::statement::Statement;
use crate::sql::sql;

/// Rejects all but one of the records with the same id, each with the remaining row and the
/// differences. Records with all required references (the rows of `retained`) come first, then the
/// newest version, then the content that sorts last, then the first row. So the order of rows never
/// matters.
pub async fn reject_duplicates(
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
    let reject = merging
        .statement_of(sql!("record/reject_duplicates.sql"), record)
        .part("retained", retained.unwrap_or_else(|| Statement::name(record.staging)))
        .value("code", RejectCode::DuplicateRecord.as_str());
    drop_rejected(merging, record, reject, counts).await
}

/// Rejects the records with these ids, each for its reason: another record has the id.
pub async fn reject_reused(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
    reused: Vec<(String, String)>,
    counts: &mut Counts,
) -> Result<(), Error> {
    if reused.is_empty() {
        return Ok(());
    }
    merging.step(sql!("temporary/duplicate_reject.sql")).await?;
    counts.has_duplicates = true;
    let texts = |text: fn(&(String, String)) -> &str| reused.iter().map(text).collect::<Vec<_>>();
    let reject = merging
        .statement_of(sql!("record/reject_reused.sql"), record)
        .value("code", RejectCode::ReusedId.as_str())
        .value("ids", texts(|(id, _)| id))
        .value("reasons", texts(|(_, reason)| reason));
    drop_rejected(merging, record, reject, counts).await
}

/// Runs a statement that rejects records, counts their rows, and drops what belongs to them.
async fn drop_rejected(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
    reject: Statement<'_>,
    counts: &mut Counts,
) -> Result<(), Error> {
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
