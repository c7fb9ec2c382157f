//! Withdraws actions that a later version of a report no longer contains. A version is what a
//! complete document said about an event on one date. An action missing from it, but present in an
//! earlier version, is withdrawn from that date on.
//!
//! The withdrawals depend only on the known versions, not on the order of loading.

use super::super::context::MergeContext;
use crate::load::statement::Statement;
use crate::sql::{SqlFile, sql};
use hotwash_schema::copy::Error;

/// Returns the statement of a file over the stored reports of this source about the events in the
/// file.
fn over_previous<'a>(merging: &'a MergeContext<'_>, file: SqlFile) -> Statement<'a> {
    let previous = merging.statement(sql!("action/previous_reports.sql"));
    merging.statement(file).part("previous", previous.subquery())
}

/// Deletes reports of a version that is loaded again without their rows: such a version replaces
/// its former content. Returns the number of actions that this touches.
pub async fn remove_dropped_rows(merging: &MergeContext<'_>) -> Result<u64, Error> {
    let dropped = over_previous(merging, sql!("action/dropped_reports.sql"));
    merging.change(dropped, merging.statement(sql!("action/delete_reports.sql"))).await
}

/// Records the withdrawals that follow from the known versions, revokes those that no longer do,
/// and deletes actions without any report.
pub async fn withdraw(merging: &MergeContext<'_>) -> Result<(), Error> {
    let reported = over_previous(merging, sql!("action/reported.sql"));
    merging.fill("reported_action", reported).await?;
    merging.step(sql!("action/missing.sql")).await?;
    for (found, change) in [
        (sql!("action/revoked_withdrawals.sql"), sql!("action/delete_reports.sql")),
        (sql!("action/new_withdrawals.sql"), sql!("action/withdraw.sql")),
        (sql!("action/without_report.sql"), sql!("action/delete.sql")),
    ] {
        merging.change(merging.statement(found), merging.statement(change)).await?;
    }
    Ok(())
}
