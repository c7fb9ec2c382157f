//! Matches strengths and areas for improvement with the plan's actions that answer them.

use std::collections::BTreeMap;

use super::plan::WrittenAction;
use super::rating::WrittenRating;
use super::words::{self, FindingField};
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::record::{EventRef, Finding, FindingKind};
use crate::source::SourceError;
use crate::source::cell_labels;
use crate::source::record_id::derived_id;

/// Minimum similarity at which a plan's issue matches an area in the analysis section.
const LIKE: f64 = 0.8;
/// Minimum number of letters of an issue that is recognized at the beginning of a finding's text.
const LONG_ENOUGH: usize = 15;

/// A finding as written.
#[derive(Clone, Debug, Default)]
pub struct WrittenFinding {
    /// Number of its paragraph's block in the document.
    pub position: u64,
    /// Strength or area for improvement.
    pub kind: FindingKind,
    /// Capability under whose heading it is; empty if there is none.
    pub capability: String,
    /// Number of the objective under whose heading it is.
    pub objective: Option<u32>,
    /// Word of its label, in lower case; empty without a label.
    pub word: String,
    /// Number of its label, such as `1.2`; empty without a number.
    pub number: String,
    /// Text of the finding; its first line may be a title.
    pub text: String,
    /// Plan or policy that the finding refers to.
    pub reference: String,
    /// Root-cause analysis.
    pub analysis: String,
    /// Recommendation.
    pub recommendation: String,
    /// Actions that answer it, by their indexes in the plan.
    pub actions: Vec<usize>,
    /// Capability elements of those actions.
    pub elements: Vec<String>,
}

impl WrittenFinding {
    /// Returns one of its texts, to change it.
    pub fn field(&mut self, field: FindingField) -> &mut String {
        match field {
            FindingField::Text => &mut self.text,
            FindingField::Reference => &mut self.reference,
            FindingField::Analysis => &mut self.analysis,
            FindingField::Recommendation => &mut self.recommendation,
        }
    }

    /// Returns the similarity of its text or title and a plan's issue, from 0 to 1.
    fn likeness(&self, issue: &str) -> f64 {
        let plain = hotwash_schema::label::normalize_label;
        let wanted = plain(issue);
        let text = plain(&self.text);
        if wanted.len() >= LONG_ENOUGH && text.starts_with(&wanted) {
            return 1.0;
        }
        let line = self.text.lines().next().unwrap_or_default();
        let sentence = line.split_inclusive(['.', ':']).next().unwrap_or_default();
        [text, plain(line), plain(sentence)]
            .iter()
            .map(|own| strsim::normalized_levenshtein(own, &wanted))
            .fold(0.0, f64::max)
    }
}

/// Splits an issue into its text and the number of its label: `Area for Improvement 1.2: Radios
/// failed`.
fn unlabeled(issue: &str) -> (String, String) {
    match words::label(issue) {
        Some(label) => (label.rest, label.number.unwrap_or_default()),
        None => (issue.to_owned(), String::new()),
    }
}

/// Returns the findings matched with the plan's actions. An issue that occurs only in the plan
/// becomes an area for improvement. A finding under an objective with a single capability has that
/// capability.
pub fn complete(
    findings: Vec<WrittenFinding>,
    actions: &[WrittenAction],
    ratings: &[WrittenRating],
) -> Vec<WrittenFinding> {
    let mut all = findings;
    for finding in all.iter_mut().filter(|finding| finding.capability.is_empty()) {
        let Some(number) = finding.objective else { continue };
        let mut rated = ratings.iter().filter(|rating| rating.objective_number() == Some(number));
        if let (Some(only), None) = (rated.next(), rated.next()) {
            finding.capability.clone_from(&only.capability);
        }
    }
    for (at, action) in actions.iter().enumerate() {
        for issue in action.issues.iter().filter(|issue| !issue.is_empty()) {
            let position = answered(&all, issue, action).unwrap_or_else(|| {
                let (text, number) = unlabeled(issue);
                all.push(WrittenFinding {
                    position: action.position,
                    kind: FindingKind::AreaForImprovement,
                    capability: action.capability.clone(),
                    text: if text.is_empty() { issue.clone() } else { text },
                    number,
                    ..WrittenFinding::default()
                });
                all.len() - 1
            });
            all[position].actions.push(at);
            all[position].elements.push(action.element.clone());
            if all[position].recommendation.is_empty() {
                all[position].recommendation.clone_from(&action.recommendation);
            }
            if all[position].capability.is_empty() {
                all[position].capability.clone_from(&action.capability);
            }
        }
    }
    all
}

/// Returns the area that an issue of the plan repeats, by its words, or by its number if it has no
/// words.
fn answered(all: &[WrittenFinding], issue: &str, action: &WrittenAction) -> Option<usize> {
    let (text, number) = unlabeled(issue);
    let same = |finding: &WrittenFinding| same_capability(&finding.capability, &action.capability);
    let areas = || {
        all.iter()
            .enumerate()
            .filter(|(_, finding)| finding.kind == FindingKind::AreaForImprovement)
    };
    if text.is_empty() {
        let numbered: Vec<_> = areas().filter(|(_, finding)| finding.number == number).collect();
        let own = numbered
            .iter()
            .find(|(_, finding)| same(finding))
            .or(numbered.first().filter(|_| numbered.len() == 1));
        return own.map(|(position, _)| *position);
    }
    let scored = areas().map(|(position, finding)| {
        let bonus = if same(finding) { 0.05 } else { 0.0 };
        (finding.likeness(&text) + bonus, position)
    });
    scored
        .filter(|(score, _)| *score >= LIKE)
        .max_by(|one, two| one.0.total_cmp(&two.0))
        .map(|(_, position)| position)
}

fn same_capability(one: &str, two: &str) -> bool {
    hotwash_schema::label::normalize_label(one) == hotwash_schema::label::normalize_label(two)
}

/// Writes the findings of an event; `links` receives, for each action, the id of its finding.
pub fn write(
    findings: &[WrittenFinding],
    event: &str,
    framework: Option<&str>,
    lookup: &Lookup,
    sink: &mut Sink,
    links: &mut BTreeMap<usize, String>,
) -> Result<(), SourceError> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbers = [0, 0];
    for finding in findings {
        sink.read_one()?;
        let id = derived_id(&[finding.kind.code(), &finding.capability, &finding.text]);
        let times = *known.entry(id.clone()).and_modify(|times| *times += 1).or_insert(1);
        let source_id = format!("{event}|finding|{id}|{times}");
        for action in &finding.actions {
            links.insert(*action, source_id.clone());
        }
        let number = &mut numbers[usize::from(finding.kind == FindingKind::Strength)];
        *number += 1;
        let mut elements = Vec::new();
        for element in finding.elements.iter().filter(|text| !text.is_empty()) {
            for element in cell_labels::elements(
                element,
                "Capability Element",
                finding.position,
                lookup,
                &mut *sink,
            ) {
                if !elements.contains(&element) {
                    elements.push(element);
                }
            }
        }
        let capability_id = if finding.capability.is_empty() {
            UNMAPPED
        } else {
            cell_labels::capability_of(
                &finding.capability,
                framework,
                "Core Capability",
                finding.position,
                lookup,
                sink,
            )
        };
        let mut clean =
            |text: &str| Some(text).filter(|text| !text.is_empty()).map(|text| sink.redacted(text));
        let record = Finding {
            row: finding.position,
            source_id,
            event: EventRef::id(event),
            number: Some(*number),
            kind: finding.kind,
            capability_id,
            organization: None,
            text: clean(&finding.text).unwrap_or_default(),
            reference: clean(&finding.reference),
            analysis: clean(&finding.analysis),
            recommendation: clean(&finding.recommendation),
            elements,
        };
        sink.record(&record)?;
    }
    Ok(())
}
