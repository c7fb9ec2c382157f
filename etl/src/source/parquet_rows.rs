//! Reads Parquet files as rows of text by column.

mod nesting;

use chrono::{DateTime, NaiveDate, Utc};
use hotwash_documents::input::Input;
use parquet::basic::{LogicalType, TimeUnit, TimestampType};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

use super::SourceError;

/// Maximum number of bytes of a Parquet file, which is read at once.
const LARGEST: u64 = 1 << 30;

/// Opens a Parquet file.
pub fn open(input: &Input) -> Result<SerializedFileReader<bytes::Bytes>, SourceError> {
    let bytes = input.whole(LARGEST)?;
    let nesting = nesting::of_columns(&bytes).ok_or_else(|| {
        SourceError::Unreadable(
            "the Parquet file is broken: its footer cannot be read; write it again".into(),
        )
    })?;
    if nesting > nesting::MOST {
        return Err(SourceError::Unreadable(format!(
            "the Parquet file nests its columns {nesting} levels deep, more than the limit of {}; \
             write it as a flat table",
            nesting::MOST
        )));
    }
    SerializedFileReader::new(bytes::Bytes::from(bytes)).map_err(broken)
}

/// Returns the message for a damaged file.
pub fn broken(error: parquet::errors::ParquetError) -> SourceError {
    SourceError::Unreadable(format!("the Parquet file is broken: {error}"))
}

/// Returns the columns of a Parquet file.
pub fn columns(input: &Input) -> Result<Vec<String>, SourceError> {
    let reader = open(input)?;
    Ok(reader
        .metadata()
        .file_metadata()
        .schema()
        .get_fields()
        .iter()
        .map(|field| field.name().to_owned())
        .collect())
}

/// Returns whether the file's metadata contains this key with the value `true`.
pub fn states(input: &Input, key: &str) -> bool {
    let Ok(reader) = open(input) else { return false };
    let notes = reader.metadata().file_metadata().key_value_metadata();
    notes.is_some_and(|notes| {
        notes.iter().any(|note| note.key == key && note.value.as_deref() == Some("true"))
    })
}

/// Returns the rows of a file, each cell as a person would write it.
pub fn rows(
    reader: &SerializedFileReader<bytes::Bytes>,
) -> Result<impl Iterator<Item = Result<Vec<String>, SourceError>>, SourceError> {
    let schema = reader.metadata().file_metadata().schema();
    let stamps: Vec<Option<TimestampType>> =
        schema.get_fields().iter().map(|field| timestamp(field)).collect();
    let rows = reader.get_row_iter(None).map_err(broken)?;
    Ok(rows.map(move |row| {
        let row = row.map_err(broken)?;
        Ok(row
            .get_column_iter()
            .zip(&stamps)
            .map(|((_, field), stamp)| text(field, stamp.as_ref()))
            .collect())
    }))
}

/// Returns the timestamp type of a column: its unit, and whether it is UTC or local time.
fn timestamp(column: &Type) -> Option<TimestampType> {
    match column.get_basic_info().logical_type_ref()? {
        LogicalType::Timestamp(stamp) => Some(stamp.clone()),
        _ => None,
    }
}

fn text(field: &Field, stamp: Option<&TimestampType>) -> String {
    let written = |at: Option<DateTime<Utc>>| {
        let is_local = stamp.is_some_and(|stamp| !stamp.is_adjusted_to_u_t_c);
        Some(if is_local { at?.format("%Y-%m-%d %H:%M:%S").to_string() } else { at?.to_rfc3339() })
    };
    match (field, stamp.map(|stamp| &stamp.unit)) {
        (Field::Null, _) => Some(String::new()),
        (Field::Str(text), _) => Some(text.trim().to_owned()),
        (Field::Date(days), _) => NaiveDate::from_epoch_days(*days).map(|day| day.to_string()),
        (Field::TimestampMillis(at), _) => written(DateTime::from_timestamp_millis(*at)),
        (Field::TimestampMicros(at), _) => written(DateTime::from_timestamp_micros(*at)),
        (Field::Long(at), Some(TimeUnit::NANOS)) => {
            written(Some(DateTime::from_timestamp_nanos(*at)))
        }
        (Field::Double(number), _) => Some(number.to_string()),
        (Field::Float(number), _) => Some(number.to_string()),
        (Field::Bool(flag), _) => Some(if *flag { "yes" } else { "no" }.into()),
        _ => None,
    }
    .unwrap_or_else(|| field.to_string())
}
