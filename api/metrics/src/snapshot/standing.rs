//! Corrective actions as they stood on a day: due dates that were moved later and endings that were taken back are read from
//! their dated history; all others from the actions themselves.

use std::collections::HashMap;

use chrono::NaiveDate;
use polars::prelude::{
    DataFrame, DataType, IntoColumn, IntoLazy, JoinArgs, JoinType, LazyFrame, NamedFrom, Series, UnionArgs, col,
    concat, lit,
};

use super::Snapshot;
use super::index::{days, integers};
use crate::ask::MetricError;

/// How an action stands after a step of its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    Completed,
    Cancelled,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    on: NaiveDate,
    standing: Standing,
    due: Option<NaiveDate>,
}

/// A change of standing: its day and the name of its measure.
type Move = (NaiveDate, &'static str);

impl Snapshot {
    /// The frame of actions with the due date and the ending that each had on this day; those opened later are still in it.
    pub(crate) fn actions_on(&self, day: NaiveDate) -> Result<DataFrame, MetricError> {
        let mut frame = self.frame("actions").clone();
        let steps = self.action_steps()?;
        if steps.values().flatten().all(|step| step.on <= day) {
            return Ok(frame);
        }
        let ids = integers(&frame, "action_id")?;
        let (mut due, mut completed, mut cancelled) =
            (days(&frame, "due_current_on")?, days(&frame, "completed_on")?, days(&frame, "cancelled_on")?);
        for (place, id) in ids.iter().enumerate() {
            let Some(steps) = id.and_then(|id| steps.get(&id)) else { continue };
            let known = &steps[..steps.partition_point(|step| step.on <= day)];
            if known.len() == steps.len() {
                continue;
            }
            due[place] = known.iter().rev().find_map(|step| step.due);
            let ended = [completed[place], cancelled[place]].into_iter().flatten().any(|end| end <= day);
            if !ended && let Some(last) = known.last() {
                // The first day of the run of steps that leave it as it stands.
                let since =
                    known.iter().rev().take_while(|step| step.standing == last.standing).last().map(|step| step.on);
                completed[place] = since.filter(|_| last.standing == Standing::Completed);
                cancelled[place] = since.filter(|_| last.standing == Standing::Cancelled);
            }
        }
        for (name, column) in [("due_current_on", due), ("completed_on", completed), ("cancelled_on", cancelled)] {
            frame.with_column(day_column(name, &column)?)?;
        }
        Ok(frame)
    }

    /// A row for each change of an action's standing: `local_date`, and 1 in `opened`, `closed`, `cancelled` or `reopened`.
    pub(crate) fn action_moves(&self) -> Result<LazyFrame, MetricError> {
        let frame = self.frame("actions");
        let taken_back: HashMap<i64, Vec<Move>> = self
            .action_steps()?
            .into_iter()
            .map(|(id, steps)| (id, moves(&steps)))
            .filter(|(_, moves)| moves.iter().any(|(_, change)| *change == "reopened"))
            .collect();
        let ids: Vec<i64> = taken_back.keys().copied().collect();
        let ids = DataFrame::new_infer_height(vec![Series::new("action_id".into(), ids).into_column()])?.lazy();
        let dated = |lazy: LazyFrame, column: &str, change: &str| {
            let marks =
                ["opened", "closed", "cancelled", "reopened"].map(|name| lit(i32::from(name == change)).alias(name));
            lazy.filter(col(column).is_not_null()).with_column(col(column).alias("local_date")).with_columns(marks)
        };
        let key = || [col("action_id")];
        let steady = frame.clone().lazy().join(ids, key(), key(), JoinArgs::new(JoinType::Anti));
        let mut parts = vec![
            dated(frame.clone().lazy(), "opened_on", "opened"),
            dated(steady.clone(), "completed_on", "closed"),
            dated(steady, "cancelled_on", "cancelled"),
        ];
        for change in ["closed", "cancelled", "reopened"] {
            let of_kind = taken_back.iter().flat_map(|(id, moves)| {
                moves.iter().filter(|(_, found)| *found == change).map(|(on, _)| (*id, Some(*on)))
            });
            let (ids, on): (Vec<i64>, Vec<Option<NaiveDate>>) = of_kind.unzip();
            let changed = DataFrame::new_infer_height(vec![
                Series::new("action_id".into(), ids).into_column(),
                day_column("changed_on", &on)?,
            ])?;
            let joined = frame.clone().lazy().join(changed.lazy(), key(), key(), JoinArgs::new(JoinType::Inner));
            parts.push(dated(joined, "changed_on", change).drop(polars::prelude::cols(["changed_on"])));
        }
        Ok(concat(parts, UnionArgs::default())?)
    }

    /// Steps in their order, of the actions whose due date was moved or whose ending was taken back.
    fn action_steps(&self) -> Result<HashMap<i64, Vec<Step>>, MetricError> {
        let frame = self.frame("action_steps");
        let mut steps: HashMap<i64, Vec<Step>> = HashMap::new();
        let (ids, on) = (integers(frame, "action_id")?, days(frame, "changed_on")?);
        let (standings, due) = (integers(frame, "standing")?, days(frame, "due_on")?);
        for place in 0..frame.height() {
            if let (Some(id), Some(on)) = (ids[place], on[place]) {
                let steps = steps.entry(id).or_default();
                let standing = match standings[place] {
                    Some(1) => Standing::Completed,
                    Some(2) => Standing::Cancelled,
                    Some(_) => Standing::Open,
                    None => steps.last().map_or(Standing::Open, |last| last.standing),
                };
                steps.push(Step { on, standing, due: due[place] });
            }
        }
        Ok(steps)
    }
}

/// The changes of standing that a history tells, besides the opening.
fn moves(steps: &[Step]) -> Vec<Move> {
    let mut standing = Standing::Open;
    let mut moves = Vec::new();
    for step in steps.iter().filter(|step| std::mem::replace(&mut standing, step.standing) != step.standing) {
        moves.push((
            step.on,
            match step.standing {
                Standing::Open => "reopened",
                Standing::Completed => "closed",
                Standing::Cancelled => "cancelled",
            },
        ));
    }
    moves
}

fn day_column(name: &str, values: &[Option<NaiveDate>]) -> Result<polars::prelude::Column, MetricError> {
    let epoch = NaiveDate::default();
    let numbers: Vec<Option<i32>> = values.iter().map(|day| day.map(|day| (day - epoch).num_days() as i32)).collect();
    Ok(Series::new(name.into(), numbers).cast(&DataType::Date)?.into_column())
}
