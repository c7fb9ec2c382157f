//! Statuses in trackers: words, percentages, or a word with a date; and texts in place of a due
//! date.

use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use regex::Regex;

use super::headings::lists;
use super::time::{End, WrittenDay, day, day_from, is_yearless};
use crate::record::{ActionStatus, DuePrecision};

/// A status with its date, if the text contains one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenStatus {
    /// Status.
    pub status: ActionStatus,
    /// Date on which it was reached.
    pub on: Option<NaiveDate>,
}

/// Reads `In Progress`, `Completed 3/1/24`, `75%`, `100 % complete`; none if unknown.
pub fn status(text: &str) -> Option<WrittenStatus> {
    // Lines of different statuses are those of several actions.
    let of_lines: Vec<ActionStatus> =
        text.lines().filter_map(|line| Some(plain_status(line.trim())?.status)).collect();
    if of_lines.windows(2).any(|pair| pair[0] != pair[1]) {
        return None;
    }
    let read = plain_status(text.trim())?;
    let is_done = matches!(read.status, ActionStatus::Completed | ActionStatus::Validated);
    if is_done { with_remark(read, text) } else { Some(read) }
}

/// Returns a status of completion unless a remark takes it back: `Completed 50%`, `Complete: No`,
/// `Closed - reopened 3/1/25`, `Complete by 6/30/2026`.
fn with_remark(read: WrittenStatus, text: &str) -> Option<WrittenStatus> {
    static SHARE: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(r"\b(\d{1,2}(?:\.\d+)?)\s*%").expect("the pattern is well formed")
    });
    let lower = text.to_lowercase().replace("re-open", "reopen");
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |start: &str| words.iter().any(|word| word.starts_with(start));
    let changed = |status| Some(WrittenStatus { status, on: None });
    let share = SHARE.captures(&lower).and_then(|found| found[1].parse::<f64>().ok());
    if has("reopen") {
        changed(ActionStatus::Open)
    } else if let Some(share) = share {
        changed(of_share(share / 100.0))
    } else if has("partial") || has("partly") || lower.contains("in part") {
        changed(ActionStatus::InProgress)
    } else if words.first() == Some(&"closed")
        && ["no action", "without action", "w/o action"].iter().any(|words| lower.contains(words))
    {
        changed(ActionStatus::Cancelled)
    } else if words.starts_with(&["complete", "by"])
        || ["done by ", "closed by "].iter().any(|words| {
            lower.strip_prefix(words).is_some_and(|rest| day(rest, End::Last).is_some())
        })
        || text.contains('?')
        || words.contains(&"but")
        || words.contains(&"open")
        || (has("pending") || has("await")) && !(has("valid") || has("verif"))
        || has("fail")
        || matches!(words.last(), Some(&("no" | "n" | "false" | "tbd")))
    {
        None
    } else {
        Some(read)
    }
}

fn plain_status(text: &str) -> Option<WrittenStatus> {
    let known = |text: &str| lists().status(text).map(|status| WrittenStatus { status, on: None });
    let digits: String =
        text.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect();
    if let (Ok(percent), rest) = (digits.parse::<f64>(), text[digits.len()..].trim_start())
        && rest.starts_with('%')
        && (0.0..=100.0).contains(&percent)
    {
        return Some(WrittenStatus { status: of_share(percent / 100.0), on: None });
    }
    // A word and a date: `Completed 3/1/24`, `Closed on June 3, 2024`, `Complete - 3/1/24`.
    for (index, _) in text.match_indices([' ', ':', '(', '-', ',', '\n']) {
        let (word, rest) = text.split_at(index);
        let rest = rest.trim_matches([' ', ':', '(', ')', '-', ',', '.', '\n']);
        if let (Some(found), Some(read)) = (known(word), day(rest, End::Last)) {
            return Some(WrittenStatus { on: Some(read.day), ..found });
        }
    }
    if let Some(found) = known(text) {
        return Some(found);
    }
    // A word, a remark and a date: `Completed by the steering committee 9/15/2024`.
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() >= 3
        && let Some(found) = known(words[0])
        && let Some(read) =
            [3, 2, 1].into_iter().filter(|count| words.len() > count + 1).find_map(|count| {
                day(&words[words.len() - count..].join(" "), End::Last)
                    .filter(|read| read.precision == DuePrecision::Day)
            })
        && found.status == ActionStatus::Completed
    {
        return Some(WrittenStatus { on: Some(read.day), ..found });
    }
    // A word and a remark: the longest known beginning.
    let mut ends: Vec<usize> =
        text.match_indices([' ', ':', '(', ';', ',', '.', '\n']).map(|(index, _)| index).collect();
    ends.reverse();
    ends.iter().find_map(|end| known(&text[..*end]))
}

/// Reads words in a completion date column: `Completed 3/28/2024`, `In progress`, `Yes`, `X`.
pub fn done_status(text: &str) -> Option<WrittenStatus> {
    let plain = text.trim().to_lowercase();
    if ["yes", "y", "x", "true", "\u{2713}", "\u{2714}", "\u{2611}", "\u{2612}"]
        .contains(&plain.as_str())
    {
        return Some(WrittenStatus { status: ActionStatus::Completed, on: None });
    }
    // `N/A` in place of a date means that there is none, not that the action was canceled.
    status(text)
        .filter(|read| read.status != ActionStatus::Cancelled || plain.starts_with("cancel"))
}

/// Returns the status for a completed share, 0 to 1.
pub fn of_share(share: f64) -> ActionStatus {
    if share >= 1.0 {
        ActionStatus::Completed
    } else if share > 0.0 {
        ActionStatus::InProgress
    } else {
        ActionStatus::Open
    }
}

/// Content of a due date's cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Due date.
    pub due: Option<WrittenDay>,
    /// Due date before it was moved: `6/30/2023 (extended to 12/31/2023)`.
    pub original: Option<WrittenDay>,
    /// Status in place of a date, or next to it.
    pub status: Option<WrittenStatus>,
    /// Days after the start, as in `Within 90 days`.
    pub within_days: Option<u64>,
    /// The cell was understood: it contains a date, a status, or a word such as `TBD`.
    pub understood: bool,
}

impl Due {
    /// Counts a term such as `Within 90 days` from the start date. Returns the warning: the term
    /// was counted, or cannot be.
    pub fn counted_from(&mut self, start: Option<NaiveDate>) -> Option<String> {
        let days = self.within_days?;
        let Some(day) = start.and_then(|start| start.checked_add_days(Days::new(days))) else {
            return Some("counts from a day that is not stated; loaded without a due date".into());
        };
        self.due = Some(WrittenDay::exact(day));
        Some(format!("counted from the start date: due on {day}"))
    }

    /// Gives a date without a year, such as `March 15`, the first possible date on or after `from`.
    /// Returns the warning.
    pub fn dated_from(&mut self, text: &str, from: Option<NaiveDate>) -> Option<String> {
        if self.due.is_some() || self.within_days.is_some() {
            return None;
        }
        let (read, said) = dated_from(text, from, End::Last)?;
        self.due = read;
        self.understood = true;
        Some(said)
    }
}

/// Returns a date without a year as the first on or after a given date, with its warning.
pub fn dated_from(
    text: &str,
    from: Option<NaiveDate>,
    end: End,
) -> Option<(Option<WrittenDay>, String)> {
    let mut parts = text.split(['(', ')', ';', '\n']).map(str::trim);
    let part = parts.find(|part| is_yearless(part))?;
    let read = from.and_then(|from| Some((from, day_from(part, from, end)?)));
    Some(match read {
        Some((from, read)) => (
            Some(read),
            format!("has no year: the first such day on or after {from} is taken, {}", read.day),
        ),
        None => (None, "has no year, and no date to count from; loaded without it".into()),
    })
}

/// Returns the days of a term: `within 90 days`, `6 months`, `30 days after the AAR`.
fn term(text: &str) -> Option<u64> {
    static TERM: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(
            r"(?i)^(?:within |in |after )?(?:the next )?(\d{1,3})[ -](day|week|month|year)s?\b",
        )
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

/// Returns a changed date and the former one if both are given: `6/30/2023 (extended to
/// 12/31/2023)`, `Revised: Q1 2026`, `was 6/30/2023, now 12/31/2023`.
fn moved(text: &str) -> Option<(Option<WrittenDay>, WrittenDay)> {
    static MOVED: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(
            r"(?is)^(.*?)\b(?:extended|revised|moved|changed|pushed|rescheduled|delayed|postponed|deferred|now|new date)\b(?:\s+(?:out|back|date|due))*\s*(?:to|until|till|for|by)?\s*:?\s*(.+)$",
        )
        .expect("the pattern is well formed")
    });
    let found = MOVED.captures(text)?;
    let tidy = |part: &str| part.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned();
    let due = day(&tidy(&found[2]), End::Last)?;
    let before = tidy(&found[1]);
    let before = before.to_lowercase().strip_prefix("was ").map_or(before.clone(), str::to_owned);
    Some((day(&before, End::Last), due))
}

/// Returns the date by which something is to be completed: `Complete by 6/30/2026`, `To be completed
/// no later than June 30, 2026`.
fn to_complete(text: &str) -> Option<WrittenDay> {
    static ORDER: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the pattern is a constant, compiled by the tests")]
        Regex::new(
            r"(?is)^(?:(?:to|must|will|shall) be completed|complete|to complete|completion) (?:by|on|before|no later than)\s*:?\s*(.+)$",
        )
        .expect("the pattern is well formed")
    });
    day(ORDER.captures(text)?.get(1)?.as_str(), End::Last)
}

/// Marks of a footnote after a date.
const FOOTNOTES: [char; 6] = ['*', '\u{2020}', '\u{2021}', '\u{b9}', '\u{b2}', '\u{b3}'];

/// Reads a due date: a date in any style, a status, or a word for none.
pub fn due(text: &str) -> Due {
    let text = text.trim().trim_end_matches(FOOTNOTES);
    if text.is_empty() || lists().is_undated(text) {
        return Due { understood: true, ..Due::default() };
    }
    if let Some(read) = day(text, End::Last) {
        return Due { due: Some(read), understood: true, ..Due::default() };
    }
    if let Some(read) = to_complete(text) {
        return Due { due: Some(read), understood: true, ..Due::default() };
    }
    if let Some(days) = term(text) {
        return Due { within_days: Some(days), understood: true, ..Due::default() };
    }
    if let Some((original, due)) = moved(text) {
        // `Deferred to FY26` contains a status too.
        let status = status(text).map(|read| WrittenStatus { on: None, ..read });
        return Due { due: Some(due), original, status, understood: true, ..Due::default() };
    }
    // `6/30/2025 (extended)`, `Ongoing - 6/30/2025`: a date among words.
    let status = status(text);
    let mut days: Vec<WrittenDay> =
        text.split(['(', ')', ';', '\n']).filter_map(|part| day(part, End::Last)).collect();
    days.dedup_by_key(|read| read.day);
    // Several dates are those of several actions, or a due date that moved more than once.
    if days.len() > 1 {
        return Due::default();
    }
    let inner = days.pop();
    let inner = inner.filter(|_| status.is_none_or(|status| status.on.is_none()));
    Due { understood: status.is_some() || inner.is_some(), due: inner, status, ..Due::default() }
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
            status("Completed 3/1/24")
                .and_then(|read| read.on)
                .map(|day| day.to_string())
                .as_deref(),
            Some("2024-03-01")
        );
        assert_eq!(status("zebra"), None);
    }

    #[test]
    fn a_remark_takes_back_that_something_is_done() {
        for (text, expected) in [
            ("Completed 50%", Some(ActionStatus::InProgress)),
            ("Complete - 0%", Some(ActionStatus::Open)),
            ("Completed 100%", Some(ActionStatus::Completed)),
            ("Completed (partially)", Some(ActionStatus::InProgress)),
            ("Closed - reopened 3/1/25", Some(ActionStatus::Open)),
            ("Closed; re-opened", Some(ActionStatus::Open)),
            ("Complete: No", None),
            ("Completed? N", None),
            ("Complete by 6/30/2027", None),
            ("Complete, pending board approval", None),
            ("Completed - awaiting validation", Some(ActionStatus::Completed)),
            ("Complete, verification pending", Some(ActionStatus::Completed)),
            ("Tested - failed", None),
            ("Closed, no further action", Some(ActionStatus::Completed)),
            ("Completed by the committee 3/1/24", Some(ActionStatus::Completed)),
            ("Done - no issues", Some(ActionStatus::Completed)),
            ("No progress", Some(ActionStatus::Open)),
        ] {
            assert_eq!(status(text).map(|read| read.status), expected, "{text}");
        }
        for text in ["Complete by 6/30/2026", "To be completed by June 30, 2026"] {
            let read = due(text);
            assert_eq!(
                (read.due.map(|read| read.day.to_string()).as_deref(), read.status),
                (Some("2026-06-30"), None),
                "{text}"
            );
        }
    }

    #[test]
    fn a_due_date_may_be_a_day_a_status_or_neither() {
        assert_eq!(
            due("Q3 2025").due.map(|read| read.day.to_string()).as_deref(),
            Some("2025-09-30")
        );
        assert!(due("TBD").understood && due("TBD").due.is_none() && due("TBD").status.is_none());
        assert_eq!(due("Ongoing").status.map(|read| read.status), Some(ActionStatus::InProgress));
        assert_eq!(due("Complete").status.map(|read| read.status), Some(ActionStatus::Completed));
        assert!(due("6/30/2025 (extended)").due.is_some());
        assert!(!due("12/31").understood);
        for (text, original, now) in [
            ("6/30/2025 (extended to 12/31/2025)", Some("2025-06-30"), "2025-12-31"),
            ("was 6/30/2025, now Q4 2025", Some("2025-06-30"), "2025-12-31"),
            ("Revised: 3/1/2026", None, "2026-03-01"),
        ] {
            let read = due(text);
            let days = [read.original, read.due].map(|read| read.map(|read| read.day.to_string()));
            assert_eq!(days.each_ref().map(Option::as_deref), [original, Some(now)], "{text}");
        }
        assert_eq!(
            due("Deferred to FY26").status.map(|read| read.status),
            Some(ActionStatus::Deferred)
        );
        let mut term = due("Within 90 days");
        assert!(term.understood && term.due.is_none());
        assert!(term.counted_from(None).is_some_and(|said| said.contains("without a due date")));
        term.counted_from(chrono::NaiveDate::from_ymd_opt(2025, 1, 1));
        assert_eq!(term.due.map(|read| read.day.to_string()).as_deref(), Some("2025-04-01"));
    }
}
