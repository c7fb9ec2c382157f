//! What the parser loses: repeated fields of objects (the rule UniqueInputFieldNames), and empty
//! parentheses, which the grammar forbids. So this reads the text.

use std::collections::HashSet;

use async_graphql::{Pos, ServerError};

use super::super::guard::wrong;

/// Checks that no object in arguments or default values has two fields of one name, and that no
/// parentheses are empty. Objects are the braces within parentheses.
///
/// # Errors
/// Fails with the second field, or the parentheses.
pub fn check(text: &str) -> Result<(), ServerError> {
    let mut parentheses = 0_usize;
    let mut objects: Vec<HashSet<&str>> = Vec::new();
    let mut name: Option<(&str, usize)> = None;
    let mut opened = None;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' => string(rest),
            'A'..='Z' | 'a'..='z' | '_' => {
                let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
                (name, opened) = (Some((&rest[..length], at)), None);
                rest = &rest[length..];
                continue;
            }
            _ => first.len_utf8(),
        };
        match first {
            '(' => parentheses += 1,
            ')' => {
                if let Some(opened) = opened {
                    return Err(wrong_at(
                        text,
                        opened,
                        "these parentheses are empty; leave them out",
                    ));
                }
                parentheses = parentheses.saturating_sub(1);
            }
            '{' if parentheses > 0 => objects.push(HashSet::new()),
            '}' if parentheses > 0 => _ = objects.pop(),
            ':' => {
                if let (Some(known), Some((name, at))) = (objects.last_mut(), name.take())
                    && !known.insert(name)
                {
                    let message = format!("{name} is given twice in one object; leave out one");
                    return Err(wrong_at(text, at, &message));
                }
            }
            _ => {}
        }
        if !first.is_whitespace() && first != ',' && first != '#' {
            name = None;
            opened = (first == '(').then_some(at);
        }
        rest = &rest[length..];
    }
    Ok(())
}

/// Returns the length of the string at the start of a text, with its quotes.
fn string(text: &str) -> usize {
    let (quote, escapes): (&str, &[&str]) = if text.starts_with("\"\"\"") {
        ("\"\"\"", &["\\\"\"\""])
    } else {
        ("\"", &["\\\\", "\\\""])
    };
    let mut at = quote.len();
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(quote) {
            return at + quote.len();
        }
        let escape = escapes.iter().find(|escape| rest.starts_with(**escape));
        let letter = || rest.chars().next().map_or(1, char::len_utf8);
        at += escape.map_or_else(letter, |escape| escape.len());
    }
    text.len()
}

fn wrong_at(text: &str, at: usize, message: &str) -> ServerError {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    wrong(message, [Pos { line, column }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_field_is_found_and_text_is_not_read_as_fields() {
        for text in [
            r#"{ a(b: {c: 1, d: {c: 2}}) { c: d c: e } }"#,
            r#"{ a(b: "{c: 1, c: 2}", c: """{c: "1", c: \""" 2}""") }"#,
            "{ a(b: {c: 1 # c: 2\n}) } # {c: 1, c: 2}",
            "{ a(b: {c: \"\\\\\", d: \"\\\"\", e: \"c: 1\"}) }",
            "query($c: A = {c: 1}) { a(b: [{c: 1}, {c: 2}], c: c) }",
        ] {
            assert!(check(text).is_ok(), "{text}");
        }
        let error = check("{\n  a(b: {c: 1,\n c: 2}) }").unwrap_err();
        assert_eq!(error.locations, [Pos { line: 3, column: 2 }]);
        assert!(error.message.starts_with("c is given twice"), "{}", error.message);
        assert!(check("query( # nothing\n ) { a }").is_err());
        assert!(check("query($a: A = {}) { a(b: [], c: \"()\") }").is_ok());
    }
}
