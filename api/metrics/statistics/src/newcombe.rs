//! Computes Newcombe's hybrid score interval for a difference of two proportions (Newcombe 1998,
//! method 10), and the p value that agrees with it.

use libm::erfc;

use super::wilson::{Z_95, wilson_at};

/// Returns `a/n − b/m` with its 95% interval; none if a denominator is 0.
///
/// ```
/// use hotwash_statistics::newcombe;
///
/// // 56/70 − 48/80: Newcombe 1998, Interval estimation for the difference, table II, method 10.
/// let (difference, low, high) = newcombe(56.0, 70.0, 48.0, 80.0).expect("no denominator is 0");
/// assert!((difference - 0.2).abs() < 1e-9);
/// assert!((low - 0.0524).abs() < 5e-5 && (high - 0.3339).abs() < 5e-5);
/// ```
pub fn newcombe(a: f64, n: f64, b: f64, m: f64) -> Option<(f64, f64, f64)> {
    (n > 0.0 && m > 0.0).then(|| {
        let (low, high) = interval(a, n, b, m, Z_95);
        (a / n - b / m, low.max(-1.0), high.min(1.0))
    })
}

fn interval(a: f64, n: f64, b: f64, m: f64, z: f64) -> (f64, f64) {
    let ((low_a, high_a), (low_b, high_b)) = (wilson_at(a, n, z), wilson_at(b, m, z));
    let (p, q) = (a / n, b / m);
    let low = p - q - ((p - low_a).powi(2) + (high_b - q).powi(2)).sqrt();
    let high = p - q + ((high_a - p).powi(2) + (q - low_b).powi(2)).sqrt();
    (low, high)
}

/// Quantile beyond which a two-sided probability is less than every positive number.
const FARTHEST: f64 = 40.0;

/// Returns the two-sided p value that `a/n` and `b/m` are the same: the level at which Newcombe's
/// interval ends at zero. So p is under 0.05 exactly if the 95% interval leaves out zero. None if a
/// denominator is 0.
///
/// ```
/// use hotwash_statistics::newcombe_p;
///
/// let p = newcombe_p(56.0, 70.0, 48.0, 80.0).expect("no denominator is 0");
/// assert!((p - 0.008).abs() < 0.001);
/// assert_eq!(newcombe_p(3.0, 6.0, 5.0, 10.0), Some(1.0));
/// ```
pub fn newcombe_p(a: f64, n: f64, b: f64, m: f64) -> Option<f64> {
    if n <= 0.0 || m <= 0.0 {
        return None;
    }
    if a / n < b / m {
        return newcombe_p(b, m, a, n);
    }
    // The interval grows with its quantile.
    let (mut inside, mut outside) = (0.0, FARTHEST);
    for _ in 0..80 {
        let z = f64::midpoint(inside, outside);
        if interval(a, n, b, m, z).0 > 0.0 { inside = z } else { outside = z }
    }
    // 2 (1 − Φ(z)) = erfc(z / √2), without loss in the tail.
    Some(erfc(f64::midpoint(inside, outside) / std::f64::consts::SQRT_2).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::{newcombe, newcombe_p};

    /// Values of statsmodels 0.14 `confint_proportions_2indep(method="newcomb")`, to six places.
    #[test]
    fn intervals_equal_the_reference() {
        for (a, n, b, m, difference, low, high) in [
            (12.0, 15.0, 5.0, 10.0, 0.3, -0.064_436, 0.593_530),
            (5.0, 5.0, 0.0, 4.0, 1.0, 0.345_196, 1.0),
            (56.0, 70.0, 48.0, 80.0, 0.2, 0.052_431, 0.333_873),
        ] {
            let found = newcombe(a, n, b, m).unwrap();
            assert!(
                (found.0 - difference).abs() < 1e-9
                    && (found.1 - low).abs() < 1e-6
                    && (found.2 - high).abs() < 1e-6,
                "{found:?}"
            );
        }
        assert_eq!(newcombe(1.0, 0.0, 1.0, 2.0), None);
        assert_eq!(newcombe_p(0.0, 0.0, 1.0, 2.0), None);
    }

    #[test]
    fn the_p_value_is_under_a_twentieth_exactly_if_the_interval_leaves_out_zero() {
        let mut beyond = 0;
        for (n, m) in [(5, 4), (9, 17), (30, 12), (200, 80)] {
            for (a, b) in (0..=n).flat_map(|a| (0..=m).map(move |b| (a, b))) {
                let [a, n, b, m] = [a, n, b, m].map(f64::from);
                let (_, low, high) = newcombe(a, n, b, m).unwrap();
                let p = newcombe_p(a, n, b, m).unwrap();
                assert_eq!(p < 0.05, low > 0.0 || high < 0.0, "{a}/{n} {b}/{m}: {p} {low} {high}");
                beyond += usize::from(p < 0.05);
            }
        }
        assert!(beyond > 100);
    }
}
