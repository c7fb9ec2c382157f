//! Values of statements. They are always bound, never part of the text.

use chrono::{DateTime, NaiveDate, Utc};
use hotwash_schema::day::parse_day;
use hotwash_schema::global_id::parse_global_id;

use crate::scalar::ScalarKind;

/// Value with its type in Postgres.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `text`.
    Text(String),
    /// `integer`.
    Int(i32),
    /// `bigint`.
    Long(i64),
    /// `double precision`.
    Float(f64),
    /// `boolean`.
    Boolean(bool),
    /// `date`.
    Date(NaiveDate),
    /// `timestamptz`.
    DateTime(DateTime<Utc>),
    /// `integer[]`.
    Ids(Vec<i32>),
    /// `bigint[]`.
    Keys(Vec<i64>),
}

impl Value {
    /// Parses a value of a kind, as a filter states it or as Postgres prints it. Returns none if
    /// the value is not of that kind.
    pub fn parse(kind: ScalarKind, text: &str) -> Option<Self> {
        Some(match kind {
            ScalarKind::Text => Self::Text(Some(text).filter(|text| !text.contains('\0'))?.into()),
            ScalarKind::Code(list) => Self::Text(list.codes.contains(&text).then(|| text.into())?),
            ScalarKind::Id(name) => {
                Self::Long(parse_global_id(text).filter(|(of, _)| of == name)?.1)
            }
            // Lists are not compared.
            ScalarKind::Texts => return None,
            ScalarKind::Int => Self::Int(text.parse().ok()?),
            ScalarKind::Long => Self::Long(text.parse().ok()?),
            ScalarKind::Float => {
                Self::Float(text.parse().ok().filter(|number: &f64| number.is_finite())?)
            }
            ScalarKind::Boolean => Self::Boolean(text.parse().ok()?),
            ScalarKind::Date => Self::Date(parse_day(text)?),
            ScalarKind::DateTime => Self::DateTime(moment(text)?),
        })
    }

    /// Returns the value's type in Postgres.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => ScalarKind::Text.sql(),
            Self::Int(_) => ScalarKind::Int.sql(),
            Self::Long(_) => ScalarKind::Long.sql(),
            Self::Float(_) => ScalarKind::Float.sql(),
            Self::Boolean(_) => ScalarKind::Boolean.sql(),
            Self::Date(_) => ScalarKind::Date.sql(),
            Self::DateTime(_) => ScalarKind::DateTime.sql(),
            Self::Ids(_) => "integer[]",
            Self::Keys(_) => "bigint[]",
        }
    }

    /// Returns the value as text, which Postgres reads back as the same value.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Int(number) => number.to_string(),
            Self::Long(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
            Self::Boolean(flag) => flag.to_string(),
            Self::Date(day) => day.to_string(),
            Self::DateTime(moment) => moment.to_rfc3339(),
            Self::Ids(ids) => array(ids),
            Self::Keys(keys) => array(keys),
        }
    }
}

fn array(numbers: &[impl ToString]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    ["{", &numbers.join(","), "}"].concat()
}

/// Parses a time in RFC 3339, or as Postgres prints it in UTC.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z"))
        .map(|moment| moment.to_utc())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_as_postgres_prints_it_is_read_back() {
        for (kind, text) in [
            (ScalarKind::DateTime, "2026-01-02 03:04:05.123456+00"),
            (ScalarKind::DateTime, "2026-01-02 03:04:05+00"),
            (ScalarKind::DateTime, "2026-01-02T03:04:05Z"),
            (ScalarKind::Date, "2026-01-02"),
            (ScalarKind::Float, "0.1"),
            (ScalarKind::Long, "-4"),
            (ScalarKind::Boolean, "false"),
        ] {
            assert!(Value::parse(kind, text).is_some(), "{kind:?} {text}");
        }
        for (kind, text) in [
            (ScalarKind::DateTime, "yesterday"),
            (ScalarKind::Int, "4000000000"),
            (ScalarKind::Date, "2025-1-1"),
            (ScalarKind::Date, " 2025-06-30"),
            (ScalarKind::Float, "inf"),
            (ScalarKind::Text, "\0"),
        ] {
            assert_eq!(Value::parse(kind, text), None, "{kind:?} {text}");
        }
    }
}
