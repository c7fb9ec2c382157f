//! Corrective actions. Every report is stored and matched to its action: by id in the source, by an
//! id shared by documents, or by event, capability and similar text. A report without a match is a
//! new action.

mod answers;
mod matching;
mod older;
mod state;
mod store;
mod withdrawal;

use super::context::{Counts, MergeContext};
use super::{fact, reused_ids};
use crate::sql::sql;
use hotwash_schema::copy::Error;
use hotwash_schema::record;

/// Merges the reports of one file, and rebuilds every action that its reports, events or findings
/// affect.
pub async fn merge(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let (reports, findings) =
        (merging.has(&record::CORRECTIVE_ACTION), merging.has(&record::FINDING));
    if !reports && !findings && !merging.has(&record::EVENT) {
        return Ok(());
    }
    merging.step(sql!("temporary/touched_action.sql")).await?;
    let awaiting = merging.statement(sql!("action/awaiting_event.sql"));
    merging.change(awaiting, merging.statement(sql!("action/assign_event.sql"))).await?;
    if findings {
        merging.step(sql!("action/touch_of_findings.sql")).await?;
    }
    if reports {
        store_reports(merging, counts).await?;
    }
    let [touched] = merging.counts(sql!("action/count_touched.sql")).await?;
    if touched == 0 {
        return Ok(());
    }
    store::rebuild(merging, touched).await?;
    if reports {
        let [inserted, updated, all] = merging.counts(sql!("action/count.sql")).await?;
        counts.inserted += inserted;
        counts.updated += updated;
        counts.unchanged += all - inserted - updated;
    }
    Ok(())
}

/// Matches each report to its action and stores it.
async fn store_reports(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    reused_ids::reject_actions(merging, counts).await?;
    let resolved = fact::resolve(merging, &record::CORRECTIVE_ACTION);
    fact::reject_unresolved(merging, &resolved, counts).await?;
    let has_answers = answers::reject_unasked(merging, &resolved, counts).await?;
    let reports = resolved.statement(merging, sql!("action/reports.sql"));
    let reports = reports.part("columns", resolved.columns());
    merging.fill("report_corrective_action", reports).await?;
    let removed = if merging.complete_documents {
        withdrawal::remove_dropped_rows(merging).await?
    } else {
        0
    };
    older::warn(merging, counts).await?;
    let [known] = merging.counts(sql!("action/drop_known.sql")).await?;
    counts.unchanged += known;
    let [reports] = merging.counts(sql!("action/count_reports.sql")).await?;
    if removed == 0 && reports == 0 {
        return Ok(());
    }
    counts.warnings.extend(matching::match_by_similarity(merging).await?);
    // A corrected row loaded again for the same date replaces the earlier one.
    let replaced = merging.statement(sql!("action/replaced_reports.sql"));
    merging.change(replaced, merging.statement(sql!("action/delete_replaced.sql"))).await?;
    let store = merging.statement(sql!("action/store_reports.sql"));
    merging.run_inserts(reports, None, vec![("corrective_action_source", store)]).await?;
    merging.step(sql!("action/touch_reported.sql")).await?;
    if has_answers {
        answers::record_answers(merging, counts).await?;
    }
    if merging.complete_documents {
        withdrawal::withdraw(merging).await?;
    }
    Ok(())
}
