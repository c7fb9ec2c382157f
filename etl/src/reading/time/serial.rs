//! Serial date numbers of spreadsheets, within the years of records.

use chrono::NaiveDateTime;

use super::{DateSystem, plausible};

/// Returns the date and time of a serial number, to the second, if its year is plausible.
pub fn serial_moment(dates: DateSystem, serial: f64) -> Option<NaiveDateTime> {
    // Lower numbers are figures such as `2359`; they would be years before 1950.
    const FIRST: f64 = 15_000.0;
    let at = dates.moment(serial).filter(|_| serial >= FIRST)?;
    plausible(at.date()).ok().map(|_| at)
}

/// Returns the date and time of a serial number written as text: five digits, with or without a
/// fraction.
pub fn serial_text(dates: DateSystem, text: &str) -> Option<NaiveDateTime> {
    let (days, share) = text.split_once('.').unwrap_or((text, ""));
    let is_serial = days.len() == 5
        && [days, share].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    is_serial.then(|| serial_moment(dates, text.parse().ok()?))?
}

#[cfg(test)]
mod tests {
    use super::super::DateSystem::{Excel1900, Excel1904};
    use super::{serial_moment, serial_text};

    #[test]
    fn serials_are_dates_of_plausible_years() {
        let shown = |at: Option<chrono::NaiveDateTime>| {
            at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string())
        };
        assert_eq!(
            shown(serial_text(Excel1900, "45725.0868055556")).as_deref(),
            Some("2025-03-09 02:05:00")
        );
        let first = Some("1950-01-01 00:00:00");
        assert_eq!(shown(serial_moment(Excel1900, 18_264.0)).as_deref(), first);
        assert_eq!(shown(serial_moment(Excel1904, 16_802.0)).as_deref(), first);
        for serial in [0.0, 2400.0, 18_263.0, 90_000.0, f64::NAN] {
            assert_eq!(serial_moment(Excel1900, serial), None, "{serial}");
        }
        for text in ["2025", "0915", "123456", "4572x", "-4572", ""] {
            assert_eq!(serial_text(Excel1900, text), None, "{text}");
        }
    }
}
