//! Cache of values computed from a snapshot, dropped with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::disclosure::EventParticipants;
use crate::query::MetricError;
use crate::row::MetricRow;

/// Maximum bytes of all cached values.
const BYTES: usize = 64 << 20;

/// Values cached with a snapshot.
pub struct DerivedCache {
    /// Live rows of metrics.
    pub rows: Memo<Vec<MetricRow>>,
    participants: OnceLock<Arc<EventParticipants>>,
}

impl Default for DerivedCache {
    fn default() -> Self {
        Self { rows: Memo::new(BYTES), participants: OnceLock::new() }
    }
}

impl DerivedCache {
    /// Returns a cache that stores nothing.
    pub fn nothing() -> Self {
        Self { rows: Memo::new(0), participants: OnceLock::new() }
    }

    /// Returns the participants of events, computed once.
    ///
    /// # Errors
    /// If they cannot be computed.
    pub fn participants(
        &self,
        gather: impl FnOnce() -> Result<EventParticipants, MetricError>,
    ) -> Result<Arc<EventParticipants>, MetricError> {
        if let Some(known) = self.participants.get() {
            return Ok(Arc::clone(known));
        }
        let gathered = Arc::new(gather()?);
        Ok(Arc::clone(self.participants.get_or_init(|| gathered)))
    }
}

/// A cache of results by key.
pub struct Memo<T> {
    max_bytes: usize,
    cached: Mutex<(usize, HashMap<String, Arc<T>>)>,
}

impl<T> Memo<T> {
    fn new(max_bytes: usize) -> Self {
        Self { max_bytes, cached: Mutex::default() }
    }

    /// Returns the cached result, or computes and caches it. If the total size exceeds the maximum,
    /// the cache is cleared. A result of a quarter of the maximum is not cached.
    ///
    /// # Errors
    /// If the result cannot be computed.
    pub fn get(
        &self,
        key: String,
        size: impl Fn(&T) -> usize,
        make: impl FnOnce() -> Result<T, MetricError>,
    ) -> Result<Arc<T>, MetricError> {
        let cached = || self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = cached().1.get(&key) {
            return Ok(Arc::clone(known));
        }
        // Concurrent requests for the same key both compute the result; neither waits for the
        // other.
        let computed = Arc::new(make()?);
        let size = size(&computed) + 1;
        if size <= self.max_bytes / 4 {
            let mut cached = cached();
            if cached.0 + size > self.max_bytes {
                *cached = Default::default();
            }
            if cached.1.insert(key, Arc::clone(&computed)).is_none() {
                cached.0 += size;
            }
        }
        Ok(computed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_computed_once_until_the_cache_is_full() {
        let memo = Memo::new(40);
        let mut computed = 0;
        let mut query = |key: &str, size: usize| {
            let answer = memo.get(
                key.into(),
                |size| *size,
                || {
                    computed += 1;
                    Ok(size)
                },
            );
            (*answer.unwrap(), computed)
        };
        assert_eq!(query("one", 9), (9, 1));
        assert_eq!(query("one", 5), (9, 1), "kept");
        assert_eq!(query("large", 10), (10, 2));
        assert_eq!(query("large", 10), (10, 3), "too large to be kept");
        for key in ["two", "three", "four"] {
            query(key, 9);
        }
        assert_eq!(query("one", 9).1, 6, "still kept");
        query("five", 9);
        assert_eq!(query("one", 9).1, 8, "forgotten with the others");
    }
}
