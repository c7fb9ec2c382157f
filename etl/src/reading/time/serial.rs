//! Serial date numbers of spreadsheets, in their two systems.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::plausible;

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
    /// Returns the date and time of a serial number, to the second, if its year is plausible.
    pub fn moment(self, serial: f64) -> Option<NaiveDateTime> {
        // Lower numbers are figures such as `2359`; they would be years before 1950.
        const FIRST: f64 = 15_000.0;
        let (year, month, day) = match self {
            Self::Excel1900 => (1899, 12, 30),
            Self::Excel1904 => (1904, 1, 1),
        };
        let start = NaiveDate::from_ymd_opt(year, month, day)?.and_time(NaiveTime::MIN);
        let seconds =
            (FIRST..80_000.0).contains(&serial).then(|| (serial * 86_400.0).round() as i64)?;
        let at = start.checked_add_signed(TimeDelta::seconds(seconds))?;
        plausible(at.date()).ok().map(|_| at)
    }

    /// Returns the date and time of a serial number written as text: five digits, with or without a
    /// fraction.
    pub fn read(self, text: &str) -> Option<NaiveDateTime> {
        let (days, share) = text.split_once('.').unwrap_or((text, ""));
        let is_serial = days.len() == 5
            && [days, share].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        is_serial.then(|| self.moment(text.parse().ok()?))?
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
        assert_eq!(
            shown(Excel1900.read("45725.0868055556")).as_deref(),
            Some("2025-03-09 02:05:00")
        );
        assert_eq!(shown(Excel1900.moment(18_264.0)).as_deref(), Some("1950-01-01 00:00:00"));
        assert_eq!(shown(Excel1904.moment(16_802.0)).as_deref(), Some("1950-01-01 00:00:00"));
        for serial in [0.0, 2400.0, 18_263.0, 90_000.0, f64::NAN] {
            assert_eq!(Excel1900.moment(serial), None, "{serial}");
        }
        for text in ["2025", "0915", "123456", "4572x", "-4572", ""] {
            assert_eq!(Excel1900.read(text), None, "{text}");
        }
    }
}
