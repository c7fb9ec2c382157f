//! Inserts new facts as one set, and checks all their references together.

use diesel::sql_types::{Array, Text};
use hotwash_schema::record::RecordType;

use crate::load::merge::context::{MANY, MergeContext};
use crate::load::statement::{ForeignKey, Statement, unknown_references};
use crate::sql::sql;
use hotwash_schema::copy::{Error, RunStatement};

/// Returns a query that counts missing references, each looked up once.
async fn count_unknown<'a>(
    merging: &'a MergeContext<'_>,
    record: &'static RecordType,
) -> Result<Option<Statement<'a>>, Error> {
    type Columns = (Text, Text, Array<Text>, Array<Text>);
    let keys = merging.statement_of(sql!("record/foreign_keys.sql"), record);
    let keys: Vec<ForeignKey> = merging.transaction.rows::<Columns, _>(keys).await?;
    Ok(unknown_references(record, keys))
}

/// Inserts the new records.
pub async fn insert(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
    new: u64,
) -> Result<(), Error> {
    let insert = merging.statement_of(sql!("record/insert.sql"), record);
    let unknown = if new >= MANY { count_unknown(merging, record).await? } else { None };
    merging.run_inserts(new, unknown, vec![(record.name, insert)]).await
}
