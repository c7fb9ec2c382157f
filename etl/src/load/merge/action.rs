//! Corrective actions: every report of one is kept, and finds the action it speaks of by its id in the source, by an id that
//! documents share, or by event, capability and likeness of text; what finds none is a new action.

mod matching;
mod state;

use tokio_postgres::Error;

use super::fact::{self, Fact};
use super::{Counts, Merging, drop_repeats, number};
use crate::load::stage::StageTable;

/// Day on which it was opened: as stated, or the day of its event, of the report, or of the load; never after its completion.
const OPENED: &str = "least(coalesce(f.opened_on, (select coalesce(e.end_local_date, e.local_date) from warehouse.event e where e.event_id = f.event_id), \
    f.start_on, f.reported_on, current_date), f.completed_on)";

/// Columns of the action.
pub const COLUMNS: &[(&str, &str)] = &[
    ("event_id", "f.event_id"),
    (
        "finding_id",
        "(select n.finding_id from warehouse.finding n where n.source = {source} and n.source_id = f.finding_source_id)",
    ),
    (
        "region_id",
        "coalesce(nullif(f.region_id, -1), nullif((select o.region_id from warehouse.organization o where o.organization_id = f.organization_id), -1), \
         (select r.region_id from warehouse.event_region r where r.event_id = f.event_id order by r.allocation_weight desc, r.region_id limit 1), -1)",
    ),
    ("capability_id", "f.capability_id"),
    ("owner_organization_id", "coalesce(f.organization_id, -1)"),
    ("external_id", "f.external_id"),
    ("issue", "f.issue"),
    ("text", "f.text"),
    ("priority", "f.priority"),
    ("status", "coalesce(f.status, 'OPEN')"),
    ("opened_on", OPENED),
    ("start_on", "f.start_on"),
    ("due_original_on", "coalesce(f.due_original_on, f.due_on)"),
    ("due_current_on", "f.due_on"),
    ("due_precision", "f.due_precision"),
    ("due_text", "f.due_text"),
    ("completed_on", "f.completed_on"),
    ("cancelled_on", "f.cancelled_on"),
    ("validated_on", "f.validated_on"),
    ("validated_event_id", "(select v.event_id from ref_event v where v.ref = f.validated_event_ref)"),
    ("sensitivity", "f.sensitivity"),
];

/// Elements, the report behind it, and its history: as stated, or made of its dates.
pub const FILL: &[&str] = &[
    "insert into warehouse.corrective_action_element (corrective_action_id, element_id, weight) \
     select f.id, element, 1.0 / count(*) over (partition by f.id) from {merging} f \
     cross join lateral (select distinct unnest(f.elements) as element) as e order by 1, 2",
    "insert into warehouse.corrective_action_source (source, source_id, corrective_action_id, matched_by, reported_on, report, batch_id, file_id, source_row, content_hash) \
     select {source}, f.source_id, f.id, 'NEW', f.reported_on, {report}, {batch}, {file}, f.source_row, f.content_hash from {merging} f order by f.id",
    "insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, change, status, due_on, batch_id, file_id, source_row) \
     with change as ( \
         select f.id, (h ->> 'on')::date as changed_on, h ->> 'change' as change, h ->> 'status' as status, (h ->> 'due_on')::date as due_on, place, f.source_row \
         from {merging} f cross join lateral jsonb_array_elements(f.history) with ordinality as t(h, place) \
         union all \
         select f.id, a.opened_on, 'OPENED', case when f.status = 'PROPOSED' then 'PROPOSED' else 'OPEN' end, a.due_original_on, -3, f.source_row \
         from {merging} f join warehouse.corrective_action a on a.corrective_action_id = f.id where f.history = '[]' \
         union all \
         select f.id, greatest(least(coalesce(f.reported_on, a.opened_on), f.completed_on, f.cancelled_on), a.opened_on), 'DUE_DATE', 'OPEN', f.due_on, -2, f.source_row \
         from {merging} f join warehouse.corrective_action a on a.corrective_action_id = f.id \
         where f.history = '[]' and f.due_original_on is distinct from f.due_on and f.due_original_on is not null \
         union all \
         select f.id, greatest(a.opened_on, case f.status when 'COMPLETED' then coalesce(f.completed_on, f.reported_on) when 'VALIDATED' then coalesce(f.completed_on, f.validated_on, f.reported_on) \
             when 'CANCELLED' then coalesce(f.cancelled_on, f.reported_on) else f.reported_on end), \
             case f.status when 'COMPLETED' then 'COMPLETED' when 'VALIDATED' then 'COMPLETED' when 'CANCELLED' then 'CANCELLED' else 'STATUS' end, \
             case f.status when 'VALIDATED' then 'COMPLETED' else f.status end, f.due_on, -1, f.source_row \
         from {merging} f join warehouse.corrective_action a on a.corrective_action_id = f.id \
         where f.history = '[]' and f.status not in ('OPEN', 'PROPOSED') \
         union all \
         select f.id, greatest(a.opened_on, f.completed_on, coalesce(f.validated_on, f.reported_on)), 'VALIDATED', 'VALIDATED', f.due_on, 0, f.source_row \
         from {merging} f join warehouse.corrective_action a on a.corrective_action_id = f.id where f.history = '[]' and f.status = 'VALIDATED') \
     select id, changed_on, row_number() over (partition by id, changed_on order by place), change, status, due_on, {batch}, {file}, source_row \
     from change where changed_on is not null order by id, changed_on, place",
];

/// A report as it is kept.
pub(super) const REPORT: &str = "jsonb_strip_nulls(jsonb_build_object('event_ref', f.event_ref, 'event_id', f.event_id, 'region_id', nullif(f.region_id, -1), \
    'capability_id', nullif(f.capability_id, -1), 'owner_id', f.organization_id, 'external_id', f.external_id, 'issue', f.issue, 'text', f.text, \
    'priority', f.priority, 'status', f.status, 'opened_on', f.opened_on, 'start_on', f.start_on, 'due_on', f.due_on, 'due_original_on', f.due_original_on, \
    'due_precision', f.due_precision, 'due_text', f.due_text, 'completed_on', f.completed_on, 'cancelled_on', f.cancelled_on, 'validated_on', f.validated_on, \
    'validated_event_ref', f.validated_event_ref, 'sensitivity', f.sensitivity, 'elements', f.elements))";

/// Merges the reports of one file.
pub async fn merge(merging: &Merging<'_>, fact: &Fact, counts: &mut Counts) -> Result<(), Error> {
    let source = merging.source_literal();
    counts.unchanged += drop_repeats(merging.transaction, StageTable::Records(fact.table).name()).await?;
    fact::find(merging, fact, StageTable::Records(fact.table).name()).await?;
    counts.rejected += fact::refuse(merging, fact, counts).await?;
    // A report read before, of the same day and words, is gone; one that only repeats what was said last by its day changes
    // nothing, but is kept: another may come between the two.
    merging
        .run(&format!(
            "create temp table report_corrective_action on commit drop as \
             select f.*, nullif(f.source_version, '')::date as reported_on, k.corrective_action_id as known_id, \
                 case when k.corrective_action_id is not null then 'SOURCE_ID' end as matched_by, null::float8 as similarity, \
                 exists (select from warehouse.corrective_action_source s where s.source = {source} and s.source_id = f.source_id \
                     and s.content_hash = f.content_hash and s.reported_on is not distinct from nullif(f.source_version, '')::date) as is_known, \
                 coalesce((select s.content_hash = f.content_hash from warehouse.corrective_action_source s \
                     where s.source = {source} and s.source_id = f.source_id and s.reported_on <= nullif(f.source_version, '')::date \
                     order by s.reported_on desc, s.file_id desc limit 1), false) as is_repeated \
             from found_corrective_action f left join lateral (select s.corrective_action_id from warehouse.corrective_action_source s \
                 where s.source = {source} and s.source_id = f.source_id limit 1) k on true"
        ))
        .await?;
    let known = "with gone as (delete from report_corrective_action where is_known returning weight) select coalesce(sum(weight), 0)::bigint from gone";
    counts.unchanged += number(merging.transaction, known).await?;
    merging
        .run(
            "update report_corrective_action f set known_id = a.corrective_action_id, matched_by = 'EXTERNAL_ID' \
             from (select external_id, min(corrective_action_id) as corrective_action_id from warehouse.corrective_action where external_id is not null group by 1) a \
             where f.known_id is null and f.external_id = a.external_id",
        )
        .await?;
    counts.warnings.extend(matching::by_likeness(merging).await?);
    let weights = merging
        .transaction
        .query_one(
            "select coalesce(sum(weight) filter (where known_id is null), 0)::bigint, coalesce(sum(weight) filter (where known_id is not null and not is_repeated), 0)::bigint, \
             coalesce(sum(weight) filter (where is_repeated), 0)::bigint, \
             count(*) filter (where known_id is null), count(*) filter (where known_id is not null) from report_corrective_action",
            &[],
        )
        .await?;
    let [inserted, updated, repeated, new, more] =
        [0, 1, 2, 3, 4].map(|column| weights.get::<_, i64>(column).unsigned_abs());
    counts.inserted += inserted;
    counts.updated += updated;
    counts.unchanged += repeated;
    if new > 0 {
        merging
            .run(
                "create temp table merging_corrective_action on commit drop as select f.*, true as is_new, \
                 nextval(pg_get_serial_sequence('warehouse.corrective_action', 'corrective_action_id')) as id \
                 from report_corrective_action f where known_id is null",
            )
            .await?;
        fact::insert(merging, fact).await?;
        for fill in fact.fill {
            merging.run(&fact::filled(merging, fact, fill)).await?;
        }
    }
    if more > 0 {
        let insert = format!(
            "insert into warehouse.corrective_action_source (source, source_id, corrective_action_id, matched_by, similarity, reported_on, report, batch_id, file_id, source_row, content_hash) \
             select {source}, f.source_id, f.known_id, f.matched_by, f.similarity, f.reported_on, {REPORT}, {}, {}, f.source_row, f.content_hash \
             from report_corrective_action f where f.known_id is not null order by f.known_id",
            merging.batch, merging.file
        );
        merging.run(&insert).await?;
        state::rebuild(merging).await?;
    }
    Ok(())
}
