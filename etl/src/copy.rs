//! Writes rows in Postgres's binary COPY format, with a digest of their content.
//!
//! Binary COPY checks types exactly: each value must have the type of its staging column. All texts
//! are redacted here once more, so that no source can forget it.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use hotwash_documents::text::visible;
use hotwash_schema::record::ColumnType;
use serde_json::Value;

use crate::redact::redact;

/// Header of a binary COPY: signature, flags, length of the extension.
pub const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Trailer of a binary COPY.
pub const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

const INT4: u32 = 23;
const TEXT: u32 = 25;
const FLOAT8: u32 = 701;

/// A value with a binary form; the staging column must have its type.
pub trait BinaryValue {
    /// Appends the value's bytes without their length.
    fn put(&self, bytes: &mut Vec<u8>);
}

/// A value of a described column.
pub trait ColumnValue: BinaryValue {
    /// Type of the column.
    const TYPE: ColumnType;
}

macro_rules! number {
    ($($number:ty: $kind:ident),*) => {$(
        impl ColumnValue for $number {
            const TYPE: ColumnType = ColumnType::$kind;
        }

        impl BinaryValue for $number {
            fn put(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_be_bytes());
            }
        }
    )*};
}
number!(i16: SmallInteger, i32: Integer, i64: BigInteger, f64: Number);

impl ColumnValue for bool {
    const TYPE: ColumnType = ColumnType::Boolean;
}

impl BinaryValue for bool {
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }
}

/// Postgres cannot store null bytes in text, so they are removed.
impl BinaryValue for str {
    fn put(&self, bytes: &mut Vec<u8>) {
        if self.as_bytes().contains(&0) {
            bytes.extend(self.bytes().filter(|byte| *byte != 0));
        } else {
            bytes.extend_from_slice(self.as_bytes());
        }
    }
}

impl ColumnValue for DateTime<Utc> {
    const TYPE: ColumnType = ColumnType::Moment;
}

/// Microseconds since 2000, as in Postgres.
impl BinaryValue for DateTime<Utc> {
    fn put(&self, bytes: &mut Vec<u8>) {
        const EPOCH: i64 = 946_684_800_000_000;
        self.timestamp_micros().saturating_sub(EPOCH).put(bytes);
    }
}

impl ColumnValue for NaiveDate {
    const TYPE: ColumnType = ColumnType::Date;
}

/// Days since 2000.
impl BinaryValue for NaiveDate {
    fn put(&self, bytes: &mut Vec<u8>) {
        const EPOCH: i32 = 10_957;
        self.to_epoch_days().saturating_sub(EPOCH).put(bytes);
    }
}

/// The bytes of a `bytea`.
pub struct Bytes<'a>(pub &'a [u8]);

impl BinaryValue for Bytes<'_> {
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.0);
    }
}

/// A row being written: fields with their lengths, without their number.
#[derive(Default)]
pub struct CopyRow {
    bytes: Vec<u8>,
    fields: i16,
    redacted: u32,
}

impl CopyRow {
    /// Clears the row and reuses its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.fields = 0;
        self.redacted = 0;
    }

    /// Returns the number of contact details removed from its texts.
    pub fn redacted(&self) -> u32 {
        self.redacted
    }

    /// Returns the number of fields so far.
    #[cfg(test)]
    pub fn fields(&self) -> usize {
        self.fields.unsigned_abs().into()
    }

    /// Returns the 16-byte BLAKE3 digest of the fields so far.
    pub fn digest(&self) -> [u8; 16] {
        let mut digest = [0; 16];
        digest.copy_from_slice(&blake3::hash(&self.bytes).as_bytes()[..16]);
        digest
    }

    /// Appends a complete tuple: the fields of `first`, then those of `rest`.
    pub fn append(buffer: &mut Vec<u8>, first: &CopyRow, rest: &CopyRow) {
        (first.fields + rest.fields).put(buffer);
        buffer.extend_from_slice(&first.bytes);
        buffer.extend_from_slice(&rest.bytes);
    }

    fn sized(&mut self, put: impl FnOnce(&mut Vec<u8>)) {
        self.fields += 1;
        let index = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        put(&mut self.bytes);
        let length = (self.bytes.len() - index - 4) as i32;
        self.bytes[index..index + 4].copy_from_slice(&length.to_be_bytes());
    }

    /// Appends a text, redacted.
    pub fn text(&mut self, value: &str) {
        let value = self.clean(value);
        self.sized(|bytes| value.put(bytes));
    }

    /// Appends a text from the warehouse, which is already redacted, or null.
    pub fn stored_text(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.sized(|bytes| value.put(bytes)),
            None => self.null(),
        }
    }

    /// Appends the fields of another row.
    pub fn extend(&mut self, other: &Self) {
        self.fields += other.fields;
        self.bytes.extend_from_slice(&other.bytes);
    }

    /// Appends a text, redacted, or null.
    pub fn optional_text(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    fn clean<'a>(&mut self, value: &'a str) -> Cow<'a, str> {
        let (clean, count) = redact(value);
        self.redacted += count;
        clean
    }

    /// Appends null.
    pub fn null(&mut self) {
        self.fields += 1;
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    /// Appends a value of the column's type.
    pub fn value(&mut self, value: impl BinaryValue) {
        self.sized(|bytes| value.put(bytes));
    }

    /// Appends a value like [`CopyRow::value`], or null.
    pub fn optional(&mut self, value: Option<impl BinaryValue>) {
        match value {
            Some(value) => self.value(value),
            None => self.null(),
        }
    }

    /// Appends a date and time, or null.
    pub fn moment(&mut self, value: Option<DateTime<Utc>>) {
        self.optional(value);
    }

    /// Appends a date, or null.
    pub fn day(&mut self, value: Option<NaiveDate>) {
        self.optional(value);
    }

    /// Appends a JSON value for a `jsonb` column, with redacted texts.
    pub fn json(&mut self, value: Option<&Value>) {
        self.written_json(value, &[1]);
    }

    /// Appends JSON like [`CopyRow::json`], for a `text` column that stores it unparsed.
    pub fn json_text(&mut self, value: Option<&Value>) {
        self.written_json(value, &[]);
    }

    fn written_json(&mut self, value: Option<&Value>, version: &[u8]) {
        let Some(value) = value else { return self.null() };
        let text = self.clean_json(value).to_string();
        self.sized(|bytes| {
            bytes.extend_from_slice(version);
            // A null character is valid in JSON and invalid in jsonb.
            let text = if text.contains("\\u0000") { text.replace("\\u0000", "") } else { text };
            bytes.extend_from_slice(text.as_bytes());
        });
    }

    fn clean_json(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.clean(text).into_owned()),
            Value::Array(values) => {
                Value::Array(values.iter().map(|value| self.clean_json(value)).collect())
            }
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(name, value)| (visible(name).into_owned(), self.clean_json(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    fn elements<'a, T: BinaryValue + ?Sized + 'a>(
        &mut self,
        oid: u32,
        values: impl ExactSizeIterator<Item = &'a T>,
    ) {
        self.sized(|bytes| {
            let count = values.len() as i32;
            i32::from(count > 0).put(bytes);
            0_i32.put(bytes);
            bytes.extend_from_slice(&oid.to_be_bytes());
            if count == 0 {
                return;
            }
            count.put(bytes);
            1_i32.put(bytes);
            for value in values {
                let index = bytes.len();
                bytes.extend_from_slice(&[0; 4]);
                value.put(bytes);
                let length = (bytes.len() - index - 4) as i32;
                bytes[index..index + 4].copy_from_slice(&length.to_be_bytes());
            }
        });
    }

    /// Appends an `int[]`.
    pub fn ids(&mut self, values: &[i32]) {
        self.elements(INT4, values.iter());
    }

    /// Appends a `float8[]`.
    pub fn shares(&mut self, values: &[f64]) {
        self.elements(FLOAT8, values.iter());
    }

    /// Appends a `text[]`, redacted.
    pub fn texts(&mut self, values: &[&str]) {
        let values: Vec<Cow<'_, str>> = values.iter().map(|value| self.clean(value)).collect();
        self.elements(TEXT, values.iter().map(AsRef::as_ref));
    }
}

#[cfg(test)]
mod tests {
    use super::CopyRow;

    #[test]
    fn a_tuple_has_its_number_of_fields_and_each_its_length() {
        let (mut first, mut rest) = (CopyRow::default(), CopyRow::default());
        first.value(7_i32);
        rest.text("a\0b");
        rest.null();
        let mut buffer = Vec::new();
        CopyRow::append(&mut buffer, &first, &rest);
        assert_eq!(
            buffer,
            [0, 3, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 2, b'a', b'b', 255, 255, 255, 255]
        );
    }

    #[test]
    fn no_text_keeps_contact_details_whoever_wrote_it() {
        let mut row = CopyRow::default();
        row.text("call 617-555-0143");
        row.texts(&["duty@example.org"]);
        row.json(Some(&serde_json::json!({"note": ["Dr. Jane Doe"]})));
        let written = String::from_utf8_lossy(&row.bytes).into_owned();
        for planted in ["0143", "duty@", "Jane"] {
            assert!(!written.contains(planted), "{written}");
        }
        assert_eq!(row.redacted(), 3);
    }

    #[test]
    fn content_that_differs_has_another_digest() {
        let digest = |fields: &[&str]| {
            let mut row = CopyRow::default();
            fields.iter().for_each(|field| row.text(field));
            row.digest()
        };
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["ab", "c"]), digest(&["ab", "c"]));
    }
}
