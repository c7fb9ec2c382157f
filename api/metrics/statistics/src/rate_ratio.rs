//! Compares two rates: the exact interval of their ratio, conditional on the total (Przyborowski
//! and Wilenski 1940; Clopper and Pearson 1934).

use libm::lgamma;

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

/// Returns the least share from 0 to 1 from which on the condition holds.
fn crossing(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if holds(middle) { high = middle } else { low = middle }
    }
    f64::midpoint(low, high)
}

/// Returns the regularized incomplete beta function, by its continued fraction (Abramowitz and
/// Stegun 26.5.8, evaluated by Lentz's method).
fn beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    let front = libm::exp(front);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - x) / b
    }
}

/// Most steps of the continued fraction. It needs about the square root of the larger argument.
const STEPS: u32 = 10_000;

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let nonzero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0)));
    let mut found = d;
    for step in 1..=STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / nonzero(1.0 + even * d);
        c = nonzero(1.0 + even / c);
        found *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / nonzero(1.0 + odd * d);
        c = nonzero(1.0 + odd / c);
        found *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{beta, rate_ratio};

    #[test]
    fn the_beta_function_has_its_closed_forms() {
        for x in [0.01, 0.2, 0.5, 0.9] {
            assert!((beta(1.0, 1.0, x) - x).abs() < 1e-14);
            assert!((beta(3.0, 1.0, x) - x.powi(3)).abs() < 1e-14);
            assert!((beta(1.0, 4.0, x) - (1.0 - (1.0 - x).powi(4))).abs() < 1e-14);
        }
        assert!((beta(500.0, 500.0, 0.5) - 0.5).abs() < 1e-12);
    }

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
