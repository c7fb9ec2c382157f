//! Versions of a report, such as draft and final. A later version replaces an earlier one, one kind
//! of record at a time. An earlier version loaded late adds only its dates.

use crate::code::WarningCode;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use hotwash_schema::record::{Need, RecordType};

use super::fact::ResolvedRecords;
use super::{Counts, MergeContext};
use crate::load::report::Warning;
use hotwash_schema::copy::{Error, RunStatement};

/// Marks the events of the file whose later version is already loaded.
pub async fn compare(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let source = merging.source_literal();
    merging
        .fill(
            "document",
            &format!(
                "select e.event_id, s.source_row, s.source_version < e.source_version as is_old, \
             s.source_version, e.source_version as known_version, \
                 (s.detail -> 'after_action_report' ->> 'draft_on')::date as draft_on \
             from stage_event s join warehouse.event_source e on e.source = {source} and \
             e.source_id = s.source_id"
            ),
        )
        .await?;
    let earlier = "d.is_old and d.draft_on is not null and a.event_id = d.event_id and (a.draft_on \
        is null or a.draft_on > d.draft_on)";
    merging
        .run_where(
            &format!("select from warehouse.after_action_report a, document d where {earlier}"),
            &format!(
                "update warehouse.after_action_report a set draft_on = d.draft_on from document d \
                 where {earlier}"
            ),
        )
        .await?;
    let old = "select source_version, known_version, source_row from document where is_old";
    let old: Vec<(String, String, i64)> =
        merging.transaction.rows::<(Text, Text, BigInt), _>(sql_query(old)).await?;
    for (version, known, first_row) in old {
        counts.warnings.push(Warning {
            code: WarningCode::OlderVersion,
            column: None,
            value: Some(version),
            message: format!(
                "a later version of this report is loaded ({}); from this one, only the history of \
                 actions is loaded",
                known
            ),
            first_row: first_row.unsigned_abs(),
            occurrences: 1,
        });
    }
    Ok(())
}

/// Returns a condition on the staged record `f`: no later version of its document is loaded. Other
/// records are skipped and count as unchanged.
pub fn is_present(merging: &MergeContext<'_>, record: &RecordType) -> String {
    if record.event() == Need::No {
        return "true".to_owned();
    }
    format!(
        "not exists (select from document d where f.event_id = d.event_id and d.is_old \
             and exists (select from warehouse.{0} k where k.event_id = d.event_id and k.source = \
             {1}))",
        record.name,
        merging.source_literal()
    )
}

/// Deletes records of an earlier version that the current version no longer contains.
pub async fn drop_removed(
    merging: &MergeContext<'_>,
    record: &RecordType,
    resolved: &ResolvedRecords,
    counts: &mut Counts,
) -> Result<(), Error> {
    if record.event() == Need::No {
        return Ok(());
    }
    let dropped = format!(
        "not d.is_old and t.event_id = d.event_id and t.source = {} and not exists (select from {} \
         f where f.source_id = t.source_id)",
        merging.source_literal(),
        resolved.retained
    );
    let dropped = merging
        .run_where(
            &format!("select from warehouse.{} t, document d where {dropped}", record.name),
            &format!("delete from warehouse.{} t using document d where {dropped}", record.name),
        )
        .await?;
    if dropped > 0 {
        counts.warnings.push(Warning {
            code: WarningCode::Replaced,
            column: None,
            value: Some(record.name.into()),
            message: "were in an earlier version of this report and are not in this one; \
                deleted"
                .into(),
            first_row: 0,
            occurrences: dropped,
        });
    }
    Ok(())
}
