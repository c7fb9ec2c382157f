//! Names of record types and columns, in the spellings of the API. The catalog lives as long as the
//! process, and so does its text.

use crate::names::title;

/// Returns a text that lives as long as the catalog.
pub fn leaked(text: String) -> &'static str {
    text.leak()
}

/// Returns the key of a table.
pub fn key(table: &str) -> &'static str {
    leaked([table, "_id"].concat())
}

/// Returns the words of a snake-case name within a sentence.
pub fn sentence(name: &str, around: &[&str; 2]) -> String {
    [around[0], &name.replace('_', " "), around[1]].concat()
}

/// Turns `corrective_action` into `CorrectiveAction`.
pub fn pascal(name: &str) -> &'static str {
    leaked(name.split('_').map(title).collect())
}

/// Turns `corrective_action` into `correctiveAction`.
pub fn camel(name: &str) -> &'static str {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    leaked(words.fold(first, |text, word| text + &title(word)))
}

/// Turns `corrective_action` into `CORRECTIVE_ACTION`.
pub fn upper(name: &str) -> &'static str {
    leaked(name.to_ascii_uppercase())
}

/// Returns the plural of a name.
pub fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) => [stem, "ies"].concat(),
        None => [name, "s"].concat(),
    }
}

/// Turns `CorrectiveAction` into `correctiveAction`.
pub fn uncapitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
