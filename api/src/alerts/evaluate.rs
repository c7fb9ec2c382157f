//! Reports whether a rule holds for a reader, in a sentence.

use chrono::NaiveDate;
use hotwash_metrics::{Dimension, Feed, MetricError, MetricRow};
use hotwash_report::{PageContext, counted, printed_day, printed_value};
use serde_json::Value;

use super::file::{Condition, Rule, VERDICT};

/// Result of a rule.
pub struct Finding {
    /// True if the condition holds.
    pub is_on: bool,
    /// What is found.
    pub sentence: String,
}

/// Evaluates a rule with the rights of the context's viewer. `None` if it cannot be judged: too few
/// records, or not open to the viewer.
///
/// # Errors
/// Fails when the metric cannot be computed, such as one without regions for a rule with a region.
pub fn evaluate(
    rule: &Rule,
    context: &PageContext<'_>,
    rejected: &[String],
    today: NaiveDate,
) -> Result<Option<Finding>, MetricError> {
    let row = match &rule.condition {
        Condition::Above(id, _) | Condition::Below(id, _) | Condition::Verdict(id, _) => {
            judged(rule, id, context)?
        }
        Condition::RejectedFiles | Condition::FeedOverdue(_) | Condition::DaysWithoutData(_) => {
            None
        }
    };
    Ok(finding(rule, row.as_ref(), context, rejected, today))
}

/// Returns what a rule finds, from its metric's row if it has one.
fn finding(
    rule: &Rule,
    row: Option<&MetricRow>,
    context: &PageContext<'_>,
    rejected: &[String],
    today: NaiveDate,
) -> Option<Finding> {
    let place = rule.region.as_ref().map_or("State".to_owned(), |code| context.region(code));
    match &rule.condition {
        Condition::Above(id, limit) => {
            let row = row?;
            let sentence = compared(row, id, &place, "limit: above", *limit, context.as_of())?;
            Some(Finding { is_on: row.value? > *limit, sentence })
        }
        Condition::Below(id, limit) => {
            let row = row?;
            let sentence = compared(row, id, &place, "limit: below", *limit, context.as_of())?;
            Some(Finding { is_on: row.value? < *limit, sentence })
        }
        Condition::Verdict(id, code) => {
            let verdict = row?.extra.get(VERDICT).and_then(Value::as_str)?;
            let title = hotwash_metrics::find(id).ok()?.definition().title;
            Some(Finding {
                is_on: verdict == code,
                sentence: format!(
                    "{place}: {title} has the verdict {} (rule: {}).",
                    in_words(verdict),
                    in_words(code)
                ),
            })
        }
        Condition::RejectedFiles => {
            let sentence = match rejected.len() {
                0 => "The latest load rejected no file and no row.".to_owned(),
                _ => format!("The latest load rejected files or rows: {}.", rejected.join(", ")),
            };
            Some(Finding { is_on: !rejected.is_empty(), sentence })
        }
        Condition::FeedOverdue(source) => {
            let mut feeds = feeds_of(rule, source, context).peekable();
            let name = feeds.peek()?.source_name.as_str();
            let overdue: Vec<String> =
                feeds.filter(|feed| feed.is_overdue(today)).map(Feed::overdue_note).collect();
            let sentence = match overdue.as_slice() {
                [] => format!("{place}: {name} came as expected."),
                overdue => format!("{}.", overdue.join("; ")),
            };
            Some(Finding { is_on: !overdue.is_empty(), sentence })
        }
        Condition::DaysWithoutData(most) => {
            let newest = context.data_through(rule.region.as_deref())?;
            let days = (today - newest).num_days();
            let newest = printed_day(newest);
            Some(Finding {
                is_on: days > *most,
                sentence: format!(
                    "{place}: the latest data is of {newest}, {} ago.",
                    counted(days as f64, "day", "days")
                ),
            })
        }
    }
}

/// Returns the expected feeds of a source and the rule's region.
fn feeds_of<'a>(
    rule: &'a Rule,
    source: &'a str,
    context: &PageContext<'a>,
) -> impl Iterator<Item = &'a Feed> {
    let feeds = context.snapshot.feeds().iter().filter(move |feed| feed.source == source);
    feeds.filter(|feed| rule.region.is_none() || feed.region == rule.region)
}

/// Returns the metric's row, if it can be judged.
fn judged(
    rule: &Rule,
    id: &str,
    context: &PageContext<'_>,
) -> Result<Option<MetricRow>, MetricError> {
    let filters: Vec<(Dimension, &str)> =
        rule.region.as_deref().map(|code| (Dimension::Region, code)).into_iter().collect();
    Ok(context.one(id, &filters)?.filter(MetricRow::is_judged))
}

/// Returns a verdict in words, such as `too few` of `TOO_FEW`.
fn in_words(verdict: &str) -> String {
    verdict.to_lowercase().replace('_', " ")
}

/// Returns a sentence about a value and its limit.
fn compared(
    row: &MetricRow,
    id: &str,
    place: &str,
    words: &str,
    limit: f64,
    as_of: NaiveDate,
) -> Option<String> {
    let title = hotwash_metrics::find(id).ok()?.definition().title;
    let [value, limit] = [row.value, Some(limit)].map(|number| printed_value(number, row.unit));
    let day = printed_day(as_of);
    Some(format!("{place}: {title}: {value} as of {day} ({words} {limit})."))
}
