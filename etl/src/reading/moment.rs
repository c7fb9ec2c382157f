//! Moments as logs write them: `3/14/2025 0915`, `2025-03-14 09:15`, `March 14, 2025 9:15 AM`, or a time of day alone.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

use super::day::{End, day};

/// A moment in local time and whether it has a time of day; a time alone is on the day given.
pub fn moment(text: &str, on: Option<NaiveDate>) -> Option<(NaiveDateTime, bool)> {
    if let Some(universal) = universal(text) {
        let (at, timed) = moment(universal, on)?;
        return Some((if timed { eastern_of(at) } else { at }, timed));
    }
    if let Ok(at) = chrono::DateTime::parse_from_rfc3339(&text.trim().replacen(' ', "T", 1)) {
        return Some((eastern_of(at.naive_utc()), true));
    }
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ").replace([',', '\u{200e}'], " ");
    let plain = plain.split(' ').filter(|word| !word.is_empty() && !is_remark(word)).collect::<Vec<_>>().join(" ");
    if let Some(time) = time(&plain) {
        return Some((on?.and_time(time), true));
    }
    // A day, then a time; the longest day that can be read.
    let cut =
        |place: usize| (plain[..place].trim(), plain[place..].trim_start_matches(['T', 't', ' ', '-', '@']).trim());
    let places = plain.match_indices([' ', 'T', 't', '@']).map(|(place, _)| place).collect::<Vec<_>>();
    for (left, right) in places.iter().rev().map(|place| cut(*place)) {
        if let (Some(time), Some(read)) = (time(right), whole_day(left.trim_end_matches("at").trim())) {
            return Some((read.and_time(time), true));
        }
        // Time first: `0915 3/14/2025`.
        if let (Some(time), Some(read)) = (self::time(left), whole_day(right)) {
            return Some((read.and_time(time), true));
        }
    }
    whole_day(&plain).filter(|_| !plain.contains(':')).map(|day| (day.and_time(NaiveTime::MIN), false))
}

/// The text of a moment in universal time, without what says so: `2025-03-14T13:15Z`, `1315Z`, `3/14/2025 13:15 UTC`.
fn universal(text: &str) -> Option<&str> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let name = ["(utc)", "utc", "gmt", "zulu", "z"].into_iter().find(|name| lower.ends_with(name))?;
    let rest = text[..text.len() - name.len()].trim_end();
    rest.ends_with(|letter: char| letter.is_ascii_digit()).then_some(rest)
}

/// A moment of universal time on the clocks of Massachusetts.
fn eastern_of(at: NaiveDateTime) -> NaiveDateTime {
    at.and_utc().with_timezone(&chrono_tz::America::New_York).naive_local()
}

fn whole_day(text: &str) -> Option<NaiveDate> {
    day(text, End::First).map(|read| read.day).filter(|day| (1900..2100).contains(&day.year()))
}

/// Zone labels and weekdays beside a local time.
fn is_remark(word: &str) -> bool {
    let word = word.trim_matches(['(', ')', '.']).to_ascii_lowercase();
    ["est", "edt", "et", "eastern", "local", "hrs", "hours", "hr", "h"].contains(&word.as_str())
        || ["mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun"].contains(&word.as_str())
        || word.len() > 5 && word.ends_with("day") && word != "today"
}

/// A time of day: `09:15`, `9:15 AM`, `9:15 a.m.`, `0915`, `0915hrs`, `9 AM`.
pub fn time(text: &str) -> Option<NaiveTime> {
    let text = text.trim().to_ascii_lowercase().replace("a.m.", "am").replace("p.m.", "pm").replace('.', "");
    let text = text.trim_end_matches("hours").trim_end_matches("hrs").trim_end_matches('h').trim();
    match text {
        "noon" => return NaiveTime::from_hms_opt(12, 0, 0),
        "midnight" => return Some(NaiveTime::MIN),
        _ => {}
    }
    let is_digits = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits {
        return (text.len() >= 3).then(|| NaiveTime::parse_from_str(&format!("{text:0>4}"), "%H%M").ok())?;
    }
    let (figures, half) =
        match text.strip_suffix("am").map(|left| (left, "am")).or(text.strip_suffix("pm").map(|left| (left, "pm"))) {
            Some((left, half)) => (left.trim(), half),
            None => (text, ""),
        };
    if half.is_empty() {
        return ["%H:%M", "%H:%M:%S"].iter().find_map(|format| NaiveTime::parse_from_str(figures, format).ok());
    }
    let figures = match figures.len() {
        _ if figures.contains(':') => figures.to_owned(),
        1 | 2 => format!("{figures}:00"),
        3 | 4 => format!("{}:{}", figures.get(..figures.len() - 2)?, figures.get(figures.len() - 2..)?),
        _ => return None,
    };
    ["%I:%M %p", "%I:%M:%S %p"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(&format!("{figures} {half}"), format).ok())
}

#[cfg(test)]
mod tests {
    use super::{moment, time};

    #[test]
    fn moments_in_many_styles_are_read() {
        for text in [
            "2025-03-14T09:15:00-04:00",
            "2025-03-14T13:15:00+00:00",
            "2025-03-14 08:15:00.000-05:00",
            "2025-03-14 09:15",
            "2025-03-14T09:15:00",
            "3/14/2025 0915",
            "3/14/25 9:15 AM",
            "03/14/2025 09:15:00",
            "March 14, 2025 9:15 a.m.",
            "14-Mar-2025 09:15",
            "Friday, March 14, 2025 at 0915 hrs",
            "03/14/2025 9:15 AM EST",
            "0915 3/14/2025",
            "3/14/2025 @ 0915",
        ] {
            let read = moment(text, None).map(|(at, timed)| (at.to_string(), timed));
            assert_eq!(read, Some(("2025-03-14 09:15:00".into(), true)), "{text}");
        }
        for text in ["2025-03-14T13:15Z", "3/14/2025 1315Z", "03/14/2025 13:15 UTC"] {
            let read = moment(text, None).map(|(at, _)| at.to_string());
            assert_eq!(read.as_deref(), Some("2025-03-14 09:15:00"), "{text}");
        }
        let day = chrono::NaiveDate::from_ymd_opt(2025, 3, 14);
        for text in ["0915", "9:15", "9:15 AM", "0915 hrs", "915", "09:15:00", "9:15am"] {
            assert_eq!(
                moment(text, day).map(|(at, _)| at.to_string()).as_deref(),
                Some("2025-03-14 09:15:00"),
                "{text}"
            );
            assert_eq!(moment(text, None), None, "{text}");
        }
        assert_eq!(moment("3/14/2025", None).map(|(_, timed)| timed), Some(false));
        for text in ["2025-02-30 09:15", "2025-03-14 25:15", "soon", "13/45/2025 0915"] {
            assert_eq!(moment(text, None), None, "{text}");
        }
        assert_eq!(time("9 PM").map(|time| time.to_string()).as_deref(), Some("21:00:00"));
    }
}
