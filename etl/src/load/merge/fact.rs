//! The merge shared by most record types: resolve references, reject records without a required reference,
//! then insert, update or leave.

mod insert;
mod parts;
mod references;

use crate::load::statement::{Statement, merging_table};
use crate::sql::sql;
use hotwash_schema::copy::{Error, RunStatement};
use hotwash_schema::record::{Need, RecordType};

use parts::parts_of;
pub(super) use references::{ResolvedRecords, reject_unresolved, resolve};

use super::context::{Counts, MergeContext};
use super::version;

/// Merges the staged records of one kind.
pub async fn merge(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
    counts: &mut Counts,
) -> Result<(), Error> {
    if !merging.has(record) {
        return Ok(());
    }
    let resolved = resolve(merging, record);
    let retained = reject_unresolved(merging, &resolved, counts).await?;
    let changed = resolved
        .statement(merging, sql!("record/merging.sql"))
        .part("columns", resolved.columns())
        .part("current", version::is_current(merging, record))
        .part("or_resolved", or_resolved(record));
    merging.fill(&merging_table(record), changed).await?;
    let count = merging.statement_of(sql!("record/count_merging.sql"), record);
    let [inserted, updated, new, changed] = merging.transaction.counts(count).await?;
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += retained - inserted - updated;
    if changed > 0 {
        update(merging, record).await?;
    }
    if new > 0 {
        insert::insert(merging, record, new).await?;
    }
    if new + changed > 0 {
        let parts = parts_of(record);
        if !parts.tables.is_empty() {
            let inserts = parts.tables.iter();
            let inserts = inserts.map(|(table, file)| (*table, merging.statement(*file)));
            let unknown = parts.unknown.map(|file| merging.statement(file));
            merging.run_inserts(new + changed, unknown, inserts.collect()).await?;
        }
        merging.steps(parts.totals).await?;
    }
    if merging.complete_documents {
        version::drop_removed(merging, &resolved, counts).await?;
    }
    Ok(())
}

/// Returns a condition for records with the same content whose reference has become known since.
/// They are rebuilt, so that the order of files does not matter.
fn or_resolved(record: &'static RecordType) -> Statement<'static> {
    let mut or_resolved = Statement::default();
    if record.organization().1 == Need::May {
        or_resolved =
            or_resolved.and("or (f.organization_id > 0 and coalesce(t.organization_id, -1) = -1)");
    }
    if record.event() == Need::May {
        or_resolved = or_resolved.and(" or (f.event_id is not null and t.event_id is null)");
    }
    or_resolved
}

async fn update(merging: &MergeContext<'_>, record: &'static RecordType) -> Result<(), Error> {
    merging.run(merging.statement_of(sql!("record/update.sql"), record)).await?;
    for (table, _) in parts_of(record).tables {
        let delete = merging.statement_of(sql!("record/delete_parts.sql"), record);
        merging.run(delete.part_name("part", *table)).await?;
    }
    Ok(())
}
