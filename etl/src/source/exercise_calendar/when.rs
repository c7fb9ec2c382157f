//! Reads the dates of an exercise: a day, month, quarter, season or year, from its row or from the
//! lines above it.

use crate::code::WarningCode;
use chrono::{Datelike, Days, Months, NaiveDate};
use hotwash_documents::grid::{Grid, GridCell};

use crate::reading::dates::CellDates;
use crate::reading::time::{End, day, has_separate_days, range, with_year, year};
use crate::record::DuePrecision;
use crate::source::grid_rows::{GridFault, GridRecord};

/// Minimum number of days of a period that is not one or a few days: a short month.
const LONG: i64 = 28;

/// Dates of an exercise.
pub struct ExerciseDates {
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
    /// Code and text of a warning.
    pub doubt: Option<(WarningCode, String)>,
}

/// Time stated by the title and by the lines above a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct InheritedDate {
    year: Option<Year>,
    /// First and last day of a month, quarter or season.
    period: Option<(NaiveDate, NaiveDate)>,
}

/// Calendar year, or the fiscal year of the state that ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Year {
    number: i32,
    fiscal: bool,
}

impl Year {
    /// Parses a text that is only a year: `2025`, `FY26`, `BP2 (FY26)`.
    fn of(text: &str) -> Option<Self> {
        let boundary = |end| day(text, end).filter(|read| read.precision == DuePrecision::Year);
        let (first, last) = (boundary(End::First)?.day, boundary(End::Last)?.day);
        Some(Self { number: last.year(), fiscal: first.month() != 1 })
    }

    /// Returns the first and last day of the year.
    fn days(self) -> Option<(NaiveDate, NaiveDate)> {
        let text = if self.fiscal { format!("FY{}", self.number) } else { self.number.to_string() };
        Some((day(&text, End::First)?.day, day(&text, End::Last)?.day))
    }

    /// Returns the days of this year that a text without a year means: `March 3-5`, `Q2`, `Fall`.
    fn within(self, text: &str) -> Option<(NaiveDate, NaiveDate)> {
        let plain = text.trim().trim_end_matches(['.', ',']);
        let read = |year: i32| {
            let boundary = |end| with_year(plain, year, end).map(|read| read.day);
            boundary(End::First)
                .zip(boundary(End::Last))
                .or_else(|| range(&format!("{plain}, {year}")))
        };
        if !self.fiscal {
            return read(self.number);
        }
        // Quarters are quarters of the fiscal year; months and seasons are within it.
        if let Some(quarter) = range(&format!("{plain} FY{}", self.number)) {
            return Some(quarter);
        }
        let (_, end) = self.days()?;
        read(self.number).filter(|(_, last)| *last <= end).or_else(|| read(self.number - 1))
    }
}

impl InheritedDate {
    /// Returns the year named by the title above the table: `2025 Exercise Calendar`, `FY25`. A
    /// title with two years gives none.
    pub fn of_title(grid: &Grid, header: usize) -> Self {
        let above =
            grid.rows[..header].iter().flat_map(|row| row.cells().iter().map(GridCell::text));
        let texts: Vec<String> = above.chain([grid.name.clone()]).collect();
        let words =
            texts.iter().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
        let mut years = words.filter_map(|word| {
            let lower = word.to_lowercase();
            let fiscal = lower.strip_prefix("fy").filter(|digits| matches!(digits.len(), 2 | 4));
            let number = year(fiscal.or_else(|| (lower.len() == 4).then_some(lower.as_str()))?)?;
            (1990..2100).contains(&number).then_some(Year { number, fiscal: fiscal.is_some() })
        });
        let first = years.next();
        Self { year: first.filter(|first| years.all(|other| other == *first)), period: None }
    }

    /// Reads a line or cell that is only a month, quarter, season or year; it applies to the rows
    /// below. Returns whether it is one.
    pub fn take(&mut self, cell: &GridCell) -> bool {
        if let Some(day) = cell.day() {
            // A spreadsheet converts `Jan-25` to the first day of the month.
            if day.day() == 1 {
                self.period = last_of_month(day).map(|last| (day, last));
            }
            return day.day() == 1;
        }
        let text = cell.text();
        if let Some(year) = Year::of(&text) {
            *self = Self { year: Some(year), period: None };
            return true;
        }
        let is_long =
            |(first, last): &(NaiveDate, NaiveDate)| (*last - *first).num_days() + 1 >= LONG;
        let read = range(&text).or_else(|| self.year?.within(&text)).filter(is_long);
        self.period = read.or(self.period);
        read.is_some()
    }

    /// Returns the time that applies to a row, whose own columns may name its year and month.
    pub fn of_row(&mut self, record: &GridRecord<'_>) -> Self {
        let own = Year::of(&record.text("year"));
        if own.is_some() && own != self.year {
            *self = Self { year: own, period: None };
        }
        if !record.cell("month").is_empty() {
            self.take(record.cell("month"));
        }
        *self
    }

    /// Returns the time by the headings under which a row can state it.
    pub fn by_heading(&self) -> Vec<(&'static str, String)> {
        let is_month = |(first, last): (NaiveDate, NaiveDate)| {
            first.day() == 1 && last_of_month(first) == Some(last)
        };
        let month = self.period.map(|period| {
            if is_month(period) {
                period.0.format("%B %Y").to_string()
            } else {
                format!("{} to {}", period.0, period.1)
            }
        });
        let year = self.year.map(|year| {
            if year.fiscal { format!("FY{}", year.number) } else { year.number.to_string() }
        });
        vec![("Month", month.unwrap_or_default()), ("Year", year.unwrap_or_default())]
    }

    /// Returns the dates of a row. A text such as `TBD` or `3rd week` gets the period stated above
    /// the row.
    pub fn days(&self, record: &GridRecord<'_>) -> Result<ExerciseDates, GridFault> {
        let text = record.text("start");
        if record.cell_day("start").is_none() && has_separate_days(&text) {
            let reason = "names separate days; write a row for each, or a range such as June 4-5, \
                2025 if they are one exercise";
            return Err(record.wrong("start", reason));
        }
        let read = match record.cell_day("start") {
            Some(day) => Some((day, day)),
            None => range(&text)
                .or_else(|| text.lines().find_map(range))
                .or_else(|| self.period.and_then(|period| within(&text, period)))
                .or_else(|| self.year.and_then(|year| year.within(&text))),
        };
        let in_words = text.is_empty() || text.chars().any(char::is_alphabetic);
        let around = self.period.or_else(|| self.year?.days());
        let (first, last) = match (read, around) {
            (Some(days), _) => days,
            (None, Some(around)) if in_words => around,
            (None, None) if text.is_empty() => {
                return Err(record.wrong("start", "must not be empty"));
            }
            _ => {
                return Err(record.wrong(
                    "start",
                    "must be a date or a range of dates, such as June 4, 2025 or 2025-06-04",
                ));
            }
        };
        let end = match record.day("end", End::Last) {
            Ok(end) => end,
            Err(wrong) => {
                Some(self.year.and_then(|year| year.within(&wrong.value)).ok_or(wrong)?.1)
            }
        };
        let last = end.unwrap_or(last);
        if last < first {
            return Err(record.wrong("end", format!("must not be before the start, {first}")));
        }
        let doubt = if read.is_none() && !text.is_empty() {
            Some((
                WarningCode::UnreadDate,
                format!("is not a date; the period of its heading is used, {first} to {last}"),
            ))
        } else if end.is_none()
            && first.checked_add_days(Days::new(LONG as u64 - 1)).is_some_and(|least| last >= least)
        {
            Some((
                WarningCode::InexactDate,
                format!("gives no exact date; its complete period is used, {first} to {last}"),
            ))
        } else {
            None
        };
        Ok(ExerciseDates { first, last, doubt })
    }
}

fn last_of_month(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// Parses days of a month as a calendar writes them below its title: `14`, `22-23`, `Tues 14th`,
/// `April 15 - 17`.
fn within(text: &str, (first, last): (NaiveDate, NaiveDate)) -> Option<(NaiveDate, NaiveDate)> {
    let plain = text.trim().trim_end_matches(['.', ',']);
    let is_in = |(from, to): &(NaiveDate, NaiveDate)| *to >= first && *from <= last;
    let is_month = first.month() == last.month() && first.year() == last.year();
    range(&format!("{plain}, {}", first.year()))
        .filter(is_in)
        .or_else(|| range(&format!("{plain}, {}", last.year())).filter(is_in))
        .or_else(|| {
            range(&format!("{} {plain}, {}", first.format("%B"), first.year())).filter(|_| is_month)
        })
}
