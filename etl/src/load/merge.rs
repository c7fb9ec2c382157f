//! Merges staged records into the warehouse by natural key, within the file's transaction.

mod action;
mod context;
mod duplicates;
mod event;
mod fact;
mod municipality;
mod organization;
mod resolve;
mod reused_ids;
mod version;

use hotwash_schema::copy::Error;
use hotwash_schema::record::{self, Merge, RECORD_TYPES};

use super::stage::StageTable;
use crate::sql::sql;
use context::Counts;
pub use context::{MergeContext, NEAR};

/// Merges all staged tables, referenced tables first.
pub async fn merge(merging: &MergeContext<'_>) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    if merging.has(&record::MUNICIPALITY) {
        municipality::merge(merging, &mut counts).await?;
    }
    if merging.has(&record::ORGANIZATION) {
        organization::merge(merging, &mut counts).await?;
    }
    resolve::organizations(merging, &mut counts).await?;
    if merging.has(&record::EVENT) {
        event::merge(merging, &mut counts).await?;
    }
    if merging.has(&record::EVENT_COUNTY) {
        event::merge_counties(merging, &mut counts).await?;
    }
    resolve::events(merging).await?;
    if merging.has(&record::EVENT) {
        event::link(merging, &mut counts).await?;
    }
    if merging.complete_documents {
        version::compare(merging, &mut counts).await?;
    }
    for record in RECORD_TYPES {
        if *record == &record::CORRECTIVE_ACTION {
            action::merge(merging, &mut counts).await?;
        } else if record.merge == Merge::Shared {
            fact::merge(merging, record, &mut counts).await?;
        }
    }
    if counts.has_duplicates {
        merging.step(sql!("merge/store_duplicates.sql")).await?;
    }
    if merging.stages.has(StageTable::Rejects) {
        merging.step(sql!("merge/store_rejects.sql")).await?;
    }
    Ok(counts)
}
