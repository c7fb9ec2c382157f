//! The layout as written in its file.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use toml::Spanned;

/// All keys of a layout.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawLayout {
    pub name: Spanned<String>,
    #[serde(default)]
    pub about: String,
    pub record: Spanned<String>,
    pub source: Option<Spanned<String>>,
    pub sheet: Option<Spanned<Texts>>,
    pub skip_leading_rows: Option<u32>,
    pub required_headings: Option<Spanned<Texts>>,
    pub key: Option<Spanned<Texts>>,
    pub time_zone: Option<Spanned<String>>,
    pub date_format: Option<Spanned<String>>,
    pub time_format: Option<Spanned<String>>,
    pub date_time_format: Option<Spanned<String>>,
    pub decimal_separator: Option<Spanned<String>>,
    #[serde(default)]
    pub ignore: Texts,
    #[serde(default)]
    pub skip_rows_where: BTreeMap<String, Texts>,
    #[serde(default)]
    pub fields: BTreeMap<Spanned<String>, Spanned<RawField>>,
    #[serde(default)]
    pub values: BTreeMap<Spanned<String>, BTreeMap<String, Spanned<Texts>>>,
}

/// All keys of a field; a plain text is its column.
#[derive(Debug, Default)]
pub struct RawField(pub FieldKeys);

/// The keys.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldKeys {
    pub column: Option<String>,
    pub columns: Option<Texts>,
    pub join: Option<String>,
    pub constant: Option<Texts>,
    pub default: Option<Texts>,
    pub format: Option<Spanned<String>>,
    pub unit: Option<Spanned<String>>,
    pub multiply_by: Option<f64>,
    pub separator: Option<String>,
    pub by: Option<Spanned<String>>,
    pub on: Option<String>,
    pub after: Option<Spanned<String>>,
}

impl<'de> Deserialize<'de> for RawField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = RawField;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(
                    "the heading of a column, or a table such as { column = \"Heading\" } or { \
                     constant = \"3\" }",
                )
            }

            fn visit_str<E: Error>(self, heading: &str) -> Result<RawField, E> {
                Ok(RawField(FieldKeys { column: Some(heading.to_owned()), ..FieldKeys::default() }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawField, A::Error> {
                FieldKeys::deserialize(MapAccessDeserializer::new(map)).map(RawField)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// One text, number, date or flag, or a list of them, as texts.
#[derive(Clone, Debug, Default)]
pub struct Texts(pub Vec<String>);

impl Texts {
    /// Joins all texts in the form of one cell.
    pub fn joined(&self) -> String {
        self.0.join("; ")
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn texts<E: Error>(value: toml::Value, into: &mut Vec<String>) -> Result<(), E> {
            match value {
                toml::Value::String(text) => into.push(text),
                toml::Value::Integer(number) => into.push(number.to_string()),
                toml::Value::Float(number) => into.push(number.to_string()),
                toml::Value::Boolean(flag) => into.push(if flag { "yes" } else { "no" }.to_owned()),
                toml::Value::Datetime(at) => into.push(at.to_string()),
                toml::Value::Array(values) => {
                    values.into_iter().try_for_each(|value| texts(value, into))?
                }
                toml::Value::Table(_) => {
                    return Err(E::custom(
                        "must be a text, or a list of texts such as [\"A\", \"B\"]",
                    ));
                }
            }
            Ok(())
        }
        let mut read = Vec::new();
        texts(toml::Value::deserialize(deserializer)?, &mut read)?;
        Ok(Self(read))
    }
}
