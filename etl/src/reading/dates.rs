//! Dates and times in the cells and in the properties of documents.

use chrono::{NaiveDate, NaiveDateTime};
use hotwash_documents::archive::Archive;
use hotwash_documents::grid::GridCell;

use super::time::{
    Clock, DateSystem, End, Stamp, Unread, day, plausible, serial_moment, serial_text, stamp,
};

/// Dates and times in a cell.
pub trait CellDates {
    /// Returns the date and time of a cell in a date column, where a plain number is a serial date.
    fn moment(&self, dates: DateSystem) -> Option<NaiveDateTime>;

    /// Returns the time stamp of a cell, where a time of day alone uses the given day; none for an
    /// empty cell.
    fn stamp(&self, dates: DateSystem, on: Option<NaiveDate>) -> Option<Result<Stamp, Unread>>;

    /// Returns the day of a date cell.
    fn day(&self) -> Option<NaiveDate>;
}

impl CellDates for GridCell {
    fn moment(&self, dates: DateSystem) -> Option<NaiveDateTime> {
        match self {
            Self::Moment(at) => Some(*at),
            Self::Number(serial) => serial_moment(dates, *serial),
            Self::Text(text) => serial_text(dates, text),
            _ => None,
        }
    }

    fn stamp(&self, dates: DateSystem, on: Option<NaiveDate>) -> Option<Result<Stamp, Unread>> {
        let clock = match self {
            Self::Clock(clock) => Some(*clock),
            Self::Number(share) if (0.0..1.0).contains(share) && share.fract() != 0.0 => {
                Clock::of_share(*share)
            }
            // A workbook drops the leading zeros of `0015`.
            Self::Number(figure) if figure.fract() == 0.0 && (0.0..=2400.0).contains(figure) => {
                let Some(clock) = Clock::of_figure(*figure as u32) else {
                    return Some(Err(Unread::Moment));
                };
                Some(clock)
            }
            _ => None,
        };
        Some(match (clock, self.moment(dates)) {
            _ if self.is_empty() => return None,
            (Some(clock), _) => Stamp::of_clock(clock, on),
            (None, Some(at)) => plausible(at.date()).map(|_| Stamp::of_local(at)),
            (None, None) => stamp(&self.text(), on),
        })
    }

    fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Moment(at) => plausible(at.date()).ok(),
            _ => None,
        }
    }
}

/// Returns the date on which a document was last saved, by its own properties.
pub fn saved_on(archive: &Archive) -> Option<NaiveDate> {
    let times = archive.saved_at();
    times.iter().find_map(|text| day(text, End::First)).map(|read| read.day)
}
