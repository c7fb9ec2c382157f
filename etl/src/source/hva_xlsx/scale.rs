//! Scores as sheets write them: 0 to 3, or a word of the scale; and the sheet's own figure of the risk.

use crate::load::Sink;
use crate::reading::headings::key;
use crate::reading::number::number;
use crate::source::grid_rows::{Record, Wrong};

/// A score of 0 to 3, or its word on the sheet's scale; readiness runs the other way.
pub fn of_scale(record: &Record<'_>, field: &str, reversed: bool, sink: &mut Sink) -> Result<Option<i16>, Wrong> {
    let text = record.text(field);
    if text.is_empty() {
        return Ok(None);
    }
    // `2 - Moderate` and `3 (High)` begin with the score.
    let figure =
        text.split([' ', '\u{a0}', '-', '(', '=', ':']).next().filter(|figure| !figure.is_empty()).unwrap_or(&text);
    if let Some(score) = number(figure) {
        return match score {
            0.0 => Ok(Some(0)),
            1.0 => Ok(Some(1)),
            2.0 => Ok(Some(2)),
            3.0 => Ok(Some(3)),
            _ => Err(record.wrong(field, "must be 0, 1, 2 or 3")),
        };
    }
    let turned = |score: i16| if reversed { 4 - score } else { score };
    let score = match key(&text).as_str() {
        "na" | "none" | "notapplicable" if !(reversed && key(&text) == "none") => 0,
        "low" => turned(1),
        "none" | "lowornone" => 3,
        "moderate" | "medium" | "med" => 2,
        "high" => turned(3),
        _ => return Err(record.wrong(field, "must be 0, 1, 2 or 3, or a word of the scale: N/A, Low, Moderate, High")),
    };
    sink.warn(
        "word_for_score",
        Some(&record.columns.heading(field)),
        Some(&text),
        &format!("a word of the sheet's scale: read as {score}"),
        record.row.number,
    );
    Ok(Some(score))
}

/// The sheet's own risk as a share: `0.48`, `48 %` or `48`.
pub fn printed(record: &Record<'_>) -> Option<f64> {
    let text = record.text("risk");
    let percent = text.contains('%');
    let figure = number(text.trim_end_matches(['%', ' ']))?;
    let share = if percent || figure > 1.0 { figure / 100.0 } else { figure };
    (0.0..=1.0).contains(&share).then_some(share)
}
