//! Computes Wilson's score interval for a proportion, without continuity correction (Wilson 1927).

/// Two-sided 95% quantile of the standard normal distribution.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// Returns the 95% interval of `successes` of `n`; none if n is 0. Both ends are from 0 to 1, and
/// the share is between them.
///
/// ```
/// use hotwash_statistics::wilson;
///
/// // 81 of 263: Newcombe 1998, Two-sided confidence intervals for the single proportion, table I.
/// let (low, high) = wilson(81.0, 263.0).expect("n is over 0");
/// assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5);
/// assert_eq!(wilson(0.0, 0.0), None);
/// ```
pub fn wilson(successes: f64, n: f64) -> Option<(f64, f64)> {
    (n > 0.0).then(|| wilson_at(successes, n, Z_95))
}

/// Returns the interval of this two-sided quantile of the standard normal distribution; n is over
/// 0.
pub(crate) fn wilson_at(successes: f64, n: f64, z: f64) -> (f64, f64) {
    let (share, z2) = (successes / n, z * z);
    let middle = share + z2 / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    (((middle - half) / scale).clamp(0.0, share), ((middle + half) / scale).clamp(share, 1.0))
}

#[cfg(test)]
mod tests {
    use super::wilson;

    /// Values of statsmodels 0.14 `proportion_confint(method="wilson")`, to six places.
    #[test]
    fn intervals_equal_the_reference() {
        for (successes, n, low, high) in [
            (0.0, 5.0, 0.0, 0.434_482),
            (5.0, 5.0, 0.565_518, 1.0),
            (8.0, 10.0, 0.490_162, 0.943_318),
            (3.0, 7.0, 0.158_220, 0.749_542),
            (1.0, 1.0, 0.206_549, 1.0),
            (17.0, 23.0, 0.535_300, 0.874_514),
        ] {
            let (found_low, found_high) = wilson(successes, n).unwrap();
            assert!(
                (found_low - low).abs() < 1e-6 && (found_high - high).abs() < 1e-6,
                "{successes}/{n}: {found_low} {found_high}"
            );
        }
        assert_eq!(wilson(0.0, 0.0), None);
    }
}
