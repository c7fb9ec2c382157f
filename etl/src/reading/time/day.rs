//! Dates in documents: `6/30/2025`, `June 30, 2025`, `30-Jun-25`, `June 2025`, `Q3 2025`, `FY26`,
//! `Spring 2025`.

mod written;

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
pub use written::{End, WrittenDay, exact_day};
pub(super) use written::{MONTH, YEAR, month, number, pattern};
use written::{exact, tidy};

use super::{Unread, plausible, settle, stamp};
use crate::record::DuePrecision;

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
