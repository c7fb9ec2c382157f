//! Time stamps in logs: `3/14/2025 0915`, `2025-03-14 09:15`, `March 14, 2025 9:15 AM EST`, or a
//! time of day alone.

use std::sync::LazyLock;

use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use regex::Regex;

use super::{Clock, DateSystem, Unread, Zone, exact_day, plausible, serial_text, year, zone};

/// A time stamp as written: date, time and zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Day as written, before `24:00` becomes the next day.
    pub day: NaiveDate,
    /// Date and time; midnight if no time of day is written.
    pub local: NaiveDateTime,
    /// A time of day is written.
    pub timed: bool,
    /// The day is written, not taken from elsewhere.
    pub dated: bool,
    /// Zone written next to the time.
    pub zone: Option<Zone>,
}

impl Stamp {
    /// Returns a day without a time of day.
    pub fn of_day(day: NaiveDate) -> Self {
        Self { day, local: day.and_time(NaiveTime::MIN), timed: false, dated: true, zone: None }
    }

    /// Returns a local date and time from a cell of a workbook.
    pub fn of_local(local: NaiveDateTime) -> Self {
        Self {
            day: local.date(),
            local,
            timed: local.time() != NaiveTime::MIN,
            dated: true,
            zone: None,
        }
    }

    /// Returns a time of day on a given day.
    pub fn of_clock(clock: Clock, on: Option<NaiveDate>) -> Result<Self, Unread> {
        Self::at(on.ok_or(Unread::Undated)?, clock, false)
    }

    /// Moves a time without its own day to the next day if the clock went back by more than half a
    /// day.
    pub fn after(self, before: Option<Self>) -> Self {
        match before {
            Some(before) if !self.dated && before.local - self.local > TimeDelta::hours(12) => {
                Self { local: self.local + TimeDelta::days(1), ..self }
            }
            _ => self,
        }
    }

    fn at(day: NaiveDate, clock: Clock, dated: bool) -> Result<Self, Unread> {
        let local = clock.on(day).ok_or(Unread::Moment)?;
        Ok(Self { day, local, timed: true, dated, zone: None })
    }
}

/// Reads a time stamp; a time of day alone uses the given day.
pub fn stamp(text: &str, on: Option<NaiveDate>) -> Result<Stamp, Unread> {
    if let Some(stamp) = iso(text) {
        return Ok(stamp);
    }
    if text.len() > 80 {
        return Err(Unread::Moment);
    }
    if let Some(stamp) = date_time_group(text) {
        return stamp;
    }
    let (rest, zone) = zone::split(text);
    let read = unzoned(rest, on)?;
    Ok(Stamp { zone: zone.filter(|_| read.timed), ..read })
}

/// Reads `2025-03-14 09:20`, with or without seconds and an offset, without trying other styles.
fn iso(text: &str) -> Option<Stamp> {
    let (day, rest) = (text.get(..10)?, text.get(10..)?.strip_prefix([' ', 'T'])?);
    let day = plausible(day.parse().ok()?).ok()?;
    let (clock, zone) = match rest.strip_suffix('Z') {
        Some(clock) => (clock, FixedOffset::east_opt(0)),
        None => match rest
            .len()
            .checked_sub(6)
            .filter(|index| *index >= 5 && rest.is_char_boundary(*index))
        {
            Some(index) if rest[index..].starts_with(['+', '-']) => {
                (&rest[..index], Some(rest[index..].parse().ok()?))
            }
            _ => (rest, None),
        },
    };
    let digits = |part: &str| -> Option<u32> {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse().ok())?
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let second = parts.next().map_or(Some(0), digits)?;
    let clock = Clock::new(hour, minute, second).filter(|_| parts.next().is_none())?;
    let stamp = Stamp::at(day, clock, true).ok()?;
    Some(Stamp { zone: zone.map(Zone::Offset), ..stamp })
}

fn unzoned(text: &str, on: Option<NaiveDate>) -> Result<Stamp, Unread> {
    let plain = text.replace([',', '\u{200e}'], " ");
    let words = plain.split_whitespace().filter(|word| !is_remark(word));
    let plain = words.collect::<Vec<_>>().join(" ");
    if let Some(at) = serial_text(DateSystem::default(), &plain) {
        return Ok(Stamp::of_local(at));
    }
    if let Some(clock) = Clock::read(&plain) {
        return Stamp::of_clock(clock, on);
    }
    // A day, then a time; the longest readable day is used. Or the time first: `0915 3/14/2025`.
    let mut unlikely = None;
    for (index, _) in
        plain.match_indices([' ', 'T', 't', '@']).collect::<Vec<_>>().into_iter().rev()
    {
        let (left, right) = (
            plain[..index].trim(),
            plain[index..].trim_start_matches(['T', 't', ' ', '-', '@']).trim(),
        );
        for (day, clock) in [(left, right), (right, left)] {
            let day = day.trim_end_matches("at").trim_end_matches(['-', '@', ' ']);
            if let (Some(clock), Some(day)) = (Clock::read(clock), exact_day(day)) {
                match plausible(day) {
                    Ok(day) => return Stamp::at(day, clock, true),
                    Err(year) => unlikely = Some(year),
                }
            }
        }
    }
    match exact_day(&plain) {
        Some(day) => plausible(day).map(Stamp::of_day),
        None => Err(unlikely.unwrap_or(Unread::Moment)),
    }
}

/// Reads a date-time group of radio logs: `141315ZMAR2025`, `141315Z MAR 25`.
fn date_time_group(text: &str) -> Option<Result<Stamp, Unread>> {
    static GROUP: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(
            r"(?i)^(\d{2})(\d{4}) ?(z|[a-z]{3,4})? ?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) ?(\d{4}|\d{2})$",
        )
        .expect("the pattern is well formed")
    });
    let found = GROUP.captures(text.trim())?;
    let day = exact_day(&format!("{} {} {}", &found[1], &found[4], year(&found[5])?))?;
    let zone = found.get(3).map(|word| zone::split(&format!("00:00 {}", word.as_str())).1);
    let zone = match zone {
        None => None,
        Some(Some(zone)) => Some(zone),
        Some(None) => return Some(Err(Unread::Moment)),
    };
    let clock = Clock::read(&found[2])?;
    Some(
        plausible(day)
            .and_then(|day| Stamp::at(day, clock, true))
            .map(|stamp| Stamp { zone, ..stamp }),
    )
}

/// Returns whether a word next to a time stamp adds nothing: a weekday, or a word for local time.
fn is_remark(word: &str) -> bool {
    let word = word.trim_matches(['(', ')', '.']).to_ascii_lowercase();
    ["local", "time", "lt", "hrs", "hours", "hr", "h"].contains(&word.as_str())
        || ["mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun"]
            .contains(&word.as_str())
        || word.len() > 5 && word.ends_with("day") && word != "today"
}

#[cfg(test)]
mod tests {
    use super::stamp;
    use crate::reading::time::{Unread, home, settle_one};

    fn shown(text: &str) -> Option<String> {
        let read = stamp(text, None).ok()?;
        Some(format!("{} {}", settle_one(&read, home()).local.format("%Y-%m-%d %H:%M"), read.timed))
    }

    #[test]
    fn moments_in_many_styles_are_read() {
        for text in [
            "2025-03-14T09:15:00-04:00",
            "2025-03-14T13:15:00+00:00",
            "2025-03-14 08:15:00.000-05:00",
            "2025-03-14T0915",
            "2025-03-14 09:15",
            "2025-03-14T09:15:00",
            "2025-03-14T09:15:00-0400",
            "3/14/2025 0915",
            "3/14/25 9:15 AM",
            "3/14/2025 9:15:00 AM",
            "03/14/2025 09:15:00",
            "03/14/2025  9:15",
            "March 14, 2025 9:15 a.m.",
            "14-Mar-2025 09:15",
            "14/03/2025 09:15",
            "Friday, March 14, 2025 at 0915 hrs",
            "03/14/2025 9:15 AM EDT",
            "03/14/2025 8:15 AM EST",
            "03/14/2025 8:15 AM CDT",
            "03/14/2025 5:15 AKDT",
            "03/14/2025 3:15 HST",
            "03/14/2025 9:15 AST",
            "03/14/2025 9:15 ET",
            "03/14/2025 8:15 Central Time",
            "03/14/2025 9:15 local time",
            "0915 3/14/2025",
            "3/14/2025 @ 0915",
            "3/14/2025 - 0915",
            "2025-03-14T13:15Z",
            "3/14/2025 1315Z",
            "3/14/2025 1315 Zulu",
            "03/14/2025 13:15 UTC",
            "141315ZMAR2025",
            "140915EDT MAR 25",
            "45730.3854166667",
        ] {
            assert_eq!(shown(text).as_deref(), Some("2025-03-14 09:15 true"), "{text}");
        }
        assert_eq!(shown("3/28/2020 0:00:00").as_deref(), Some("2020-03-28 00:00 true"));
        assert_eq!(shown("3/14/2025").as_deref(), Some("2025-03-14 00:00 false"));
        assert_eq!(shown("12/31/2024 24:00").as_deref(), Some("2025-01-01 00:00 true"));
        assert_eq!(shown("2/28/2024 2400").as_deref(), Some("2024-02-29 00:00 true"));
        assert_eq!(shown("2/29/2024 7:5 PM").as_deref(), Some("2024-02-29 19:05 true"));
        assert_eq!(shown("2/14/15 1900").as_deref(), Some("2015-02-14 19:00 true"));
        let day = chrono::NaiveDate::from_ymd_opt(2025, 3, 14);
        for text in
            ["0915", "9:15", "9:15 AM", "0915 hrs", "915", "09:15:00", "9:15am", "0915 (Fri)"]
        {
            let read = stamp(text, day).map(|read| (read.local.to_string(), read.dated));
            assert_eq!(read, Ok(("2025-03-14 09:15:00".into(), false)), "{text}");
            assert_eq!(stamp(text, None), Err(Unread::Undated), "{text}");
        }
        for text in [
            "2025-02-30 09:15",
            "2/29/2023 0915",
            "2025-03-14 25:15",
            "3/14/2025 0975",
            "soon",
            "13/45/2025 0915",
            "June 2025",
        ] {
            assert_eq!(stamp(text, None), Err(Unread::Moment), "{text}");
        }
        for (text, year) in
            [("2/14/0015 0915", 15), ("1899-12-31", 1899), ("3/14/2205 09:15", 2205)]
        {
            assert_eq!(stamp(text, None), Err(Unread::Year(year)), "{text}");
        }
    }
}
