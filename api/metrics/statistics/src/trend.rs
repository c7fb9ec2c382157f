//! Classifies a series: Mann–Kendall decides whether there is a trend, Theil–Sen gives its slope.

use super::{MannKendall, Slope, mann_kendall, theil_sen};

/// Probability below which a trend is significant.
const SIGNIFICANT: f64 = 0.05;

/// Direction of a trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Increases by more than chance.
    Rising,
    /// Decreases by more than chance.
    Falling,
    /// No detectable trend.
    Steady,
    /// Too few values for a test.
    TooFewValues,
}

/// Trend of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Direction of the trend.
    pub direction: Direction,
    /// Result of the test; none for fewer than two values.
    pub test: Option<MannKendall>,
    /// Slope in units of the value per unit of time; none without two distinct times.
    pub slope: Option<Slope>,
}

/// Returns the trend of (time, value) pairs in time order; too few for fewer than `minimum` pairs.
///
/// ```
/// use hotwash_statistics::{Direction, trend};
///
/// // The data of Sen 1968, section 6, whose slope is 4.
/// let points =
///     [(1.0, 9.0), (2.0, 15.0), (3.0, 19.0), (4.0, 20.0), (10.0, 45.0), (12.0, 55.0), (18.0, 78.0)];
/// let found = trend(&points, 6);
/// assert_eq!(found.direction, Direction::Rising);
/// assert_eq!(found.slope.map(|slope| slope.slope), Some(4.0));
/// assert_eq!(trend(&points[..5], 6).direction, Direction::TooFewValues);
/// ```
pub fn trend(points: &[(f64, f64)], minimum: usize) -> Trend {
    let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    let test = mann_kendall(&values);
    let direction = match test {
        _ if points.len() < minimum => Direction::TooFewValues,
        Some(test) if test.p < SIGNIFICANT && test.s > 0 => Direction::Rising,
        Some(test) if test.p < SIGNIFICANT => Direction::Falling,
        Some(_) => Direction::Steady,
        None => Direction::TooFewValues,
    };
    Trend { direction, test, slope: theil_sen(points) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_needs_both_enough_values_and_a_trend() {
        let course = |values: &[f64]| {
            trend(
                &values
                    .iter()
                    .enumerate()
                    .map(|(at, value)| (at as f64, *value))
                    .collect::<Vec<_>>(),
                6,
            )
            .direction
        };
        for (values, direction) in [
            (&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6][..], Direction::Rising),
            (&[0.6, 0.5, 0.4, 0.3, 0.2, 0.1][..], Direction::Falling),
            (&[0.5, 0.6, 0.4, 0.6, 0.5, 0.55][..], Direction::Steady),
            (&[0.1, 0.2, 0.3, 0.4, 0.5][..], Direction::TooFewValues),
            (&[][..], Direction::TooFewValues),
        ] {
            assert_eq!(course(values), direction, "{values:?}");
        }
    }
}
