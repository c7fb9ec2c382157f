//! Values that a sheet states for its rows.

use chrono::NaiveDate;
use hotwash_documents::archive::Archive;
use hotwash_documents::grid::{Grid, GridCell};

use super::band::Band;
use crate::inspect::trace;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::dates::saved_on;
use crate::reading::time::{End, day, range};
use crate::source::cell_labels;
use crate::source::grid_rows::GridRecord;

/// Values that the sheet states for all its rows.
#[derive(Clone)]
pub struct SheetContext {
    /// Date of the report.
    pub reported_on: Option<NaiveDate>,
    /// Region that owns the actions.
    pub region: i32,
    /// Title without numbers and dates.
    pub title: String,
    /// Values of the last line across the table above a row.
    pub band: Band,
    /// Completed shares are numbers from 0 to 100.
    pub in_percent: bool,
}

impl SheetContext {
    /// Reads what is above the header.
    pub fn of(grid: &Grid, header: usize, archive: Option<&Archive>, lookup: &Lookup) -> Self {
        let above: Vec<String> = grid.rows[..header]
            .iter()
            .flat_map(|row| row.cells().iter().map(GridCell::text))
            .filter(|text| !text.is_empty())
            .collect();
        // Finds the end of the words that introduce the date of the report.
        let dated = |text: &str| {
            let lower = text.to_lowercase();
            let words = ["as of", "updated", "status date", "report date", "date:"];
            words.iter().find_map(|word| lower.find(word).map(|at| at + word.len()))
        };
        let stated = above.iter().find_map(|text| {
            let after = text
                .to_lowercase()
                .get(dated(text)?..)?
                .trim_matches([' ', ':', '(', ')'])
                .to_owned();
            day(&after, End::Last).map(|read| read.day)
        });
        let title = above.join(" ");
        Self {
            reported_on: stated.or_else(|| archive.and_then(saved_on)),
            region: cell_labels::region_within(&title, lookup)
                .or_else(|| cell_labels::region_within(&grid.name, lookup))
                .unwrap_or(UNMAPPED),
            title: undated(above.iter().filter(|text| dated(text).is_none()).chain([&grid.name])),
            band: Band::of_title(&grid.rows[..header]),
            in_percent: false,
        }
    }
}

/// Returns a title without numbers and dates, which change between versions of a tracker.
fn undated<'a>(texts: impl Iterator<Item = &'a String>) -> String {
    let words = texts.flat_map(|text| text.split_whitespace());
    words
        .filter(|word| !word.chars().any(|letter| letter.is_ascii_digit()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns the capability of a row, or that of the line above it.
pub fn capability(record: &GridRecord<'_>, about: &SheetContext) -> String {
    record.optional("capability").unwrap_or_else(|| about.band.capability.clone())
}

/// Returns the event of a row with its date, or that of the line above it.
pub fn event(record: &GridRecord<'_>, about: &SheetContext) -> Option<(String, Option<NaiveDate>)> {
    let Some(name) = record.optional("event") else {
        let band = &about.band;
        return (!band.event.is_empty()).then(|| (band.event.clone(), band.on));
    };
    let on = record.cell_day("event_date").or_else(|| Some(range(&record.text("event_date"))?.0));
    if let Some(day) = on {
        trace::reading(record.row.number, "event_date", "date", || day.to_string());
    }
    Some((name, on))
}
