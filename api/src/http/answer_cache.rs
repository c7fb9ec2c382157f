//! Cache of answers: the same query of the same viewer at the same generation of the warehouse has
//! the same answer. Viewers with the same access share pages. Errors are not cached.

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use async_graphql::Request;
use chrono::NaiveDate;
use hotwash_cache::{Cache, CacheBudget, CacheStatus, Part, SingleFlight};
use hotwash_schema::access::{Role, Viewer};

/// Words of a query about loads. A load that fails raises no version, so that an answer about it
/// would be outdated.
const LOADS: [&str; 3] = ["batches", "Batch", "LoadedFile"];

/// Reports whether a query has one answer in each generation of the warehouse.
pub fn is_cacheable_query(query: &str) -> bool {
    !LOADS.iter().any(|word| query.contains(word))
}

/// Query that has one answer in each generation of the warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AnswerQuery {
    requested: Requested,
    /// Without an as-of day, a metric is as of today.
    today: NaiveDate,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Requested {
    Document {
        text: String,
        /// As JSON.
        variables: String,
        operation: Option<String>,
        media_type: &'static str,
        viewer: Viewer,
    },
    Page {
        path: String,
        parameters: String,
        /// The local user cannot sign out.
        is_local: bool,
        access: Access,
    },
    /// A page's query for single records.
    Records { text: String, access: Access },
}

/// Access of a viewer: equal for two viewers who may see the same records.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Access {
    AllDetail,
    Limited(Role, Vec<String>),
}

impl Access {
    fn of(viewer: &Viewer) -> Self {
        if viewer.sees_all_detail() {
            Self::AllDetail
        } else {
            Self::Limited(viewer.role, viewer.regions.clone())
        }
    }
}

impl AnswerQuery {
    fn today(requested: Requested) -> Self {
        Self { requested, today: chrono::Local::now().date_naive() }
    }

    /// Returns the query of a GraphQL request. `None` for requests that are not cached: those about
    /// loads and the warehouse's own status, and mutations.
    pub fn document(request: &Request, viewer: &Viewer, media_type: &'static str) -> Option<Self> {
        let is_status = ["warehouse", "mutation"].iter().any(|word| request.query.contains(word));
        if is_status || !is_cacheable_query(&request.query) {
            return None;
        }
        Some(Self::today(Requested::Document {
            text: request.query.clone(),
            variables: serde_json::to_string(&request.variables).ok()?,
            operation: request.operation_name.clone(),
            media_type,
            viewer: viewer.clone(),
        }))
    }

    /// Returns the query of a report page. Viewers with the same access share it.
    pub fn page(path: &str, parameters: &str, viewer: &Viewer) -> Self {
        Self::today(Requested::Page {
            path: path.to_owned(),
            parameters: parameters.to_owned(),
            is_local: viewer.is_local(),
            access: Access::of(viewer),
        })
    }

    /// Returns a page's query for single records. `None` for queries about loads.
    pub fn records(text: &str, viewer: &Viewer) -> Option<Self> {
        let requested = Requested::Records { text: text.to_owned(), access: Access::of(viewer) };
        is_cacheable_query(text).then(|| Self::today(requested))
    }

    fn bytes(&self) -> usize {
        size_of::<Self>()
            + match &self.requested {
                Requested::Document { text, variables, .. } => text.len() + variables.len(),
                Requested::Page { path, parameters, .. } => path.len() + parameters.len(),
                Requested::Records { text, .. } => text.len(),
            }
    }
}

/// A body with its query cost.
pub type Answer = (Bytes, u64);

/// Cached answers, and the pages that are being computed.
pub struct AnswerCache {
    answers: Cache<AnswerQuery, Answer>,
    /// Pages by generation and query.
    pub pages: SingleFlight<(i64, AnswerQuery), Result<(StatusCode, Bytes), String>>,
}

impl AnswerCache {
    /// Creates an empty cache.
    pub fn new(budget: &CacheBudget) -> Self {
        let bytes = |query: &AnswerQuery, (body, _): &Answer| query.bytes() + body.len();
        Self { answers: Cache::new(budget, Part::Answers, bytes), pages: SingleFlight::default() }
    }

    /// Returns whether answers are cached.
    pub fn is_on(&self) -> bool {
        self.answers.is_on()
    }

    /// Returns the answer cached at this generation, with its query cost.
    pub fn get(&self, generation: i64, query: &AnswerQuery) -> Option<Answer> {
        self.answers.get(generation, query)
    }

    /// Caches an answer with its query cost.
    pub fn insert(&self, generation: i64, query: AnswerQuery, answer: &Bytes, cost: u64) {
        self.answers.insert(generation, query, (answer.clone(), cost));
    }

    /// Drops the answers of other generations.
    pub fn retain(&self, generation: i64) {
        self.answers.retain(|known| known == generation);
    }

    /// Size and use of the cache.
    pub fn status(&self) -> CacheStatus {
        self.answers.status()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_cached_for_its_viewer_and_generation() {
        let answers = AnswerCache::new(&CacheBudget::default());
        let request = Request::new("{ regions { code } }");
        let local = AnswerQuery::document(&request, &Viewer::local(), "json").unwrap();
        let other = Viewer { name: "other".into(), ..Viewer::local() };
        assert_ne!(Some(&local), AnswerQuery::document(&request, &other, "json").as_ref());
        let status = Request::new("{ warehouse { version } }");
        assert_eq!(AnswerQuery::document(&status, &Viewer::local(), "json"), None);
        let loads = Request::new("{ batches { nodes { status } } }");
        assert_eq!(AnswerQuery::document(&loads, &Viewer::local(), "json"), None);
        assert_eq!(AnswerQuery::records(&loads.query, &Viewer::local()), None);
        let named = |name: &str, role, region: &str| Viewer {
            name: name.into(),
            role,
            regions: vec![region.into()],
        };
        let page = |viewer: &Viewer| AnswerQuery::page("/", "", viewer);
        assert_eq!(
            page(&named("one", Role::Region, "3")),
            page(&named("other", Role::Region, "3"))
        );
        assert_eq!(page(&named("one", Role::Analyst, "3")), page(&named("one", Role::Admin, "5")));
        for (role, region) in [(Role::Region, "5"), (Role::Viewer, "3"), (Role::Analyst, "3")] {
            assert_ne!(page(&named("one", Role::Region, "3")), page(&named("one", role, region)));
            let records = |viewer: &Viewer| AnswerQuery::records("{ events }", viewer);
            assert_ne!(
                records(&named("one", Role::Region, "3")),
                records(&named("one", role, region))
            );
        }
        assert_ne!(
            page(&Viewer::local()),
            page(&named("one", Role::Admin, "3")),
            "one may sign out"
        );
        answers.insert(7, local.clone(), &Bytes::from_static(b"{}"), 1);
        assert!(answers.get(7, &local).is_some() && answers.get(8, &local).is_none());
        answers.retain(8);
        assert!(answers.get(7, &local).is_none());
    }
}
