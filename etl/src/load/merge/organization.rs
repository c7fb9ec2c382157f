//! Organizations: one row each, and one version for each interval in which name, region and
//! discipline are valid.

use super::context::{Counts, MergeContext};
use super::duplicates::reject_duplicates;
use crate::sql::sql;
use hotwash_schema::copy::Error;
use hotwash_schema::record;

/// Merges organizations. An organization that was added when a document mentioned it takes over the
/// id it gets here.
pub async fn merge(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    reject_duplicates(merging, &record::ORGANIZATION, None, counts).await?;
    // Even a statement that changes no row raises the table's version, so a query runs first.
    if merging.step(sql!("organization/adopted.sql")).await? > 0 {
        merging.step(sql!("organization/adopt.sql")).await?;
    }
    merging.step(sql!("organization/merging.sql")).await?;
    let [inserted, updated, touched, all] = merging.counts(sql!("organization/count.sql")).await?;
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += all - inserted - updated;
    if touched == 0 {
        return Ok(());
    }
    merging
        .steps(&[
            sql!("organization/insert.sql"),
            sql!("organization/update.sql"),
            sql!("organization/end_versions.sql"),
            sql!("organization/insert_versions.sql"),
            sql!("organization/insert_aliases.sql"),
        ])
        .await
}
