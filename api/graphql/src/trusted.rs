//! Trusted documents. If the operator provides a list, only its documents run. A request names a
//! document by id or hash, or contains its text.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::{Context as _, bail};
use async_graphql::{Request, Value};
use serde_json::Value as Json;

use super::nesting;

/// Documents that may run.
#[derive(Debug, Default)]
pub struct TrustedDocuments {
    by_id: HashMap<String, String>,
    texts: HashSet<String>,
}

impl TrustedDocuments {
    /// Reads a list: a JSON object of ids and documents, as written by graphql-codegen and the
    /// Relay compiler, or Apollo's manifest.
    ///
    /// # Errors
    /// Fails when the file cannot be read, is not such a list or contains no document.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("--trusted-documents {}: cannot be read", path.display()))?;
        Self::parse(&text).with_context(|| format!("--trusted-documents {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let json: Json = serde_json::from_str(text).context("is not JSON")?;
        let mut trusted = Self::default();
        let mut add = |id: &str, document: &Json| {
            let Some(document) = document.as_str() else { bail!("the document {id} is not text") };
            let nesting = nesting::of_document(document);
            if nesting > nesting::MOST {
                bail!(
                    "the document {id} nests brackets {nesting} deep, more than the limit of {}",
                    nesting::MOST
                );
            }
            async_graphql::parser::parse_query(document)
                .with_context(|| format!("the document {id} is not valid GraphQL"))?;
            trusted.texts.insert(normal(document));
            trusted.by_id.insert(id.trim_start_matches("sha256:").to_owned(), document.to_owned());
            Ok(())
        };
        match json.get("operations") {
            Some(Json::Array(operations)) => {
                for one in operations {
                    add(one["id"].as_str().context("an operation has no id")?, &one["body"])?;
                }
            }
            _ => {
                for (id, document) in
                    json.as_object().context("must be an object of ids and documents")?
                {
                    add(id, document)?;
                }
            }
        }
        if trusted.by_id.is_empty() {
            bail!("contains no document, so no query could run");
        }
        Ok(trusted)
    }

    /// Returns the document with an id or hash.
    pub fn document(&self, id: &str) -> Option<&str> {
        self.by_id.get(id.trim_start_matches("sha256:")).map(String::as_str)
    }

    /// Returns whether a text is a listed document, ignoring white space.
    pub fn contains(&self, text: &str) -> bool {
        self.texts.contains(&normal(text))
    }
}

/// Collapses white space in a document.
fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the document id of a request.
pub fn named(request: &Request) -> Option<&str> {
    match request.extensions.get("documentId") {
        Some(Value::String(id)) => Some(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layouts_of_lists_are_read_and_white_space_does_not_matter() {
        for list in [
            r#"{ "abc": "{ regions { code } }" }"#,
            r#"{ "sha256:abc": "{ regions { code } }" }"#,
            r#"{ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [{ "id": "abc", "name": "q", "type": "query", "body": "{ regions { code } }" }] }"#,
        ] {
            let trusted = TrustedDocuments::parse(list).unwrap();
            assert_eq!(trusted.document("sha256:abc"), Some("{ regions { code } }"));
            assert!(
                trusted.contains("{\n  regions { code }\n}")
                    && !trusted.contains("{ regions { name } }")
            );
        }
        for (wrong, message) in [
            ("{}", "no document"),
            ("[1]", "object"),
            (r#"{"a": 1}"#, "not text"),
            (r#"{"a": "{"}"#, "not valid GraphQL"),
        ] {
            let error = format!("{:#}", TrustedDocuments::parse(wrong).unwrap_err());
            assert!(error.contains(message), "{wrong}: {error}");
        }
    }
}
