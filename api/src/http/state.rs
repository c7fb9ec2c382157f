//! State shared by all requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use hotwash_cache::CacheStatus;
use hotwash_graphql::{
    ColumnCache, Guard, NamesSnapshot, PinnedColumnCache, QueryPool, ViewerScope,
};
use hotwash_metrics::SnapshotStore;
use hotwash_schema::pool::Pool;

use super::answer_cache::AnswerCache;
use super::authenticator::Authenticator;
use super::journal::Journal;
use super::measurements::PrometheusMetrics;
use super::options::ServerOptions;
use super::pinned::Pinned;
use super::session::Sessions;
use super::websocket::Sockets;
use crate::oidc::Oidc;

/// State shared by all requests.
pub struct AppState {
    pub guard: Guard,
    pub pool: QueryPool,
    pub store: Arc<SnapshotStore>,
    pub options: ServerOptions,
    /// Connections to the primary database: keys, sessions and access log.
    pub primary: Pool,
    /// URL from which the warehouse is read: a replica, or the primary.
    pub read_url: String,
    pub sessions: Sessions,
    pub oidc: Option<Oidc>,
    pub authenticator: Authenticator,
    pub answers: AnswerCache,
    pub column_cache: Option<Arc<ColumnCache>>,
    /// Newest warehouse version whose pages were prerendered; 0 for none.
    pub prerendered: AtomicI64,
    /// True while the server finishes the running requests before it stops.
    pub stopping: AtomicBool,
    pub sockets: Arc<Sockets>,
    pub journal: Journal,
    pub measurements: PrometheusMetrics,
}

impl AppState {
    /// Returns the size and use of each cache.
    pub fn cache_status(&self) -> Vec<CacheStatus> {
        let columns = self.column_cache.as_ref().map(|columns| columns.status());
        let metrics = self.store.pin().caches().status();
        let others = [
            self.answers.status(),
            self.store.former_status(),
            self.guard.documents().status(),
            self.authenticator.status(),
        ];
        columns.into_iter().chain(metrics).chain(others).collect()
    }

    /// Attaches the viewer, the snapshot and the pools that resolvers need to a request.
    pub fn with_request_data(
        &self,
        request: async_graphql::Request,
        pinned: &Pinned,
        seen: &ViewerScope,
    ) -> async_graphql::Request {
        let pool = self.pool.shared_by(&seen.viewer);
        let snapshot = &pinned.snapshot;
        let mut request = request
            .data(seen.clone())
            .data(pool)
            .data(Arc::clone(&self.store))
            .data(Arc::clone(snapshot));
        if pinned.is_named {
            request = request.data(NamesSnapshot);
        }
        match &self.column_cache {
            Some(column_cache) => request.data::<PinnedColumnCache>(
                column_cache.at_generation(self.store.warehouse_generation(snapshot)),
            ),
            None => request,
        }
    }
}
