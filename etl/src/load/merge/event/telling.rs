//! Events that several documents tell of: an exercise in the calendar and in its after-action
//! report, an incident in the duty log and in its report. Each document's telling is kept; the
//! event is made anew from all of them, so that it counts once and the order of loading decides
//! nothing.

use std::collections::BTreeMap;

use tokio_postgres::Error;

use super::super::{ALL_KNOWN, Counts, Merging};
use super::likeness;
use super::sponsor::KNOWN_SINCE;
use super::together::{Telling, together};
use crate::layout;

/// Sources whose events may be told of by another, the most trusted last; layouts are trusted less.
pub const SOURCES: [&str; 4] =
    ["exercise_calendar", "duty_officer_log", "hseep_aar_docx", "hotwash"];

/// Whether the events of a source are kept as tellings; those of a layout are.
pub fn is_told(source: &str) -> bool {
    SOURCES.contains(&source) || source.starts_with(layout::PREFIX)
}

/// Keeps the tellings of this file and makes `merging`, the events that they make new or change.
pub async fn keep(merging: &Merging<'_>, counts: &mut Counts) -> Result<(), Error> {
    let (transaction, source) = (merging.transaction, merging.source_literal());
    merging
        .fill("telling", &format!(
            "select s.source_id, s.weight, s.source_row, t.event_id, null::bigint as parted_from, \
             null::float8 as similarity, \
                 case when t.event_id is not null then t.matched_by end as matched_by, t.event_id \
                 is not null as is_known, \
                 (t.content_hash = s.content_hash and not {KNOWN_SINCE}) or s.source_version < \
                 t.source_version as is_same \
             from stage_event s left join warehouse.event_source t on t.source = {source} and \
             t.source_id = s.source_id"
        ))
        .await?;
    counts.warnings.extend(likeness::match_events(merging).await?);
    if !merging.apart.is_empty() {
        transaction
            .execute(
                "update telling t set parted_from = event_id, event_id = \
             nextval('warehouse.event_event_id_seq'), matched_by = 'APART', is_same = false \
             where t.source_id = any($1) and t.is_known and exists (select from \
             warehouse.event_source o \
                 where o.event_id = t.event_id and o.source <> $2)",
                &[&merging.apart, &merging.source],
            )
            .await?;
    }
    merging
        .run(
            "update telling set event_id = nextval('warehouse.event_event_id_seq'), matched_by = \
            'NEW' where event_id is null",
        )
        .await?;
    let row = transaction
        .query_typed_one(
            "select coalesce(sum(weight) filter (where matched_by = 'NEW' and not is_known), \
             0)::bigint, \
             coalesce(sum(weight) filter (where is_known and is_same), 0)::bigint, \
             coalesce(sum(weight), 0)::bigint from telling",
            &[],
        )
        .await?;
    let [inserted, same, all] = [0, 1, 2].map(|column| row.get::<_, i64>(column).unsigned_abs());
    counts.inserted += inserted;
    counts.unchanged += same;
    counts.updated += all - inserted - same;
    merging.run("delete from telling where is_known and is_same").await?;
    let kept = format!(
        "insert into warehouse.event_source (source, source_id, event_id, matched_by, similarity, \
         source_version, claim, batch_id, file_id, source_row, content_hash) \
         select {source}, s.source_id, t.event_id, t.matched_by, t.similarity, s.source_version, \
             jsonb_strip_nulls(to_jsonb(s) - \
             '{{weight,source_row,source_id,source_version,content_hash}}'::text[]), {}, {}, \
             s.source_row, s.content_hash \
         from stage_event s join telling t using (source_id) order by t.event_id \
         on conflict (source, source_id) do update set (event_id, matched_by, source_version, \
         claim, batch_id, file_id, source_row, content_hash) \
             = row(excluded.event_id, excluded.matched_by, excluded.source_version, \
             excluded.claim, excluded.batch_id, excluded.file_id, excluded.source_row, \
             excluded.content_hash)",
        merging.batch, merging.file
    );
    let told = super::number(transaction, "select count(*) from telling").await?;
    if told > 0 {
        merging.run_inserts(told, ALL_KNOWN, &[("event_source", kept)]).await?;
    }
    // Most events have one telling, which is the staged row itself.
    merging
        .fill("merging", &format!(
            "select s.*, t.event_id, not exists (select from warehouse.event e where e.event_id = \
             t.event_id) as is_new, \
                 {source}::text as told_by, {}::int as told_batch, {}::int as told_file \
             from stage_event s join telling t using (source_id) \
             where not exists (select from warehouse.event_source o where o.event_id = t.event_id \
             and o.source <> {source})",
            merging.batch, merging.file
        ))
        .await?;
    tell_together(merging).await
}

/// Adds to `merging` the events that several documents tell of, and those from which a telling was
/// parted.
async fn tell_together(merging: &Merging<'_>) -> Result<(), Error> {
    let rows = merging
        .transaction
        .query(
            "select o.event_id, o.source, o.source_id, o.source_version, o.claim, o.batch_id, \
             o.file_id, o.source_row, o.content_hash, \
                 not exists (select from warehouse.event e where e.event_id = o.event_id) \
             from warehouse.event_source o where o.event_id in ( \
                 select event_id from telling union select parted_from from telling where \
                 parted_from is not null) \
             and not exists (select from merging m where m.event_id = o.event_id) \
             order by o.event_id, array_position($1::text[], o.source) nulls first, o.source, \
             o.source_version, o.source_id",
            &[&SOURCES.as_slice()],
        )
        .await?;
    let mut events: BTreeMap<i64, Vec<Telling>> = BTreeMap::new();
    for row in &rows {
        events.entry(row.get(0)).or_default().push(Telling {
            source: row.get(1),
            source_id: row.get(2),
            version: row.get(3),
            told: row.get::<_, serde_json::Value>(4).as_object().cloned().unwrap_or_default(),
            lineage: (row.get(5), row.get(6), row.get(7)),
            content_hash: row.get(8),
            is_new: row.get(9),
        });
    }
    if events.is_empty() {
        return Ok(());
    }
    let made: Vec<serde_json::Value> =
        events.iter().filter_map(|(event, tellings)| together(*event, tellings)).collect();
    merging
        .transaction
        .execute(
            "insert into merging select * from jsonb_populate_recordset(null::merging, $1)",
            &[&serde_json::Value::Array(made)],
        )
        .await?;
    Ok(())
}

/// What hangs on events and was told by this source goes with a telling that is parted from the
/// others.
pub async fn move_parted(merging: &Merging<'_>) -> Result<(), Error> {
    let any = "select count(*) from telling where parted_from is not null";
    if super::number(merging.transaction, any).await? == 0 {
        return Ok(());
    }
    let source = merging.source_literal();
    for fact in [
        "participation",
        "milestone",
        "information_request",
        "resource_request",
        "capability_rating",
        "finding",
    ] {
        let sql = format!(
            "update warehouse.{fact} f set event_id = t.event_id from telling t where f.event_id = \
             t.parted_from and f.source = {source}"
        );
        merging.run(&sql).await?;
    }
    for sql in [
        format!(
            "update warehouse.corrective_action_source s set report = s.report || \
             jsonb_build_object('event_id', t.event_id) \
             from telling t where (s.report ->> 'event_id')::bigint = t.parted_from and s.source = \
             {source}"
        ),
        format!(
            "update warehouse.corrective_action a set event_id = t.event_id from telling t where \
             a.event_id = t.parted_from and a.source = {source}"
        ),
    ] {
        merging.run(&sql).await?;
    }
    Ok(())
}
