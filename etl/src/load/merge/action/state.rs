//! The state and history of an action made from all its reports in the order of their days, so that it does not matter in
//! which order the documents were loaded.

use chrono::NaiveDate;
use serde::Deserialize;
use tokio_postgres::Error;

use super::super::Merging;
use crate::record::{ActionStatus, Change};

/// One report as it was kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    event_id: Option<i64>,
    region_id: Option<i32>,
    capability_id: Option<i32>,
    owner_id: Option<i64>,
    external_id: Option<String>,
    issue: Option<String>,
    text: String,
    priority: Option<String>,
    status: Option<String>,
    opened_on: Option<NaiveDate>,
    start_on: Option<NaiveDate>,
    due_on: Option<NaiveDate>,
    due_original_on: Option<NaiveDate>,
    due_precision: Option<String>,
    due_text: Option<String>,
    completed_on: Option<NaiveDate>,
    cancelled_on: Option<NaiveDate>,
    validated_on: Option<NaiveDate>,
    sensitivity: Option<String>,
    elements: Vec<i32>,
    /// Day it speaks for.
    #[serde(skip)]
    reported_on: Option<NaiveDate>,
    /// Day of its event.
    #[serde(skip)]
    event_on: Option<NaiveDate>,
    #[serde(skip)]
    lineage: (i32, i32, i64),
}

/// One step of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    on: NaiveDate,
    change: Change,
    status: ActionStatus,
    due: Option<NaiveDate>,
    lineage: (i32, i32, i64),
}

/// An action as its reports make it.
#[derive(Clone, Debug, Default)]
struct State {
    opened_on: NaiveDate,
    due_original_on: Option<NaiveDate>,
    due_on: Option<NaiveDate>,
    status: ActionStatus,
    completed_on: Option<NaiveDate>,
    cancelled_on: Option<NaiveDate>,
    validated_on: Option<NaiveDate>,
    steps: Vec<Step>,
}

fn is_ended(status: ActionStatus) -> bool {
    matches!(status, ActionStatus::Completed | ActionStatus::Validated | ActionStatus::Cancelled)
}

/// Goes through the reports in their order.
fn fold(reports: &[Report], today: NaiveDate) -> State {
    let opened = reports
        .iter()
        .filter_map(|report| report.opened_on.or(report.event_on).or(report.start_on).or(report.reported_on))
        .chain(reports.iter().filter_map(|report| report.completed_on))
        .min()
        .unwrap_or(today);
    let original = reports.iter().find_map(|report| report.due_original_on.or(report.due_on));
    let mut state = State {
        opened_on: opened,
        due_original_on: original,
        due_on: original,
        status: ActionStatus::Open,
        ..State::default()
    };
    if let Some(first) = reports.first() {
        if first.status.as_deref() == Some("PROPOSED") {
            state.status = ActionStatus::Proposed;
        }
        state.steps.push(Step {
            on: opened,
            change: Change::Opened,
            status: state.status,
            due: original,
            lineage: first.lineage,
        });
    }
    for report in reports {
        let day = report.reported_on.unwrap_or(opened).max(opened);
        if report.due_on.is_some() && report.due_on != state.due_on {
            if state.due_on.is_some() {
                // What is reported with an ending had moved before it.
                let moved = [report.completed_on, report.cancelled_on].into_iter().flatten().fold(day, NaiveDate::min);
                push(&mut state, moved.max(opened), Change::DueDate, report, report.due_on);
            }
            state.due_on = report.due_on;
        }
        let Some(status) = report.status.as_deref().and_then(ActionStatus::parse) else { continue };
        if status == state.status && !(status == ActionStatus::Completed && state.completed_on.is_none()) {
            continue;
        }
        let due = state.due_on;
        match status {
            ActionStatus::Completed | ActionStatus::Validated => {
                if !matches!(state.status, ActionStatus::Completed | ActionStatus::Validated) {
                    let done = report.completed_on.or(report.validated_on).unwrap_or(day).max(opened);
                    state.status = ActionStatus::Completed;
                    state.completed_on = Some(done);
                    state.cancelled_on = None;
                    push(&mut state, done, Change::Completed, report, due);
                }
                if status == ActionStatus::Validated {
                    let proved = report.validated_on.unwrap_or(day).max(state.completed_on.unwrap_or(opened));
                    state.status = ActionStatus::Validated;
                    state.validated_on = Some(proved);
                    push(&mut state, proved, Change::Validated, report, due);
                }
            }
            ActionStatus::Cancelled => {
                let ended = report.cancelled_on.unwrap_or(day).max(opened);
                state.status = status;
                state.cancelled_on = Some(ended);
                state.completed_on = None;
                push(&mut state, ended, Change::Cancelled, report, due);
            }
            other => {
                let change = if is_ended(state.status) { Change::Reopened } else { Change::Status };
                state.status = other;
                (state.completed_on, state.cancelled_on, state.validated_on) = (None, None, None);
                push(&mut state, day, change, report, due);
            }
        }
    }
    state
}

/// Adds a step, not before the last one.
fn push(state: &mut State, on: NaiveDate, change: Change, report: &Report, due: Option<NaiveDate>) {
    let on = state.steps.last().map_or(on, |last| on.max(last.on));
    state.steps.push(Step { on, change, status: state.status, due, lineage: report.lineage });
}

/// The last word on a field: of the latest report that has one.
fn last<T: Clone>(reports: &[Report], field: impl Fn(&Report) -> Option<T>) -> Option<T> {
    reports.iter().rev().find_map(field)
}

/// Makes anew every action that a report of this file, beyond its first, speaks of.
pub async fn rebuild(merging: &Merging<'_>) -> Result<(), Error> {
    let transaction = merging.transaction;
    let rows = transaction
        .query(
            "select s.corrective_action_id, s.report, s.reported_on, s.batch_id, s.file_id, s.source_row, coalesce(e.end_local_date, e.local_date) \
             from warehouse.corrective_action_source s left join warehouse.event e on e.event_id = (s.report ->> 'event_id')::bigint \
             where s.corrective_action_id in (select known_id from report_corrective_action where known_id is not null and not is_repeated) \
             order by s.corrective_action_id, s.reported_on nulls first, s.file_id, s.source_row",
            &[],
        )
        .await?;
    let today: NaiveDate = transaction.query_one("select current_date", &[]).await?.get(0);
    let mut actions: Vec<(i64, Vec<Report>)> = Vec::new();
    for row in &rows {
        let mut report: Report = serde_json::from_value(row.get(1)).unwrap_or_default();
        report.reported_on = row.get(2);
        report.lineage = (row.get(3), row.get(4), row.get(5));
        report.event_on = row.get(6);
        match actions.last_mut() {
            Some((id, reports)) if *id == row.get::<_, i64>(0) => reports.push(report),
            _ => actions.push((row.get(0), vec![report])),
        }
    }
    for chunk in actions.chunks(10_000) {
        write(merging, chunk, today).await?;
    }
    Ok(())
}

async fn write(merging: &Merging<'_>, actions: &[(i64, Vec<Report>)], today: NaiveDate) -> Result<(), Error> {
    let mut made = Vec::with_capacity(actions.len());
    let mut steps = Vec::new();
    for (id, reports) in actions {
        let state = fold(reports, today);
        made.push(serde_json::json!({
            "id": id,
            "event_id": last(reports, |report| report.event_id),
            "region_id": last(reports, |report| report.region_id),
            "capability_id": last(reports, |report| report.capability_id),
            "owner_id": last(reports, |report| report.owner_id),
            "external_id": last(reports, |report| report.external_id.clone()),
            "issue": last(reports, |report| report.issue.clone()),
            "text": last(reports, |report| Some(report.text.clone()).filter(|text| !text.is_empty())),
            "priority": last(reports, |report| report.priority.clone()),
            "status": state.status.code(),
            "opened_on": state.opened_on,
            "start_on": last(reports, |report| report.start_on),
            "due_original_on": state.due_original_on,
            "due_current_on": state.due_on,
            "due_precision": last(reports, |report| report.due_precision.clone()),
            "due_text": last(reports, |report| report.due_text.clone()),
            "completed_on": state.completed_on,
            "cancelled_on": state.cancelled_on,
            "validated_on": state.validated_on,
            "sensitivity": last(reports, |report| report.sensitivity.clone()),
            "elements": last(reports, |report| (!report.elements.is_empty()).then(|| report.elements.clone())).unwrap_or_default(),
        }));
        let mut sequence = 0;
        let mut before = None;
        for step in &state.steps {
            sequence = if before == Some(step.on) { sequence + 1 } else { 1 };
            before = Some(step.on);
            steps.push(serde_json::json!({
                "id": id, "on": step.on, "sequence": sequence, "change": step.change.code(), "status": step.status.code(), "due_on": step.due,
                "batch": step.lineage.0, "file": step.lineage.1, "row": step.lineage.2,
            }));
        }
    }
    let (made, steps) = (serde_json::Value::Array(made), serde_json::Value::Array(steps));
    let transaction = merging.transaction;
    transaction
        .execute(
            "update warehouse.corrective_action a set event_id = coalesce(m.event_id, a.event_id), region_id = coalesce(m.region_id, nullif(a.region_id, -1), \
                 nullif((select o.region_id from warehouse.organization o where o.organization_id = m.owner_id), -1), \
                 (select r.region_id from warehouse.event_region r where r.event_id = m.event_id order by r.allocation_weight desc, r.region_id limit 1), -1), \
                 capability_id = coalesce(m.capability_id, a.capability_id), owner_organization_id = coalesce(m.owner_id, a.owner_organization_id), \
                 external_id = coalesce(m.external_id, a.external_id), issue = coalesce(m.issue, a.issue), text = coalesce(m.text, a.text), \
                 priority = coalesce(m.priority, a.priority), status = m.status, opened_on = m.opened_on, start_on = coalesce(m.start_on, a.start_on), \
                 due_original_on = m.due_original_on, due_current_on = m.due_current_on, due_precision = m.due_precision, due_text = m.due_text, \
                 completed_on = m.completed_on, cancelled_on = m.cancelled_on, validated_on = m.validated_on, sensitivity = coalesce(m.sensitivity, a.sensitivity) \
             from jsonb_to_recordset($1) as m(id bigint, event_id bigint, region_id int, capability_id int, owner_id bigint, external_id text, issue text, text text, \
                 priority text, status text, opened_on date, start_on date, due_original_on date, due_current_on date, due_precision text, due_text text, \
                 completed_on date, cancelled_on date, validated_on date, sensitivity text) where a.corrective_action_id = m.id",
            &[&made],
        )
        .await?;
    for statement in [
        "delete from warehouse.corrective_action_element where corrective_action_id in (select (m ->> 'id')::bigint from jsonb_array_elements($1) as m)",
        "insert into warehouse.corrective_action_element (corrective_action_id, element_id, weight) \
         select m.id, e.element_id, 1.0 / count(*) over (partition by m.id) from jsonb_to_recordset($1) as m(id bigint, elements int[]) \
         cross join lateral (select distinct unnest(m.elements) as element_id) as e order by 1, 2",
        "delete from warehouse.action_status_history where corrective_action_id in (select (m ->> 'id')::bigint from jsonb_array_elements($1) as m)",
    ] {
        transaction.execute(statement, &[&made]).await?;
    }
    transaction
        .execute(
            "insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, change, status, due_on, batch_id, file_id, source_row) \
             select h.id, h.on, h.sequence, h.change, h.status, h.due_on, h.batch, h.file, h.row \
             from jsonb_to_recordset($1) as h(id bigint, \"on\" date, sequence int, change text, status text, due_on date, batch int, file int, row bigint) order by 1, 2, 3",
            &[&steps],
        )
        .await
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{Report, fold};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn report(on: &str, status: Option<&str>, due: Option<&str>) -> Report {
        Report {
            reported_on: Some(day(on)),
            status: status.map(str::to_owned),
            due_on: due.map(day),
            ..Report::default()
        }
    }

    fn told(reports: &[Report]) -> Vec<(String, &'static str, &'static str)> {
        fold(reports, day("2026-01-01"))
            .steps
            .iter()
            .map(|step| (step.on.to_string(), step.change.code(), step.status.code()))
            .collect()
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
        let expected = [
            ("2025-01-10", "OPENED", "OPEN"),
            ("2025-03-01", "DUE_DATE", "OPEN"),
            ("2025-03-01", "STATUS", "IN_PROGRESS"),
            ("2025-08-15", "COMPLETED", "COMPLETED"),
            ("2025-12-01", "REOPENED", "OPEN"),
        ];
        let expected: Vec<_> =
            expected.iter().map(|(on, change, status)| ((*on).to_owned(), *change, *status)).collect();
        assert_eq!(told(&reports), expected);
        let state = fold(&reports, day("2026-01-01"));
        assert_eq!((state.due_original_on, state.due_on), (Some(day("2025-06-30")), Some(day("2025-09-30"))));
        assert_eq!(state.completed_on, None);
    }

    #[test]
    fn a_report_without_a_status_never_reopens() {
        let reports = [report("2025-01-10", Some("COMPLETED"), None), report("2025-02-10", None, None)];
        assert_eq!(fold(&reports, day("2026-01-01")).completed_on, Some(day("2025-01-10")));
        assert_eq!(told(&reports).len(), 2);
    }
}
