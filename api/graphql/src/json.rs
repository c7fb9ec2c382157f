//! JSON written directly, without a tree of values.

use async_graphql::Error;

/// Writes a member's name. GraphQL names need no escapes.
pub fn key(name: &str, first: bool, out: &mut Vec<u8>) {
    if !first {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writes text.
pub fn text(text: &str, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(out, text);
}

/// Writes rows as a JSON list.
///
/// # Errors
/// Fails with the first error of `write`.
pub fn listed<R>(
    rows: impl IntoIterator<Item = R>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(R, &mut Vec<u8>) -> Result<(), Error>,
) -> Result<(), Error> {
    out.push(b'[');
    for (at, row) in rows.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(row, out)?;
    }
    out.push(b']');
    Ok(())
}
