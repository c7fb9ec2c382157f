//! Dates in documents: `6/30/2025`, `June 30, 2025`, `30-Jun-25`, `June 2025`, `Q3 2025`, `FY26`,
//! `Spring 2025`.

use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate};
use hotwash_schema::profile;
use regex::{Captures, Regex};

use super::{Unread, plausible, settle, stamp, year};
use crate::record::DuePrecision;

/// Choice of a day within a longer period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// First day, for a start.
    First,
    /// Last day, for a due date.
    Last,
}

/// A day with the precision of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenDay {
    /// Day.
    pub day: NaiveDate,
    /// Precision.
    pub precision: DuePrecision,
}

/// Calendar year in which the current cycle of budget periods began.
const FIRST_BUDGET_YEAR: i32 = 2024;

pub(super) const MONTH: &str = r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?";
pub(super) const YEAR: &str = r"(\d{4}|'?\d{2})";

#[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(&format!("^(?:{text})$")).expect("the pattern is well formed")
}

static ISO: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"));
static AMERICAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(\d{{1,2}})\s?[-/.]\s?(\d{{1,2}})\s?[-/.]\s?{YEAR}")));
static MONTH_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"{MONTH}[ -]*(\d{{1,2}})(?:st|nd|rd|th)?,? +{YEAR}")));
static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"(\d{{1,2}})(?:st|nd|rd|th)?[ -]*(?:of )?{MONTH},?[ -]*{YEAR}"))
});
// `Jun-25` and `June '25` name a year; `June 25` is a day without one.
static MONTH_ONLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"{MONTH}(?:,?[ -]*(\d{{4}})|,? *-+ *'?(\d{{2}})|,? *('\d{{2}}))"))
});
static MONTHS: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"{MONTH} ?(?:/|-|to|or|through) ?{MONTH},?[ -]*{YEAR}")));
static YEAR_MONTH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(20\d{2})[-/.](0?[1-9]|1[0-2])"));
static MONTH_NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d{1,2})[/-](\d{4})"));
static QUARTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?:q([1-4])|([1-4])(?:st|nd|rd|th)?[ -]*(?:quarter|qtr\.?|q)|(first|second|third|fourth) quarter)[ ,/-]*(?:of )?(?:cy ?|calendar year )?(fy ?|sfy ?|fiscal year )?{YEAR}"
    ))
});
static YEAR_QUARTER: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?:cy ?)?(fy ?|sfy ?)?{YEAR}[ ,/-]*q([1-4])")));
static FISCAL: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?:fy|fiscal year|sfy)[ -]*(?:\d{{4}}[-/])?{YEAR}")));
static SEASON: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(spring|summer|fall|autumn|winter),?[ -]*(?:of )?{YEAR}")));
static BUDGET_PERIOD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:bp|budget period) ?-?([1-5])(?: *\(?fy ?'?(\d{2}|\d{4})\)?)?"));
static YEAR_END: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"(?:eoy|year[ -]?end|end of (?:the )?year|year),? *{YEAR}"))
});
static YEAR_ONLY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:calendar year |cy ?)?(\d{4})"));
static LEADING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?:by|due|on|no later than|nlt|before|until|as of|est\.?|estimated|approx\.?|approximately|projected|anticipated|target|end of|mid|early|late|begin(?:ning)? of|start of|the|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?:[.,:]?\s+|-))*(.+)",
    )
});
// A second time of day, at which the first one ends.
static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(.+\d(?:\s*[ap]\.?m\.?|\s*hrs|\s*hours)?)(?: *- *| +to +)\d{1,2}:?\d{2}\s*(?:[ap]\.?m\.?|hrs|hours)?",
    )
});

/// Reads a day in any usual style, or returns none.
pub fn day(text: &str, end: End) -> Option<WrittenDay> {
    read_day(text, end).ok()
}

/// Reads a day in any usual style. A longer period means its day at `end`; a date and time with a
/// zone means the local day.
pub fn read_day(text: &str, end: End) -> Result<WrittenDay, Unread> {
    if let Some(day) = plain_day(text) {
        return plausible(day).map(WrittenDay::exact);
    }
    let plain = tidy(text).ok_or(Unread::Day)?;
    if let Some(read) = exact(&plain, end) {
        let is_day = read.precision == DuePrecision::Day;
        return plausible(read.day)
            .map(|_| read)
            .map_err(|year| if is_day { year } else { Unread::Day });
    }
    let timed = |text: &str| match stamp(text, None) {
        Ok(stamp) => plausible(settle::local_day(&stamp)).map(WrittenDay::exact),
        Err(Unread::Year(year)) => Err(Unread::Year(year)),
        Err(_) => Err(Unread::Day),
    };
    match (timed(&plain), UNTIL.captures(&plain)) {
        (Err(Unread::Day), Some(found)) => timed(&found[1]),
        (read, _) => read,
    }
}

/// Reads `2025-06-30` or `6/30/2025`, the styles of most files, without trying the others.
fn plain_day(text: &str) -> Option<NaiveDate> {
    match text.rsplit_once('/') {
        Some((_, year)) if year.len() == 4 => NaiveDate::parse_from_str(text, "%m/%d/%Y").ok(),
        None if text.len() == 10 => text.parse().ok(),
        _ => None,
    }
}

/// Reads a text that is one day of any year; not a longer period, and not a day with a time.
pub fn exact_day(text: &str) -> Option<NaiveDate> {
    exact(&tidy(text)?, End::First)
        .filter(|read| read.precision == DuePrecision::Day)
        .map(|read| read.day)
}

impl WrittenDay {
    /// Returns a day that is written as such.
    pub fn exact(day: NaiveDate) -> Self {
        Self { day, precision: DuePrecision::Day }
    }
}

/// Returns a text in lower case without introductory words.
fn tidy(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase().replace(['\u{2013}', '\u{2014}', '\u{2212}'], "-");
    if text.len() > 60 {
        return None;
    }
    let rest = LEADING
        .captures(&text)
        .map_or(text.as_str(), |found| found.get(1).map_or("", |rest| rest.as_str()));
    Some(rest.trim_end_matches([',', '.', ';']).to_owned())
}

fn exact(text: &str, end: End) -> Option<WrittenDay> {
    let at = NaiveDate::from_ymd_opt;
    let on = |day: Option<NaiveDate>| day.map(WrittenDay::exact);
    if let Some(found) = ISO.captures(text) {
        return on(at(number(&found, 1)?, number(&found, 2)?, number(&found, 3)?));
    }
    if let Some(found) = AMERICAN.captures(text) {
        let (year, first, second) = (year(&found[3])?, number(&found, 1)?, number(&found, 2)?);
        // `30/06/2025` can only be day first.
        return on(
            at(year, first, second).or_else(|| at(year, second, first).filter(|_| first > 12))
        );
    }
    if let Some(found) = MONTH_FIRST.captures(text) {
        return on(at(year(&found[3])?, month(&found[1])?, number(&found, 2)?));
    }
    if let Some(found) = DAY_FIRST.captures(text) {
        return on(at(year(&found[3])?, month(&found[2])?, number(&found, 1)?));
    }
    let span = |first: Option<NaiveDate>, months: u32, precision: DuePrecision| {
        let first = first?;
        let last = first.checked_add_months(Months::new(months))?.checked_sub_days(Days::new(1))?;
        Some(WrittenDay { day: if end == End::First { first } else { last }, precision })
    };
    if let Some(found) = MONTH_ONLY.captures(text) {
        let written = (2..=4).find_map(|group| found.get(group))?.as_str();
        return span(at(year(written)?, month(&found[1])?, 1), 1, DuePrecision::Month);
    }
    if let Some(found) = YEAR_MONTH.captures(text) {
        return span(at(number(&found, 1)?, number(&found, 2)?, 1), 1, DuePrecision::Month);
    }
    if let Some(found) = MONTHS.captures(text) {
        let (first, last, year) = (month(&found[1])?, month(&found[2])?, year(&found[3])?);
        let first = at(year - i32::from(last < first), first, 1)?;
        let months = (last + 12 - first.month()) % 12 + 1;
        return span(
            Some(first),
            months,
            if months > 3 { DuePrecision::Year } else { DuePrecision::Quarter },
        );
    }
    if let Some(found) = MONTH_NUMBER.captures(text) {
        return span(at(number(&found, 2)?, number(&found, 1)?, 1), 1, DuePrecision::Month);
    }
    let quarter = |year: i32, quarter: u32, fiscal: bool| {
        let first = at(year, quarter * 3 - 2, 1)?;
        let shift = Months::new(profile::active().fiscal_year.shift());
        let first = if fiscal { first.checked_sub_months(shift)? } else { first };
        span(Some(first), 3, DuePrecision::Quarter)
    };
    if let Some(found) = QUARTER.captures(text) {
        let which =
            found.get(1).or(found.get(2)).and_then(|digit| digit.as_str().parse().ok()).or_else(
                || {
                    let word = found.get(3)?.as_str();
                    ["first", "second", "third", "fourth"]
                        .iter()
                        .position(|known| *known == word)
                        .map(|index| index as u32 + 1)
                },
            )?;
        return quarter(year(&found[5])?, which, found.get(4).is_some());
    }
    if let Some(found) = YEAR_QUARTER.captures(text) {
        return quarter(year(&found[2])?, number(&found, 3)?, found.get(1).is_some());
    }
    if let Some(found) = FISCAL.captures(text) {
        let first = profile::active().fiscal_year.start(year(&found[1])?);
        return span(Some(first), 12, DuePrecision::Year);
    }
    if let Some(found) = SEASON.captures(text) {
        let first = match &found[1] {
            "spring" => 3,
            "summer" => 6,
            "winter" => 12,
            _ => 9,
        };
        // Winter 2025 means the winter that ends in 2025.
        let year = year(&found[2])? - i32::from(first == 12);
        return span(at(year, first, 1), 3, DuePrecision::Quarter);
    }
    if let Some(found) = BUDGET_PERIOD.captures(text) {
        // Budget period 1 of the cycle that began in 2024 ran from July 2024 to June 2025.
        let ends = match found.get(2) {
            Some(stated) => year(stated.as_str())?,
            None => FIRST_BUDGET_YEAR + number::<i32>(&found, 1)?,
        };
        return span(at(ends - 1, 7, 1), 12, DuePrecision::Year);
    }
    if let Some(found) = YEAR_END.captures(text) {
        return span(at(year(&found[1])?, 1, 1), 12, DuePrecision::Year);
    }
    let found = YEAR_ONLY.captures(text)?;
    span(at(number(&found, 1)?, 1, 1), 12, DuePrecision::Year)
}

pub(super) fn number<T: std::str::FromStr>(found: &Captures<'_>, group: usize) -> Option<T> {
    found.get(group)?.as_str().parse().ok()
}

pub(super) fn month(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    NAMES.iter().position(|name| text.starts_with(name)).map(|index| index as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::{End, day, read_day};
    use crate::reading::time::Unread;

    #[test]
    fn every_style_of_the_documents_is_read() {
        for (text, first, last) in [
            ("6/30/2025", "2025-06-30", "2025-06-30"),
            ("06/30/25", "2025-06-30", "2025-06-30"),
            ("June 30, 2025", "2025-06-30", "2025-06-30"),
            ("by June 30th, 2025", "2025-06-30", "2025-06-30"),
            ("Monday, June 30, 2025", "2025-06-30", "2025-06-30"),
            ("30-Jun-25", "2025-06-30", "2025-06-30"),
            ("30 June 2025", "2025-06-30", "2025-06-30"),
            ("2025-06-30 00:00:00", "2025-06-30", "2025-06-30"),
            ("June 2025", "2025-06-01", "2025-06-30"),
            ("Jun-25", "2025-06-01", "2025-06-30"),
            ("6/2025", "2025-06-01", "2025-06-30"),
            ("Q3 2025", "2025-07-01", "2025-09-30"),
            ("3rd Quarter 2025", "2025-07-01", "2025-09-30"),
            ("2025 Q3", "2025-07-01", "2025-09-30"),
            ("Q1 FY26", "2025-07-01", "2025-09-30"),
            ("FY25", "2024-07-01", "2025-06-30"),
            ("Spring 2025", "2025-03-01", "2025-05-31"),
            ("Winter 2025", "2024-12-01", "2025-02-28"),
            ("End of 2025", "2025-01-01", "2025-12-31"),
            ("EOY 2025", "2025-01-01", "2025-12-31"),
            ("Mid-June 2025", "2025-06-01", "2025-06-30"),
            ("Late Summer 2025", "2025-06-01", "2025-08-31"),
            ("End of BP1", "2024-07-01", "2025-06-30"),
            ("BP2 (FY26)", "2025-07-01", "2026-06-30"),
            ("30-Jun-25", "2025-06-30", "2025-06-30"),
            ("Jun-25", "2025-06-01", "2025-06-30"),
            ("6.30.25", "2025-06-30", "2025-06-30"),
            ("30/06/2025", "2025-06-30", "2025-06-30"),
            ("FY24 Q2", "2023-10-01", "2023-12-31"),
            ("Q3 CY2024", "2024-07-01", "2024-09-30"),
            ("2025-06", "2025-06-01", "2025-06-30"),
            ("Jan/Feb 2025", "2025-01-01", "2025-02-28"),
            ("Dec-Jan 2025", "2024-12-01", "2025-01-31"),
        ] {
            assert_eq!(
                day(text, End::First).map(|read| read.day.to_string()).as_deref(),
                Some(first),
                "{text}"
            );
            assert_eq!(
                day(text, End::Last).map(|read| read.day.to_string()).as_deref(),
                Some(last),
                "{text}"
            );
        }
        assert_eq!(
            day("June '25", End::Last).map(|read| read.day.to_string()).as_deref(),
            Some("2025-06-30")
        );
        for text in [
            "TBD",
            "12/31",
            "June 25",
            "by March 15",
            "13/45/2025",
            "Ongoing",
            "",
            "2/30/2025",
            "x",
        ] {
            assert_eq!(day(text, End::Last), None, "{text}");
        }
    }

    #[test]
    fn a_day_with_a_time_and_a_zone_is_the_local_day() {
        for (text, expected) in [
            ("2025-06-30 00:00:00", Ok("2025-06-30")),
            ("3/28/2020 0:00:00", Ok("2020-03-28")),
            ("6/30/2025 9:15 AM", Ok("2025-06-30")),
            ("6/30/2025 0900-1500", Ok("2025-06-30")),
            ("June 30, 2025 9:00 AM to 3:00 PM", Ok("2025-06-30")),
            ("12/31/2024 24:00", Ok("2024-12-31")),
            ("2025-07-01T02:00:00Z", Ok("2025-06-30")),
            ("2025-07-01T00:00:00.000Z", Ok("2025-07-01")),
            ("2025-07-01T00:30:00-04:00", Ok("2025-07-01")),
            ("2/29/2024", Ok("2024-02-29")),
            ("Feb 29 2023", Err(Unread::Day)),
            ("6/30/2025 0975", Err(Unread::Day)),
            ("6/30/2025 2575", Err(Unread::Day)),
            ("2/14/0015", Err(Unread::Year(15))),
            ("1/1/1900", Err(Unread::Year(1900))),
            ("2101-01-01", Err(Unread::Year(2101))),
            ("1200", Err(Unread::Day)),
            ("2/14/15", Ok("2015-02-14")),
            ("2/14/98", Ok("1998-02-14")),
        ] {
            let read = read_day(text, End::Last).map(|read| read.day.to_string());
            assert_eq!(read, expected.map(str::to_owned), "{text}");
        }
    }
}
