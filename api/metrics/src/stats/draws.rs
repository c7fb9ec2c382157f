//! Seeded draws: the same seed gives the same interval, on every machine.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Draws of every simulation.
pub const DRAWS: usize = 10_000;

/// A generator for this seed.
pub fn seeded(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Weeks until `open` are closed when weekly closures are drawn from those seen: the weeks by which the given shares of
/// 10,000 runs are done; none where a run takes over `most` weeks.
pub fn weeks_to_close(open: u64, weekly: &[u64], shares: &[f64], most: u32, seed: u64) -> Vec<Option<u32>> {
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
            let place = ((share * DRAWS as f64).ceil() as usize).clamp(1, DRAWS) - 1;
            Some(weeks[place]).filter(|week| *week <= most)
        })
        .collect()
}

/// A binomial draw.
pub fn binomial(n: u64, p: f64, random: &mut ChaCha8Rng) -> u64 {
    (0..n).filter(|_| random.random_bool(p.clamp(0.0, 1.0))).count() as u64
}

#[cfg(test)]
mod tests {
    use super::weeks_to_close;

    #[test]
    fn a_steady_pace_is_divided_out_and_no_pace_has_no_end() {
        assert_eq!(weeks_to_close(20, &[2, 2, 2], &[0.5, 0.85], 520, 1), [Some(10), Some(10)]);
        assert_eq!(weeks_to_close(20, &[0, 0], &[0.5], 520, 1), [None]);
        assert_eq!(weeks_to_close(0, &[1], &[0.5], 520, 1), [Some(0)]);
        let [half, most] = weeks_to_close(40, &[0, 1, 3], &[0.5, 0.85], 520, 1)[..] else { panic!() };
        assert!(half < most && half == weeks_to_close(40, &[0, 1, 3], &[0.5], 520, 1)[0]);
    }
}
