//! Order of day and month in numeric dates.

use super::Unread;

/// Possible order of the first two numbers of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `30/06/2025`.
    DayFirst,
    /// `06/30/2025`.
    MonthFirst,
    /// `05/06/2025`, which is read month first.
    Either,
}

impl Order {
    /// Returns the order of a text that begins with a date of three numbers, the year last.
    pub fn of(text: &str) -> Option<Self> {
        let date = text.trim().split([' ', 'T', ',']).next()?;
        let mut parts = date.split(['/', '-', '.']);
        let mut number = |lengths: &[usize]| -> Option<u32> {
            let part = parts.next()?;
            (lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse().ok())?
        };
        let (first, second, _) = (number(&[1, 2])?, number(&[1, 2])?, number(&[2, 4])?);
        match (first, second) {
            (13..=31, 1..=12) => Some(Self::DayFirst),
            (1..=12, 13..=31) => Some(Self::MonthFirst),
            (1..=12, 1..=12) if first != second => Some(Self::Either),
            _ => None,
        }
    }
}

/// Rejects a day-first date in a table whose other dates are read month first.
pub fn month_first(text: &str) -> Result<(), Unread> {
    if Order::of(text) == Some(Order::DayFirst) { Err(Unread::DayFirst) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn a_first_number_above_twelve_is_a_day() {
        for (text, expected) in [
            ("30/06/2025", Some(Order::DayFirst)),
            ("30.6.25 09:15", Some(Order::DayFirst)),
            ("06/30/2025", Some(Order::MonthFirst)),
            ("05/06/2025", Some(Order::Either)),
            ("05/05/2025", None),
            ("2025-06-30", None),
            ("31/31/2025", None),
            ("June 30, 2025", None),
            ("30-Jun-25", None),
        ] {
            assert_eq!(Order::of(text), expected, "{text}");
        }
    }
}
