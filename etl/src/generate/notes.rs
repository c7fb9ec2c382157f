//! Notes on days that explain figures: one of each region, and one of the entire state.

use super::recipe::{QUARTERS, Recipe};
use super::tables::{GenerateError, Tables};
use crate::template::CellValue;

/// Notes of regions in turn: metric, text.
const NOTES: [(&str, &str); 4] = [
    ("response_control", "New on-call rota in force"),
    ("action_backlog", "Improvement plan coordinator began work"),
    ("capability_performance", "Ratings given by a second evaluator from here on"),
    ("response_control", "Alerting moved to the new notification system"),
];

/// Writes the notes.
pub fn write(recipe: &Recipe, tables: &mut Tables) -> Result<(), GenerateError> {
    for (at, region) in recipe.regions.iter().enumerate() {
        let (metric, text) = NOTES[at % NOTES.len()];
        // One after another in the last year and a half.
        let quarter = QUARTERS - 6 + at as u32 % 5;
        tables.row(
            "notes",
            &[
                ("day", CellValue::Date(recipe.day(quarter, 0.5))),
                ("region", CellValue::text(region.as_str())),
                ("metric", CellValue::text(metric)),
                ("text", CellValue::text(text)),
                ("sensitivity", CellValue::text("PUBLIC")),
            ],
        )?;
    }
    tables.row(
        "notes",
        &[
            ("day", CellValue::Date(recipe.day(QUARTERS - 4, 0.0))),
            ("text", CellValue::text("After-action reports are due within 60 days from here on")),
            ("sensitivity", CellValue::text("PUBLIC")),
        ],
    )
}
