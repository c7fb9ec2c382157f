//! Parses documents. Errors say in one line what was expected where. The escapes `\u{1F600}` and
//! `\uD83D\uDE00` of characters beyond 16 bits, which the parser lacks, are replaced before.

use std::borrow::Cow;

use async_graphql::ServerError;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::parser::{Error, parse_query};

use super::error::Code;
use super::guard::{refusal, wrong};

/// Maximum number of characters of the document that a message repeats.
const LONGEST: usize = 24;

/// Parses a document.
///
/// # Errors
/// Fails with what was expected, and where.
pub fn parse(text: &str) -> Result<ExecutableDocument, ServerError> {
    let text = with_characters(text);
    parse_query(&text).map_err(|error| {
        if error == Error::RecursionLimitExceeded {
            let message = "this query is nested too deep to be read; nest less";
            return refusal(Code::QueryTooComplex, message);
        }
        let positions: Vec<_> = error.positions().collect();
        wrong(&described(&error, &text), positions)
    })
}

fn described(error: &Error, text: &str) -> String {
    let Error::Syntax { message, start, .. } = error else {
        return match error {
            Error::MultipleOperations { .. } => {
                "an operation without a name must be the only one; name each operation".to_owned()
            }
            Error::MissingOperation => {
                "the document has no operation; begin with `{` or `query`".to_owned()
            }
            other => other.to_string(),
        };
    };
    // The last line of the parser's drawing states the rules that would fit.
    let rules = message.lines().rev().find_map(|line| line.trim_start().strip_prefix("= "));
    let rules = rules.unwrap_or("this is not expected").replace("EOI", "the end");
    let rest: String = text
        .split('\n')
        .nth(start.line.saturating_sub(1))
        .unwrap_or_default()
        .chars()
        .skip(start.column.saturating_sub(1))
        .collect();
    let mut found: String = rest.trim().chars().take(LONGEST).collect();
    if found.len() < rest.trim().len() {
        found.push('…');
    }
    let found =
        if found.is_empty() { "the end of the line".to_owned() } else { format!("`{found}`") };
    format!(
        "the document cannot be read at line {}, column {}: {}, found {found}",
        start.line,
        start.column,
        rules.replace('_', " ")
    )
}

/// Replaces escapes of characters beyond 16 bits, in braces or as surrogate pairs, by the
/// characters. A character that a string cannot hold becomes a plain escape.
fn with_characters(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' if rest.starts_with("\"\"\"") => block_string(rest),
            '"' => {
                let length = string(rest);
                unescaped(&rest[..length], &mut out);
                rest = &rest[length..];
                continue;
            }
            other => other.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Cow::Owned(out)
}

/// Returns the length of the string at the start of a text, with its quotes.
fn string(text: &str) -> usize {
    let mut escaped = true;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            '\n' | '\r' => return at,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of the block string at the start of a text, with its quotes.
fn block_string(text: &str) -> usize {
    let mut at = 3;
    while let Some(rest) = text.get(at..) {
        match rest.find("\"\"\"") {
            Some(end) if rest[..end].ends_with('\\') => at += end + 3,
            Some(end) => return at + end + 3,
            None => break,
        }
    }
    text.len()
}

/// Writes a string with its characters beyond 16 bits.
fn unescaped(string: &str, out: &mut String) {
    let mut rest = string;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((letter, length)) = character(rest) {
            match letter {
                '"' | '\\' | '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", letter as u32)),
                letter => out.push(letter),
            }
            rest = &rest[length..];
            continue;
        }
        let length = rest.chars().take(2).map(char::len_utf8).sum();
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
}

/// Returns the character of an escape in braces or of a surrogate pair, and the escape's length.
fn character(text: &str) -> Option<(char, usize)> {
    let code = text.strip_prefix("\\u")?;
    if let Some(braced) = code.strip_prefix('{') {
        let digits = &braced[..braced.find('}')?];
        let letter = char::from_u32(hexadecimal(digits)?)?;
        return Some((letter, digits.len() + 4));
    }
    let high = hexadecimal(code.get(..4)?)?;
    let low = hexadecimal(code.get(4..)?.strip_prefix("\\u")?.get(..4)?)?;
    if !(0xd800..0xdc00).contains(&high) || !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    Some((char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, 12))
}

fn hexadecimal(digits: &str) -> Option<u32> {
    let is_number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_number.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse(text).unwrap_err().message
    }

    #[test]
    fn an_error_says_in_one_line_what_was_expected_where() {
        for (text, expected) in [
            (
                "{ events { nodes { name ",
                "the document cannot be read at line 1, column 25: expected selection set, \
                 selection, directive, or arguments, found the end of the line",
            ),
            (
                "{\n  a(x: 08) }",
                "the document cannot be read at line 2, column 9: expected name, found `8) }`",
            ),
            (
                "{ a } { b }",
                "an operation without a name must be the only one; name each operation",
            ),
            ("fragment A on B { c }", "the document has no operation; begin with `{` or `query`"),
        ] {
            assert_eq!(message(text), expected, "{text}");
        }
        let long = format!("{{ {} ( }} }}", "a".repeat(1_000_000));
        assert!(message(&long).len() < 200, "{}", message(&long));
        let long = format!("{{ é{} }}", "b".repeat(1_000_000));
        assert!(message(&long).len() < 200, "{}", message(&long));
        assert_eq!(parse("{\n a(x: 08) }").unwrap_err().locations[0].line, 2);
    }

    #[test]
    fn characters_beyond_16_bits_are_read_as_the_specification_writes_them() {
        let value = |text: &str| {
            let document = parse(&format!("{{ a(b: {text}) }}"))?;
            let json = format!("{document:?}");
            let from = json.find("String(\"").map_or(0, |at| at + 8);
            let to = json[from..].find("\")").map_or(json.len(), |at| from + at);
            Ok::<_, ServerError>(json[from..to].to_owned())
        };
        for (text, expected) in [
            (r#""\u{1F600}""#, "😀"),
            (r#""\uD83D\uDE00 \uD83D\uDE00!""#, "😀 😀!"),
            (r#""\u{41}\u0042""#, "AB"),
            (r#""\u{22}\u{5c}""#, r#"\"\\"#),
            (r#""\\u{41}""#, r"\\u{41}"),
            (r#""\\\u{41}""#, r"\\A"),
        ] {
            assert_eq!(value(text).unwrap(), expected, "{text}");
        }
        for text in [r#""\uD83D""#, r#""\uDE00\uD83D""#, r#""\u{110000}""#, r#""\u{d800}""#] {
            assert!(value(text).is_err(), "{text}");
        }
        for text in ["# \\u{41}\n{ a }", "{ a(b: \"\"\"\\u{41} \\\"\"\" \\u{42}\"\"\") }"] {
            assert_eq!(with_characters(text), text);
        }
    }
}
