//! Clusters of records behind rows that a query returned, as far as the viewer sees their records.

use std::collections::{BTreeMap, HashMap};

use hotwash_schema::access::Viewer;
use serde_json::{Map, Value};

use crate::clusters::Clusters;
use crate::definition::Unit;
use crate::disclosure::needs_release;
use crate::metric::{Metric, find};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// Returns the clusters behind each row that a query returned; `None` for a row that is no share of
/// records, and for records that are independent. Released rows about other regions have none
/// either: their events are not published.
///
/// # Errors
/// As the metric itself.
pub fn clusters(
    snapshot: &Snapshot,
    id: &str,
    query: &MetricQuery,
    viewer: &Viewer,
    rows: &[MetricRow],
) -> Result<Vec<Option<Clusters>>, MetricError> {
    let metric = find(id)?;
    let has_clusters = |row: &MetricRow| {
        row.unit == Unit::Share && row.records().is_some() && is_live(metric, query, viewer, row)
    };
    if !rows.iter().any(has_clusters) {
        return Ok(vec![None; rows.len()]);
    }
    let group_by = query.group_by.as_deref().unwrap_or(metric.definition().default_group_by);
    let mut live = MetricQuery { group_by: None, ..query.clone() };
    if needs_release(metric, query, viewer) {
        live.as_of = snapshot.release().map_or(query.as_of, |release| release.as_of);
    }
    let Some(found) = metric.clusters(snapshot, &live, group_by)? else {
        return Ok(vec![None; rows.len()]);
    };
    let found: HashMap<String, Clusters> =
        found.into_iter().map(|(keys, clusters)| (text(&keys), clusters)).collect();
    let of_row = |row: &MetricRow| found.get(&text(&row.dimensions)).cloned().unwrap_or_default();
    Ok(rows.iter().map(|row| has_clusters(row).then(|| of_row(row))).collect())
}

/// Returns the keys of a row as text, with its period; the same in whatever order they are.
pub(crate) fn text(keys: &Map<String, Value>) -> String {
    let keys: BTreeMap<&String, &Value> = keys.iter().collect();
    keys.into_iter().map(|(name, key)| format!("{name}={key};")).collect()
}

/// Returns true if a row is not released, but computed from records that the viewer may see.
pub(crate) fn is_live(
    metric: &dyn Metric,
    query: &MetricQuery,
    viewer: &Viewer,
    row: &MetricRow,
) -> bool {
    let region = row.dimensions.get(Dimension::Region.key()).and_then(Value::as_str);
    !needs_release(metric, query, viewer) || region.is_some_and(|code| viewer.sees_region(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_same_keys_in_whatever_order_they_are() {
        let row = |names: [&str; 2]| {
            let keys = names.map(|name| (name.to_owned(), Value::from(name)));
            text(&Map::from_iter(keys))
        };
        assert_eq!(row(["region", "period"]), row(["period", "region"]));
        assert_ne!(row(["region", "period"]), row(["region", "hazard"]));
    }
}
