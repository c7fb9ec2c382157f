//! Computes the regularized incomplete beta function, and from it quantiles of Student's t.

use libm::lgamma;

/// Returns the regularized incomplete beta function, by its continued fraction (Abramowitz and
/// Stegun 26.5.8, evaluated by Lentz's method).
pub fn beta(a: f64, b: f64, x: f64) -> f64 {
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

/// Returns the least share from 0 to 1 from which on the condition holds.
pub fn crossing(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if holds(middle) { high = middle } else { low = middle }
    }
    f64::midpoint(low, high)
}

/// Degrees of freedom from which on the series is exact to 12 digits.
const MANY: f64 = 1_000.0;

/// Returns the two-sided 95% quantile of Student's t. For many degrees of freedom, by its series
/// (Abramowitz and Stegun 26.7.5).
pub fn student_95(freedom: f64) -> f64 {
    if freedom < MANY {
        // P(|T| > t) is the incomplete beta function of freedom / (freedom + t²).
        let x = crossing(|x| beta(freedom / 2.0, 0.5, x) >= 0.05);
        return (freedom * (1.0 - x) / x).sqrt();
    }
    let z = super::wilson::Z_95;
    let [z3, z5, z7] = [3, 5, 7].map(|power| z.powi(power));
    z + (z3 + z) / (4.0 * freedom)
        + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * freedom.powi(2))
        + (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / (384.0 * freedom.powi(3))
}

#[cfg(test)]
mod tests {
    use super::{MANY, beta, student_95};

    #[test]
    fn the_beta_function_has_its_closed_forms() {
        for x in [0.01, 0.2, 0.5, 0.9] {
            assert!((beta(1.0, 1.0, x) - x).abs() < 1e-14);
            assert!((beta(3.0, 1.0, x) - x.powi(3)).abs() < 1e-14);
            assert!((beta(1.0, 4.0, x) - (1.0 - (1.0 - x).powi(4))).abs() < 1e-14);
        }
        assert!((beta(500.0, 500.0, 0.5) - 0.5).abs() < 1e-12);
    }

    /// Values of scipy 1.17 `t.ppf(0.975, freedom)`.
    #[test]
    fn quantiles_of_t_equal_the_reference() {
        for (freedom, expected) in [
            (1.0, 12.706_204_736_174_7),
            (2.0, 4.302_652_729_749_46),
            (7.0, 2.364_624_251_592_78),
            (30.0, 2.042_272_456_301_24),
        ] {
            assert!((student_95(freedom) - expected).abs() < 1e-9, "{freedom}");
        }
        assert!((student_95(MANY - 1e-6) - student_95(MANY)).abs() < 1e-9);
    }
}
