//! Time between two deliveries of a feed.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// Time between two deliveries of a feed: whole months, then days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cadence {
    months: u32,
    days: u32,
}

/// Cadences with a name, in months and days.
const NAMED: [(&str, Cadence); 4] = [
    ("weekly", Cadence { months: 0, days: 7 }),
    ("monthly", Cadence { months: 1, days: 0 }),
    ("quarterly", Cadence { months: 3, days: 0 }),
    ("yearly", Cadence { months: 12, days: 0 }),
];

impl Cadence {
    /// Returns a cadence of 1 to 3,660 days.
    pub fn of_days(days: u32) -> Option<Self> {
        (1..=3_660).contains(&days).then_some(Self { months: 0, days })
    }

    /// Whole months, then days.
    pub(super) fn parts(self) -> (i32, i32) {
        (self.months as i32, self.days as i32)
    }

    /// Returns the day one cadence after a day.
    pub fn after(self, day: NaiveDate) -> NaiveDate {
        let later = day.checked_add_months(Months::new(self.months));
        later.and_then(|day| day.checked_add_days(Days::new(self.days.into()))).unwrap_or(day)
    }

    /// Returns the day one cadence before a day.
    pub fn before(self, day: NaiveDate) -> NaiveDate {
        let earlier = day.checked_sub_months(Months::new(self.months));
        earlier.and_then(|day| day.checked_sub_days(Days::new(self.days.into()))).unwrap_or(day)
    }
}

impl FromStr for Cadence {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        NAMED.iter().find(|(name, _)| *name == text).map(|(_, cadence)| *cadence).ok_or(())
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMED.iter().find(|(_, cadence)| cadence == self) {
            Some((name, _)) => out.write_str(name),
            None => write!(out, "{} days", self.days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_on_the_same_day_of_the_next_or_on_its_last() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let monthly: Cadence = "monthly".parse().unwrap();
        assert_eq!(monthly.after(day("2026-01-31")), day("2026-02-28"));
        assert_eq!(monthly.before(day("2026-03-31")), day("2026-02-28"));
        assert_eq!(Cadence::of_days(10).unwrap().after(day("2026-02-25")), day("2026-03-07"));
        assert_eq!("fortnightly".parse::<Cadence>(), Err(()));
        assert_eq!((Cadence::of_days(0), Cadence::of_days(7)), (None, "weekly".parse().ok()));
    }
}
