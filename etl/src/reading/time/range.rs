//! Date ranges: `October 16-18, 2024`, `5/1/2025 to 5/3/2025`, with optional times of day and
//! weekdays. A list such as `5/5/2025, 5/12/2025` names separate days, and is no range.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use regex::{Captures, Regex};

use super::day::{MONTH, YEAR, month, number, pattern};
use super::{End, day, plausible, year};

/// Returns the first and last day of a text such as `October 16-18, 2024`, `June 4, 2025` or
/// `5/1/2025 to 5/3/2025`; times of day and weekdays are allowed.
pub fn range(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    read(text).map(|days| (days.first, days.last))
}

/// Returns whether a text lists days with others between them: `5/5/2025, 5/12/2025`.
pub fn has_separate_days(text: &str) -> bool {
    read(text).is_some_and(|days| days.are_separate)
}

/// Days that a text names.
#[derive(Clone, Copy)]
struct Days {
    first: NaiveDate,
    last: NaiveDate,
    /// Days between them are not meant.
    are_separate: bool,
}

impl Days {
    /// Returns the days from first to last; none if they are not in order.
    fn of(first: NaiveDate, last: NaiveDate) -> Option<Self> {
        (first <= last).then_some(Self { first, last, are_separate: false })
    }

    /// Returns the days with what is written between the first and the last: other days of a list,
    /// or a word such as `to`.
    fn linked(self, between: &str) -> Self {
        let is_range =
            between.contains('-') || ["to", "thr"].iter().any(|word| between.contains(word));
        let named = 2 + between
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
            .count();
        let span = (self.last - self.first).num_days() + 1;
        Self { are_separate: !is_range && span > named as i64, ..self }
    }

    /// Returns the days of several lines or items.
    fn of_all(mut all: Vec<Self>) -> Option<Self> {
        all.sort_by_key(|days| days.first);
        let has_gap = all.windows(2).any(|pair| (pair[1].first - pair[0].last).num_days() > 1);
        let are_separate = has_gap || all.iter().any(|days| days.are_separate);
        let last = all.iter().map(|days| days.last).max()?;
        Some(Self { first: all.first()?.first, last, are_separate })
    }
}

fn read(text: &str) -> Option<Days> {
    let of_lines: Vec<Days> = text.lines().filter_map(of_line).collect();
    let is_first = || text.trim().lines().next().and_then(of_line).is_some();
    if of_lines.len() > 1 && is_first() { Days::of_all(of_lines) } else { of_line(text) }
}

/// Returns the days of a list such as `5/5, 5/12, 5/19/2025`.
fn of_list(plain: &str) -> Option<Days> {
    let items: Vec<&str> = plain
        .split([',', ';', '&'])
        .flat_map(|item| item.split(" and "))
        .map(|item| item.trim().trim_start_matches("and ").trim())
        .filter(|item| !item.is_empty())
        .collect();
    let is_day = |item: &&str| item.chars().all(|letter| letter.is_ascii_digit() || letter == '/');
    let year = items.last()?.rsplit_once('/')?.1;
    if items.len() < 3 || !items.iter().all(is_day) {
        return None;
    }
    let dated = items.iter().map(|item| match item.matches('/').count() {
        1 => day(&format!("{item}/{year}"), End::First),
        _ => day(item, End::First),
    });
    let days: Option<Vec<Days>> =
        dated.map(|read| read.and_then(|read| Days::of(read.day, read.day))).collect();
    Days::of_all(days?)
}

fn of_line(text: &str) -> Option<Days> {
    static TIMES: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(
            r"(?x)[\s,;@(]+(?:at\s+|from\s+|starting\s+at\s+)?
              (?:(?:[01]\d|2[0-3])[0-5]\d\s*(?:-|to)\s*(?:[01]\d|2[0-3])[0-5]\d|\d{1,2}:\d{2}(?::\d{2})?\s*(?:[ap]\.?m\b\.?|hrs\b|hours\b)?
                |\d{1,2}\s*[ap]\.?m\b\.?|(?:[01]\d|2[0-3])[0-5]\d\s*(?:hrs|hours)\b|(?:0\d|1[0-8])[0-5]\d)
              (?:\s*(?:-|to|until)\s*(?:\d{1,2}:\d{2}(?::\d{2})?|\d{3,4}|\d{1,2})\s*(?:[ap]\.?m\b\.?|hrs\b|hours\b)?)?(?:\s*(?:z|utc|gmt|(?:e|c|m|p|ak|h|a)[sd]?t|eastern|central|mountain|pacific)\b)?\)?(?:$|\s|,|;|\))",
        )
        .expect("the pattern is well formed")
    });
    let plain = text.trim().to_lowercase().replace(['\u{2013}', '\u{2014}', '\u{2212}'], "-");
    let plain = plain.lines().next().unwrap_or_default().trim();
    let is_plausible = |days: &Days| plausible(days.first).and(plausible(days.last)).is_ok();
    let whole = days(plain).or_else(|| {
        let untimed = TIMES.replace_all(plain, " ");
        let untimed = WEEKDAY.replace_all(&untimed, "");
        days(untimed.trim().trim_end_matches([',', '.', ';', '-']).trim())
    });
    let whole = whole.filter(is_plausible);
    // `FY24 Q2 (February 21, 2024)`: the more precise date, before the brackets or inside, is used.
    whole.or_else(|| {
        let parts = plain
            .split(['(', ')'])
            .map(str::trim)
            .filter(|part| *part != plain && !part.is_empty());
        parts.filter_map(of_line).min_by_key(|days| days.last - days.first)
    })
}

static WEEKDAY: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
    Regex::new(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?\s*")
        .expect("the pattern is well formed")
});

fn days(plain: &str) -> Option<Days> {
    const TO: &str = r" *(?:-|to|and|&|through|thru|,) *(?:and *)?";
    const NTH: &str = "(?:st|nd|rd|th)?";
    static SAME_MONTH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"{MONTH} *(\d{{1,2}}){NTH}(?:{TO}\d{{1,2}}{NTH})*?{TO}(\d{{1,2}}){NTH}[, ] *{YEAR}"
        ))
    });
    static SAME_MONTH_DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(r"(\d{{1,2}}){NTH}{TO}(\d{{1,2}}){NTH} *(?:of )?{MONTH},? *{YEAR}"))
    });
    static SAME_YEAR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(r"({MONTH} *\d{{1,2}}){NTH}{TO}({MONTH} *\d{{1,2}}){NTH},? *{YEAR}"))
    });
    static AMERICAN_SAME_YEAR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(\d{{1,2}})/(\d{{1,2}}) *(?:-|to|through|thru|and|&) *(?:(\d{{1,2}})/)?(\d{{1,2}})/{YEAR}"
        ))
    });
    let between = |found: &Captures<'_>, one: usize, other: usize| {
        let ends = found.get(one).zip(found.get(other));
        ends.map_or("", |(one, other)| &plain[one.end()..other.start()]).to_owned()
    };
    if let Some(found) = SAME_MONTH.captures(plain) {
        let (year, month) = (year(&found[4])?, month(&found[1])?);
        let days = Days::of(
            NaiveDate::from_ymd_opt(year, month, number(&found, 2)?)?,
            NaiveDate::from_ymd_opt(year, month, number(&found, 3)?)?,
        );
        return days.map(|days| days.linked(&between(&found, 2, 3)));
    }
    if let Some(found) = SAME_MONTH_DAY_FIRST.captures(plain) {
        let (year, month) = (year(&found[4])?, month(&found[3])?);
        let days = Days::of(
            NaiveDate::from_ymd_opt(year, month, number(&found, 1)?)?,
            NaiveDate::from_ymd_opt(year, month, number(&found, 2)?)?,
        );
        return days.map(|days| days.linked(&between(&found, 1, 2)));
    }
    if let Some(found) = SAME_YEAR.captures(plain) {
        let year = &found[5];
        let first = day(&format!("{}, {year}", &found[1]), End::First)?.day;
        let days = Days::of(first, day(&format!("{}, {year}", &found[3]), End::Last)?.day);
        return days.map(|days| days.linked(&between(&found, 1, 3)));
    }
    if let Some(found) = AMERICAN_SAME_YEAR.captures(plain) {
        let year = year(&found[5])?;
        let first = NaiveDate::from_ymd_opt(year, number(&found, 1)?, number(&found, 2)?)?;
        let month =
            found.get(3).map_or(Some(first.month()), |month| month.as_str().parse().ok())?;
        let days = Days::of(first, NaiveDate::from_ymd_opt(year, month, number(&found, 4)?)?);
        let other = if found.get(3).is_some() { 3 } else { 4 };
        return days.map(|days| days.linked(&between(&found, 2, other)));
    }
    if let Some(single) = day(plain, End::First) {
        let last = day(plain, End::Last).map_or(single.day, |last| last.day);
        return Days::of(single.day, last);
    }
    for separator in [" through ", " thru ", " to ", " - ", " and ", "-", ";", ",", "&"] {
        for (index, _) in plain.match_indices(separator) {
            let (left, right) = (&plain[..index], &plain[index + separator.len()..]);
            if let (Some(first), Some(last)) = (day(left, End::First), day(right, End::Last)) {
                return Days::of(first.day, last.day).map(|days| days.linked(separator));
            }
        }
    }
    of_list(plain)
}

#[cfg(test)]
mod tests {
    use super::{has_separate_days, range};

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

    #[test]
    fn days_of_a_list_are_no_range_unless_they_follow_each_other() {
        for text in [
            "5/5/2025, 5/12/2025",
            "5/5/2025; 5/12/2025",
            "5/5/2025 and 5/12/2025",
            "5/5 and 5/12/2025",
            "5/5, 5/12, 5/19/2025",
            "5/5/2025, 5/12/2025, and 5/19/2025",
            "5/5/2025\n5/12/2025",
            "May 5, 2025, May 12, 2025",
            "May 5 and 12, 2025",
            "June 3, 10 and 17, 2025",
            "June 4, 2025 and June 18, 2025",
            "June 4 & July 2, 2025",
        ] {
            assert!(has_separate_days(text), "{text}");
        }
        for text in [
            "5/5/2025-5/12/2025",
            "5/5/2025 to 5/12/2025",
            "5/5/2025 & 5/6/2025",
            "5/5/2025\n5/6/2025",
            "5/5/2025\n0900-1200",
            "5/5, 5/6, 5/7/2025",
            "May 5, 6 and 7, 2025",
            "May 5 and 6, 2025",
            "October 30 \u{2013} November 2, 2024",
            "June 3, 2025 0800 - June 6, 2025 1600",
            "2025-06-03 to 2025-06-05",
            "June 2025",
            "June 4, 2025",
        ] {
            assert!(!has_separate_days(text), "{text}");
        }
        let days = range("5/5, 5/12, 5/19/2025").unwrap();
        assert_eq!(days.1.to_string(), "2025-05-19");
    }
}
