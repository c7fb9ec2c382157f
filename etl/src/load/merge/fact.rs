//! The merge shared by most facts: resolve references, reject records without a required reference,
//! then insert, update or leave.

mod facts;
mod insert;
mod references;

use tokio_postgres::Error;

pub use facts::FACTS;
pub(super) use references::{ResolvedRecords, reject_unresolved, resolve};

use super::{Counts, MergeContext, action, version};
use crate::record::RecordTable;

/// Whether a fact needs an event or an organization.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It has no such reference.
    No,
    /// The reference is optional; an unknown one is a warning.
    May,
    /// The reference is required; an unknown one is a reject.
    Must,
}

/// Description of how one kind of record becomes rows.
pub struct Fact {
    /// Its staging table.
    pub table: RecordTable,
    /// Name of the warehouse table, without schema; its key is `NAME_id`.
    pub name: &'static str,
    /// Reference to an event, staged as `event_ref`.
    pub event: Need,
    /// Column of the organization reference, and whether it is required.
    pub organization: (&'static str, Need),
    /// Reference to a parent record: the column with its id, and its table.
    pub parent: Option<(&'static str, &'static str)>,
    /// Columns with their SQL values; `f` is the staged record with `event_id`, `organization_id`
    /// and `parent_id`.
    pub columns: &'static [(&'static str, &'static str)],
    /// Tables of rows that belong to the fact, keyed by its id.
    pub children: &'static [&'static str],
    /// Statements that fill these tables; `{merging}` has the new and changed facts, with `id`.
    pub fill: &'static [&'static str],
    /// Query that counts missing references of these tables.
    pub unknown: &'static str,
}

/// Merges the staged records of one kind.
pub async fn merge(
    merging: &MergeContext<'_>,
    fact: &Fact,
    counts: &mut Counts,
) -> Result<(), Error> {
    if fact.table == RecordTable::ActionReport {
        return action::merge(merging, fact, counts).await;
    }
    if !merging.has(fact.table) {
        return Ok(());
    }
    let name = fact.name;
    let source = merging.source_literal();
    let resolved = resolve(merging, fact);
    let retained = reject_unresolved(merging, fact, &resolved, counts).await?;
    let present = if merging.complete_documents {
        version::is_present(merging, fact)
    } else {
        "true".to_owned()
    };
    // The sequence is looked up once, not for each row.
    merging
        .fill(
            &format!("merging_{name}"),
            &format!(
                "select {}, coalesce(t.{name}_id, nextval((select \
             pg_get_serial_sequence('warehouse.{name}', '{name}_id')::regclass))) as id, \
                 t.{name}_id is null as is_new \
             from {} f left join warehouse.{name} t on t.source = {source} and t.source_id = \
             f.source_id \
             where {present} and (t.{name}_id is null or t.content_hash is distinct from \
             f.content_hash{})",
                resolved.columns,
                resolved.retained,
                resolved_since(fact)
            ),
        )
        .await?;
    let row = merging
        .transaction
        .query_typed_one(
            &format!(
                "select coalesce(sum(weight) filter (where is_new), 0)::bigint, \
                 coalesce(sum(weight) filter (where not is_new), 0)::bigint, \
                 count(*) filter (where is_new), count(*) filter (where not is_new) from \
                 merging_{name}"
            ),
            &[],
        )
        .await?;
    let [inserted, updated, new, changed] =
        [0, 1, 2, 3].map(|column| row.get::<_, i64>(column).unsigned_abs());
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += retained - inserted - updated;
    if changed > 0 {
        update(merging, fact).await?;
    }
    if new > 0 {
        insert::insert(merging, fact, new).await?;
    }
    if new + changed > 0 {
        let fills: Vec<String> =
            fact.fill.iter().map(|fill| fill_in(merging, fact, fill)).collect();
        if fact.children.is_empty() {
            for fill in &fills {
                merging.run(fill).await?;
            }
        } else {
            let inserts: Vec<(&str, String)> = fact.children.iter().copied().zip(fills).collect();
            merging
                .run_inserts(new + changed, &fill_in(merging, fact, fact.unknown), &inserts)
                .await?;
        }
    }
    if merging.complete_documents {
        version::drop_removed(merging, fact, &resolved, counts).await?;
    }
    Ok(())
}

/// Returns a condition for records with the same content whose reference has become known since.
/// They are rebuilt, so that the order of files does not matter.
fn resolved_since(fact: &Fact) -> String {
    let mut since = String::new();
    if fact.organization.1 == Need::May {
        since.push_str(" or (f.organization_id > 0 and coalesce(t.organization_id, -1) = -1)");
    }
    if fact.event == Need::May {
        since.push_str(" or (f.event_id is not null and t.event_id is null)");
    }
    since
}

/// Returns SQL with its placeholders filled in.
fn fill_in(merging: &MergeContext<'_>, fact: &Fact, sql: &str) -> String {
    sql.replace("{merging}", &format!("merging_{}", fact.name))
        .replace("{source}", &merging.source_literal())
        .replace("{batch}", &merging.batch.to_string())
        .replace("{file}", &merging.file.to_string())
}

async fn update(merging: &MergeContext<'_>, fact: &Fact) -> Result<(), Error> {
    let name = fact.name;
    let sets: Vec<String> =
        fact.columns.iter().map(|(target, value)| format!("{target} = {value}")).collect();
    let update = format!(
        "update warehouse.{name} t set {}, batch_id = {}, file_id = {}, source_row = f.source_row, \
         content_hash = f.content_hash \
             from merging_{name} f where not f.is_new and t.{name}_id = f.id",
        sets.join(", "),
        merging.batch,
        merging.file
    );
    merging.run(&fill_in(merging, fact, &update)).await?;
    for child in fact.children {
        merging
            .run(&format!(
                "delete from warehouse.{child} c using merging_{name} f where not f.is_new and \
                 c.{name}_id = f.id"
            ))
            .await?;
    }
    Ok(())
}
