//! Names as they are compared.

/// Returns a name for comparison: letters only, with `%` and `#` as words.
pub fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '%' => key.push_str("percent"),
            '#' => key.push_str("number"),
            '&' => key.push_str("and"),
            'A'..='Z' | 'a'..='z' => key.push(letter.to_ascii_lowercase()),
            _ if letter.is_alphabetic() => key.extend(letter.to_lowercase()),
            _ => {}
        }
    }
    key
}
