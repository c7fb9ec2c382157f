//! Time zones next to a time: `Z`, `-04:00`, `EST`, `(UTC)`, `Eastern Time`, `CST-6`.

use std::sync::LazyLock;

use chrono::FixedOffset;
use chrono_tz::Tz;
use hotwash_schema::profile;
use regex::Regex;

/// A zone written next to a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// An offset, `Z` or `UTC`.
    Offset(FixedOffset),
    /// An abbreviation for standard or daylight time, with its offset and a zone that uses it.
    Word(&'static str, FixedOffset, Tz),
    /// A zone whose clocks change: `Eastern`, `PT`.
    Place(Tz),
}

/// Zone of times that name none: that of the jurisdiction.
pub fn home() -> Tz {
    profile::active().time_zone
}

/// Zones of the United States as people write them.
struct Words {
    /// Words for standard and daylight time: hours east of UTC, and the place whose clocks show it.
    seasonal: Vec<(&'static str, i32, Tz)>,
    /// Words for a place, whatever the season.
    places: Vec<(&'static str, Tz)>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words { seasonal: Vec::new(), places: Vec::new() };
    for line in include_str!("zones.csv").lines().filter(|line| !line.starts_with('#')).skip(1) {
        let mut cells = line.split(',');
        let (Some(word), Some(hours), Some(place)) = (cells.next(), cells.next(), cells.next())
        else {
            continue;
        };
        let Ok(place) = place.parse() else { continue };
        match hours.parse() {
            Ok(hours) => words.seasonal.push((word, hours, place)),
            Err(_) => words.places.push((word, place)),
        }
    }
    words
});

fn hours(hours: i32) -> Option<FixedOffset> {
    FixedOffset::east_opt(hours * 3600)
}

fn word(word: &str) -> Option<(&'static str, FixedOffset, Tz)> {
    let (name, offset, place) = WORDS.seasonal.iter().find(|(name, ..)| *name == word)?;
    Some((name, hours(*offset)?, *place))
}

/// Returns the zone that a column of zones names: `America/Chicago`, `Central Time`, `CT`, `CST`.
pub fn zone_named(text: &str) -> Option<Tz> {
    let text = text.trim();
    let upper = text.to_ascii_uppercase().replace('.', "");
    let plain = upper.strip_suffix(" TIME").unwrap_or(&upper);
    let plain = plain
        .strip_suffix(" STANDARD")
        .or_else(|| plain.strip_suffix(" DAYLIGHT"))
        .unwrap_or(plain);
    let place = WORDS.places.iter().find(|(name, _)| *name == plain).map(|(_, zone)| *zone);
    place.or_else(|| word(plain).map(|(.., zone)| zone)).or_else(|| text.parse().ok())
}

/// Returns the offset of a feed's label such as `EST`, `EST-5` or `CDT`; a number in the label
/// takes precedence.
pub fn label_offset(label: &str) -> Option<FixedOffset> {
    let label = label.trim().to_ascii_uppercase();
    let name: String = label.chars().take_while(char::is_ascii_alphabetic).collect();
    match label[name.len()..].parse::<i32>() {
        Ok(number) if (-12..=14).contains(&number) => hours(number),
        _ if ["GMT", "UTC", "Z"].contains(&name.as_str()) => hours(0),
        _ => word(&name).map(|(_, offset, _)| offset),
    }
}

/// Splits a time from the zone after it.
pub(super) fn split(text: &str) -> (&str, Option<Zone>) {
    let text = text.trim();
    numeric(text)
        .or_else(|| worded(text))
        .or_else(|| named(text))
        .map_or((text, None), |(rest, zone)| (rest, Some(zone)))
}

/// `2025-03-14T09:20:00-04:00`, `3/14/2025 09:20 -0400`, `09:20+05:30`. A hyphen between two times
/// of day is not an offset.
fn numeric(text: &str) -> Option<(&str, Zone)> {
    static OFFSET: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(
            r"^(.*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:\s*[AaPp][Mm])?)(\s*)([+\-\u{2212}])(\d{2}):?(\d{2})?$",
        )
        .expect("the pattern is well formed")
    });
    static ISO: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(r"^\d{4}-\d{2}-\d{2}[Tt ]").expect("the pattern is well formed")
    });
    let found = OFFSET.captures(text)?;
    let rest = found.get(1)?.as_str();
    let is_east = &found[3] == "+";
    if !(is_east || !found[2].is_empty() || ISO.is_match(rest)) {
        return None;
    }
    let (hour, minute): (i32, i32) = (
        found[4].parse().ok()?,
        found.get(5).map_or(Ok(0), |digits| digits.as_str().parse()).ok()?,
    );
    let seconds = hour * 3600 + minute * 60;
    if minute > 59 || seconds > 14 * 3600 {
        return None;
    }
    Some((rest, Zone::Offset(FixedOffset::east_opt(if is_east { seconds } else { -seconds })?)))
}

/// `2025-03-14 09:20[America/Chicago]`, as in RFC 9557.
fn named(text: &str) -> Option<(&str, Zone)> {
    let (rest, name) = text.strip_suffix(']')?.rsplit_once('[')?;
    Some((rest, Zone::Place(name.parse().ok()?)))
}

/// `09:20 EST`, `1315Z`, `13:15 (UTC)`, `9 AM Eastern Time`, `09:20 UTC-5`.
fn worded(text: &str) -> Option<(&str, Zone)> {
    static WORD: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(
            r"(?ix)^(.*(?:\d|\d\s*[ap]\.?m\.?|noon|midnight|\d\s*(?:hrs|hours|h)\.?))\s*[(\[]?\s*
              (z|zulu|utc|gmt|[a-z]{2,4}|eastern|central|mountain|pacific|alaska)
              (?:\s+(standard|daylight)?\s*time)? \s* (?:([+-])(\d{1,2})(?::?(\d{2}))?)? \s*[)\]]?$",
        )
        .expect("the pattern is well formed")
    });
    let found = WORD.captures(text)?;
    let rest = found.get(1)?.as_str();
    let name = found[2].to_ascii_uppercase();
    let is_universal = ["Z", "ZULU", "UTC", "GMT"].contains(&name.as_str());
    if let Some(sign) = found.get(4) {
        let (hour, minute): (i32, i32) = (
            found[5].parse().ok()?,
            found.get(6).map_or(Ok(0), |digits| digits.as_str().parse()).ok()?,
        );
        let seconds = (hour * 3600 + minute * 60) * if sign.as_str() == "-" { -1 } else { 1 };
        let is_known = is_universal || word(&name).is_some();
        return (is_known && seconds.abs() <= 14 * 3600)
            .then(|| Some((rest, Zone::Offset(FixedOffset::east_opt(seconds)?))))?;
    }
    if is_universal {
        return Some((rest, Zone::Offset(hours(0)?)));
    }
    if let Some((name, offset, index)) = word(&name) {
        return Some((rest, Zone::Word(name, offset, index)));
    }
    let (_, place) = WORDS.places.iter().find(|(known, _)| *known == name)?;
    // `Eastern Standard Time` is said the year round of what clocks show.
    Some((rest, Zone::Place(*place)))
}

#[cfg(test)]
mod tests {
    use super::{WORDS, Zone, label_offset, split};

    fn offset(text: &str) -> Option<i32> {
        match split(text).1? {
            Zone::Offset(offset) | Zone::Word(_, offset, _) => Some(offset.local_minus_utc() / 60),
            Zone::Place(_) => None,
        }
    }

    #[test]
    fn every_word_of_the_list_is_read() {
        assert_eq!((WORDS.seasonal.len(), WORDS.places.len()), (19, 10));
    }

    #[test]
    fn labels_with_and_without_an_offset_mean_the_same() {
        assert_eq!(label_offset("EST"), label_offset("EST-5"));
        assert_eq!(label_offset("cdt").map(|zone| zone.local_minus_utc()), Some(-5 * 3600));
        assert_eq!(label_offset("GST10").map(|zone| zone.local_minus_utc()), Some(36_000));
        assert_eq!(label_offset("CSC"), None);
    }

    #[test]
    fn a_zone_behind_a_time_is_split_off() {
        for (text, minutes) in [
            ("2025-03-14T13:15Z", 0),
            ("3/14/2025 1315Z", 0),
            ("3/14/2025 13:15 (UTC)", 0),
            ("2025-03-14T09:15:00.000-04:00", -240),
            ("2025-03-14 09:15-0400", -240),
            ("2025-03-14 09:15:00-04", -240),
            ("3/14/2025 09:15 -0400", -240),
            ("3/14/2025 9:15 AM -04:00", -240),
            ("2025-03-14T18:45+05:30", 330),
            ("3/14/2025 09:15 UTC-4", -240),
            ("3/14/2025 09:15 GMT+1", 60),
            ("3/14/2025 09:15 EST-5", -300),
            ("3/14/2025 9:15 AM EST", -300),
            ("3/14/2025 9:15 a.m. (EDT)", -240),
            ("noon CST", -360),
            ("0915 hrs PDT", -420),
            ("09:15 AKST", -540),
            ("09:15 HST", -600),
            ("09:15 AST", -240),
        ] {
            assert_eq!(offset(text), Some(minutes), "{text}");
        }
        for text in [
            "2025-03-14T09:15[America/New_York]",
            "9:15 AM Eastern",
            "09:15 ET",
            "9:15 Eastern Standard Time",
        ] {
            assert_eq!(split(text).1, Some(Zone::Place(chrono_tz::America::New_York)), "{text}");
        }
        for text in [
            "3/14/2025 09:15-10:00",
            "09:15-10:00",
            "0900-1500",
            "9:15 AM",
            "2025-03-14",
            "March 14",
            "09:15 XYZ",
        ] {
            assert_eq!(split(text), (text, None));
        }
    }
}
