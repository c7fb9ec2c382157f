//! Cache of parsed documents. Applications send the same documents again with other variables.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, ServerError};

use super::nesting;

/// Maximum number of cached documents.
const MOST: usize = 200;
/// Maximum size of a cached document, in bytes.
const LONGEST: usize = 4_096;

/// Parsed documents by their text.
#[derive(Default)]
pub struct Documents {
    known: Mutex<HashMap<String, Arc<ExecutableDocument>>>,
}

impl Documents {
    /// Returns the parsed document of a request. No other code parses documents, since the parser
    /// recurses once per level.
    ///
    /// # Errors
    /// Fails when the document is nested too deep or cannot be parsed.
    pub fn of<'r>(&self, request: &'r mut Request) -> Result<&'r ExecutableDocument, ServerError> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(&request.query).map(Arc::clone);
        if let Some(document) = found {
            request.set_parsed_query(document.as_ref().clone());
            return request.parsed_query();
        }
        nesting::within(nesting::of_document(&request.query), "levels of brackets")?;
        if request.query.len() <= LONGEST {
            let document = Arc::new(request.parsed_query()?.clone());
            let mut known = known();
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(request.query.clone(), document);
        }
        request.parsed_query()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_read_before_is_the_same_and_few_are_kept() {
        let documents = Documents::default();
        let read =
            |text: &str| documents.of(&mut Request::new(text)).map(|read| format!("{read:?}"));
        let text = "query Q($n: Int) { regions { code } }";
        assert_eq!(read(text).unwrap(), read(text).unwrap());
        assert!(
            read("{ regions").is_err() && read("{ regions").is_err(),
            "a fault is told each time"
        );
        for number in 0..3 * MOST {
            read(&format!("{{ a{number}: __typename }}")).unwrap();
        }
        read(&format!("{{ __typename #{}\n}}", "x".repeat(LONGEST))).unwrap();
        assert!((1..=MOST).contains(&documents.known.lock().unwrap().len()));
    }
}
