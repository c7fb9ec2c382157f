//! Times of day: `09:15`, `0915`, `7:5 PM`, `7.30 pm`, `9 AM`, `24:00`, `noon`.

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use regex::Regex;

/// Time of day in seconds after midnight, up to midnight at the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock(u32);

const DAY: u32 = 86_400;

impl Clock {
    /// Midnight at the beginning of a day.
    pub const MIDNIGHT: Self = Self(0);

    /// Returns the time with these hours, minutes and seconds; hour 24 allows only midnight.
    pub fn new(hour: u32, minute: u32, second: u32) -> Option<Self> {
        let seconds = hour.checked_mul(3600)?.checked_add(minute * 60 + second)?;
        (minute < 60 && second < 60 && seconds <= DAY).then_some(Self(seconds))
    }

    /// Returns the time written as a number: `915`, `2400`, and `5` for `0005`.
    pub fn of_figure(figure: u32) -> Option<Self> {
        Self::new(figure / 100, figure % 100, 0)
    }

    /// Returns the time that a spreadsheet stores as a fraction of the day, 0 to 1.
    pub fn of_share(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then(|| Self((share * f64::from(DAY)).round() as u32))
    }

    /// Reads a time of day.
    pub fn read(text: &str) -> Option<Self> {
        static FIGURES: LazyLock<Regex> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the \
                tests")]
            Regex::new(
                r"(?x)^(?:
                    (?<h>\d{1,2}) (?: [:h](?<m>\d{1,2}) | \.(?<dm>\d{2}) ) (?: [:.](?<s>\d{1,2}) (?:[.,]\d{1,9})? )?
                  | (?<figure>\d{3,4})
                  | (?<hour>\d{1,2})
                )\s*(?<half>[ap]m?)?$",
            )
            .expect("the pattern is well formed")
        });
        let plain = text.trim().to_ascii_lowercase().replace("a.m.", "am").replace("p.m.", "pm");
        let plain = ["hours", "hour", "hrs", "hr", "h"]
            .iter()
            .find_map(|unit| plain.strip_suffix(unit))
            .unwrap_or(&plain)
            .trim_end();
        match plain {
            "noon" | "12 noon" => return Self::new(12, 0, 0),
            "midnight" | "12 midnight" => return Some(Self::MIDNIGHT),
            _ => {}
        }
        let found = FIGURES.captures(plain)?;
        let number =
            |name: &str| found.name(name).and_then(|digits| digits.as_str().parse::<u32>().ok());
        let half = found.name("half").map(|half| half.as_str().starts_with('p'));
        let (hour, minute) = match (number("figure"), number("hour")) {
            (Some(figure), _) => (figure / 100, figure % 100),
            (_, Some(hour)) => (half.map(|_| hour)?, 0),
            _ => (number("h")?, number("m").or(number("dm"))?),
        };
        let hour = match half {
            None => hour,
            Some(is_evening) if hour <= 12 => hour % 12 + if is_evening { 12 } else { 0 },
            // `13:30 PM`, as some programs write it.
            Some(true) if hour < 24 => hour,
            Some(_) => return None,
        };
        Self::new(hour, minute, number("s").unwrap_or(0))
    }

    /// Returns this time on a date; the end of the day is the beginning of the next.
    pub fn on(self, day: NaiveDate) -> Option<NaiveDateTime> {
        day.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::seconds(i64::from(self.0)))
    }
}

impl std::fmt::Display for Clock {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (hour, minute, second) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        write!(out, "{hour:02}:{minute:02}")?;
        if second > 0 { write!(out, ":{second:02}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn times_of_day_in_many_styles_are_read() {
        for (text, expected) in [
            ("0915", "09:15"),
            ("915", "09:15"),
            ("09:15", "09:15"),
            ("9:15 AM", "09:15"),
            ("9:15a", "09:15"),
            ("9:15 a.m.", "09:15"),
            ("0915 hrs", "09:15"),
            ("0915h", "09:15"),
            ("09h15", "09:15"),
            ("09:15:30", "09:15:30"),
            ("09:15:30.250", "09:15:30"),
            ("7:5 PM", "19:05"),
            ("7.30 pm", "19:30"),
            ("7.30 p.m.", "19:30"),
            ("730pm", "19:30"),
            ("9 PM", "21:00"),
            ("13:30 PM", "13:30"),
            ("12:15 AM", "00:15"),
            ("12:15 PM", "12:15"),
            ("0000", "00:00"),
            ("0:00:00", "00:00"),
            ("24:00", "24:00"),
            ("2400", "24:00"),
            ("24:00:00", "24:00"),
            ("noon", "12:00"),
            ("midnight", "00:00"),
        ] {
            assert_eq!(
                Clock::read(text).map(|clock| clock.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for text in [
            "",
            "9",
            "0975",
            "2575",
            "2401",
            "24:01",
            "25:00",
            "09:60",
            "09:15:60",
            "13:30 AM",
            "7.5",
            "soon",
            "09:15-10:00",
        ] {
            assert_eq!(Clock::read(text), None, "{text}");
        }
    }

    #[test]
    fn figures_and_shares_of_a_day_are_times() {
        let shown = |clock: Option<Clock>| clock.map(|clock| clock.to_string());
        let figures = [0, 5, 30, 300, 1132, 2359, 2400]
            .map(|figure| shown(Clock::of_figure(figure)).unwrap());
        assert_eq!(figures, ["00:00", "00:05", "00:30", "03:00", "11:32", "23:59", "24:00"]);
        assert!(
            [60, 99, 1260, 2401, u32::MAX].iter().all(|figure| Clock::of_figure(*figure).is_none())
        );
        assert_eq!(shown(Clock::of_share(0.385_416_666_7)).as_deref(), Some("09:15"));
        assert_eq!(shown(Clock::of_share(1.0)).as_deref(), Some("24:00"));
        assert_eq!(Clock::of_share(1.1), None);
    }
}
