//! Serial date numbers of spreadsheets, in their two systems.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// First day of a workbook's date system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateSystem {
    /// Serial 1 is 1900-01-01: Excel on Windows, and the assumption for numbers in a text file.
    #[default]
    Excel1900,
    /// Serial 0 is 1904-01-01: workbooks created in Excel on a Mac.
    Excel1904,
}

impl DateSystem {
    /// Returns the date and time of a serial number, to the second.
    pub fn moment(self, serial: f64) -> Option<NaiveDateTime> {
        // Last day that Excel knows, 9999-12-31, plus one.
        const END: f64 = 2_958_466.0;
        let (year, month, day) = match self {
            Self::Excel1900 => (1899, 12, 30),
            Self::Excel1904 => (1904, 1, 1),
        };
        let start = NaiveDate::from_ymd_opt(year, month, day)?.and_time(NaiveTime::MIN);
        let seconds = (0.0..END).contains(&serial).then(|| (serial * 86_400.0).round() as i64)?;
        start.checked_add_signed(TimeDelta::seconds(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::DateSystem::{Excel1900, Excel1904};

    #[test]
    fn serials_count_from_1900_or_1904() {
        let shown = |at: Option<chrono::NaiveDateTime>| {
            at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string())
        };
        assert_eq!(shown(Excel1900.moment(45_915.0)).as_deref(), Some("2025-09-15 00:00:00"));
        assert_eq!(shown(Excel1904.moment(44_453.0)).as_deref(), Some("2025-09-15 00:00:00"));
        assert_eq!(
            shown(Excel1900.moment(45_725.086_805_555_55)).as_deref(),
            Some("2025-03-09 02:05:00")
        );
        assert_eq!(shown(Excel1900.moment(2_958_465.0)).as_deref(), Some("9999-12-31 00:00:00"));
        for serial in [-1.0, 2_958_466.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Excel1900.moment(serial), None, "{serial}");
        }
    }
}
