//! Ids of records: those that a file states, and those derived from its values.

use crate::reading::headings::{Section, lists};
use crate::redact::redact;

/// Returns whether an id identifies a record. A running number, such as `12` or a value under
/// `No.`, only numbers the rows of one file.
pub fn is_id(heading: &str, id: &str) -> bool {
    let plain = id.trim_matches(['#', '.', ' ', '(', ')']);
    let is_number = plain.len() <= 4 && plain.bytes().all(|byte| byte.is_ascii_digit());
    let is_numbered = lists().field(Section::RunningNumber, heading).is_some();
    let has_letter = plain.chars().any(char::is_alphabetic);
    !is_number && (has_letter || !is_numbered) && redact(id).1 == 0
}

/// Returns a short id derived from the values that make a record unique.
pub fn derived_id(parts: &[&str]) -> String {
    let joined = parts
        .iter()
        .map(|part| hotwash_schema::label::normalize_label(part))
        .collect::<Vec<_>>()
        .join("|");
    blake3::hash(joined.as_bytes()).to_hex()[..24].to_owned()
}
