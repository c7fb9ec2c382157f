//! Reads Table 1: a mark in one of several rating columns, or one column with the rating as a
//! letter or in words.

use super::mark::{self, COLUMNS, WrittenMark};
use super::words::{self, is_placeholder};
use crate::code::WarningCode;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::headings::{Columns, Section, key, lists};
use crate::reading::items::unmarked;
use crate::record::{CapabilityRating, EventRef, RatingLevel};
use crate::source::SourceError;
use crate::source::record_id::derived_id;

/// Row of the table.
#[derive(Clone, Debug)]
pub struct WrittenRating {
    /// Number of the table's block in the document.
    pub position: u64,
    /// Objective, as written.
    pub objective: String,
    /// Capability, as written; empty if the table rates only objectives.
    pub capability: String,
    /// Marked ratings; any number other than one is an error.
    marks: Vec<WrittenMark>,
    /// Text of the cells that should contain a mark.
    shown: String,
}

impl WrittenRating {
    /// Creates a rating from a line below the heading of its capability.
    pub fn of_line(
        position: u64,
        capability: &str,
        objective: Option<u32>,
        mark: WrittenMark,
    ) -> Self {
        let objective = objective.map(|number| format!("Objective {number}")).unwrap_or_default();
        let shown = mark.code.to_owned();
        Self { position, objective, capability: capability.to_owned(), marks: vec![mark], shown }
    }

    /// Returns the number of its objective, if it has one.
    pub fn objective_number(&self) -> Option<u32> {
        words::objective(&self.objective).map(|(number, _)| number).or_else(|| {
            let digits: String = self.objective.chars().take_while(char::is_ascii_digit).collect();
            digits
                .parse()
                .ok()
                .filter(|_| self.objective[digits.len()..].starts_with(['.', ')', ':']))
        })
    }
}

/// Reads the rows below the header. `objective` is the last objective; rows without an objective
/// belong to it.
pub fn read(
    position: u64,
    rows: &[Vec<String>],
    columns: &Columns,
    objective: &mut String,
    lookup: &Lookup,
) -> Vec<WrittenRating> {
    let mut ratings = Vec::new();
    let mut capability = String::new();
    for row in rows {
        let cell = |field: &str| {
            columns
                .index_of(field)
                .and_then(|at| row.get(at))
                .map(|text| text.trim().to_owned())
                .unwrap_or_default()
        };
        let first =
            row.iter().find(|text| !text.trim().is_empty()).map(String::as_str).unwrap_or_default();
        // The definitions below the table end it.
        if key(first).starts_with("ratingsdefinition") || key(first).starts_with("ratingdefinition")
        {
            break;
        }
        if is_heading_or_definition(row, columns) {
            continue;
        }
        let cell_text = cell("objective");
        if !cell_text.is_empty() && !is_placeholder(unmarked(&cell_text)) {
            cell_text.clone_into(objective);
        }
        let (marks, shown) = marks(row, columns);
        let mut capabilities = cell("capability");
        if capabilities.is_empty()
            && !marks.is_empty()
            && cell_text.is_empty()
            && columns.has(&["capability"])
        {
            capabilities.clone_from(&capability);
        }
        if is_placeholder(unmarked(&capabilities)) || capabilities.is_empty() && marks.is_empty() {
            continue;
        }
        capability.clone_from(&capabilities);
        let mut names = lookup.lists().capabilities.split(&capabilities);
        names.retain(|name| !is_placeholder(name));
        if names.is_empty() {
            names.push(String::new());
        }
        ratings.extend(names.into_iter().map(|capability| WrittenRating {
            position,
            objective: objective.clone(),
            capability,
            marks: marks.clone(),
            shown: shown.clone(),
        }));
    }
    ratings
}

/// Returns whether a table explains the ratings: each of its rows starts with one.
pub fn defines(cells: &[Vec<String>]) -> bool {
    let explained = cells.iter().filter(|row| {
        let first =
            row.iter().find(|text| !text.trim().is_empty()).map(String::as_str).unwrap_or_default();
        let field =
            lists().field_of_heading(Section::Ratings, first.lines().next().unwrap_or_default());
        field.is_some_and(|field| COLUMNS.iter().any(|(known, _)| *known == field))
    });
    explained.count() >= 3
}

/// Returns whether a row repeats the header on a new page, contains totals, or explains a rating.
fn is_heading_or_definition(row: &[String], columns: &Columns) -> bool {
    let filled: Vec<(usize, &String)> =
        row.iter().enumerate().filter(|(_, text)| !text.trim().is_empty()).collect();
    let repeats = filled
        .iter()
        .filter(|(at, text)| columns.headings.get(*at).is_some_and(|own| key(own) == key(text)));
    let Some((_, first)) = filled.first() else { return true };
    let explains = first.len() <= 60
        && ["p", "s", "m", "u"]
            .contains(&lists().field_of_heading(Section::Ratings, first).unwrap_or_default())
        && !mark::is_mark(&row.iter().skip(2).map(String::as_str).collect::<String>());
    repeats.count() >= 2 || explains || ["total", "totals", "count"].contains(&key(first).as_str())
}

/// Returns the marked ratings of a row, and the text of its cells.
fn marks(row: &[String], columns: &Columns) -> (Vec<WrittenMark>, String) {
    let cells: Vec<(&WrittenMark, &str)> = COLUMNS
        .iter()
        .filter_map(|(field, mark)| Some((mark, row.get(columns.index_of(field)?)?.trim())))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    let rating = columns
        .index_of("rating")
        .and_then(|at| row.get(at))
        .map(|text| text.trim())
        .unwrap_or_default();
    let shown: Vec<&str> = cells
        .iter()
        .map(|(_, text)| *text)
        .chain([rating])
        .filter(|text| !text.is_empty())
        .collect();
    let mut marks: Vec<WrittenMark> = Vec::new();
    let marked: Vec<_> = cells.iter().filter(|(_, text)| mark::is_mark(text)).collect();
    for (own, text) in &marked {
        // A cell merged across the columns contains its rating in words.
        let stated = mark::word(text).filter(|_| marked.len() == 1 && text.len() > 3);
        let mark = stated.unwrap_or_else(|| (*own).clone());
        let mut add = |mark: WrittenMark| {
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        };
        // The letter of another rating contradicts the column.
        let letter = Some(text.to_uppercase())
            .and_then(|letter| ["P", "S", "M", "U"].into_iter().find(|code| *code == letter));
        if let (Some(code), "PSMU") = (letter, own.scale) {
            add(mark::psmu(code));
        }
        add(mark);
    }
    if marks.is_empty() {
        match mark::checked(rating) {
            Some(labels) => marks.extend(labels.into_iter().filter_map(mark::word)),
            None => marks.extend(mark::word(rating)),
        }
    }
    if marks.is_empty() && cells.iter().any(|(_, text)| mark::is_not_observed(text)) {
        marks.push(mark::psmu("NOT_OBSERVED"));
    }
    (marks, shown.join(", "))
}

/// Writes the ratings of an event.
pub fn write(
    ratings: &[WrittenRating],
    event: &str,
    framework: Option<&str>,
    lookup: &Lookup,
    sink: &mut Sink,
) -> Result<(), SourceError> {
    let mut known: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for rating in ratings {
        sink.read_one()?;
        let id = derived_id(&[&rating.objective, &rating.capability]);
        let times = *known.entry(id.clone()).and_modify(|times| *times += 1).or_insert(1);
        let source_id = format!("{event}|rating|{id}|{times}");
        let subject = Some(rating.objective.lines().map(unmarked).collect::<Vec<_>>().join(" "))
            .filter(|text| !text.is_empty())
            .map(|text| sink.redacted(&text));
        // Under the headings of our own template, so that a rejected row can be corrected and
        // loaded alone.
        let content = |code: &str| {
            let fields = serde_json::json!({
                "rating_id": source_id, "event_id": event, "framework": framework.unwrap_or_default(),
                "capability": rating.capability, "subject": subject.clone().unwrap_or_default(), "rating": code,
            });
            Some(crate::load::redacted_content(&fields.as_object().cloned().unwrap_or_default()))
        };
        let mut reject = |column: &str, value: &str, reason: &str, code: &str| {
            sink.reject(
                rating.position,
                "capability_rating",
                Some(column),
                Some(value),
                reason,
                content(code),
            );
        };
        let mark = match rating.marks.as_slice() {
            [mark] => mark,
            [] if rating.shown.is_empty() => {
                reject(
                    "Rating",
                    &rating.capability,
                    "no column is marked; mark one of P, S, M or U",
                    "",
                );
                continue;
            }
            [] => {
                reject("Rating", &rating.shown, "is not a rating; mark one of P, S, M or U", "");
                continue;
            }
            marks => {
                let codes: Vec<&str> = marks.iter().map(|mark| mark.code).collect();
                reject(
                    "Rating",
                    &codes.join(", "),
                    "more than one rating is marked; mark one of P, S, M or U",
                    "",
                );
                continue;
            }
        };
        let found = if rating.capability.is_empty() {
            lookup.lists().capability(&rating.objective, framework).or(Ok(UNMAPPED))
        } else {
            lookup.lists().capability(&rating.capability, framework)
        };
        let capability_id = match found {
            Ok(capability) => capability,
            Err(miss) => {
                reject("Core Capability", &rating.capability, &miss.to_string(), mark.code);
                continue;
            }
        };
        let Some((rating_scale_id, rating_code)) = lookup.lists().rating(mark.scale, mark.code)
        else {
            reject("Rating", mark.code, "is not a rating of its scale", "");
            continue;
        };
        if capability_id == UNMAPPED {
            let message = "rates an objective without naming a capability; loaded as unmapped";
            sink.warn(
                WarningCode::UnmappedCapability,
                Some("Core Capability"),
                None,
                message,
                rating.position,
            );
            sink.unmapped();
        }
        let row = content(mark.code);
        sink.record_from(
            &CapabilityRating {
                row: rating.position,
                source_id,
                event: EventRef::id(event),
                capability_id,
                organization: None,
                level: RatingLevel::Capability,
                subject,
                rating_scale_id,
                rating: rating_code,
                note: None,
            },
            row.as_ref(),
        )?;
    }
    Ok(())
}
