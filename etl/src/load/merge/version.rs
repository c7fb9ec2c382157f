//! Versions of a report, such as draft and final. A later version replaces an earlier one, one kind
//! of record at a time. An earlier version loaded late adds only its dates.

use diesel::sql_types::{BigInt, Text};
use hotwash_schema::record::{Need, RecordType};

use super::context::{Counts, MergeContext};
use super::fact::ResolvedRecords;
use crate::code::WarningCode;
use crate::load::report::Warning;
use crate::load::statement::Statement;
use crate::sql::sql;
use hotwash_schema::copy::Error;

/// Marks the events of the file whose later version is already loaded.
pub async fn compare(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    merging.step(sql!("version/document.sql")).await?;
    let earlier = merging.statement(sql!("version/earlier_drafts.sql"));
    merging.change(earlier, merging.statement(sql!("version/date_drafts.sql"))).await?;
    let old: Vec<(String, String, i64)> =
        merging.rows::<(Text, Text, BigInt), _>(sql!("version/older.sql")).await?;
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
pub fn is_current<'a>(merging: &'a MergeContext<'_>, record: &'static RecordType) -> Statement<'a> {
    if !merging.complete_documents || record.event() == Need::No {
        return Statement::sql("true");
    }
    let later = merging.statement_of(sql!("record/later_version.sql"), record);
    Statement::sql("not exists ").and_part(later.subquery())
}

/// Deletes records of an earlier version that the current version no longer contains.
pub async fn drop_removed(
    merging: &MergeContext<'_>,
    resolved: &ResolvedRecords<'_>,
    counts: &mut Counts,
) -> Result<(), Error> {
    let record = resolved.record;
    if record.event() == Need::No {
        return Ok(());
    }
    let removed = resolved.statement(merging, sql!("record/removed.sql"));
    let delete = merging.statement_of(sql!("record/delete_removed.sql"), record);
    let dropped = merging.change(removed, delete).await?;
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
