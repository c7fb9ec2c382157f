//! Computes medians and percentiles by order statistics, with the distribution-free interval of the
//! median from the binomial(n, ½).

/// Minimum number of observations for a 95% interval of the median.
pub const FEWEST: usize = 6;

/// Returns the median: the middle value, or the mean of the two middle values. The values need not
/// be sorted.
///
/// ```
/// use hotwash_statistics::order::median;
///
/// assert_eq!(median(&[9.0, 1.0, 5.0]), Some(5.0));
/// assert_eq!(median(&[3.0, 1.0]), Some(2.0));
/// assert_eq!(median(&[]), None);
/// ```
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(sorted[n / 2]),
        _ => Some(f64::midpoint(sorted[n / 2 - 1], sorted[n / 2])),
    }
}

/// Returns the median of (value, count) pairs.
///
/// ```
/// use hotwash_statistics::order::{median_counted, median_interval_counted};
///
/// // Four times 7, twice 9 and four times 30.
/// let values = [(7, 4), (9, 2), (30, 4)];
/// assert_eq!(median_counted(&values), Some(9.0));
/// assert_eq!(median_interval_counted(&values), Some((7.0, 30.0)));
/// ```
pub fn median_counted(values: &[(i64, u64)]) -> Option<f64> {
    let sorted = sorted(values);
    let n: u64 = sorted.iter().map(|(_, count)| *count).sum();
    match n {
        0 => None,
        _ if n % 2 == 1 => nth(&sorted, n / 2),
        _ => Some(f64::midpoint(nth(&sorted, n / 2 - 1)?, nth(&sorted, n / 2)?)),
    }
}

/// Returns the 95% interval of the median: the narrowest pair of ranks (k, n + 1 − k) that misses
/// it in at most 5% of samples. Returns none for fewer than six observations.
///
/// ```
/// use hotwash_statistics::order::median_interval;
///
/// // Of ten values the second and the ninth: they miss the median in 2.1% of samples (Conover,
/// // Practical Nonparametric Statistics, table A3).
/// let values: Vec<f64> = (1..=10).map(f64::from).collect();
/// assert_eq!(median_interval(&values), Some((2.0, 9.0)));
/// assert_eq!(median_interval(&values[..5]), None);
/// ```
pub fn median_interval(values: &[f64]) -> Option<(f64, f64)> {
    let rank = interval_rank(values.len())?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some((sorted[rank - 1], sorted[values.len() - rank]))
}

/// Returns the same interval for (value, count) pairs.
pub fn median_interval_counted(values: &[(i64, u64)]) -> Option<(f64, f64)> {
    let sorted = sorted(values);
    let n: u64 = sorted.iter().map(|(_, count)| *count).sum();
    let rank = interval_rank(n as usize)? as u64;
    Some((nth(&sorted, rank - 1)?, nth(&sorted, n - rank)?))
}

fn sorted(values: &[(i64, u64)]) -> Vec<(i64, u64)> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted
}

/// Returns the value at a position, counted from 0.
fn nth(sorted: &[(i64, u64)], position: u64) -> Option<f64> {
    let mut before = 0;
    sorted.iter().find_map(|(value, count)| {
        before += count;
        (position < before).then_some(*value as f64)
    })
}

/// Returns the rank of the lower end of the interval, from 1; none if there are too few
/// observations.
fn interval_rank(n: usize) -> Option<usize> {
    if n < FEWEST {
        return None;
    }
    // P(X < k) for X binomial(n, 1/2), in logarithms so that a large n does not underflow.
    let mut term = -(n as f64) * std::f64::consts::LN_2;
    let mut below = 0.0;
    let mut rank = 0;
    for successes in 0..n {
        below += term.exp();
        if below > 0.025 {
            break;
        }
        rank = successes + 1;
        term += ((n - successes) as f64 / (successes + 1) as f64).ln();
    }
    (rank > 0).then_some(rank)
}

#[cfg(test)]
mod tests {
    use super::{median, median_interval};

    #[test]
    fn ranks_are_those_of_the_binomial() {
        let upto = |n: u32| (1..=n).map(f64::from).collect::<Vec<_>>();
        // Exact binomial: 6 → 1 and 6; 9 → 2 and 8; 12 → 3 and 10; 100 → 40 and 61.
        for (n, expected) in
            [(6, (1.0, 6.0)), (9, (2.0, 8.0)), (12, (3.0, 10.0)), (100, (40.0, 61.0))]
        {
            assert_eq!(median_interval(&upto(n)), Some(expected), "{n}");
        }
        assert_eq!(median_interval(&upto(5)), None);
        assert!(median_interval(&upto(5_000)).is_some());
        assert_eq!(
            (median(&[]), median(&[3.0, 1.0]), median(&[9.0, 1.0, 5.0])),
            (None, Some(2.0), Some(5.0))
        );
    }
}
