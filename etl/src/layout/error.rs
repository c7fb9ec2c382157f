//! Errors of a layout: file, line, key, value and what is allowed.

use std::ops::Range;

use hotwash_schema::nearest::did_you_mean;

/// Maximum length of a line in a message, in characters.
const LONGEST_SHOWN: usize = 100;

/// Error of a layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}{}: {message}", if text.is_empty() { String::new() } else { format!(" (`{text}`)") })]
pub struct LayoutError {
    /// File with the error.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Text of the line.
    pub text: String,
    /// Problem, and allowed values.
    pub message: String,
}

/// Text of a layout, to locate errors in it.
pub struct Text<'a> {
    /// File name.
    pub file: &'a str,
    /// Complete text.
    pub text: &'a str,
}

impl Text<'_> {
    /// Returns an error about a part of the text.
    pub fn error(&self, span: Range<usize>, message: impl Into<String>) -> LayoutError {
        let start = span.start.min(self.text.len());
        let line = self.text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
        let text = self.text.lines().nth(line).unwrap_or_default().trim();
        LayoutError {
            file: self.file.to_owned(),
            line: line + 1,
            text: text.chars().take(LONGEST_SHOWN).collect(),
            message: message.into(),
        }
    }

    /// Returns the error of the TOML reader, with the nearest known key for an unknown one.
    pub fn of_toml(&self, error: &toml::de::Error) -> LayoutError {
        let message = error
            .message()
            .replace("unknown field", "unknown key")
            .replace("missing field", "missing key");
        let message = message.lines().collect::<Vec<_>>().join(", ");
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let near = match quoted.as_slice() {
            [unknown, known @ ..] if message.starts_with("unknown key") => {
                did_you_mean(unknown, known.iter().copied())
            }
            _ => String::new(),
        };
        let message = match message.as_str() {
            "missing key `name`" => {
                "missing key `name`: name the layout, as in name = \"fire-log\"".to_owned()
            }
            "missing key `record`" => {
                "missing key `record`: say what a row is, as in record = \"incidents\"".to_owned()
            }
            _ => message,
        };
        let is_key = message.starts_with("unknown key") || message.starts_with("missing key");
        let message = if is_key {
            message.replace("expected one of", "allowed are").replace("expected `", "allowed is `")
        } else {
            format!("{message}; texts stand in double quotes, as in record = \"incidents\"")
        };
        self.error(error.span().unwrap_or_default(), format!("{message}{near}"))
    }
}
