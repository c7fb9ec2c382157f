//! Difference between two shares, and how far it exceeds chance.

use hotwash_metrics::{MetricRow, Reliability};
use hotwash_statistics::{newcombe, proportions_test};

/// Difference between two shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// First share minus second share.
    pub value: f64,
    /// Lower end of its 95% interval.
    pub low: f64,
    /// Upper end of its 95% interval.
    pub high: f64,
    /// Probability of a difference this large by chance alone.
    pub p: f64,
}

impl Difference {
    /// Returns the difference of two shares, each as numerator and denominator; none for an empty
    /// sample.
    pub fn of(first: (f64, f64), second: (f64, f64)) -> Option<Self> {
        let (value, low, high) = newcombe(first.0, first.1, second.0, second.1)?;
        let p = proportions_test(first.0, first.1, second.0, second.1)?;
        Some(Self { value, low, high, p })
    }

    /// Returns how far the interval stays away from zero: the effect beyond chance.
    pub fn beyond_chance(&self) -> f64 {
        if self.value < 0.0 { (-self.high).max(0.0) } else { self.low.max(0.0) }
    }
}

/// Returns numerator and denominator of a reliable row.
pub fn counts(row: &MetricRow) -> Option<(f64, f64)> {
    row.numerator.zip(row.denominator).filter(|_| row.reliability == Reliability::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_beyond_chance_is_the_nearer_end_of_the_interval() {
        let fall = Difference::of((18.0, 100.0), (54.0, 100.0)).unwrap();
        assert!((fall.value + 0.36).abs() < 1e-9 && fall.p < 0.001);
        assert!((fall.beyond_chance() + fall.high).abs() < 1e-12 && fall.beyond_chance() > 0.2);
        let none = Difference::of((50.0, 100.0), (54.0, 100.0)).unwrap();
        assert_eq!(none.beyond_chance(), 0.0);
        assert_eq!(Difference::of((0.0, 0.0), (1.0, 2.0)), None);
    }
}
