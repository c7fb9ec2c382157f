//! Strengths and areas for improvement from the analysis section: by heading and by the words paragraphs begin with.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::overview::is_placeholder;
use super::plan::WrittenAction;
use crate::document::word::Paragraph;
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::record::{EventRef, Finding, FindingKind};
use crate::source::SourceError;
use crate::source::grid_rows::{self, made_id};

/// Likeness from which a plan's issue is an area of the analysis section.
const LIKE: f64 = 0.8;

/// A finding as written.
#[derive(Clone, Debug)]
pub struct WrittenFinding {
    /// Number of its paragraph's block in the document.
    pub place: u64,
    kind: FindingKind,
    capability: String,
    text: String,
    reference: String,
    analysis: String,
    recommendation: String,
    /// Actions that answer it, by their place in the plan.
    actions: Vec<usize>,
    elements: Vec<String>,
}

/// Where further paragraphs go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Into {
    Text,
    Reference,
    Analysis,
    Recommendation,
}

/// Reads paragraphs one after the other.
#[derive(Default)]
pub struct Reader {
    capability: String,
    section: Option<FindingKind>,
    open: Option<(WrittenFinding, Into)>,
    in_analysis: bool,
}

#[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?is)^(?:(strengths?|best practices?)|(areas? for improvement|area of improvement|afi|opportunit(?:y|ies) for improvement|issue|challenge|gap|weakness)|(observation))\s*#?\s*[\d.]*\s*[:.)\u{2013}\u{2014}-]+\s*(.+)$",
    )
});
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?is)^(references?|analysis|root cause(?: analysis)?|discussion|recommendations?)\s*\d*\s*[:.\u{2013}\u{2014}-]\s*(.*)$",
    )
});
static SECTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:\d+[.)]?\s*)?(?:(strengths?|best practices|what went well)|(areas? (?:for|of) improvement|opportunities for improvement|challenges|what (?:could be improved|needs improvement)))\s*:?$",
    )
});
static CAPABILITY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:core |target |phep |hpp )?capability(?:\s*#?\s*\d+)?\s*(?:summary)?\s*[:.\u{2013}\u{2014}-]\s*)(.+)$",
    )
});
static NUMBERED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:\d+[.)]|[a-z][.)]|[•\u{2022}\u{25cf}\u{25aa}*\u{2013}-])\s+"));

impl Reader {
    /// Takes the next paragraph.
    pub fn paragraph(
        &mut self,
        place: u64,
        paragraph: &Paragraph,
        lookup: &Lookup,
        findings: &mut Vec<WrittenFinding>,
    ) {
        let text = paragraph.text.trim();
        let short = text.len() <= 120;
        if let Some(found) = SECTION.captures(text) {
            self.end(findings);
            self.section =
                Some(if found.get(1).is_some() { FindingKind::Strength } else { FindingKind::AreaForImprovement });
            self.in_analysis = true;
            return;
        }
        if let Some(found) = CAPABILITY.captures(text).filter(|_| short) {
            self.end(findings);
            self.capability = found[1].trim().to_owned();
            self.section = None;
            return;
        }
        let is_heading = paragraph.heading().is_some();
        if is_heading || (short && !text.ends_with('.') && !paragraph.listed && self.open.is_none()) {
            if lookup.lists().capability(text, None).is_ok() {
                self.end(findings);
                self.capability = text.to_owned();
                self.section = None;
                return;
            }
            if is_heading && LABELLED.captures(text).is_none() {
                self.end(findings);
                // A new part of the report ends the analysis; an objective's heading does not.
                if paragraph.heading().is_some_and(|level| level <= 1) {
                    (self.section, self.in_analysis) = (None, false);
                    self.capability.clear();
                }
                return;
            }
        }
        if let Some(found) = LABELLED.captures(text) {
            self.end(findings);
            let (mut kind, mut said) = (None, found[4].trim().to_owned());
            if found.get(1).is_some() {
                kind = Some(FindingKind::Strength);
            } else if found.get(2).is_some() {
                kind = Some(FindingKind::AreaForImprovement);
            } else if let Some(inner) = LABELLED.captures(&said.clone()).filter(|inner| inner.get(3).is_none()) {
                // `Observation 1.1: Strength – Staff knew the plan.`
                kind =
                    Some(if inner.get(1).is_some() { FindingKind::Strength } else { FindingKind::AreaForImprovement });
                said = inner[4].trim().to_owned();
            }
            if let Some(kind) = kind.or(self.section).or(Some(FindingKind::AreaForImprovement)) {
                self.start(place, kind, &said);
            }
            return;
        }
        if let Some(found) = FIELD.captures(text) {
            if let Some((finding, into)) = &mut self.open {
                let label = found[1].to_lowercase();
                *into = if label.starts_with("reference") {
                    Into::Reference
                } else if label.starts_with("recommendation") {
                    Into::Recommendation
                } else {
                    Into::Analysis
                };
                append(finding, *into, found[2].trim());
            }
            return;
        }
        let nothing_open = self.open.is_none();
        match (&mut self.open, self.section) {
            (Some((finding, into)), _) if *into != Into::Text => append(finding, *into, text),
            (_, Some(kind))
                if !is_boilerplate(text)
                    && !is_placeholder(text)
                    && (paragraph.listed || NUMBERED.is_match(text) || nothing_open) =>
            {
                self.end(findings);
                let said = NUMBERED.replace(text, "").into_owned();
                self.start(place, kind, &said);
            }
            (Some((finding, into)), _) => append(finding, *into, text),
            _ => {}
        }
    }

    fn start(&mut self, place: u64, kind: FindingKind, text: &str) {
        if is_placeholder(text) || text.is_empty() {
            return;
        }
        self.section = self.section.or(Some(kind));
        let finding = WrittenFinding {
            place,
            kind,
            capability: self.capability.clone(),
            text: text.to_owned(),
            reference: String::new(),
            analysis: String::new(),
            recommendation: String::new(),
            actions: Vec::new(),
            elements: Vec::new(),
        };
        self.open = Some((finding, Into::Text));
    }

    /// Ends the open finding.
    pub fn end(&mut self, findings: &mut Vec<WrittenFinding>) {
        if let Some((finding, _)) = self.open.take() {
            findings.push(finding);
        }
    }
}

fn append(finding: &mut WrittenFinding, into: Into, text: &str) {
    let field = match into {
        Into::Text => &mut finding.text,
        Into::Reference => &mut finding.reference,
        Into::Analysis => &mut finding.analysis,
        Into::Recommendation => &mut finding.recommendation,
    };
    if !text.is_empty() && !is_placeholder(text) {
        if !field.is_empty() {
            field.push('\n');
        }
        field.push_str(text);
    }
}

/// The template's own sentences.
fn is_boilerplate(text: &str) -> bool {
    let lower = text.to_lowercase();
    [
        "can be attributed to the following",
        "the following strengths",
        "the following areas",
        "require improvement to achieve",
        "are described in this section",
        "provides an overview of the performance",
        "no areas for improvement",
        "none identified",
        "the strengths and areas",
    ]
    .iter()
    .any(|phrase| lower.contains(phrase))
        || ["none", "n/a", "none noted", "not applicable"].contains(&lower.trim_end_matches('.'))
}

fn like(one: &str, two: &str) -> f64 {
    let plain = hotwash_schema::label::normalize_label;
    strsim::normalized_levenshtein(&plain(one), &plain(two))
}

/// The findings with the plan's actions joined to them; an issue that stands only in the plan becomes an area of its own.
pub fn complete(findings: &[WrittenFinding], actions: &[WrittenAction]) -> Vec<WrittenFinding> {
    let mut all = findings.to_vec();
    for (at, action) in actions.iter().enumerate().filter(|(_, action)| !action.issue.is_empty()) {
        let areas = all.iter().enumerate().filter(|(_, finding)| finding.kind == FindingKind::AreaForImprovement);
        let best = areas.map(|(place, finding)| {
            (
                like(&finding.text, &action.issue)
                    + if same_capability(&finding.capability, &action.capability) { 0.05 } else { 0.0 },
                place,
            )
        });
        let best = best.filter(|(score, _)| *score >= LIKE).max_by(|one, two| one.0.total_cmp(&two.0));
        let place = match best {
            Some((_, place)) => place,
            None => {
                all.push(WrittenFinding {
                    place: action.place,
                    kind: FindingKind::AreaForImprovement,
                    capability: action.capability.clone(),
                    text: action.issue.clone(),
                    reference: String::new(),
                    analysis: String::new(),
                    recommendation: action.recommendation.clone(),
                    actions: Vec::new(),
                    elements: Vec::new(),
                });
                all.len() - 1
            }
        };
        all[place].actions.push(at);
        all[place].elements.push(action.element.clone());
        if all[place].recommendation.is_empty() {
            all[place].recommendation.clone_from(&action.recommendation);
        }
        if all[place].capability.is_empty() {
            all[place].capability.clone_from(&action.capability);
        }
    }
    all
}

fn same_capability(one: &str, two: &str) -> bool {
    hotwash_schema::label::normalize_label(one) == hotwash_schema::label::normalize_label(two)
}

/// Writes the findings of an event; `links` takes, for each action, the id of the finding it answers.
pub fn write(
    findings: &[WrittenFinding],
    event: &str,
    lookup: &Lookup,
    sink: &mut Sink,
    links: &mut BTreeMap<usize, String>,
) -> Result<(), SourceError> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbers = [0, 0];
    for finding in findings {
        sink.read_one()?;
        let id = made_id(&[finding.kind.code(), &finding.capability, &finding.text]);
        let times = *known.entry(id.clone()).and_modify(|times| *times += 1).or_insert(1);
        let source_id = format!("{event}|finding|{id}|{times}");
        for action in &finding.actions {
            links.insert(*action, source_id.clone());
        }
        let number = &mut numbers[usize::from(finding.kind == FindingKind::Strength)];
        *number += 1;
        let mut elements = Vec::new();
        for element in finding.elements.iter().filter(|text| !text.is_empty()) {
            for element in grid_rows::elements(element, "Capability Element", finding.place, lookup, &mut *sink) {
                if !elements.contains(&element) {
                    elements.push(element);
                }
            }
        }
        let capability_id = if finding.capability.is_empty() {
            UNMAPPED
        } else {
            grid_rows::capability(&finding.capability, "Core Capability", finding.place, lookup, sink)
        };
        let mut clean = |text: &str| Some(text).filter(|text| !text.is_empty()).map(|text| sink.redacted(text));
        let record = Finding {
            row: finding.place,
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
