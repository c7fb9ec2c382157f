//! Sections of the operator's TOML files, such as alerts and expectations. Each error names file,
//! line, value and what to write.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use hotwash_schema::nearest::choices;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keys whose values are addresses or secrets, which no message repeats.
const PRIVATE: [&str; 7] =
    ["email", "folder", "from", "password_file", "secret", "user", "webhook"];

/// A line of the file is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{}, line {line}: {message}", file.display())]
pub struct LineError {
    /// File.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Problem, and what to write.
    pub message: String,
}

/// Parses a file into its top section.
///
/// # Errors
/// Fails with the line that is not TOML.
pub fn parse<'a>(file: &Path, text: &'a str) -> Result<DeTable<'a>, LineError> {
    let parsed = DeTable::parse(text).map_err(|error| LineError {
        file: file.to_owned(),
        line: line(text, error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    Ok(parsed.into_inner())
}

/// A table of the file, whose keys are read one by one.
pub struct Section<'a> {
    pub file: &'a Path,
    pub text: &'a str,
    /// Line of the table's beginning.
    pub line: usize,
    pub table: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    /// Returns an error at a position of the file.
    fn error(&self, at: usize, message: String) -> LineError {
        LineError { file: self.file.to_owned(), line: line(self.text, at), message }
    }

    /// Returns an error at the beginning of the table.
    pub fn wrong(&self, message: String) -> LineError {
        LineError { file: self.file.to_owned(), line: self.line, message }
    }

    /// Checks that the table has known keys only.
    pub fn check(&self, known: &[&str]) -> Result<(), LineError> {
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let choices = choices(name, known.iter().copied());
                let message = format!("there is no key `{name}` here{choices}");
                return Err(self.error(key.span().start, message));
            }
        }
        Ok(())
    }

    /// Returns the section below a key of this one.
    ///
    /// # Errors
    /// Fails with the line of a key that is not a section.
    pub fn below(
        &self,
        key: &Spanned<Cow<'a, str>>,
        value: &'a Spanned<DeValue<'a>>,
        written: &str,
    ) -> Result<Self, LineError> {
        let at = key.span().start;
        match value.get_ref() {
            DeValue::Table(table) => {
                Ok(Self { file: self.file, text: self.text, line: line(self.text, at), table })
            }
            _ => Err(self.error(at, format!("write a section {written}"))),
        }
    }

    /// Returns an error at the value of a key, or at the beginning of the table.
    pub fn wrong_value(&self, key: &str, message: String) -> LineError {
        match self.value(key) {
            Some(value) => self.error(value.span().start, message),
            None => self.wrong(message),
        }
    }

    /// Reports whether the section has a key.
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Returns the line of a key's value, or of the table.
    pub fn line_of(&self, key: &str) -> usize {
        self.value(key).map_or(self.line, |value| line(self.text, value.span().start))
    }

    /// Returns a text or a whole number, as text.
    pub fn text_or_number(&self, key: &str, kind: &str) -> Result<Option<String>, LineError> {
        self.of_kind(key, kind, |value| match value {
            DeValue::String(text) => Some(text.clone().into_owned()),
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            _ => None,
        })
    }

    /// Returns two whole numbers, the smaller first.
    pub fn range(&self, key: &str) -> Result<Option<(u64, u64)>, LineError> {
        self.of_kind(key, "the least and the most, such as [5, 200]", |value| match value {
            DeValue::Array(values) => {
                let numbers: Option<Vec<u64>> = values
                    .iter()
                    .map(|value| match value.get_ref() {
                        DeValue::Integer(number) => number.as_str().parse().ok(),
                        _ => None,
                    })
                    .collect();
                match numbers?.as_slice() {
                    [least, most] if least <= most => Some((*least, *most)),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        let found = self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key);
        found.map(|(_, value)| value)
    }

    fn of_kind<T>(
        &self,
        key: &str,
        kind: &str,
        read: impl Fn(&'a DeValue<'a>) -> Option<T>,
    ) -> Result<Option<T>, LineError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        match read(value.get_ref()) {
            Some(found) => Ok(Some(found)),
            None => {
                let found = self.text.get(value.span()).unwrap_or_default();
                let message = match PRIVATE.contains(&key) {
                    true => format!("{key}: write {kind}"),
                    false => format!("{key} = {found}: write {kind}"),
                };
                Err(self.error(value.span().start, message))
            }
        }
    }

    /// Returns a text.
    pub fn text(&self, key: &str) -> Result<Option<String>, LineError> {
        self.of_kind(key, "a text in double quotes", |value| match value {
            DeValue::String(text) => Some(text.clone().into_owned()),
            _ => None,
        })
    }

    /// Returns a text that must be there.
    pub fn required(&self, key: &str, example: &str) -> Result<String, LineError> {
        let missing = || self.wrong(format!("{key} is missing; write {key} = \"{example}\""));
        self.text(key)?.ok_or_else(missing)
    }

    /// Returns a number.
    pub fn number(&self, key: &str) -> Result<Option<f64>, LineError> {
        self.of_kind(key, "a number, such as 200 or 0.5", |value| match value {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        })
    }

    /// Returns a switch.
    pub fn switch(&self, key: &str) -> Result<bool, LineError> {
        let found = self.of_kind(key, "true or false", |value| match value {
            DeValue::Boolean(on) => Some(*on),
            _ => None,
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Returns a list of texts.
    pub fn texts(&self, key: &str) -> Result<Vec<String>, LineError> {
        let found = self.of_kind(key, "a list of texts, such as [\"3\"]", |value| match value {
            DeValue::Array(values) => values
                .iter()
                .map(|value| match value.get_ref() {
                    DeValue::String(text) => Some(text.clone().into_owned()),
                    _ => None,
                })
                .collect(),
            _ => None,
        })?;
        Ok(found.unwrap_or_default())
    }
}

/// Returns the line of a position, from 1.
pub fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}
