//! Disclosure control: the numbers that a viewer may read about other regions.
//!
//! These numbers come from one *release*: fixed tables with default parameters, as of the end of
//! the last closed month. Primary suppression withholds a row if a number in it has too few facts
//! or too few contributors. Complementary suppression withholds further rows, so that no suppressed
//! cell can be computed from published ones. Viewers get live numbers for their own regions. So do
//! roles that see all detail.

mod changes;
mod contributors;
mod count;
mod draft;
mod elimination;
mod knowledge;
mod limits;
mod outdated;
mod participants;
mod relations;
mod release;
mod store;
mod successive;
mod suppression;
mod survival;
mod system;
mod tables;

pub(crate) use contributors::EventParticipants;
use hotwash_schema::access::Viewer;
pub(crate) use limits::suppress_row;
pub use limits::{MIN_CONTRIBUTORS, MIN_N};
pub use release::{Release, last_closed_month};
#[doc(hidden)]
pub use system::Rules;
use tables::TableKey;

use crate::metric::{Metric, rows as live_rows};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::MetricRow;
use crate::snapshot::Snapshot;

/// The queries about other regions that a release answers, for error messages.
const ALLOWED: &str = "about other regions you can ask for the state, by region, by region and one \
    further dimension, or by region and month, quarter or fiscal year, with default parameters \
    and days; ask for your own region to see more";

/// Returns true if the query concerns regions whose detail the viewer may not read, so that the
/// release must answer it.
pub(crate) fn needs_release(metric: &dyn Metric, query: &MetricQuery, viewer: &Viewer) -> bool {
    let filtered = query.filter.get(&Dimension::Region);
    let own_only = filtered.is_some_and(|codes| codes.iter().all(|code| viewer.sees_region(code)));
    !viewer.sees_all_detail()
        && metric.definition().dimensions.contains(&Dimension::Region)
        && !own_only
}

/// Answers a query from the release. Rows of the viewer's own regions are live, as of the day of
/// the release.
///
/// # Errors
/// If the release has no table for the query.
pub(crate) fn released_rows(
    snapshot: &Snapshot,
    release: &Release,
    metric: &dyn Metric,
    query: &MetricQuery,
    group_by: &[Dimension],
    viewer: &Viewer,
) -> Result<Vec<MetricRow>, MetricError> {
    let definition = metric.definition();
    let not_released = |what: &'static str| MetricError::NotReleased {
        metric: definition.id,
        what,
        allowed: ALLOWED,
    };
    if query.from.is_some() || query.to.is_some() {
        return Err(not_released("first and last days are not part of a release"));
    }
    if query.as_of != release.as_of && query.as_of != MetricQuery::default().as_of {
        return Err(MetricError::OtherDay {
            metric: definition.id,
            asked: query.as_of,
            released: release.as_of,
        });
    }
    let is_default = |(name, value): (&String, &serde_json::Value)| {
        definition
            .parameters
            .iter()
            .any(|parameter| parameter.name == name && parameter.is_default(value))
    };
    if !query.parameters.iter().all(is_default) {
        return Err(not_released("a release has default parameters"));
    }
    if query
        .filter
        .iter()
        .any(|(dimension, values)| values.len() != 1 && !group_by.contains(dimension))
    {
        return Err(not_released(
            "a filter by several values is a sum that no release contains; group by the dimension \
             instead",
        ));
    }
    let key = TableKey::of(definition, query, group_by);
    let Some(table) = release.table(&key) else {
        return Err(not_released("a release has no such table"));
    };
    let matches = |row: &MetricRow| {
        query.filter.iter().all(|(dimension, values)| {
            row.dimensions
                .get(dimension.key())
                .and_then(|key| key.as_str())
                .is_some_and(|key| values.iter().any(|value| value == key))
        })
    };
    let is_own = |row: &MetricRow| {
        row.dimensions
            .get(Dimension::Region.key())
            .and_then(|code| code.as_str())
            .is_some_and(|code| viewer.sees_region(code))
    };
    // The audit of a release assumes a reader of one region. Members of several regions get a table
    // only if nothing in it is suppressed.
    let suppress_all = viewer.regions.len() > 1 && release.has_suppressed_cells(&key);
    let mut rows: Vec<MetricRow> =
        table.rows.iter().filter(|row| matches(row) && !is_own(row)).cloned().collect();
    if suppress_all {
        rows = rows.into_iter().map(suppress_row).collect();
    }
    let own: Vec<String> =
        viewer.regions.iter().filter(|code| viewer.sees_region(code)).cloned().collect();
    if key.by.contains(&Dimension::Region) && !own.is_empty() {
        let mut live_query = MetricQuery {
            as_of: release.as_of,
            group_by: None,
            filter: query.filter.clone(),
            ..query.clone()
        };
        let regions = live_query.filter.entry(Dimension::Region).or_insert_with(|| own.clone());
        regions.retain(|code| own.contains(code));
        if !regions.is_empty() {
            let live = live_rows(metric, snapshot, &live_query, &key.by)?;
            let mut live: Vec<MetricRow> = live.iter().filter(|row| is_own(row)).cloned().collect();
            // Positions among the rows of one region are none among those of all.
            for extra in definition.extras.iter().filter(|extra| extra.among_rows) {
                for row in &mut live {
                    row.extra.insert(extra.name.to_owned(), serde_json::Value::Null);
                }
            }
            rows.extend(live);
        }
    }
    let by_key = |row: &MetricRow| {
        let key =
            |dimension: &Dimension| row.dimensions.get(dimension.key()).map(ToString::to_string);
        (
            group_by.iter().map(key).collect::<Vec<_>>(),
            row.dimensions.get("periodStart").map(ToString::to_string),
        )
    };
    if group_by != key.by || !own.is_empty() {
        rows.sort_by_cached_key(by_key);
    }
    for row in &mut rows {
        let mut keys = std::mem::take(&mut row.dimensions);
        for dimension in group_by {
            row.dimensions
                .extend(keys.remove(dimension.key()).map(|key| (dimension.key().to_owned(), key)));
        }
        // The only other key of a row is its period; keys that the query filters by are dropped.
        keys.retain(|name, _| !query.filter.keys().any(|dimension| dimension.key() == name));
        row.dimensions.extend(keys);
    }
    Ok(rows)
}
