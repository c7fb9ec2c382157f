//! Global ids of records: type and key in one text, opaque to clients.

use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Returns the global id of a record.
pub fn global_id(type_name: &str, key: impl Display) -> String {
    URL_SAFE_NO_PAD.encode(format!("{type_name}:{key}"))
}

/// Returns type and key of a global id; `None` if the id is invalid.
pub fn parse_global_id(id: &str) -> Option<(String, i64)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let (name, key) = text.split_once(':')?;
    Some((name.to_owned(), key.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_global_id_is_read_as_it_was_written() {
        let id = global_id("Event", 42);
        assert_eq!(parse_global_id(&id), Some(("Event".into(), 42)));
        for wrong in ["", "Event:42", &global_id("Event", "x"), &id[1..]] {
            assert_eq!(parse_global_id(wrong), None, "{wrong}");
        }
    }
}
