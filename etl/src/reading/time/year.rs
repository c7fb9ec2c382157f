//! Years: the century of two digits, and the range for records.

use chrono::{Datelike, NaiveDate};

use super::error::{FIRST_YEAR, LAST_YEAR, Unread};

/// First two-digit year of the 1900s: `50` to `99` are 1950 to 1999, and `00` to `49` are 2000 to
/// 2049.
pub const PIVOT: i32 = 50;

/// Returns the year that four digits, two digits or `'25` mean.
pub fn year(text: &str) -> Option<i32> {
    let digits = text.trim_start_matches('\'');
    let number: i32 = digits.parse().ok()?;
    Some(match digits.len() {
        2 if number < PIVOT => 2000 + number,
        2 => 1900 + number,
        _ => number,
    })
}

/// Returns a day if its year is in the range for records.
pub fn plausible(day: NaiveDate) -> Result<NaiveDate, Unread> {
    if (FIRST_YEAR..=LAST_YEAR).contains(&day.year()) {
        Ok(day)
    } else {
        Err(Unread::Year(day.year()))
    }
}

#[cfg(test)]
mod tests {
    use super::{plausible, year};
    use crate::reading::time::Unread;

    #[test]
    fn two_digits_are_of_1950_to_2049() {
        let years =
            ["00", "15", "49", "50", "'98", "99", "2025", "0015"].map(|text| year(text).unwrap());
        assert_eq!(years, [2000, 2015, 2049, 1950, 1998, 1999, 2025, 15]);
    }

    #[test]
    fn years_from_1950_to_2100_are_plausible() {
        for (text, expected) in [
            ("1949-12-31", Err(Unread::Year(1949))),
            ("1950-01-01", Ok(())),
            ("2100-12-31", Ok(())),
            ("2101-01-01", Err(Unread::Year(2101))),
        ] {
            assert_eq!(plausible(text.parse().unwrap()).map(drop), expected, "{text}");
        }
    }
}
