//! Inserts new facts as one set, and checks all their references together.

use tokio_postgres::Error;

use hotwash_schema::record::RecordType;

use super::fill_in;
use crate::load::merge::{ALL_KNOWN, MANY, MergeContext};

/// Returns a query that counts missing references, each looked up once. Existing rows are locked
/// until the transaction ends, as under a foreign key.
async fn count_unknown(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
) -> Result<String, Error> {
    let keys = "select c.confrelid::regclass::text, \
        array(select a.attname::text from unnest(c.conkey) with ordinality as k(number, place) \
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number order by \
            k.place), \
        array(select a.attname::text from unnest(c.confkey) with ordinality as k(number, place) \
            join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number order by \
            k.place) \
        from pg_constraint c where c.contype = 'f' and c.conrelid = $1::text::regclass";
    let keys = merging.transaction.query(keys, &[&format!("warehouse.{}", record.name)]).await?;
    let (mut queries, mut counts) = (Vec::new(), Vec::new());
    for (index, row) in keys.iter().enumerate() {
        let (table, columns, keys): (&str, Vec<String>, Vec<String>) =
            (row.get(0), row.get(1), row.get(2));
        let source_of = |column: &String| {
            record.merged_columns().find(|(target, _)| target == column).map(|(_, value)| value)
        };
        // The batch and the file exist: this transaction inserted them.
        let Some(values) = columns.iter().map(source_of).collect::<Option<Vec<String>>>() else {
            continue;
        };
        let some = values
            .iter()
            .map(|value| format!("{value} is not null"))
            .collect::<Vec<_>>()
            .join(" and ");
        let keys = keys.iter().map(|key| format!("t.{key}")).collect::<Vec<_>>().join(", ");
        queries.push(format!(
            "named_{index} as materialized (select distinct {} from merging_{} f where f.is_new \
             and {some}), \
             locked_{index} as materialized (select from {table} t where ({keys}) in (select * from \
             named_{index}) for key share)",
            values.join(", "),
            record.name
        ));
        counts.push(format!(
            "(select count(*) from named_{index}) - (select count(*) from locked_{index})"
        ));
    }
    if counts.is_empty() {
        return Ok(ALL_KNOWN.to_owned());
    }
    Ok(fill_in(
        merging,
        record,
        &format!("with {} select {}", queries.join(", "), counts.join(" + ")),
    ))
}

/// Inserts the new records.
pub async fn insert(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
    new: u64,
) -> Result<(), Error> {
    let name = record.name;
    let (targets, values): (Vec<&str>, Vec<String>) = record.merged_columns().unzip();
    let insert = format!(
        "insert into warehouse.{name} ({name}_id, {}, source, source_id, batch_id, file_id, \
         source_row, content_hash) \
             select f.id, {}, {}, f.source_id, {}, {}, f.source_row, f.content_hash from \
             merging_{name} f where f.is_new order by f.id",
        targets.join(", "),
        values.join(", "),
        merging.source_literal(),
        merging.batch,
        merging.file
    );
    let inserts = [(name, fill_in(merging, record, &insert))];
    let count_unknown =
        if new >= MANY { count_unknown(merging, record).await? } else { ALL_KNOWN.to_owned() };
    merging.run_inserts(new, &count_unknown, &inserts).await
}
