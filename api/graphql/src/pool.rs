//! Runs statements on the connection pool. Postgres cancels the query of a client that disconnects.
//! A key uses at most its share of the connections; its other queries wait in its own queue.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use chrono::NaiveDate;
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::Untyped;
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};
use futures::TryStreamExt;
use hotwash_schema::SchemaError;
use hotwash_schema::access::Viewer;
use hotwash_schema::changes::{Changes, changes};
use hotwash_schema::pool::{Pool, PoolOptions};
use hotwash_schema::status::{self, WarehouseStatus};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::code_list::KnownCodes;
use super::dimension::Dimensions;
use super::sql::{Select, fingerprint};

/// Row as diesel-async returns it.
pub type PgRow = <AsyncPgConnection as AsyncConnectionCore>::Row<'static, 'static>;

/// Row of an answer.
pub struct Row(pub PgRow);

/// Maximum number of prepared statements per connection. Further statements are prepared on each
/// run.
const MOST_STATEMENTS: usize = 256;

/// Maximum number of shares before unused ones are dropped.
const MOST_SHARES: usize = 1_000;

/// Maximum number of tries if the connection is dead or a replica cancels the statement.
const TRIES: usize = 4;

/// Planning mode of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planning {
    /// Plan once for all values. Planning a list takes as long as running it.
    Cached,
    /// Plan for the values of each run. A generic plan slows aggregates more than planning does.
    Custom,
}

/// Statement in the form that Diesel runs.
pub struct Statement<'a> {
    select: &'a Select,
    is_cached: bool,
}

impl<'a> Statement<'a> {
    /// Creates a statement that is planned for its values.
    pub fn unprepared(select: &'a Select) -> Self {
        Self { select, is_cached: false }
    }
}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.is_cached {
            pass.unsafe_to_cache_prepared();
        }
        self.select.walk_ast(pass)
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

/// Connection pool, for the server or for one viewer.
#[derive(Clone)]
pub struct QueryPool {
    inner: Arc<Inner>,
    /// Connections that the viewer may use at once; none for the server itself and for local users.
    share: Option<Arc<Semaphore>>,
    /// True once a statement has run for the viewer.
    is_used: Arc<AtomicBool>,
}

struct Inner {
    connections: Pool,
    permits: Semaphore,
    /// Connections that one viewer may use at once.
    share: usize,
    /// Shares of viewers with running queries, by viewer name.
    shares: Mutex<HashMap<String, Weak<Semaphore>>>,
    /// Fingerprints of the statements that connections prepare and reuse.
    prepared: Mutex<HashSet<u64>>,
    statements: AtomicU64,
    dimensions: Dimensions,
    codes: KnownCodes,
}

/// Error of a query.
#[derive(Debug)]
pub enum QueryError {
    /// No connection is available, it was lost, or the time limit was exceeded.
    Connection(SchemaError),
    /// The database rejected the statement.
    Database(DieselError),
}

impl From<SchemaError> for QueryError {
    fn from(error: SchemaError) -> Self {
        Self::Connection(error)
    }
}

impl QueryPool {
    /// Creates a pool of at most `size` connections, of which one viewer uses at most `share` at
    /// once. A query is canceled after `timeout`.
    pub fn new(url: &str, size: usize, share: usize, timeout: Duration) -> Self {
        let options = PoolOptions {
            connections: size,
            is_read_only: true,
            time_limit: Some(timeout),
            name: Some("hotwash api"),
        };
        let inner = Inner {
            connections: Pool::with_options(url, options),
            permits: Semaphore::new(size),
            share: share.clamp(1, size.max(1)),
            shares: Mutex::default(),
            prepared: Mutex::default(),
            statements: AtomicU64::new(0),
            dimensions: Dimensions::default(),
            codes: KnownCodes::default(),
        };
        Self { inner: Arc::new(inner), share: None, is_used: Arc::default() }
    }

    /// Returns the pool for a viewer's request. The local user shares the server with no one, and
    /// may use all connections.
    pub fn shared_by(&self, viewer: &Viewer) -> Self {
        let share = (!viewer.is_local()).then(|| self.inner.share_of(&viewer.name));
        Self { inner: Arc::clone(&self.inner), share, is_used: Arc::default() }
    }

    /// Returns whether the request has run a statement.
    pub fn is_used(&self) -> bool {
        self.is_used.load(Ordering::Relaxed)
    }

    /// Returns the number of statements run so far, for measurements and tests.
    pub fn statements(&self) -> u64 {
        self.inner.statements.load(Ordering::Relaxed)
    }

    /// Returns the copies of the dimensions.
    pub(crate) fn dimensions(&self) -> &Dimensions {
        &self.inner.dimensions
    }

    /// Returns the codes of the reference lists that were read.
    pub(crate) fn codes(&self) -> &KnownCodes {
        &self.inner.codes
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// Fails if the database is unreachable, rejects the statement or takes too long.
    pub async fn query(&self, select: &Select, planning: Planning) -> Result<Vec<Row>, QueryError> {
        let _permits = self.permits().await?;
        let is_cached = planning == Planning::Cached && self.inner.prepares(select);
        let mut tries = 0;
        loop {
            tries += 1;
            match self.run(Statement { select, is_cached }).await {
                // An idle connection may be dead, and a replica may cancel the statement. Retrying
                // a read is safe.
                Err(error) if error.is_passing() && tries < TRIES => {}
                other => return other,
            }
        }
    }

    /// Reads the warehouse status.
    ///
    /// # Errors
    /// Fails if the database is unreachable or takes too long.
    pub async fn status(&self) -> Result<WarehouseStatus, SchemaError> {
        let _permits = self.permits().await?;
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
        status::read(&self.inner.connections).await
    }

    /// Reads what changed between two days.
    ///
    /// # Errors
    /// Fails if the database is unreachable or takes too long.
    pub async fn changes(
        &self,
        viewer: &Viewer,
        since: NaiveDate,
        until: NaiveDate,
    ) -> Result<Changes, QueryError> {
        let _permits = self.permits().await?;
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
        let work = async |connection: &mut AsyncPgConnection| {
            changes(connection, viewer, since, until).await
        };
        Ok(self.inner.connections.run(work).await?)
    }

    /// Reads the generation of the warehouse and its version.
    ///
    /// # Errors
    /// Fails if the database is unreachable or takes too long.
    pub async fn generation_and_version(&self) -> Result<(i64, i64), QueryError> {
        let _permits = self.permits().await?;
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
        let work = async |connection: &mut AsyncPgConnection| {
            // The trait also has a method `load`, so it is not imported.
            let query = status::generation_and_version();
            let read = diesel_async::RunQueryDsl::get_result(query, connection).await;
            read.map_err(QueryError::Database)
        };
        self.inner.connections.run(work).await
    }

    /// Waits for a permit of the viewer's share, then for one of the pool. Waiting for the share
    /// blocks no other viewer.
    async fn permits(&self) -> Result<[Option<SemaphorePermit<'_>>; 2], SchemaError> {
        self.is_used.store(true, Ordering::Relaxed);
        let share = match &self.share {
            Some(share) => Some(permit(share).await?),
            None => None,
        };
        Ok([share, Some(permit(&self.inner.permits).await?)])
    }

    async fn run(&self, statement: Statement<'_>) -> Result<Vec<Row>, QueryError> {
        let inner = &self.inner;
        let work = async |connection: &mut AsyncPgConnection| {
            inner.statements.fetch_add(1, Ordering::Relaxed);
            let rows = async { connection.load(statement).await?.map_ok(Row).try_collect().await };
            rows.await.map_err(QueryError::Database)
        };
        inner.connections.run(work).await
    }
}

impl Inner {
    /// Returns whether connections prepare and reuse this statement.
    fn prepares(&self, select: &Select) -> bool {
        let statement = fingerprint(select);
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.contains(&statement)
            || prepared.len() < MOST_STATEMENTS && prepared.insert(statement)
    }

    fn share_of(&self, name: &str) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(name).and_then(Weak::upgrade) {
            return share;
        }
        if shares.len() >= MOST_SHARES {
            shares.retain(|_, share| share.strong_count() > 0);
        }
        let share = Arc::new(Semaphore::new(self.share));
        shares.insert(name.to_owned(), Arc::downgrade(&share));
        share
    }
}

async fn permit(queue: &Semaphore) -> Result<SemaphorePermit<'_>, SchemaError> {
    queue.acquire().await.map_err(|_| SchemaError::Database("the pool is closed".into()))
}

impl QueryError {
    /// Returns whether another try may succeed at once: the connection was lost, or a replica
    /// canceled the statement.
    fn is_passing(&self) -> bool {
        use DatabaseErrorKind::SerializationFailure;
        match self {
            Self::Connection(error) => matches!(error, SchemaError::Lost(_)),
            Self::Database(error) => {
                matches!(error, DieselError::DatabaseError(SerializationFailure, _))
            }
        }
    }
}

impl From<QueryError> for async_graphql::Error {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Connection(error) => super::error::from_schema(&error),
            QueryError::Database(error) => super::error::from_database(&error),
        }
    }
}
