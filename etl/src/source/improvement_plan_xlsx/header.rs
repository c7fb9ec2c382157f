//! Finds the header of a sheet of actions.

use hotwash_documents::grid::Grid;

use crate::reading::headings::{Columns, Section, lists};
use crate::source::grid_rows::GridRecord;

/// Section of the list of headings.
pub const SECTION: Section = Section::ImprovementPlan;

/// Finds the header of a sheet. A tracker may call its actions recommendations if it gives their
/// owners or status.
pub fn header(grid: &Grid) -> Option<(usize, Columns)> {
    lists().header(SECTION, grid, &["action"]).or_else(|| {
        let (index, mut columns) = lists().header(SECTION, grid, &["recommendation", "status"])?;
        columns.call("recommendation", "action");
        columns.has(&["owner"]).then_some((index, columns))
    })
}

/// Returns whether a row repeats the header.
pub fn is_repeated_header(record: &GridRecord<'_>) -> bool {
    lists().field(SECTION, &record.text("action")) == Some("action")
}
