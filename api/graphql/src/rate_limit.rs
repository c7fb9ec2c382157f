//! Rate limits: requests per second and cost per minute for each viewer.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter as Governor};

/// Maximum number of viewers with a state. Beyond it, viewers whose capacity is full are dropped.
const MOST_VIEWERS: usize = 10_000;
/// Maximum capacity in units, so that one unit is gained in no less than a few nanoseconds.
const MOST_UNITS: u64 = 100_000_000;

type KeyedLimiter<C> = Governor<String, HashMapStateStore<String>, C, StateInformationMiddleware>;

/// Rate limit by viewer name: a capacity that refills steadily.
pub struct RateLimiter<C: Clock + Clone = DefaultClock> {
    /// `None` without a limit.
    limit: Option<Limit<C>>,
}

struct Limit<C: Clock + Clone> {
    limiter: KeyedLimiter<C>,
    clock: C,
    capacity: u64,
    /// Amount that counts as one for the limiter, which counts in 32 bits.
    unit: u64,
    units: NonZeroU32,
}

impl RateLimiter {
    /// Creates a limit that regains `amount` per `period`, up to `capacity`; 0 means no limit.
    pub fn new(amount: u64, period: Duration, capacity: u64) -> Self {
        Self::with_clock(amount, period, capacity, DefaultClock::default())
    }
}

impl<C: Clock + Clone> RateLimiter<C> {
    /// Creates a limit on another clock.
    pub fn with_clock(amount: u64, period: Duration, capacity: u64, clock: C) -> Self {
        Self { limit: Limit::new(amount, period, capacity, clock) }
    }

    /// Returns the capacity; `None` without a limit.
    pub fn capacity(&self) -> Option<u64> {
        self.limit.as_ref().map(|limit| limit.capacity)
    }

    /// Takes an amount and returns what is left; `None` without a limit. An amount above the
    /// capacity takes all of it.
    ///
    /// # Errors
    /// Fails with the seconds to wait if too little is left.
    pub fn take(&self, name: &str, amount: u64) -> Result<Option<u64>, u64> {
        self.limit.as_ref().map(|limit| limit.take(name, amount)).transpose()
    }
}

impl<C: Clock + Clone> Limit<C> {
    fn new(amount: u64, period: Duration, capacity: u64, clock: C) -> Option<Self> {
        let unit = capacity.div_ceil(MOST_UNITS).max(1);
        let units = NonZeroU32::new(u32::try_from(capacity / unit).ok()?)?;
        let nanoseconds = period.as_nanos() * u128::from(unit) / u128::from(amount.max(1));
        let gained_in = Duration::from_nanos(u64::try_from(nanoseconds.max(1)).ok()?);
        let quota = Quota::with_period(gained_in)?.allow_burst(units);
        let limiter = KeyedLimiter::new(quota, HashMapStateStore::default(), clock.clone());
        (amount > 0).then_some(Self { limiter, clock, capacity, unit, units })
    }

    fn take(&self, name: &str, amount: u64) -> Result<u64, u64> {
        if self.limiter.len() >= MOST_VIEWERS {
            self.limiter.retain_recent();
        }
        let units = u32::try_from(amount.div_ceil(self.unit)).unwrap_or(u32::MAX);
        let units = NonZeroU32::new(units).unwrap_or(NonZeroU32::MIN).min(self.units);
        match self.limiter.check_key_n(&name.to_owned(), units) {
            Ok(Ok(state)) => Ok(u64::from(state.remaining_burst_capacity()) * self.unit),
            Ok(Err(rejected)) => {
                let wait = rejected.wait_time_from(self.clock.now());
                Err((wait.as_secs_f64().ceil() as u64).max(1))
            }
            // Not reached: the units are at most the capacity.
            Err(_) => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn a_viewer_empties_only_its_own_capacity_and_learns_how_long_to_wait() {
        let clock = FakeRelativeClock::default();
        let limit = RateLimiter::with_clock(1, Duration::from_secs(10), 10, clock.clone());
        assert_eq!(limit.take("a", 7), Ok(Some(3)));
        assert_eq!(limit.take("a", 7), Err(40));
        assert_eq!(limit.take("b", 7), Ok(Some(3)));
        assert_eq!(limit.take("c", 99), Ok(Some(0)), "an amount above the capacity takes all");
        clock.advance(Duration::from_millis(39_500));
        assert_eq!(limit.take("a", 7), Err(1));
        clock.advance(Duration::from_millis(500));
        assert_eq!(limit.take("a", 7), Ok(Some(0)));
        clock.advance(Duration::from_secs(1_000));
        assert_eq!(limit.take("a", 1), Ok(Some(9)), "never more than the capacity");
    }

    #[test]
    fn a_limit_of_any_size_keeps_its_rate() {
        for capacity in [1, 1_000, 100_000_000, 700_000_007, 1_000_000_000_000, u64::MAX] {
            let clock = FakeRelativeClock::default();
            let minute = Duration::from_secs(60);
            let limit = RateLimiter::with_clock(capacity, minute, capacity, clock.clone());
            let near = |found: u64, expected: u64| found.abs_diff(expected) <= expected / 100 + 1;
            let left = limit.take("a", capacity / 2).unwrap().unwrap();
            assert!(near(left, capacity - (capacity / 2).max(1)), "{left} of {capacity}");
            limit.take("b", capacity).unwrap();
            clock.advance(Duration::from_secs(61));
            assert!(limit.take("b", capacity).is_ok(), "{capacity} is regained in a minute");
        }
        for (amount, capacity) in [(0, 0), (0, 9), (9, 0)] {
            let limit = RateLimiter::new(amount, Duration::from_secs(1), capacity);
            assert_eq!((limit.capacity(), limit.take("a", u64::MAX)), (None, Ok(None)));
        }
    }

    #[test]
    fn viewers_with_full_capacity_are_dropped() {
        let clock = FakeRelativeClock::default();
        let limit = RateLimiter::with_clock(1, Duration::from_secs(1), 2, clock.clone());
        for number in 0..MOST_VIEWERS {
            limit.take(&number.to_string(), 1).unwrap();
        }
        clock.advance(Duration::from_secs(10));
        limit.take("last", 1).unwrap();
        assert_eq!(limit.limit.unwrap().limiter.len(), 1);
    }
}
