//! Resolves the references of a fact: known, unknown with a warning, or rejected.

use crate::code::{RejectCode, WarningCode};
use hotwash_schema::copy::{Error, RunStatement};

use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use hotwash_schema::record::{Need, Parent, RecordType};

use crate::load::merge::{Counts, MergeContext, number, reject_duplicates};
use crate::load::report::Warning;
use crate::load::stage::{StageTable, column_names};

/// Queries for the staged records of a fact with resolved references. No table stores the result:
/// each statement reads the staging table again, which costs less than another write.
pub struct ResolvedRecords {
    /// Subquery for all records.
    pub all: String,
    /// Subquery for the records with all required references.
    pub retained: String,
    /// Columns of both, without the source row, which is needed only for rejects.
    pub columns: String,
}

/// A reference that a record can lack.
struct Missing {
    /// Condition on `f`: the reference is unknown.
    condition: &'static str,
    column: &'static str,
    /// Column of the staged reference.
    reference: &'static str,
    /// SQL for the value to show.
    value: String,
    reason: &'static str,
    need: Need,
}

/// Returns the queries that resolve the references of a record.
pub fn resolve(merging: &MergeContext<'_>, record: &'static RecordType) -> ResolvedRecords {
    let stage = StageTable::Records(record);
    let (mut ids, mut joins) = (Vec::new(), String::new());
    if record.event() != Need::No {
        ids.push(("e.event_id".to_owned(), "event_id"));
        joins.push_str(" left join ref_event e on e.ref = f.event_ref");
    }
    let (organization, need) = record.organization();
    if need != Need::No {
        ids.push(("o.organization_id".to_owned(), "organization_id"));
        joins.push_str(&format!(" left join ref_organization o on o.ref = f.{organization}"));
    }
    if let Some(Parent { staged: column, record: table }) = record.parent {
        ids.push((format!("p.{table}_id as parent_id"), "parent_id"));
        joins.push_str(&format!(
            " left join warehouse.{table} p on p.source = {} and p.source_id = f.{column}",
            merging.source_literal()
        ));
    }
    let selected: Vec<&str> = ids.iter().map(|(selected, _)| selected.as_str()).collect();
    let all = format!(
        "(select {} from {} f{joins})",
        [&["f.*"], selected.as_slice()].concat().join(", "),
        stage.name()
    );
    let must: Vec<String> = missing(record)
        .iter()
        .filter(|missing| missing.need == Need::Must)
        .map(|missing| format!("not ({})", missing.condition))
        .collect();
    let retained = if must.is_empty() {
        all.clone()
    } else {
        format!("(select f.* from {all} f where {})", must.join(" and "))
    };
    let columns: Vec<String> = column_names(record)
        .chain(ids.iter().map(|(_, name)| *name))
        .map(|column| format!("f.{column}"))
        .collect();
    ResolvedRecords { all, retained, columns: columns.join(", ") }
}

fn missing(record: &'static RecordType) -> Vec<Missing> {
    let mut missing = Vec::new();
    if record.event() != Need::No {
        missing.push(Missing {
            condition: "f.event_id is null",
            column: "event",
            reference: "event_ref",
            value: "case split_part(f.event_ref, chr(31), 1) when 'id' then \
                split_part(f.event_ref, chr(31), 2) \
                else nullif(concat_ws(', ', nullif(split_part(f.event_ref, chr(31), 4), ''), \
                nullif(split_part(f.event_ref, chr(31), 3), '')), '') end"
                .into(),
            reason: "no event of the warehouse has this id or name and day; load the events first, \
                or correct it",
            need: record.event(),
        });
    }
    let (organization, need) = record.organization();
    if need != Need::No {
        missing.push(Missing {
            condition: "f.organization_id is null",
            column: "organization",
            reference: organization,
            value: format!(
                "split_part(f.{organization}, chr(31), case split_part(f.{organization}, chr(31), \
                 1) when 'id' then 2 else 4 end)"
            ),
            reason: "no organization of the warehouse has this id or name; load the organizations \
                first, or correct it",
            need,
        });
    }
    if let Some(Parent { staged: column, record: table }) = record.parent {
        missing.push(Missing {
            condition: "f.parent_id is null",
            column: table,
            reference: column,
            value: format!("f.{column}"),
            reason: "the record it belongs to is not in the warehouse; load that first, or correct \
                the id",
            need: Need::Must,
        });
    }
    missing
}

/// Rejects duplicates and records without a required reference, and warns of other unknown
/// references. Returns the number of retained rows.
pub async fn reject_unresolved(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
    resolved: &ResolvedRecords,
    counts: &mut Counts,
) -> Result<u64, Error> {
    let stage = StageTable::Records(record).name();
    let missing = missing(record);
    let missed: String = missing
        .iter()
        .map(|missing| match missing.need {
            Need::Must => format!(", count(*) filter (where {})", missing.condition),
            _ => format!(
                ", count(*) filter (where {} and f.{} is not null and {} <> '')",
                missing.condition, missing.reference, missing.value
            ),
        })
        .collect();
    let survey = format!(
        "select array[(select count(*) from (select from {stage} group by source_id having \
         count(*) > 1 \
         limit 1) as repeated), \
             coalesce(sum(weight), 0)::bigint{missed}] from {} f",
        resolved.all
    );
    let mut found = count_missing(merging, &survey).await?;
    if found[0] > 0 {
        reject_duplicates(merging, record, Some(&resolved.retained), counts).await?;
        found = count_missing(merging, &survey).await?;
    }
    let mut retained = found[1];
    let mut present = String::new();
    for (index, missing) in missing.iter().enumerate() {
        let is_missed = found[index + 2] > 0;
        if is_missed && missing.need == Need::Must {
            let rejected = reject(merging, record, resolved, missing, &present).await?;
            counts.rejected += rejected;
            retained -= rejected;
        } else if is_missed {
            warn(merging, resolved, missing, counts).await?;
        }
        if missing.need == Need::Must {
            present.push_str(&format!(" and not ({})", missing.condition));
        }
    }
    Ok(retained)
}

/// Returns the numbers of repeated ids, of rows, and of each missing reference.
async fn count_missing(merging: &MergeContext<'_>, survey: &str) -> Result<Vec<u64>, Error> {
    let counts = merging.transaction.rows::<Array<BigInt>, Vec<i64>>(sql_query(survey)).await?;
    Ok(counts.into_iter().flatten().map(i64::unsigned_abs).collect())
}

/// Rejects records with this unknown reference, except those already rejected (`present`). Returns
/// the number of rows.
async fn reject(
    merging: &MergeContext<'_>,
    record: &'static RecordType,
    resolved: &ResolvedRecords,
    missing: &Missing,
    present: &str,
) -> Result<u64, Error> {
    let gone = format!(
        "with gone as materialized (select f.* from {} f where {}{present}), \
         rejected as (insert into meta.reject (file_id, batch_id, row_number, record_type, \
         code, column_name, value, reason, row_content) \
             select {}, {}, f.source_row, '{}', '{}', '{}', {}, '{}', f.row_content::jsonb from \
             gone f \
             where f.weight > 0 order by f.source_row) \
         select coalesce(sum(weight), 0)::bigint from gone",
        resolved.all,
        missing.condition,
        merging.file,
        merging.batch,
        record.name,
        RejectCode::UnknownReference.as_str(),
        missing.column,
        missing.value,
        missing.reason
    );
    number(merging.transaction, &gone).await
}

/// Warns of records that are loaded without this reference.
async fn warn(
    merging: &MergeContext<'_>,
    resolved: &ResolvedRecords,
    missing: &Missing,
    counts: &mut Counts,
) -> Result<(), Error> {
    let sql = format!(
        "select {0}, min(f.source_row), count(*) from {1} f where {2} and f.{3} is not null and \
         {0} <> '' group by 1 order by 2 limit 100",
        missing.value, resolved.retained, missing.condition, missing.reference
    );
    let rows: Vec<(Option<String>, i64, i64)> =
        merging.transaction.rows::<(Nullable<Text>, BigInt, BigInt), _>(sql_query(sql)).await?;
    for (value, first_row, occurrences) in rows {
        counts.warnings.push(Warning {
            code: if missing.column == "event" {
                WarningCode::UnknownEvent
            } else {
                WarningCode::UnknownOrganization
            },
            column: Some(missing.column.into()),
            value,
            message: format!("{}; loaded without it", missing.reason),
            first_row: first_row.unsigned_abs(),
            occurrences: occurrences.unsigned_abs(),
        });
    }
    Ok(())
}
