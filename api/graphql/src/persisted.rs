//! Automatic persisted queries, by Apollo's protocol. A request names a document by its SHA-256; one
//! that sends the document along teaches it to the server.

use async_graphql::{Request, ServerError, Value};
use ring::digest::{SHA256, digest};

use super::documents::Documents;
use super::error::Code;
use super::guard::refusal;

/// Returns the hash by which a request names its document, if there is one.
///
/// # Errors
/// Fails for another version of the protocol, or without a hash.
pub fn named(request: &Request) -> Result<Option<&str>, ServerError> {
    let Some(Value::Object(persisted)) = request.extensions.get("persistedQuery") else {
        return Ok(None);
    };
    let wrong = |message: &str| Err(refusal(Code::BadUserInput, message));
    match persisted.get("version") {
        Some(Value::Number(version)) if version.as_u64() == Some(1) => {}
        _ => return wrong("extensions.persistedQuery.version must be 1"),
    }
    match persisted.get("sha256Hash") {
        Some(Value::String(hash)) => Ok(Some(hash)),
        _ => wrong("extensions.persistedQuery.sha256Hash must be the SHA-256 of the document"),
    }
}

/// Checks that a hash is that of the document sent with it.
///
/// # Errors
/// Fails for another hash.
pub fn verify(hash: &str, document: &str) -> Result<(), ServerError> {
    let actual = digest(&SHA256, document.as_bytes());
    let actual = actual.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    if actual == hash {
        return Ok(());
    }
    let message = "extensions.persistedQuery.sha256Hash is not the SHA-256 of query; send the \
        lowercase hexadecimal hash of exactly this text";
    Err(refusal(Code::BadUserInput, message))
}

/// Returns the document with a hash.
///
/// # Errors
/// Fails when the server does not know it, or stores none. The messages are those of the protocol.
pub fn document(documents: &Documents, hash: &str) -> Result<String, ServerError> {
    if !documents.is_on() {
        return Err(refusal(Code::PersistedQueryNotSupported, "PersistedQueryNotSupported"));
    }
    let known = documents.persisted(hash);
    known.ok_or_else(|| refusal(Code::PersistedQueryNotFound, "PersistedQueryNotFound"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hash_of_the_very_text_is_taken() {
        let hash = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
        assert!(verify(hash, "{__typename}").is_ok());
        assert!(verify(hash, "{ __typename }").is_err());
        assert!(verify(&hash.to_uppercase(), "{__typename}").is_err());
        assert!(verify("", "{__typename}").is_err());
    }
}
