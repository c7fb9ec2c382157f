//! Rows of which a part stays as an earlier release published it, and the remark in their notes.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::contributors::Location;
use crate::row::MetricRow;

/// Beginning of the remark on a row, or on extras, that are not updated.
const AS_OF: &str = "as of the release of";

/// The days of a row of which at least one part is not updated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct OutdatedRow {
    pub location: Location,
    /// As-of day of the earlier release that the row comes from; `None` if it is updated.
    as_of: Option<NaiveDate>,
    /// Extras that depend on other facts than the row: their names, and the as-of day of the earlier
    /// release that they come from.
    extras: Vec<(Vec<String>, Option<NaiveDate>)>,
}

impl OutdatedRow {
    /// Creates the row at this location, with the day of each of its parts. A part is named by its
    /// extras; the row itself has none.
    pub fn new(
        location: Location,
        parts: impl IntoIterator<Item = (&'static [&'static str], Option<NaiveDate>)>,
    ) -> Self {
        let mut row = Self { location, as_of: None, extras: Vec::new() };
        for (names, day) in parts {
            if names.is_empty() {
                row.as_of = day;
            } else {
                row.extras.push((names.iter().map(|name| (*name).to_owned()).collect(), day));
            }
        }
        row
    }

    /// Returns the as-of day of the earlier release that a part comes from; `None` if the part is
    /// updated.
    pub fn day_of(&self, names: &[&str]) -> Option<NaiveDate> {
        let of_extras = self.extras.iter().find(|(own, _)| own == names).and_then(|(_, day)| *day);
        if names.is_empty() { self.as_of } else { of_extras }
    }

    /// Returns the remark for the note of this row in a release of this day.
    fn remark(&self, row: &MetricRow, released: NaiveDate) -> String {
        let of_row = self.as_of.map(|day| format!("{AS_OF} {day}"));
        let others = self.extras.iter().filter(|(_, day)| *day != self.as_of);
        let of_extras = others.filter_map(|(names, day)| {
            let is_stated =
                |name: &&str| row.extra.get(*name).is_some_and(|value| !value.is_null());
            let stated: Vec<&str> = names.iter().map(String::as_str).filter(is_stated).collect();
            let day = day.unwrap_or(released);
            (!stated.is_empty()).then(|| format!("{} {AS_OF} {day}", stated.join(", ")))
        });
        of_row.into_iter().chain(of_extras).collect::<Vec<_>>().join("; ")
    }

    /// Adds the remark to the note of this row in a release of this day.
    pub fn add_remark(&self, row: &mut MetricRow, released: NaiveDate) {
        let remark = self.remark(row, released);
        if remark.is_empty() {
            return;
        }
        // A row without a value shows its note in place of its number of records.
        let own =
            row.note.take().or_else(|| row.value.is_none().then(|| format!("{} records", row.n)));
        row.note = Some(own.map_or(remark.clone(), |own| format!("{own}; {remark}")));
    }

    /// Removes the remark that a release of this day added to the note of this row.
    pub fn remove_remark(&self, row: &mut MetricRow, released: NaiveDate) {
        let remark = self.remark(row, released);
        row.note = row.note.take().and_then(|note| {
            let own = note.strip_suffix(&remark).unwrap_or(&note);
            let own = own.strip_suffix("; ").unwrap_or(own);
            (!own.is_empty()).then(|| own.to_owned())
        });
    }
}
