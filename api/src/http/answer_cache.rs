//! Cache of answers: the same query of the same viewer at the same generation of the warehouse has
//! the same answer. Viewers with the same access share pages. A new generation empties the cache.
//! Errors are not cached.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use actix_web::web::Bytes;
use async_graphql::Request;
use hotwash_schema::access::Viewer;

/// Maximum size of a cached answer, in bytes.
const LARGEST: usize = 1 << 20;

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
    most: usize,
    kept: Mutex<CachedGeneration>,
}

impl AnswerCache {
    /// Creates a cache of this many MiB; 0 turns it off.
    pub fn new(mebibytes: usize) -> Self {
        Self { most: mebibytes << 20, kept: Mutex::default() }
    }

    /// The key of a question; none for what tells of the moment rather than of the warehouse's
    /// records.
    pub fn key(&self, request: &Request, viewer: &Viewer, media: &str) -> Option<AnswerKey> {
        if self.most == 0
            || request.query.contains("warehouse")
            || request.query.contains("mutation")
        {
            return None;
        }
        let variables = serde_json::to_string(&request.variables).ok()?;
        let operation = request.operation_name.as_deref().unwrap_or_default();
        let asked = [request.query.as_str(), &variables, operation, media];
        Some(hashed(
            &asked,
            &[viewer.name.as_str(), viewer.role.as_str(), &viewer.regions.join(",")],
        ))
    }

    /// The key of a page of the report: the same for all who see the same, whoever they are.
    pub fn page_key(&self, path: &str, query: &str, viewer: &Viewer) -> Option<AnswerKey> {
        let place = if viewer.name == Viewer::LOCAL { "here" } else { "signed in" };
        (self.most > 0).then(|| hashed(&["page", path, query], &[place, &sight(viewer)]))
    }

    /// The key of what a page asks about single records.
    pub fn question_key(&self, question: &str, viewer: &Viewer) -> Option<AnswerKey> {
        (self.most > 0).then(|| hashed(&["question", question], &[&sight(viewer)]))
    }

    /// The answer kept at this mark, with the cost of its question.
    pub fn get(&self, key: &AnswerKey, generation: i64) -> Option<(Bytes, u64)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.generation == generation { kept.answers.get(key).cloned() } else { None }
    }

    /// Keeps an answer, with the cost of its question.
    pub fn keep(&self, key: AnswerKey, generation: i64, answer: &Bytes, cost: u64) {
        if answer.len() > LARGEST {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.generation != generation || kept.bytes + answer.len() > self.most {
            *kept = CachedGeneration { generation, ..CachedGeneration::default() };
        }
        kept.bytes += answer.len();
        kept.answers.insert(key, (answer.clone(), cost));
    }
}

/// What a viewer may see: of two with the same, each sees what the other sees.
fn sight(viewer: &Viewer) -> String {
    if viewer.sees_all_detail() {
        "all".into()
    } else {
        format!("{} {}", viewer.role.as_str(), viewer.regions.join(","))
    }
}

fn hashed(asked: &[&str], who: &[&str]) -> AnswerKey {
    // Without an as-of day a metric speaks for today.
    let today = chrono::Local::now().date_naive().to_string();
    let mut hasher = blake3::Hasher::new();
    for part in asked.iter().chain(who).chain(&[today.as_str()]) {
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
    fn an_answer_is_kept_for_its_viewer_and_mark_alone() {
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
            let question =
                |viewer: &Viewer| answers.question_key("{ events { totalCount } }", viewer);
            assert_ne!(
                question(&named("one", Role::Region, "3")),
                question(&named("one", role, region))
            );
        }
        assert_ne!(
            page(&Viewer::local()),
            page(&named("one", Role::Admin, "3")),
            "one may sign out"
        );
        answers.keep(local, 7, &Bytes::from_static(b"{}"), 1);
        assert_eq!((answers.get(&local, 7).is_some(), answers.get(&local, 8)), (true, None));
        for number in 0..100_u8 {
            answers.keep([number; 32], 7, &Bytes::from(vec![0; 100_000]), 1);
        }
        assert!(answers.kept.lock().unwrap().bytes <= 1 << 20);
    }
}
