//! Versions of a report: the draft, the final one. A file of a later version takes the place of an earlier one, kind of record
//! by kind of record; an earlier version that is loaded late adds nothing but the days it tells.

use tokio_postgres::Error;

use super::fact::Fact;
use super::{Counts, Merging, number};
use crate::load::report::Warning;

/// Parts the events of the file into those of which a later version is known, and the present ones.
pub async fn compare(merging: &Merging<'_>, counts: &mut Counts) -> Result<(), Error> {
    let source = merging.source_literal();
    merging
        .run(&format!(
            "create temp table document on commit drop as \
             select e.event_id, s.source_row, s.source_version < e.source_version as is_old, s.source_version, e.source_version as known_version, \
                 (s.detail -> 'after_action_report' ->> 'draft_on')::date as draft_on \
             from stage_event s join warehouse.event_source e on e.source = {source} and e.source_id = s.source_id"
        ))
        .await?;
    let earlier = "d.is_old and d.draft_on is not null and a.event_id = d.event_id and (a.draft_on is null or a.draft_on > d.draft_on)";
    merging
        .run_where(
            &format!("select from warehouse.after_action_report a, document d where {earlier}"),
            &format!(
                "update warehouse.after_action_report a set draft_on = d.draft_on from document d where {earlier}"
            ),
        )
        .await?;
    let old = "select source_version, known_version, source_row from document where is_old";
    for row in merging.transaction.query(old, &[]).await? {
        counts.warnings.push(Warning {
            code: "older_version",
            column: None,
            value: Some(row.get(0)),
            message: format!(
                "a later version of this report is loaded ({}); only what this one tells of the course of actions is taken",
                row.get::<_, &str>(1)
            ),
            first_row: row.get::<_, i64>(2).unsigned_abs(),
            occurrences: 1,
        });
    }
    Ok(())
}

/// Passes over records of which a later version is known; gives their rows, which count as unchanged.
pub async fn pass_over(merging: &Merging<'_>, fact: &Fact) -> Result<u64, Error> {
    if fact.event == super::fact::Need::No {
        return Ok(0);
    }
    let sql = format!(
        "with gone as (delete from found_{0} f using document d where f.event_id = d.event_id and d.is_old \
             and exists (select from warehouse.{0} t where t.event_id = d.event_id and t.source = {1}) returning f.weight) \
         select coalesce(sum(weight), 0)::bigint from gone",
        fact.name,
        merging.source_literal()
    );
    number(merging.transaction, &sql).await
}

/// Drops records of an earlier version that the present one no longer has.
pub async fn drop_gone(merging: &Merging<'_>, fact: &Fact, counts: &mut Counts) -> Result<(), Error> {
    if fact.event == super::fact::Need::No {
        return Ok(());
    }
    let gone = format!(
        "not d.is_old and t.event_id = d.event_id and t.source = {1} and not exists (select from found_{0} f where f.source_id = t.source_id)",
        fact.name,
        merging.source_literal()
    );
    let gone = merging
        .run_where(
            &format!("select from warehouse.{} t, document d where {gone}", fact.name),
            &format!("delete from warehouse.{} t using document d where {gone}", fact.name),
        )
        .await?;
    if gone > 0 {
        counts.warnings.push(Warning {
            code: "replaced",
            column: None,
            value: Some(fact.name.into()),
            message: "stood in an earlier version of this report and no longer do; dropped".into(),
            first_row: 0,
            occurrences: gone,
        });
    }
    Ok(())
}
