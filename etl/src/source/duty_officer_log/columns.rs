//! Columns that both forms of the log share.

use crate::reading::headings::Section;
use crate::source::grid_rows::{self, GridRecord};

/// Section of the list of headings.
pub const SECTION: Section = Section::DutyLog;

/// Returns the id stated for an incident; none if it is a running number or personal data.
pub fn stated_id(record: &GridRecord<'_>) -> Option<String> {
    record.optional("id").filter(|id| grid_rows::is_id(&record.columns.heading("id"), id))
}
