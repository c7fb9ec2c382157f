//! Answers kept while the warehouse stays as it is: the same question of the same viewer at the same mark of the warehouse has
//! the same answer. All are forgotten when the mark changes. Errors are never kept.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use actix_web::web::Bytes;
use async_graphql::Request;
use hotwash_schema::access::Viewer;

/// Largest answer kept, in bytes.
const LARGEST: usize = 1 << 20;

/// What an answer is kept under.
pub type Key = [u8; 32];

/// The answers at one mark.
#[derive(Default)]
struct Kept {
    mark: i64,
    bytes: usize,
    answers: HashMap<Key, (Bytes, u64)>,
}

/// Keeps answers up to a number of bytes.
pub struct Answers {
    most: usize,
    kept: Mutex<Kept>,
}

impl Answers {
    /// Keeps up to so many MiB; 0 for none.
    pub fn new(mebibytes: usize) -> Self {
        Self { most: mebibytes << 20, kept: Mutex::default() }
    }

    /// The key of a question; none for what tells of the moment rather than of the warehouse's records.
    pub fn key(&self, request: &Request, viewer: &Viewer, media: &str) -> Option<Key> {
        if self.most == 0 || request.query.contains("warehouse") || request.query.contains("mutation") {
            return None;
        }
        let variables = serde_json::to_string(&request.variables).ok()?;
        let operation = request.operation_name.as_deref().unwrap_or_default();
        Some(hashed(&[request.query.as_str(), &variables, operation, media], viewer))
    }

    /// The key of a page of the report.
    pub fn page_key(&self, path: &str, query: &str, viewer: &Viewer) -> Option<Key> {
        (self.most > 0).then(|| hashed(&["page", path, query], viewer))
    }

    /// The answer kept at this mark, with the cost of its question.
    pub fn get(&self, key: &Key, mark: i64) -> Option<(Bytes, u64)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.mark == mark { kept.answers.get(key).cloned() } else { None }
    }

    /// Keeps an answer, with the cost of its question.
    pub fn keep(&self, key: Key, mark: i64, answer: &Bytes, cost: u64) {
        if answer.len() > LARGEST {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.mark != mark || kept.bytes + answer.len() > self.most {
            *kept = Kept { mark, ..Kept::default() };
        }
        kept.bytes += answer.len();
        kept.answers.insert(key, (answer.clone(), cost));
    }
}

fn hashed(asked: &[&str], viewer: &Viewer) -> Key {
    // Without an as-of day a metric speaks for today.
    let today = chrono::Local::now().date_naive().to_string();
    let regions = viewer.regions.join(",");
    let who = [viewer.name.as_str(), viewer.role.as_str(), regions.as_str(), today.as_str()];
    let mut hasher = blake3::Hasher::new();
    for part in asked.iter().chain(&who) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_for_its_viewer_and_mark_alone() {
        let answers = Answers::new(1);
        let request = Request::new("{ regions { code } }");
        let local = answers.key(&request, &Viewer::local(), "json").unwrap();
        let other = Viewer { name: "other".into(), ..Viewer::local() };
        assert_ne!(Some(local), answers.key(&request, &other, "json"));
        assert_eq!(answers.key(&Request::new("{ warehouse { version } }"), &Viewer::local(), "json"), None);
        answers.keep(local, 7, &Bytes::from_static(b"{}"), 1);
        assert_eq!((answers.get(&local, 7).is_some(), answers.get(&local, 8)), (true, None));
        for number in 0..100_u8 {
            answers.keep([number; 32], 7, &Bytes::from(vec![0; 100_000]), 1);
        }
        assert!(answers.kept.lock().unwrap().bytes <= 1 << 20);
    }
}
