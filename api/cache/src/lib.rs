//! The cache: results by generation of the warehouse and query, within one memory budget.
//!
//! Every part of Hotwash that computes the same results repeatedly caches them in a [`Cache`]. The
//! crate knows nothing of what it caches. It stores entries in `moka`, which evicts the least
//! recently used entries when a part is full.
//!
//! ```
//! use hotwash_cache::{Cache, CacheBudget, Part};
//!
//! let budget = CacheBudget::new(512);
//! let lengths: Cache<String, usize> = Cache::new(&budget, Part::Documents, |_, _| 8);
//! let length = || Ok::<_, String>("hotwash".len());
//! assert_eq!(lengths.get_or_compute(1, "hotwash", length), Ok(7));
//! assert_eq!(lengths.get(1, "hotwash"), Some(7));
//! assert_eq!(lengths.get(2, "hotwash"), None, "the warehouse has changed");
//! ```

mod budget;
mod flight;

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use equivalent::Equivalent;
use moka::policy::EvictionPolicy;

pub use budget::{CacheBudget, DEFAULT_MEBIBYTES, Part, UnknownPart};
pub use flight::SingleFlight;

/// Unit of the weights that moka counts, so that 32 bits suffice for entries of any size.
const WEIGHT_UNIT: usize = 1 << 10;

/// Cached results of one part, by generation and query. An entry may take an eighth of the part;
/// larger results are computed but not cached.
pub struct Cache<K, V> {
    part: Part,
    max_bytes: usize,
    /// `None` if the part is turned off.
    stored: Option<moka::sync::Cache<(i64, K), V>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// Size and use of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheStatus {
    /// Part of the budget.
    pub part: Part,
    /// Number of entries.
    pub entries: u64,
    /// Size of the entries, each rounded up to a KiB.
    pub bytes: u64,
    /// Share of the budget.
    pub max_bytes: u64,
    /// Lookups that found their entry.
    pub hits: u64,
    /// Lookups that did not.
    pub misses: u64,
}

impl<K, V> Cache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Creates the cache of a part. `bytes` returns the size of an entry with its query.
    pub fn new(budget: &CacheBudget, part: Part, bytes: fn(&K, &V) -> usize) -> Self {
        Self::build(budget, part, bytes, 8, None)
    }

    /// Creates a cache whose entries may each take the entire part.
    pub fn of_large_entries(budget: &CacheBudget, part: Part, bytes: fn(&K, &V) -> usize) -> Self {
        Self::build(budget, part, bytes, 1, None)
    }

    /// Creates a cache whose entries expire after some time.
    pub fn expiring(
        budget: &CacheBudget,
        part: Part,
        bytes: fn(&K, &V) -> usize,
        after: Duration,
    ) -> Self {
        Self::build(budget, part, bytes, 8, Some(after))
    }

    fn build(
        budget: &CacheBudget,
        part: Part,
        bytes: fn(&K, &V) -> usize,
        largest_share: usize,
        expires_after: Option<Duration>,
    ) -> Self {
        let max_bytes = budget.bytes_of(part);
        let largest = max_bytes / largest_share;
        let weight = move |(_, query): &(i64, K), result: &V| {
            let bytes = bytes(query, result);
            let units = u32::try_from(bytes.div_ceil(WEIGHT_UNIT)).unwrap_or(u32::MAX);
            // An entry heavier than the cache is not stored.
            if bytes > largest { u32::MAX } else { units.max(1) }
        };
        let stored = (max_bytes > 0).then(|| {
            let builder = moka::sync::Cache::builder()
                .max_capacity((max_bytes / WEIGHT_UNIT) as u64)
                .weigher(weight)
                .eviction_policy(EvictionPolicy::lru());
            match expires_after {
                Some(time) => builder.time_to_live(time).build(),
                None => builder.build(),
            }
        });
        Self { part, max_bytes, stored, hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// Returns whether the cache stores anything.
    pub fn is_on(&self) -> bool {
        self.stored.is_some()
    }

    /// Returns the share of the budget, in bytes.
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Returns the cached result of a query.
    pub fn get<Q>(&self, generation: i64, query: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let found = self.peek(generation, query);
        self.count(found.is_some());
        found
    }

    /// Returns the cached result of a query without counting the lookup.
    pub fn peek<Q>(&self, generation: i64, query: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.stored.as_ref()?.get(&Lookup { generation, query })
    }

    /// Returns the cached result of a query, or computes and caches it. Concurrent callers wait for
    /// the first one's result. Errors are not cached.
    ///
    /// # Errors
    /// If the result cannot be computed.
    pub fn get_or_compute<Q, E>(
        &self,
        generation: i64,
        query: &Q,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        E: Clone + Send + Sync + 'static,
    {
        let Some(stored) = &self.stored else { return compute() };
        if let Some(found) = self.peek(generation, query) {
            self.count(true);
            return Ok(found);
        }
        let computed = AtomicBool::new(false);
        let result = stored.try_get_with((generation, query.to_owned()), || {
            computed.store(true, Ordering::Relaxed);
            compute()
        });
        self.count(!computed.into_inner());
        result.map_err(Arc::unwrap_or_clone)
    }

    /// Caches a result.
    pub fn insert(&self, generation: i64, query: K, result: V) {
        if let Some(stored) = &self.stored {
            stored.insert((generation, query), result);
        }
    }

    /// Drops the results of generations that are over.
    pub fn retain(&self, is_current: impl Fn(i64) -> bool) {
        let Some(stored) = &self.stored else { return };
        for (key, _) in stored.iter().filter(|(key, _)| !is_current(key.0)) {
            stored.invalidate(&*key);
        }
        stored.run_pending_tasks();
    }

    /// Returns the size and use of the cache.
    pub fn status(&self) -> CacheStatus {
        let (entries, units) = self.stored.as_ref().map_or((0, 0), |stored| {
            stored.run_pending_tasks();
            (stored.entry_count(), stored.weighted_size())
        });
        CacheStatus {
            part: self.part,
            entries,
            bytes: units * WEIGHT_UNIT as u64,
            max_bytes: self.max_bytes as u64,
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }

    fn count(&self, is_hit: bool) {
        let counter = if is_hit { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Borrowed form of a key, so that a lookup copies no query.
struct Lookup<'a, Q: ?Sized> {
    generation: i64,
    query: &'a Q,
}

impl<Q: Hash + ?Sized> Hash for Lookup<'_, Q> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.generation, self.query).hash(state);
    }
}

impl<K: Borrow<Q>, Q: Eq + ?Sized> Equivalent<(i64, K)> for Lookup<'_, Q> {
    fn equivalent(&self, (generation, query): &(i64, K)) -> bool {
        self.generation == *generation && self.query == query.borrow()
    }
}

#[cfg(test)]
mod tests;
