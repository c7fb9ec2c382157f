//! Cache of parsed documents. Applications send the same documents again with other variables.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, ServerError};
use hotwash_cache::{Cache, CacheBudget, CacheStatus, Part};

use super::{nesting, syntax, typename};

/// Bytes of a parsed document for each byte of its text, rounded up.
const BYTES_PER_CHARACTER: usize = 32;

/// Generation of all documents: they do not depend on the warehouse.
const GENERATION: i64 = 0;

/// A document and its text.
struct Document {
    text: String,
    parsed: ExecutableDocument,
    /// True once the document was found to be valid.
    is_valid: AtomicBool,
}

/// Parsed documents by their text, and persisted ones by their hash too.
pub struct Documents {
    parsed: Cache<String, Arc<Document>>,
}

impl Documents {
    /// Creates an empty cache.
    pub fn new(budget: &CacheBudget) -> Self {
        let bytes = |_: &String, of: &Arc<Document>| of.text.len() * BYTES_PER_CHARACTER;
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
            request.set_parsed_query(document.parsed.clone());
            return request.parsed_query();
        }
        nesting::within(nesting::of_document(&request.query), "levels of brackets")?;
        let mut parsed = syntax::parse(&request.query)?;
        typename::rewrite(&mut parsed);
        request.set_parsed_query(parsed.clone());
        let (text, is_valid) = (request.query.clone(), AtomicBool::new(false));
        self.parsed.insert(GENERATION, text.clone(), Arc::new(Document { text, parsed, is_valid }));
        request.parsed_query()
    }

    /// Validates a document, unless it is known to be valid.
    ///
    /// # Errors
    /// Fails as `validate` does.
    pub fn validated<E>(
        &self,
        text: &str,
        validate: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let known = self.parsed.peek(GENERATION, text);
        if known.as_ref().is_some_and(|known| known.is_valid.load(Ordering::Relaxed)) {
            return Ok(());
        }
        validate()?;
        if let Some(known) = known {
            known.is_valid.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Returns whether documents are stored.
    pub fn is_on(&self) -> bool {
        self.parsed.is_on()
    }

    /// Stores a document that was parsed under its hash.
    pub fn persist(&self, hash: &str, text: &str) {
        if let Some(document) = self.parsed.peek(GENERATION, text) {
            self.parsed.insert(GENERATION, hash.to_owned(), document);
        }
    }

    /// Returns the text of the document with a hash.
    pub fn persisted(&self, hash: &str) -> Option<String> {
        self.parsed.peek(GENERATION, hash).map(|document| document.text.clone())
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

    #[test]
    fn a_document_is_found_by_the_hash_it_was_persisted_under() {
        let documents = Documents::new(&CacheBudget::default());
        let text = "{ regions { code } }";
        documents.persist("abc", text);
        assert_eq!(documents.persisted("abc"), None, "it was never parsed");
        documents.of(&mut Request::new(text)).unwrap();
        documents.persist("abc", text);
        assert_eq!(documents.persisted("abc").as_deref(), Some(text));
    }

    #[test]
    fn a_document_is_validated_until_it_is_valid() {
        let documents = Documents::new(&CacheBudget::default());
        let text = "{ regions { code } }";
        documents.of(&mut Request::new(text)).unwrap();
        assert_eq!(documents.validated(text, || Err("wrong")), Err("wrong"));
        assert_eq!(documents.validated(text, || Err("wrong")), Err("wrong"));
        assert_eq!(documents.validated::<&str>(text, || Ok(())), Ok(()));
        assert_eq!(documents.validated(text, || Err("wrong")), Ok(()));
    }
}
