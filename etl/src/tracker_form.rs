//! The form of a sent tracker, which its writer and its reader share: the columns of its table, and
//! the hidden sheet that states each row as it was sent.
//!
//! A cell of a filled tracker says something only where it differs from the hidden sheet. So a
//! tracker may come back late, sorted, or with rows deleted, and never undoes what others reported.

use std::collections::HashMap;

use chrono::NaiveDate;
use hotwash_documents::grid::Grid;

use crate::record::ActionStatus;

/// Field with the id of the request.
pub const ID: &str = "hotwash_id";
/// Name of the visible sheet.
pub const TABLE_SHEET: &str = "Corrective actions";
/// Name of the hidden sheet.
pub const SENT_SHEET: &str = "hotwash";
/// First cell of the hidden sheet.
const MARK: &str = "hotwash sent tracker";
/// Version of the form, in the second cell of the hidden sheet.
const VERSION: &str = "1";
/// Label of the cell for the day of the answers.
pub const ANSWERED_LABEL: &str = "Date of your answers:";
/// Answer of an owner who has nothing to change.
pub const YES: &str = "Yes";

/// Days from the day of writing to the day by which an answer is asked for, by default.
pub const ANSWER_DAYS: u64 = 14;
/// Letters of a tracker's id: no vowels, so that it spells no word; no digits, so that it looks like
/// no telephone number.
const ID_LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Length of a tracker's id.
const ID_LENGTH: usize = 8;

/// Returns the id of the tracker that a text identifies. There are 25 billion ids, so two that were
/// ever sent are hardly the same.
pub fn tracker_id(unique: &str) -> String {
    let hash = blake3::hash(unique.as_bytes());
    let letters = hash.as_bytes().iter().take(ID_LENGTH);
    letters.map(|byte| char::from(ID_LETTERS[usize::from(*byte) % ID_LETTERS.len()])).collect()
}

/// Use of a column by the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Stated by Hotwash and locked.
    Locked,
    /// A date that Hotwash states, locked.
    LockedDate,
    /// A status from a list.
    Status,
    /// A date.
    Date,
    /// `Yes`, or empty.
    Confirmation,
}

impl Entry {
    /// Returns whether the owner may edit the cells of sent rows.
    pub fn is_editable(self) -> bool {
        !matches!(self, Self::Locked | Self::LockedDate)
    }
}

/// Column of the table.
#[derive(Clone, Copy, Debug)]
pub struct FormColumn {
    /// Field, as in the section `owner_tracker` of `headings.toml`.
    pub field: &'static str,
    /// Heading.
    pub heading: &'static str,
    /// Width in characters.
    pub width: u16,
    /// Use by the owner.
    pub entry: Entry,
}

const fn column(
    field: &'static str,
    heading: &'static str,
    width: u16,
    entry: Entry,
) -> FormColumn {
    FormColumn { field, heading, width, entry }
}

/// Columns of the table, from the left. The first is the id of the request.
pub const COLUMNS: [FormColumn; 14] = [
    column(ID, "Hotwash ID", 15, Entry::Locked),
    column("action", "Corrective Action", 48, Entry::Locked),
    column("issue", "Area for Improvement", 32, Entry::Locked),
    column("status", "Status", 14, Entry::Status),
    column("due", "Due Date", 12, Entry::Date),
    column("completed", "Completed On", 14, Entry::Date),
    column("no_change", "No Change", 11, Entry::Confirmation),
    column("owner", "Responsible Organization", 28, Entry::Locked),
    column("region", "Region", 8, Entry::Locked),
    column("event", "Event", 28, Entry::Locked),
    column("capability", "Capability", 26, Entry::Locked),
    column("priority", "Priority", 10, Entry::Locked),
    column("opened", "Opened", 12, Entry::LockedDate),
    column("due_original", "First Due Date", 14, Entry::LockedDate),
];

/// Statuses that an owner may state. A later event validates an action, not its owner.
pub const STATUSES: [ActionStatus; 6] = [
    ActionStatus::Proposed,
    ActionStatus::Open,
    ActionStatus::InProgress,
    ActionStatus::Completed,
    ActionStatus::Deferred,
    ActionStatus::Cancelled,
];

/// Returns the words for a status in a tracker.
pub fn status_words(status: ActionStatus) -> &'static str {
    match status {
        ActionStatus::Proposed => "Proposed",
        ActionStatus::Open => "Open",
        ActionStatus::InProgress => "In progress",
        ActionStatus::Completed => "Completed",
        ActionStatus::Validated => "Validated",
        ActionStatus::Deferred => "Deferred",
        ActionStatus::Cancelled => "Canceled",
    }
}

/// A row as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentRow {
    /// Values in the order of [`COLUMNS`]; dates as `2025-03-14`.
    pub values: Vec<String>,
}

impl SentRow {
    /// Returns the value of a field; empty if it has none.
    pub fn value(&self, field: &str) -> &str {
        let index = COLUMNS.iter().position(|column| column.field == field);
        index.and_then(|index| self.values.get(index)).map_or("", String::as_str)
    }

    /// Returns the date of a field.
    pub fn day(&self, field: &str) -> Option<NaiveDate> {
        self.value(field).parse().ok()
    }

    /// Returns the id of the request.
    pub fn id(&self) -> &str {
        self.value(ID)
    }
}

/// A tracker as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentTracker {
    /// Id of the tracker, with which the ids of its rows begin.
    pub id: String,
    /// Organization that was asked; empty for several, or for none.
    pub owner: String,
    /// Code of the region that was asked; empty if an organization was.
    pub region: String,
    /// Day on which it was written.
    pub asked_on: NaiveDate,
    /// Day by which an answer was asked for.
    pub due_on: NaiveDate,
    /// Its rows.
    pub rows: Vec<SentRow>,
}

/// Reason why the hidden sheet cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FormError {
    /// The sheet is missing or changed.
    #[error(
        "its hidden sheet {SENT_SHEET} is missing or was changed; it states each row as it was \
         sent. Load the workbook that `hotwash tracker` wrote, saved as .xlsx, not a copy of its \
         table"
    )]
    NotSent,
    /// A later version of Hotwash wrote the tracker.
    #[error("a version of Hotwash with another form of trackers wrote it ({0}); update Hotwash")]
    OtherVersion(String),
}

impl SentTracker {
    /// Returns the rows of the hidden sheet.
    pub fn sheet(&self) -> Vec<Vec<String>> {
        let pair = |name: &str, value: &str| vec![name.to_owned(), value.to_owned()];
        let mut rows = vec![
            pair(MARK, VERSION),
            pair("tracker", &self.id),
            pair("owner", &self.owner),
            pair("region", &self.region),
            pair("asked_on", &self.asked_on.to_string()),
            pair("due_on", &self.due_on.to_string()),
            COLUMNS.iter().map(|column| column.field.to_owned()).collect(),
        ];
        rows.extend(self.rows.iter().map(|row| row.values.clone()));
        rows
    }

    /// Returns whether a sheet is the hidden sheet of a tracker.
    pub fn is_sheet(grid: &Grid) -> bool {
        grid.rows.first().is_some_and(|row| row.cell(0).text() == MARK)
    }

    /// Reads the hidden sheet. Rows and columns may have been sorted, but not renamed.
    ///
    /// # Errors
    /// Fails if a part is missing, or another version wrote it.
    pub fn read(grid: &Grid) -> Result<Self, FormError> {
        let version = grid.rows.first().map(|row| row.cell(1).text()).unwrap_or_default();
        if !Self::is_sheet(grid) {
            return Err(FormError::NotSent);
        }
        if version != VERSION {
            return Err(FormError::OtherVersion(version));
        }
        let named = |name: &str| {
            let row = grid.rows.iter().take(COLUMNS.len()).find(|row| row.cell(0).text() == name);
            row.map(|row| row.cell(1).text())
        };
        let day = |name| named(name).and_then(|text| text.parse().ok()).ok_or(FormError::NotSent);
        let header = grid.rows.iter().position(|row| row.cell(0).text() == ID);
        let header = header.ok_or(FormError::NotSent)?;
        let fields: HashMap<String, usize> =
            (0..COLUMNS.len()).map(|index| (grid.rows[header].cell(index).text(), index)).collect();
        let rows = grid.rows[header + 1..].iter().map(|row| SentRow {
            values: COLUMNS
                .iter()
                .map(|column| {
                    fields.get(column.field).map(|at| row.cell(*at).text()).unwrap_or_default()
                })
                .collect(),
        });
        Ok(Self {
            id: named("tracker").filter(|id| !id.is_empty()).ok_or(FormError::NotSent)?,
            owner: named("owner").unwrap_or_default(),
            region: named("region").unwrap_or_default(),
            asked_on: day("asked_on")?,
            due_on: day("due_on")?,
            rows: rows.filter(|row| !row.id().is_empty()).collect(),
        })
    }
}

/// Returns a text as two cells are compared: a spreadsheet may change line ends and spaces.
pub fn comparable(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use hotwash_documents::grid::{Grid, GridCell, GridRow};

    use super::{COLUMNS, FormError, STATUSES, SentRow, SentTracker, status_words};
    use crate::reading::headings::{Section, lists};
    use crate::reading::status::status;

    fn sent() -> SentTracker {
        let values = COLUMNS.iter().map(|column| format!("{} value", column.field)).collect();
        SentTracker {
            id: "BCDFGHJK".into(),
            owner: "Fairbrook Hospital".into(),
            region: String::new(),
            asked_on: "2025-06-01".parse().unwrap(),
            due_on: "2025-06-15".parse().unwrap(),
            rows: vec![SentRow { values }],
        }
    }

    fn grid(sheet: Vec<Vec<String>>) -> Grid {
        let cells = |row: Vec<String>| {
            let cells = row
                .into_iter()
                .map(|text| if text.is_empty() { GridCell::Empty } else { GridCell::Text(text) });
            cells.collect()
        };
        let rows = (1..).zip(sheet).map(|(number, row)| GridRow::of(number, cells(row)));
        Grid::of("hotwash", rows.collect())
    }

    #[test]
    fn the_hidden_sheet_is_read_as_it_was_written() {
        assert_eq!(SentTracker::read(&grid(sent().sheet())), Ok(sent()));
    }

    #[test]
    fn a_hidden_sheet_of_another_version_or_without_its_days_is_rejected() {
        let mut sheet = sent().sheet();
        sheet[0][1] = "2".into();
        assert_eq!(SentTracker::read(&grid(sheet)), Err(FormError::OtherVersion("2".into())));
        let mut sheet = sent().sheet();
        sheet.remove(4);
        assert_eq!(SentTracker::read(&grid(sheet)), Err(FormError::NotSent));
    }

    #[test]
    fn each_heading_is_read_as_its_field_and_each_status_as_itself() {
        for column in COLUMNS {
            let field = lists().field(Section::OwnerTracker, column.heading);
            assert_eq!(field, Some(column.field), "{}", column.heading);
        }
        for sent in STATUSES {
            assert_eq!(status(status_words(sent)).map(|read| read.status), Some(sent));
        }
    }
}
