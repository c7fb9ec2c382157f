//! Computes the state and history of an action from all its reports in date order, so that the
//! order of loading does not matter. Independent of the database.
//!
//! A dated change is valid from its date on and overrides what earlier reports stated about later
//! days. A report of June that says *completed March 2* overrides a tracker of April that still
//! listed the action as open.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::record::{ActionChange, ActionStatus};

/// Status and dates of an action in one report.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StatusReport {
    /// Status on the day of the report, if stated.
    pub status: Option<String>,
    /// Date the action was opened.
    pub opened_on: Option<NaiveDate>,
    /// Planned start date.
    pub start_on: Option<NaiveDate>,
    /// Due date.
    pub due_on: Option<NaiveDate>,
    /// First due date.
    pub due_original_on: Option<NaiveDate>,
    /// Date on which the due date last changed.
    pub due_changed_on: Option<NaiveDate>,
    /// Date of completion.
    pub completed_on: Option<NaiveDate>,
    /// Date of cancellation.
    pub cancelled_on: Option<NaiveDate>,
    /// Date on which a later event validated the action.
    pub validated_on: Option<NaiveDate>,
    /// A later version of the document no longer contains the row, and no other document has the
    /// action.
    pub withdrawn: bool,
    /// Date the report describes, or else its load date.
    #[serde(skip)]
    pub day: NaiveDate,
    /// Date of the event.
    #[serde(skip)]
    pub event_on: Option<NaiveDate>,
    /// Load, file and row.
    #[serde(skip)]
    pub lineage: (i32, i32, i64),
}

/// One step of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryStep {
    /// Date of the step.
    pub on: NaiveDate,
    /// Kind of change.
    pub change: ActionChange,
    /// Status from this date on.
    pub status: ActionStatus,
    /// Due date from this date on.
    pub due: Option<NaiveDate>,
    /// Load, file and row of the report that caused the step.
    pub lineage: (i32, i32, i64),
}

/// State of an action that follows from all its reports.
#[derive(Clone, Debug, Default)]
pub struct ActionState {
    /// Date the action was opened.
    pub opened_on: NaiveDate,
    /// First due date.
    pub due_original_on: Option<NaiveDate>,
    /// Current due date.
    pub due_on: Option<NaiveDate>,
    /// Current status.
    pub status: ActionStatus,
    /// Date of completion, if it is completed now.
    pub completed_on: Option<NaiveDate>,
    /// Date of cancellation, if it is canceled now.
    pub cancelled_on: Option<NaiveDate>,
    /// Date of validation, if it is validated now.
    pub validated_on: Option<NaiveDate>,
    /// History, oldest first; the first step opens the action.
    pub steps: Vec<HistoryStep>,
}

/// A value that is valid from a date on.
#[derive(Clone, Copy, Debug)]
struct Dated<T> {
    on: NaiveDate,
    value: T,
    lineage: (i32, i32, i64),
}

/// Appends a value and removes earlier entries with later dates, which it supersedes.
fn supersede<T: PartialEq>(history: &mut Vec<Dated<T>>, next: Dated<T>) {
    while history.len() > 1 && history.last().is_some_and(|last| last.on > next.on) {
        history.pop();
    }
    if history.last().is_none_or(|last| last.value != next.value) {
        history.push(next);
    }
}

fn is_done(status: ActionStatus) -> bool {
    matches!(status, ActionStatus::Completed | ActionStatus::Validated)
}

/// Folds reports in date order into the action's state.
pub fn fold(reports: &[StatusReport]) -> ActionState {
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
    let status_history = status_history(reports, opened, lineage);
    let original = reports.iter().find_map(|report| report.due_original_on.or(report.due_on));
    let due_history = due_history(reports, Dated { on: opened, value: original, lineage });
    let mut state = ActionState {
        opened_on: opened,
        due_original_on: original,
        due_on: due_history.last().and_then(|due| due.value),
        steps: steps(&status_history, &due_history),
        ..ActionState::default()
    };
    for entry in &status_history {
        state.status = entry.value;
        let (done, canceled, validated) = match entry.value {
            ActionStatus::Completed => (Some(entry.on), None, None),
            ActionStatus::Validated => {
                (state.completed_on.or(Some(entry.on)), None, Some(entry.on))
            }
            ActionStatus::Cancelled => (None, Some(entry.on), None),
            _ => (None, None, None),
        };
        (state.completed_on, state.cancelled_on, state.validated_on) = (done, canceled, validated);
    }
    state
}

/// Returns the statuses with the date each became valid; the first is that of the opening.
fn status_history(
    reports: &[StatusReport],
    opened: NaiveDate,
    lineage: (i32, i32, i64),
) -> Vec<Dated<ActionStatus>> {
    // Statuses before later entries supersede earlier ones. If the same ending is reported twice,
    // the last stated date counts.
    let mut stated: Vec<Dated<ActionStatus>> = Vec::new();
    let mut before_withdrawal = None;
    let state_status = |stated: &mut Vec<Dated<ActionStatus>>,
                        status: ActionStatus,
                        on: Option<NaiveDate>,
                        report: &StatusReport| match stated.last_mut() {
        Some(last) if last.value == status => {
            if let Some(on) = on.map(|on| on.max(opened)).filter(|on| *on != last.on) {
                (last.on, last.lineage) = (on, report.lineage);
            }
        }
        _ => stated.push(Dated {
            on: on.unwrap_or(report.day).max(opened),
            value: status,
            lineage: report.lineage,
        }),
    };
    for report in reports {
        let status = report.status.as_deref().and_then(ActionStatus::parse);
        if report.withdrawn {
            let now = stated.last().map_or(ActionStatus::Open, |entry| entry.value);
            if now != ActionStatus::Cancelled {
                before_withdrawal = Some(now);
                state_status(&mut stated, ActionStatus::Cancelled, None, report);
            }
            continue;
        }
        let status = status.or_else(|| before_withdrawal.take());
        before_withdrawal = None;
        match status {
            Some(done @ (ActionStatus::Completed | ActionStatus::Validated)) => {
                // A report that does not mention the validation does not revoke it.
                let validated = stated.pop_if(|entry| entry.value == ActionStatus::Validated);
                if validated.is_none() || report.completed_on.is_some() {
                    let on = report
                        .completed_on
                        .or(report.validated_on.filter(|_| done == ActionStatus::Validated));
                    state_status(&mut stated, ActionStatus::Completed, on, report);
                }
                stated.extend(validated);
                if done == ActionStatus::Validated {
                    state_status(&mut stated, done, report.validated_on, report);
                }
            }
            Some(ActionStatus::Cancelled) => {
                state_status(&mut stated, ActionStatus::Cancelled, report.cancelled_on, report)
            }
            Some(status) => state_status(&mut stated, status, None, report),
            None => {}
        }
    }
    let first =
        reports.first().and_then(|report| report.status.as_deref()).and_then(ActionStatus::parse);
    let first = first.filter(|status| *status == ActionStatus::Proposed).unwrap_or_default();
    let mut status_history = vec![Dated { on: opened, value: first, lineage }];
    for mut entry in stated {
        // A validation is never earlier than the completion it confirms.
        if entry.value == ActionStatus::Validated
            && let Some(done) =
                status_history.last().filter(|last| last.value == ActionStatus::Completed)
        {
            entry.on = entry.on.max(done.on);
        }
        supersede(&mut status_history, entry);
    }
    status_history
}

/// Returns the due dates with the date each became valid; the first is that of the opening.
fn due_history(
    reports: &[StatusReport],
    first: Dated<Option<NaiveDate>>,
) -> Vec<Dated<Option<NaiveDate>>> {
    let opened = first.on;
    let mut due_history = vec![first];
    for report in reports {
        let Some(due) = report.due_on else { continue };
        if due_history.last().and_then(|last| last.value) == Some(due) {
            continue;
        }
        // A due date reported together with an ending had changed before that ending.
        let ending = [report.completed_on, report.cancelled_on].into_iter().flatten().min();
        let on = report.due_changed_on.unwrap_or(report.day);
        let on = ending.map_or(on, |ending| on.min(ending)).max(opened);
        supersede(&mut due_history, Dated { on, value: Some(due), lineage: report.lineage });
    }
    due_history
}

/// Merges both into one history. On the same day, a due date changes before the status.
fn steps(
    status_history: &[Dated<ActionStatus>],
    due_history: &[Dated<Option<NaiveDate>>],
) -> Vec<HistoryStep> {
    let (Some(first), Some(original)) = (status_history.first(), due_history.first()) else {
        return Vec::new();
    };
    let (mut status, mut due) = (first.value, original.value);
    let mut steps = vec![HistoryStep {
        on: first.on,
        change: ActionChange::Opened,
        status,
        due,
        lineage: first.lineage,
    }];
    let (mut status_history, mut due_history) =
        (status_history[1..].iter().peekable(), due_history[1..].iter().peekable());
    loop {
        let moves = match (status_history.peek(), due_history.peek()) {
            (None, None) => return steps,
            (Some(status), Some(due)) => due.on <= status.on,
            (None, Some(_)) => true,
            (Some(_), None) => false,
        };
        if moves && let Some(entry) = due_history.next() {
            due = entry.value;
            steps.push(HistoryStep {
                on: entry.on,
                change: ActionChange::DueDate,
                status,
                due,
                lineage: entry.lineage,
            });
        } else if let Some(entry) = status_history.next() {
            let was_ended = is_done(status) || status == ActionStatus::Cancelled;
            status = entry.value;
            let change = match status {
                ActionStatus::Completed => ActionChange::Completed,
                ActionStatus::Validated => ActionChange::Validated,
                ActionStatus::Cancelled => ActionChange::Cancelled,
                _ if was_ended => ActionChange::Reopened,
                _ => ActionChange::Status,
            };
            steps.push(HistoryStep { on: entry.on, change, status, due, lineage: entry.lineage });
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};
    use proptest::prelude::*;

    use super::{ActionState, StatusReport, fold};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn report(on: &str, status: Option<&str>, due: Option<&str>) -> StatusReport {
        StatusReport {
            day: day(on),
            status: status.map(str::to_owned),
            due_on: due.map(day),
            ..StatusReport::default()
        }
    }

    fn history_lines(reports: &[StatusReport]) -> Vec<String> {
        let step = |step: &super::HistoryStep| {
            format!("{} {} {}", step.on, step.change.code(), step.status.code())
        };
        fold(reports).steps.iter().map(step).collect()
    }

    #[test]
    fn a_plan_a_tracker_and_a_newer_tracker_make_one_dated_history() {
        let reports = [
            report("2025-01-10", None, Some("2025-06-30")),
            report("2025-03-01", Some("IN_PROGRESS"), Some("2025-09-30")),
            StatusReport {
                completed_on: Some(day("2025-08-15")),
                ..report("2025-10-01", Some("COMPLETED"), Some("2025-09-30"))
            },
            report("2025-12-01", Some("OPEN"), Some("2025-09-30")),
        ];
        assert_eq!(
            history_lines(&reports),
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
        assert_eq!(history_lines(&reports).len(), 2);
    }

    #[test]
    fn a_dated_completion_is_believed_over_an_earlier_tracker_that_did_not_know_it() {
        let reports = [
            report("2025-01-10", None, None),
            report("2025-04-01", Some("IN_PROGRESS"), None),
            StatusReport {
                completed_on: Some(day("2025-03-02")),
                ..report("2025-06-01", Some("COMPLETED"), None)
            },
            StatusReport {
                completed_on: Some(day("2025-03-05")),
                ..report("2025-07-01", Some("COMPLETED"), None)
            },
        ];
        assert_eq!(
            history_lines(&reports),
            ["2025-01-10 OPENED OPEN", "2025-03-05 COMPLETED COMPLETED"]
        );
    }

    #[test]
    fn a_row_gone_from_the_final_report_is_given_up_and_comes_back_with_a_later_one() {
        let gone = StatusReport { withdrawn: true, ..report("2025-03-01", None, None) };
        let reports = [report("2025-01-10", None, None), gone, report("2025-05-01", None, None)];
        assert_eq!(
            history_lines(&reports),
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

    fn reports() -> impl Strategy<Value = Vec<StatusReport>> {
        let one =
            (0..LENGTH as u64, 0..7_usize, prop::option::of(0..40_u64), prop::option::of(0..4_u64));
        prop::collection::vec(one, 1..8).prop_map(|mut all| {
            all.sort_by_key(|(on, ..)| *on);
            all.dedup_by_key(|(on, ..)| *on);
            let at = |days: u64| day(START) + Days::new(days);
            let reports = all.into_iter().map(|(on, status, back, due)| {
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
                StatusReport {
                    day: at(on),
                    opened_on: Some(day(START)),
                    status: status.map(str::to_owned),
                    completed_on: ended
                        .filter(|_| matches!(status, Some("COMPLETED" | "VALIDATED"))),
                    cancelled_on: ended.filter(|_| status == Some("CANCELLED")),
                    due_on: due.map(|month| at(30 * month)),
                    ..StatusReport::default()
                }
            });
            reports.collect()
        })
    }

    /// Computes naively whether the action is open on each day: each report overwrites all days
    /// from its own date on.
    fn open_by_repainting(reports: &[StatusReport]) -> Vec<bool> {
        let mut days = vec![true; LENGTH];
        let (mut last_open, mut since) = (None::<bool>, vec![true; LENGTH]);
        for report in reports {
            let open = match report.status.as_deref() {
                Some("COMPLETED" | "VALIDATED" | "CANCELLED") => false,
                Some(_) => true,
                None => continue,
            };
            let stated = report.completed_on.or(report.cancelled_on);
            // The same ending reported again with another date moves: the days it covered are
            // restored first.
            let again = last_open == Some(open) && !open && same_ending(reports, report);
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
            last_open = Some(open);
        }
        days
    }

    /// Returns whether the previous report with a status stated the same kind of ending.
    fn same_ending(reports: &[StatusReport], report: &StatusReport) -> bool {
        let kind = |report: &StatusReport| report.status.as_deref() == Some("CANCELLED");
        let before = reports.iter().rfind(|other| other.status.is_some() && other.day < report.day);
        before.is_some_and(|before| kind(before) == kind(report))
    }

    fn open_by_history(state: &ActionState, on: NaiveDate) -> bool {
        let last = state.steps.iter().rfind(|step| step.on <= on);
        last.is_some_and(|step| !super::is_done(step.status) && step.status.code() != "CANCELLED")
    }

    proptest! {
        #[test]
        fn any_past_days_state_equals_a_naive_recount(reports in reports()) {
            let state = fold(&reports);
            let naive = open_by_repainting(&reports);
            for (index, open) in naive.iter().enumerate() {
                let on = day(START) + Days::new(index as u64);
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
