//! Rows of actions that an earlier load of the same row overrides.

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Date, Text};
use hotwash_schema::copy::Error;

use super::super::context::{Counts, MergeContext};
use crate::code::WarningCode;
use crate::load::report::Warning;
use crate::sql::sql;

/// Warns of rows that state no day of their own, and whose latest date is before that of the row
/// that was loaded earlier: of a correction that takes back a date, nothing would count.
pub async fn warn(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    type Columns = (Text, Text, BigInt, Text, Date, Date);
    type Row = (String, String, i64, String, NaiveDate, NaiveDate);
    let rows: Vec<Row> = merging.rows::<Columns, _>(sql!("action/older_rows.sql")).await?;
    counts.warnings.extend(rows.into_iter().map(|(column, value, row, other, day, later)| {
        let other = if other.is_empty() { "nothing".to_owned() } else { other };
        Warning {
            code: WarningCode::OlderRow,
            column: Some(column),
            value: Some(value),
            message: format!(
                "the latest date of the row is {day}; the row that was loaded earlier is of \
                 {later}, states {other}, and counts. To correct that row, write {later} under \
                 reported_on"
            ),
            first_row: row.unsigned_abs(),
            occurrences: 1,
        }
    }));
    Ok(())
}
