//! Corrective actions. Every report is stored and matched to its action: by id in the source, by an
//! id shared by documents, or by event, capability and similar text. A report without a match is a
//! new action.

mod matching;
mod state;
mod store;
mod withdrawal;

use diesel::sql_query;

use super::fact;
use super::{Counts, Insert, MergeContext, Unknown, number};
use hotwash_schema::copy::{Error, RunStatement};
use hotwash_schema::record;

/// JSON of a stored report.
const REPORT: &str = "jsonb_strip_nulls(jsonb_build_object('event_ref', f.event_ref, 'event_id', \
    f.event_id, 'region_id', nullif(f.region_id, -1), \
    'capability_id', nullif(f.capability_id, -1), 'owner_id', f.organization_id, \
    'finding_source_id', f.finding_source_id, 'external_id', f.external_id, \
    'issue', f.issue, 'text', f.text, 'priority', f.priority, 'status', f.status, 'opened_on', \
    f.opened_on, 'start_on', f.start_on, 'due_on', f.due_on, \
    'due_original_on', f.due_original_on, 'due_changed_on', f.due_changed_on, 'due_precision', \
    f.due_precision, 'due_text', f.due_text, \
    'completed_on', f.completed_on, 'cancelled_on', f.cancelled_on, 'validated_on', f.validated_on, \
    'validated_event_id', (select v.event_id from ref_event v where v.ref = \
    f.validated_event_ref), 'sensitivity', f.sensitivity, \
    'elements', nullif(f.elements, '{}')))";

/// Reports that named an event before that event was loaded.
const REPORTS_AWAITING_EVENT: &str = "select from warehouse.corrective_action_source s join \
    ref_event r on r.ref \
    = s.report ->> 'event_ref' \
    where r.event_id is not null and s.report ->> 'event_id' is null";
/// Assigns these reports to their event.
const ASSIGN_EVENT: &str = "with adopted as (update warehouse.corrective_action_source s set \
    report = \
    s.report || jsonb_build_object('event_id', r.event_id) \
        from ref_event r where r.event_id is not null and r.ref = s.report ->> 'event_ref' and \
        s.report ->> 'event_id' is null \
        returning s.corrective_action_id, r.event_id), \
    named as (update warehouse.corrective_action a set event_id = n.event_id from adopted n \
        where a.corrective_action_id = n.corrective_action_id and a.event_id is null) \
    insert into touched_action select distinct corrective_action_id from adopted";

/// Marks actions of this event as touched if their finding was loaded after them.
const TOUCH_ACTIONS_OF_FINDINGS: &str = "insert into touched_action select distinct \
    a.corrective_action_id from \
    merging_finding f \
    join warehouse.corrective_action a on a.event_id = f.event_id and a.finding_id is null \
    join warehouse.corrective_action_source s on s.corrective_action_id = a.corrective_action_id \
    where s.source = {source} and s.report ->> 'finding_source_id' = f.source_id \
    and not exists (select from touched_action t where t.id = a.corrective_action_id)";

/// Merges the reports of one file, and rebuilds every action that its reports, events or findings
/// affect.
pub async fn merge(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let (reports, findings) =
        (merging.has(&record::CORRECTIVE_ACTION), merging.has(&record::FINDING));
    if !reports && !findings && !merging.has(&record::EVENT) {
        return Ok(());
    }
    merging.temp_tables.create(merging.transaction, "touched_action", "id bigint").await?;
    merging.run_where(REPORTS_AWAITING_EVENT, ASSIGN_EVENT).await?;
    if findings {
        merging
            .run(&TOUCH_ACTIONS_OF_FINDINGS.replace("{source}", &merging.source_literal()))
            .await?;
    }
    if reports {
        store_reports(merging, counts).await?;
    }
    let touched = number(merging.transaction, "select count(*) from touched_action").await?;
    if touched == 0 {
        return Ok(());
    }
    store::rebuild(merging, touched).await?;
    if reports {
        let [inserted, updated, all] = merging
            .transaction
            .counts(sql_query(
                "select coalesce(sum(weight) filter (where known_id is null), 0)::bigint, \
                 (select coalesce(sum(k.weight), 0)::bigint from report_corrective_action k join \
                 rebuilt_action m on m.id = k.id \
                     where k.known_id is not null), coalesce(sum(weight), 0)::bigint from \
                     report_corrective_action f",
            ))
            .await?;
        counts.inserted += inserted;
        counts.updated += updated;
        counts.unchanged += all - inserted - updated;
    }
    Ok(())
}

/// Matches each report to its action and stores it. Of several actions with one shared id, the
/// first is used. The `+ 0` keeps Postgres from scanning all actions in key order.
async fn store_reports(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let (transaction, source) = (merging.transaction, merging.source_literal());
    let resolved = fact::resolve(merging, &record::CORRECTIVE_ACTION);
    fact::reject_unresolved(merging, &record::CORRECTIVE_ACTION, &resolved, counts).await?;
    merging
        .fill("report_corrective_action", &format!(
            "select {}, nullif(f.source_version, '')::date as reported_on, coalesce(k.id, x.id) as \
             known_id, \
                 coalesce(k.id, x.id, nextval('warehouse.corrective_action_corrective_action_id_seq')) as id, \
                 case when k.id is not null then 'SOURCE_ID' when x.id is not null then \
                 'EXTERNAL_ID' else 'NEW' end as matched_by, \
                 null::float8 as similarity, k.is_known \
             from {} f \
             cross join lateral (select min(s.corrective_action_id) as id, \
             coalesce(bool_or(s.content_hash = f.content_hash \
                     and s.reported_on is not distinct from nullif(f.source_version, '')::date \
                     and (f.organization_id is null or s.report ->> 'owner_id' is not null)), \
                     false) as is_known \
                 from warehouse.corrective_action_source s where s.source = {source} and \
                 s.source_id = f.source_id) k \
             cross join lateral (select min(a.corrective_action_id + 0) as id from \
             warehouse.corrective_action a \
                 where k.id is null and a.external_id = f.external_id) x",
            resolved.columns, resolved.retained
        ))
        .await?;
    let removed = if merging.complete_documents {
        withdrawal::remove_dropped_rows(merging).await?
    } else {
        0
    };
    // A report that was stored before, with the same date and content, changes nothing, unless its
    // owner has been added since.
    let known = "with gone as (delete from report_corrective_action where is_known returning \
        weight) select coalesce(sum(weight), 0)::bigint from gone";
    counts.unchanged += number(transaction, known).await?;
    let reports = number(transaction, "select count(*) from report_corrective_action").await?;
    if removed == 0 && reports == 0 {
        return Ok(());
    }
    counts.warnings.extend(matching::match_by_similarity(merging).await?);
    // A corrected row loaded again for the same date replaces the earlier one.
    merging
        .run_where(
            &format!(
                "select from warehouse.corrective_action_source s join report_corrective_action f \
                 on s.source = {source} and s.source_id = f.source_id \
                 and s.reported_on is not distinct from f.reported_on"
            ),
            &format!(
                "delete from warehouse.corrective_action_source s using report_corrective_action f \
                 where s.source = {source} and s.source_id = f.source_id and s.reported_on is not \
                 distinct from f.reported_on"
            ),
        )
        .await?;
    let store = format!(
        "insert into warehouse.corrective_action_source (source, source_id, \
                 corrective_action_id, matched_by, similarity, reported_on, report, \
                     batch_id, file_id, source_row, content_hash) \
                 select {source}, f.source_id, f.id, f.matched_by, f.similarity, f.reported_on, \
                 {REPORT}, {}, {}, f.source_row, f.content_hash \
                 from report_corrective_action f",
        merging.batch, merging.file
    );
    let store = [("corrective_action_source", Insert::Text(&store))];
    merging.run_inserts(reports, Unknown::None, &store).await?;
    merging
        .run(
            "insert into touched_action select distinct id from report_corrective_action f where \
            not exists (select from touched_action t where t.id = f.id)",
        )
        .await?;
    if merging.complete_documents {
        withdrawal::withdraw(merging).await?;
    }
    Ok(())
}
