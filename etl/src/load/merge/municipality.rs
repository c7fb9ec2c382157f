//! Municipalities: reference rows, merged like the schema's own reference files.

use crate::code::WarningCode;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Text};

use super::context::{Counts, MergeContext};
use super::duplicates::reject_duplicates;
use crate::load::report::Warning;
use crate::sql::sql;
use hotwash_schema::copy::{Error, RunStatement};
use hotwash_schema::record;

/// Merges municipalities. Warns if the size of a region differs from the published size.
pub async fn merge(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let transaction = merging.transaction;
    reject_duplicates(merging, &record::MUNICIPALITY, None, counts).await?;
    merging.steps(&[sql!("municipality/known.sql"), sql!("municipality/stage.sql")]).await?;
    for statement in hotwash_schema::reference::merge_municipalities() {
        transaction.execute(sql_query(statement)).await?;
    }
    let [inserted, updated, all] = merging.counts(sql!("municipality/count.sql")).await?;
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += all - inserted - updated;
    let sizes = sql_query(hotwash_schema::reference::REGION_SIZES);
    let sizes: Vec<(String, i64, i32)> =
        transaction.rows::<(Text, BigInt, Integer), _>(sizes).await?;
    for (code, found, published) in sizes {
        counts.warnings.push(Warning {
            code: WarningCode::PublishedSize,
            column: Some("region".into()),
            value: Some(code.clone()),
            message: format!("region {code}: {found} of {published} published municipalities"),
            first_row: 0,
            occurrences: 1,
        });
    }
    Ok(())
}
