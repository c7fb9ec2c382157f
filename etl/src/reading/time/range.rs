//! Date ranges: `October 16-18, 2024`, `5/1/2025 to 5/3/2025`, with optional times of day and
//! weekdays.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use regex::Regex;

use super::day::{MONTH, YEAR, month, number, pattern};
use super::{End, day, plausible, year};

/// Returns the first and last day of a text such as `October 16-18, 2024`, `June 4, 2025` or
/// `5/1/2025 to 5/3/2025`; times of day and weekdays are allowed.
pub fn range(text: &str) -> Option<(NaiveDate, NaiveDate)> {
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
    let is_plausible =
        |(first, last): &(NaiveDate, NaiveDate)| plausible(*first).and(plausible(*last)).is_ok();
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
        let month =
            found.get(3).map_or(Some(first.month()), |month| month.as_str().parse().ok())?;
        return ordered(first, NaiveDate::from_ymd_opt(year, month, number(&found, 4)?)?);
    }
    if let Some(single) = day(plain, End::First) {
        let last = day(plain, End::Last).map_or(single.day, |last| last.day);
        return Some((single.day, last));
    }
    for separator in [" through ", " thru ", " to ", " - ", " and ", "-", ";", ",", "&"] {
        for (index, _) in plain.match_indices(separator) {
            let (left, right) = (&plain[..index], &plain[index + separator.len()..]);
            if let (Some(first), Some(last)) = (day(left, End::First), day(right, End::Last)) {
                return ordered(first.day, last.day);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::range;

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
