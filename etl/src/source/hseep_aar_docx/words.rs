//! Recognizes the words of the analysis section: headings of lists, labels of findings, names of
//! fields.

use std::sync::LazyLock;

use regex::Regex;

use crate::record::FindingKind;

#[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

const STRENGTHS: &str = r"strengths?|best practices?|successes|what went well|what worked well|things that went well|positives|sustains?|fortalezas|points forts";
const AREAS: &str = r"areas? (?:for|of|needing) improvement|areas? that (?:need|require) improvement|improvement areas?|opportunit(?:y|ies) for improvement|afis?|challenges|gaps|weaknesses|what (?:could be improved|needs improvement|did(?:n't| not) (?:go|work) well)|needs improvement|improvements needed|[\u{e1}a]reas (?:de mejora|a mejorar)|oportunidades de mejora|points [\u{e0}a] am[\u{e9}e]liorer";

static SECTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:\d+[.)]?\s*)?(?:(?:major|key|primary|main|overall|identified|observed|notable|exercise|incident|summary of|list of)\s+)*(?:({STRENGTHS})|({AREAS}))(?:\s+(?:identified|observed|noted))?\s*[:.\u{{2013}}-]?$"
    ))
});
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?is)^(?P<word>strengths?|best practices?|areas? (?:for|of) improvement|improvement area|afi|opportunit(?:y|ies) for improvement|issue|challenge|gap|weakness|observation|finding)\s*(?P<number>#?\s*(?:no\.?\s*)?\d+(?:[.-]\d+)*|\b[a-z]\b)?\.?\s*(?:\(\s*(?P<inner>strength|area for improvement|afi)s?\s*\))?\s*(?P<mark>[:.)\u{2013}\u{2014}-]+\s*|\n|$)(?P<rest>.*)$",
    )
});
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?is)^(?P<word>references?|analysis|root causes?(?: analysis)?|discussion|recommendations?|observation|description)\s*\d*\s*[:.\u{2013}\u{2014}-]+\s*(?P<rest>.*)$",
    )
});
static CAPABILITY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:associated |related )?(?:(?:core|target|phep|hpp|public health preparedness) )?capability(?:\s*#?\s*\d+(?:\.\d+)?)?\s*[:.\u{2013}\u{2014}-]+\s*(.+)$",
    )
});
static ACTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:corrective|improvement|remedial) action(?: item)?\s*#?\s*\d*(?:[.-]\d+)*\s*[:.\u{2013}\u{2014}-]+\s*(.+)$",
    )
});
static RATING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:overall|final|performance|core capability|capability|target|observed|evaluator) )*rating\s*(?:\([^)]{0,30}\))?\s*[:=\u{2013}\u{2014}-]+\s*(.{1,60})$",
    )
});
static OBJECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:exercise |incident |response )?objective\s*#?\s*(\d+)\b(.*)$")
});
static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:appendix|annex|attachment|section|part)\s+[a-z0-9]+(?:\s*[:.\u{2013}\u{2014}-].*)?|(?:exercise|incident|event|exercise/incident/event)? ?(?:overview|design summary|participants)|executive summary|analysis of (?:core )?capabilities|administrative handling instructions|improvement plan|conclusions?|acronyms|(?:list of )?participating organi[sz]ations(?: and agencies)?|table of contents|contents|after.action report.{0,40})\s*:?$",
    )
});
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:\(?\d+[.)]|\(?[a-z][.)]|[\u{2022}\u{25cf}\u{25aa}\u{25e6}o*\u{2013}-])\s+")
});
static INLINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"[.;!?)\]"]\s+(References?|Analysis|Root Causes?(?: Analysis)?|Recommendations?|Discussion)\s*:\s"#,
    )
});

/// Label of a line.
pub struct Label {
    /// Strength or area for improvement, if the label shows it.
    pub kind: Option<FindingKind>,
    /// Number of the label. A numbered label starts a finding in any position.
    pub number: Option<String>,
    /// Word of the label, in lower case.
    pub word: String,
    /// Text after the label.
    pub rest: String,
}

/// Returns the action of a line such as `Corrective Action 1: Buy cots`.
pub fn action(line: &str) -> Option<&str> {
    Some(ACTION.captures(line.trim())?.get(1)?.as_str())
}

/// Returns the kind of findings that a heading introduces.
pub fn section(text: &str) -> Option<FindingKind> {
    let kind = |text: &str| {
        let found = SECTION.captures(text.trim())?;
        Some(if found.get(1).is_some() {
            FindingKind::Strength
        } else {
            FindingKind::AreaForImprovement
        })
    };
    kind(text).or_else(|| {
        // `Strengths / Fortalezas` has one meaning in two languages; `Strengths / Areas for
        // Improvement` introduces both kinds.
        let kinds: Vec<FindingKind> = text.split('/').map(kind).collect::<Option<_>>()?;
        kinds
            .first()
            .copied()
            .filter(|first| kinds.len() > 1 && kinds.iter().all(|kind| kind == first))
    })
}

fn kind_of(word: &str) -> Option<FindingKind> {
    let word = word.to_lowercase();
    if word.starts_with("strength") || word.starts_with("best practice") {
        Some(FindingKind::Strength)
    } else if word.starts_with("observation") || word.starts_with("finding") {
        None
    } else {
        Some(FindingKind::AreaForImprovement)
    }
}

/// Parses a label: `Area for Improvement 2: …`, `Observation 1.1: Strength – …`, `Strength 3`
/// alone.
pub fn label(text: &str) -> Option<Label> {
    let found = LABEL.captures(text)?;
    let number =
        found.name("number").map(|number| number.as_str().trim_matches(['#', ' ']).to_owned());
    let rest = found["rest"].trim().to_owned();
    if number.is_none() && rest.is_empty() && found.name("inner").is_none() {
        return None;
    }
    let word = found["word"].to_lowercase();
    let kind =
        kind_of(&word).or_else(|| found.name("inner").and_then(|inner| kind_of(inner.as_str())));
    if kind.is_none() {
        // `Observation 1.1: Strength – Staff knew the plan.`
        if let Some(kind) = section(&rest) {
            return Some(Label { kind: Some(kind), number, word, rest: String::new() });
        }
        if let Some(inner) = LABEL.captures(&rest)
            && let Some(kind) = kind_of(&inner["word"])
        {
            return Some(Label {
                kind: Some(kind),
                number,
                word,
                rest: inner["rest"].trim().to_owned(),
            });
        }
    }
    Some(Label { kind, number, word, rest })
}

/// Field of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingField {
    /// Text of the finding.
    Text,
    /// Plan or policy that the finding refers to.
    Reference,
    /// Root-cause analysis.
    Analysis,
    /// Recommendation.
    Recommendation,
}

/// Splits a line such as `Analysis: …` into its field and text.
pub fn field(text: &str) -> Option<(FindingField, String)> {
    let found = FIELD.captures(text)?;
    Some((field_of(&found["word"]), found["rest"].trim().to_owned()))
}

/// Returns the field that a word means.
pub fn field_of(word: &str) -> FindingField {
    let word = word.to_lowercase();
    if word.starts_with("reference") {
        FindingField::Reference
    } else if word.starts_with("recommendation") {
        FindingField::Recommendation
    } else if word.starts_with("observation") || word.starts_with("description") {
        FindingField::Text
    } else {
        FindingField::Analysis
    }
}

/// Returns whether a line is only the word of a field, as in the left column of a table.
pub fn is_field_word(text: &str) -> bool {
    field(&format!("{}:", text.trim().trim_end_matches(':')))
        .is_some_and(|(_, rest)| rest.is_empty())
}

/// Returns the name in `Core Capability 1: Medical Surge`; none for a summary of capabilities.
pub fn capability(text: &str) -> Option<&str> {
    CAPABILITY.captures(text)?.get(1).map(|name| name.as_str().trim())
}

/// Returns the rating in `Rating: Performed with Some Challenges (S)`.
pub fn rating(text: &str) -> Option<&str> {
    RATING.captures(text.trim())?.get(1).map(|rating| rating.as_str().trim())
}

/// Splits `Objective 2: …` into its number and text.
pub fn objective(text: &str) -> Option<(u32, &str)> {
    let found = OBJECTIVE.captures(text)?;
    let rest = found.get(2).map_or("", |rest| rest.as_str());
    Some((
        found[1].parse().ok()?,
        rest.trim_start_matches([':', '.', ' ', '-', '\u{2013}', '\u{2014}']),
    ))
}

/// Returns whether a line is a title of a part of the template, in any style.
pub fn is_title(text: &str) -> bool {
    text.len() <= 120 && TITLE.is_match(text.trim())
}

/// Returns a line without its leading number or bullet, if it has one.
pub fn unnumbered(text: &str) -> Option<String> {
    NUMBERED.is_match(text).then(|| NUMBERED.replace(text, "").into_owned())
}

/// Splits a line where a field starts in the middle of it.
pub fn cut_at_fields(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for found in INLINE.captures_iter(line) {
        if let Some(word) = found.get(1) {
            parts.push(line[from..word.start()].trim().trim_end_matches(';'));
            from = word.start();
        }
    }
    parts.push(line[from..].trim());
    parts
}

/// Returns whether a text is a sentence of the template.
pub fn is_boilerplate(text: &str) -> bool {
    let lower = text.to_lowercase();
    [
        "can be attributed to the following",
        "the following strengths",
        "the following areas",
        "require improvement to achieve",
        "are described in this section",
        "provides an overview of the performance",
        "no areas for improvement",
        "no strengths",
        "none identified",
        "none were identified",
        "none noted",
        "the strengths and areas",
    ]
    .iter()
    .any(|phrase| lower.contains(phrase))
        || ["none", "n/a", "not applicable", "none at this time"]
            .contains(&lower.trim_end_matches('.'))
}

/// Returns whether a text is an unfilled prompt of the template: `[Insert the scenario]`.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[') && text.ends_with(']') && !text[1..].contains('[')
        || text.starts_with('<') && text.ends_with('>') && !text[1..].contains('<')
        || text.len() <= 60
            && [
                "choose an item",
                "choose a date",
                "click or tap",
                "click here to enter",
                "select one",
                "insert text",
            ]
            .iter()
            .any(|prompt| text.to_lowercase().starts_with(prompt))
}

#[cfg(test)]
mod tests {
    use super::{cut_at_fields, is_title, label, section};
    use crate::record::FindingKind::{AreaForImprovement, Strength};

    #[test]
    fn what_heads_findings_and_what_labels_one_are_told_apart() {
        for (text, kind) in [
            ("Strengths", Some(Strength)),
            ("Key Strengths:", Some(Strength)),
            ("AREAS FOR IMPROVEMENT", Some(AreaForImprovement)),
            ("Opportunities for Improvement", Some(AreaForImprovement)),
            ("What Went Well", Some(Strength)),
            ("Strengths and weaknesses of the plan were many.", None),
            ("Strength 1", None),
        ] {
            assert_eq!(section(text), kind, "{text}");
        }
        for (text, kind, rest) in [
            ("Strength 1: Staff knew the plan.", Some(Strength), "Staff knew the plan."),
            ("Strength #2 \u{2013} Radios worked", Some(Strength), "Radios worked"),
            ("Area for Improvement 1.2: Radios failed", Some(AreaForImprovement), "Radios failed"),
            ("Observation 1.1: Strength \u{2013} Staff came", Some(Strength), "Staff came"),
            ("Observation 2 (Area for Improvement): Late", Some(AreaForImprovement), "Late"),
            ("Observation 1.1: Strength", Some(Strength), ""),
            ("Strength 3", Some(Strength), ""),
            ("Observation: It was late", None, "It was late"),
        ] {
            let found = label(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.kind, found.rest.as_str()), (kind, rest), "{text}");
        }
        assert!(label("Gap analysis was done by the board").is_none());
        assert!(label("Strengths").is_none());
        assert!(
            is_title("Appendix B: Exercise Participants")
                && is_title("EXECUTIVE SUMMARY")
                && !is_title("Section chiefs met")
        );
        assert_eq!(
            cut_at_fields("Radios failed. Reference: Plan, p. 4. Analysis: Old batteries."),
            ["Radios failed.", "Reference: Plan, p. 4.", "Analysis: Old batteries."]
        );
    }
}
