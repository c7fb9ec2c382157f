//! Row groups in columns, from which Parquet and Arrow are written.

use chrono::NaiveDate;

use super::ExportColumn;
use hotwash_graphql::pool::Row;
use hotwash_graphql::scalar::ScalarKind;
use hotwash_graphql::shape::RowReader as _;

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
            ScalarKind::Int | ScalarKind::Long | ScalarKind::Id(_) => Self::Long(Vec::new()),
            ScalarKind::Float => Self::Float(Vec::new()),
            ScalarKind::Boolean => Self::Boolean(Vec::new()),
            ScalarKind::Date => Self::Date(Vec::new()),
            ScalarKind::DateTime => Self::DateTime(Vec::new()),
            ScalarKind::Text | ScalarKind::Texts | ScalarKind::Code(_) => Self::Text(Vec::new()),
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
    pub fn push(&mut self, row: &Row) -> Result<(), async_graphql::Error> {
        for (at, column) in self.columns.iter_mut().enumerate() {
            match column {
                ColumnData::Long(values) => values.push(row.long(at)?),
                ColumnData::Float(values) => values.push(row.float(at)?),
                ColumnData::Boolean(values) => values.push(row.flag(at)?),
                ColumnData::Date(values) => values.push(row.day(at)?.map(days)),
                ColumnData::DateTime(values) => {
                    values.push(row.moment(at)?.map(|moment| moment.timestamp_micros()));
                }
                ColumnData::Text(values) => {
                    values.push(row.with_text(at, |text| text.map(Into::into))?)
                }
            }
        }
        self.rows += 1;
        Ok(())
    }
}
