//! Parses scales stated by headings, legends and instructions: `(1-5)`, `0 = N/A 1 = Low 2 =
//! Moderate 3 = High`, `out of 10`, or a table of numbers and meanings.

use std::sync::LazyLock;

use hotwash_documents::grid::Grid;
use regex::Regex;

use crate::reading::headings::key;
use crate::reading::number::number;

/// Maximum score of a scale.
const GREATEST: f64 = 100.0;
/// Numbers of rows and columns of a sheet that are searched for a legend.
const LOOKED_AT: (usize, usize) = (200, 40);
/// Maximum number of rows between a legend and its title.
const TITLE_ROWS: usize = 3;

/// Kind of scores, which may have its own scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreKind {
    /// Likelihood of a hazard.
    Likelihood,
    /// Impact of a hazard.
    Impact,
    /// Readiness of the organization.
    Readiness,
}

impl ScoreKind {
    /// Returns the kind of a field's scores.
    pub fn of_field(field: &str) -> Self {
        match field {
            "probability" => Self::Likelihood,
            "preparedness" | "internal_response" | "external_response" => Self::Readiness,
            _ => Self::Impact,
        }
    }

    /// Returns the kinds that a text names.
    pub fn named_in(text: &str) -> Vec<Self> {
        const WORDS: [(ScoreKind, &[&str]); 3] = [
            (ScoreKind::Likelihood, &["likelihood", "probab", "frequen"]),
            (ScoreKind::Impact, &["impact", "severity", "consequence", "magnitude"]),
            (ScoreKind::Readiness, &["prepared", "readiness", "response", "mitigation"]),
        ];
        let lower = text.to_lowercase();
        let is_named = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        WORDS.into_iter().filter(|(_, words)| is_named(words)).map(|(kind, _)| kind).collect()
    }
}

/// Stated scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    /// Minimum score; 0 usually means that the hazard does not apply.
    pub least: f64,
    /// Maximum score.
    pub most: f64,
    /// Words that represent scores, as keys.
    pub words: Vec<(String, f64)>,
}

#[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

static NUMBER_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(\d{1,3})(?:\s*[=:.)\u{2013}\u{2014}-]\s*|\s*\(\s*)([A-Za-z][^=\d\n;|()]*)")
});
static WORD_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"([A-Za-z][A-Za-z /'-]*?)\s*(?:[=:(\u{2013}\u{2014}]|-\s)\s*(\d{1,3})\b")
});
static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(\d{1,3})\s*%?\s*(?:-|\u{2013}|\u{2014}|\.\.|to|through)\s*(\d{1,3})\b(\s*%)?")
});
static OUT_OF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:\bout of|\bmax(?:imum)?\.?(?: of)?:?|/)\s*(\d{1,3})\s*[)\]]?\s*$")
});

impl Statement {
    fn of_pairs(mut pairs: Vec<(f64, String)>) -> Option<Self> {
        pairs.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (least, most) = (pairs.first()?.0, pairs.last()?.0);
        let is_scale = pairs.len() >= 2 && least <= 1.0 && (2.0..=GREATEST).contains(&most);
        let is_rising = pairs.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let words = pairs.into_iter().map(|(score, word)| (key(&word), score)).collect();
        (is_scale && is_rising).then_some(Self { least, most, words })
    }

    /// Parses the scale stated by a heading or a line of a legend.
    pub fn of(text: &str) -> Option<Self> {
        let plain = |word: &str| {
            word.trim().trim_end_matches(" to").trim_end_matches([',', '.', ' ', '-']).to_owned()
        };
        let score = |text: &str| text.parse::<f64>().unwrap_or_default();
        let number_first =
            NUMBER_FIRST.captures_iter(text).map(|found| (score(&found[1]), plain(&found[2])));
        let word_first =
            || WORD_FIRST.captures_iter(text).map(|found| (score(&found[2]), plain(&found[1])));
        Self::of_pairs(number_first.collect())
            .or_else(|| Self::of_pairs(word_first().collect()))
            .or_else(|| Self::of_span(text))
    }

    /// Parses `1-5`, `0 to 4`. Bands such as `1-5 low, 6-12 medium` and spans of time are not
    /// scales.
    fn of_span(text: &str) -> Option<Self> {
        let mut spans = SPAN.captures_iter(text);
        let (span, further) = (spans.next()?, spans.next());
        let (least, most): (f64, f64) = (span[1].parse().ok()?, span[2].parse().ok()?);
        let rest = text[span.get(0)?.end()..].trim_start().to_lowercase();
        let is_other = ["year", "yr", "month", "week", "day", "hour", "-", "/"]
            .iter()
            .any(|word| rest.starts_with(word));
        let is_same = further.is_none_or(|other| other[1] == span[1] && other[2] == span[2]);
        let is_scale = least <= 1.0 && (2.0..=GREATEST).contains(&most) && !is_other && is_same;
        is_scale.then(|| Self { least, most, words: Vec::new() })
    }

    /// Parses a heading as [`Statement::of`] does; a heading may end with its maximum score:
    /// `Likelihood (out of 5)`, `Impact /10`.
    pub fn of_heading(heading: &str) -> Option<Self> {
        Self::of(heading).or_else(|| {
            let most: f64 = OUT_OF.captures(heading)?[1].parse().ok()?;
            (2.0..=GREATEST).contains(&most).then(|| Self { most, ..Self::default() })
        })
    }
}

/// Returns the scales that a sheet without scores states in its lines and in its tables of numbers
/// and meanings. An empty list of kinds means all kinds.
pub fn statements(grid: &Grid) -> Vec<(Vec<ScoreKind>, Statement)> {
    let mut found = tables(grid);
    for row in &grid.rows {
        for (column, cell) in row.cells().iter().enumerate() {
            let text = cell.text();
            let Some(statement) = Statement::of(&text) else { continue };
            let mut kinds = ScoreKind::named_in(&text);
            if kinds.is_empty() {
                // `Likelihood | 1 = rare … 5 = almost certain`
                kinds = (0..column)
                    .rev()
                    .map(|left| ScoreKind::named_in(&row.cell(left).text()))
                    .find(|kinds| !kinds.is_empty())
                    .unwrap_or_default();
            }
            let lower = text.to_lowercase();
            let is_about_scores = ["scale", "score", "scoring", "rate", "rating"]
                .iter()
                .any(|word| lower.contains(word));
            if statement.words.len() >= 3 || is_about_scores || !kinds.is_empty() {
                found.push((kinds, statement));
            }
        }
    }
    found
}

/// Reads tables of numbers and meanings, one pair per row.
fn tables(grid: &Grid) -> Vec<(Vec<ScoreKind>, Statement)> {
    let rows = &grid.rows[..grid.rows.len().min(LOOKED_AT.0)];
    let width = rows.iter().map(|row| row.cells().len()).max().unwrap_or_default().min(LOOKED_AT.1);
    let score = |row: usize, column: usize| {
        number(&rows[row].cell(column).text())
            .filter(|score| score.fract() == 0.0 && (0.0..=10.0).contains(score))
    };
    let is_word =
        |row: usize, column: usize| rows[row].cell(column).text().chars().any(char::is_alphabetic);
    let mut found = Vec::new();
    for column in 0..width {
        let mut from = 0;
        while from < rows.len() {
            let mut to = from;
            let step = |at: usize| Some(score(at + 1, column)? - score(at, column)?);
            while to + 1 < rows.len()
                && step(to).is_some_and(|own| own.abs() == 1.0 && step(from) == Some(own))
            {
                to += 1;
            }
            if to >= from + 2 {
                let words = (0..width).filter(|other| {
                    *other != column && (from..=to).all(|row| is_word(row, *other))
                });
                for other in words {
                    let pairs = (from..=to).filter_map(|row| {
                        Some((score(row, column)?, rows[row].cell(other).text()))
                    });
                    let above = rows[from.saturating_sub(TITLE_ROWS)..from].iter().rev();
                    let own = above.clone().map(|row| ScoreKind::named_in(&row.cell(other).text()));
                    let beside = above
                        .flat_map(|row| row.cells())
                        .map(|cell| ScoreKind::named_in(&cell.text()));
                    let kinds =
                        own.chain(beside).find(|kinds| !kinds.is_empty()).unwrap_or_default();
                    found.extend(
                        Statement::of_pairs(pairs.collect()).map(|statement| (kinds, statement)),
                    );
                }
            }
            from = to + 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Statement;

    #[test]
    fn scales_are_read_as_headings_and_legends_state_them() {
        for (text, expected) in [
            ("Likelihood (1-5)", Some((1.0, 5.0))),
            ("Impact [0\u{2013}4]", Some((0.0, 4.0))),
            ("Probability 1-10", Some((1.0, 10.0))),
            ("Severity (out of 5)", Some((0.0, 5.0))),
            ("Impact /10", Some((0.0, 10.0))),
            ("0 = N/A 1 = Low 2 = Moderate 3 = High", Some((0.0, 3.0))),
            (
                "0 = Cannot Occur 1 = Never / Potential 2 = Seldom 3 = Regularly 4 = Great \
                 Frequency",
                Some((0.0, 4.0)),
            ),
            (
                "1 - Rare, 2 - Unlikely, 3 - Possible, 4 - Likely, 5 - Almost certain",
                Some((1.0, 5.0)),
            ),
            ("Probability: 1 (low) to 5 (high)", Some((1.0, 5.0))),
            ("Low = 1, Medium = 2, High = 3", Some((1.0, 3.0))),
            ("Scale: 1 to 5", Some((1.0, 5.0))),
            ("Risk: 1-5 low, 6-12 medium, 15-25 high", None),
            ("every 1-10 years", None),
            ("Date: 1-15-2025", None),
            ("Likelihood", None),
            ("Region 3 - HMCC", None),
        ] {
            let found = Statement::of_heading(text).map(|found| (found.least, found.most));
            assert_eq!(found, expected, "{text}");
        }
        let words = Statement::of("1=Rare 3=Possible 5=Almost certain").unwrap().words;
        assert_eq!(words[2], ("almostcertain".to_owned(), 5.0));
    }
}
