//! Answers to sent trackers. An answer belongs to the action of its request, and to no other.

use diesel::sql_types::{BigInt, Bool, Date, Text};

use super::super::context::{Counts, MergeContext};
use super::super::fact::ResolvedRecords;
use crate::code::{RejectCode, WarningCode};
use crate::load::report::Warning;
use crate::load::statement::Statement;
use crate::sql::sql;
use chrono::NaiveDate;
use hotwash_schema::copy::Error;

/// Returns whether the file has answers, and rejects those whose request is unknown.
pub async fn reject_unasked(
    merging: &MergeContext<'_>,
    resolved: &ResolvedRecords<'_>,
    counts: &mut Counts,
) -> Result<bool, Error> {
    let [answers] = merging.counts(sql!("action/count_answers.sql")).await?;
    if answers == 0 {
        return Ok(false);
    }
    let reject = resolved
        .statement(merging, sql!("record/reject.sql"))
        .part("missing", Statement::of(sql!("action/is_unasked.sql")))
        .part("value", Statement::sql("f.request_id"))
        .value("code", RejectCode::UnknownReference.as_str())
        .value("column", "Hotwash ID")
        .value(
            "reason",
            "no tracker of this warehouse asked about it, or its action was removed; load the file \
             of requests that was written with the tracker first, or remove the ID to add a new \
             action",
        );
    counts.rejected += merging.number(reject).await?;
    Ok(true)
}

/// Stores the days of first answers, and warns of answers that differ from those of other days.
pub async fn record_answers(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    let first = merging.statement(sql!("action/first_answers.sql"));
    merging.change(first, merging.statement(sql!("action/store_answer_days.sql"))).await?;
    type Columns = (Text, BigInt, Text, Text, Date, Bool);
    type Row = (String, i64, String, String, NaiveDate, bool);
    let others: Vec<Row> = merging.rows::<Columns, _>(sql!("action/other_answers.sql")).await?;
    for (column, row, value, other, day, is_later) in others {
        let (code, message) = if is_later {
            let message = format!("a report of {day} states {other}, which is later and counts");
            (WarningCode::OlderAnswer, message)
        } else {
            let message = format!(
                "a report of {day} states {other}, which the owner did not see; this later answer \
                 counts"
            );
            (WarningCode::UnseenReport, message)
        };
        counts.warnings.push(Warning {
            code,
            column: Some(column),
            value: Some(value),
            message,
            first_row: row.unsigned_abs(),
            occurrences: 1,
        });
    }
    Ok(())
}
