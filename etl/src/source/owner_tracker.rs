//! Reads a tracker that Hotwash wrote for an owner, filled in. Rows are matched by their id alone. A
//! cell counts where it differs from the row as it was sent; rows without an id are new actions.

mod answer;
mod new_action;

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use hotwash_documents::archive::Archive;
use hotwash_documents::grid::{Grid, GridCell};
use hotwash_documents::input::Input;
use hotwash_schema::profile;

use super::grid_rows::{GridFault, GridRecord};
use super::grids;
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use crate::code::WarningCode;
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::reading::dates::{CellDates, saved_on};
use crate::reading::headings::{Columns, Section, lists};
use crate::reading::time::{End, day};
use crate::record::ActionReport;
use crate::tracker_form::{
    ANSWERED_LABEL, COLUMNS, FormError, ID, SentRow, SentTracker, comparable,
};
use answer::Answer;
use new_action::Filled;

/// Source of filled trackers.
pub struct OwnerTracker;

/// Section of the list of headings.
const SECTION: Section = Section::OwnerTracker;

impl Source for OwnerTracker {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "owner_tracker",
            name: "Trackers of owners",
            title: "Tracker that `hotwash tracker` wrote for an owner, filled in (Excel)",
            extensions: &[".xlsx"],
            headings: &["Hotwash ID", "Corrective Action", "Status", "Due Date", "Completed On"],
        }
    }

    fn recognize(&self, sample: &Sample) -> f64 {
        let is_ours = |grid: &Grid| SentTracker::is_sheet(grid) || header(grid).is_some();
        if sample.grids.iter().any(is_ours) { 1.0 } else { 0.0 }
    }

    fn nearness(&self, sample: &Sample) -> f64 {
        self.recognize(sample)
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Answers
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let unreadable = |error: String| SourceError::Unreadable(error);
        let (grids, archive) = grids::read(input, sink)?;
        let sent = grids.iter().find(|grid| SentTracker::is_sheet(grid)).map(SentTracker::read);
        let sent = sent.unwrap_or(Err(FormError::NotSent));
        let sent = sent.map_err(|error| unreadable(error.to_string()))?;
        let tables: Vec<(&Grid, usize, Columns)> = grids
            .iter()
            .filter(|grid| !SentTracker::is_sheet(grid))
            .filter_map(|grid| header(grid).map(|(index, columns)| (grid, index, columns)))
            .collect();
        if tables.is_empty() {
            let message = "no sheet has the column Hotwash ID, by which rows are matched; write it \
                back, or fill in the tracker as it was sent";
            return Err(unreadable(message.into()));
        }
        let mut reader = Reader::new(&sent, lookup);
        for (grid, index, columns) in &tables {
            reader.reported_on = answered_on(grid, *index, archive.as_ref(), &sent)?;
            grids::report_columns(SECTION, &[], grid, *index, columns, sink);
            for row in &grid.rows[index + 1..] {
                reader.row(&GridRecord { row, columns }, sink)?;
            }
        }
        if !reader.says_something {
            let message = "every row is as it was sent, so the file says nothing; an owner writes \
                Yes under No Change where nothing changed";
            sink.warn(WarningCode::NothingAnswered, None, None, message, 0);
        }
        Ok(())
    }
}

fn header(grid: &Grid) -> Option<(usize, Columns)> {
    lists().header(SECTION, grid, &[ID, "action"])
}

/// Returns the day of the answers: the date above the table, or else the day the file was saved.
fn answered_on(
    grid: &Grid,
    header: usize,
    archive: Option<&Archive>,
    sent: &SentTracker,
) -> Result<NaiveDate, SourceError> {
    let label = grid.rows[..header].iter().find(|row| row.cell(0).text() == ANSWERED_LABEL);
    // Further right is a hint.
    let cell = label.and_then(|row| [1, 2].map(|at| row.cell(at)).into_iter().find(is_filled));
    let Some(cell) = cell else {
        let saved = archive.and_then(saved_on).ok_or_else(|| {
            let message = format!(
                "the day of the answers is unknown; write it next to {ANSWERED_LABEL:?}, or save \
                 the file in Excel or LibreOffice"
            );
            SourceError::Unreadable(message)
        })?;
        // Programs write the time in UTC: the day before, or after, the day of the owner.
        return Ok(saved.max(sent.asked_on));
    };
    let read = cell.day().or_else(|| match cell {
        GridCell::Number(_) => cell.moment(grid.rows[0].dates).map(|at| at.date()),
        _ => day(&cell.text(), End::Last).map(|read| read.day),
    });
    let today = profile::active().today();
    match read {
        Some(day) if day >= sent.asked_on && day <= today + Days::new(1) => Ok(day),
        _ => Err(SourceError::Unreadable(format!(
            "{ANSWERED_LABEL} {} must be a day from {}, when the tracker was written, to today",
            cell.text(),
            sent.asked_on
        ))),
    }
}

fn is_filled(cell: &&GridCell) -> bool {
    !cell.is_empty()
}

/// Reader of the rows of a filled tracker.
struct Reader<'a> {
    sent: &'a SentTracker,
    /// Rows as they were sent, by id.
    rows: HashMap<&'a str, &'a SentRow>,
    /// Ids of rows, by the text of their action.
    by_action: HashMap<String, String>,
    lookup: &'a Lookup,
    /// Day of the answers.
    reported_on: NaiveDate,
    says_something: bool,
}

impl<'a> Reader<'a> {
    fn new(sent: &'a SentTracker, lookup: &'a Lookup) -> Self {
        let of_action = |row: &SentRow| (comparable(row.value("action")), row.id().to_owned());
        Self {
            sent,
            rows: sent.rows.iter().map(|row| (row.id(), row)).collect(),
            by_action: sent.rows.iter().map(of_action).collect(),
            lookup,
            reported_on: sent.asked_on,
            says_something: false,
        }
    }

    fn row(&mut self, record: &GridRecord<'_>, sink: &mut Sink) -> Result<(), SourceError> {
        let id = record.text(ID);
        let is_empty = COLUMNS.iter().all(|column| record.text(column.field).is_empty());
        // A column that a spreadsheet filled down, such as the region, is no action.
        let is_blank = id.is_empty() && record.text("action").is_empty();
        if is_empty || is_blank && !has_answer(record) || id == record.columns.heading(ID) {
            return Ok(());
        }
        let sent_row = self.rows.get(id.as_str()).copied();
        let outcome = match sent_row {
            _ if id.is_empty() => new_action::report(record, self.filled(), sink).map(Some),
            Some(sent_row) => self.answer(record, sent_row, sink),
            None => {
                let reason = format!(
                    "is no ID of this tracker, {}; rows of another tracker come back in its own \
                     file, and a new action has no ID",
                    self.sent.id
                );
                Err(record.wrong(ID, reason))
            }
        };
        match outcome {
            Ok(None) => return Ok(()),
            Ok(Some(report)) => {
                sink.read_one()?;
                sink.record_from(&report, Some(&record.content()))?;
            }
            Err(fault) => {
                sink.read_one()?;
                record.reject(sink, "corrective_action", &fault);
            }
        }
        self.says_something = true;
        Ok(())
    }

    fn filled(&self) -> Filled<'_> {
        let Self { sent, by_action, lookup, reported_on, .. } = self;
        Filled { sent, by_action, lookup, reported_on: *reported_on }
    }

    /// Returns the answer of a row that was sent, or none if it is as it was sent.
    fn answer(
        &self,
        record: &GridRecord<'_>,
        sent_row: &SentRow,
        sink: &mut Sink,
    ) -> Result<Option<ActionReport>, GridFault> {
        let text = comparable(&record.text("action"));
        if text != comparable(sent_row.value("action"))
            && let Some(other) = self.by_action.get(text.as_str())
        {
            let reason = format!(
                "is the action of {other}, not of {}; the IDs were moved, as by sorting some of \
                 the columns: sort complete rows",
                sent_row.id()
            );
            return Err(record.wrong("action", reason));
        }
        answer::warn_of_locked(record, sent_row, sink);
        let answer = Answer::read(record, sent_row, self.reported_on, sink)?;
        Ok(answer.map(|answer| answer.report(record, sent_row, self.reported_on)))
    }
}

/// Returns whether a row has a value in a column that an owner fills in.
fn has_answer(record: &GridRecord<'_>) -> bool {
    let mut editable = COLUMNS.iter().filter(|column| column.entry.is_editable());
    editable.any(|column| !record.text(column.field).is_empty())
}
