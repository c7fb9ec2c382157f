//! Cache of parsed documents. Applications send the same documents again with other variables.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, ServerError};
use hotwash_cache::{Cache, CacheBudget, CacheStatus, Part};

use super::nesting;

/// Bytes of a parsed document for each byte of its text, rounded up.
const BYTES_PER_CHARACTER: usize = 32;

/// Generation of all documents: they do not depend on the warehouse.
const GENERATION: i64 = 0;

/// Parsed documents by their text.
pub struct Documents {
    parsed: Cache<String, Arc<ExecutableDocument>>,
}

impl Documents {
    /// Creates an empty cache.
    pub fn new(budget: &CacheBudget) -> Self {
        let bytes = |text: &String, _: &Arc<ExecutableDocument>| text.len() * BYTES_PER_CHARACTER;
        Self { parsed: Cache::new(budget, Part::Documents, bytes) }
    }

    /// Size and use of the cache.
    pub fn status(&self) -> CacheStatus {
        self.parsed.status()
    }

    /// Returns the parsed document of a request. No other code parses documents, since the parser
    /// recurses once per level.
    ///
    /// # Errors
    /// Fails when the document is nested too deep or cannot be parsed.
    pub fn of<'r>(&self, request: &'r mut Request) -> Result<&'r ExecutableDocument, ServerError> {
        if let Some(document) = self.parsed.get(GENERATION, request.query.as_str()) {
            request.set_parsed_query(document.as_ref().clone());
            return request.parsed_query();
        }
        nesting::within(nesting::of_document(&request.query), "levels of brackets")?;
        let document = Arc::new(request.parsed_query()?.clone());
        self.parsed.insert(GENERATION, request.query.clone(), document);
        request.parsed_query()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_read_before_is_the_same_and_an_error_is_not_cached() {
        let documents = Documents::new(&CacheBudget::default());
        let read =
            |text: &str| documents.of(&mut Request::new(text)).map(|read| format!("{read:?}"));
        let text = "query Q($n: Int) { regions { code } }";
        assert_eq!(read(text).unwrap(), read(text).unwrap());
        assert!(read("{ regions").is_err() && read("{ regions").is_err());
        let status = documents.status();
        assert_eq!((status.entries, status.hits, status.misses), (1, 1, 3));
    }
}
