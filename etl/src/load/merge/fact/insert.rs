//! Inserts new facts as one set, and checks all their references together.

use hotwash_schema::copy::{Error, RunStatement};

use diesel::sql_query;
use diesel::sql_types::{Array, Text};
use hotwash_schema::record::RecordType;

use super::fill_in;
use crate::load::merge::{Insert, MANY, MergeContext, Unknown};

/// Returns a query that counts missing references, each looked up once. Existing rows are locked
/// until the transaction ends, as under a foreign key.
async fn count_unknown(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
) -> Result<Option<String>, Error> {
    let keys = "select c.confrelid::regclass::text, \
        array(select a.attname::text from unnest(c.conkey) with ordinality as k(number, place) \
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number order by \
            k.place), \
        array(select a.attname::text from unnest(c.confkey) with ordinality as k(number, place) \
            join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number order by \
            k.place) \
        from pg_constraint c where c.contype = 'f' and c.conrelid = $1::text::regclass";
    let keys = sql_query(keys).bind::<Text, _>(format!("warehouse.{}", record.name));
    let keys: Vec<(String, Vec<String>, Vec<String>)> =
        merging.transaction.rows::<(Text, Array<Text>, Array<Text>), _>(keys).await?;
    let (mut queries, mut counts) = (Vec::new(), Vec::new());
    for (index, (table, columns, keys)) in keys.iter().enumerate() {
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
        return Ok(None);
    }
    let count = format!("with {} select {}", queries.join(", "), counts.join(" + "));
    Ok(Some(fill_in(merging, record, &count)))
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
    let insert = fill_in(merging, record, &insert);
    let unknown = if new >= MANY { count_unknown(merging, record).await? } else { None };
    let unknown = unknown.as_deref().map_or(Unknown::None, Unknown::CountedByText);
    merging.run_inserts(new, unknown, &[(name, Insert::Text(&insert))]).await
}
