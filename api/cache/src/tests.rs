#![allow(clippy::unwrap_used)]

use std::sync::Barrier;

use super::*;

fn cache(mebibytes: usize) -> Cache<String, Vec<u8>> {
    Cache::new(&CacheBudget::new(mebibytes), Part::Answers, |_, result| result.len())
}

fn computed(cache: &Cache<String, Vec<u8>>, query: &str, bytes: usize) -> bool {
    let mut is_computed = false;
    let result = cache.get_or_compute(1, query, || {
        is_computed = true;
        Ok::<_, String>(vec![0; bytes])
    });
    assert!(result.is_ok());
    is_computed
}

#[test]
fn a_result_is_computed_once_for_each_generation() {
    let cache = cache(1);
    assert!(computed(&cache, "one", 9) && !computed(&cache, "one", 9));
    assert_eq!(cache.get(2, "one"), None);
    cache.insert(2, "one".into(), vec![7]);
    assert_eq!((cache.get(1, "one"), cache.get(2, "one")), (Some(vec![0; 9]), Some(vec![7])));
    cache.retain(|generation| generation == 2);
    assert_eq!((cache.get(1, "one"), cache.get(2, "one")), (None, Some(vec![7])));
    let status = cache.status();
    assert_eq!((status.entries, status.bytes), (1, 1 << 10));
    assert_eq!((status.hits, status.misses), (4, 3));
}

#[test]
fn entries_stay_within_the_share_and_the_least_recently_used_go_first() {
    let cache = cache(1);
    let share = CacheBudget::new(1).bytes_of(Part::Answers);
    computed(&cache, "used", 10_000);
    for number in 0..100 {
        computed(&cache, &number.to_string(), 10_000);
        cache.status();
        assert!(!computed(&cache, "used", 10_000), "after {number}");
    }
    assert!(cache.status().bytes as usize <= share);
    assert!(cache.get(1, "0").is_none() && cache.get(1, "99").is_some());
    computed(&cache, "large", share / 8 + 1);
    cache.status();
    assert_eq!(cache.get(1, "large"), None, "larger than an eighth of the share");
}

#[test]
fn concurrent_callers_wait_for_the_first_result_and_errors_are_not_cached() {
    let (cache, together, runs) = (cache(1), Barrier::new(4), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                together.wait();
                let result = cache.get_or_compute(1, "slow", || {
                    runs.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(50));
                    Ok::<_, String>(vec![1])
                });
                assert_eq!(result, Ok(vec![1]));
            });
        }
    });
    assert_eq!(runs.into_inner(), 1);
    let failing = cache.get_or_compute(1, "fails", || Err("no database".to_owned()));
    assert_eq!(failing, Err("no database".to_owned()));
    assert!(computed(&cache, "fails", 1));
}

#[test]
fn a_part_that_is_off_stores_nothing() {
    let budget = CacheBudget::new(512).without(&[Part::Answers]);
    for cache in [cache(0), Cache::new(&budget, Part::Answers, |_, result| result.len())] {
        assert!(!cache.is_on() && computed(&cache, "one", 1) && computed(&cache, "one", 1));
        cache.insert(1, "one".into(), vec![]);
        assert_eq!((cache.get(1, "one"), cache.status().entries), (None, 0));
    }
}

#[test]
fn an_entry_expires() {
    let (budget, after) = (CacheBudget::new(100), Duration::from_millis(50));
    let cache: Cache<String, u8> = Cache::expiring(&budget, Part::Credentials, |_, _| 1, after);
    cache.insert(0, "key".into(), 1);
    assert_eq!(cache.get(0, "key"), Some(1));
    std::thread::sleep(after * 2);
    assert_eq!(cache.get(0, "key"), None);
}

#[test]
fn the_shares_sum_to_the_budget_and_a_part_is_found_by_its_name() {
    assert_eq!(Part::ALL.map(Part::percent).iter().sum::<usize>(), 100);
    for part in Part::ALL {
        assert_eq!(part.name().parse(), Ok(part));
    }
    let error = "pages".parse::<Part>().unwrap_err().to_string();
    assert!(
        error.starts_with("\"pages\" is no part of the cache; give one of columns,"),
        "{error}"
    );
}
