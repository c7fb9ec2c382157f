//! Suggests the nearest known word in a message about an unknown one.

use hotwash_schema::nearest::nearest;

/// Returns the end of a message about an unknown word: the nearest known word, if any is similar.
pub fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(word, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default()
}
