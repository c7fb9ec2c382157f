//! Compares two rates: the exact interval of their ratio, conditional on the total (Przyborowski
//! and Wilenski 1940; Clopper and Pearson 1934).

use super::beta::{beta, crossing};

/// Ratio of two rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateRatio {
    /// First rate over the second; none if the second is 0.
    pub ratio: Option<f64>,
    /// Lower end of its 95% interval.
    pub low: f64,
    /// Upper end of its 95% interval; none if it has no end.
    pub high: Option<f64>,
    /// Two-sided probability of counts at least this unequal if the rates are the same: twice the
    /// smaller tail.
    pub p: f64,
}

/// Half of the probability outside the interval.
const TAIL: f64 = 0.025;

/// Compares `a` events in the time `t` with `b` events in the time `u`; none without any event or
/// time.
///
/// ```
/// use hotwash_statistics::rate_ratio;
///
/// // Equal times and 10 events against none: the share 10/10 is at least 0.025^(1/10) = 0.6915.
/// let found = rate_ratio(10, 365.0, 0, 365.0).expect("there are events");
/// let share = 0.025_f64.powf(0.1);
/// assert!((found.low - share / (1.0 - share)).abs() < 1e-9);
/// assert_eq!((found.ratio, found.high), (None, None));
/// // Ten of ten heads, or none: 2 / 2^10.
/// assert!((found.p - 2.0 / 1024.0).abs() < 1e-12);
/// ```
pub fn rate_ratio(a: u64, t: f64, b: u64, u: f64) -> Option<RateRatio> {
    if a + b == 0 || t <= 0.0 || u <= 0.0 {
        return None;
    }
    let (first, second) = (a as f64, b as f64);
    let odds = |share: f64| share / (1.0 - share) * (u / t);
    // Of all events, those of the first rate are binomial. P(X ≥ a) rises with their share.
    let at_least = |share: f64| if a == 0 { 1.0 } else { beta(first, second + 1.0, share) };
    let at_most = |share: f64| if b == 0 { 1.0 } else { 1.0 - beta(first + 1.0, second, share) };
    let equal = t / (t + u);
    Some(RateRatio {
        ratio: (b > 0).then(|| first / t / (second / u)),
        low: if a == 0 { 0.0 } else { odds(crossing(|share| at_least(share) >= TAIL)) },
        high: (b > 0).then(|| odds(crossing(|share| at_most(share) <= TAIL))),
        p: (2.0 * at_least(equal).min(at_most(equal))).min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::rate_ratio;

    #[test]
    fn exchanging_the_counts_inverts_the_ratio_and_its_interval() {
        let (one, two) =
            (rate_ratio(12, 90.0, 7, 92.0).unwrap(), rate_ratio(7, 92.0, 12, 90.0).unwrap());
        assert!((one.ratio.unwrap() * two.ratio.unwrap() - 1.0).abs() < 1e-12);
        assert!((one.low * two.high.unwrap() - 1.0).abs() < 1e-9);
        assert!((one.p - two.p).abs() < 1e-12);
        assert_eq!(rate_ratio(0, 1.0, 0, 1.0), None);
    }
}
