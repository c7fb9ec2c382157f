//! Events described by several documents, such as an exercise in the calendar and in its
//! after-action report. The claim of each source is stored. The event is rebuilt from all claims,
//! so it counts once and the order of loading does not matter.

use std::collections::BTreeMap;

use diesel::result::Error::DeserializationError;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Jsonb, Text};
use hotwash_schema::record::{Merge, Need, RECORD_TYPES};
use serde_json::Value;

use super::super::context::{Counts, MergeContext};
use super::combine::{SourceClaim, combine};
use super::{edition, matching};
use crate::layout;
use crate::sql::sql;
use hotwash_schema::copy::{Error, RunStatement};

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
    merging.step(sql!("event/claims.sql")).await?;
    edition::continue_claims(merging, counts).await?;
    counts.warnings.extend(matching::match_events(merging).await?);
    if !merging.not_same_as.is_empty() {
        let ids: Vec<&str> = merging.not_same_as.iter().map(String::as_str).collect();
        merging.run(merging.statement(sql!("event/split_claims.sql")).value("ids", ids)).await?;
    }
    merging.step(sql!("event/number_claims.sql")).await?;
    let [inserted, same, all] = merging.counts(sql!("event/count_claims.sql")).await?;
    counts.inserted += inserted;
    counts.unchanged += same;
    counts.updated += all - inserted - same;
    merging.step(sql!("event/drop_same_claims.sql")).await?;
    let [claim_count] = merging.counts(sql!("event/count_stored.sql")).await?;
    if claim_count > 0 {
        let store = merging.statement(sql!("event/store_claims.sql"));
        merging.run_inserts(claim_count, None, vec![("event_source", store)]).await?;
    }
    // Most events have one claim, which is the staged row.
    merging.step(sql!("event/merging_claims.sql")).await?;
    combine_claims(merging).await
}

/// Adds to `merging` the events with claims of several documents, and those from which a claim was
/// split.
async fn combine_claims(merging: &MergeContext<'_>) -> Result<(), Error> {
    type Lineage = (Integer, Integer, BigInt);
    type Claim = (BigInt, Text, Text, Text, Jsonb, Lineage, Binary, Bool);
    let shared = sql!("event/shared_claims.sql").query();
    let shared = shared.bind::<Array<Text>, _>(SOURCES.as_slice());
    let mut events: BTreeMap<i64, Vec<SourceClaim>> = BTreeMap::new();
    type Row = (i64, String, String, String, Value, (i32, i32, i64), Vec<u8>, bool);
    let rows: Vec<Row> = merging.transaction.rows::<Claim, _>(shared).await?;
    for (event, source, source_id, version, claim, lineage, content_hash, is_new) in rows {
        let Value::Object(fields) = claim else {
            let message = format!(
                "warehouse.event_source: the claim {source_id} of {source} about event {event} is \
                 no JSON object; load its file again"
            );
            return Err(DeserializationError(message.into()).into());
        };
        events.entry(event).or_default().push(SourceClaim {
            source,
            source_id,
            version,
            fields,
            lineage,
            content_hash,
            is_new,
        });
    }
    if events.is_empty() {
        return Ok(());
    }
    let made: Vec<Value> =
        events.iter().filter_map(|(event, claims)| combine(*event, claims)).collect();
    let add = sql!("event/add_combined.sql").query();
    merging.transaction.execute(add.bind::<Jsonb, _>(Value::Array(made))).await?;
    Ok(())
}

/// Moves the records of this source along with a claim that was split from its event.
pub async fn move_split(merging: &MergeContext<'_>) -> Result<(), Error> {
    let [split] = merging.counts(sql!("event/count_split.sql")).await?;
    if split == 0 {
        return Ok(());
    }
    let moved = RECORD_TYPES
        .iter()
        .filter(|record| record.merge == Merge::Shared && record.event() != Need::No);
    for record in moved {
        merging.run(merging.statement_of(sql!("record/move_split.sql"), record)).await?;
    }
    merging.steps(&[sql!("event/move_reports.sql"), sql!("event/move_actions.sql")]).await
}
