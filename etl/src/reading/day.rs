//! Days as documents write them: `6/30/2025`, `June 30, 2025`, `30-Jun-25`, `June 2025`, `Q3 2025`, `FY26`, `Spring 2025`.

use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate};
use regex::{Captures, Regex};

use crate::record::DuePrecision;

/// Which day of a longer period is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The first: for a start.
    First,
    /// The last: for a due date.
    Last,
}

/// A day and how exactly it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenDay {
    /// The day.
    pub day: NaiveDate,
    /// How exact it is.
    pub precision: DuePrecision,
}

/// Calendar year in which the present cycle of budget periods began.
const FIRST_BUDGET_YEAR: i32 = 2024;

const MONTH: &str = r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?";
const YEAR: &str = r"(\d{4}|'?\d{2})";

#[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
fn pattern(text: &str) -> Regex {
    Regex::new(&format!("^(?:{text})$")).expect("the pattern is well formed")
}

static ISO: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"));
static AMERICAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(\d{{1,2}})\s?[-/.]\s?(\d{{1,2}})\s?[-/.]\s?{YEAR}")));
static MONTH_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"{MONTH}[ -]*(\d{{1,2}})(?:st|nd|rd|th)?,? +{YEAR}")));
static DAY_FIRST: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(\d{{1,2}})(?:st|nd|rd|th)?[ -]*(?:of )?{MONTH},?[ -]*{YEAR}")));
// `Jun-25` and `June '25` are of a year; `June 25` is a day that lacks its own.
static MONTH_ONLY: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"{MONTH}(?:,?[ -]*(\d{{4}})|,? *-+ *'?(\d{{2}})|,? *('\d{{2}}))")));
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
static YEAR_END: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?:eoy|year[ -]?end|end of (?:the )?year|year),? *{YEAR}")));
static YEAR_ONLY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:calendar year |cy ?)?(\d{4})"));
static LEADING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?:by|due|on|no later than|nlt|before|until|as of|est\.?|estimated|approx\.?|approximately|projected|anticipated|target|end of|mid|early|late|begin(?:ning)? of|start of|the|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?:[.,:]?\s+|-))*(.+)",
    )
});
static TIME_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(.+?)[ t,]+(?:at )?\d{1,2}:?\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:am|pm|hrs|hours|z)?(?: *(?:-|to) *\d{1,2}:?\d{2}\s*(?:am|pm|hrs|hours)?)?",
    )
});

/// A day in any usual style, or none. Two-digit years mean 2000 to 2099; years outside 1900 to 2100 are none.
pub fn day(text: &str, end: End) -> Option<WrittenDay> {
    let text = text.trim().to_lowercase().replace(['\u{2013}', '\u{2014}'], "-");
    if text.len() > 60 {
        return None;
    }
    let text = LEADING
        .captures(&text)
        .map_or(text.as_str(), |found| found.get(1).map_or("", |rest| rest.as_str()))
        .trim_end_matches([',', '.', ';'])
        .to_owned();
    exact(&text, end).or_else(|| TIME_AFTER.captures(&text).and_then(|found| exact(&found[1], end)))
}

fn exact(text: &str, end: End) -> Option<WrittenDay> {
    let at = |year: i32, month: u32, day: u32| {
        NaiveDate::from_ymd_opt(year, month, day).filter(|day| (1900..2100).contains(&day.year()))
    };
    let on = |day: Option<NaiveDate>| day.map(|day| WrittenDay { day, precision: DuePrecision::Day });
    if let Some(found) = ISO.captures(text) {
        return on(at(number(&found, 1)?, number(&found, 2)?, number(&found, 3)?));
    }
    if let Some(found) = AMERICAN.captures(text) {
        let (year, first, second) = (year(&found[3])?, number(&found, 1)?, number(&found, 2)?);
        // `30/06/2025` can only be written day first.
        return on(at(year, first, second).or_else(|| at(year, second, first).filter(|_| first > 12)));
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
        return span(Some(first), months, if months > 3 { DuePrecision::Year } else { DuePrecision::Quarter });
    }
    if let Some(found) = MONTH_NUMBER.captures(text) {
        return span(at(number(&found, 2)?, number(&found, 1)?, 1), 1, DuePrecision::Month);
    }
    let quarter = |year: i32, quarter: u32, fiscal: bool| {
        let first = at(year, quarter * 3 - 2, 1)?;
        // Fiscal years begin on 1 July of the year before.
        let first = if fiscal { first.checked_sub_months(Months::new(6))? } else { first };
        span(Some(first), 3, DuePrecision::Quarter)
    };
    if let Some(found) = QUARTER.captures(text) {
        let which = found.get(1).or(found.get(2)).and_then(|digit| digit.as_str().parse().ok()).or_else(|| {
            let word = found.get(3)?.as_str();
            ["first", "second", "third", "fourth"].iter().position(|known| *known == word).map(|place| place as u32 + 1)
        })?;
        return quarter(year(&found[5])?, which, found.get(4).is_some());
    }
    if let Some(found) = YEAR_QUARTER.captures(text) {
        return quarter(year(&found[2])?, number(&found, 3)?, found.get(1).is_some());
    }
    if let Some(found) = FISCAL.captures(text) {
        return span(at(year(&found[1])? - 1, 7, 1), 12, DuePrecision::Year);
    }
    if let Some(found) = SEASON.captures(text) {
        let first = match &found[1] {
            "spring" => 3,
            "summer" => 6,
            "winter" => 12,
            _ => 9,
        };
        // Winter 2025 is taken as the one that ends in 2025.
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

/// First and last day of a text such as `October 16-18, 2024`, `June 4, 2025` or `5/1/2025 to 5/3/2025`; times of day and
/// weekdays may stand beside.
pub fn range(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    static TIMES: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(
            r"(?x)[\s,;@(]+(?:at\s+|from\s+|starting\s+at\s+)?
              (?:(?:[01]\d|2[0-3])[0-5]\d\s*(?:-|to)\s*(?:[01]\d|2[0-3])[0-5]\d|\d{1,2}:\d{2}(?::\d{2})?\s*(?:[ap]\.?m\b\.?|hrs\b|hours\b)?
                |\d{1,2}\s*[ap]\.?m\b\.?|(?:[01]\d|2[0-3])[0-5]\d\s*(?:hrs|hours)\b|(?:0\d|1[0-8])[0-5]\d)
              (?:\s*(?:-|to|until)\s*(?:\d{1,2}:\d{2}(?::\d{2})?|\d{3,4}|\d{1,2})\s*(?:[ap]\.?m\b\.?|hrs\b|hours\b)?)?(?:\s*(?:est|edt|et)\b)?\)?(?:$|\s|,|;|\))",
        )
        .expect("the pattern is well formed")
    });
    let plain = text.trim().to_lowercase().replace(['\u{2013}', '\u{2014}', '\u{2212}'], "-");
    let plain = plain.lines().next().unwrap_or_default().trim();
    let whole = days(plain).or_else(|| {
        let untimed = TIMES.replace_all(plain, " ");
        let untimed = WEEKDAY.replace_all(&untimed, "");
        days(untimed.trim().trim_end_matches([',', '.', ';', '-']).trim())
    });
    // `FY24 Q2 (February 21, 2024)`: of the days before and in brackets those told more exactly.
    whole.or_else(|| {
        let parts = plain.split(['(', ')']).map(str::trim).filter(|part| *part != plain && !part.is_empty());
        parts.filter_map(range).min_by_key(|(first, last)| *last - *first)
    })
}

static WEEKDAY: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    Regex::new(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?\s*")
        .expect("the pattern is well formed")
});

fn days(plain: &str) -> Option<(NaiveDate, NaiveDate)> {
    const TO: &str = r" *(?:-|to|and|&|through|thru|,) *(?:and *)?";
    const NTH: &str = "(?:st|nd|rd|th)?";
    static SAME_MONTH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(r"{MONTH} *(\d{{1,2}}){NTH}(?:{TO}\d{{1,2}}{NTH})*?{TO}(\d{{1,2}}){NTH}[, ] *{YEAR}"))
    });
    static SAME_MONTH_DAY_FIRST: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"(\d{{1,2}}){NTH}{TO}(\d{{1,2}}){NTH} *(?:of )?{MONTH},? *{YEAR}")));
    static SAME_YEAR: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"({MONTH} *\d{{1,2}}){NTH}{TO}({MONTH} *\d{{1,2}}){NTH},? *{YEAR}")));
    static AMERICAN_SAME_YEAR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(r"(\d{{1,2}})/(\d{{1,2}}) *(?:-|to|through|thru|and|&) *(?:(\d{{1,2}})/)?(\d{{1,2}})/{YEAR}"))
    });
    let ordered = |first: NaiveDate, last: NaiveDate| (first <= last).then_some((first, last));
    if let Some(found) = SAME_MONTH.captures(plain) {
        let (year, month) = (year(&found[4])?, month(&found[1])?);
        return ordered(
            NaiveDate::from_ymd_opt(year, month, number(&found, 2)?)?,
            NaiveDate::from_ymd_opt(year, month, number(&found, 3)?)?,
        );
    }
    if let Some(found) = SAME_MONTH_DAY_FIRST.captures(plain) {
        let (year, month) = (year(&found[4])?, month(&found[3])?);
        return ordered(
            NaiveDate::from_ymd_opt(year, month, number(&found, 1)?)?,
            NaiveDate::from_ymd_opt(year, month, number(&found, 2)?)?,
        );
    }
    if let Some(found) = SAME_YEAR.captures(plain) {
        let year = &found[5];
        let first = day(&format!("{}, {year}", &found[1]), End::First)?.day;
        return ordered(first, day(&format!("{}, {year}", &found[3]), End::Last)?.day);
    }
    if let Some(found) = AMERICAN_SAME_YEAR.captures(plain) {
        let year = year(&found[5])?;
        let first = NaiveDate::from_ymd_opt(year, number(&found, 1)?, number(&found, 2)?)?;
        let month = found.get(3).map_or(Some(first.month()), |month| month.as_str().parse().ok())?;
        return ordered(first, NaiveDate::from_ymd_opt(year, month, number(&found, 4)?)?);
    }
    if let Some(single) = day(plain, End::First) {
        let last = day(plain, End::Last).map_or(single.day, |last| last.day);
        return Some((single.day, last));
    }
    for separator in [" through ", " thru ", " to ", " - ", " and ", "-", ";", ",", "&"] {
        for (place, _) in plain.match_indices(separator) {
            let (left, right) = (&plain[..place], &plain[place + separator.len()..]);
            if let (Some(first), Some(last)) = (day(left, End::First), day(right, End::Last)) {
                return ordered(first.day, last.day);
            }
        }
    }
    None
}

fn number<T: std::str::FromStr>(found: &Captures<'_>, group: usize) -> Option<T> {
    found.get(group)?.as_str().parse().ok()
}

fn year(text: &str) -> Option<i32> {
    let digits = text.trim_start_matches('\'');
    let year: i32 = digits.parse().ok()?;
    Some(if digits.len() == 2 { 2000 + year } else { year })
}

fn month(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    NAMES.iter().position(|name| text.starts_with(name)).map(|place| place as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::{End, day, range};

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
            assert_eq!(day(text, End::First).map(|read| read.day.to_string()).as_deref(), Some(first), "{text}");
            assert_eq!(day(text, End::Last).map(|read| read.day.to_string()).as_deref(), Some(last), "{text}");
        }
        assert_eq!(day("June '25", End::Last).map(|read| read.day.to_string()).as_deref(), Some("2025-06-30"));
        for text in ["TBD", "12/31", "June 25", "by March 15", "13/45/2025", "Ongoing", "", "2/30/2025", "x"] {
            assert_eq!(day(text, End::Last), None, "{text}");
        }
    }

    #[test]
    fn ranges_of_days_are_read() {
        for (text, first, last) in [
            ("October 16-18, 2024", "2024-10-16", "2024-10-18"),
            ("October 30 – November 2, 2024", "2024-10-30", "2024-11-02"),
            ("5/1/2025 to 5/3/2025", "2025-05-01", "2025-05-03"),
            ("June 4, 2025", "2025-06-04", "2025-06-04"),
            ("FY24 Q2 (February 21, 2024)", "2024-02-21", "2024-02-21"),
            ("12 de junio de 2025 (June 12, 2025)", "2025-06-12", "2025-06-12"),
            ("June 4 and 5, 2025", "2025-06-04", "2025-06-05"),
            ("June 4, 2025, 0900-1500", "2025-06-04", "2025-06-04"),
            ("4/12/2024 0800-1600", "2024-04-12", "2024-04-12"),
            ("April 12, 2024 from 8:00 AM to 4:00 PM", "2024-04-12", "2024-04-12"),
            ("April 12, 2024 (8:00 a.m. \u{2013} 4:00 p.m.)", "2024-04-12", "2024-04-12"),
            ("Tuesday, June 3, 2025", "2025-06-03", "2025-06-03"),
            ("Tuesday, June 3 \u{2013} Thursday, June 5, 2025", "2025-06-03", "2025-06-05"),
            ("June 3rd-5th, 2025", "2025-06-03", "2025-06-05"),
            ("June 3, 10 and 17, 2025", "2025-06-03", "2025-06-17"),
            ("3-5 June 2025", "2025-06-03", "2025-06-05"),
            ("6/3-6/5/2025", "2025-06-03", "2025-06-05"),
            ("6/3-5/2025", "2025-06-03", "2025-06-05"),
            ("6/3/2025-6/5/2025", "2025-06-03", "2025-06-05"),
            ("2025-06-03 to 2025-06-05", "2025-06-03", "2025-06-05"),
            ("June 3, 2025 0800 - June 4, 2025 1600", "2025-06-03", "2025-06-04"),
            ("December 30, 2024 - January 2, 2025", "2024-12-30", "2025-01-02"),
            ("May 30 \u{2013} June 2, 2024", "2024-05-30", "2024-06-02"),
            ("June 2025", "2025-06-01", "2025-06-30"),
            ("Q3 2025", "2025-07-01", "2025-09-30"),
        ] {
            let read = range(text).map(|(first, last)| (first.to_string(), last.to_string()));
            assert_eq!(read, Some((first.into(), last.into())), "{text}");
        }
        assert_eq!(range("to be determined"), None);
    }
}
