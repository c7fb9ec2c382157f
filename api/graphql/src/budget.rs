//! Token buckets: limits of requests per second and cost per minute for each viewer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Maximum number of viewers with buckets. Beyond it, viewers without recent requests are dropped.
const MOST: usize = 10_000;

/// Token buckets by viewer name.
pub struct Buckets {
    per_second: f64,
    most: f64,
    left: Mutex<HashMap<String, (f64, Instant)>>,
}

impl Buckets {
    /// Creates buckets that gain `per_second` up to `most`; 0 means no limit.
    pub fn new(per_second: f64, most: f64) -> Self {
        Self { per_second, most, left: Mutex::default() }
    }

    /// Returns the capacity of a bucket; `None` without a limit.
    pub fn most(&self) -> Option<f64> {
        (self.per_second > 0.0 && self.most > 0.0).then_some(self.most)
    }

    /// Takes an amount and returns what is left; `None` without a limit.
    ///
    /// # Errors
    /// Fails with the seconds to wait if too little is left.
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
