//! Notes which rejected rows of earlier files a file brings in corrected form.

use hotwash_documents::delimited::Records;
use hotwash_documents::input::{Input, decode};
use hotwash_schema::copy::{Error, OpenTransaction, RunStatement};

use super::FileReport;
use super::stage::Stages;
use super::statement::Statement;
use crate::sql::sql;

/// Rows that `hotwash rejects` wrote: the file and row that each corrects, and its own number.
#[derive(Default)]
struct Corrections {
    files: Vec<String>,
    rows: Vec<i64>,
    own_rows: Vec<i64>,
}

/// Marks the rejects that a loaded file corrects.
pub async fn mark(
    transaction: &OpenTransaction<'_>,
    input: &Input,
    report: &FileReport,
    stages: &Stages,
    file_id: i32,
) -> Result<(), Error> {
    let names_rejects = report.columns.iter().any(|column| column.heading == "reject_row");
    // The source has read the file, so that it can be read again.
    let corrections =
        if names_rejects { corrections(input).unwrap_or_default() } else { Corrections::default() };
    let brought = stages.record_types().map(|record| {
        let rows = Statement::of(sql!("load/brought_rows.sql")).of_record(record);
        Statement::sql("union all ").and_part(rows)
    });
    let mark = Statement::of(sql!("load/correct_rejects.sql"))
        .part("brought", Statement::joined(brought, " "))
        .value("file", file_id)
        .value("corrected_files", corrections.files.iter().map(String::as_str).collect::<Vec<_>>())
        .value("corrected_rows", corrections.rows)
        .value("rows", corrections.own_rows);
    transaction.execute(mark).await?;
    Ok(())
}

/// Reads the columns `reject_file` and `reject_row`; none if the file has no such columns.
fn corrections(input: &Input) -> Option<Corrections> {
    let mut records = Records::open(input, |_| false).ok()?;
    records.advance().ok()??;
    let position =
        |name: &str| records.record().iter().position(|heading| heading == name.as_bytes());
    let (file, row) = (position("reject_file")?, position("reject_row")?);
    let mut corrections = Corrections::default();
    while let Ok(Some(own_row)) = records.advance() {
        let cell = |index: usize| records.record().get(index).map(decode).unwrap_or_default();
        let Ok(row) = cell(row).trim().parse() else { continue };
        corrections.files.push(cell(file).trim().to_owned());
        corrections.rows.push(row);
        corrections.own_rows.push(own_row as i64);
    }
    Some(corrections)
}
