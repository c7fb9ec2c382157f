//! The sums that the facts of a metric declare, apart from what it computes. Tests compare both.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::cube::{Measure, cube};
use crate::metric::{dimensions, find};
use crate::query::{MetricError, MetricQuery};
use crate::snapshot::Snapshot;

/// Keys of a row, and the sum over its facts for each extra that states one.
pub type StatedSums = (Map<String, Value>, BTreeMap<&'static str, i64>);

/// Returns the sums that the facts of a metric declare, for each row of a query that has facts.
///
/// # Errors
/// As the metric itself.
pub fn stated_sums(
    snapshot: &Snapshot,
    id: &str,
    query: &MetricQuery,
) -> Result<Vec<StatedSums>, MetricError> {
    let metric = find(id)?;
    let group_by = query.group_by.as_deref().unwrap_or(metric.definition().default_group_by);
    let mut sums = Vec::new();
    for facts in metric.facts(snapshot, query)? {
        let further = facts.further();
        let counted = further.iter().fold(facts.cube(), |cube, (extra, amount)| {
            cube.measure(extra, Measure::Sum(amount.clone()))
        });
        let by = facts.split_by(group_by);
        for group in cube(snapshot, &counted, &facts.select(query), &by)? {
            let of_extras = further.iter().map(|(extra, _)| (*extra, group.sum(extra)));
            sums.push((dimensions(&group, &by), of_extras.collect()));
        }
    }
    Ok(sums)
}
