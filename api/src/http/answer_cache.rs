//! Cache of answers: the same query of the same viewer at the same generation of the warehouse has
//! the same answer. Viewers with the same access share pages. A new generation empties the cache.
//! Errors are not cached.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use actix_web::web::Bytes;
use async_graphql::Request;
use hotwash_schema::access::Viewer;

/// Maximum size of a cached answer, in bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Cache key of an answer.
pub type AnswerKey = [u8; 32];

/// Answers of one generation.
#[derive(Default)]
struct CachedGeneration {
    generation: i64,
    bytes: usize,
    answers: HashMap<AnswerKey, (Bytes, u64)>,
}

/// Cache of answers up to a number of bytes.
pub struct AnswerCache {
    max_bytes: usize,
    cached: Mutex<CachedGeneration>,
}

impl AnswerCache {
    /// Creates a cache of this many MiB; 0 turns it off.
    pub fn new(mebibytes: usize) -> Self {
        Self { max_bytes: mebibytes << 20, cached: Mutex::default() }
    }

    /// Cache key of a GraphQL request. `None` for queries that are not cached: those about the
    /// warehouse's own status, and mutations.
    pub fn key(&self, request: &Request, viewer: &Viewer, media: &str) -> Option<AnswerKey> {
        if self.max_bytes == 0
            || request.query.contains("warehouse")
            || request.query.contains("mutation")
        {
            return None;
        }
        let variables = serde_json::to_string(&request.variables).ok()?;
        let operation = request.operation_name.as_deref().unwrap_or_default();
        let request_parts = [request.query.as_str(), &variables, operation, media];
        Some(hash_parts(
            &request_parts,
            &[viewer.name.as_str(), viewer.role.code(), &viewer.regions.join(",")],
        ))
    }

    /// Cache key of a report page. Viewers with the same access share it.
    pub fn page_key(&self, path: &str, query: &str, viewer: &Viewer) -> Option<AnswerKey> {
        let client = if viewer.name == Viewer::LOCAL { "here" } else { "signed in" };
        (self.max_bytes > 0)
            .then(|| hash_parts(&["page", path, query], &[client, &access_key(viewer)]))
    }

    /// Cache key of a page's query for single records.
    pub fn query_key(&self, query: &str, viewer: &Viewer) -> Option<AnswerKey> {
        (self.max_bytes > 0).then(|| hash_parts(&["query", query], &[&access_key(viewer)]))
    }

    /// Returns the answer cached at this generation, with its query cost.
    pub fn get(&self, key: &AnswerKey, generation: i64) -> Option<(Bytes, u64)> {
        let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.generation == generation { cached.answers.get(key).cloned() } else { None }
    }

    /// Caches an answer with its query cost.
    pub fn insert(&self, key: AnswerKey, generation: i64, answer: &Bytes, cost: u64) {
        if answer.len() > MAX_ANSWER_BYTES {
            return;
        }
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.generation != generation || cached.bytes + answer.len() > self.max_bytes {
            *cached = CachedGeneration { generation, ..CachedGeneration::default() };
        }
        cached.bytes += answer.len();
        cached.answers.insert(key, (answer.clone(), cost));
    }
}

/// Access of a viewer as text: equal for two viewers who may see the same records.
fn access_key(viewer: &Viewer) -> String {
    if viewer.sees_all_detail() {
        "all".into()
    } else {
        format!("{} {}", viewer.role.code(), viewer.regions.join(","))
    }
}

fn hash_parts(request_parts: &[&str], viewer_parts: &[&str]) -> AnswerKey {
    // Without an as-of day, a metric is as of today.
    let today = chrono::Local::now().date_naive().to_string();
    let mut hasher = blake3::Hasher::new();
    for part in request_parts.iter().chain(viewer_parts).chain(&[today.as_str()]) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use hotwash_schema::access::Role;

    use super::*;

    #[test]
    fn an_answer_is_cached_for_its_viewer_and_generation() {
        let answers = AnswerCache::new(1);
        let request = Request::new("{ regions { code } }");
        let local = answers.key(&request, &Viewer::local(), "json").unwrap();
        let other = Viewer { name: "other".into(), ..Viewer::local() };
        assert_ne!(Some(local), answers.key(&request, &other, "json"));
        assert_eq!(
            answers.key(&Request::new("{ warehouse { version } }"), &Viewer::local(), "json"),
            None
        );
        let named = |name: &str, role, region: &str| Viewer {
            name: name.into(),
            role,
            regions: vec![region.into()],
        };
        let page = |viewer: &Viewer| answers.page_key("/", "", viewer).unwrap();
        assert_eq!(
            page(&named("one", Role::Region, "3")),
            page(&named("other", Role::Region, "3"))
        );
        assert_eq!(page(&named("one", Role::Analyst, "3")), page(&named("one", Role::Admin, "5")));
        for (role, region) in [(Role::Region, "5"), (Role::Viewer, "3"), (Role::Analyst, "3")] {
            assert_ne!(page(&named("one", Role::Region, "3")), page(&named("one", role, region)));
            let key_of = |viewer: &Viewer| answers.query_key("{ events { totalCount } }", viewer);
            assert_ne!(
                key_of(&named("one", Role::Region, "3")),
                key_of(&named("one", role, region))
            );
        }
        assert_ne!(
            page(&Viewer::local()),
            page(&named("one", Role::Admin, "3")),
            "one may sign out"
        );
        answers.insert(local, 7, &Bytes::from_static(b"{}"), 1);
        assert_eq!((answers.get(&local, 7).is_some(), answers.get(&local, 8)), (true, None));
        for number in 0..100_u8 {
            answers.insert([number; 32], 7, &Bytes::from(vec![0; 100_000]), 1);
        }
        assert!(answers.cached.lock().unwrap().bytes <= 1 << 20);
    }
}
