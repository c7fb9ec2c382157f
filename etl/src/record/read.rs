//! Records built by the description of their type alone.

use chrono::{DateTime, NaiveDate, Utc};
use hotwash_schema::record::{ColumnType, RecordType, StagedColumn};

use super::{Record, RecordRow};

/// Value of a described column.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// Text.
    Text(Option<String>),
    /// Small integer.
    SmallInteger(Option<i16>),
    /// Integer, or the id of a referenced row.
    Integer(Option<i32>),
    /// Big integer.
    BigInteger(Option<i64>),
    /// Number.
    Number(Option<f64>),
    /// Yes or no.
    Boolean(Option<bool>),
    /// Date.
    Date(Option<NaiveDate>),
    /// Date and time.
    Moment(Option<DateTime<Utc>>),
    /// No JSON value.
    NoJson,
    /// Ids of referenced rows.
    Integers(Vec<i32>),
    /// No numbers.
    NoNumbers,
    /// No texts.
    NoTexts,
}

impl FieldValue {
    /// Returns a text.
    pub fn text(value: impl Into<String>) -> Self {
        Self::Text(Some(value.into()))
    }

    /// Returns null, or an empty list.
    pub fn empty(data_type: ColumnType) -> Self {
        match data_type {
            ColumnType::Text => Self::Text(None),
            ColumnType::SmallInteger => Self::SmallInteger(None),
            ColumnType::Integer => Self::Integer(None),
            ColumnType::BigInteger => Self::BigInteger(None),
            ColumnType::Number => Self::Number(None),
            ColumnType::Boolean => Self::Boolean(None),
            ColumnType::Date => Self::Date(None),
            ColumnType::Moment => Self::Moment(None),
            ColumnType::Json => Self::NoJson,
            ColumnType::Texts => Self::NoTexts,
            ColumnType::Integers => Self::Integers(Vec::new()),
            ColumnType::Numbers => Self::NoNumbers,
        }
    }

    /// Returns whether the value is null.
    pub fn is_empty(&self) -> bool {
        matches!(
            self,
            Self::Text(None)
                | Self::SmallInteger(None)
                | Self::Integer(None)
                | Self::BigInteger(None)
                | Self::Number(None)
                | Self::Boolean(None)
                | Self::Date(None)
                | Self::Moment(None)
        )
    }

    /// Returns a number or an integer.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::SmallInteger(value) => value.map(f64::from),
            Self::Integer(value) => value.map(f64::from),
            Self::BigInteger(value) => value.map(|value| value as f64),
            Self::Number(value) => *value,
            _ => None,
        }
    }
}

/// Record with a value for each staged column of its type.
#[derive(Clone, Debug)]
pub struct ReadRecord {
    /// Type of the record.
    pub record_type: &'static RecordType,
    /// Row in the file.
    pub row: u64,
    /// Id in the source.
    pub source_id: String,
    /// Staged columns in order, with their values.
    pub values: Vec<(&'static str, FieldValue)>,
}

impl ReadRecord {
    /// Returns a record with these values, by staged column. The other columns are empty.
    pub fn with<const N: usize>(
        record_type: &'static RecordType,
        row: u64,
        source_id: String,
        given: [(&'static str, FieldValue); N],
    ) -> Self {
        let mut given = Vec::from(given);
        let mut value = |column: StagedColumn| {
            let place = given.iter().position(|(name, _)| *name == column.name);
            let empty = || (column.name, FieldValue::empty(column.data_type));
            place.map_or_else(empty, |place| given.swap_remove(place))
        };
        let values = record_type.staged_columns().map(&mut value).collect();
        debug_assert!(given.is_empty(), "{} stages no {given:?}", record_type.name);
        Self { record_type, row, source_id, values }
    }
}

impl Record for ReadRecord {
    fn record_type(&self) -> &'static RecordType {
        self.record_type
    }

    fn source_id(&self) -> &str {
        &self.source_id
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn write(&self, row: &mut RecordRow<'_>) {
        for (column, value) in &self.values {
            match value {
                FieldValue::Text(value) => row.optional_text(column, value.as_deref()),
                FieldValue::SmallInteger(value) => row.optional(column, *value),
                FieldValue::Integer(value) => row.optional(column, *value),
                FieldValue::BigInteger(value) => row.optional(column, *value),
                FieldValue::Number(value) => row.optional(column, *value),
                FieldValue::Boolean(value) => row.optional(column, *value),
                FieldValue::Date(value) => row.day(column, *value),
                FieldValue::Moment(value) => row.moment(column, *value),
                FieldValue::NoJson => row.json(column, None),
                FieldValue::Integers(values) => row.ids(column, values),
                FieldValue::NoNumbers => row.shares(column, &[]),
                FieldValue::NoTexts => row.texts(column, &[]),
            }
        }
    }
}
