//! Computes fiscal years: twelve months from the first of a month, named by the year in which they
//! end.

use chrono::{Datelike, Months, NaiveDate};

/// Fiscal year of a jurisdiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FiscalYear {
    first_month: u32,
}

impl FiscalYear {
    /// Creates a fiscal year that starts in this month, 1 to 12.
    pub fn from_month(month: u32) -> Option<Self> {
        (1..=12).contains(&month).then_some(Self { first_month: month })
    }

    /// Returns the first month, 1 to 12.
    pub fn first_month(self) -> u32 {
        self.first_month
    }

    /// Returns the months to add to a date so that its calendar year is the fiscal year's name.
    pub fn shift(self) -> u32 {
        (13 - self.first_month) % 12
    }

    /// Returns the name of the fiscal year that contains a date.
    pub fn of(self, day: NaiveDate) -> i32 {
        day.year() + i32::from(self.first_month > 1 && day.month() >= self.first_month)
    }

    /// Returns the first day of the fiscal year with this name.
    pub fn start(self, year: i32) -> NaiveDate {
        let year = if self.first_month > 1 { year - 1 } else { year };
        NaiveDate::from_ymd_opt(year, self.first_month, 1).unwrap_or_default()
    }

    /// Returns the last day of the fiscal year with this name.
    pub fn end(self, year: i32) -> NaiveDate {
        self.start(year)
            .checked_add_months(Months::new(12))
            .and_then(|day| day.pred_opt())
            .unwrap_or(NaiveDate::MAX)
    }

    /// Returns the first day in words, e.g. `July 1`.
    pub fn first_day(self) -> String {
        self.start(2001).format("%B %-d").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fiscal_year_is_named_by_its_end() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (month, on, name, start, end) in [
            (7, "2024-07-01", 2025, "2024-07-01", "2025-06-30"),
            (7, "2025-06-30", 2025, "2024-07-01", "2025-06-30"),
            (9, "2024-08-31", 2024, "2023-09-01", "2024-08-31"),
            (9, "2024-09-01", 2025, "2024-09-01", "2025-08-31"),
            (1, "2024-12-31", 2024, "2024-01-01", "2024-12-31"),
        ] {
            let year = FiscalYear::from_month(month).unwrap();
            let found = year.of(day(on));
            assert_eq!(
                (found, year.start(found), year.end(found)),
                (name, day(start), day(end)),
                "{month}, {on}"
            );
            let shifted = day(on).checked_add_months(Months::new(year.shift())).unwrap();
            assert_eq!(shifted.year(), name, "{month}, {on}");
        }
        assert_eq!(FiscalYear::from_month(9).unwrap().first_day(), "September 1");
        assert_eq!(FiscalYear::from_month(13), None);
    }
}
