//! Parquet files as rows of text by column.

mod nesting;

use chrono::{DateTime, NaiveDate};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

use super::SourceError;
use crate::input::Input;

/// Most bytes of a Parquet file read at once.
const LARGEST: u64 = 1 << 30;

/// Opens one.
pub fn open(input: &Input) -> Result<SerializedFileReader<bytes::Bytes>, SourceError> {
    let bytes = input.whole(LARGEST)?;
    let nesting = nesting::of_columns(&bytes).ok_or_else(|| {
        SourceError::Unreadable("the Parquet file is broken: its footer cannot be read; write it again".into())
    })?;
    if nesting > nesting::MOST {
        return Err(SourceError::Unreadable(format!(
            "the Parquet file nests its columns {nesting} levels deep, more than the limit of {}; write it as a flat table",
            nesting::MOST
        )));
    }
    SerializedFileReader::new(bytes::Bytes::from(bytes)).map_err(broken)
}

/// What to say of a broken one.
pub fn broken(error: parquet::errors::ParquetError) -> SourceError {
    SourceError::Unreadable(format!("the Parquet file is broken: {error}"))
}

/// Columns of a Parquet file.
pub fn columns(input: &Input) -> Result<Vec<String>, SourceError> {
    let reader = open(input)?;
    Ok(reader.metadata().file_metadata().schema().get_fields().iter().map(|field| field.name().to_owned()).collect())
}

/// Whether the file's own notes have this key, with the value `true`.
pub fn states(input: &Input, key: &str) -> bool {
    let Ok(reader) = open(input) else { return false };
    let notes = reader.metadata().file_metadata().key_value_metadata();
    notes.is_some_and(|notes| notes.iter().any(|note| note.key == key && note.value.as_deref() == Some("true")))
}

/// A cell by name, as a person would write it.
pub fn cell(row: &Row, name: &str) -> String {
    row.get_column_iter().find(|(column, _)| column.as_str() == name).map(|(_, field)| text(field)).unwrap_or_default()
}

/// A value as a person would write it.
pub fn text(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.trim().to_owned(),
        Field::Date(days) => NaiveDate::from_epoch_days(*days).map_or_else(|| days.to_string(), |day| day.to_string()),
        Field::TimestampMillis(at) => {
            DateTime::from_timestamp_millis(*at).map_or_else(|| at.to_string(), |at| at.to_rfc3339())
        }
        Field::TimestampMicros(at) => {
            DateTime::from_timestamp_micros(*at).map_or_else(|| at.to_string(), |at| at.to_rfc3339())
        }
        Field::Double(number) => number.to_string(),
        Field::Float(number) => number.to_string(),
        Field::Bool(flag) => if *flag { "yes" } else { "no" }.into(),
        other => other.to_string(),
    }
}
