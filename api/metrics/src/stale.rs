//! Marks figures whose feed is overdue.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use hotwash_schema::profile;
use serde_json::Value;

use crate::feeds::Feed;
use crate::metric::Metric;
use crate::query::{Dimension, MetricError, MetricQuery, Period};
use crate::row::{MetricRow, Reliability};
use crate::snapshot::{Snapshot, table};

/// Sets the reliability `STALE` of rows that count records of a feed which is overdue today, with a
/// note. A row that is suppressed or has too few records keeps that reliability.
///
/// A row of an earlier time stays as it is: it ends before the last cadence that came.
///
/// # Errors
/// Fails when the facts of the metric cannot be stated.
pub(crate) fn mark_stale(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    query: &MetricQuery,
    rows: &mut [MetricRow],
) -> Result<(), MetricError> {
    let today = profile::active().today();
    let mut overdue: Vec<&Feed> =
        snapshot.feeds().iter().filter(|feed| feed.is_overdue(today)).collect();
    if overdue.is_empty() {
        return Ok(());
    }
    let tables =
        snapshot.fact_tables(metric.definition().id, || fact_tables(snapshot, metric, query))?;
    overdue.retain(|feed| feed.tables.iter().any(|name| tables.contains(name.as_str())));
    // The longest overdue is named; a feed that never came has no day.
    overdue.sort_by_key(|feed| (feed.newest.is_none(), feed.expected_by()));
    let last = query.to.map_or(query.as_of, |to| to.min(query.as_of));
    for row in rows.iter_mut().filter(|row| row.reliability == Reliability::Ok) {
        let end = row
            .period_start()
            .zip(query.period)
            .map_or(last, |(start, grain)| Period { start, grain }.end().min(last));
        let concerned: Vec<&&Feed> =
            overdue.iter().filter(|feed| counts(row, query, feed, end)).collect();
        if let [first, further @ ..] = concerned.as_slice() {
            row.reliability = Reliability::Stale;
            let mut note = first.overdue_note();
            match further.len() {
                0 => {}
                1 => note.push_str(", and 1 more feed"),
                count => note.push_str(&format!(", and {count} more feeds")),
            }
            row.note = Some(row.note.take().map_or(note.clone(), |own| format!("{own}; {note}")));
        }
    }
    Ok(())
}

/// Returns the tables of the warehouse whose records a metric counts.
fn fact_tables(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    query: &MetricQuery,
) -> Result<BTreeSet<&'static str>, MetricError> {
    let facts = metric.facts(snapshot, query)?;
    let sources = facts.iter().map(|facts| table(facts.cube().table).sources);
    Ok(sources.filter_map(|sources| Some(sources.first()?.table)).collect())
}

/// Returns true if a row that ends on a day counts records of a feed's last cadence, or later ones.
fn counts(row: &MetricRow, query: &MetricQuery, feed: &Feed, end: NaiveDate) -> bool {
    let among = |dimension: Dimension, code: &str| {
        let chosen = query.filter.get(&dimension);
        match row.dimensions.get(dimension.key()).and_then(Value::as_str) {
            Some(own) => own == code,
            None => chosen.is_none_or(|codes| codes.iter().any(|one| one == code)),
        }
    };
    among(Dimension::Source, &feed.source)
        && feed.region.as_deref().is_none_or(|region| among(Dimension::Region, region))
        && feed.newest.is_none_or(|newest| end > feed.cadence.before(newest))
}
