//! Numbers in words, including n and intervals. Each sentence has table-driven tests.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use hotwash_metrics::{Change, MetricRow, Reliability, Unit};
use hotwash_schema::day::readable_day;
use hotwash_schema::profile;
use hotwash_schema::vocabulary::ChangeVerdict;
use hotwash_statistics::{Direction, Trend};
use serde_json::Value;

use crate::drawing::Icon;
use crate::extras::extra_value;
use crate::parameters::Days;

/// Direction that is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Higher is better.
    Higher,
    /// Lower is better.
    Lower,
}

/// Formats a day for readers.
pub fn day(day: NaiveDate) -> String {
    readable_day(day)
}

/// Describes a period.
pub fn described_period(period: Days) -> String {
    match period {
        (None, None) => "All records".to_owned(),
        (None, Some(to)) => format!("Records up to {}", day(to)),
        (Some(from), None) => format!("Records from {}", day(from)),
        (Some(from), Some(to)) => format!("{} to {}", day(from), day(to)),
    }
}

/// Formats a stored day or time, such as `2025-06-17` or `2025-06-17T14:50:00Z`, for readers: on
/// the clocks of the state. Any other text is returned as it is.
pub fn readable(text: String) -> String {
    if let Some(found) = text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10) {
        return day(found);
    }
    match DateTime::parse_from_rfc3339(&text) {
        Ok(at) => moment(at.to_utc()),
        Err(_) => text,
    }
}

/// Formats a time for readers: on the clocks of the state.
pub fn moment(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&profile::active().time_zone);
    local.format("%b %-d, %Y, %-I:%M %p %Z").to_string()
}

/// Returns a message, such as that of an error, as a sentence for readers.
pub fn sentence(message: &str) -> String {
    let mut letters = message.trim_end_matches('.').chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters.as_str().chars()).chain(['.']).collect()
}

/// Formats the stored days within a sentence, such as `as of 2026-06-30`, for readers.
pub fn with_readable_days(sentence: &str) -> String {
    let readable = |word: &str| {
        let (first, rest) = word.split_at_checked(10)?;
        let found = first.parse::<NaiveDate>().ok()?;
        (!rest.starts_with(char::is_alphanumeric)).then(|| format!("{}{rest}", day(found)))
    };
    let words = sentence.split(' ');
    let words = words.map(|word| readable(word).unwrap_or_else(|| word.to_owned()));
    words.collect::<Vec<_>>().join(" ")
}

/// Formats the name of a period for readers: `2026-Q2` as `Q2 2026`, `2026-05` as `May 2026`. A
/// fiscal year keeps its name.
pub fn period_name(name: &str) -> String {
    match name.split_once('-') {
        Some((year, quarter)) if quarter.starts_with('Q') => format!("{quarter} {year}"),
        Some(_) => match format!("{name}-01").parse::<NaiveDate>() {
            Ok(first) => first.format("%b %Y").to_string(),
            Err(_) => name.to_owned(),
        },
        None => name.to_owned(),
    }
}

/// Returns the number of days between two stored days.
pub fn days_between(one: &str, two: &str) -> f64 {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    day(one).zip(day(two)).map_or(0.0, |(one, two)| (two - one).num_days() as f64)
}

/// Formats a share in percent.
pub fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// Formats a value in its unit.
pub fn value(value: Option<f64>, unit: Unit) -> String {
    let Some(value) = value else { return "–".into() };
    match unit {
        Unit::Share => percent(value),
        Unit::SharePerYear => format!("{} points a year", signed(value * 100.0)),
        Unit::Days => counted(value.round(), "day", "days"),
        Unit::Minutes => format!("{} min", thousands(value)),
        Unit::Score => format!("{value:.2}"),
        Unit::Count => thousands(value),
    }
}

/// Returns the smallest difference that formatted values of a unit show.
pub fn finest(unit: Unit) -> f64 {
    match unit {
        Unit::Share | Unit::Score => 0.01,
        Unit::SharePerYear => 0.001,
        Unit::Days | Unit::Minutes | Unit::Count => 1.0,
    }
}

/// Formats a number with its sign and one decimal.
fn signed(value: f64) -> String {
    let text = format!("{:.1}", value.abs());
    if text == "0.0" {
        text
    } else if value < 0.0 {
        format!("−{text}")
    } else {
        format!("+{text}")
    }
}

/// Formats a count with commas.
pub fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 && digits != "0" { format!("−{text}") } else { text }
}

/// Formats a count with its noun: `1 action`, `3 actions`.
pub fn counted(count: f64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(count), if count == 1.0 { one } else { many })
}

/// Returns the verb for a count, such as `is` for 1 and `are` for others.
pub fn verb(count: f64, one: &'static str, many: &'static str) -> &'static str {
    if count == 1.0 { one } else { many }
}

/// Returns the name of counted records, such as `completed actions`, in the singular for 1.
pub fn noun(count: u64, many: &str) -> String {
    if count != 1 {
        return many.to_owned();
    }
    let mut words: Vec<&str> = many.split(' ').collect();
    if let Some(noun) = words.iter_mut().find(|word| word.ends_with('s')) {
        *noun = noun.trim_end_matches('s');
    }
    words.join(" ").replace(" were ", " was ")
}

/// States how many rows are shown, if not all.
pub fn excess(shown: usize, total: usize) -> Option<String> {
    (shown < total).then(|| {
        format!("The first {} of {} are shown.", thousands(shown as f64), thousands(total as f64))
    })
}

/// Returns a number up to ten in words, as within a sentence.
pub fn spelled(number: usize) -> String {
    const WORDS: [&str; 11] =
        ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(number).map_or_else(|| thousands(number as f64), |word| (*word).to_owned())
}

/// Returns a number up to ten in words, as at the beginning of a sentence.
pub fn begun(number: usize) -> String {
    let word = spelled(number);
    word[..1].to_uppercase() + &word[1..]
}

/// Joins words as `a, b and c`.
pub fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Formats an interval as `58 to 83%`; empty without one.
pub fn interval(row: &MetricRow) -> String {
    let (Some(low), Some(high)) = (row.ci_low, row.ci_high) else { return String::new() };
    match row.unit {
        Unit::Share => format!("{:.0} to {:.0}%", low * 100.0, high * 100.0),
        Unit::SharePerYear => format!("{} to {}", signed(low * 100.0), signed(high * 100.0)),
        Unit::Score => format!("{low:.2} to {high:.2}"),
        _ => format!("{} to {}", thousands(low), thousands(high)),
    }
}

/// Formats a value with interval and n, such as `72% (58 to 83%) of 46 ratings`, or the reason why
/// there is none.
pub fn measured(row: &MetricRow, what: &str) -> String {
    match row.reliability {
        Reliability::Suppressed => "Suppressed: too few organizations to publish.".into(),
        Reliability::LowN => {
            format!(
                "Too few to judge ({}).",
                row.note.clone().unwrap_or_else(|| format!("{} {what}", row.n))
            )
        }
        Reliability::Ok | Reliability::Stale if row.value.is_none() => {
            noted(row).unwrap_or_else(|| "Undefined: nothing to divide by.".into())
        }
        Reliability::Stale => {
            let current = MetricRow { reliability: Reliability::Ok, ..row.clone() };
            format!("{} {}", measured(&current, what), noted(row).unwrap_or_default())
        }
        Reliability::Ok => {
            let interval = interval(row);
            let interval =
                if interval.is_empty() { String::new() } else { format!(" ({interval})") };
            let (value, n) = (value(row.value, row.unit), thousands(row.n as f64));
            let what = noun(row.n, what);
            match row.unit {
                Unit::Share => format!("{value}{interval} of {n} {what}."),
                Unit::Count if row.value == Some(row.n as f64) => format!("{n} {what}."),
                Unit::Count => format!("{value} of {n} {what}."),
                _ => format!("{value}{interval}, from {n} {what}."),
            }
        }
    }
}

/// Returns the note of a row as a sentence.
fn noted(row: &MetricRow) -> Option<String> {
    row.note.as_ref().map(|note| sentence(note))
}

/// Verdict on a trend.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// Icon.
    pub icon: Icon,
    /// Verdict in a sentence.
    pub sentence: String,
    /// Speed and duration of a clear trend, for use after the name of the measure.
    pub movement: Option<String>,
}

impl Course {
    fn still(icon: Icon, sentence: String) -> Self {
        Self { icon, sentence, movement: None }
    }

    fn moving(icon: Icon, word: &str, speed: &str, quarters: usize) -> Self {
        let movement = format!("{speed} over {quarters} quarters");
        Self { icon, sentence: format!("{word}: {movement}"), movement: Some(movement) }
    }
}

/// Describes the trend of a metric row.
pub fn trend(row: &MetricRow) -> Course {
    let periods = extra_value(row, "periods").and_then(Value::as_u64).unwrap_or_default() as usize;
    let slope = value(row.value, Unit::SharePerYear);
    match extra_value(row, "verdict").and_then(Value::as_str) {
        Some("IMPROVING") => Course::moving(Icon::Better(true), "Improving", &slope, periods),
        Some("DECLINING") => Course::moving(Icon::Worse(false), "Declining", &slope, periods),
        Some("NO_DETECTABLE_TREND") => steady(periods),
        _ if row.reliability == Reliability::Suppressed => suppressed_trend(),
        _ => too_few(periods),
    }
}

fn steady(quarters: usize) -> Course {
    Course::still(Icon::Steady, format!("No detectable trend over {quarters} quarters"))
}

fn too_few(quarters: usize) -> Course {
    let sentence = format!("Too few quarters to judge a trend ({quarters} of 6 needed)");
    Course::still(Icon::Unknown, sentence)
}

/// Describes a trend of which too little is published.
pub fn suppressed_trend() -> Course {
    Course::still(Icon::Unknown, "Trend suppressed: too few quarters are published".into())
}

/// Describes the trend over quarters.
pub fn course(trend: &Trend, better: Better, unit: Unit, quarters: usize) -> Course {
    let slope = trend.slope.map_or(0.0, |slope| slope.slope);
    let speed = match unit {
        Unit::Share => format!("{} points a year", signed(slope * 100.0)),
        // Records do not come in tenths.
        _ => format!(
            "about {} {} each year",
            thousands(slope.abs().round()),
            if slope > 0.0 { "more" } else { "fewer" }
        ),
    };
    let rises = match trend.direction {
        Direction::TooFewValues => return too_few(quarters),
        Direction::Steady => return steady(quarters),
        Direction::Rising => true,
        Direction::Falling => false,
    };
    if rises == (better == Better::Higher) {
        Course::moving(Icon::Better(rises), "Improving", &speed, quarters)
    } else {
        Course::moving(Icon::Worse(rises), "Getting worse", &speed, quarters)
    }
}

/// Describes the difference between two shares. It counts as one only by its verdict.
pub fn change(change: &Change, better: Better) -> (Icon, String) {
    let tested = change.difference.zip(change.interval);
    let Some((difference, (Some(low), Some(high)))) = tested else {
        let none = if change.verdict == ChangeVerdict::TooFew {
            "Too few to compare"
        } else {
            "Not tested"
        };
        return (Icon::Unknown, none.into());
    };
    let points = format!(
        "{} points ({} to {})",
        signed(difference * 100.0),
        signed(low * 100.0),
        signed(high * 100.0)
    );
    if change.verdict != ChangeVerdict::Changed {
        (Icon::Steady, format!("No clear change ({points})"))
    } else if (difference > 0.0) == (better == Better::Higher) {
        (Icon::Better(difference > 0.0), format!("Better: {points}"))
    } else {
        (Icon::Worse(difference > 0.0), format!("Worse: {points}"))
    }
}

/// Returns whether a stable process meets a target that it should lie under.
pub fn assurance(limits: Option<(f64, f64)>, target: f64) -> (Icon, String) {
    match limits {
        None => (Icon::Unknown, format!("Too few to judge the {target:.0}-minute target")),
        Some((_, upper)) if upper <= target => (
            Icon::Meets,
            format!("Reliably meets the {target:.0}-minute target: both limits are below it"),
        ),
        Some((lower, _)) if lower > target => (
            Icon::Misses,
            format!("Reliably misses the {target:.0}-minute target: both limits are above it"),
        ),
        Some(_) => (Icon::HitAndMiss, format!("Sometimes misses the {target:.0}-minute target")),
    }
}

/// Describes a control chart, with its icon.
pub fn stability(verdict: &str, signals: usize, points: usize) -> (Icon, String) {
    match verdict {
        "STABLE" => {
            (Icon::Steady, format!("Stable: all {points} responses within normal variation"))
        }
        "SIGNALS" => (
            Icon::Signal,
            format!(
                "{signals} of {points} responses {} unusual. What was different?",
                if signals == 1 { "was" } else { "were" }
            ),
        ),
        _ => (Icon::Unknown, format!("Too few to judge ({points} of 8 responses needed)")),
    }
}

/// Describes a signal of a control chart.
pub fn signal(code: &str) -> String {
    match code {
        "OUTSIDE" => "outside the limits".into(),
        "RUN_OF_8" => "8 in a row on one side of the mean".into(),
        "TREND_OF_6" => "6 in a row rising or falling".into(),
        "TWO_OF_THREE" => "2 of 3 close to a limit".into(),
        "MOVING_RANGE" => "jump beyond the limit of changes".into(),
        other => other.to_lowercase().replace('_', " "),
    }
}

/// Formats a number of minutes: hours from two hours on, days from two days on.
pub fn duration(minutes: f64) -> String {
    match minutes {
        ..120.0 => format!("{} min", thousands(minutes)),
        ..2_880.0 => format!("{:.1} hours", minutes / 60.0),
        _ => format!("{:.1} days", minutes / 1_440.0),
    }
}

/// Formats an age approximately.
pub fn ago(seconds: i64) -> String {
    let (count, one, many) = match seconds {
        ..90 => return "a minute ago".into(),
        90..5_400 => ((seconds + 30) / 60, "minute", "minutes"),
        5_400..172_800 => ((seconds + 1_800) / 3_600, "hour", "hours"),
        _ => (seconds / 86_400, "day", "days"),
    };
    format!("{} ago", counted(count as f64, one, many))
}

/// Formats `PHEP:6` with its name, if known.
pub fn capability(code: &str, names: &BTreeMap<String, String>) -> String {
    names
        .get(code)
        .map_or_else(|| code.to_owned(), |name| format!("{name} ({})", code.replace(':', " ")))
}

/// Formats a code such as `ACTION_CLOSED` or `acute_care_hospital` for readers.
pub fn plain(code: &str) -> String {
    let words = code.replace('_', " ").to_lowercase();
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

/// Lowercases a name for use inside a sentence, except abbreviations such as HVAC.
pub fn inside(name: &str) -> String {
    let small = |word: &str| {
        if word.chars().any(char::is_lowercase) { word.to_lowercase() } else { word.to_owned() }
    };
    name.split(' ').map(small).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use hotwash_metrics::{Behind, between};
    use serde_json::{Map, json};

    use super::*;

    fn row(
        reliability: Reliability,
        value: Option<f64>,
        n: u64,
        interval: Option<(f64, f64)>,
        note: Option<&str>,
    ) -> MetricRow {
        MetricRow {
            dimensions: Map::new(),
            value,
            unit: Unit::Share,
            numerator: value.map(|value| value * n as f64),
            denominator: Some(n as f64),
            n,
            ci_low: interval.map(|(low, _)| low),
            ci_high: interval.map(|(_, high)| high),
            reliability,
            note: note.map(str::to_owned),
            extra: Map::new(),
        }
    }

    fn in_unit(mut row: MetricRow, unit: Unit) -> MetricRow {
        row.unit = unit;
        row
    }

    #[test]
    fn days_within_a_sentence_read_as_people_write_them() {
        assert_eq!(
            with_readable_days("3 of 5 needed; open as of 2026-06-30, 2026-07-01T10:00"),
            "3 of 5 needed; open as of Jun 30, 2026, 2026-07-01T10:00"
        );
    }

    #[test]
    fn periods_read_as_people_write_them() {
        for (name, expected) in
            [("2026-Q2", "Q2 2026"), ("2026-05", "May 2026"), ("FY2026", "FY2026"), ("", "")]
        {
            assert_eq!(period_name(name), expected);
        }
    }

    #[test]
    fn days_and_times_read_as_people_write_them() {
        for (stored, expected) in [
            ("2025-06-17", "Jun 17, 2025"),
            ("2025-06-17T14:50:00Z", "Jun 17, 2025, 10:50 AM EDT"),
            ("2025-06-17 to 2025-06-18", "2025-06-17 to 2025-06-18"),
            ("2025", "2025"),
        ] {
            assert_eq!(readable(stored.into()), expected);
        }
    }

    #[test]
    fn a_name_inside_a_sentence_is_small_but_for_its_abbreviations() {
        assert_eq!(inside("HVAC failure"), "HVAC failure");
        assert_eq!(inside("Mass casualty (trauma)"), "mass casualty (trauma)");
    }

    #[test]
    fn sentences_are_honest_about_n_and_intervals() {
        let days = row(Reliability::Ok, Some(183.0), 2_753, Some((174.0, 195.0)), None);
        let count = row(Reliability::Ok, Some(12.0), 12, None, None);
        let part = row(Reliability::Ok, Some(458.0), 563, None, None);
        for (row, expected) in [
            (
                row(Reliability::Ok, Some(0.72), 46, Some((0.58, 0.83)), None),
                "72% (58 to 83%) of 46 ratings.",
            ),
            (
                row(Reliability::LowN, Some(0.33), 3, Some((0.06, 0.79)), Some("3 of 5 needed")),
                "Too few to judge (3 of 5 needed).",
            ),
            (row(Reliability::LowN, Some(0.33), 3, None, None), "Too few to judge (3 ratings)."),
            (
                row(Reliability::Suppressed, None, 0, None, None),
                "Suppressed: too few organizations to publish.",
            ),
            (row(Reliability::Ok, None, 12, None, None), "Undefined: nothing to divide by."),
            (row(Reliability::Ok, None, 12, None, Some("étude only")), "Étude only."),
            (
                row(Reliability::Stale, Some(0.72), 46, None, Some("the log is overdue")),
                "72% of 46 ratings. The log is overdue.",
            ),
            (in_unit(days, Unit::Days), "183 days (174 to 195), from 2,753 ratings."),
            (in_unit(count, Unit::Count), "12 ratings."),
            (in_unit(part, Unit::Count), "458 of 563 ratings."),
        ] {
            assert_eq!(measured(&row, "ratings"), expected);
        }
    }

    #[test]
    fn a_trend_is_named_only_when_the_test_finds_one() {
        for (verdict, periods, slope, expected) in [
            ("IMPROVING", 20, Some(0.09), "Improving: +9.0 points a year over 20 quarters"),
            ("DECLINING", 12, Some(-0.034), "Declining: −3.4 points a year over 12 quarters"),
            ("NO_DETECTABLE_TREND", 9, Some(0.01), "No detectable trend over 9 quarters"),
            ("TOO_FEW", 3, None, "Too few quarters to judge a trend (3 of 6 needed)"),
        ] {
            let mut row = row(Reliability::Ok, slope, 40, None, None);
            row.extra =
                json!({"verdict": verdict, "periods": periods}).as_object().cloned().unwrap();
            let course = trend(&row);
            assert_eq!(course.sentence, expected);
            assert!(course.movement.is_none_or(|movement| expected.ends_with(&movement)));
        }
        let rising: Vec<(f64, f64)> =
            (0..8).map(|at| (f64::from(at) / 4.0, f64::from(at) * 3.0)).collect();
        let found = hotwash_statistics::trend(&rising, 6);
        for (better, unit, icon, expected) in [
            (
                Better::Lower,
                Unit::Count,
                Icon::Worse(true),
                "Getting worse: about 12 more each year over 8 quarters",
            ),
            (
                Better::Higher,
                Unit::Count,
                Icon::Better(true),
                "Improving: about 12 more each year over 8 quarters",
            ),
        ] {
            let course = course(&found, better, unit, 8);
            assert_eq!((course.icon, course.sentence), (icon, expected.to_owned()));
        }
        let few = hotwash_statistics::trend(&rising[..4], 6);
        assert_eq!(
            course(&few, Better::Higher, Unit::Share, 4).sentence,
            "Too few quarters to judge a trend (4 of 6 needed)"
        );
    }

    #[test]
    fn a_change_is_called_one_only_when_its_interval_leaves_out_zero() {
        let share = |value: f64, n: u64| row(Reliability::Ok, Some(value), n, None, None);
        for (before, after, icon, begins) in [
            (share(0.72, 114), share(0.68, 114), Icon::Steady, "No clear change (−4.0 points"),
            (share(0.30, 200), share(0.60, 200), Icon::Better(true), "Better: +30.0 points"),
            (share(0.60, 200), share(0.30, 200), Icon::Worse(false), "Worse: −30.0 points"),
            (
                row(Reliability::LowN, Some(0.5), 2, None, None),
                share(0.6, 200),
                Icon::Unknown,
                "Too few to compare",
            ),
        ] {
            let days = ["2026-01-01", "2026-03-31"].map(|day| day.parse().unwrap()).into();
            let found = between(Some(&before), &after, Behind::Days(days, days));
            let (sign, sentence) = change(&found, Better::Higher);
            assert!(sign == icon && sentence.starts_with(begins), "{sign:?} {sentence}");
        }
    }

    #[test]
    fn a_target_is_sure_only_when_both_limits_lie_on_one_side_of_it() {
        for (limits, icon) in [
            (Some((0.0, 42.0)), Icon::Meets),
            (Some((70.0, 120.0)), Icon::Misses),
            (Some((0.0, 112.0)), Icon::HitAndMiss),
            (None, Icon::Unknown),
        ] {
            assert_eq!(assurance(limits, 60.0).0, icon);
        }
        for (verdict, signals, points, expected) in [
            ("STABLE", 0, 37, "Stable: all 37 responses within normal variation"),
            ("SIGNALS", 1, 37, "1 of 37 responses was unusual. What was different?"),
            ("TOO_FEW", 0, 3, "Too few to judge (3 of 8 responses needed)"),
        ] {
            assert_eq!(stability(verdict, signals, points).1, expected);
        }
    }

    #[test]
    fn counts_lists_and_ages_read_as_people_write_them() {
        let cases = [
            thousands(1_234_567.0),
            thousands(999.0),
            thousands(-1_000.0),
            thousands(-0.2),
            counted(1.0, "day", "days"),
        ];
        assert_eq!(cases, ["1,234,567", "999", "−1,000", "0", "1 day"]);
        let words: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(
            (listed(&words), listed(&words[..1]), listed(&[])),
            ("a, b and c".into(), "a".into(), String::new())
        );
        for (count, many, expected) in [
            (2, "completed actions", "completed actions"),
            (1, "completed actions", "completed action"),
            (1, "actions due", "action due"),
            (1, "ratings were P or S", "rating was P or S"),
        ] {
            assert_eq!(noun(count, many), expected);
        }
        for (seconds, expected) in [
            (5, "a minute ago"),
            (600, "10 minutes ago"),
            (7_200, "2 hours ago"),
            (400_000, "4 days ago"),
        ] {
            assert_eq!(ago(seconds), expected);
        }
        assert_eq!(
            (plain("NO_DETECTABLE_TREND"), plain("")),
            ("No detectable trend".into(), String::new())
        );
    }
}
