//! Last day up to which the coalition's records reach, in total and by region.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::cube::{Cube, Measure, column, cube, day, day_of};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::snapshot::Snapshot;

/// Tables of records that coalitions report, with the days that each record proves.
const REPORTED: [(&str, &[&str]); 2] = [
    ("events", &["local_date", "final_on", "final_stamp_on"]),
    ("actions", &["opened_on", "completed_on", "cancelled_on", "validated_on"]),
];

/// Returns the newest day of a reported record by region, not after `today`: an exercise or
/// incident with a response, its final report, or an action that was opened or ended.
///
/// Incidents of public feeds do not count, since they continue when a coalition reports nothing.
///
/// # Errors
/// Fails when the engine fails.
pub fn data_through(
    snapshot: &Snapshot,
    today: NaiveDate,
) -> Result<Vec<(String, NaiveDate)>, MetricError> {
    let mut newest: BTreeMap<String, NaiveDate> = BTreeMap::new();
    for (table, names) in REPORTED {
        for name in names {
            let largest = Cube::of(table)
                .only(column(name).up_to(day(today)))
                .measure("newest", Measure::Largest(column(name)));
            let query = MetricQuery::always();
            for group in cube(snapshot, &largest, &query, &[Dimension::Region])? {
                let found = group.integer("newest").iter().flatten().max().copied().map(day_of);
                let (Some(found), Some(region)) = (found, group.keys.first().cloned()) else {
                    continue;
                };
                let known = newest.entry(region).or_insert(found);
                *known = (*known).max(found);
            }
        }
    }
    Ok(newest.into_iter().collect())
}
