//! Words of a full-text search: their syntax, and the condition that a record has them.

use async_graphql::{Error, Value};
use hotwash_schema::search::SearchText;

use super::error::bad_input;
use super::scalar::ScalarKind;
use super::sql::{self, Condition, Expression, parts};

/// Name of the filter and of the query.
pub const SEARCH: &str = "search";
/// Maximum number of characters of a search.
const LONGEST: usize = 500;
/// Description of searched words.
pub const ABOUT_WORDS: &str = "English words in any form, e.g. `radio` also finds `radios`. All of \
    them must occur; `or` between words, `-word` and `\"exact phrase\"` are understood. Words such \
    as `the` are ignored.";

/// Builds the condition that a record has the words of a filter.
///
/// # Errors
/// Fails for a text without a word.
pub fn has_words(
    text: &SearchText,
    alias: &str,
    argument: &str,
    value: &Value,
) -> Result<Condition, Error> {
    Ok(matches(text, alias, &words(argument, value)?))
}

/// Builds the condition that a record has these words.
pub fn matches(text: &SearchText, alias: &str, words: &str) -> Condition {
    let document = Expression::of(&text.words, alias);
    Condition::Holds(parts([document, Expression::Sql(" @@ "), query(words)]))
}

/// Builds the query of Postgres for these words.
pub fn query(words: &str) -> Expression {
    parts([
        Expression::Sql("websearch_to_tsquery('english', "),
        Expression::text(words),
        Expression::Sql(")"),
    ])
}

/// Checks a searched text.
///
/// # Errors
/// Fails if it has no word, or is too long.
pub fn words(argument: &str, value: &Value) -> Result<String, Error> {
    let wrong = |should: &str| bad_input(format!("{argument}: {value} {should}"));
    let Value::String(text) = value else { return Err(wrong("must be a text")) };
    if text.chars().count() > LONGEST {
        return Err(bad_input(format!("{argument}: must have at most {LONGEST} characters")));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(wrong("has no word; write what to find, e.g. `radio` or `\"medical surge\"`"));
    }
    match sql::Value::parse(ScalarKind::Text, text) {
        Some(_) => Ok(text.clone()),
        None => Err(wrong("has a character that no text contains")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_at_least_one_word() {
        let message = |text: &str| words("text", &text.into()).unwrap_err().message;
        for text in ["", "  ", "\"\" -- !"] {
            assert!(message(text).contains("has no word; write what to find"), "{text}");
        }
        assert!(message(&"x".repeat(501)).contains("at most 500 characters"));
        assert!(message("a\0b").contains("no text contains"));
        assert_eq!(words("text", &"medical surge".into()).unwrap(), "medical surge");
    }
}
