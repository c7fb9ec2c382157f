//! Short lists that a metric has computed, such as top risks or duties, pooled by dimension.

use std::collections::BTreeMap;

use crate::ask::{Ask, Dimension};

/// The list by group, after the question's filters.
pub fn pooled<R>(
    list: impl IntoIterator<Item = R>,
    ask: &Ask,
    group_by: &[Dimension],
    of: impl Fn(&R, Dimension) -> String,
) -> BTreeMap<Vec<String>, Vec<R>> {
    let mut groups: BTreeMap<Vec<String>, Vec<R>> = BTreeMap::new();
    for one in list {
        if ask.filter.iter().all(|(dimension, wanted)| wanted.contains(&of(&one, *dimension))) {
            let keys = group_by.iter().map(|dimension| of(&one, *dimension)).collect();
            groups.entry(keys).or_default().push(one);
        }
    }
    groups
}
