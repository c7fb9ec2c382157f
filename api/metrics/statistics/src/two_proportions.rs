//! Tests whether two proportions differ: the pooled z test, two-sided, with continuity correction.

use libm::erfc;

/// Returns the probability that chance alone separates `a / n` from `b / m` this far; none for an
/// empty sample.
///
/// ```
/// // The same proportion twice, and two that differ clearly.
/// assert_eq!(hotwash_statistics::two_proportions(30.0, 60.0, 15.0, 30.0), Some(1.0));
/// assert!(hotwash_statistics::two_proportions(18.0, 100.0, 54.0, 100.0).unwrap_or(1.0) < 1e-6);
/// ```
pub fn two_proportions(a: f64, n: f64, b: f64, m: f64) -> Option<f64> {
    if n <= 0.0 || m <= 0.0 {
        return None;
    }
    let pooled = (a + b) / (n + m);
    let deviation = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    let correction = 0.5 * (1.0 / n + 1.0 / m);
    let apart = ((a / n - b / m).abs() - correction).max(0.0);
    Some(if deviation > 0.0 { erfc(apart / deviation / std::f64::consts::SQRT_2) } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::two_proportions;

    #[test]
    fn results_equal_the_reference() {
        // R: prop.test(c(15, 25), c(50, 50)) and prop.test(c(83, 90), c(86, 93)).
        for (a, n, b, m, p) in [(15.0, 50.0, 25.0, 50.0, 0.066_193), (83.0, 86.0, 90.0, 93.0, 1.0)]
        {
            let found = two_proportions(a, n, b, m).unwrap();
            assert!((found - p).abs() < 1e-4, "{found}");
        }
        assert_eq!(two_proportions(0.0, 10.0, 0.0, 20.0), Some(1.0));
        assert_eq!(two_proportions(0.0, 0.0, 1.0, 2.0), None);
    }
}
