//! Reads keys of the alerts file. Each error names file, line, value and what to write.

use std::path::Path;

use hotwash_etl::layout::nearest;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::AlertsError;

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
    fn error(&self, at: usize, message: String) -> AlertsError {
        AlertsError::Wrong { file: self.file.to_owned(), line: line(self.text, at), message }
    }

    /// Returns an error at the beginning of the table.
    pub fn wrong(&self, message: String) -> AlertsError {
        AlertsError::Wrong { file: self.file.to_owned(), line: self.line, message }
    }

    /// Checks that the table has known keys only.
    pub fn check(&self, known: &[&str]) -> Result<(), AlertsError> {
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let near = nearest(name, known.iter().copied());
                let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
                let message =
                    format!("there is no key `{name}` here; {near}known are {}", known.join(", "));
                return Err(self.error(key.span().start, message));
            }
        }
        Ok(())
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
    ) -> Result<Option<T>, AlertsError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        match read(value.get_ref()) {
            Some(found) => Ok(Some(found)),
            None => {
                let found = self.text.get(value.span()).unwrap_or_default();
                let message = format!("{key} = {found}: write {kind}");
                Err(self.error(value.span().start, message))
            }
        }
    }

    /// Returns a text.
    pub fn text(&self, key: &str) -> Result<Option<String>, AlertsError> {
        self.of_kind(key, "a text in double quotes", |value| match value {
            DeValue::String(text) => Some(text.clone().into_owned()),
            _ => None,
        })
    }

    /// Returns a text that must be there.
    pub fn required(&self, key: &str, example: &str) -> Result<String, AlertsError> {
        let missing = || self.wrong(format!("{key} is missing; write {key} = \"{example}\""));
        self.text(key)?.ok_or_else(missing)
    }

    /// Returns a number.
    pub fn number(&self, key: &str) -> Result<Option<f64>, AlertsError> {
        self.of_kind(key, "a number, such as 200 or 0.5", |value| match value {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        })
    }

    /// Returns a switch.
    pub fn switch(&self, key: &str) -> Result<bool, AlertsError> {
        let found = self.of_kind(key, "true or false", |value| match value {
            DeValue::Boolean(on) => Some(*on),
            _ => None,
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Returns a list of texts.
    pub fn texts(&self, key: &str) -> Result<Vec<String>, AlertsError> {
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
