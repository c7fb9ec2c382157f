//! The snapshot with which a request is answered: the one that it names, or the current one.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use hotwash_graphql::error::Code;
use hotwash_metrics::{Snapshot, SnapshotGone, SnapshotStore};

/// Parameter of the URL that names a snapshot by its number.
pub const PARAMETER: &str = "snapshot";
/// Header for clients with a fixed URL, such as GraphiQL. The parameter takes precedence.
pub const HEADER: &str = "hotwash-snapshot";

/// Error of a request that does not name its snapshot by a number.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "snapshot={0}: write the number of a snapshot, e.g. that of `warehouse {{ snapshotVersion }}`"
)]
pub struct NoNumber(String);

/// Snapshot of a request.
pub struct Pinned {
    pub snapshot: Arc<Snapshot>,
    /// True if the request names it.
    pub is_named: bool,
}

impl Pinned {
    /// Returns the snapshot of a request.
    ///
    /// # Errors
    /// Fails if the request names a snapshot that the server does not have.
    pub fn of(request: &HttpRequest, store: &SnapshotStore) -> Result<Self, (Code, String)> {
        let named = named(request).map_err(|error| (Code::BadUserInput, error.to_string()))?;
        Self::at(named, store).map_err(|gone| (Code::SnapshotGone, gone.to_string()))
    }

    /// Returns the snapshot with this number; without one, the current snapshot.
    ///
    /// # Errors
    /// Fails if the server does not have it.
    pub fn at(named: Option<i64>, store: &SnapshotStore) -> Result<Self, SnapshotGone> {
        let snapshot = named.map_or_else(|| Ok(store.pin()), |number| store.pin_version(number))?;
        Ok(Self { snapshot, is_named: named.is_some() })
    }

    /// Returns the snapshot if the request names it.
    pub fn named(&self) -> Option<&Snapshot> {
        self.is_named.then_some(self.snapshot.as_ref())
    }
}

/// Returns the number of the snapshot that a request names.
///
/// # Errors
/// Fails if it is no number.
pub fn named(request: &HttpRequest) -> Result<Option<i64>, NoNumber> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(request.query_string())
        .map_err(|error| NoNumber(error.to_string()))?;
    let parameter = parameters.into_inner().into_iter().find(|(name, _)| name == PARAMETER);
    let header = || request.headers().get(HEADER).map(|value| value.to_str().unwrap_or_default());
    let Some(number) = parameter.map(|(_, number)| number).or_else(|| header().map(str::to_owned))
    else {
        return Ok(None);
    };
    number.parse().map(Some).map_err(|_| NoNumber(number))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_request_names_its_snapshot_in_the_url_or_a_header() {
        let of = |url: &str, header: Option<&str>| {
            let request = TestRequest::with_uri(url);
            let request = header
                .into_iter()
                .fold(request, |request, number| request.insert_header((HEADER, number)));
            named(&request.to_http_request())
        };
        assert_eq!(of("/graphql", None), Ok(None));
        assert_eq!(of("/graphql?query=x&snapshot=72", None), Ok(Some(72)));
        assert_eq!(of("/graphql", Some("72")), Ok(Some(72)));
        assert_eq!(of("/graphql?snapshot=72", Some("73")), Ok(Some(72)));
        let wrong = of("/export/events.csv?snapshot=latest", None);
        assert_eq!(wrong, Err(NoNumber("latest".into())));
    }
}
