//! Computes Newcombe's hybrid score interval for a difference of two proportions (Newcombe 1998,
//! method 10).

use super::wilson::wilson;

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
    let ((low_a, high_a), (low_b, high_b)) = (wilson(a, n)?, wilson(b, m)?);
    let (p, q) = (a / n, b / m);
    let low = p - q - ((p - low_a).powi(2) + (high_b - q).powi(2)).sqrt();
    let high = p - q + ((high_a - p).powi(2) + (q - low_b).powi(2)).sqrt();
    Some((p - q, low.max(-1.0), high.min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::newcombe;

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
    }
}
