//! Draws random numbers from a seed: the same seed gives the same interval on every machine.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Number of draws in each simulation.
pub const DRAWS: usize = 10_000;

/// Returns a random generator for this seed.
pub fn seeded(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Returns the weeks until `open` actions are closed, with weekly closures drawn from those
/// observed. The answer is the weeks by which the given shares of 10,000 runs end; none if a run
/// takes over `most` weeks.
///
/// ```
/// use hotwash_statistics::draws::weeks_to_close;
///
/// // 20 open actions at two a week take ten weeks, in half and in 85% of the runs.
/// assert_eq!(weeks_to_close(20, &[2, 2, 2], &[0.5, 0.85], 520, 1), [Some(10), Some(10)]);
/// // Nothing was closed, so there is no end.
/// assert_eq!(weeks_to_close(20, &[0, 0], &[0.5], 520, 1), [None]);
/// ```
pub fn weeks_to_close(
    open: u64,
    weekly: &[u64],
    shares: &[f64],
    most: u32,
    seed: u64,
) -> Vec<Option<u32>> {
    if weekly.iter().all(|closed| *closed == 0) {
        return vec![None; shares.len()];
    }
    let mut random = seeded(seed);
    let mut weeks: Vec<u32> = (0..DRAWS)
        .map(|_| {
            let (mut left, mut week) = (open, 0);
            while left > 0 && week <= most {
                left = left.saturating_sub(weekly[random.random_range(0..weekly.len())]);
                week += 1;
            }
            week
        })
        .collect();
    weeks.sort_unstable();
    shares
        .iter()
        .map(|share| {
            let position = ((share * DRAWS as f64).ceil() as usize).clamp(1, DRAWS) - 1;
            Some(weeks[position]).filter(|week| *week <= most)
        })
        .collect()
}

/// Number of trials up to which a binomial draw simulates each trial.
const EACH: u64 = 1_000;

/// Draws from a binomial distribution: trial by trial, or from the normal distribution for many
/// trials. Its error is then far smaller than the spread of the draws.
///
/// ```
/// use hotwash_statistics::draws::{binomial, seeded};
///
/// // The same seed draws the same number.
/// assert_eq!(binomial(250_000, 0.3, &mut seeded(7)), binomial(250_000, 0.3, &mut seeded(7)));
/// assert_eq!(binomial(5_000, 1.0, &mut seeded(1)), 5_000);
/// ```
pub fn binomial(n: u64, p: f64, random: &mut ChaCha8Rng) -> u64 {
    let p = p.clamp(0.0, 1.0);
    let (mean, spread) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
    if n <= EACH || spread < 5.0 {
        return (0..n).filter(|_| random.random_bool(p)).count() as u64;
    }
    // Box and Muller 1958; logarithm and cosine of libm are the same on every machine.
    let (one, two) = (1.0 - random.random::<f64>(), random.random::<f64>());
    let normal = (-2.0 * libm::log(one)).sqrt() * libm::cos(std::f64::consts::TAU * two);
    (mean + spread * normal).round().clamp(0.0, n as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::{binomial, seeded, weeks_to_close};

    #[test]
    fn draws_of_few_and_of_many_trials_have_the_mean_and_spread_of_the_binomial() {
        for n in [900_u64, 1_100, 250_000] {
            let (mut random, p, runs) = (seeded(7), 0.3, 2_000);
            let drawn: Vec<f64> = (0..runs).map(|_| binomial(n, p, &mut random) as f64).collect();
            let mean = drawn.iter().sum::<f64>() / f64::from(runs);
            let variance =
                drawn.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / f64::from(runs - 1);
            let (expected, spread) = (n as f64 * p, n as f64 * p * (1.0 - p));
            assert!(
                (mean - expected).abs() < 4.0 * (spread / f64::from(runs)).sqrt(),
                "{n}: mean {mean}"
            );
            assert!((variance / spread - 1.0).abs() < 0.15, "{n}: variance {variance} of {spread}");
        }
        assert_eq!(
            (binomial(5_000, 0.0, &mut seeded(1)), binomial(5_000, 1.0, &mut seeded(1))),
            (0, 5_000)
        );
    }

    #[test]
    fn a_steady_pace_is_divided_out_and_no_pace_has_no_end() {
        assert_eq!(weeks_to_close(20, &[2, 2, 2], &[0.5, 0.85], 520, 1), [Some(10), Some(10)]);
        assert_eq!(weeks_to_close(20, &[0, 0], &[0.5], 520, 1), [None]);
        assert_eq!(weeks_to_close(0, &[1], &[0.5], 520, 1), [Some(0)]);
        let [half, most] = weeks_to_close(40, &[0, 1, 3], &[0.5, 0.85], 520, 1)[..] else {
            panic!()
        };
        assert!(half < most && half == weeks_to_close(40, &[0, 1, 3], &[0.5], 520, 1)[0]);
    }
}
