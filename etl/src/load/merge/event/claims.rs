//! Events described by several documents, such as an exercise in the calendar and in its
//! after-action report. The claim of each source is stored. The event is rebuilt from all claims,
//! so it counts once and the order of loading does not matter.

use std::collections::BTreeMap;

use hotwash_schema::record::{Merge, Need, RECORD_TYPES};
use tokio_postgres::Error;

use super::super::{ALL_KNOWN, Counts, MergeContext};
use super::combine::{SourceClaim, combine};
use super::matching;
use super::sponsor::KNOWN_SINCE;
use crate::layout;

/// Sources whose events can be in several documents, the most trusted last; layouts are trusted
/// less.
pub const SOURCES: [&str; 4] =
    ["exercise_calendar", "duty_officer_log", "hseep_aar_docx", "hotwash"];

/// Returns whether the events of a source are stored as claims, as are those of a layout.
pub fn has_claims(source: &str) -> bool {
    SOURCES.contains(&source) || source.starts_with(layout::PREFIX)
}

/// Stores the claims of this file and fills `merging` with the events that become new or change.
pub async fn store_claims(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let (transaction, source) = (merging.transaction, merging.source_literal());
    merging
        .fill("source_claim", &format!(
            "select s.source_id, s.weight, s.source_row, t.event_id, null::bigint as split_from, \
             null::float8 as similarity, \
                 case when t.event_id is not null then t.matched_by end as matched_by, t.event_id \
                 is not null as is_known, \
                 (t.content_hash = s.content_hash and not {KNOWN_SINCE}) or s.source_version < \
                 t.source_version as is_same \
             from stage_event s left join warehouse.event_source t on t.source = {source} and \
             t.source_id = s.source_id"
        ))
        .await?;
    counts.warnings.extend(matching::match_events(merging).await?);
    if !merging.not_same_as.is_empty() {
        transaction
            .execute(
                "update source_claim t set split_from = event_id, event_id = \
             nextval('warehouse.event_event_id_seq'), matched_by = 'APART', is_same = false \
             where t.source_id = any($1) and t.is_known and exists (select from \
             warehouse.event_source o \
                 where o.event_id = t.event_id and o.source <> $2)",
                &[&merging.not_same_as, &merging.source],
            )
            .await?;
    }
    merging
        .run(
            "update source_claim set event_id = nextval('warehouse.event_event_id_seq'), \
             matched_by = \
            'NEW' where event_id is null",
        )
        .await?;
    let row = transaction
        .query_typed_one(
            "select coalesce(sum(weight) filter (where matched_by = 'NEW' and not is_known), \
             0)::bigint, \
             coalesce(sum(weight) filter (where is_known and is_same), 0)::bigint, \
             coalesce(sum(weight), 0)::bigint from source_claim",
            &[],
        )
        .await?;
    let [inserted, same, all] = [0, 1, 2].map(|column| row.get::<_, i64>(column).unsigned_abs());
    counts.inserted += inserted;
    counts.unchanged += same;
    counts.updated += all - inserted - same;
    merging.run("delete from source_claim where is_known and is_same").await?;
    let insert_claims = format!(
        "insert into warehouse.event_source (source, source_id, event_id, matched_by, similarity, \
         source_version, claim, batch_id, file_id, source_row, content_hash) \
         select {source}, s.source_id, t.event_id, t.matched_by, t.similarity, s.source_version, \
             jsonb_strip_nulls(to_jsonb(s) - \
             '{{weight,source_row,source_id,source_version,content_hash}}'::text[]), {}, {}, \
             s.source_row, s.content_hash \
         from stage_event s join source_claim t using (source_id) order by t.event_id \
         on conflict (source, source_id) do update set (event_id, matched_by, source_version, \
         claim, batch_id, file_id, source_row, content_hash) \
             = row(excluded.event_id, excluded.matched_by, excluded.source_version, \
             excluded.claim, excluded.batch_id, excluded.file_id, excluded.source_row, \
             excluded.content_hash)",
        merging.batch, merging.file
    );
    let claim_count = super::number(transaction, "select count(*) from source_claim").await?;
    if claim_count > 0 {
        merging.run_inserts(claim_count, ALL_KNOWN, &[("event_source", insert_claims)]).await?;
    }
    // Most events have one claim, which is the staged row.
    merging
        .fill("merging", &format!(
            "select s.*, t.event_id, not exists (select from warehouse.event e where e.event_id = \
             t.event_id) as is_new, \
                 {source}::text as claim_source, {}::int as claim_batch, {}::int as claim_file \
             from stage_event s join source_claim t using (source_id) \
             where not exists (select from warehouse.event_source o where o.event_id = t.event_id \
             and o.source <> {source})",
            merging.batch, merging.file
        ))
        .await?;
    combine_claims(merging).await
}

/// Adds to `merging` the events with claims of several documents, and those from which a claim was
/// split.
async fn combine_claims(merging: &MergeContext<'_>) -> Result<(), Error> {
    let rows = merging
        .transaction
        .query(
            "select o.event_id, o.source, o.source_id, o.source_version, o.claim, o.batch_id, \
             o.file_id, o.source_row, o.content_hash, \
                 not exists (select from warehouse.event e where e.event_id = o.event_id) \
             from warehouse.event_source o where o.event_id in ( \
                 select event_id from source_claim union select split_from from source_claim where \
                 split_from is not null) \
             and not exists (select from merging m where m.event_id = o.event_id) \
             order by o.event_id, array_position($1::text[], o.source) nulls first, o.source, \
             o.source_version, o.source_id",
            &[&SOURCES.as_slice()],
        )
        .await?;
    let mut events: BTreeMap<i64, Vec<SourceClaim>> = BTreeMap::new();
    for row in &rows {
        events.entry(row.get(0)).or_default().push(SourceClaim {
            source: row.get(1),
            source_id: row.get(2),
            version: row.get(3),
            fields: row.get::<_, serde_json::Value>(4).as_object().cloned().unwrap_or_default(),
            lineage: (row.get(5), row.get(6), row.get(7)),
            content_hash: row.get(8),
            is_new: row.get(9),
        });
    }
    if events.is_empty() {
        return Ok(());
    }
    let made: Vec<serde_json::Value> =
        events.iter().filter_map(|(event, claims)| combine(*event, claims)).collect();
    merging
        .transaction
        .execute(
            "insert into merging select * from jsonb_populate_recordset(null::merging, $1)",
            &[&serde_json::Value::Array(made)],
        )
        .await?;
    Ok(())
}

/// Moves the records of this source along with a claim that was split from its event.
pub async fn move_split(merging: &MergeContext<'_>) -> Result<(), Error> {
    let any = "select count(*) from source_claim where split_from is not null";
    if super::number(merging.transaction, any).await? == 0 {
        return Ok(());
    }
    let source = merging.source_literal();
    let moved = RECORD_TYPES
        .iter()
        .filter(|record| record.merge == Merge::Shared && record.event() != Need::No);
    for record in moved {
        let sql = format!(
            "update warehouse.{} f set event_id = t.event_id from source_claim t where f.event_id = \
             t.split_from and f.source = {source}",
            record.name
        );
        merging.run(&sql).await?;
    }
    for sql in [
        format!(
            "update warehouse.corrective_action_source s set report = s.report || \
             jsonb_build_object('event_id', t.event_id) \
             from source_claim t where (s.report ->> 'event_id')::bigint = t.split_from and \
             s.source = \
             {source}"
        ),
        format!(
            "update warehouse.corrective_action a set event_id = t.event_id from source_claim t \
             where \
             a.event_id = t.split_from and a.source = {source}"
        ),
    ] {
        merging.run(&sql).await?;
    }
    Ok(())
}
