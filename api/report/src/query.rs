//! GraphQL queries that a page needs, and their answers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// GraphQL query that a page needs.
#[derive(Clone, Debug)]
pub struct PageQuery {
    /// Name of the query, and of its answer in [`PageAnswers`].
    pub name: &'static str,
    /// GraphQL text.
    pub query: String,
}

/// Answers by name; an error states the reason.
pub type PageAnswers = BTreeMap<&'static str, Result<Value, String>>;

/// Quotes a text as a GraphQL string.
pub fn graphql_string(text: &str) -> String {
    json!(text).to_string()
}
