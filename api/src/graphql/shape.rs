//! The shape of a record in an answer, and how it is written from a row of plain columns.

use std::io::Write;

use async_graphql::Error;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::entity::Kind;
use super::error::internal;
use super::written::{key, text};

/// A value of an answer, by the number of its column.
#[derive(Debug)]
pub enum Shape {
    /// A column of a kind.
    Value(usize, Kind),
    /// JSON as Postgres wrote it.
    Json(usize),
    /// A global id of this type.
    Id(usize, &'static str),
    /// Nothing.
    Null,
    /// The type's name.
    TypeName(String),
    /// Members by their name in the answer.
    Object(Vec<(String, Shape)>),
    /// A related record; none where its key is empty.
    One(usize, Vec<(String, Shape)>),
}

impl Shape {
    /// Writes the value of a row.
    ///
    /// # Errors
    /// When a column is not what it was asked to be.
    pub fn write(&self, row: &Row, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Value(at, kind) => match kind {
                Kind::Text => plain::<&str>(row, *at, out, text),
                Kind::Int => plain::<i32>(row, *at, out, shown),
                Kind::Long => plain::<i64>(row, *at, out, shown),
                Kind::Boolean => plain::<bool>(row, *at, out, shown),
                Kind::Float => plain::<f64>(row, *at, out, number),
                Kind::Date => plain::<NaiveDate>(row, *at, out, quoted),
                Kind::DateTime => plain::<DateTime<Utc>>(row, *at, out, |moment, out| {
                    quoted(moment.format("%Y-%m-%dT%H:%M:%SZ"), out);
                }),
            },
            Self::Json(at) => plain::<&str>(row, *at, out, |json, out| out.extend_from_slice(json.as_bytes())),
            Self::Id(at, name) => plain::<i64>(row, *at, out, |id, out| {
                let plain = format!("{name}:{id}");
                quoted(URL_SAFE_NO_PAD.encode(plain), out);
            }),
            Self::Null => {
                out.extend_from_slice(b"null");
                Ok(())
            }
            Self::TypeName(name) => {
                text(name, out);
                Ok(())
            }
            Self::Object(members) => object(members, row, out),
            Self::One(at, members) => match column::<i64>(row, *at)? {
                Some(_) => object(members, row, out),
                None => {
                    out.extend_from_slice(b"null");
                    Ok(())
                }
            },
        }
    }
}

fn object(members: &[(String, Shape)], row: &Row, out: &mut Vec<u8>) -> Result<(), Error> {
    out.push(b'{');
    for (at, (name, shape)) in members.iter().enumerate() {
        key(name, at == 0, out);
        shape.write(row, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn column<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Result<Option<T>, Error> {
    row.try_get(at).map_err(|error| internal(&error))
}

fn plain<'a, T: FromSql<'a>>(
    row: &'a Row,
    at: usize,
    out: &mut Vec<u8>,
    write: impl FnOnce(T, &mut Vec<u8>),
) -> Result<(), Error> {
    match column(row, at)? {
        Some(value) => write(value, out),
        None => out.extend_from_slice(b"null"),
    }
    Ok(())
}

fn shown(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing into memory does not fail.
    let _ = write!(out, "{value}");
}

fn quoted(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    let _ = write!(out, "\"{value}\"");
}

/// A whole number without a point, as Postgres writes it; what is not finite is null.
fn number(value: f64, out: &mut Vec<u8>) {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        shown(value as i64, out);
    } else {
        let _ = serde_json::to_writer(out, &value);
    }
}
