//! Recognizes the headings of our own formats.

use hotwash_schema::record::MUNICIPALITY;

use crate::template::Template;

/// Returns whether these are the headings of one of our own formats, above which comments are
/// allowed.
pub fn is_own_header<S: AsRef<str>>(headings: &[S]) -> bool {
    let has = |name: &str| {
        headings.iter().any(|heading| heading.as_ref().trim().eq_ignore_ascii_case(name))
    };
    Template::recognize(headings).is_some()
        || MUNICIPALITY.staged_columns().all(|column| has(column.name))
}
