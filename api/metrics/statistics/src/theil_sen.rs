//! Computes the Theil–Sen slope with its 95% interval from Kendall's variance (Theil 1950, Sen
//! 1968), as scipy's `theilslopes` does.

use super::wilson::Z_95;

/// Slope with its interval, in units of y per unit of x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// Median of the slopes of all pairs.
    pub slope: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// Returns the slope of y over x (real time, not row numbers); none without two distinct x.
///
/// ```
/// use hotwash_statistics::theil_sen;
///
/// // Sen 1968, section 6: the slope is 4, with a 93% interval of 3.71 to 4.38.
/// let x = [1.0, 2.0, 3.0, 4.0, 10.0, 12.0, 18.0];
/// let y = [9.0, 15.0, 19.0, 20.0, 45.0, 55.0, 78.0];
/// let points: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
/// let found = theil_sen(&points).expect("two x differ");
/// assert_eq!(found.slope, 4.0);
/// assert!(found.low <= 3.72 && found.high >= 4.37);
/// ```
pub fn theil_sen(points: &[(f64, f64)]) -> Option<Slope> {
    let mut slopes = Vec::new();
    for (index, (x, y)) in points.iter().enumerate() {
        for (later_x, later_y) in &points[index + 1..] {
            if later_x != x {
                slopes.push((later_y - y) / (later_x - x));
            }
        }
    }
    if slopes.is_empty() {
        return None;
    }
    slopes.sort_by(f64::total_cmp);
    let ties = |values: Vec<f64>| -> f64 {
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        sorted
            .chunk_by(|left, right| left == right)
            .map(|group| group.len() as f64)
            .map(|k| k * (k - 1.0) * (2.0 * k + 5.0))
            .sum()
    };
    let n = points.len() as f64;
    let tied = ties(points.iter().map(|point| point.0).collect())
        + ties(points.iter().map(|point| point.1).collect());
    let sigma = ((n * (n - 1.0) * (2.0 * n + 5.0) - tied) / 18.0).max(0.0).sqrt();
    let count = slopes.len() as f64;
    // Ranks of the limits, rounded to even as scipy does.
    let upper = ((count + Z_95 * sigma) / 2.0).round_ties_even().min(count - 1.0).max(0.0);
    let lower = (((count - Z_95 * sigma) / 2.0).round_ties_even() - 1.0).max(0.0);
    let middle = slopes.len() / 2;
    let slope = if slopes.len() % 2 == 1 {
        slopes[middle]
    } else {
        (slopes[middle - 1] + slopes[middle]) / 2.0
    };
    Some(Slope { slope, low: slopes[lower as usize], high: slopes[upper as usize] })
}

#[cfg(test)]
mod tests {
    use super::theil_sen;

    /// Values of scipy 1.14 `theilslopes`, unit spacing.
    #[test]
    fn slopes_equal_the_reference() {
        for (values, slope, low, high) in [
            (vec![0.50, 0.60, 0.55, 0.70, 0.75, 0.80], 0.05, 0.025, 0.10),
            (vec![0.5, 0.5, 0.6, 0.6, 0.7, 0.7, 0.8, 0.8], 0.05, 0.033_333, 0.06),
            (vec![0.9, 0.85, 0.9, 0.8, 0.7, 0.75, 0.6, 0.65], -0.05, -0.066_667, -0.025),
        ] {
            let points: Vec<(f64, f64)> =
                values.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect();
            let found = theil_sen(&points).unwrap();
            assert!(
                (found.slope - slope).abs() < 1e-5
                    && (found.low - low).abs() < 1e-5
                    && (found.high - high).abs() < 1e-5,
                "{found:?}"
            );
        }
        assert_eq!(theil_sen(&[(1.0, 2.0)]), None);
    }
}
