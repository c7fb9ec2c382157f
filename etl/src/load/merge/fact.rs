//! The merge shared by most record types: resolve references, reject records without a required reference,
//! then insert, update or leave.

mod insert;
mod parts;
mod references;

use hotwash_schema::copy::{Error, RunStatement};
use hotwash_schema::record::{Need, RecordType};

use parts::parts_of;
pub(super) use references::{ResolvedRecords, reject_unresolved, resolve};

use diesel::sql_query;

use super::{Counts, Insert, MergeContext, Unknown, version};

/// Merges the staged records of one kind.
pub async fn merge(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
    counts: &mut Counts,
) -> Result<(), Error> {
    if !merging.has(record) {
        return Ok(());
    }
    let name = record.name;
    let source = merging.source_literal();
    let resolved = resolve(merging, record);
    let retained = reject_unresolved(merging, record, &resolved, counts).await?;
    let present = if merging.complete_documents {
        version::is_present(merging, record)
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
                resolved_since(record)
            ),
        )
        .await?;
    let [inserted, updated, new, changed] = merging
        .transaction
        .counts(sql_query(format!(
            "select coalesce(sum(weight) filter (where is_new), 0)::bigint, \
                 coalesce(sum(weight) filter (where not is_new), 0)::bigint, \
                 count(*) filter (where is_new), count(*) filter (where not is_new) from \
                 merging_{name}"
        )))
        .await?;
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
        let fills: Vec<String> =
            parts.fill.iter().map(|fill| fill_in(merging, record, fill)).collect();
        if parts.tables.is_empty() {
            for fill in &fills {
                merging.run(fill).await?;
            }
        } else {
            let fills = fills.iter().map(|fill| Insert::Text(fill));
            let inserts: Vec<(&str, Insert<'_>)> =
                parts.tables.iter().copied().zip(fills).collect();
            let unknown = parts.unknown.map(|count| fill_in(merging, record, count));
            let unknown = unknown.as_deref().map_or(Unknown::None, Unknown::CountedByText);
            merging.run_inserts(new + changed, unknown, &inserts).await?;
        }
    }
    if merging.complete_documents {
        version::drop_removed(merging, record, &resolved, counts).await?;
    }
    Ok(())
}

/// Returns a condition for records with the same content whose reference has become known since.
/// They are rebuilt, so that the order of files does not matter.
fn resolved_since(record: &'static RecordType) -> String {
    let mut since = String::new();
    if record.organization().1 == Need::May {
        since.push_str(" or (f.organization_id > 0 and coalesce(t.organization_id, -1) = -1)");
    }
    if record.event() == Need::May {
        since.push_str(" or (f.event_id is not null and t.event_id is null)");
    }
    since
}

/// Returns SQL with its placeholders filled in.
fn fill_in(merging: &MergeContext<'_>, record: &'static RecordType, sql: &str) -> String {
    sql.replace("{merging}", &format!("merging_{}", record.name))
        .replace("{source}", &merging.source_literal())
        .replace("{batch}", &merging.batch.to_string())
        .replace("{file}", &merging.file.to_string())
}

async fn update(merging: &MergeContext<'_>, record: &'static RecordType) -> Result<(), Error> {
    let name = record.name;
    let sets: Vec<String> =
        record.merged_columns().map(|(target, value)| format!("{target} = {value}")).collect();
    let update = format!(
        "update warehouse.{name} t set {}, batch_id = {}, file_id = {}, source_row = f.source_row, \
         content_hash = f.content_hash \
             from merging_{name} f where not f.is_new and t.{name}_id = f.id",
        sets.join(", "),
        merging.batch,
        merging.file
    );
    merging.run(&fill_in(merging, record, &update)).await?;
    for child in parts_of(record).tables {
        merging
            .run(&format!(
                "delete from warehouse.{child} c using merging_{name} f where not f.is_new and \
                 c.{name}_id = f.id"
            ))
            .await?;
    }
    Ok(())
}
