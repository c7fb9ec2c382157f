//! Reference data: regions, municipalities, capabilities, hazards and the other lists, as CSV. All
//! profiles share most lists; a profile brings its regions and municipalities, and may replace any
//! list by a file of the same name. One file is one row of `files::FILES`, or a list in the file of
//! the record type that it belongs to.

mod file;
mod files;
mod quotes;

use diesel::sql_types::{Array, Date, Jsonb, Text};
use diesel::upsert::excluded;
use diesel::{ExpressionMethods, QueryDsl, insert_into, sql_query};
use serde_json::Value;

use crate::copy::{CopyFormat, OpenTransaction, RunStatement};
use crate::error::SchemaError;
use crate::profile::Profile;
use crate::statement::filled;
use crate::tables::setting;
pub(crate) use file::required;
pub use file::{ReferenceColumn, ReferenceFile, ReferenceKind};
use files::files;

/// Setting with the lists that were loaded last.
const SETTING: &str = "reference";

/// Upserts every file. A list of the profile takes the place of the shared one. Returns the number
/// of rows new or changed.
pub async fn load(
    transaction: &OpenTransaction<'_>,
    profile: &Profile,
) -> Result<u64, SchemaError> {
    // Rows that a deployment loaded since stay until these lists themselves change.
    let lists = Value::from(format!("{} {}", env!("HOTWASH_SCHEMA_FINGERPRINT"), profile.digest()));
    let known = setting::table.filter(setting::name.eq(SETTING)).select(setting::value);
    if transaction.rows::<Jsonb, Value>(known).await?.contains(&lists) {
        return Ok(0);
    }
    let mut changed = 0;
    for statement in files::UNMAPPED {
        changed += transaction.execute(sql_query(*statement)).await?;
    }
    for statement in files().filter_map(ReferenceFile::unmapped) {
        changed += transaction.execute(sql_query(statement)).await?;
    }
    for file in files() {
        let rows = rows(profile, file)?;
        changed += upsert(transaction, file, &rows).await?;
    }
    changed += transaction.execute(sql_query(files::CALENDAR)).await?;
    let (days, names): (Vec<_>, Vec<_>) = profile.holidays_of(1950..=2050).into_iter().unzip();
    let holidays =
        sql_query(files::HOLIDAYS).bind::<Array<Date>, _>(days).bind::<Array<Text>, _>(names);
    changed += transaction.execute(holidays).await?;
    let kept = insert_into(setting::table)
        .values((setting::name.eq(SETTING), setting::value.eq(lists)))
        .on_conflict(setting::name)
        .do_update()
        .set(setting::value.eq(excluded(setting::value)));
    transaction.execute(kept).await?;
    Ok(changed)
}

/// Checks the reference files of a profile.
///
/// # Errors
/// Fails if a file is missing, or has an invalid row; the error names file, row and column.
pub fn check(profile: &Profile) -> Result<(), SchemaError> {
    files().try_for_each(|file| rows(profile, file).map(drop))
}

/// Returns the rows of a file: those of the profile, or the shared ones.
fn rows(profile: &Profile, file: &ReferenceFile) -> Result<Vec<Row>, SchemaError> {
    let missing = || SchemaError::Profile {
        profile: profile.id.clone(),
        reason: format!("has no {}; every profile brings one", file.name),
    };
    parse(file, profile.file(file.name).or(file.shared).ok_or_else(missing)?)
}

/// The text of a reference file that all profiles share.
pub fn shared(name: &str) -> Option<&'static str> {
    files().find(|file| file.name == name).and_then(|file| file.shared)
}

/// Names of the reference files.
pub fn names() -> impl Iterator<Item = &'static str> {
    files().map(|file| file.name)
}

/// Returns the name of the file with the rows of a table.
pub fn file_of(table: &str) -> Option<&'static str> {
    files().find(|file| file.table() == table).map(|file| file.name)
}

/// Statements that merge the temporary table `stage`, with a `row_number` and the columns of
/// `municipalities.csv`, into the warehouse; for a deployment's own file.
pub fn merge_municipalities() -> Vec<String> {
    files::MUNICIPALITIES.statements()
}

/// Counts the municipalities of each region whose published number differs: code, found, published.
pub const REGION_SIZES: &str = include_str!("doctor/region_sizes.sql");

async fn upsert(
    transaction: &OpenTransaction<'_>,
    file: &ReferenceFile,
    rows: &[Row],
) -> Result<u64, SchemaError> {
    let columns: Vec<String> =
        file.columns.iter().map(|column| format!("\"{}\" text", column.name)).collect();
    let create = filled(include_str!("reference/stage.sql"), &[("columns", &columns.join(", "))]);
    transaction.run_batch(&create).await?;
    let mut sink = transaction.copy_into("stage", CopyFormat::Text).await?;
    sink.send(copy_text(rows)).await?;
    sink.finish().await?;
    let mut changed = 0;
    for statement in file.statements() {
        let merged = transaction.execute(sql_query(statement)).await;
        changed += merged.map_err(|error| match error.loss() {
            Some(loss) => SchemaError::Lost(loss),
            None => SchemaError::Database(format!("reference file {}: {error}", file.name)),
        })?;
    }
    transaction.run_batch("drop table stage").await?;
    Ok(changed)
}

type Row = Vec<Option<String>>;

fn parse(file: &ReferenceFile, text: &str) -> Result<Vec<Row>, SchemaError> {
    let fault = |row: u64, column: &str, value: &str, reason: String| SchemaError::Reference {
        file: file.name.into(),
        row,
        column: column.into(),
        value: value.into(),
        reason,
    };
    if let Some((line, cell)) = quotes::unpaired(text) {
        return Err(fault(line, "", &cell, "has an unmatched quote; is the file complete?".into()));
    }
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| fault(1, "", "", error.to_string()))?.clone();
    let mut places = Vec::new();
    for column in file.columns {
        let place = headings
            .iter()
            .position(|heading| heading.trim_start_matches('\u{feff}') == column.name);
        if place.is_none() && column.required {
            let found: Vec<&str> = headings.iter().collect();
            return Err(fault(1, column.name, &found.join(","), "is missing this heading".into()));
        }
        places.push(place);
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let row = error.position().map_or(0, csv::Position::line);
            fault(row, "", "", error.to_string())
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let mut row = Row::with_capacity(file.columns.len());
        for (column, place) in file.columns.iter().zip(&places) {
            let value = place.and_then(|place| record.get(place)).unwrap_or_default();
            if value.is_empty() && column.required {
                return Err(fault(line, column.name, value, "must not be empty".into()));
            }
            if !value.is_empty() && !column.kind.accepts(value) {
                return Err(fault(
                    line,
                    column.name,
                    value,
                    format!("must be {}", column.kind.described()),
                ));
            }
            row.push((!value.is_empty()).then(|| column.kind.stored(value)));
        }
        rows.push(row);
    }
    Ok(rows)
}

impl ReferenceKind {
    fn accepts(self, value: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Whole => value.parse::<i64>().is_ok(),
            Self::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
            Self::YesNo => matches!(value, "true" | "false"),
            Self::Day => value.parse::<chrono::NaiveDate>().is_ok(),
            Self::Code(list) => list.find(value).is_some(),
        }
    }

    fn described(self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Whole => "a whole number".into(),
            Self::Number => "a number".into(),
            Self::YesNo => "true or false".into(),
            Self::Day => "a date such as 2026-06-30".into(),
            Self::Code(list) => format!("one of {}", list.codes.join(", ")),
        }
    }

    /// Returns the stored form of an accepted value.
    fn stored(self, value: &str) -> String {
        match self {
            Self::Code(list) => list.find(value).unwrap_or(value).to_owned(),
            _ => value.to_owned(),
        }
    }
}

/// Rows in Postgres's COPY text format, the row's number first.
fn copy_text(rows: &[Row]) -> Vec<u8> {
    let mut text = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        text.extend_from_slice((index + 1).to_string().as_bytes());
        for value in row {
            text.push(b'\t');
            match value {
                None => text.extend_from_slice(b"\\N"),
                Some(value) => {
                    for byte in value.bytes() {
                        match byte {
                            b'\\' => text.extend_from_slice(b"\\\\"),
                            b'\t' => text.extend_from_slice(b"\\t"),
                            b'\n' => text.extend_from_slice(b"\\n"),
                            b'\r' => text.extend_from_slice(b"\\r"),
                            other => text.push(other),
                        }
                    }
                }
            }
        }
        text.push(b'\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_outside_its_closed_list_is_rejected() {
        let mut checked = Vec::new();
        for file in files() {
            for (at, column) in file.columns.iter().enumerate() {
                let ReferenceKind::Code(list) = column.kind else { continue };
                checked.push([file.name, column.name].join("."));
                let rows = parse(file, file.shared.unwrap()).unwrap();
                let row = rows.iter().find(|row| row[at].is_some()).unwrap();
                let with = |code: &str| {
                    let mut writer = csv::Writer::from_writer(Vec::new());
                    let headings = file.columns.iter().map(|column| column.name);
                    writer.write_record(headings).unwrap();
                    let mut row = row.clone();
                    row[at] = Some(code.to_owned());
                    writer
                        .write_record(row.iter().map(|cell| cell.as_deref().unwrap_or("")))
                        .unwrap();
                    parse(file, &String::from_utf8(writer.into_inner().unwrap()).unwrap())
                };
                for code in list.codes {
                    let written = code.to_lowercase().replace('_', "-");
                    assert_eq!(with(&written).unwrap()[0][at].as_deref(), Some(*code));
                }
                for wrong in ["NONSENSE", &[list.codes[0], "S"].concat()] {
                    let error = with(wrong).unwrap_err().to_string();
                    let reason = format!("must be one of {}", list.codes.join(", "));
                    for part in [file.name, column.name, wrong, &reason] {
                        assert!(error.contains(part), "{part}: {error}");
                    }
                }
            }
        }
        let expected = [
            "capability_crosswalk.csv.relation",
            "exercise_types.csv.class",
            "requirements.csv.applies_to",
            "requirements.csv.exercise_class",
        ];
        assert_eq!(checked, expected);
    }
}
