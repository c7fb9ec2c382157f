//! Days and longer periods as documents write them, without a time.

use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate};
use hotwash_schema::profile;
use regex::{Captures, Regex};

use crate::reading::time::year;
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
pub(super) const FIRST_BUDGET_YEAR: i32 = 2024;

pub(in crate::reading::time) const MONTH: &str = r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?";

pub(in crate::reading::time) const YEAR: &str = r"(\d{4}|'?\d{2})";

#[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
pub(in crate::reading::time) fn pattern(text: &str) -> Regex {
    Regex::new(&format!("^(?:{text})$")).expect("the pattern is well formed")
}

pub(super) static ISO: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"));

pub(super) static AMERICAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(\d{{1,2}})\s?[-/.]\s?(\d{{1,2}})\s?[-/.]\s?{YEAR}")));

pub(super) static MONTH_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"{MONTH}[ -]*(\d{{1,2}})(?:st|nd|rd|th)?,? +{YEAR}")));

pub(super) static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"(\d{{1,2}})(?:st|nd|rd|th)?[ -]*(?:of )?{MONTH},?[ -]*{YEAR}"))
});

// `Jun-25` and `June '25` name a year; `June 25` is a day without one.
pub(super) static MONTH_ONLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"{MONTH}(?:,?[ -]*(\d{{4}})|,? *-+ *'?(\d{{2}})|,? *('\d{{2}}))"))
});

pub(super) static MONTHS: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"{MONTH} ?(?:/|-|to|or|through) ?{MONTH},?[ -]*{YEAR}")));

pub(super) static YEAR_MONTH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(20\d{2})[-/.](0?[1-9]|1[0-2])"));

pub(super) static MONTH_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\d{1,2})[/-](\d{4})"));

pub(super) static QUARTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?:q([1-4])|([1-4])(?:st|nd|rd|th)?[ -]*(?:quarter|qtr\.?|q)|(first|second|third|fourth) quarter)[ ,/-]*(?:of )?(?:cy ?|calendar year )?(fy ?|sfy ?|fiscal year )?{YEAR}"
    ))
});

pub(super) static YEAR_QUARTER: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?:cy ?)?(fy ?|sfy ?)?{YEAR}[ ,/-]*q([1-4])")));

pub(super) static FISCAL: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?:fy|fiscal year|sfy)[ -]*(?:\d{{4}}[-/])?{YEAR}")));

pub(super) static SEASON: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(spring|summer|fall|autumn|winter),?[ -]*(?:of )?{YEAR}")));

pub(super) static BUDGET_PERIOD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:bp|budget period) ?-?([1-5])(?: *\(?fy ?'?(\d{2}|\d{4})\)?)?"));

pub(super) static YEAR_END: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"(?:eoy|year[ -]?end|end of (?:the )?year|year),? *{YEAR}"))
});

pub(super) static YEAR_ONLY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:calendar year |cy ?)?(\d{4})"));

pub(super) static LEADING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?:by|due|on|no later than|nlt|before|until|as of|est\.?|estimated|approx\.?|approximately|projected|anticipated|target|end of|mid|early|late|begin(?:ning)? of|start of|the|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?:[.,:]?\s+|-))*(.+)",
    )
});

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
pub(super) fn tidy(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase().replace(['\u{2013}', '\u{2014}', '\u{2212}'], "-");
    if text.len() > 60 {
        return None;
    }
    let rest = LEADING
        .captures(&text)
        .map_or(text.as_str(), |found| found.get(1).map_or("", |rest| rest.as_str()));
    Some(rest.trim_end_matches([',', '.', ';']).to_owned())
}

pub(super) fn exact(text: &str, end: End) -> Option<WrittenDay> {
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

pub(in crate::reading::time) fn number<T: std::str::FromStr>(
    found: &Captures<'_>,
    group: usize,
) -> Option<T> {
    found.get(group)?.as_str().parse().ok()
}

pub(in crate::reading::time) fn month(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    NAMES.iter().position(|name| text.starts_with(name)).map(|index| index as u32 + 1)
}
