//! Token buckets: limits of each viewer on requests per second and on cost per minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Askers remembered before those that have not asked lately are forgotten.
const MOST: usize = 10_000;

/// A bucket for each name.
pub struct Buckets {
    per_second: f64,
    most: f64,
    left: Mutex<HashMap<String, (f64, Instant)>>,
}

impl Buckets {
    /// Buckets that gain `per_second` and hold `most`; nothing is counted when it is 0.
    pub fn new(per_second: f64, most: f64) -> Self {
        Self { per_second, most, left: Mutex::default() }
    }

    /// Capacity of a bucket; none without a limit.
    pub fn most(&self) -> Option<f64> {
        (self.per_second > 0.0 && self.most > 0.0).then_some(self.most)
    }

    /// Takes an amount and gives what is left; nothing counted gives none.
    ///
    /// # Errors
    /// Seconds to wait, when there is too little.
    pub fn take(&self, name: &str, amount: f64) -> Result<Option<f64>, u64> {
        let Some(most) = self.most() else { return Ok(None) };
        let amount = amount.min(most);
        let now = Instant::now();
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() >= MOST {
            left.retain(|_, (had, at)| {
                *had + now.duration_since(*at).as_secs_f64() * self.per_second < most
            });
        }
        let (have, at) = left.entry(name.to_owned()).or_insert((most, now));
        *have = (*have + now.duration_since(*at).as_secs_f64() * self.per_second).min(most);
        *at = now;
        if *have < amount {
            return Err(((amount - *have) / self.per_second).ceil().max(1.0) as u64);
        }
        *have -= amount;
        Ok(Some(*have))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_emptied_by_its_own_asker_alone_and_says_how_long_to_wait() {
        let buckets = Buckets::new(0.001, 10.0);
        assert!(buckets.take("a", 7.0).unwrap().unwrap() < 3.1);
        assert!(buckets.take("a", 7.0).unwrap_err() > 3_000);
        assert!(buckets.take("b", 7.0).is_ok());
        assert!(
            buckets.take("c", 99.0).is_ok(),
            "what is larger than a full bucket takes a full one"
        );
        assert_eq!(Buckets::new(0.0, 0.0).take("a", 1e9), Ok(None));
    }
}
