//! Clusters of records behind the rows of a metric, usually the records of one event, and the
//! differences of shares that take them into account.

use std::collections::BTreeMap;

use hotwash_statistics::{Cluster, effective_samples, newcombe, newcombe_p};
use serde_json::{Map, Value};

use crate::cube::CellGroup;

/// Numerator and denominator of each cluster of records behind a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clusters {
    by_key: BTreeMap<i64, (f64, f64)>,
    /// Records of no cluster. Each is independent of all others.
    alone: (f64, f64),
}

/// Keys of rows with the clusters behind each.
pub type RowClusters = Vec<(Map<String, Value>, Clusters)>;

/// Key of a cube by which records cluster.
pub(crate) const CLUSTER: &str = "cluster";

impl Clusters {
    /// Collects the cells of a cube with the key [`CLUSTER`], each with its numerator and
    /// denominator.
    pub(crate) fn of(group: &CellGroup, cells: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut clusters = Self::default();
        for (key, (numerator, denominator)) in group.integer(CLUSTER).iter().zip(cells) {
            clusters.add(*key, numerator, denominator);
        }
        clusters
    }

    /// Adds records of a cluster; those of `None` are independent.
    pub fn add(&mut self, key: Option<i64>, numerator: f64, denominator: f64) {
        let sums = key.map_or(&mut self.alone, |key| self.by_key.entry(key).or_default());
        *sums = (sums.0 + numerator, sums.1 + denominator);
    }

    /// Adds the records of other clusters. Those of the same key become one cluster.
    pub fn merge(&mut self, other: &Self) {
        self.add(None, other.alone.0, other.alone.1);
        for (key, (numerator, denominator)) in &other.by_key {
            self.add(Some(*key), *numerator, *denominator);
        }
    }

    /// Returns the records that are not among others: the rest of a total.
    #[must_use]
    pub fn without(&self, others: &Self) -> Self {
        let mut rest = self.clone();
        rest.add(None, -others.alone.0, -others.alone.1);
        for (key, (numerator, denominator)) in &others.by_key {
            rest.add(Some(*key), -numerator, -denominator);
        }
        rest.by_key.retain(|_, (_, denominator)| *denominator > 1e-9);
        rest
    }

    /// Returns numerator and denominator of all records.
    pub fn sums(&self) -> (f64, f64) {
        let by_key = self.by_key.values();
        by_key.fold(self.alone, |sums, one| (sums.0 + one.0, sums.1 + one.1))
    }

    fn list(&self) -> Vec<Cluster> {
        let (numerator, denominator) = self.alone;
        let single = |numerator, count: f64| Cluster {
            numerator,
            denominator: 1.0,
            count: count.round() as u64,
        };
        let alone = [single(1.0, numerator), single(0.0, denominator - numerator)];
        let by_key = self.by_key.values();
        let by_key = by_key.map(|(numerator, denominator)| Cluster::of(*numerator, *denominator));
        alone.into_iter().filter(|one| one.count > 0).chain(by_key).collect()
    }
}

/// Difference between two shares of records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareDifference {
    /// First share less the second.
    pub value: f64,
    /// Lower end of its 95% interval.
    pub low: f64,
    /// Upper end of its 95% interval.
    pub high: f64,
    /// Two-sided probability of a difference at least as large if the shares are equal. It is under
    /// 0.05 exactly if the interval leaves out zero.
    pub p: f64,
}

impl ShareDifference {
    /// Compares two shares of independent records, each as numerator and denominator, by Newcombe's
    /// interval. `None` for an empty sample.
    pub fn of(first: (f64, f64), second: (f64, f64)) -> Option<Self> {
        let (value, low, high) = newcombe(first.0, first.1, second.0, second.1)?;
        let p = newcombe_p(first.0, first.1, second.0, second.1)?;
        Some(Self { value, low, high, p })
    }

    /// Compares two shares of records that cluster, by Newcombe's interval over effective samples.
    /// `None` if a sample has fewer than two clusters.
    pub fn of_clusters(first: &Clusters, second: &Clusters) -> Option<Self> {
        let [first, second] = effective_samples(&first.list(), &second.list())?;
        Self::of(first, second)
    }

    /// Returns how far the interval stays away from zero: the effect beyond chance.
    pub fn beyond_chance(&self) -> f64 {
        if self.value < 0.0 { (-self.high).max(0.0) } else { self.low.max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_beyond_chance_is_the_nearer_end_of_the_interval() {
        let fall = ShareDifference::of((18.0, 100.0), (54.0, 100.0)).unwrap();
        assert!((fall.value + 0.36).abs() < 1e-9 && fall.p < 0.001);
        assert!((fall.beyond_chance() + fall.high).abs() < 1e-12 && fall.beyond_chance() > 0.2);
        let none = ShareDifference::of((50.0, 100.0), (54.0, 100.0)).unwrap();
        assert_eq!(none.beyond_chance(), 0.0);
        assert_eq!(ShareDifference::of((0.0, 0.0), (1.0, 2.0)), None);
    }

    /// Clusters of ten records each, by their numerators.
    fn tens(first: i64, numerators: &[f64]) -> Clusters {
        let mut clusters = Clusters::default();
        for (key, numerator) in (first..).zip(numerators) {
            clusters.add(Some(key), *numerator, 10.0);
        }
        clusters
    }

    #[test]
    fn records_of_one_event_widen_the_interval_and_do_not_move_the_difference() {
        let (one, other) = (tens(0, &[9.0, 2.0, 10.0, 9.0]), tens(9, &[1.0, 2.0, 7.0, 3.0]));
        let clustered = ShareDifference::of_clusters(&one, &other).unwrap();
        let independent = ShareDifference::of(one.sums(), other.sums()).unwrap();
        assert!((clustered.value - independent.value).abs() < 1e-12);
        assert!(independent.low > 0.0 && independent.p < 0.001);
        assert!(clustered.low < 0.0 && clustered.p > 0.05, "{clustered:?}");
        assert_eq!(ShareDifference::of_clusters(&one, &tens(9, &[4.0])), None);
    }

    #[test]
    fn records_of_no_event_are_independent() {
        let alone = |numerator, denominator| {
            let mut clusters = Clusters::default();
            clusters.add(None, numerator, denominator);
            clusters
        };
        let found = ShareDifference::of_clusters(&alone(56.0, 70.0), &alone(48.0, 80.0)).unwrap();
        let plain = ShareDifference::of((56.0, 70.0), (48.0, 80.0)).unwrap();
        assert!((found.low - plain.low).abs() < 1e-9 && (found.p - plain.p).abs() < 1e-9);
    }

    #[test]
    fn groups_that_share_an_event_have_it_once_together() {
        let mut together = tens(0, &[9.0, 2.0]);
        together.merge(&tens(1, &[5.0, 1.0]));
        assert_eq!((together.by_key.len(), together.sums()), (3, (17.0, 40.0)));
        assert_eq!(together.by_key[&1], (7.0, 20.0));
        assert_eq!(together.without(&tens(1, &[5.0, 1.0])), tens(0, &[9.0, 2.0]));
    }
}
