//! Reads values that a tracker states once for many rows: the exercise or the capability, in a line
//! across the table or above its header.

use chrono::NaiveDate;
use hotwash_documents::grid::GridRow;

use super::header::SECTION;
use crate::lookup::Lookup;
use crate::reading::dates::CellDates;
use crate::reading::headings::{Section, lists};
use crate::reading::person::is_person;
use crate::reading::time::range;
use crate::source::grid_rows::GridRecord;

/// Values that apply to the rows below: from a line across the table (`Exercise: Winter Surge
/// (1/15/2025)`, `Medical Surge`), or from above its header.
#[derive(Clone, Debug, Default)]
pub struct Band {
    /// Name of the event; empty if none is given.
    pub event: String,
    /// Date of the event.
    pub on: Option<NaiveDate>,
    /// Capability; empty if none is given.
    pub capability: String,
}

impl Band {
    /// Returns the event named above the header: `Exercise: Winter Surge`, or the label in one cell
    /// and the name in the next.
    pub fn of_title(above: &[GridRow]) -> Self {
        let mut band = Self::default();
        for row in above {
            for (index, cell) in row.cells().iter().enumerate() {
                let text = cell.text();
                let (label, rest) = text.split_once(':').unwrap_or((&text, ""));
                let own = rest.trim();
                let value =
                    || if own.is_empty() { row.cell(index + 1).text() } else { own.to_owned() };
                match lists().field(SECTION, label) {
                    Some("event") if band.event.is_empty() && !is_person(&value()) => {
                        band.name(&value())
                    }
                    Some("event_date") if band.on.is_none() => {
                        band.on = row.cell(index + 1).day().filter(|_| own.is_empty());
                        band.on = band.on.or_else(|| range(&value()).map(|(first, _)| first));
                    }
                    _ => {}
                }
            }
        }
        band
    }

    /// Reads a line across the table. Returns whether the row is one.
    pub fn take(&mut self, record: &GridRecord<'_>, lookup: &Lookup) -> bool {
        let mut filled = record.row.cells().iter().filter(|cell| !cell.is_empty());
        let (Some(only), None) = (filled.next(), filled.next()) else { return false };
        let text = only.text();
        // A row with only the text of an action is an action.
        let is_action = record.cell("action") == only;
        let label = text.split_once(':').map(|(label, _)| label);
        if label.and_then(|label| lists().field(SECTION, label)) == Some("event") {
            self.capability.clear();
            self.name(text.split_once(':').map_or("", |(_, name)| name));
            return true;
        }
        let name = match text.split_once(':') {
            Some((label, name)) if lists().field(SECTION, label) == Some("capability") => {
                name.trim()
            }
            _ => text.trim(),
        };
        if lookup.lists().capabilities.exact(name, None).is_some() {
            name.clone_into(&mut self.capability);
            return true;
        }
        // The title of an exercise identifies it as one.
        let is_event = !is_action
            && !record.columns.has(&["event"])
            && text.chars().count() <= 120
            && !text.trim_end().ends_with('.')
            && lists().word_within(Section::ExerciseType, &text).is_some();
        if is_event {
            self.capability.clear();
            self.name(&text);
        }
        is_event
    }

    /// Sets the name of an event, and its date if that follows the name.
    fn name(&mut self, text: &str) {
        let text = text.trim();
        let ends = text.match_indices(['(', ',', '\u{2013}', '-', '|']).map(|(index, _)| index);
        let dated = ends.filter_map(|index| {
            let rest = text[index..].trim_matches(|letter: char| !letter.is_alphanumeric());
            Some((index, range(rest)?.0))
        });
        let dated = dated.min_by_key(|(index, _)| *index);
        let name = dated.map_or(text, |(index, _)| text[..index].trim());
        (self.event, self.on) = (name.to_owned(), dated.map(|(_, day)| day));
    }
}
