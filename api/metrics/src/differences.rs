//! Differences of metrics beyond chance between a period and the time before it, equally long.

use chrono::NaiveDate;
use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::vocabulary::ChangeVerdict;

use crate::change::{Change, Earlier, correct, evaluate_changes};
use crate::metric::registry;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// Difference of a metric's value from the time before the period.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDifference {
    /// Id of the metric.
    pub metric: &'static str,
    /// Title of the metric.
    pub title: &'static str,
    /// Row of the period.
    pub row: MetricRow,
    /// Change from the time before it.
    pub change: Change,
}

/// Returns the differences that remain after correction for the number of comparisons, in total and
/// by region.
///
/// Role `viewer` has none: no release publishes arbitrary days. Role `region` has those of its own
/// regions.
///
/// # Errors
/// Fails if a metric cannot be computed.
pub fn differences(
    snapshot: &Snapshot,
    viewer: &Viewer,
    since: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<MetricDifference>, MetricError> {
    if !viewer.sees_detail() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for metric in registry().iter().filter(|metric| metric.has_comparable_periods()) {
        let (id, title) = (metric.definition().id, metric.definition().title);
        for group_by in [Vec::new(), vec![Dimension::Region]] {
            let mut query = MetricQuery {
                from: Some(since),
                to: Some(until),
                as_of: until,
                group_by: Some(group_by),
                ..MetricQuery::default()
            };
            if viewer.role == Role::Region {
                query.only(Dimension::Region, &viewer.regions.join(","));
            }
            let earlier = Earlier::PreviousPeriod;
            let (result, changes) = match evaluate_changes(snapshot, id, &query, earlier, viewer) {
                Err(MetricError::NotReleased { .. }) => continue,
                answered => answered?,
            };
            found.extend(
                result.rows.into_iter().zip(changes).map(|(row, change)| MetricDifference {
                    metric: id,
                    title,
                    row,
                    change,
                }),
            );
        }
    }
    let mut changes: Vec<Change> = found.iter().map(|found| found.change.clone()).collect();
    correct(&mut changes);
    let corrected = found.into_iter().zip(changes);
    let corrected = corrected.map(|(found, change)| MetricDifference { change, ..found });
    Ok(corrected.filter(|found| found.change.verdict == ChangeVerdict::Changed).collect())
}
