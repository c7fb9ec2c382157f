//! Cache of values computed from a snapshot, dropped with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::disclosure::EventParticipants;
use crate::query::MetricError;
use crate::row::Row;

/// Most bytes of all answers kept.
const BYTES: usize = 64 << 20;

/// Values cached with a snapshot.
pub struct DerivedCache {
    /// Live rows of metrics.
    pub rows: Memo<Vec<Row>>,
    participants: OnceLock<Arc<EventParticipants>>,
}

impl Default for DerivedCache {
    fn default() -> Self {
        Self { rows: Memo::new(BYTES), participants: OnceLock::new() }
    }
}

impl DerivedCache {
    /// Keeps no table and no row.
    pub fn nothing() -> Self {
        Self { rows: Memo::new(0), participants: OnceLock::new() }
    }

    /// The participants of events, gathered once.
    ///
    /// # Errors
    /// As gathering them.
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

/// Results by the question that they answer.
pub struct Memo<T> {
    most: usize,
    kept: Mutex<(usize, HashMap<String, Arc<T>>)>,
}

impl<T> Memo<T> {
    fn new(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    /// What is kept of a question, or else what is made now. All are forgotten when their sizes
    /// come to more than may be kept; one that takes a quarter of that is not kept.
    ///
    /// # Errors
    /// As making it.
    pub fn get(
        &self,
        question: String,
        size: impl Fn(&T) -> usize,
        make: impl FnOnce() -> Result<T, MetricError>,
    ) -> Result<Arc<T>, MetricError> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept().1.get(&question) {
            return Ok(Arc::clone(known));
        }
        // Two that ask the same at once both make it: neither waits for the other.
        let made = Arc::new(make()?);
        let size = size(&made) + 1;
        if size <= self.most / 4 {
            let mut kept = kept();
            if kept.0 + size > self.most {
                *kept = Default::default();
            }
            if kept.1.insert(question, Arc::clone(&made)).is_none() {
                kept.0 += size;
            }
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_made_once_until_too_much_is_kept() {
        let memo = Memo::new(40);
        let mut made = 0;
        let mut query = |question: &str, size: usize| {
            let answer = memo.get(
                question.into(),
                |size| *size,
                || {
                    made += 1;
                    Ok(size)
                },
            );
            (*answer.unwrap(), made)
        };
        assert_eq!(query("one", 9), (9, 1));
        assert_eq!(query("one", 5), (9, 1), "kept");
        assert_eq!(query("large", 10), (10, 2));
        assert_eq!(query("large", 10), (10, 3), "too large to be kept");
        for question in ["two", "three", "four"] {
            query(question, 9);
        }
        assert_eq!(query("one", 9).1, 6, "still kept");
        query("five", 9);
        assert_eq!(query("one", 9).1, 8, "forgotten with the others");
    }
}
