//! Reads the overview table: name, dates, hazard, sponsor, objectives and participants.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::words::is_placeholder;
use crate::lookup::Lookup;
use crate::reading::headings::{Section, lists};
use crate::record::EventKind;
use crate::source::exercise_calendar::type_within;

/// Overview by field.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    fields: BTreeMap<String, String>,
    /// Labels of the fields, as written in the document.
    labels: BTreeMap<String, String>,
    /// Label of the capabilities, in lower case.
    capabilities_label: String,
    /// Heading above the table, which may name the kind of event.
    pub title: String,
}

impl Overview {
    /// Reads the table's rows, with one or several pairs of label and text per row; rows of
    /// contacts are skipped.
    pub fn of(cells: &[Vec<String>]) -> Self {
        let mut overview = Self::default();
        let mut after_contact = false;
        for row in cells {
            let filled: Vec<(usize, &String)> =
                row.iter().enumerate().filter(|(_, text)| !text.trim().is_empty()).collect();
            let labels: Vec<(usize, &str)> = filled
                .iter()
                .enumerate()
                // A label is the first cell of its row, or follows the text of another label.
                .filter(|(order, (at, _))| *order % 2 == 0 && (*at == 0 || *order >= 2))
                .filter_map(|(order, (_, text))| Some((order, field_of_label(text)?)))
                .collect();
            for (index, (order, field)) in labels.iter().enumerate() {
                let until = labels.get(index + 1).map_or(filled.len(), |(next, _)| *next);
                let value = filled[order + 1..until]
                    .iter()
                    .map(|(_, text)| text.as_str())
                    .collect::<Vec<_>>()
                    .join("\n");
                after_contact |= *field == "contact";
                // Below the point of contact, `Name` is a person's name.
                if after_contact && field.ends_with("_name") {
                    continue;
                }
                overview.add(field, &filled[*order].1.clone(), &value);
            }
        }
        overview
    }

    /// Adds the text of a label. The first name and the first label of a field are used; other
    /// texts are appended.
    pub fn add(&mut self, field: &str, label: &str, value: &str) {
        let value = ticked(&unprompted(value));
        if value.is_empty() {
            return;
        }
        if field == "capabilities" {
            self.capabilities_label = label.to_lowercase();
        }
        let is_name = field.ends_with("_name");
        let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
        self.labels
            .entry(field.to_owned())
            .or_insert_with(|| label.trim_end_matches(':').to_owned());
        self.fields
            .entry(field.to_owned())
            .and_modify(|known| {
                if !is_name && !known.contains(&value) {
                    known.push('\n');
                    known.push_str(&value);
                }
            })
            .or_insert(value);
    }

    /// Returns whether any field of an overview has a value.
    pub fn has_fields(&self) -> bool {
        self.name().is_some() || self.fields.contains_key("dates") && self.fields.len() >= 3
    }

    /// Adds the fields of a further part of the table.
    pub fn merge(&mut self, other: Self) {
        for (field, value) in other.fields {
            self.fields.entry(field).or_insert(value);
        }
        for (field, label) in other.labels {
            self.labels.entry(field).or_insert(label);
        }
        if self.capabilities_label.is_empty() {
            self.capabilities_label = other.capabilities_label;
        }
    }

    /// Returns the framework named in the label of the capabilities.
    pub fn framework(&self) -> Option<&'static str> {
        let label = &self.capabilities_label;
        if label.contains("hpp")
            || label.contains("health care preparedness")
            || label.contains("healthcare preparedness")
        {
            Some("HPP")
        } else if label.contains("phep") || label.contains("public health") {
            Some("PHEP")
        } else if label.contains("target") {
            Some("TCL")
        } else {
            None
        }
    }

    /// Returns the text of a field; empty if the overview lacks it.
    pub fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    /// Returns the label of a field, as written.
    pub fn label(&self, field: &str) -> Option<&str> {
        self.labels.get(field).map(String::as_str)
    }

    /// Returns the participants, as written.
    pub fn participants(&self) -> &str {
        self.get("participants")
    }

    /// Returns the name of the event, with the kind that its label states.
    pub fn name(&self) -> Option<(&str, Option<EventKind>)> {
        for (field, kind) in [
            ("exercise_name", Some(EventKind::Exercise)),
            ("incident_name", Some(EventKind::Incident)),
            ("event_name", None),
        ] {
            if let Some(name) = self.fields.get(field) {
                return Some((name, kind));
            }
        }
        None
    }

    /// Returns whether the event is an exercise or an incident, by the label of its name, or else
    /// by its words.
    pub fn kind(&self, name: &str, stated: Option<EventKind>, lookup: &Lookup) -> EventKind {
        if let Some(kind) = stated {
            return kind;
        }
        let words_of_event = [self.get("type"), name, self.get("scope")].join(" ").to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| words_of_event.contains(word));
        let title = self.title.to_lowercase();
        if has(&["planned event", "marathon", "parade", "festival", "road race", "inauguration"]) {
            EventKind::PlannedEvent
        } else if has(&["exercise", "drill", "tabletop"])
            || type_within(self.get("type"), lookup).is_some()
            || (title.contains("exercise") && !title.contains("incident"))
        {
            EventKind::Exercise
        } else {
            EventKind::Incident
        }
    }
}

/// Returns the overview field that a label means, in a table or before a colon.
pub fn field_of_label(text: &str) -> Option<&'static str> {
    let label = text.trim().trim_end_matches(':');
    if label.len() > 80 || label.lines().count() > 3 {
        return None;
    }
    lists()
        .field_of_heading(Section::Overview, label)
        .or_else(|| lists().is_dropped(label).then_some("contact"))
}

/// Returns the text without the template's prompts, alone on a line or within it.
fn unprompted(text: &str) -> String {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    static PROMPT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\[(?:insert|list|describe|identify|provide|enter|add|include|name of|indicate|type|date|exercise name|organization|jurisdiction)\b[^\]]*\]").expect("the pattern is well formed")
    });
    let lines = text.lines().map(|line| PROMPT.replace_all(line, "").trim().to_owned());
    lines.filter(|line| !line.is_empty() && !is_placeholder(line)).collect::<Vec<_>>().join("\n")
}

/// Returns the checked choices where a text offers several with boxes: `\u{2610} Tabletop \u{2612}
/// Drill` gives `Drill`.
fn ticked(text: &str) -> String {
    const EMPTY: char = '\u{2610}';
    let is_box =
        |letter: char| matches!(letter, EMPTY | '\u{2611}' | '\u{2612}' | '\u{25a1}' | '\u{25a0}');
    if text.matches(is_box).count() < 2 {
        return text.to_owned();
    }
    let starts: Vec<(usize, &str)> = text.match_indices(is_box).collect();
    let ends = starts.iter().skip(1).map(|(position, _)| *position).chain([text.len()]);
    let choices = starts
        .iter()
        .zip(ends)
        .map(|((from, mark), to)| (*mark, text[from + mark.len()..to].trim()));
    let ticked = choices
        .filter(|(mark, _)| !["\u{2610}", "\u{25a1}"].contains(mark))
        .map(|(_, choice)| choice);
    ticked.collect::<Vec<_>>().join("\n")
}
