//! Attributes of XML elements in office files.

use quick_xml::events::BytesStart;

/// Returns an attribute in any namespace.
pub fn attribute(start: &BytesStart<'_>, wanted: &str) -> Option<String> {
    start
        .attributes()
        .flatten()
        .find(|found| found.key.local_name().as_ref() == wanted)
        .map(|found| found.value.into_owned())
}

/// Returns whether a property is on: it is present and not set to off.
pub fn is_on(start: &BytesStart<'_>) -> bool {
    !matches!(attribute(start, "val").as_deref(), Some("0" | "false" | "off"))
}
