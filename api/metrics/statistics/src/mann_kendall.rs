//! Computes the Mann–Kendall trend test with tie and continuity correction, two-sided (Mann 1945,
//! Kendall 1975).

use libm::erfc;

/// Result of the test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannKendall {
    /// Kendall's S: concordant minus discordant pairs.
    pub s: i64,
    /// Variance of S under no trend, corrected for ties.
    pub variance: f64,
    /// Standard score with continuity correction.
    pub z: f64,
    /// Two-sided probability of a score at least this far from 0 without a trend.
    pub p: f64,
}

/// Tests values in time order; none for fewer than two.
///
/// ```
/// use hotwash_statistics::{exact_p, mann_kendall};
///
/// // Gilbert 1987, Statistical Methods for Environmental Pollution Monitoring, section 16.4.
/// let test = mann_kendall(&[10.0, 15.0, 14.0, 20.0]).expect("there are two values");
/// assert_eq!(test.s, 4);
/// assert!((test.variance - 26.0 / 3.0).abs() < 1e-9);
/// // Table A18 has 0.167 for one side.
/// assert_eq!(exact_p(4, test.s), Some(1.0 / 3.0));
/// ```
pub fn mann_kendall(values: &[f64]) -> Option<MannKendall> {
    let n = values.len();
    if n < 2 {
        return None;
    }
    let mut s = 0_i64;
    for (index, early) in values.iter().enumerate() {
        for late in &values[index + 1..] {
            s += i64::from(late > early) - i64::from(late < early);
        }
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let term = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0);
    let ties: f64 =
        sorted.chunk_by(|left, right| left == right).map(|group| term(group.len() as f64)).sum();
    let variance = (term(n as f64) - ties) / 18.0;
    let z = match s {
        0 => 0.0,
        _ if variance <= 0.0 => 0.0,
        s => (s - s.signum()) as f64 / variance.sqrt(),
    };
    // 2 (1 − Φ(|z|)) = erfc(|z| / √2), without loss in the tail.
    Some(MannKendall { s, variance, z, p: erfc(z.abs() / std::f64::consts::SQRT_2) })
}

/// Longest series for which the exact probability is computed.
const EXACT: usize = 10;

/// Returns the two-sided exact probability of an S at least this far from 0 in a series of `n`
/// values without ties. Returns none for more than ten values, for which the normal approximation
/// is used.
///
/// ```
/// use hotwash_statistics::exact_p;
///
/// // One side of n = 5: 0.0083 for S = 10 and 0.042 for S = 8 (Gilbert 1987, table A18).
/// assert_eq!(exact_p(5, 10), Some(2.0 / 120.0));
/// assert_eq!(exact_p(5, 8), Some(10.0 / 120.0));
/// assert_eq!(exact_p(11, 8), None);
/// ```
pub fn exact_p(n: usize, s: i64) -> Option<f64> {
    if !(2..=EXACT).contains(&n) {
        return None;
    }
    // Number of permutations by number of inversions: each further value adds 0 up to its index.
    let mut counts = vec![1_u64];
    for length in 2..=n {
        let mut longer = vec![0; counts.len() + length - 1];
        for (inversions, count) in counts.iter().enumerate() {
            for added in 0..length {
                longer[inversions + added] += count;
            }
        }
        counts = longer;
    }
    let most = (counts.len() - 1) as i64;
    let extreme: u64 = counts
        .iter()
        .enumerate()
        .filter(|(inversions, _)| (most - 2 * *inversions as i64).abs() >= s.abs())
        .map(|(_, count)| count)
        .sum();
    Some(extreme as f64 / counts.iter().sum::<u64>() as f64)
}

#[cfg(test)]
mod tests {
    use super::mann_kendall;

    /// Values of pymannkendall 1.4 `original_test`.
    #[test]
    fn results_equal_the_reference_also_with_ties() {
        for (values, s, variance, z, p) in [
            (vec![0.50, 0.60, 0.55, 0.70, 0.75, 0.80], 13, 28.333_333, 2.254_407, 0.024_171),
            (vec![0.5, 0.5, 0.6, 0.6, 0.7, 0.7, 0.8, 0.8], 24, 61.333_333, 2.936_835, 0.003_316),
            (
                vec![0.9, 0.85, 0.9, 0.8, 0.7, 0.75, 0.6, 0.65],
                -21,
                64.333_333,
                -2.493_507,
                0.012_649,
            ),
        ] {
            let found = mann_kendall(&values).unwrap();
            assert_eq!(found.s, s);
            assert!(
                (found.variance - variance).abs() < 1e-5
                    && (found.z - z).abs() < 1e-5
                    && (found.p - p).abs() < 1e-5,
                "{found:?}"
            );
        }
    }

    #[test]
    fn equal_values_and_one_value_show_no_trend() {
        let equal = mann_kendall(&[0.7; 9]).unwrap();
        assert_eq!((equal.s, equal.z, equal.p), (0, 0.0, 1.0));
        assert_eq!(mann_kendall(&[0.7]), None);
    }
}
