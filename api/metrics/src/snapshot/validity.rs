//! Corrective actions as SCD type 2: one row per validity interval. Moved due dates and reopenings
//! are read from the dated history; all other actions come from the actions themselves.

use std::collections::HashMap;

use hotwash_schema::SchemaError;
use hotwash_schema::copy::OpenTransaction;
use polars::prelude::{DataFrame, IdxCa, Int8Type};

use super::frame::Frame;
use super::names::SharedNames;
use super::read::{Filling, columns};
use super::series::{day_columns, series};
use super::statement::Restricted;
use super::tables::FieldKind;
use crate::cube::{Cube, column, day};
use crate::query::MetricQuery;
use crate::sql::sql;

/// Day before all others, 1 January of the year 1.
const ALWAYS: i32 = -719_162;

/// Returns the actions opened by the as-of day, with their status on that day.
pub(crate) fn opened(query: &MetricQuery) -> Cube {
    Cube::of("actions").only(column("known_until").not_by(day(query.as_of)))
}

/// Status of an action after a step of its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ActionStatus {
    Open,
    Completed,
    Canceled,
}

#[derive(Clone, Copy, Debug)]
struct StatusStep {
    on: i32,
    status: ActionStatus,
    due: Option<i32>,
}

/// Current due date and endings of an action, in days since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ActionState {
    due: Option<i32>,
    completed: Option<i32>,
    canceled: Option<i32>,
}

impl ActionState {
    /// Returns the state of an action on a day from its final state.
    fn on(self, steps: &[StatusStep], day: i32) -> Self {
        let known = &steps[..steps.partition_point(|step| step.on <= day)];
        if known.len() == steps.len() {
            return self;
        }
        let mut state = Self { due: known.iter().rev().find_map(|step| step.due), ..self };
        let ended = [self.completed, self.canceled].into_iter().flatten().any(|end| end <= day);
        if let (false, Some(last)) = (ended, known.last()) {
            // The first day of the last run of steps with the same status.
            let since = known
                .iter()
                .rev()
                .take_while(|step| step.status == last.status)
                .last()
                .map(|step| step.on);
            state.completed = since.filter(|_| last.status == ActionStatus::Completed);
            state.canceled = since.filter(|_| last.status == ActionStatus::Canceled);
        }
        state
    }
}

/// Returns all actions, or those of some keys, with one row per validity interval.
pub(super) async fn dated(
    transaction: &OpenTransaction<'_>,
    frame: Frame,
    keys: Option<&[i64]>,
) -> Result<Frame, SchemaError> {
    let kinds = [
        ("action_id", FieldKind::Key),
        ("changed_on", FieldKind::Day),
        ("standing", FieldKind::Id),
        ("due_on", FieldKind::Day),
    ];
    let rows = Restricted { sql: sql!("action_steps.sql"), keys };
    let steps = steps(&columns(transaction, &rows, &kinds, &SharedNames::default()).await?);
    if steps.is_empty() {
        return Ok(frame);
    }
    let internal =
        |error: polars::prelude::PolarsError| SchemaError::Database(format!("snapshot: {error}"));
    let data = spread(&frame.data, &steps).map_err(internal)?;
    Ok(Frame { data, labels: frame.labels })
}

fn steps(filled: &[Filling]) -> HashMap<i64, Vec<StatusStep>> {
    let mut steps: HashMap<i64, Vec<StatusStep>> = HashMap::new();
    let [
        Filling::Key(ids),
        Filling::Integer(on),
        Filling::Integer(statuses),
        Filling::Integer(due),
    ] = filled
    else {
        return steps;
    };
    for (position, id) in ids.iter().enumerate() {
        if let (Some(id), Some(on)) = (*id, on[position]) {
            let steps = steps.entry(id).or_default();
            let status = match statuses[position] {
                Some(1) => ActionStatus::Completed,
                Some(2) => ActionStatus::Canceled,
                Some(_) => ActionStatus::Open,
                None => steps.last().map_or(ActionStatus::Open, |last| last.status),
            };
            steps.push(StatusStep { on, status, due: due[position] });
        }
    }
    steps
}

fn spread(
    data: &DataFrame,
    steps: &HashMap<i64, Vec<StatusStep>>,
) -> polars::prelude::PolarsResult<DataFrame> {
    let ids = data.column("action_id")?.i64()?;
    let days = |name: &str| -> polars::prelude::PolarsResult<Vec<Option<i32>>> {
        Ok(data.column(name)?.i32()?.iter().collect())
    };
    let (due, completed, canceled) =
        (days("due_current_on")?, days("completed_on")?, days("cancelled_on")?);
    let mut rows: Vec<u32> = Vec::with_capacity(data.height());
    let mut times: [Vec<Option<i32>>; 5] = Default::default();
    let mut taken_back: Vec<Option<i8>> = Vec::with_capacity(data.height());
    let mut add = |row: usize, from: i32, until: Option<i32>, state: ActionState, back: bool| {
        rows.push(row as u32);
        taken_back.push(Some(i8::from(back)));
        let all = [state.due, state.completed, state.canceled, Some(from), until];
        times.iter_mut().zip(all).for_each(|(column, value)| column.push(value));
    };
    for (row, id) in ids.iter().enumerate() {
        let last =
            ActionState { due: due[row], completed: completed[row], canceled: canceled[row] };
        let Some(steps) = id.and_then(|id| steps.get(&id)) else {
            add(row, ALWAYS, None, last, false);
            continue;
        };
        let back = is_reopened(steps);
        // The status is constant from one of these days until the next.
        let mut days: Vec<i32> = steps.iter().map(|step| step.on).collect();
        days.extend([ALWAYS].into_iter().chain(last.completed).chain(last.canceled));
        days.sort_unstable();
        days.dedup();
        let mut from = ALWAYS;
        for (position, day) in days.iter().enumerate() {
            let state = last.on(steps, *day);
            match days.get(position + 1) {
                Some(next) if last.on(steps, *next) == state => {}
                next => {
                    add(row, from, next.copied(), state, back);
                    from = next.copied().unwrap_or(from);
                }
            }
        }
    }
    let mut spread = data.take(&IdxCa::from_vec("row".into(), rows))?;
    let names = ["due_current_on", "completed_on", "cancelled_on", "known_from", "known_until"];
    for (name, values) in names.into_iter().zip(times) {
        for made in day_columns(name, values.into_iter()) {
            spread.with_column(made)?;
        }
    }
    spread.with_column(series::<Int8Type>("taken_back", taken_back.into_iter()))?;
    Ok(spread)
}

/// Returns true if a completed or canceled action was reopened.
fn is_reopened(steps: &[StatusStep]) -> bool {
    steps
        .windows(2)
        .any(|pair| pair[0].status != ActionStatus::Open && pair[1].status == ActionStatus::Open)
}
