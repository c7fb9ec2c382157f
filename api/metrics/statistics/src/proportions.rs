//! Tests two proportions for a difference: the score test (Pearson 1900), without correction.

use libm::erfc;

/// Returns the two-sided probability of a difference at least as large as that between `a/n` and
/// `b/m` if both shares are the same; none if a denominator is 0.
///
/// ```
/// use hotwash_statistics::proportions_test;
///
/// // 30 of 50 and 20 of 50: chi-squared is 4 with one degree of freedom.
/// let p = proportions_test(30.0, 50.0, 20.0, 50.0).expect("no denominator is 0");
/// assert!((p - 0.045_500_263_896_358).abs() < 1e-12);
/// ```
pub fn proportions_test(a: f64, n: f64, b: f64, m: f64) -> Option<f64> {
    if n <= 0.0 || m <= 0.0 {
        return None;
    }
    let pooled = (a + b) / (n + m);
    let variance = pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m);
    if variance <= 0.0 {
        return Some(1.0);
    }
    let z = (a / n - b / m) / variance.sqrt();
    // 2 (1 − Φ(|z|)) = erfc(|z| / √2), without loss in the tail.
    Some(erfc(z.abs() / std::f64::consts::SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::proportions_test;

    #[test]
    fn equal_shares_do_not_differ_and_no_records_have_no_test() {
        assert_eq!(proportions_test(3.0, 6.0, 5.0, 10.0), Some(1.0));
        assert_eq!(proportions_test(0.0, 6.0, 0.0, 9.0), Some(1.0));
        assert_eq!(proportions_test(0.0, 0.0, 1.0, 2.0), None);
    }
}
