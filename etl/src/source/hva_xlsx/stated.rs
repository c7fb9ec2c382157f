//! Reads assessments that state one figure per hazard, and the scale of the figures.

use std::sync::LazyLock;

use regex::Regex;

use super::scale_error::ScaleError;
use crate::reading::headings::key;
use crate::record::{RiskScore, StatedRisk};
use crate::source::grid_rows::{GridFault, GridRecord};

/// Scale of a table's figures, from 0 to a maximum, such as `0 to 3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedScale {
    /// Scale as written in a row.
    pub text: String,
    /// Assumption about the scale, to be reported.
    pub assumed: Option<String>,
}

static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    Regex::new(r"(?i)\b[01]\s*(?:-|\u{2013}|to|through)\s*(\d{1,3})\b\s*%?")
        .expect("the pattern is well formed")
});
static LEGEND: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    Regex::new(r"\b(\d{1,3})\s*=\s*[A-Za-z]").expect("the pattern is well formed")
});

impl StatedScale {
    /// Returns the scale of these figures, from the texts near the table or from the figures. The
    /// error states that the scale is unknown, and what to write.
    pub fn of(figures: &[String], beside: &[String]) -> Result<Self, ScaleError> {
        let of = |most: u32, assumed: Option<&str>| Self {
            text: format!("0 to {most}"),
            assumed: assumed.map(|assumption| {
                format!("the table does not state the scale of its figures; {assumption}")
            }),
        };
        if beside.iter().any(|text| {
            text.to_lowercase()
                .split(|letter: char| !letter.is_alphabetic())
                .any(|word| matches!(word, "rank" | "ranks" | "ranking" | "rankings"))
        }) {
            return Err(ScaleError::Ranks);
        }
        let numbers: Vec<f64> = figures
            .iter()
            .filter_map(|text| text.trim_end_matches(['%', ' ']).parse().ok())
            .collect();
        let most = numbers.iter().copied().fold(0.0, f64::max);
        if figures.iter().any(|text| text.ends_with('%')) {
            return Ok(of(100, None));
        }
        let stated = beside
            .iter()
            .flat_map(|text| SPAN.captures_iter(text).chain(LEGEND.captures_iter(text)));
        let stated = stated
            .filter_map(|found| found[1].parse::<u32>().ok())
            .filter(|stated| *stated > 0)
            .max();
        let is_percent =
            beside.iter().any(|text| text.contains('%') || text.to_lowercase().contains("percent"));
        let has_fractions = numbers.iter().any(|number| number.fract() != 0.0);
        // One figure beyond the stated scale is an error; if most are beyond it, the scale is
        // another.
        let within =
            |most: u32| numbers.iter().filter(|number| **number <= f64::from(most)).count();
        match stated {
            Some(stated)
                if 3 * within(stated) >= 2 * numbers.len()
                    && !(is_percent && stated == 100 && most <= 1.0) =>
            {
                Ok(of(stated, None))
            }
            _ if most <= 1.0 && has_fractions => {
                Ok(of(1, (!is_percent).then_some("shares, 0 to 1, are taken")))
            }
            _ if is_percent && most <= 100.0 => Ok(of(100, None)),
            _ if most <= 3.0 => Ok(of(3, Some("0 (not applicable) to 3 is taken"))),
            _ if (26.0..=100.0).contains(&most) => Ok(of(100, Some("percentages are taken"))),
            _ => Err(ScaleError::UnstatedByFacility(most)),
        }
    }
}

/// Returns whether a cell is a score: a figure, a percentage or a word of a scale.
pub fn is_score(text: &str) -> bool {
    text.trim_end_matches(['%', ' '])
        .parse::<f64>()
        .is_ok_and(|number| (0.0..=100.0).contains(&number))
        || word(text).is_some()
}

/// Returns the score of a word on a scale of three.
fn word(text: &str) -> Option<u8> {
    match key(text).as_str() {
        "na" | "none" | "notapplicable" => Some(0),
        "low" | "l" => Some(1),
        "moderate" | "medium" | "med" | "mod" | "m" => Some(2),
        "high" | "h" => Some(3),
        _ => None,
    }
}

/// Fills in the figure of a row as a share of its scale.
pub fn fill(record: &GridRecord<'_>, score: &mut RiskScore) -> Result<(), GridFault> {
    let scale = record.text("scale").to_lowercase();
    let most: f64 =
        match scale.strip_prefix("0 to ").unwrap_or(&scale).trim_end_matches(['%', ' ']).parse() {
            Ok(most) if most > 0.0 => most,
            _ => {
                return Err(record
                    .wrong("scale", "must be the scale of the score, as `0 to 3` or `0 to 100`"));
            }
        };
    let text = record.text("total");
    let plain = text.trim_end_matches(['%', ' ']);
    let share = match (plain.parse::<f64>(), word(&text)) {
        (Ok(number), _) if text.ends_with('%') => number / 100.0,
        (Ok(number), _) => number / most,
        (Err(_), Some(word)) => f64::from(word) / 3.0,
        (Err(_), None) => f64::NAN,
    };
    if !(0.0..=1.0).contains(&share) {
        return Err(record.wrong(
            "total",
            format!("must be a figure from 0 to {most}, or N/A, Low, Moderate or High"),
        ));
    }
    score.stated = Some(StatedRisk { applicable: share > 0.0, risk: Some(share), inherent: None });
    score.risk_printed = Some(share);
    Ok(())
}
