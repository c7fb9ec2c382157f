//! Statuses as trackers write them: words, percentages, or a day behind a word; and what stands where a due date should.

use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use regex::Regex;

use super::day::{End, WrittenDay, day};
use super::headings::lists;
use crate::record::{ActionStatus, DuePrecision};

/// A status and, where the text gives it, the day it was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenStatus {
    /// The status.
    pub status: ActionStatus,
    /// Its day.
    pub on: Option<NaiveDate>,
}

/// Reads `In Progress`, `Completed 3/1/24`, `75%`, `100 % complete`; none when no list knows it.
pub fn status(text: &str) -> Option<WrittenStatus> {
    let text = text.trim();
    let known = |text: &str| lists().status(text).map(|status| WrittenStatus { status, on: None });
    let digits: String = text.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect();
    if let (Ok(percent), rest) = (digits.parse::<f64>(), text[digits.len()..].trim_start())
        && rest.starts_with('%')
        && (0.0..=100.0).contains(&percent)
    {
        return Some(WrittenStatus { status: of_share(percent / 100.0), on: None });
    }
    // A word and a day: `Completed 3/1/24`, `Closed on June 3, 2024`, `Complete - 3/1/24`.
    for (place, _) in text.match_indices([' ', ':', '(', '-', ',']) {
        let (word, rest) = text.split_at(place);
        let rest = rest.trim_matches([' ', ':', '(', ')', '-', ',', '.']);
        if let (Some(found), Some(read)) = (known(word), day(rest, End::Last)) {
            return Some(WrittenStatus { on: Some(read.day), ..found });
        }
    }
    if let Some(found) = known(text) {
        return Some(found);
    }
    // A word and a remark: the longest beginning that a list knows.
    let mut ends: Vec<usize> =
        text.match_indices([' ', ':', '(', ';', ',', '.', '\n']).map(|(place, _)| place).collect();
    ends.reverse();
    ends.iter().find_map(|end| known(&text[..*end]))
}

/// Status of a share done, 0 to 1.
pub fn of_share(share: f64) -> ActionStatus {
    if share >= 1.0 {
        ActionStatus::Completed
    } else if share > 0.0 {
        ActionStatus::InProgress
    } else {
        ActionStatus::Open
    }
}

/// What a due date's cell says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The day it is due.
    pub due: Option<WrittenDay>,
    /// A status that stands there instead, or beside.
    pub status: Option<WrittenStatus>,
    /// Days after the start, as in `Within 90 days`.
    pub within_days: Option<u64>,
    /// Nothing is wrong: it is a day, a status, or a word such as `TBD`.
    pub understood: bool,
}

impl Due {
    /// Counts a term such as `Within 90 days` from the day that work starts. Tells what to warn of: that it was so counted,
    /// or that it cannot be.
    pub fn counted_from(&mut self, start: Option<NaiveDate>) -> Option<String> {
        let days = self.within_days?;
        let Some(day) = start.and_then(|start| start.checked_add_days(Days::new(days))) else {
            return Some("counts from a day that is not told; loaded without a due date".into());
        };
        self.due = Some(WrittenDay { day, precision: DuePrecision::Day });
        Some(format!("counted from the start date: due on {day}"))
    }
}

/// Days of a term: `within 90 days`, `6 months`, `30 days after the AAR`.
fn term(text: &str) -> Option<u64> {
    static TERM: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(r"(?i)^(?:within |in |after )?(?:the next )?(\d{1,3})[ -](day|week|month|year)s?\b")
            .expect("the pattern is well formed")
    });
    let found = TERM.captures(text)?;
    let count: u64 = found[1].parse().ok()?;
    Some(match found[2].to_lowercase().as_str() {
        "day" => count,
        "week" => 7 * count,
        "month" => count * 365 / 12,
        _ => 365 * count,
    })
}

/// Reads a due date: a day in any style, a status, or a word for none.
pub fn due(text: &str) -> Due {
    let text = text.trim();
    if text.is_empty() || lists().is_undated(text) {
        return Due { understood: true, ..Due::default() };
    }
    if let Some(read) = day(text, End::Last) {
        return Due { due: Some(read), understood: true, ..Due::default() };
    }
    if let Some(days) = term(text) {
        return Due { within_days: Some(days), understood: true, ..Due::default() };
    }
    // `6/30/2025 (extended)`, `Ongoing - 6/30/2025`: a day among words.
    let status = status(text);
    let inner = text.split(['(', ')', ';', '\n']).find_map(|part| day(part, End::Last));
    let inner = inner.filter(|_| status.is_none_or(|status| status.on.is_none()));
    Due { understood: status.is_some() || inner.is_some(), due: inner, status, within_days: None }
}

#[cfg(test)]
mod tests {
    use super::{due, status};
    use crate::record::ActionStatus;

    #[test]
    fn statuses_in_many_spellings_are_read() {
        for (text, expected) in [
            ("Completed", ActionStatus::Completed),
            ("COMPLETE", ActionStatus::Completed),
            ("Closed 3/1/24", ActionStatus::Completed),
            ("100%", ActionStatus::Completed),
            ("75 % complete", ActionStatus::InProgress),
            ("In-Progress", ActionStatus::InProgress),
            ("Ongoing", ActionStatus::InProgress),
            ("Not started", ActionStatus::Open),
            ("On hold", ActionStatus::Deferred),
            ("Cancelled - duplicate", ActionStatus::Cancelled),
            ("Canceled", ActionStatus::Cancelled),
            ("Validated", ActionStatus::Validated),
        ] {
            assert_eq!(status(text).map(|read| read.status), Some(expected), "{text}");
        }
        assert_eq!(
            status("Completed 3/1/24").and_then(|read| read.on).map(|day| day.to_string()).as_deref(),
            Some("2024-03-01")
        );
        assert_eq!(status("zebra"), None);
    }

    #[test]
    fn a_due_date_may_be_a_day_a_status_or_neither() {
        assert_eq!(due("Q3 2025").due.map(|read| read.day.to_string()).as_deref(), Some("2025-09-30"));
        assert!(due("TBD").understood && due("TBD").due.is_none() && due("TBD").status.is_none());
        assert_eq!(due("Ongoing").status.map(|read| read.status), Some(ActionStatus::InProgress));
        assert_eq!(due("Complete").status.map(|read| read.status), Some(ActionStatus::Completed));
        assert!(due("6/30/2025 (extended)").due.is_some());
        assert!(!due("12/31").understood);
        let mut term = due("Within 90 days");
        assert!(term.understood && term.due.is_none());
        assert!(term.counted_from(None).is_some_and(|said| said.contains("without a due date")));
        term.counted_from(chrono::NaiveDate::from_ymd_opt(2025, 1, 1));
        assert_eq!(term.due.map(|read| read.day.to_string()).as_deref(), Some("2025-04-01"));
    }
}
