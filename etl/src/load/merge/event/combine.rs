//! Combines the claims about one event: each field has the value of the most trusted source that
//! states it.

use serde_json::{Map, Value, json};

/// What one source claims about an event, as staged.
pub struct SourceClaim {
    /// Id of the source.
    pub source: String,
    /// Id of the event in the source.
    pub source_id: String,
    /// Version in the source.
    pub version: String,
    /// Columns of the staged event that have a value.
    pub fields: Map<String, Value>,
    /// Load, file and row.
    pub lineage: (i32, i32, i64),
    /// Hash of the content.
    pub content_hash: Vec<u8>,
    /// The event is not in the warehouse yet.
    pub is_new: bool,
}

/// Columns that must come from the same claim.
const GROUPED_COLUMNS: [&[&str]; 3] = [
    &["start_at", "end_at", "local_date", "end_local_date", "time_zone"],
    &["regions", "weights"],
    &["label_fields", "labels"],
];
/// Responses to an incident, the strongest last.
const RESPONSES: [&str; 3] = ["NONE", "MONITORED", "RESPONDED"];

/// Returns whether a value states nothing: an empty list, or only the unmapped member.
fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.iter().all(|value| value == &json!(-1)),
        Value::Object(fields) => fields.values().all(is_unset),
        Value::Number(number) => number.as_i64() == Some(-1),
        Value::Bool(_) => false,
    }
}

/// Overwrites known fields with the set fields of a newer claim.
fn overlay(known: &mut Map<String, Value>, newer: &Map<String, Value>, except: &[&str]) {
    for (name, value) in
        newer.iter().filter(|(name, value)| !is_unset(value) && !except.contains(&name.as_str()))
    {
        match (known.get_mut(name), value) {
            (Some(Value::Object(before)), Value::Object(fields)) => overlay(before, fields, &[]),
            _ => drop(known.insert(name.clone(), value.clone())),
        }
    }
}

/// Returns the event that the claims describe together, as a row of `merging`. The most trusted
/// claim comes last.
pub fn combine(event_id: i64, claims: &[SourceClaim]) -> Option<Value> {
    let first = claims.last()?;
    let mut event = Map::new();
    let grouped: Vec<&str> = GROUPED_COLUMNS.concat();
    for claim in claims {
        overlay(&mut event, &claim.fields, &grouped);
    }
    for columns in GROUPED_COLUMNS {
        // A log times an incident to the minute, a report to the day.
        let precise =
            |claim: &&SourceClaim| columns[0] == "start_at" && claim.source == "duty_officer_log";
        let is_set = |claim: &&SourceClaim| {
            claim.fields.get(columns[0]).is_some_and(|value| !is_unset(value))
        };
        let chosen =
            claims.iter().filter(is_set).find(precise).or_else(|| claims.iter().rfind(is_set));
        for column in columns {
            if let Some(value) = chosen.or(Some(first)).and_then(|claim| claim.fields.get(*column))
            {
                event.insert((*column).to_owned(), value.clone());
            }
        }
    }
    for column in ["owes_aar", "statewide"] {
        event.insert(
            column.to_owned(),
            claims.iter().any(|claim| claim.fields.get(column) == Some(&Value::Bool(true))).into(),
        );
    }
    let responses = claims.iter().filter_map(|claim| claim.fields.get("response")?.as_str());
    if let Some(strongest) =
        responses.max_by_key(|response| RESPONSES.iter().position(|known| known == response))
    {
        event.insert("response".into(), strongest.into());
    }
    for list in ["hazards", "counties", "regions", "weights", "label_fields", "labels"] {
        event
            .entry(list)
            .or_insert_with(|| if list == "hazards" { json!([-1]) } else { json!([]) });
    }
    let mut hash = blake3::Hasher::new();
    for claim in claims {
        hash.update(claim.source.as_bytes());
        hash.update(&claim.content_hash);
    }
    let digest = &hash.finalize().to_hex()[..32];
    let (batch, file, row) = first.lineage;
    for (column, value) in [
        ("event_id", json!(event_id)),
        ("is_new", json!(first.is_new)),
        ("weight", json!(0)),
        ("claim_source", json!(first.source)),
        ("claim_batch", json!(batch)),
        ("claim_file", json!(file)),
        ("source_row", json!(row)),
        ("source_id", json!(first.source_id)),
        ("source_version", json!(first.version)),
        ("content_hash", json!(format!("\\x{digest}"))),
    ] {
        event.insert(column.to_owned(), value);
    }
    Some(Value::Object(event))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{SourceClaim, combine};

    fn claim(source: &str, fields: &Value) -> SourceClaim {
        SourceClaim {
            source: source.into(),
            source_id: source.into(),
            version: String::new(),
            fields: fields.as_object().unwrap().clone(),
            lineage: (1, 1, 1),
            content_hash: vec![1],
            is_new: false,
        }
    }

    #[test]
    fn the_most_trusted_word_counts_and_silence_takes_nothing_away() {
        let calendar = json!({"name": "Surge", "hazards": [4], "regions": [1], "weights": [1.0], "start_at": "2025-06-04T09:00:00Z", "local_date": "2025-06-04",
            "status": "PLANNED", "owes_aar": false, "detail": {"exercise": {"type": 3, "program": "HPP"}, "objectives": []}});
        let report = json!({"name": "Surge Exercise", "hazards": [-1], "regions": [], "start_at": "2025-06-04T04:00:00Z", "local_date": "2025-06-04", "status": "HELD",
            "owes_aar": true, "detail": {"exercise": {"type": -1, "scope": "all"}, "objectives": [{"number": 1}]}});
        let event =
            combine(7, &[claim("exercise_calendar", &calendar), claim("hseep_aar_docx", &report)])
                .unwrap();
        let expected = json!({"name": "Surge Exercise", "hazards": [4], "regions": [1], "weights": [1.0], "status": "HELD", "owes_aar": true, "claim_source": "hseep_aar_docx",
            "start_at": "2025-06-04T04:00:00Z", "detail": {"exercise": {"type": 3, "program": "HPP", "scope": "all"}, "objectives": [{"number": 1}]}});
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&event[name], value, "{name}");
        }
    }

    #[test]
    fn a_log_gives_an_incident_its_times() {
        let log = json!({"start_at": "2025-06-04T09:12:00Z", "end_at": "2025-06-05T01:00:00Z", "response": "MONITORED"});
        let report = json!({"start_at": "2025-06-04T04:00:00Z", "response": "RESPONDED", "name": "Main break"});
        let event =
            combine(7, &[claim("duty_officer_log", &log), claim("hseep_aar_docx", &report)])
                .unwrap();
        assert_eq!(
            (&event["start_at"], &event["end_at"], &event["response"]),
            (&log["start_at"], &log["end_at"], &json!("RESPONDED"))
        );
    }
}
