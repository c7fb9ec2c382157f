//! Compares two samples of times with censoring: the log-rank test (Mantel 1966), and the
//! difference of their medians with its bootstrap interval (Efron 1981).

use std::collections::BTreeMap;

use libm::erfc;
use rand::Rng;

use super::draws::seeded;
use super::kaplan_meier::kaplan_meier_counted;

/// Times, each with its number of closures and its number of observations.
pub type Times = [(i64, u64, u64)];

/// Returns the two-sided probability of curves at least this different if both samples have the
/// same; none without a time at which both are observed.
///
/// ```
/// use hotwash_statistics::log_rank;
///
/// // Remission with 6-MP and with placebo (Freireich and others 1963): chi-squared is 16.8.
/// let relapsed = [(6, 3, 3), (7, 1, 1), (10, 1, 1), (13, 1, 1), (16, 1, 1), (22, 1, 1), (23, 1, 1)];
/// let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|week| (week, 0, 1));
/// let placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];
/// let placebo = placebo.map(|week| (week, 1, 1));
/// let p = log_rank(&[&relapsed[..], &censored[..]].concat(), &placebo).expect("both are observed");
/// assert!((p - 4.17e-5).abs() < 5e-7);
/// ```
pub fn log_rank(one: &Times, other: &Times) -> Option<f64> {
    let mut at: BTreeMap<i64, [(u64, u64); 2]> = BTreeMap::new();
    for (sample, times) in [one, other].into_iter().enumerate() {
        for (time, closed, all) in times {
            let (of_closed, of_all) = &mut at.entry(*time).or_default()[sample];
            (*of_closed, *of_all) = (*of_closed + closed, *of_all + all);
        }
    }
    let total = |sample: usize| at.values().map(|both| both[sample].1).sum::<u64>();
    let mut risk = [total(0), total(1)];
    let (mut excess, mut variance) = (0.0, 0.0);
    for both in at.values() {
        let (first, second) = (risk[0] as f64, risk[1] as f64);
        let (n, d) = (first + second, (both[0].0 + both[1].0) as f64);
        excess += both[0].0 as f64 - d * first / n;
        if n > 1.0 {
            variance += d * first * second * (n - d) / (n * n * (n - 1.0));
        }
        for (left, (_, all)) in risk.iter_mut().zip(both) {
            *left -= all;
        }
    }
    // 2 (1 − Φ(|z|)) = erfc(|z| / √2), without loss in the tail.
    (variance > 0.0).then(|| erfc(excess.abs() / variance.sqrt() / std::f64::consts::SQRT_2))
}

/// Number of resamples. The ends of an interval are ranks 25 and 975.
const RESAMPLES: usize = 999;

/// Returns the 95% percentile interval of the first median less the second, from seeded
/// resamples. An end that lies where a curve does not reach one half is none.
///
/// ```
/// use hotwash_statistics::median_difference;
///
/// // Samples of one time each have no other resamples.
/// assert_eq!(median_difference(&[(9, 5, 5)], &[(4, 7, 7)], 1), (Some(5.0), Some(5.0)));
/// // Nothing is closed in the second.
/// assert_eq!(median_difference(&[(9, 5, 5)], &[(4, 0, 7)], 1), (None, None));
/// ```
pub fn median_difference(one: &Times, other: &Times, seed: u64) -> (Option<f64>, Option<f64>) {
    let mut random = seeded(seed);
    let mut medians = |times: &Times| {
        let cells: Vec<(i64, u64)> = times
            .iter()
            .flat_map(|(time, closed, all)| [(*time, 1, *closed), (*time, 0, all - closed)])
            .flat_map(|(time, closed, count)| (0..count).map(move |_| (time, closed)))
            .collect();
        let mut median = || {
            let drawn = cells.iter().map(|_| cells[random.random_range(0..cells.len())]);
            let mut counted: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
            for (time, closed) in drawn {
                let (of_closed, of_all) = counted.entry(time).or_default();
                (*of_closed, *of_all) = (*of_closed + closed, *of_all + 1);
            }
            let counted: Vec<(i64, u64, u64)> =
                counted.into_iter().map(|(time, (closed, all))| (time, closed, all)).collect();
            kaplan_meier_counted(&counted).quantile(0.5).map_or(f64::INFINITY, |time| time as f64)
        };
        (0..RESAMPLES).map(|_| median()).collect::<Vec<f64>>()
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

#[cfg(test)]
mod tests {
    use super::{log_rank, median_difference};

    #[test]
    fn a_sample_does_not_differ_from_itself() {
        let times = [(3, 2, 4), (8, 1, 1), (13, 4, 9)];
        assert_eq!(log_rank(&times, &times), Some(1.0));
        let (low, high) = median_difference(&times, &times, 1);
        assert!(low.is_none_or(|low| low <= 0.0) && high.is_none_or(|high| high >= 0.0));
        assert_eq!((log_rank(&times, &[]), log_rank(&[], &[])), (None, None));
    }

    #[test]
    fn the_interval_of_a_shift_holds_the_shift() {
        let early: Vec<(i64, u64, u64)> = (1..60).map(|day| (day, 1, 1)).collect();
        let late: Vec<(i64, u64, u64)> = (1..60).map(|day| (day + 20, 1, 1)).collect();
        let (low, high) = median_difference(&late, &early, 7);
        let (low, high) = (low.unwrap(), high.unwrap());
        assert!(0.0 < low && low < 20.0 && 20.0 < high && high < 40.0, "{low} {high}");
    }
}
