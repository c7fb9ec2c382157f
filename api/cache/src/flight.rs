//! Single flight: concurrent requests for one result compute it once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::OnceCell;

/// Computations that are running, by query. It stores no result once its callers have it.
pub struct SingleFlight<K, R> {
    running: Mutex<HashMap<K, Weak<OnceCell<R>>>>,
}

impl<K, R> Default for SingleFlight<K, R> {
    fn default() -> Self {
        Self { running: Mutex::default() }
    }
}

impl<K: Hash + Eq + Clone, R: Clone> SingleFlight<K, R> {
    /// Runs a computation, or awaits the result of one that is running for the same query. If its
    /// caller goes away, the next waiting caller computes the result.
    pub async fn run(&self, query: K, compute: impl Future<Output = R>) -> R {
        let landing = Landing { flights: self, query: query.clone() };
        let cell = {
            let mut running = self.running();
            let known = running.get(&query).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let cell = Arc::new(OnceCell::new());
                running.insert(query, Arc::downgrade(&cell));
                cell
            })
        };
        let result = cell.get_or_init(|| compute).await.clone();
        drop(cell);
        drop(landing);
        result
    }

    fn running(&self) -> MutexGuard<'_, HashMap<K, Weak<OnceCell<R>>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes a computation that no caller waits for, even if its caller went away.
struct Landing<'a, K: Hash + Eq + Clone, R: Clone> {
    flights: &'a SingleFlight<K, R>,
    query: K,
}

impl<K: Hash + Eq + Clone, R: Clone> Drop for Landing<'_, K, R> {
    fn drop(&mut self) {
        let mut running = self.flights.running();
        if running.get(&self.query).is_some_and(|cell| cell.strong_count() == 0) {
            running.remove(&self.query);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn concurrent_callers_compute_once_and_nothing_stays() {
        let (flights, computed) = (SingleFlight::<u8, usize>::default(), AtomicUsize::new(0));
        let compute = || async {
            tokio::task::yield_now().await;
            computed.fetch_add(1, Ordering::Relaxed) + 1
        };
        let run = || flights.run(1, compute());
        assert_eq!(tokio::join!(run(), run(), run()), (1, 1, 1));
        let (one, other) = tokio::join!(run(), flights.run(2, compute()));
        assert_eq!(one + other, 2 + 3, "the result is not stored, and another query has its own");
        assert!(flights.running().is_empty());
    }

    #[tokio::test]
    async fn the_next_caller_computes_if_the_first_goes_away() {
        let flights = SingleFlight::<u8, &str>::default();
        let mut first = Box::pin(flights.run(1, std::future::pending()));
        let mut second = Box::pin(flights.run(1, std::future::ready("second")));
        assert!(is_pending(first.as_mut()).await);
        assert!(is_pending(second.as_mut()).await, "waits for the first");
        drop(first);
        assert_eq!(second.await, "second");
        assert!(flights.running().is_empty());
    }

    /// Polls a future once and returns whether it is pending.
    async fn is_pending<F: Future + Unpin>(mut future: F) -> bool {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(std::pin::Pin::new(&mut future).poll(context).is_pending())
        })
        .await
    }
}
