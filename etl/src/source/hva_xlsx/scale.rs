//! Scale of scores, and the score in a cell: a figure, a percentage or a word.

use super::legend::{ScoreKind, Statement};
use crate::code::WarningCode;
use crate::inspect::trace;
use crate::load::Sink;
use crate::reading::headings::key;
use crate::reading::number::number;
use crate::source::grid_rows::{GridFault, GridRecord};

/// Words of scales, from the minimum score, 1, to the maximum. Shorter scales come first.
const LADDERS: [&[&[&str]]; 9] = [
    &[&["low", "l"], &["moderate", "medium", "med", "mod", "m"], &["high", "h"]],
    &[&["unlikely"], &["possible"], &["likely"]],
    &[&["minor"], &["moderate"], &["major"]],
    &[
        &["low", "l"],
        &["moderate", "medium", "med", "m"],
        &["high", "h"],
        &["veryhigh", "vh", "extreme", "critical", "severe"],
    ],
    &[&["negligible"], &["marginal", "limited"], &["critical"], &["catastrophic"]],
    &[
        &["unlikely", "remote", "improbable"],
        &["possible", "occasional"],
        &["likely", "probable"],
        &["highlylikely", "frequent"],
    ],
    &[
        &["verylow", "vl", "minimal"],
        &["low", "l"],
        &["moderate", "medium", "med", "m"],
        &["high", "h"],
        &["veryhigh", "vh", "extreme", "critical", "severe"],
    ],
    &[
        &["rare", "remote", "veryunlikely", "improbable"],
        &["unlikely"],
        &["possible", "occasional"],
        &["likely", "probable"],
        &["almostcertain", "verylikely", "certain", "highlylikely", "frequent"],
    ],
    &[
        &["insignificant", "negligible"],
        &["minor"],
        &["moderate", "serious"],
        &["major"],
        &["catastrophic", "severe", "extreme", "critical"],
    ],
];
/// Words of high and low scores, which reveal the direction of a scale.
const HIGH: [&str; 14] = [
    "high",
    "veryhigh",
    "extreme",
    "severe",
    "catastrophic",
    "major",
    "almostcertain",
    "certain",
    "frequent",
    "likely",
    "good",
    "excellent",
    "extensive",
    "full",
];
const LOW: [&str; 15] = [
    "low",
    "verylow",
    "none",
    "rare",
    "remote",
    "minor",
    "negligible",
    "unlikely",
    "insignificant",
    "never",
    "lowornone",
    "poor",
    "weak",
    "minimal",
    "improbable",
];

/// Scale of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Minimum score of a hazard that applies.
    pub least: f64,
    /// Maximum score.
    pub most: f64,
    words: Vec<(String, f64)>,
    /// Scores decrease as risk increases.
    is_turned: bool,
    kind: ScoreKind,
}

impl Scale {
    /// Creates the scale of Kaiser Permanente: 0 (not applicable) to 3.
    pub fn classic(kind: ScoreKind) -> Self {
        Self::up_to(3.0, kind)
    }

    /// Creates a scale of which only the maximum score is known.
    pub fn up_to(most: f64, kind: ScoreKind) -> Self {
        Self { least: 0.0, most, words: Vec::new(), is_turned: false, kind }
    }

    /// Creates a stated scale. Its words show its direction: risk increases with likelihood and
    /// impact, and decreases with readiness.
    pub fn stated(statement: &Statement, kind: ScoreKind) -> Self {
        let scored = || statement.words.iter().filter(|(_, score)| *score > 0.0);
        let ends = scored().next().zip(scored().next_back());
        let is = |words: &[&str], word: &str| words.contains(&word);
        let is_turned = ends.is_some_and(|((low, _), (high, _))| match kind {
            ScoreKind::Readiness => is(&LOW, low) && is(&HIGH, high),
            ScoreKind::Likelihood | ScoreKind::Impact => is(&HIGH, low) && is(&LOW, high),
        });
        Self {
            least: statement.least,
            most: statement.most,
            words: statement.words.clone(),
            is_turned,
            kind,
        }
    }

    /// Returns whether this is the scale of Kaiser Permanente.
    pub fn is_classic(&self) -> bool {
        self.most == 3.0 && !self.is_turned
    }

    /// Returns the scale as a row states it: `1 to 5`.
    pub fn text(&self) -> String {
        format!("{} to {}", self.least, self.most)
    }

    /// Returns a score as a share of the maximum.
    pub fn share(&self, score: f64) -> f64 {
        let score = if self.is_turned && score > 0.0 {
            self.most + self.least.max(1.0) - score
        } else {
            score
        };
        score / self.most
    }

    /// Reads the score of a field.
    pub fn read(
        &self,
        record: &GridRecord<'_>,
        field: &str,
        sink: &mut Sink,
    ) -> Result<Option<f64>, GridFault> {
        let text = record.text(field);
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(score) = figure(&text) {
            let score = if text.ends_with('%') { score / 100.0 * self.most } else { score };
            let is_within = score == 0.0 || (self.least..=self.most).contains(&score);
            if is_within {
                trace::reading(record.row.number, field, "score", || score.to_string());
            }
            return if is_within {
                Ok(Some(score))
            } else {
                Err(record.wrong(field, self.wanted(false)))
            };
        }
        let Some(score) = self.word(&text) else {
            return Err(record.wrong(field, self.wanted(true)));
        };
        sink.warn(
            WarningCode::WordForScore,
            Some(&record.columns.heading(field)),
            Some(&text),
            &format!("a word of the sheet's scale: read as {score}"),
            record.row.number,
        );
        trace::reading(record.row.number, field, "score", || score.to_string());
        Ok(Some(score))
    }

    fn wanted(&self, is_word: bool) -> String {
        match (self.is_classic(), is_word) {
            (true, false) => "must be 0, 1, 2 or 3".into(),
            (true, true) => {
                "must be 0, 1, 2 or 3, or a word of the scale: N/A, Low, Moderate, High".into()
            }
            (false, false) => {
                format!("must be a score from {}, the scale of the column", self.text())
            }
            (false, true) => {
                format!("must be a score from {}, or a word of that scale", self.text())
            }
        }
    }

    /// Returns the score that a word represents.
    fn word(&self, text: &str) -> Option<f64> {
        let word = key(text);
        if let Some((_, score)) = self.words.iter().find(|(known, _)| *known == word) {
            return Some(*score);
        }
        let is_readiness = self.kind == ScoreKind::Readiness;
        match word.as_str() {
            "lowornone" | "none" if is_readiness => return Some(self.most),
            "na" | "none" | "notapplicable" => return Some(0.0),
            _ => {}
        }
        let ladder = |rungs: &&[&[&str]]| rungs.len() as f64 == self.most;
        let rung = LADDERS.iter().filter(|rungs| ladder(rungs)).find_map(|rungs| {
            rungs.iter().position(|names| names.contains(&word.as_str())).map(|at| at as f64 + 1.0)
        })?;
        Some(if is_readiness { self.most + 1.0 - rung } else { rung })
    }
}

/// Returns the figure at the beginning of a score: 2 for `2 - Moderate`, 3 for `3 (High)`; none for
/// `1-2`.
pub fn figure(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches(['%', ' ']);
    number(text).or_else(|| {
        let end = text.find([' ', '\u{a0}', '-', '\u{2013}', '(', '=', ':'])?;
        let rest = &text[end..];
        number(&text[..end]).filter(|_| !rest.chars().any(|letter| letter.is_ascii_digit()))
    })
}

/// Returns the length of the shortest scale with all these words, apart from words for hazards that
/// do not apply.
pub fn ladder(words: &[String]) -> Option<f64> {
    let keys: Vec<String> = words.iter().map(|word| key(word)).collect();
    let scored: Vec<&String> = keys
        .iter()
        .filter(|word| !["na", "none", "notapplicable", "lowornone"].contains(&word.as_str()))
        .collect();
    let has_all = |rungs: &&&[&[&str]]| {
        scored.iter().all(|word| rungs.iter().any(|names| names.contains(&word.as_str())))
    };
    LADDERS.iter().find(has_all).filter(|_| !keys.is_empty()).map(|rungs| rungs.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::{figure, ladder};

    #[test]
    fn a_score_begins_with_its_figure() {
        for (text, expected) in [
            ("3", Some(3.0)),
            ("2 - Moderate", Some(2.0)),
            ("3 (High)", Some(3.0)),
            ("2.8", Some(2.8)),
            ("40%", Some(40.0)),
            ("1-2", None),
            ("High", None),
        ] {
            assert_eq!(figure(text), expected, "{text}");
        }
    }

    #[test]
    fn words_show_the_length_of_their_scale() {
        let length = |words: &[&str]| {
            ladder(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(length(&["Low", "High"]), Some(3.0));
        assert_eq!(length(&["H", "M", "N/A"]), Some(3.0));
        assert_eq!(length(&["Low", "Very High"]), Some(4.0));
        assert_eq!(length(&["Very Low", "Medium"]), Some(5.0));
        assert_eq!(length(&["Rare", "Almost Certain"]), Some(5.0));
        assert_eq!(length(&["Sometimes"]), None);
    }
}
