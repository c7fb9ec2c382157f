//! The state and history of an action made from all its reports in the order of their days, so that
//! it does not matter in which order the documents were loaded. Knows nothing of the database.
//!
//! What a report dates itself holds from that day on, whatever earlier reports said of later days:
//! a document of June that says *completed 2 March* is believed over the tracker of April that
//! still called it open.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::record::{ActionStatus, Change};

/// What one report says of an action's course.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Status on its day, if it speaks of it.
    pub status: Option<String>,
    /// When the action was opened.
    pub opened_on: Option<NaiveDate>,
    /// When work was to start.
    pub start_on: Option<NaiveDate>,
    /// When it is due.
    pub due_on: Option<NaiveDate>,
    /// When it was first due.
    pub due_original_on: Option<NaiveDate>,
    /// When the due date was moved last.
    pub due_changed_on: Option<NaiveDate>,
    /// When it was completed.
    pub completed_on: Option<NaiveDate>,
    /// When it was given up.
    pub cancelled_on: Option<NaiveDate>,
    /// When a later event proved it.
    pub validated_on: Option<NaiveDate>,
    /// A later version of the document no longer has the row, and no other document speaks of the
    /// action.
    pub withdrawn: bool,
    /// Day it speaks for, or on which it was loaded.
    #[serde(skip)]
    pub day: NaiveDate,
    /// Day of its event.
    #[serde(skip)]
    pub event_on: Option<NaiveDate>,
    /// Load, file and row.
    #[serde(skip)]
    pub lineage: (i32, i32, i64),
}

/// One step of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its day.
    pub on: NaiveDate,
    /// What changed.
    pub change: Change,
    /// Status from then on.
    pub status: ActionStatus,
    /// Due date from then on.
    pub due: Option<NaiveDate>,
    /// The report that told it.
    pub lineage: (i32, i32, i64),
}

/// The course of an action as its reports make it.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Opened.
    pub opened_on: NaiveDate,
    /// First due date.
    pub due_original_on: Option<NaiveDate>,
    /// Present due date.
    pub due_on: Option<NaiveDate>,
    /// Present status.
    pub status: ActionStatus,
    /// Completed, while it is.
    pub completed_on: Option<NaiveDate>,
    /// Given up, while it is.
    pub cancelled_on: Option<NaiveDate>,
    /// Proved, while it is.
    pub validated_on: Option<NaiveDate>,
    /// History, oldest first; the first step opens it.
    pub steps: Vec<Step>,
}

/// A value from a day on, as a report tells it.
#[derive(Clone, Copy, Debug)]
struct Told<T> {
    on: NaiveDate,
    value: T,
    lineage: (i32, i32, i64),
}

/// Lays a value over what was told before: from its day on nothing else holds.
fn lay<T: PartialEq>(told: &mut Vec<Told<T>>, next: Told<T>) {
    while told.len() > 1 && told.last().is_some_and(|last| last.on > next.on) {
        told.pop();
    }
    if told.last().is_none_or(|last| last.value != next.value) {
        told.push(next);
    }
}

fn is_done(status: ActionStatus) -> bool {
    matches!(status, ActionStatus::Completed | ActionStatus::Validated)
}

/// Goes through the reports, which are in the order of their days.
pub fn fold(reports: &[Report]) -> State {
    let opened = reports
        .iter()
        .filter(|report| !report.withdrawn)
        .map(|report| {
            report.opened_on.or(report.event_on).or(report.start_on).unwrap_or(report.day)
        })
        .chain(reports.iter().filter_map(|report| report.completed_on))
        .min()
        .unwrap_or_default();
    let lineage = reports.first().map(|report| report.lineage).unwrap_or_default();
    let statuses = statuses(reports, opened, lineage);
    let original = reports.iter().find_map(|report| report.due_original_on.or(report.due_on));
    let dues = dues(reports, Told { on: opened, value: original, lineage });
    let mut state = State {
        opened_on: opened,
        due_original_on: original,
        due_on: dues.last().and_then(|due| due.value),
        steps: steps(&statuses, &dues),
        ..State::default()
    };
    for told in &statuses {
        state.status = told.value;
        let (done, given_up, proved) = match told.value {
            ActionStatus::Completed => (Some(told.on), None, None),
            ActionStatus::Validated => (state.completed_on.or(Some(told.on)), None, Some(told.on)),
            ActionStatus::Cancelled => (None, Some(told.on), None),
            _ => (None, None, None),
        };
        (state.completed_on, state.cancelled_on, state.validated_on) = (done, given_up, proved);
    }
    state
}

/// Statuses by the day from which each held; the first is that of the opening.
fn statuses(
    reports: &[Report],
    opened: NaiveDate,
    lineage: (i32, i32, i64),
) -> Vec<Told<ActionStatus>> {
    // What was said, before the days are laid over each other: of one ending told twice, the last
    // day it was given counts.
    let mut said: Vec<Told<ActionStatus>> = Vec::new();
    let mut before_withdrawal = None;
    let say = |said: &mut Vec<Told<ActionStatus>>,
               status: ActionStatus,
               on: Option<NaiveDate>,
               report: &Report| match said.last_mut() {
        Some(last) if last.value == status => {
            if let Some(on) = on.map(|on| on.max(opened)).filter(|on| *on != last.on) {
                (last.on, last.lineage) = (on, report.lineage);
            }
        }
        _ => said.push(Told {
            on: on.unwrap_or(report.day).max(opened),
            value: status,
            lineage: report.lineage,
        }),
    };
    for report in reports {
        let status = report.status.as_deref().and_then(ActionStatus::parse);
        if report.withdrawn {
            let now = said.last().map_or(ActionStatus::Open, |told| told.value);
            if now != ActionStatus::Cancelled {
                before_withdrawal = Some(now);
                say(&mut said, ActionStatus::Cancelled, None, report);
            }
            continue;
        }
        let status = status.or_else(|| before_withdrawal.take());
        before_withdrawal = None;
        match status {
            Some(done @ (ActionStatus::Completed | ActionStatus::Validated)) => {
                // Who knows nothing of a proof has not taken it back.
                let proved = said.pop_if(|told| told.value == ActionStatus::Validated);
                if proved.is_none() || report.completed_on.is_some() {
                    let on = report
                        .completed_on
                        .or(report.validated_on.filter(|_| done == ActionStatus::Validated));
                    say(&mut said, ActionStatus::Completed, on, report);
                }
                said.extend(proved);
                if done == ActionStatus::Validated {
                    say(&mut said, done, report.validated_on, report);
                }
            }
            Some(ActionStatus::Cancelled) => {
                say(&mut said, ActionStatus::Cancelled, report.cancelled_on, report)
            }
            Some(status) => say(&mut said, status, None, report),
            None => {}
        }
    }
    let first =
        reports.first().and_then(|report| report.status.as_deref()).and_then(ActionStatus::parse);
    let first = first.filter(|status| *status == ActionStatus::Proposed).unwrap_or_default();
    let mut statuses = vec![Told { on: opened, value: first, lineage }];
    for mut told in said {
        // A proof is not before what it proves.
        if told.value == ActionStatus::Validated
            && let Some(done) = statuses.last().filter(|last| last.value == ActionStatus::Completed)
        {
            told.on = told.on.max(done.on);
        }
        lay(&mut statuses, told);
    }
    statuses
}

/// Due dates by the day from which each held; the first is that of the opening.
fn dues(reports: &[Report], first: Told<Option<NaiveDate>>) -> Vec<Told<Option<NaiveDate>>> {
    let opened = first.on;
    let mut dues = vec![first];
    for report in reports {
        let Some(due) = report.due_on else { continue };
        if dues.last().and_then(|last| last.value) == Some(due) {
            continue;
        }
        // What is reported with an ending had moved before it.
        let ending = [report.completed_on, report.cancelled_on].into_iter().flatten().min();
        let on = report.due_changed_on.unwrap_or(report.day);
        let on = ending.map_or(on, |ending| on.min(ending)).max(opened);
        lay(&mut dues, Told { on, value: Some(due), lineage: report.lineage });
    }
    dues
}

/// Both woven into one history; on one day a due date moves before the status changes.
fn steps(statuses: &[Told<ActionStatus>], dues: &[Told<Option<NaiveDate>>]) -> Vec<Step> {
    let (Some(first), Some(original)) = (statuses.first(), dues.first()) else { return Vec::new() };
    let (mut status, mut due) = (first.value, original.value);
    let mut steps =
        vec![Step { on: first.on, change: Change::Opened, status, due, lineage: first.lineage }];
    let (mut statuses, mut dues) = (statuses[1..].iter().peekable(), dues[1..].iter().peekable());
    loop {
        let moves = match (statuses.peek(), dues.peek()) {
            (None, None) => return steps,
            (Some(status), Some(due)) => due.on <= status.on,
            (None, Some(_)) => true,
            (Some(_), None) => false,
        };
        if moves && let Some(told) = dues.next() {
            due = told.value;
            steps.push(Step {
                on: told.on,
                change: Change::DueDate,
                status,
                due,
                lineage: told.lineage,
            });
        } else if let Some(told) = statuses.next() {
            let was_ended = is_done(status) || status == ActionStatus::Cancelled;
            status = told.value;
            let change = match status {
                ActionStatus::Completed => Change::Completed,
                ActionStatus::Validated => Change::Validated,
                ActionStatus::Cancelled => Change::Cancelled,
                _ if was_ended => Change::Reopened,
                _ => Change::Status,
            };
            steps.push(Step { on: told.on, change, status, due, lineage: told.lineage });
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};
    use proptest::prelude::*;

    use super::{Report, State, fold};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn report(on: &str, status: Option<&str>, due: Option<&str>) -> Report {
        Report {
            day: day(on),
            status: status.map(str::to_owned),
            due_on: due.map(day),
            ..Report::default()
        }
    }

    fn told(reports: &[Report]) -> Vec<String> {
        let step = |step: &super::Step| {
            format!("{} {} {}", step.on, step.change.code(), step.status.code())
        };
        fold(reports).steps.iter().map(step).collect()
    }

    #[test]
    fn a_plan_a_tracker_and_a_newer_tracker_make_one_dated_history() {
        let reports = [
            report("2025-01-10", None, Some("2025-06-30")),
            report("2025-03-01", Some("IN_PROGRESS"), Some("2025-09-30")),
            Report {
                completed_on: Some(day("2025-08-15")),
                ..report("2025-10-01", Some("COMPLETED"), Some("2025-09-30"))
            },
            report("2025-12-01", Some("OPEN"), Some("2025-09-30")),
        ];
        assert_eq!(
            told(&reports),
            [
                "2025-01-10 OPENED OPEN",
                "2025-03-01 DUE_DATE OPEN",
                "2025-03-01 STATUS IN_PROGRESS",
                "2025-08-15 COMPLETED COMPLETED",
                "2025-12-01 REOPENED OPEN",
            ]
        );
        let state = fold(&reports);
        assert_eq!(
            (state.due_original_on, state.due_on),
            (Some(day("2025-06-30")), Some(day("2025-09-30")))
        );
        assert_eq!(state.completed_on, None);
    }

    #[test]
    fn a_report_without_a_status_never_reopens() {
        let reports =
            [report("2025-01-10", Some("COMPLETED"), None), report("2025-02-10", None, None)];
        assert_eq!(fold(&reports).completed_on, Some(day("2025-01-10")));
        assert_eq!(told(&reports).len(), 2);
    }

    #[test]
    fn a_dated_completion_is_believed_over_an_earlier_tracker_that_did_not_know_it() {
        let reports = [
            report("2025-01-10", None, None),
            report("2025-04-01", Some("IN_PROGRESS"), None),
            Report {
                completed_on: Some(day("2025-03-02")),
                ..report("2025-06-01", Some("COMPLETED"), None)
            },
            Report {
                completed_on: Some(day("2025-03-05")),
                ..report("2025-07-01", Some("COMPLETED"), None)
            },
        ];
        assert_eq!(told(&reports), ["2025-01-10 OPENED OPEN", "2025-03-05 COMPLETED COMPLETED"]);
    }

    #[test]
    fn a_row_gone_from_the_final_report_is_given_up_and_comes_back_with_a_later_one() {
        let gone = Report { withdrawn: true, ..report("2025-03-01", None, None) };
        let reports = [report("2025-01-10", None, None), gone, report("2025-05-01", None, None)];
        assert_eq!(
            told(&reports),
            [
                "2025-01-10 OPENED OPEN",
                "2025-03-01 CANCELLED CANCELLED",
                "2025-05-01 REOPENED OPEN"
            ]
        );
        assert_eq!(fold(&reports[..2]).cancelled_on, Some(day("2025-03-01")));
    }

    const START: &str = "2025-01-01";
    const LENGTH: usize = 120;

    fn reports() -> impl Strategy<Value = Vec<Report>> {
        let one =
            (0..LENGTH as u64, 0..7_usize, prop::option::of(0..40_u64), prop::option::of(0..4_u64));
        prop::collection::vec(one, 1..8).prop_map(|mut all| {
            all.sort_by_key(|(on, ..)| *on);
            all.dedup_by_key(|(on, ..)| *on);
            let at = |days: u64| day(START) + Days::new(days);
            let made = all.into_iter().map(|(on, status, back, due)| {
                let status = [
                    None,
                    Some("OPEN"),
                    Some("IN_PROGRESS"),
                    Some("COMPLETED"),
                    Some("CANCELLED"),
                    Some("DEFERRED"),
                    Some("VALIDATED"),
                ][status];
                let ended = back.map(|back| at(on.saturating_sub(back)));
                Report {
                    day: at(on),
                    opened_on: Some(day(START)),
                    status: status.map(str::to_owned),
                    completed_on: ended
                        .filter(|_| matches!(status, Some("COMPLETED" | "VALIDATED"))),
                    cancelled_on: ended.filter(|_| status == Some("CANCELLED")),
                    due_on: due.map(|month| at(30 * month)),
                    ..Report::default()
                }
            });
            made.collect()
        })
    }

    /// Whether the action is open on each day, by painting one report after the other over the days
    /// from its own on.
    fn painted(reports: &[Report]) -> Vec<bool> {
        let mut days = vec![true; LENGTH];
        let (mut said, mut since) = (None::<bool>, vec![true; LENGTH]);
        for report in reports {
            let open = match report.status.as_deref() {
                Some("COMPLETED" | "VALIDATED" | "CANCELLED") => false,
                Some(_) => true,
                None => continue,
            };
            let stated = report.completed_on.or(report.cancelled_on);
            // The same ending told again with a day moves it: what it was painted over shows again.
            let again =
                said.is_some() && said == Some(open) && !open && same_ending(reports, report);
            if again && stated.is_none() {
                continue;
            }
            let base = if again { since.clone() } else { days.clone() };
            let from = (stated.unwrap_or(report.day) - day(START)).num_days() as usize;
            days.clone_from(&base);
            days[from..].fill(open);
            if !again {
                since = base;
            }
            said = Some(open);
        }
        days
    }

    /// The report with a status before this one told the same kind of ending.
    fn same_ending(reports: &[Report], report: &Report) -> bool {
        let kind = |report: &Report| report.status.as_deref() == Some("CANCELLED");
        let before = reports.iter().rfind(|other| other.status.is_some() && other.day < report.day);
        before.is_some_and(|before| kind(before) == kind(report))
    }

    fn open_by_history(state: &State, on: NaiveDate) -> bool {
        let last = state.steps.iter().rfind(|step| step.on <= on);
        last.is_some_and(|step| !super::is_done(step.status) && step.status.code() != "CANCELLED")
    }

    proptest! {
        #[test]
        fn any_past_days_state_equals_a_naive_recount(reports in reports()) {
            let state = fold(&reports);
            let naive = painted(&reports);
            for (place, open) in naive.iter().enumerate() {
                let on = day(START) + Days::new(place as u64);
                prop_assert_eq!(open_by_history(&state, on), *open, "{} {:#?} {:#?}", on, &state, &reports);
            }
            prop_assert!(state.steps.windows(2).all(|pair| pair[0].on <= pair[1].on));
            let last = state.steps.last().unwrap();
            prop_assert_eq!((last.status, last.due), (state.status, state.due_on));
            let ended = state.steps.iter().rev().find(|step| step.change.code() == "COMPLETED");
            if super::is_done(state.status) {
                prop_assert_eq!(state.completed_on, ended.map(|step| step.on));
            } else {
                prop_assert_eq!(state.completed_on, None);
            }
        }
    }
}
