//! Dates without a year: `March 15`, `3/15`, `end of June`, `Q3`. They mean the first such date on
//! or after a date in the document.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use regex::Regex;

use super::{End, WrittenDay, day};

/// Returns the first date on or after `from` for a text without a year, or none for other texts. In
/// a longer period such as `end of June`, the day at `end` counts.
pub fn day_from(text: &str, from: NaiveDate, end: End) -> Option<WrittenDay> {
    if !is_yearless(text) {
        return None;
    }
    // A winter can end in the next year; the next February 29 can be four years away.
    let mut read =
        (from.year() - 1..=from.year() + 4).filter_map(|year| with_year(text, year, end));
    read.find(|read| read.day >= from)
}

/// Returns whether a text is a day, month, quarter or season without a year.
pub fn is_yearless(text: &str) -> bool {
    // A leap year has every day of a month.
    text.chars().count() <= 40
        && day(text, End::Last).is_none()
        && with_year(text, 2024, End::Last).is_some()
}

/// Returns the date in a year for a text without a year.
pub fn with_year(text: &str, year: i32, end: End) -> Option<WrittenDay> {
    static FIGURES: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(r"\b\d{1,2}/\d{1,2}$").expect("the pattern is well formed")
    });
    let plain = text.trim().trim_end_matches([',', '.', ';']);
    if FIGURES.is_match(plain) {
        return day(&format!("{plain}/{year}"), end);
    }
    // A number alone is not a date.
    plain.chars().any(char::is_alphabetic).then(|| day(&format!("{plain}, {year}"), end))?
}

#[cfg(test)]
mod tests {
    use super::{day_from, is_yearless};
    use crate::reading::time::End;

    #[test]
    fn a_day_without_a_year_is_the_first_such_day_from_a_day_on() {
        let from = "2025-06-04".parse().unwrap();
        for (text, expected) in [
            ("March 15", "2026-03-15"),
            ("by Mar. 15th", "2026-03-15"),
            ("15 March", "2026-03-15"),
            ("15-Mar", "2026-03-15"),
            ("3/15", "2026-03-15"),
            ("by 12/31", "2025-12-31"),
            ("6/4", "2025-06-04"),
            ("6/3", "2026-06-03"),
            ("end of June", "2025-06-30"),
            ("June", "2025-06-30"),
            ("May", "2026-05-31"),
            ("Q3", "2025-09-30"),
            ("1st quarter", "2026-03-31"),
            ("Fall", "2025-11-30"),
            ("winter", "2026-02-28"),
            ("Mid-September", "2025-09-30"),
            ("end of the year", "2025-12-31"),
            ("EOY", "2025-12-31"),
        ] {
            let read = day_from(text, from, End::Last).map(|read| read.day.to_string());
            assert_eq!(read.as_deref(), Some(expected), "{text}");
        }
        for text in [
            "TBD",
            "15",
            "13/45",
            "1/2 done",
            "Ongoing",
            "",
            "March 15, 2025",
            "2025",
            "FY25",
            "within 90 days",
            "2/30",
        ] {
            assert!(!is_yearless(text), "{text}");
        }
    }
}
