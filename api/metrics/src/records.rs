//! The records behind a row: which facts were counted and in which part, by id. Each record itself
//! names its file, row and load.

use std::collections::{BTreeMap, HashMap};

use hotwash_schema::access::Viewer;

use crate::codes;
use crate::cube::{Condition, CubePlan, chosen};
use crate::facts::{Facts, Numbers, Part};
use crate::metric::{check_parameters, find};
use crate::query::{Dimension, MetricError, MetricQuery, Period};
use crate::snapshot::Snapshot;

/// A record, by its GraphQL type and key, with its part in the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordId {
    /// GraphQL type, e.g. `CapabilityRating`.
    pub kind: &'static str,
    /// Key in the warehouse.
    pub key: i64,
    /// Part of the row.
    pub part: Part,
    /// Key of the earlier record of the same type that it repeats.
    pub repeats: Option<i64>,
}

/// Maximum number of records counted behind one figure, plus one.
pub const MOST_RECORDS: usize = 1_000_001;

/// Returns up to `first` records behind the row of a metric with these keys, in the order of their
/// ids. The list is empty for a metric without single records, and for rows of regions whose detail
/// the viewer may not see.
///
/// # Errors
/// As the metric itself.
pub fn records(
    snapshot: &Snapshot,
    id: &str,
    query: &MetricQuery,
    keys: &BTreeMap<Dimension, String>,
    period: Option<Period>,
    first: usize,
    viewer: &Viewer,
) -> Result<Vec<RecordId>, MetricError> {
    let metric = find(id)?;
    let region = keys.get(&Dimension::Region);
    if !(viewer.sees_all_detail() || region.is_some_and(|code| viewer.sees_region(code))) {
        return Ok(Vec::new());
    }
    let mut records_query = MetricQuery { group_by: None, period: None, ..query.clone() };
    for (dimension, value) in keys {
        records_query.filter.insert(*dimension, vec![value.clone()]);
    }
    if let Some(period) = period {
        if metric.state_since(snapshot)?.is_some() {
            // A metric that describes a state has one as-of day for each period.
            let last = query.to.unwrap_or(query.as_of).min(query.as_of);
            (records_query.as_of, records_query.from, records_query.to) =
                (period.end().min(last), None, None);
        } else {
            records_query.from =
                Some(records_query.from.map_or(period.start, |from| from.max(period.start)));
            records_query.to =
                Some(records_query.to.map_or(period.end(), |to| to.min(period.end())));
        }
    }
    check_parameters(metric.definition(), query)?;
    codes::check(snapshot, &records_query)?;
    let facts = metric.facts(snapshot, &records_query)?;
    let Some(facts) =
        facts.iter().find(|facts| facts.numbers() == Numbers::Row && facts.kind().is_some())
    else {
        return Ok(Vec::new());
    };
    let mut found = parts(snapshot, facts, &records_query, first)?;
    let repeated = metric.repeated(snapshot, &records_query)?;
    for record in found.iter_mut().filter(|record| record.part == Part::Numerator) {
        record.repeats = repeated.get(&record.key).copied();
    }
    Ok(found)
}

/// Returns the first of the facts that a query selects, each with its part.
fn parts(
    snapshot: &Snapshot,
    facts: &Facts,
    query: &MetricQuery,
    first: usize,
) -> Result<Vec<RecordId>, MetricError> {
    let Some(kind) = facts.kind() else { return Ok(Vec::new()) };
    let cube = facts.cube();
    let only = chosen(snapshot, &cube, &facts.select(query));
    let find = |only: Vec<Condition>| {
        let plan = CubePlan { table: cube.table, only, keys: Vec::new(), measures: Vec::new() };
        snapshot.engine().first(snapshot.frames(), &plan, facts.key(), first)
    };
    let keys = find(only.clone())?;
    let mut parts: HashMap<i64, Part> = HashMap::new();
    for (part, condition) in facts.parts() {
        // A record of this part that is among the first of all is also among the first of its part.
        for key in find([only.as_slice(), std::slice::from_ref(condition)].concat())? {
            // The first true condition decides.
            parts.entry(key).or_insert(*part);
        }
    }
    let part = |key: i64| {
        facts.listed_part(key).or_else(|| parts.get(&key).copied()).unwrap_or(facts.other_part())
    };
    Ok(keys.into_iter().map(|key| RecordId { kind, key, part: part(key), repeats: None }).collect())
}
