//! Rebuilds actions from their stored reports in date order, and writes those that changed. Memory
//! is bounded: reports are read by cursor, states are written by COPY.

use chrono::NaiveDate;
use diesel::result::Error::DeserializationError;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text};
use serde::Deserialize;

use super::super::context::MergeContext;
use super::state::{ActionState, StatusReport, fold};
use crate::copy::{CopyRow, HEADER, TRAILER};
use crate::load::statement::Statement;
use crate::sql::{SqlFile, sql};
use hotwash_schema::copy::{CopyFormat, Error, RunStatement};

/// Reports per fetch.
const CHUNK: usize = 10_000;

/// A stored report: its status and dates, and its other fields.
struct StoredReport {
    course: StatusReport,
    fields: ReportFields,
    /// Source, and id of the row in it.
    location: (String, String),
}

/// Fields taken from the latest report that states them.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct ReportFields {
    event_id: Option<i64>,
    region_id: Option<i32>,
    capability_id: Option<i32>,
    owner_id: Option<i64>,
    finding_source_id: Option<String>,
    validated_event_id: Option<i64>,
    external_id: Option<String>,
    issue: Option<String>,
    text: Option<String>,
    priority: Option<String>,
    due_precision: Option<String>,
    due_text: Option<String>,
    sensitivity: Option<String>,
    elements: Vec<i32>,
}

/// Rebuilds the actions in `touched_action` (`touched` is their number). Leaves those that are new
/// or changed in `rebuilt_action`.
pub async fn rebuild(merging: &MergeContext<'_>, touched: u64) -> Result<(), Error> {
    let transaction = merging.transaction;
    merging.step(sql!("temporary/rebuilt_action.sql")).await?;
    merging.step(sql!("temporary/rebuilt_step.sql")).await?;
    merging.prepare_keys("touched_action", "id", touched).await?;
    merging.step(sql!("action/declare_reports.sql")).await?;
    let fetch = merging.statement(sql!("action/fetch_reports.sql"));
    let fetch = fetch.part("count", Statement::number(CHUNK));
    let mut waiting: Vec<(i64, StoredReport)> = Vec::new();
    let mut rows = transaction.rows::<FetchedColumns, Fetched>(fetch.clone()).await?;
    loop {
        let last = rows.len() < CHUNK;
        for row in rows {
            waiting.push(stored_report(row)?);
        }
        // The last action can have further reports in the next chunk.
        let cut = match waiting.last() {
            Some((id, _)) if !last => waiting.partition_point(|(other, _)| other < id),
            _ => waiting.len(),
        };
        let complete: Vec<(i64, StoredReport)> = waiting.drain(..cut).collect();
        if last {
            write(merging, rebuild_rows(&complete)).await?;
            break;
        }
        // Postgres fetches the next chunk while this one is folded.
        let (next, tables) =
            futures::join!(transaction.rows::<FetchedColumns, Fetched>(fetch.clone()), async {
                rebuild_rows(&complete)
            });
        write(merging, tables).await?;
        rows = next?;
    }
    merging.steps(&[sql!("action/close_reports.sql"), sql!("action/drop_unchanged.sql")]).await?;
    merging.prepare_keys("rebuilt_action", "id", touched).await?;
    merging.prepare_keys("rebuilt_step", "corrective_action_id", touched).await?;
    store(merging).await
}

/// Columns of a fetched report: action, report, day, load, file, row, day of the event, source and
/// id in it.
type FetchedColumns = (BigInt, Text, Date, Integer, Integer, BigInt, Nullable<Date>, Text, Text);
type Fetched = (i64, String, NaiveDate, i32, i32, i64, Option<NaiveDate>, String, String);

/// Returns a fetched report with the id of its action.
fn stored_report(row: Fetched) -> Result<(i64, StoredReport), Error> {
    let (id, report, day, batch, file, line, event_on, source, source_id) = row;
    let wrong = |error: serde_json::Error| {
        let message = format!(
            "warehouse.corrective_action_source: the report {source_id} of {source} on {day} \
             cannot be read: {error}; load its file again"
        );
        DeserializationError(message.into())
    };
    let course = StatusReport {
        day,
        lineage: (batch, file, line),
        event_on,
        ..serde_json::from_str(&report).map_err(wrong)?
    };
    let fields = serde_json::from_str(&report).map_err(wrong)?;
    Ok((id, StoredReport { course, fields, location: (source, source_id) }))
}

/// Returns the rows of `rebuilt_action` and `rebuilt_step`.
fn rebuild_rows(reports: &[(i64, StoredReport)]) -> [(&'static str, Vec<u8>); 2] {
    let (mut actions, mut steps) = (HEADER.to_vec(), HEADER.to_vec());
    for group in reports.chunk_by(|one, next| one.0 == next.0) {
        let Some((id, first)) = group.first() else { continue };
        // A withdrawal counts only if no other document has the action.
        let shared = group.iter().any(|(_, report)| report.location.0 != first.location.0);
        let counted: Vec<&StoredReport> = group
            .iter()
            .map(|(_, report)| report)
            .filter(|report| !(shared && report.course.withdrawn))
            .collect();
        let course: Vec<StatusReport> =
            counted.iter().map(|report| report.course.clone()).collect();
        append(*id, &counted, &fold(&course), &mut actions, &mut steps);
    }
    [("rebuilt_action", actions), ("rebuilt_step", steps)]
}

async fn write(
    merging: &MergeContext<'_>,
    tables: [(&'static str, Vec<u8>); 2],
) -> Result<(), Error> {
    for (table, mut rows) in tables {
        rows.extend_from_slice(&TRAILER);
        let mut sink = merging.transaction.copy_into(table, CopyFormat::Binary).await?;
        sink.send(rows).await?;
        sink.finish().await?;
    }
    Ok(())
}

/// Returns a field of the latest report that has a value.
fn last<'a, T>(
    reports: &[&'a StoredReport],
    field: impl Fn(&'a ReportFields) -> Option<T>,
) -> Option<T> {
    reports.iter().rev().find_map(|report| field(&report.fields))
}

fn append(
    id: i64,
    reports: &[&StoredReport],
    state: &ActionState,
    actions: &mut Vec<u8>,
    steps: &mut Vec<u8>,
) {
    let Some(first) = reports.first() else { return };
    let elements = last(reports, |fields| {
        Some(fields.elements.as_slice()).filter(|elements| !elements.is_empty())
    });
    let finding = reports.iter().rev().find(|report| report.fields.finding_source_id.is_some());
    let (mut content, mut key) = (CopyRow::default(), CopyRow::default());
    content.optional(last(reports, |fields| fields.event_id));
    content.optional(last(reports, |fields| fields.region_id));
    content.optional(last(reports, |fields| fields.capability_id));
    content.optional(last(reports, |fields| fields.owner_id));
    content.stored_text(finding.map(|report| report.location.0.as_str()));
    content.stored_text(finding.and_then(|report| report.fields.finding_source_id.as_deref()));
    content.optional(last(reports, |fields| fields.validated_event_id));
    content.stored_text(last(reports, |fields| fields.external_id.as_deref()));
    content.stored_text(last(reports, |fields| fields.issue.as_deref()));
    content.stored_text(
        last(reports, |fields| fields.text.as_deref().filter(|text| !text.is_empty())).or(Some("")),
    );
    content.stored_text(last(reports, |fields| fields.priority.as_deref()));
    content.stored_text(last(reports, |fields| fields.due_precision.as_deref()));
    content.stored_text(last(reports, |fields| fields.due_text.as_deref()));
    content
        .stored_text(last(reports, |fields| fields.sensitivity.as_deref()).or(Some("RESTRICTED")));
    content.ids(elements.unwrap_or_default());
    content.day(reports.iter().rev().find_map(|report| report.course.start_on));
    for day in [Some(state.opened_on), state.due_original_on, state.due_on] {
        content.day(day);
    }
    content.stored_text(Some(state.status.code()));
    for day in [state.completed_on, state.cancelled_on, state.validated_on] {
        content.day(day);
    }
    let mut history = CopyRow::default();
    let (mut sequence, mut before) = (0_i32, None);
    for step in &state.steps {
        sequence = if before == Some(step.on) { sequence + 1 } else { 1 };
        before = Some(step.on);
        let mut row = CopyRow::default();
        row.value(id);
        row.value(step.on);
        row.value(sequence);
        row.stored_text(Some(step.change.code()));
        row.stored_text(Some(step.status.code()));
        row.day(step.due);
        history.extend(&row);
        let (batch, file, line) = step.lineage;
        row.value(batch);
        row.value(file);
        row.value(line);
        CopyRow::append(steps, &row, &CopyRow::default());
    }
    let mut lineage = CopyRow::default();
    lineage.stored_text(Some(&first.location.0));
    lineage.stored_text(Some(&first.location.1));
    let (batch, file, line) = first.course.lineage;
    lineage.value(batch);
    lineage.value(file);
    lineage.value(line);
    key.value(id);
    history.extend(&content);
    key.value(crate::copy::Bytes(&history.digest()));
    content.extend(&lineage);
    CopyRow::append(actions, &key, &content);
}

/// Writes the changes: actions, elements and history.
async fn store(merging: &MergeContext<'_>) -> Result<(), Error> {
    let [all, known] = merging.counts(sql!("action/count_rebuilt.sql")).await?;
    if all == 0 {
        return Ok(());
    }
    let over_states = |file: SqlFile| {
        let states = merging.statement(sql!("action/states.sql"));
        merging.statement(file).part("states", states.subquery())
    };
    if known > 0 {
        merging.run(over_states(sql!("action/update.sql"))).await?;
        merging
            .steps(&[sql!("action/delete_elements.sql"), sql!("action/delete_history.sql")])
            .await?;
    }
    let inserts = vec![
        ("corrective_action", over_states(sql!("action/insert.sql"))),
        ("corrective_action_element", merging.statement(sql!("action/insert_elements.sql"))),
        ("action_status_history", merging.statement(sql!("action/insert_history.sql"))),
    ];
    let unknown = merging.statement(sql!("action/count_unknown.sql"));
    merging.run_inserts(all, Some(unknown), inserts).await
}
