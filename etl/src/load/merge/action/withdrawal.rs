//! Withdraws actions that a later version of a report no longer contains. A version is what a
//! complete document said about an event on one date. An action missing from it, but present in an
//! earlier version, is withdrawn from that date on.
//!
//! The withdrawals depend only on the known versions, not on the order of loading.

use super::super::MergeContext;
use hotwash_schema::copy::Error;

/// Reports of this source about the events in the file.
const PREVIOUS_REPORTS: &str = "select s.corrective_action_source_id, s.corrective_action_id, \
    s.source_id, \
    s.reported_on, s.report ->> 'event_ref' as event_ref, \
        s.report -> 'withdrawn' is not null as withdrawn \
    from warehouse.corrective_action_source s \
    where s.source = {source} and s.reported_on is not null and s.corrective_action_id in ( \
        select a.corrective_action_id from warehouse.corrective_action a where a.event_id in \
        (select r.event_id from ref_event r where r.ref in (select event_ref from \
        stage_action_report)) \
        union select id from touched_action) \
    and s.report ->> 'event_ref' in (select event_ref from stage_action_report)";

/// Deletes reports of a version that is loaded again without their rows: such a version replaces
/// its former content. Returns the number of deleted reports.
pub async fn remove_dropped_rows(merging: &MergeContext<'_>) -> Result<u64, Error> {
    let previous = PREVIOUS_REPORTS.replace("{source}", &merging.source_literal());
    let gone = "not t.withdrawn and exists (select from report_corrective_action f where \
        f.event_ref = t.event_ref and f.reported_on = t.reported_on) \
        and not exists (select from report_corrective_action f where f.source_id = t.source_id)";
    let sql = format!(
        "with gone as (delete from warehouse.corrective_action_source s using ({previous}) t \
             where s.corrective_action_source_id = t.corrective_action_source_id and {gone} \
             returning s.corrective_action_id) \
         insert into touched_action select distinct corrective_action_id from gone g \
         where not exists (select from touched_action t where t.id = g.corrective_action_id)"
    );
    merging.run_where(&format!("select from ({previous}) t where {gone}"), &sql).await
}

/// Records the withdrawals that follow from the known versions, revokes those that no longer do,
/// and deletes actions without any report.
pub async fn withdraw(merging: &MergeContext<'_>) -> Result<(), Error> {
    let source = merging.source_literal();
    let previous = PREVIOUS_REPORTS.replace("{source}", &source);
    merging.fill("reported_action", &previous).await?;
    // An action is missing from each version after its first that has no row for it.
    merging
        .fill(
            "missing_action",
            "with version as (select distinct event_ref, reported_on from reported_action where not \
             withdrawn), \
             first as (select distinct on (corrective_action_id, event_ref) corrective_action_id, \
             event_ref, source_id, reported_on \
                 from reported_action where not withdrawn order by corrective_action_id, event_ref, \
                 reported_on, source_id) \
             select f.corrective_action_id, f.event_ref, f.source_id, v.reported_on from first f \
             join version v using (event_ref) \
             where v.reported_on > f.reported_on and not exists (select from reported_action t \
             where \
             t.corrective_action_id = f.corrective_action_id \
                 and t.event_ref = f.event_ref and t.reported_on = v.reported_on and not \
                 t.withdrawn)",
        )
        .await?;
    let no_longer = "t.withdrawn and not exists (select from missing_action m where \
        m.corrective_action_id = t.corrective_action_id and m.reported_on = t.reported_on)";
    let revoked = format!(
        "with gone as (delete from warehouse.corrective_action_source s using reported_action t \
             where s.corrective_action_source_id = t.corrective_action_source_id and {no_longer} \
             returning s.corrective_action_id) \
         insert into touched_action select distinct corrective_action_id from gone g \
         where not exists (select from touched_action t where t.id = g.corrective_action_id)"
    );
    merging
        .run_where(&format!("select from reported_action t where {no_longer}"), &revoked)
        .await?;
    let missing = "from missing_action m where not exists (select from reported_action t where \
        t.withdrawn \
        and t.corrective_action_id = m.corrective_action_id and t.reported_on = m.reported_on)";
    let recorded = format!(
        "with noted as (insert into warehouse.corrective_action_source (source, source_id, \
         corrective_action_id, matched_by, reported_on, report, \
                 batch_id, file_id, source_row, content_hash) \
             select {source}, m.source_id, m.corrective_action_id, 'SOURCE_ID', m.reported_on, \
                 jsonb_build_object('event_ref', m.event_ref, 'withdrawn', true), {}, {}, 0, \
                 '\\x'::bytea {missing} \
             returning corrective_action_id) \
         insert into touched_action select distinct corrective_action_id from noted n \
         where not exists (select from touched_action t where t.id = n.corrective_action_id)",
        merging.batch, merging.file
    );
    merging.run_where(&format!("select {missing}"), &recorded).await?;
    let silent = "exists (select from touched_action t where a.corrective_action_id = t.id) \
         and not exists (select from warehouse.corrective_action_source s where \
         s.corrective_action_id = a.corrective_action_id \
             and s.report -> 'withdrawn' is null)";
    merging
        .run_where(
            &format!("select from warehouse.corrective_action a where {silent}"),
            &format!("delete from warehouse.corrective_action a where {silent}"),
        )
        .await
        .map(|_| ())
}
