//! Generates the requests of trackers. Once a quarter, each owner was asked about the actions that
//! were open. Most owners answered in time, some late, and some not yet.

use chrono::{Datelike, Days, NaiveDate};

use super::recipe::{QUARTERS, Recipe};
use super::tables::{GenerateError, Tables};
use crate::template::CellValue;
use crate::tracker_form::{ANSWER_DAYS, tracker_id};

/// Quarters with a tracker, up to the last one.
const ASKED_QUARTERS: u32 = 6;
/// Days from the asking to the end of the quarter, at least. The answers are due before it ends.
const BEFORE_END: u64 = ANSWER_DAYS + 2;
/// Days after the asking, a Monday, on which an owner answers in time. All are weekdays.
const IN_TIME: [u64; 9] = [1, 2, 4, 7, 8, 9, 10, 11, ANSWER_DAYS];
/// Days after the asking on which an owner answers late.
const LATE: [u64; 6] = [15, 16, 18, 22, 28, 37];
/// Number of trackers in 256 that are answered in time.
const OF_256_IN_TIME: u8 = 190;
/// Number of trackers in 256 that are answered at all.
const OF_256_ANSWERED: u8 = 236;
/// One action in this many is left out of an answered tracker.
const LEFT_OUT: u8 = 12;

/// An action, as trackers ask about it.
pub struct TrackedAction<'a> {
    /// Id in the files.
    pub id: &'a str,
    /// Id of the owner.
    pub owner: &'a str,
    /// Day it was opened.
    pub opened: NaiveDate,
    /// Day it was completed or canceled.
    pub ended: Option<NaiveDate>,
}

/// Writes the requests about an action. They follow from the seed and the action, not from the
/// random numbers of other files.
pub fn write(
    recipe: &Recipe,
    action: &TrackedAction<'_>,
    tables: &mut Tables,
) -> Result<(), GenerateError> {
    for quarter in QUARTERS - ASKED_QUARTERS..QUARTERS {
        let asked_on = asked_on(recipe, quarter);
        let is_open = action.opened <= asked_on && action.ended.is_none_or(|day| asked_on < day);
        if !is_open {
            continue;
        }
        let tracker = format!("{} {} {asked_on}", recipe.seed, action.owner);
        let answered_on = answer(&tracker, action.id)
            .map(|days| asked_on + Days::new(days))
            .filter(|day| *day <= recipe.as_of);
        let tracker = tracker_id(&tracker);
        tables.row(
            "tracker_requests",
            &[
                ("request_id", CellValue::text(format!("{tracker}-{}", action.id))),
                ("tracker", CellValue::text(tracker)),
                ("action_source", CellValue::text("hotwash")),
                ("action_id", CellValue::text(action.id)),
                ("asked_on", CellValue::Date(asked_on)),
                ("due_on", CellValue::Date(asked_on + Days::new(ANSWER_DAYS))),
                ("answered_on", CellValue::maybe(answered_on, CellValue::Date)),
            ],
        )?;
    }
    Ok(())
}

/// Returns the Monday on which the trackers of a quarter were written.
fn asked_on(recipe: &Recipe, quarter: u32) -> NaiveDate {
    let latest = recipe.quarter_start(quarter + 1) - Days::new(BEFORE_END + 1);
    latest - Days::new(latest.weekday().num_days_from_monday().into())
}

/// Returns the days from the asking to the answer about an action. An owner answers once, about
/// nearly all actions of a tracker.
fn answer(tracker: &str, action: &str) -> Option<u64> {
    let of_tracker = blake3::hash(tracker.as_bytes());
    let [share, day, ..] = *of_tracker.as_bytes();
    let days: &[u64] = match share {
        0..OF_256_IN_TIME => &IN_TIME,
        OF_256_IN_TIME..OF_256_ANSWERED => &LATE,
        _ => return None,
    };
    let of_action = blake3::hash(format!("{tracker} {action}").as_bytes());
    let is_left_out = of_action.as_bytes()[0].is_multiple_of(LEFT_OUT);
    (!is_left_out).then(|| days[usize::from(day) % days.len()])
}
