//! Links of single records: an event's page, and the file and row of a record.

use hotwash_schema::global_id::parse_global_id;
use serde_json::Value;

use crate::wording::thousands;

/// Returns the path of an event's page, from its global id.
pub fn event_href(event: &Value) -> String {
    event["id"]
        .as_str()
        .and_then(parse_global_id)
        .filter(|(name, _)| name == "Event")
        .map(|(_, key)| format!("/events/{key}"))
        .unwrap_or_default()
}

/// Returns the file and row of a record.
pub fn origin(record: &Value) -> String {
    match record.pointer("/source/file").and_then(Value::as_str) {
        Some(file) => format!(
            "{file}, row {}",
            thousands(record["source"]["row"].as_f64().unwrap_or_default())
        ),
        None => String::new(),
    }
}
