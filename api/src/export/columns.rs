//! Row groups in columns, from which Parquet and Arrow are written.

use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::Row;

use super::ExportColumn;
use crate::graphql::entity::ScalarKind;

/// Values of a column; `None` for empty.
#[derive(Clone, Debug)]
pub enum ColumnData {
    /// Integers.
    Long(Vec<Option<i64>>),
    /// Floating-point numbers.
    Float(Vec<Option<f64>>),
    /// Booleans.
    Boolean(Vec<Option<bool>>),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
    /// Microseconds since 1970-01-01 in UTC.
    DateTime(Vec<Option<i64>>),
    /// Text.
    Text(Vec<Option<Box<str>>>),
}

impl ColumnData {
    /// Creates an empty column of a type.
    pub fn new(kind: ScalarKind) -> Self {
        match kind {
            ScalarKind::Int | ScalarKind::Long => Self::Long(Vec::new()),
            ScalarKind::Float => Self::Float(Vec::new()),
            ScalarKind::Boolean => Self::Boolean(Vec::new()),
            ScalarKind::Date => Self::Date(Vec::new()),
            ScalarKind::DateTime => Self::DateTime(Vec::new()),
            ScalarKind::Text => Self::Text(Vec::new()),
        }
    }
}

/// Returns the days since 1970-01-01.
pub fn days(day: NaiveDate) -> i32 {
    (day - NaiveDate::default()).num_days() as i32
}

/// A group of rows.
#[derive(Clone, Debug)]
pub struct RowGroup {
    /// Columns.
    pub columns: Vec<ColumnData>,
    /// Number of its rows.
    pub rows: usize,
}

impl RowGroup {
    /// Creates an empty row group with these columns.
    pub fn new(columns: &[ExportColumn]) -> Self {
        Self {
            columns: columns.iter().map(|column| ColumnData::new(column.kind)).collect(),
            rows: 0,
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Fails when a value does not have its column's type.
    pub fn push(&mut self, row: &Row) -> Result<(), tokio_postgres::Error> {
        for (at, column) in self.columns.iter_mut().enumerate() {
            match column {
                ColumnData::Long(values) => values.push(row.try_get(at)?),
                ColumnData::Float(values) => values.push(row.try_get(at)?),
                ColumnData::Boolean(values) => values.push(row.try_get(at)?),
                ColumnData::Date(values) => {
                    values.push(row.try_get::<_, Option<NaiveDate>>(at)?.map(days))
                }
                ColumnData::DateTime(values) => {
                    let moment: Option<DateTime<Utc>> = row.try_get(at)?;
                    values.push(moment.map(|moment| moment.timestamp_micros()));
                }
                ColumnData::Text(values) => {
                    values.push(row.try_get::<_, Option<&str>>(at)?.map(Into::into))
                }
            }
        }
        self.rows += 1;
        Ok(())
    }
}
