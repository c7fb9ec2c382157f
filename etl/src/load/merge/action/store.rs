//! Rebuilds actions from their stored reports in date order, and writes those that changed. Memory
//! is bounded: reports are read by cursor, states are written by COPY.

use chrono::NaiveDate;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text};
use serde::Deserialize;

use super::super::{Insert, MergeContext, Unknown};
use super::state::{ActionState, StatusReport, fold};
use crate::copy::{CopyRow, HEADER, TRAILER};
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

/// Columns of `rebuilt_action`, in the order in which they are written.
const ACTION_COLUMNS: &str = "id bigint, content_hash bytea, event_id bigint, region_id int, \
    capability_id \
    int, owner_id bigint, finding_source text, \
    finding_source_id text, validated_event_id bigint, external_id text, issue text, text text, \
    priority text, due_precision text, due_text text, \
    sensitivity text, elements int[], start_on date, opened_on date, due_original_on date, \
    due_current_on date, status text, completed_on date, \
    cancelled_on date, validated_on date, source text, source_id text, batch_id int, file_id int, \
    source_row bigint";
const STEP_COLUMNS: &str = "corrective_action_id bigint, changed_on date, sequence int, change \
    text, \
    status text, due_on date, batch_id int, file_id int, source_row bigint";

/// Reports of touched actions in date order. On the same day, a plan comes before the trackers that
/// follow it up.
const REPORTS: &str = "declare reports cursor for \
    select s.corrective_action_id, s.report::text, coalesce(s.reported_on, l.started_at::date), \
    s.batch_id, s.file_id, s.source_row, \
        coalesce(e.end_local_date, e.local_date), s.source, s.source_id \
    from touched_action t join warehouse.corrective_action_source s on s.corrective_action_id = \
    t.id join meta.file l on l.file_id = s.file_id \
    left join warehouse.event e on e.event_id = (s.report ->> 'event_id')::bigint \
    order by s.corrective_action_id, coalesce(s.reported_on, l.started_at::date), (s.report -> \
    'withdrawn') is not null, \
        s.source <> 'hseep_aar_docx', s.source, s.source_id";

/// Rebuilds the actions in `touched_action` (`touched` is their number). Leaves those that are new
/// or changed in `rebuilt_action`.
pub async fn rebuild(merging: &MergeContext<'_>, touched: u64) -> Result<(), Error> {
    let transaction = merging.transaction;
    for (table, columns) in [("rebuilt_action", ACTION_COLUMNS), ("rebuilt_step", STEP_COLUMNS)] {
        merging.temp_tables.create(transaction, table, columns).await?;
    }
    merging.prepare_keys("touched_action", "id", touched).await?;
    merging.run(REPORTS).await?;
    let fetch = format!("fetch {CHUNK} from reports");
    let mut waiting: Vec<(i64, StoredReport)> = Vec::new();
    let mut rows = transaction.rows::<FetchedColumns, Fetched>(sql_query(&fetch)).await?;
    loop {
        let last = rows.len() < CHUNK;
        waiting.extend(rows.into_iter().map(stored_report));
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
            futures::join!(transaction.rows::<FetchedColumns, Fetched>(sql_query(&fetch)), async {
                rebuild_rows(&complete)
            });
        write(merging, tables).await?;
        rows = next?;
    }
    merging.run("close reports").await?;
    merging
        .run(
            "delete from rebuilt_action m using warehouse.corrective_action a \
             where a.corrective_action_id = m.id and a.content_hash = m.content_hash",
        )
        .await?;
    merging.prepare_keys("rebuilt_action", "id", touched).await?;
    merging.prepare_keys("rebuilt_step", "corrective_action_id", touched).await?;
    store(merging).await
}

/// Columns of a fetched report: action, report, day, load, file, row, day of the event, source and
/// id in it.
type FetchedColumns = (BigInt, Text, Date, Integer, Integer, BigInt, Nullable<Date>, Text, Text);
type Fetched = (i64, String, NaiveDate, i32, i32, i64, Option<NaiveDate>, String, String);

/// Returns a fetched report with the id of its action. A part whose JSON has another form has its
/// default.
fn stored_report(row: Fetched) -> (i64, StoredReport) {
    let (id, report, day, batch, file, line, event_on, source, source_id) = row;
    let course = StatusReport {
        day,
        lineage: (batch, file, line),
        event_on,
        ..serde_json::from_str(&report).unwrap_or_default()
    };
    let fields = serde_json::from_str(&report).unwrap_or_default();
    (id, StoredReport { course, fields, location: (source, source_id) })
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
    let transaction = merging.transaction;
    let [all, known] = transaction
        .counts(sql_query(
            "select count(*), count(a.corrective_action_id) from rebuilt_action m \
             left join warehouse.corrective_action a on a.corrective_action_id = m.id",
        ))
        .await?;
    if all == 0 {
        return Ok(());
    }
    let targets: Vec<&str> = WAREHOUSE_COLUMNS.iter().map(|(target, _)| *target).collect();
    let values: Vec<&str> = WAREHOUSE_COLUMNS.iter().map(|(_, value)| *value).collect();
    if known > 0 {
        let update = format!(
            "update warehouse.corrective_action a set ({}) = row({}) from rebuilt_action m where \
             a.corrective_action_id = m.id",
            targets.join(", "),
            values.join(", ")
        );
        merging.run(&update).await?;
        for table in ["corrective_action_element", "action_status_history"] {
            let delete = format!(
                "delete from warehouse.{table} c using rebuilt_action m where \
                 c.corrective_action_id \
                 = m.id"
            );
            merging.run(&delete).await?;
        }
    }
    let insert = format!(
        "insert into warehouse.corrective_action (corrective_action_id, {}) select m.id, {} from \
         rebuilt_action m \
         where not exists (select from warehouse.corrective_action a where a.corrective_action_id \
         = m.id) order by m.id",
        targets.join(", "),
        values.join(", ")
    );
    let inserts = [
        ("corrective_action", Insert::Text(&insert)),
        (
            "corrective_action_element",
            Insert::Text(
                "insert into warehouse.corrective_action_element (corrective_action_id, element_id, \
             weight) \
             select m.id, e.element_id, 1.0 / count(*) over (partition by m.id) from \
             rebuilt_action m \
             cross join lateral (select distinct unnest(m.elements) as element_id) as e order by \
             1, 2",
            ),
        ),
        (
            "action_status_history",
            Insert::Text(
                "insert into warehouse.action_status_history (corrective_action_id, changed_on, \
             sequence, change, status, due_on, batch_id, file_id, source_row) \
             select s.* from rebuilt_step s join rebuilt_action m on m.id = s.corrective_action_id \
             order \
             by 1, 2, 3",
            ),
        ),
    ];
    merging.run_inserts(all, Unknown::CountedByText(COUNT_UNKNOWN), &inserts).await
}

/// Columns of the action, from `rebuilt_action m`.
const WAREHOUSE_COLUMNS: &[(&str, &str)] = &[
    ("event_id", "m.event_id"),
    (
        "finding_id",
        "(select n.finding_id from warehouse.finding n where n.source = m.finding_source and \
         n.source_id = m.finding_source_id)",
    ),
    (
        "region_id",
        "coalesce(m.region_id, nullif((select o.region_id from warehouse.organization o where \
         o.organization_id = m.owner_id), -1), \
         (select r.region_id from warehouse.event_region r where r.event_id = m.event_id order by \
         r.allocation_weight desc, r.region_id limit 1), -1)",
    ),
    (
        "region_from_event",
        "m.region_id is null and not exists (select from warehouse.organization o where \
         o.organization_id = m.owner_id and o.region_id > 0)",
    ),
    ("capability_id", "coalesce(m.capability_id, -1)"),
    ("owner_organization_id", "coalesce(m.owner_id, -1)"),
    ("external_id", "m.external_id"),
    ("issue", "m.issue"),
    ("text", "m.text"),
    ("priority", "m.priority"),
    ("status", "m.status"),
    ("opened_on", "m.opened_on"),
    ("start_on", "m.start_on"),
    ("due_original_on", "m.due_original_on"),
    ("due_current_on", "m.due_current_on"),
    ("due_precision", "m.due_precision"),
    ("due_text", "m.due_text"),
    ("completed_on", "m.completed_on"),
    ("cancelled_on", "m.cancelled_on"),
    ("validated_on", "m.validated_on"),
    ("validated_event_id", "m.validated_event_id"),
    ("sensitivity", "m.sensitivity"),
    ("source", "m.source"),
    ("source_id", "m.source_id"),
    ("batch_id", "m.batch_id"),
    ("file_id", "m.file_id"),
    ("source_row", "m.source_row"),
    ("content_hash", "m.content_hash"),
];

/// Counts references that are not in the warehouse: none, unless the reference lists changed during
/// the load.
const COUNT_UNKNOWN: &str = "select \
    (select count(*) from (select distinct event_id as id from rebuilt_action union select \
    validated_event_id from rebuilt_action) s \
        where s.id is not null and not exists (select from warehouse.event e where e.event_id = \
        s.id)) \
    + (select count(*) from (select distinct region_id as id from rebuilt_action) s \
        where s.id is not null and not exists (select from warehouse.region r where r.region_id = \
        s.id)) \
    + (select count(*) from (select distinct capability_id as id from rebuilt_action) s \
        where s.id is not null and not exists (select from warehouse.capability c where \
        c.capability_id = s.id)) \
    + (select count(*) from (select distinct owner_id as id from rebuilt_action) s \
        where s.id is not null and not exists (select from warehouse.organization o where \
        o.organization_id = s.id)) \
    + (select count(*) from (select distinct unnest(elements) as id from rebuilt_action) s \
        where not exists (select from warehouse.element e where e.element_id = s.id))";
