//! Days as queries, addresses and commands write them, and as sentences do.

use chrono::{Datelike, NaiveDate};

/// Parses a day of the years 1 to 9999 in the form `2026-06-30`. Other spellings, such as
/// `2026-6-30`, are mistakes.
///
/// ```
/// use hotwash_schema::day::parse_day;
///
/// assert!(parse_day("2026-06-30").is_some());
/// assert!(parse_day("2026-6-30").is_none());
/// ```
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let day: NaiveDate = text.parse().ok()?;
    (day.year() >= 1 && text.len() == 10 && day.to_string() == text).then_some(day)
}

/// Formats a day for readers, such as `Jun 14, 2026`.
pub fn readable_day(day: NaiveDate) -> String {
    day.format("%b %-d, %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::parse_day;

    #[test]
    fn a_day_has_one_spelling() {
        for day in ["0001-01-01", "2024-02-29", "9999-12-31"] {
            assert_eq!(parse_day(day).unwrap().to_string(), day);
        }
        for other in [
            "2025-1-1",
            " 2025-06-30",
            "2025-06-30 ",
            "0000-01-01",
            "-044-03-15",
            "+12025-01-01",
            "2025-02-30",
            "20250630",
            "infinity",
            "",
        ] {
            assert_eq!(parse_day(other), None, "{other:?}");
        }
    }
}
