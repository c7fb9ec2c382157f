//! Shape of a record in an answer. Writes the answer from a row of plain columns.

use std::io::Write;
use std::sync::Arc;

use async_graphql::Error;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::deserialize::FromSql;
use diesel::pg::Pg;
use diesel::row::{Field as _, Row as _};
use diesel::sql_types;
use hotwash_schema::global_id::global_id;

use super::dimension::DimensionList;
use super::error::internal;
use super::json::{key, text};
use super::pool::Row;
use super::scalar::ScalarKind;

/// Value in an answer, by column number.
#[derive(Debug)]
pub enum Shape {
    /// Column of this kind.
    Value(usize, ScalarKind),
    /// JSON from Postgres.
    Json(usize),
    /// JSON of one record's list. Its cursor belongs to the record with this key.
    Within {
        /// Column of the JSON.
        at: usize,
        /// Column of the record's key.
        parent: usize,
        /// Expected key.
        key: i64,
        /// Error for the cursor of another record.
        foreign: Error,
    },
    /// List of dimension records, by the column of their ids.
    Dimension(usize, Arc<DimensionList>),
    /// Global id of this type.
    Id(usize, &'static str),
    /// Null.
    Null,
    /// Text that is the same for every row, such as the name of a type.
    Constant(String),
    /// Members by response name.
    Object(Vec<(String, Shape)>),
    /// Related record; null if its key is empty.
    One(usize, Vec<(String, Shape)>),
}

/// Columns of a row, from Postgres or from memory. A column without a value is empty.
pub trait RowReader {
    /// Passes the text of a column to `take`.
    ///
    /// # Errors
    /// Fails if the column has another type. The other methods fail in the same way.
    fn with_text<T>(&self, at: usize, take: impl FnOnce(Option<&str>) -> T) -> Result<T, Error>;
    /// Reads a 32-bit integer.
    fn int(&self, at: usize) -> Result<Option<i64>, Error>;
    /// Reads a 64-bit integer.
    fn long(&self, at: usize) -> Result<Option<i64>, Error>;
    /// Reads a floating-point number.
    fn float(&self, at: usize) -> Result<Option<f64>, Error>;
    /// Reads a boolean.
    fn flag(&self, at: usize) -> Result<Option<bool>, Error>;
    /// Reads an array of ids; none if the column is empty.
    fn ids(&self, at: usize) -> Result<Vec<i32>, Error>;
    /// Reads a date.
    fn day(&self, at: usize) -> Result<Option<NaiveDate>, Error>;
    /// Reads a time.
    fn moment(&self, at: usize) -> Result<Option<DateTime<Utc>>, Error>;
}

impl RowReader for Row {
    fn with_text<T>(&self, at: usize, take: impl FnOnce(Option<&str>) -> T) -> Result<T, Error> {
        let field = self.0.get(at).ok_or_else(|| missing(at))?;
        match field.value() {
            None => Ok(take(None)),
            Some(value) => std::str::from_utf8(value.as_bytes())
                .map(|text| take(Some(text)))
                .map_err(|error| internal(&error)),
        }
    }

    fn int(&self, at: usize) -> Result<Option<i64>, Error> {
        Ok(column::<i32, sql_types::Integer>(self, at)?.map(i64::from))
    }

    fn long(&self, at: usize) -> Result<Option<i64>, Error> {
        column::<_, sql_types::BigInt>(self, at)
    }

    fn float(&self, at: usize) -> Result<Option<f64>, Error> {
        column::<_, sql_types::Double>(self, at)
    }

    fn flag(&self, at: usize) -> Result<Option<bool>, Error> {
        column::<_, sql_types::Bool>(self, at)
    }

    fn ids(&self, at: usize) -> Result<Vec<i32>, Error> {
        let ids = column::<_, sql_types::Array<sql_types::Integer>>(self, at)?;
        Ok(ids.unwrap_or_default())
    }

    fn day(&self, at: usize) -> Result<Option<NaiveDate>, Error> {
        column::<_, sql_types::Date>(self, at)
    }

    fn moment(&self, at: usize) -> Result<Option<DateTime<Utc>>, Error> {
        column::<_, sql_types::Timestamptz>(self, at)
    }
}

impl Shape {
    /// Writes the value of a row.
    ///
    /// # Errors
    /// Fails if a column has another type.
    pub fn write<C: RowReader>(&self, row: &C, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Value(at, kind) => match kind {
                ScalarKind::Text | ScalarKind::Code(_) => {
                    row.with_text(*at, |value| plain(value, out, text))?
                }
                // The statement returns lists as JSON.
                ScalarKind::Texts => json(row, *at, out)?,
                ScalarKind::Id(name) => plain(row.long(*at)?, out, |key, out| {
                    quoted(global_id(name, key), out);
                }),
                ScalarKind::Int => plain(row.int(*at)?, out, shown),
                ScalarKind::Long => plain(row.long(*at)?, out, shown),
                ScalarKind::Boolean => plain(row.flag(*at)?, out, shown),
                ScalarKind::Float => plain(row.float(*at)?, out, number),
                ScalarKind::Date => plain(row.day(*at)?, out, quoted),
                ScalarKind::DateTime => plain(row.moment(*at)?, out, |moment, out| {
                    quoted(moment.format("%Y-%m-%dT%H:%M:%SZ"), out);
                }),
            },
            Self::Json(at) => json(row, *at, out)?,
            Self::Within { at, parent, key, foreign } => {
                if row.long(*parent)? != Some(*key) {
                    return Err(foreign.clone());
                }
                json(row, *at, out)?;
            }
            Self::Dimension(at, list) => list.write(&row.ids(*at)?, out)?,
            Self::Id(at, name) => {
                plain(row.long(*at)?, out, |key, out| quoted(global_id(name, key), out));
            }
            Self::Null => {
                out.extend_from_slice(b"null");
            }
            Self::Constant(value) => text(value, out),
            Self::Object(members) => object(members, row, out)?,
            Self::One(at, members) => match row.long(*at)? {
                Some(_) => object(members, row, out)?,
                None => out.extend_from_slice(b"null"),
            },
        }
        Ok(())
    }
}

fn json<C: RowReader>(row: &C, at: usize, out: &mut Vec<u8>) -> Result<(), Error> {
    row.with_text(at, |json| plain(json, out, |json, out| out.extend_from_slice(json.as_bytes())))
}

fn object<C: RowReader>(
    members: &[(String, Shape)],
    row: &C,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    out.push(b'{');
    for (at, (name, shape)) in members.iter().enumerate() {
        key(name, at == 0, out);
        shape.write(row, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn column<T: FromSql<S, Pg>, S>(row: &Row, at: usize) -> Result<Option<T>, Error> {
    let field = row.0.get(at).ok_or_else(|| missing(at))?;
    field.value().map(T::from_sql).transpose().map_err(|error| internal(&error))
}

fn missing(at: usize) -> Error {
    internal(&format!("the statement has no column {at}"))
}

fn plain<T>(value: Option<T>, out: &mut Vec<u8>, write: impl FnOnce(T, &mut Vec<u8>)) {
    match value {
        Some(value) => write(value, out),
        None => out.extend_from_slice(b"null"),
    }
}

fn shown(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = write!(out, "{value}");
}

fn quoted(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    let _ = write!(out, "\"{value}\"");
}

/// Writes an integral number without a decimal point, as Postgres does. Infinity and NaN become
/// null.
fn number(value: f64, out: &mut Vec<u8>) {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        shown(value as i64, out);
    } else {
        let _ = serde_json::to_writer(out, &value);
    }
}
