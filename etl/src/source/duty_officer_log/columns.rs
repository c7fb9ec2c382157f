//! Columns that both forms of the log share.

use crate::reading::headings::Section;
use crate::source::grid_rows::GridRecord;
use crate::source::record_id;

/// Section of the list of headings.
pub const SECTION: Section = Section::DutyLog;

/// Returns the id stated for an incident; none if it is a running number or personal data.
pub fn stated_id(record: &GridRecord<'_>) -> Option<String> {
    record.optional("id").filter(|id| record_id::is_id(&record.columns.heading("id"), id))
}
