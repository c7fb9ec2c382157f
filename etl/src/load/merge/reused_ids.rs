//! Ids that a document gives to another record than an earlier document does, because its numbers
//! begin again for each exercise, region or year. Such a row would overwrite the earlier record, so
//! it is rejected.

use chrono::{NaiveDate, TimeDelta};
use diesel::sql_types::{Bool, Date, Text};
use hotwash_schema::copy::Error;
use hotwash_schema::label::normalize_label;
use hotwash_schema::record;

use super::context::{Counts, MergeContext, NEAR};
use super::duplicates::reject_reused;
use crate::redact::SEPARATOR;
use crate::sql::sql;

/// Sources whose ids are numbers that people give.
const NUMBERED: [&str; 3] = ["exercise_calendar", "duty_officer_log", "improvement_plan_xlsx"];
/// Similarity of names or texts, 0 to 1, below which they describe different things.
const UNLIKE: f64 = 0.5;
/// Days by which an event can move in the next edition of its file.
const MOVED: i64 = 183;

fn is_numbered(merging: &MergeContext<'_>) -> bool {
    NUMBERED.contains(&merging.source)
}

fn is_unlike(one: &str, two: &str) -> bool {
    strsim::normalized_levenshtein(&normalize_label(one), &normalize_label(two)) < UNLIKE
}

/// Rejects events whose id belongs to an event of another name and day.
pub async fn reject_events(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    if !is_numbered(merging) {
        return Ok(());
    }
    type Columns = (Text, Text, Date, Text, Date, Text, Bool);
    type Row = (String, String, NaiveDate, String, NaiveDate, String, bool);
    let known: Vec<Row> = merging.rows::<Columns, _>(sql!("event/known_ids.sql")).await?;
    let is_other = |(_, name, day, known_name, known_day, _, is_same_file): &Row| {
        let most = if *is_same_file { MOVED } else { NEAR.into() };
        is_unlike(name, known_name) && (*day - *known_day).abs() > TimeDelta::days(most)
    };
    let reused = known.into_iter().filter(is_other).map(|(id, _, _, name, day, file, _)| {
        (id, format!("is the id of another event, “{name}” of {day} in {file}; {REMEDY}"))
    });
    reject_reused(merging, &record::EVENT, reused.collect(), counts).await
}

/// Rejects actions whose id belongs to an action of another event with another text.
pub async fn reject_actions(merging: &MergeContext<'_>, counts: &mut Counts) -> Result<(), Error> {
    if !is_numbered(merging) {
        return Ok(());
    }
    type Columns = (Text, Text, Text, Text, Text, Text);
    type Row = (String, String, String, String, String, String);
    let known: Vec<Row> = merging.rows::<Columns, _>(sql!("action/known_ids.sql")).await?;
    let is_other = |(_, event, text, known_event, known_text, _): &Row| {
        let (event, known_event) = (event_name(event), event_name(known_event));
        let names = event.zip(known_event);
        names.is_some_and(|(one, two)| one != two) && is_unlike(text, known_text)
    };
    let reused = known.into_iter().filter(is_other).map(|(id, _, _, event, text, file)| {
        let event = event_name(&event).unwrap_or_default().to_owned();
        let text: String = text.chars().take(80).collect();
        (id, format!("is the id of another action, “{text}” of {event} in {file}; {REMEDY}"))
    });
    reject_reused(merging, &record::CORRECTIVE_ACTION, reused.collect(), counts).await
}

const REMEDY: &str = "give each record an id of its own, such as one with the year and the region";

/// Returns the normalized name of a staged reference to an event.
fn event_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("name")?.split(SEPARATOR).nth(1)
}
