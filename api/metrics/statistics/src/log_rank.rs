//! Compares two samples of times with censoring: the log-rank test (Mantel 1966), and the
//! difference of their medians with its bootstrap interval (Efron 1981). Times of one cluster are
//! alike: the test then takes the variance over clusters (Jung and Jeong 2003, Rank tests for
//! clustered survival data, Lifetime Data Analysis 9), and the bootstrap draws clusters (Davison
//! and Hinkley 1997, Bootstrap Methods, section 3.8).

use std::collections::{BTreeMap, HashMap, HashSet};

use libm::erfc;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::clusters::of_few;
use super::draws::seeded;

/// Observations with the same time and cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The cluster; `None` if each observation is independent of all others.
    pub cluster: Option<i64>,
    /// Time of closure, or until the end of observation.
    pub time: i64,
    /// Number of closures.
    pub closed: u64,
    /// Number of observations.
    pub all: u64,
}

impl Observed {
    /// Independent observations.
    pub fn of(time: i64, closed: u64, all: u64) -> Self {
        Self { cluster: None, time, closed, all }
    }
}

/// A sample of times.
pub type Times = [Observed];

/// Numbers of both samples at a time.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    closed: [u64; 2],
    all: [u64; 2],
    /// Weight of a closure in each sample, and the sum of expected weights up to this time.
    weight: [f64; 2],
    expected: [f64; 2],
}

/// Returns the two-sided probability of curves at least this different if both samples have the
/// same. None without a time at which both are observed, and if a sample has fewer than two
/// clusters.
///
/// ```
/// use hotwash_statistics::{Observed, log_rank};
///
/// // Remission with 6-MP and with placebo (Freireich and others 1963): chi-squared is 16.8.
/// let relapsed = [(6, 3, 3), (7, 1, 1), (10, 1, 1), (13, 1, 1), (16, 1, 1), (22, 1, 1), (23, 1, 1)];
/// let relapsed = relapsed.map(|(week, closed, all)| Observed::of(week, closed, all));
/// let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|week| Observed::of(week, 0, 1));
/// let placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];
/// let placebo = placebo.map(|week| Observed::of(week, 1, 1));
/// let p = log_rank(&[&relapsed[..], &censored[..]].concat(), &placebo).expect("both are observed");
/// assert!((p - 4.17e-5).abs() < 5e-7);
/// ```
pub fn log_rank(one: &Times, other: &Times) -> Option<f64> {
    let mut at: BTreeMap<i64, Moment> = BTreeMap::new();
    for (sample, times) in [one, other].into_iter().enumerate() {
        for observed in times {
            let moment = at.entry(observed.time).or_default();
            moment.closed[sample] += observed.closed;
            moment.all[sample] += observed.all;
        }
    }
    let total = |sample: usize| at.values().map(|moment| moment.all[sample]).sum::<u64>();
    let mut risk = [total(0), total(1)];
    let (mut excess, mut variance, mut expected) = (0.0, 0.0, [0.0; 2]);
    for moment in at.values_mut() {
        let at_risk = risk.map(|left| left as f64);
        let n = at_risk[0] + at_risk[1];
        let d = (moment.closed[0] + moment.closed[1]) as f64;
        excess += moment.closed[0] as f64 - d * at_risk[0] / n;
        if n > 1.0 {
            variance += d * at_risk[0] * at_risk[1] * (n - d) / (n * n * (n - 1.0));
        }
        for sample in [0, 1] {
            moment.weight[sample] = at_risk[1 - sample] / n;
            if moment.closed[sample] > 0 {
                let hazard = moment.closed[sample] as f64 / at_risk[sample];
                expected[sample] += moment.weight[sample] * hazard;
            }
            risk[sample] -= moment.all[sample];
        }
        moment.expected = expected;
    }
    let variance = variance * of_clusters(one, other, &at)?;
    // 2 (1 − Φ(|z|)) = erfc(|z| / √2), without loss in the tail.
    (variance > 0.0).then(|| erfc(excess.abs() / variance.sqrt() / std::f64::consts::SQRT_2))
}

/// Returns the factor of the variance for observations that cluster: Jung and Jeong's variance over
/// clusters, divided by that over observations, and at least 1. None if a sample has fewer than two
/// clusters.
fn of_clusters(one: &Times, other: &Times, at: &BTreeMap<i64, Moment>) -> Option<f64> {
    let samples = [one, other];
    if samples.iter().any(|times| number_of_clusters(times) == 1) {
        return None;
    }
    if samples.iter().all(|times| times.iter().all(|observed| observed.cluster.is_none())) {
        return Some(1.0);
    }
    let (mut n, mut alone, mut independent, mut in_none) = (0, 0, 0.0, 0.0);
    let mut clusters: HashMap<i64, f64> = HashMap::new();
    for (sample, times) in samples.into_iter().enumerate() {
        let sign = if sample == 0 { 1.0 } else { -1.0 };
        for observed in times {
            let moment = at.get(&observed.time)?;
            // The sum of a sample's scores is 0, whether or not the curves differ.
            let open = -sign * moment.expected[sample];
            let closed = open + sign * moment.weight[sample];
            let count = [observed.closed as f64, (observed.all - observed.closed) as f64];
            let squares = count[0] * closed * closed + count[1] * open * open;
            independent += squares;
            n += observed.all;
            if let Some(cluster) = observed.cluster {
                *clusters.entry(cluster).or_default() += count[0] * closed + count[1] * open;
            } else {
                in_none += squares;
                alone += observed.all;
            }
        }
    }
    let (number, n) = (clusters.len() as f64 + alone as f64, n as f64);
    // In the order of their size: the same sum in each run.
    let mut squares: Vec<f64> = clusters.into_values().map(|score| score * score).collect();
    squares.sort_unstable_by(f64::total_cmp);
    let clustered = squares.iter().sum::<f64>() + in_none;
    let effect = clustered * number / (number - 1.0) / (independent * n / (n - 1.0));
    Some(if effect.is_finite() { effect.max(1.0) * of_few(number - 2.0, n - 2.0) } else { 1.0 })
}

/// Returns the number of clusters. Each independent observation is one.
pub fn number_of_clusters(times: &Times) -> u64 {
    let clusters: HashSet<i64> =
        times.iter().filter(|one| one.all > 0).filter_map(|one| one.cluster).collect();
    let alone: u64 = times.iter().filter(|one| one.cluster.is_none()).map(|one| one.all).sum();
    clusters.len() as u64 + alone
}

/// Number of resamples. The ends of an interval are ranks 25 and 975.
const RESAMPLES: usize = 999;

/// Returns the 95% percentile interval of the first median less the second, from seeded resamples
/// of clusters. An end is `None` if a curve does not reach one half there.
///
/// ```
/// use hotwash_statistics::{Observed, median_difference};
///
/// let same = |time, closed, all| [Observed::of(time, closed, all)];
/// // Samples of one time each have no other resamples.
/// assert_eq!(median_difference(&same(9, 5, 5), &same(4, 7, 7), 1), (Some(5.0), Some(5.0)));
/// // Nothing is closed in the second.
/// assert_eq!(median_difference(&same(9, 5, 5), &same(4, 0, 7), 1), (None, None));
/// ```
pub fn median_difference(one: &Times, other: &Times, seed: u64) -> (Option<f64>, Option<f64>) {
    let mut random = seeded(seed);
    let mut medians = |times: &Times| {
        let mut sample = Resampled::of(times);
        (0..RESAMPLES).map(|_| sample.median(&mut random)).collect::<Vec<f64>>()
    };
    let (first, second) = (medians(one), medians(other));
    let mut differences: Vec<f64> =
        first.iter().zip(&second).map(|(first, second)| first - second).collect();
    if differences.iter().any(|difference| difference.is_nan()) {
        return (None, None);
    }
    differences.sort_unstable_by(f64::total_cmp);
    let rank = |rank: usize| Some(differences[rank - 1]).filter(|end| end.is_finite());
    (rank(25), rank(975))
}

/// A sample from which clusters are drawn.
struct Resampled {
    /// Time, position of the cluster, closures and observations, in order of time.
    observed: Vec<(i64, usize, u64, u64)>,
    /// Number of times that each cluster was drawn.
    drawn: Vec<u64>,
}

impl Resampled {
    fn of(times: &Times) -> Self {
        let (mut clusters, mut positions) = (0, HashMap::new());
        let mut next = || {
            clusters += 1;
            clusters - 1
        };
        let mut observed = Vec::new();
        for one in times {
            if let Some(cluster) = one.cluster {
                let position = *positions.entry(cluster).or_insert_with(&mut next);
                observed.push((one.time, position, one.closed, one.all));
            } else {
                let closed = (0..one.all).map(|number| u64::from(number < one.closed));
                observed.extend(closed.map(|closed| (one.time, next(), closed, 1)));
            }
        }
        observed.sort_unstable();
        Self { observed, drawn: vec![0; clusters] }
    }

    /// Draws as many clusters as there are, and returns the Kaplan-Meier median of their times;
    /// infinite if the curve does not reach one half.
    fn median(&mut self, random: &mut ChaCha8Rng) -> f64 {
        self.drawn.fill(0);
        let clusters = self.drawn.len();
        for _ in 0..clusters {
            self.drawn[random.random_range(0..clusters)] += 1;
        }
        let mut risk: u64 =
            self.observed.iter().map(|(_, cluster, _, all)| self.drawn[*cluster] * all).sum();
        let mut survival = 1.0;
        for moment in self.observed.chunk_by(|one, two| one.0 == two.0) {
            let (mut closed, mut gone) = (0, 0);
            for (_, cluster, of_closed, all) in moment {
                closed += self.drawn[*cluster] * of_closed;
                gone += self.drawn[*cluster] * all;
            }
            if closed > 0 {
                survival *= 1.0 - closed as f64 / risk as f64;
                if survival <= 0.5 + 1e-12 {
                    return moment[0].0 as f64;
                }
            }
            risk -= gone;
        }
        f64::INFINITY
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;
    use rand_chacha::ChaCha8Rng;

    use super::{Observed, Resampled, log_rank, median_difference};
    use crate::draws::seeded;
    use crate::kaplan_meier_counted;

    #[test]
    fn a_sample_does_not_differ_from_itself() {
        let times = [(3, 2, 4), (8, 1, 1), (13, 4, 9)]
            .map(|(time, closed, all)| Observed::of(time, closed, all));
        assert_eq!(log_rank(&times, &times), Some(1.0));
        let (low, high) = median_difference(&times, &times, 1);
        assert!(low.is_none_or(|low| low <= 0.0) && high.is_none_or(|high| high >= 0.0));
        assert_eq!((log_rank(&times, &[]), log_rank(&[], &[])), (None, None));
    }

    #[test]
    fn the_interval_of_a_shift_holds_the_shift() {
        let days =
            |shift: i64| (1..60).map(|day| Observed::of(day + shift, 1, 1)).collect::<Vec<_>>();
        let (low, high) = median_difference(&days(20), &days(0), 7);
        let (low, high) = (low.unwrap(), high.unwrap());
        assert!(0.0 < low && low < 20.0 && 20.0 < high && high < 40.0, "{low} {high}");
    }

    #[test]
    fn the_median_of_a_sample_drawn_once_each_is_that_of_kaplan_and_meier() {
        let times = [(3, 2, 4), (8, 1, 1), (13, 4, 9), (15, 3, 3), (21, 1, 2)];
        let observed = times.map(|(time, closed, all)| Observed::of(time, closed, all));
        let mut sample = Resampled::of(&observed);
        let median = (0..200_u64).map(|seed| sample.median(&mut seeded(seed)));
        let known = kaplan_meier_counted(&times).quantile(0.5).unwrap() as f64;
        assert!(median.filter(|median| (*median - known).abs() < 1e-9).count() > 60);
    }

    #[test]
    fn clusters_of_one_observation_are_independent_observations_and_one_cluster_has_no_test() {
        let mut random = seeded(5);
        let mut sample = |scale: f64, first: i64| -> Vec<Observed> {
            let times = (0..40).map(|number| Observed {
                cluster: Some(first + number),
                ..observed(scale, &mut random)
            });
            times.collect()
        };
        let (one, other) = (sample(30.0, 0), sample(50.0, 100));
        let alone = |times: &[Observed]| -> Vec<Observed> {
            times.iter().map(|one| Observed { cluster: None, ..*one }).collect()
        };
        let (p, independent) =
            (log_rank(&one, &other).unwrap(), log_rank(&alone(&one), &alone(&other)).unwrap());
        assert!((p - independent).abs() < 1e-12, "{p} {independent}");
        let single: Vec<Observed> =
            one.iter().map(|one| Observed { cluster: Some(1), ..*one }).collect();
        assert_eq!(log_rank(&single, &other), None);
    }

    /// A time with this mean, censored at 90.
    fn observed(mean: f64, random: &mut ChaCha8Rng) -> Observed {
        let time = (-libm::log(1.0 - random.random::<f64>()) * mean) as i64 + 1;
        Observed::of(time.min(90), u64::from(time <= 90), 1)
    }

    /// Events of 1 to 9 actions, whose speed is that of the event.
    fn events(number: i64, first: i64, random: &mut ChaCha8Rng) -> Vec<Observed> {
        let mut times = Vec::new();
        for event in 0..number {
            let mean = if random.random_bool(0.5) { 15.0 } else { 60.0 };
            for _ in 0..random.random_range(1..=9) {
                times.push(Observed { cluster: Some(first + event), ..observed(mean, random) });
            }
        }
        times
    }

    #[test]
    fn equal_curves_of_clustered_times_are_called_different_as_seldom_as_they_should() {
        let (mut random, runs) = (seeded(21), 1_000);
        let (mut naive, mut clustered) = (0, 0);
        for _ in 0..runs {
            let (one, other) = (events(15, 0, &mut random), events(12, 100, &mut random));
            clustered += u32::from(log_rank(&one, &other).unwrap() < 0.05);
            let alone = |times: Vec<Observed>| -> Vec<Observed> {
                times.into_iter().map(|one| Observed { cluster: None, ..one }).collect()
            };
            naive += u32::from(log_rank(&alone(one), &alone(other)).unwrap() < 0.05);
        }
        let share = |found: u32| f64::from(found) / f64::from(runs);
        assert!(share(naive) > 0.12, "naive: {}", share(naive));
        assert!((0.02..0.07).contains(&share(clustered)), "clustered: {}", share(clustered));
    }

    #[test]
    fn the_interval_of_medians_of_clustered_times_holds_no_difference_as_often_as_it_should() {
        let (mut random, runs) = (seeded(22), 60);
        let (mut naive, mut clustered) = (0, 0);
        for run in 0..runs {
            let (one, other) = (events(15, 0, &mut random), events(15, 100, &mut random));
            let holds = |one: &[Observed], other: &[Observed]| {
                let (low, high) = median_difference(one, other, u64::from(run));
                u32::from(low.is_none_or(|low| low <= 0.0) && high.is_none_or(|high| high >= 0.0))
            };
            clustered += holds(&one, &other);
            let alone = |times: Vec<Observed>| -> Vec<Observed> {
                times.into_iter().map(|one| Observed { cluster: None, ..one }).collect()
            };
            naive += holds(&alone(one), &alone(other));
        }
        assert!(naive < clustered && clustered >= runs * 9 / 10, "{naive} {clustered} of {runs}");
    }
}
