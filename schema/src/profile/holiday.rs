//! Computes holidays: a fixed date such as `03-31`, a weekday of a month such as `third Monday of
//! April`, or the day after one, such as `day after fourth Thursday of November`.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, Weekday};

const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "last"];

/// Federal holidays (5 U.S.C. 6103), each with the first year in which it fell by this rule.
const FEDERAL: [(&str, &str, i32); 11] = [
    ("New Year's Day", "01-01", 1950),
    ("Birthday of Martin Luther King, Jr.", "third Monday of January", 1986),
    ("Washington's Birthday", "third Monday of February", 1971),
    ("Memorial Day", "last Monday of May", 1971),
    ("Juneteenth National Independence Day", "06-19", 2021),
    ("Independence Day", "07-04", 1950),
    ("Labor Day", "first Monday of September", 1950),
    ("Columbus Day", "second Monday of October", 1971),
    ("Veterans Day", "11-11", 1978),
    ("Thanksgiving Day", "fourth Thursday of November", 1950),
    ("Christmas Day", "12-25", 1950),
];

/// Holiday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// Name.
    pub name: String,
    rule: Rule,
    /// First year in which it is held.
    first_year: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Fixed { month: u32, day: u32 },
    Weekday { month: u32, weekday: Weekday, ordinal: u8, days_after: u64 },
}

impl Holiday {
    /// Parses a holiday; `None` if the rule is neither a date nor a weekday of a month.
    pub fn parse(name: &str, rule: &str) -> Option<Self> {
        let rule = fixed(rule).or_else(|| weekday(rule))?;
        Some(Self { name: name.to_owned(), rule, first_year: i32::MIN })
    }

    /// Returns the federal holidays.
    pub fn federal() -> impl Iterator<Item = Self> {
        FEDERAL.into_iter().filter_map(|(name, rule, first_year)| {
            Some(Self { first_year, ..Self::parse(name, rule)? })
        })
    }

    /// Returns its day in a year; `None` before its first year, and for February 29 in most years.
    pub fn day_in(&self, year: i32) -> Option<NaiveDate> {
        if year < self.first_year {
            return None;
        }
        match self.rule {
            Rule::Fixed { month, day } => NaiveDate::from_ymd_opt(year, month, day),
            Rule::Weekday { month, weekday, ordinal, days_after } => {
                let nth =
                    |ordinal| NaiveDate::from_weekday_of_month_opt(year, month, weekday, ordinal);
                let is_last = usize::from(ordinal) == ORDINALS.len() - 1;
                let day = if is_last { nth(5).or_else(|| nth(4)) } else { nth(ordinal + 1) };
                day?.checked_add_days(Days::new(days_after))
            }
        }
    }
}

/// Returns the days of these years that are holidays, with their names.
pub fn holidays_of(
    holidays: &[Holiday],
    years: std::ops::RangeInclusive<i32>,
) -> BTreeMap<NaiveDate, String> {
    let mut days: BTreeMap<NaiveDate, String> = BTreeMap::new();
    for year in years {
        for holiday in holidays {
            let Some(day) = holiday.day_in(year) else { continue };
            days.entry(day)
                .and_modify(|names| *names = format!("{names}; {}", holiday.name))
                .or_insert_with(|| holiday.name.clone());
        }
    }
    days
}

fn fixed(rule: &str) -> Option<Rule> {
    let (month, day) = rule.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    NaiveDate::from_ymd_opt(2000, month, day).map(|_| Rule::Fixed { month, day })
}

fn weekday(rule: &str) -> Option<Rule> {
    let (rule, days_after) = match rule.strip_prefix("day after ") {
        Some(rule) => (rule, 1),
        None => (rule, 0),
    };
    let words: Vec<&str> = rule.split_whitespace().collect();
    let [ordinal, weekday, "of", month] = words.as_slice() else { return None };
    let ordinal = ORDINALS.iter().position(|known| known.eq_ignore_ascii_case(ordinal))?;
    let month: chrono::Month = month.parse().ok()?;
    Some(Rule::Weekday {
        month: month.number_from_month(),
        weekday: weekday.parse().ok()?,
        ordinal: u8::try_from(ordinal).ok()?,
        days_after,
    })
}

#[cfg(test)]
mod tests {
    use chrono::Datelike;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_holiday_is_a_day_or_a_weekday_of_a_month() {
        for (rule, on) in [
            ("third Monday of April", "2025-04-21"),
            ("last Monday of May", "2024-05-27"),
            ("last Monday of May", "2023-05-29"),
            ("03-31", "2025-03-31"),
            ("day after fourth Thursday of November", "2024-11-29"),
            ("day after fourth Thursday of November", "2025-11-28"),
        ] {
            let on = day(on);
            let holiday = Holiday::parse("Holiday", rule).unwrap();
            assert_eq!(holiday.day_in(on.year()), Some(on), "{rule}");
        }
        for wrong in ["13-01", "fifth Monday of April", "day after", "Monday", ""] {
            assert_eq!(Holiday::parse("Holiday", wrong), None, "{wrong}");
        }
    }

    #[test]
    fn federal_holidays_begin_in_their_year() {
        let federal: Vec<_> = Holiday::federal().collect();
        assert_eq!(federal.len(), FEDERAL.len());
        let days = holidays_of(&federal, 2020..=2021);
        assert_eq!(days.len(), 21, "{days:?}");
        assert_eq!(days[&day("2021-06-19")], "Juneteenth National Independence Day");
        assert_eq!(days[&day("2021-01-18")], "Birthday of Martin Luther King, Jr.");
    }

    #[test]
    fn two_holidays_of_one_day_are_named_together() {
        let two = [
            Holiday::parse("Thanksgiving Day", "fourth Thursday of November").unwrap(),
            Holiday::parse("Evacuation Day", "11-27").unwrap(),
        ];
        let days = holidays_of(&two, 2025..=2025);
        assert_eq!(days[&day("2025-11-27")], "Thanksgiving Day; Evacuation Day");
    }
}
