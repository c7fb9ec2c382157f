//! Compares shares of records that come in clusters. Records of one event are alike, so their share
//! varies more from period to period than that of as many independent records.
//!
//! The variance of a share is that of a ratio, linearized over clusters. Divided by the variance of
//! independent records, it is the design effect (Kish 1965, Survey Sampling). Numerator and
//! denominator, each divided by the design effect, are compared like counts of independent records
//! (Rao and Scott 1992, A simple method for the analysis of clustered binary data, Biometrics 48).
//! The effective sample is also reduced for the few clusters that the variance is estimated from
//! (Korn and Graubard 1998, Confidence intervals for proportions with small expected number of
//! positive counts estimated from survey data, Survey Methodology 24).

use super::beta::student_95;

/// Records of one cluster, or of several like it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cluster {
    /// Records that count in the numerator.
    pub numerator: f64,
    /// All records.
    pub denominator: f64,
    /// Number of clusters with these numbers.
    pub count: u64,
}

impl Cluster {
    /// One cluster of these records.
    pub fn of(numerator: f64, denominator: f64) -> Self {
        Self { numerator, denominator, count: 1 }
    }
}

/// Sums over the clusters of a sample.
#[derive(Clone, Copy, Debug)]
struct Sums {
    clusters: f64,
    numerator: f64,
    denominator: f64,
    /// Design effect if all records of a cluster are alike.
    most: f64,
    /// Design effect that the clusters show; none if all records of the sample are alike.
    effect: Option<f64>,
}

impl Sums {
    fn of(clusters: &[Cluster]) -> Self {
        let sum = |of: &dyn Fn(&Cluster) -> f64| -> f64 {
            clusters.iter().map(|one| one.count as f64 * of(one)).sum()
        };
        let number = sum(&|one| f64::from(u8::from(one.denominator > 0.0)));
        let (numerator, denominator) = (sum(&|one| one.numerator), sum(&|one| one.denominator));
        let share = numerator / denominator;
        let independent = share * (1.0 - share) / (denominator - 1.0);
        let residuals = sum(&|one| (one.numerator - share * one.denominator).powi(2));
        let linearized = number / (number - 1.0) * residuals / denominator.powi(2);
        let effect = linearized / independent;
        Self {
            clusters: number,
            numerator,
            denominator,
            most: sum(&|one| one.denominator.powi(2)) / denominator,
            effect: (number >= 2.0 && independent > 1e-12 && effect.is_finite()).then_some(effect),
        }
    }
}

/// Returns the design effect of a share: its variance over that of as many independent records. It
/// is under 1 if clusters are more equal than chance. None with fewer than two clusters, and if all
/// records are alike.
///
/// ```
/// use hotwash_statistics::{Cluster, design_effect};
///
/// // Ten records each, all alike within an event: six events say as much as six records.
/// let events = [10.0, 0.0, 10.0, 10.0, 0.0, 0.0].map(|good| Cluster::of(good, 10.0));
/// assert!((design_effect(&events).expect("there are two") - 11.8).abs() < 1e-9);
/// // Every record alone.
/// let alone = [1.0, 0.0, 1.0, 1.0].map(|good| Cluster::of(good, 1.0));
/// assert!((design_effect(&alone).expect("there are two") - 1.0).abs() < 1e-12);
/// ```
pub fn design_effect(clusters: &[Cluster]) -> Option<f64> {
    Sums::of(clusters).effect
}

/// Returns numerator and denominator of two samples as independent records would have them, for a
/// comparison of their shares. None if one has fewer than two clusters: its records say nothing of
/// other clusters.
///
/// The shares remain. A design effect under 1 is taken for chance and counts as 1. A sample whose
/// records are all alike shows no variation to estimate a design effect from. It has that of the
/// other sample, but no more than if all records of a cluster were alike.
///
/// ```
/// use hotwash_statistics::{Cluster, effective_samples};
///
/// let events = [9.0, 2.0, 10.0, 3.0, 8.0, 1.0].map(|good| Cluster::of(good, 10.0));
/// let [(good, all), _] = effective_samples(&events, &events).expect("there are two events");
/// assert!((good / all - 33.0 / 60.0).abs() < 1e-12 && all < 15.0);
/// assert_eq!(effective_samples(&events, &events[..1]), None);
/// ```
pub fn effective_samples(first: &[Cluster], second: &[Cluster]) -> Option<[(f64, f64); 2]> {
    let [first, second] = [first, second].map(Sums::of);
    if [first, second].iter().any(|sums| sums.clusters < 2.0) {
        return None;
    }
    let effective = |own: Sums, other: Sums| {
        let effect = own.effect.unwrap_or_else(|| other.effect.unwrap_or(own.most).min(own.most));
        let effect = effect.max(1.0) * of_few(own.clusters - 1.0, own.denominator - 1.0);
        (own.numerator / effect, own.denominator / effect)
    };
    Some([effective(first, second), effective(second, first)])
}

/// Returns the factor of a variance for the degrees of freedom by which it was estimated, in place
/// of those of independent records.
pub(crate) fn of_few(freedom: f64, independent: f64) -> f64 {
    if freedom >= independent {
        return 1.0;
    }
    (student_95(freedom) / student_95(independent)).powi(2)
}

#[cfg(test)]
mod tests {
    use rand::Rng;
    use rand_chacha::ChaCha8Rng;

    use super::{Cluster, effective_samples};
    use crate::draws::seeded;
    use crate::newcombe;

    #[test]
    fn records_that_do_not_cluster_remain_as_they_are() {
        let alone = |good: u64, all: u64| {
            let like = |numerator, count| Cluster { numerator, denominator: 1.0, count };
            [like(1.0, good), like(0.0, all - good)]
        };
        let [one, other] = effective_samples(&alone(56, 70), &alone(48, 80)).unwrap();
        for (found, expected) in
            [one.0, one.1, other.0, other.1].into_iter().zip([56.0, 70.0, 48.0, 80.0])
        {
            assert!((found - expected).abs() < 1e-9, "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_sample_without_variation_has_the_design_effect_of_the_other_and_of_alike_clusters_at_most()
    {
        let (all, some) = ([10.0; 6], [9.0, 2.0, 10.0, 3.0, 8.0, 1.0]);
        let [all, some] = [all, some].map(|good| good.map(|good| Cluster::of(good, 10.0)));
        let [(_, of_all), (_, of_some)] = effective_samples(&all, &some).unwrap();
        assert!((of_all - of_some).abs() < 1e-9 && of_all < 15.0, "{of_all} {of_some}");
        // Nothing varies in both: as many records as events, less the correction for few.
        let [(_, one), (_, other)] = effective_samples(&all, &all).unwrap();
        assert!(one == other && one < 6.0, "{one}");
        let pairs = [2.0; 6].map(|good| Cluster::of(good, 2.0));
        let [(_, of_pairs), _] = effective_samples(&pairs, &some).unwrap();
        assert!((3.0..6.0).contains(&of_pairs), "{of_pairs}");
    }

    /// Events of 1 to 12 records. Two records of one event have a correlation of 0.3.
    fn events(share: f64, number: usize, random: &mut ChaCha8Rng) -> Vec<Cluster> {
        let shared = 0.3_f64.sqrt();
        let event = |_| {
            let (all, common) = (random.random_range(1..=12), random.random_bool(share));
            let record = |_: &u32| {
                if random.random_bool(shared) { common } else { random.random_bool(share) }
            };
            Cluster::of((0..all).filter(record).count() as f64, f64::from(all))
        };
        (0..number).map(event).collect()
    }

    #[test]
    fn the_interval_of_clustered_records_holds_the_difference_as_often_as_it_should() {
        let (mut random, runs, difference) = (seeded(20), 2_000, 0.8 - 0.6);
        let (mut naive, mut clustered) = (0, 0);
        for _ in 0..runs {
            let (one, other) = (events(0.8, 14, &mut random), events(0.6, 11, &mut random));
            let sums = |events: &[Cluster]| {
                events.iter().fold((0.0, 0.0), |sums, one| {
                    (sums.0 + one.numerator, sums.1 + one.denominator)
                })
            };
            let holds = |(a, n): (f64, f64), (b, m): (f64, f64)| {
                let (_, low, high) = newcombe(a, n, b, m).unwrap();
                u32::from(low <= difference && difference <= high)
            };
            naive += holds(sums(&one), sums(&other));
            let [one, other] = effective_samples(&one, &other).unwrap();
            clustered += holds(one, other);
        }
        let share = |held: u32| f64::from(held) / f64::from(runs);
        assert!(share(naive) < 0.80, "naive: {}", share(naive));
        assert!((0.93..0.985).contains(&share(clustered)), "clustered: {}", share(clustered));
    }
}
