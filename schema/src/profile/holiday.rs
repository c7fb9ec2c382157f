//! Computes holidays of a state: a fixed date such as `03-31`, or a weekday of a month such as
//! `third Monday of April`.

use chrono::{Datelike, NaiveDate, Weekday};

const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "last"];

/// Holiday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// Name.
    pub name: String,
    rule: Rule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Fixed { month: u32, day: u32 },
    Weekday { month: u32, weekday: Weekday, ordinal: u8 },
}

impl Holiday {
    /// Parses a holiday; `None` if the rule is neither a date nor a weekday of a month.
    pub fn parse(name: &str, rule: &str) -> Option<Self> {
        let rule = fixed(rule).or_else(|| weekday(rule))?;
        Some(Self { name: name.to_owned(), rule })
    }

    /// Returns whether a date is this holiday.
    pub fn is_on(&self, day: NaiveDate) -> bool {
        match self.rule {
            Rule::Fixed { month, day: on } => (day.month(), day.day()) == (month, on),
            Rule::Weekday { month, weekday, ordinal } => {
                let is_last = || (day + chrono::Days::new(7)).month() != month;
                let is_nth = (day.day0() / 7) as usize == usize::from(ordinal);
                (day.month(), day.weekday()) == (month, weekday)
                    && if usize::from(ordinal) == ORDINALS.len() - 1 { is_last() } else { is_nth }
            }
        }
    }
}

fn fixed(rule: &str) -> Option<Rule> {
    let (month, day) = rule.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    NaiveDate::from_ymd_opt(2000, month, day).map(|_| Rule::Fixed { month, day })
}

fn weekday(rule: &str) -> Option<Rule> {
    let words: Vec<&str> = rule.split_whitespace().collect();
    let [ordinal, weekday, "of", month] = words.as_slice() else { return None };
    let ordinal = ORDINALS.iter().position(|known| known.eq_ignore_ascii_case(ordinal))?;
    let month: chrono::Month = month.parse().ok()?;
    Some(Rule::Weekday {
        month: month.number_from_month(),
        weekday: weekday.parse().ok()?,
        ordinal: u8::try_from(ordinal).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holiday_is_a_day_or_a_weekday_of_a_month() {
        for (rule, on, off) in [
            ("third Monday of April", "2025-04-21", "2025-04-14"),
            ("last Monday of May", "2024-05-27", "2024-05-20"),
            ("03-31", "2025-03-31", "2025-04-01"),
        ] {
            let holiday = Holiday::parse("Holiday", rule).unwrap();
            let is_on = |day: &str| holiday.is_on(day.parse().unwrap());
            assert!(is_on(on) && !is_on(off), "{rule}");
        }
        for wrong in ["13-01", "fifth Monday of April", "Monday", ""] {
            assert_eq!(Holiday::parse("Holiday", wrong), None, "{wrong}");
        }
    }
}
