//! Short lists that a metric has computed, such as top risks or duties, pooled by dimension and
//! period.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::single::RowKey;
use crate::query::{Dimension, MetricQuery, Period};

/// Groups the items that pass the query's filters. An item with a day belongs to that day's period,
/// and is excluded outside the requested days. Periods without items, between a group's first and
/// last one, are empty.
pub fn pooled<R>(
    list: impl IntoIterator<Item = R>,
    query: &MetricQuery,
    group_by: &[Dimension],
    day: impl Fn(&R) -> Option<NaiveDate>,
    of: impl Fn(&R, Dimension) -> String,
) -> Vec<(RowKey, Vec<R>)> {
    let mut groups: BTreeMap<(Vec<String>, Option<NaiveDate>), Vec<R>> = BTreeMap::new();
    for one in list {
        let on = day(&one);
        let outside = on.is_some_and(|on| {
            query.from.is_some_and(|from| on < from) || query.to.is_some_and(|to| on > to)
        });
        if !outside
            && query.filter.iter().all(|(dimension, wanted)| wanted.contains(&of(&one, *dimension)))
        {
            let keys = group_by.iter().map(|dimension| of(&one, *dimension)).collect();
            let start = on.zip(query.period).map(|(on, grain)| Period::of(on, grain).start);
            groups.entry((keys, start)).or_default().push(one);
        }
    }
    let starts = || groups.keys().filter_map(|(_, start)| *start);
    if let (Some(grain), Some(least), Some(most)) = (query.period, starts().min(), starts().max()) {
        let all: BTreeSet<Vec<String>> = groups.keys().map(|(keys, _)| keys.clone()).collect();
        for period in Period::between(query.from.unwrap_or(least), query.to.unwrap_or(most), grain)
        {
            for keys in &all {
                groups.entry((keys.clone(), Some(period.start))).or_default();
            }
        }
    }
    let period = |start: Option<NaiveDate>| {
        start.zip(query.period).map(|(start, grain)| Period { start, grain })
    };
    groups.into_iter().map(|((keys, start), records)| ((keys, period(start)), records)).collect()
}
