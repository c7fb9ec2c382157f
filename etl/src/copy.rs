//! Rows in Postgres's COPY text format, and the digest of their content.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};

/// One row being written: fields separated by tabs, `\N` for null.
#[derive(Default)]
pub struct Row {
    text: String,
}

impl Row {
    /// Empties it for the next row, keeping its memory.
    pub fn clear(&mut self) {
        self.text.clear();
    }

    /// The row without its line end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// BLAKE3 of what was written so far, 16 bytes in hexadecimal.
    pub fn digest(&self) -> String {
        let hash = blake3::hash(self.text.as_bytes());
        let mut text = String::with_capacity(32);
        for byte in &hash.as_bytes()[..16] {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    fn next(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\t');
        }
    }

    /// A text; null bytes, which Postgres cannot store, are dropped.
    pub fn text(&mut self, value: &str) {
        self.next();
        for character in value.chars() {
            match character {
                '\\' => self.text.push_str("\\\\"),
                '\t' => self.text.push_str("\\t"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\0' => {}
                other => self.text.push(other),
            }
        }
    }

    /// A text or null.
    pub fn optional_text(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    /// Null.
    pub fn null(&mut self) {
        self.next();
        self.text.push_str("\\N");
    }

    /// Anything whose display form Postgres reads: numbers, booleans, dates.
    pub fn value(&mut self, value: impl std::fmt::Display) {
        self.next();
        let _ = write!(self.text, "{value}");
    }

    /// As [`Row::value`], or null.
    pub fn optional(&mut self, value: Option<impl std::fmt::Display>) {
        match value {
            Some(value) => self.value(value),
            None => self.null(),
        }
    }

    /// A moment.
    pub fn moment(&mut self, value: Option<DateTime<Utc>>) {
        self.optional(value.map(|moment| moment.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string()));
    }

    /// A day.
    pub fn day(&mut self, value: Option<NaiveDate>) {
        self.optional(value);
    }

    /// An array of plain numbers.
    pub fn array<T: std::fmt::Display>(&mut self, values: impl IntoIterator<Item = T>) {
        self.next();
        self.text.push('{');
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            let _ = write!(self.text, "{value}");
        }
        self.text.push('}');
    }

    /// An array of texts.
    pub fn text_array<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        let mut array = String::from("{");
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                array.push(',');
            }
            array.push('"');
            for character in value.chars() {
                if matches!(character, '"' | '\\') {
                    array.push('\\');
                }
                array.push(character);
            }
            array.push('"');
        }
        array.push('}');
        self.text(&array);
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn separators_inside_a_value_are_escaped() {
        let mut row = Row::default();
        row.text("a\tb\\c\nd");
        row.null();
        row.text_array(["x\"y", "z,\\"]);
        assert_eq!(row.as_str(), "a\\tb\\\\c\\nd\t\\N\t{\"x\\\\\"y\",\"z,\\\\\\\\\"}");
    }
}
