//! Table 1: one mark in one of four columns, or a column that holds the rating's letter.

use super::overview::is_placeholder;
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::headings::{Columns, key};
use crate::record::{CapabilityRating, EventRef, RatingLevel};
use crate::source::SourceError;
use crate::source::grid_rows::made_id;

/// A row of the table.
#[derive(Clone, Debug)]
pub struct WrittenRating {
    /// Number of the table's block in the document.
    pub place: u64,
    /// Objective, as written.
    pub objective: String,
    /// Capability, as written.
    pub capability: String,
    /// Ratings marked, by their code; more or fewer than one is a fault.
    marks: Vec<String>,
}

const COLUMNS: [(&str, &str); 4] = [("p", "P"), ("s", "S"), ("m", "M"), ("u", "U")];

/// Reads the rows below the header.
pub fn read(place: u64, rows: &[Vec<String>], columns: &Columns) -> Vec<WrittenRating> {
    let mut ratings = Vec::new();
    for row in rows {
        let cell = |field: &str| {
            columns.place(field).and_then(|at| row.get(at)).map(|text| text.trim().to_owned()).unwrap_or_default()
        };
        let (objective, capabilities) = (cell("objective"), cell("capability"));
        // The header again on the next page, or the definitions below the table.
        let repeats = columns
            .place("capability")
            .is_some_and(|at| columns.headings.get(at).is_some_and(|heading| key(heading) == key(&capabilities)));
        if capabilities.is_empty()
            || is_placeholder(&capabilities)
            || repeats
            || key(&objective).starts_with("ratingsdefinition")
        {
            continue;
        }
        let mut marks: Vec<String> =
            COLUMNS.iter().filter(|(field, _)| is_mark(&cell(field))).map(|(_, code)| (*code).to_owned()).collect();
        if marks.is_empty() {
            marks.extend(
                word(&cell("rating")).or_else(|| COLUMNS.iter().find_map(|(field, _)| not_observed(&cell(field)))),
            );
        }
        for capability in capabilities.lines().map(str::trim).filter(|line| !line.is_empty()) {
            ratings.push(WrittenRating {
                place,
                objective: objective.clone(),
                capability: capability.to_owned(),
                marks: marks.clone(),
            });
        }
    }
    ratings
}

/// Anything but nothing, an empty box, a dash or a word for no.
fn is_mark(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && !text.chars().all(|letter| {
            matches!(
                letter,
                '\u{2610}'
                    | '\u{25a1}'
                    | '\u{25cb}'
                    | '-'
                    | '\u{2013}'
                    | '\u{2014}'
                    | '_'
                    | '.'
                    | ' '
                    | '\n'
                    | '('
                    | ')'
                    | '['
                    | ']'
            )
        })
        && !["no", "n/a", "na", "n/o", "0"].contains(&text.to_lowercase().as_str())
        && not_observed(text).is_none()
}

fn not_observed(text: &str) -> Option<String> {
    ["notobserved", "no", "notrated", "notevaluated"].contains(&key(text).as_str()).then(|| "NOT_OBSERVED".to_owned())
}

/// The rating of a word or letter.
fn word(text: &str) -> Option<String> {
    let name = key(text);
    let code = match name.as_str() {
        "p" => "P",
        "s" => "S",
        "m" => "M",
        "u" => "U",
        _ if name.contains("without") => "P",
        _ if name.contains("some") => "S",
        _ if name.contains("major") => "M",
        _ if name.contains("unable") => "U",
        _ => return not_observed(text),
    };
    Some(code.to_owned())
}

/// Writes the ratings of an event.
pub fn write(ratings: &[WrittenRating], event: &str, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
    let mut known: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for rating in ratings {
        sink.read_one()?;
        let content = || {
            Some(crate::load::redacted_content(&serde_json::json!({"Objective": rating.objective, "Core Capability": rating.capability, "Rating": rating.marks.join(", ")}).as_object().cloned().unwrap_or_default()))
        };
        let code = match rating.marks.as_slice() {
            [code] => code,
            [] => {
                sink.reject(
                    rating.place,
                    "capability_rating",
                    Some("Rating"),
                    Some(&rating.capability),
                    "no column is marked; mark one of P, S, M or U",
                    content(),
                );
                continue;
            }
            marks => {
                sink.reject(
                    rating.place,
                    "capability_rating",
                    Some("Rating"),
                    Some(&marks.join(", ")),
                    "more than one column is marked; mark one of P, S, M or U",
                    content(),
                );
                continue;
            }
        };
        let capability_id = match lookup.lists().capability(&rating.capability, None) {
            Ok(capability) => capability,
            Err(miss) => {
                sink.reject(
                    rating.place,
                    "capability_rating",
                    Some("Core Capability"),
                    Some(&rating.capability),
                    &miss.to_string(),
                    content(),
                );
                continue;
            }
        };
        let Some((rating_scale_id, rating_code)) = lookup.lists().rating("PSMU", code) else {
            sink.reject(
                rating.place,
                "capability_rating",
                Some("Rating"),
                Some(code),
                "is no rating of the scale P, S, M, U",
                content(),
            );
            continue;
        };
        let id = made_id(&[&rating.objective, &rating.capability]);
        let times = known.entry(id.clone()).and_modify(|times| *times += 1).or_insert(1);
        let subject = Some(rating.objective.lines().collect::<Vec<_>>().join(" "))
            .filter(|text| !text.is_empty())
            .map(|text| sink.redacted(&text));
        sink.record_from(
            &CapabilityRating {
                row: rating.place,
                source_id: format!("{event}|rating|{id}|{times}"),
                event: EventRef::id(event),
                capability_id,
                organization: None,
                level: RatingLevel::Capability,
                subject,
                rating_scale_id,
                rating: rating_code,
                note: None,
            },
            content().as_ref(),
        )?;
    }
    Ok(())
}
