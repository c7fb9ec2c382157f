//! Runs statements on the pool of connections; a query whose asker goes away is cancelled in
//! Postgres. A key uses at most its share of the connections at once; its further queries wait in
//! its own queue, so that others pass.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::Untyped;
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};
use futures::TryStreamExt;
use hotwash_schema::SchemaError;
use hotwash_schema::access::Viewer;
use hotwash_schema::loss::Loss;
use hotwash_schema::pool::{Pool as Connections, PoolOptions};
use hotwash_schema::status::{self, WarehouseStatus};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::sql::{Select, fingerprint};

/// Row as diesel-async gives it.
pub type PgRow = <AsyncPgConnection as AsyncConnectionCore>::Row<'static, 'static>;

/// Row of an answer.
pub struct Row(pub PgRow);

/// Statements that connections keep prepared; further ones are prepared each time.
const MOST_STATEMENTS: usize = 256;

/// Shares known before those that nobody uses are forgotten.
const MOST_SHARES: usize = 1_000;

/// Times that a statement is run whose connection proves dead, or that gives way on a replica.
const TRIES: usize = 4;

/// How Postgres plans a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planning {
    /// Once for all values: a list is planned for as long as it runs.
    Cached,
    /// For the values of each run: a plan for any values costs aggregates more than planning.
    Custom,
}

/// Statement as Diesel runs it.
pub struct Statement<'a> {
    select: &'a Select,
    is_cached: bool,
}

impl<'a> Statement<'a> {
    /// A statement that is planned for its values.
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

/// A pool of connections, as all or one viewer may use it.
#[derive(Clone)]
pub struct Pool {
    inner: Arc<Inner>,
    /// Connections that the viewer may use at once; none for the server itself and for local users.
    share: Option<Arc<Semaphore>>,
}

struct Inner {
    connections: Connections,
    timeout: Duration,
    permits: Semaphore,
    /// Connections that one viewer may use at once.
    share: usize,
    /// Shares of the viewers that have queries, by name.
    shares: Mutex<HashMap<String, Weak<Semaphore>>>,
    /// Fingerprints of the statements that connections keep prepared.
    prepared: Mutex<HashSet<u64>>,
    statements: AtomicU64,
}

/// Error of a query.
#[derive(Debug)]
pub enum QueryError {
    /// No connection.
    Connect(SchemaError),
    /// It took longer than it may.
    Timeout,
    /// The database refused it.
    Database(DieselError),
}

impl From<SchemaError> for QueryError {
    fn from(error: SchemaError) -> Self {
        Self::Connect(error)
    }
}

impl Pool {
    /// A pool of at most `size` connections, of which one viewer uses at most `share` at once;
    /// statements are cut off after `timeout`.
    pub fn new(url: &str, size: usize, share: usize, timeout: Duration) -> Self {
        let options = PoolOptions {
            connections: size,
            is_read_only: true,
            statement_timeout: Some(timeout),
            name: Some("hotwash api"),
        };
        let inner = Inner {
            connections: Connections::with_options(url, options),
            timeout,
            permits: Semaphore::new(size),
            share: share.clamp(1, size.max(1)),
            shares: Mutex::default(),
            prepared: Mutex::default(),
            statements: AtomicU64::new(0),
        };
        Self { inner: Arc::new(inner), share: None }
    }

    /// The pool as this viewer may use it. The local user is alone on the server, and uses all of
    /// it.
    pub fn shared_by(&self, viewer: &Viewer) -> Self {
        let mut pool = self.clone();
        pool.share = (!viewer.is_local()).then(|| self.inner.share_of(&viewer.name));
        pool
    }

    /// Statements run so far, for measurements and tests.
    pub fn statements(&self) -> u64 {
        self.inner.statements.load(Ordering::Relaxed)
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// Fails when the database cannot be reached, refuses the statement or takes too long.
    pub async fn query(&self, select: &Select, planning: Planning) -> Result<Vec<Row>, QueryError> {
        let _turn = self.turn().await?;
        let is_cached = planning == Planning::Cached && self.inner.keeps(select);
        let mut tries = 0;
        loop {
            tries += 1;
            match self.run(Statement { select, is_cached }).await {
                // An idle connection may have died since its last use, and a replica gives way to
                // what it must replay; what was only read can be read again.
                Err(QueryError::Database(error)) if is_passing(&error) && tries < TRIES => {}
                other => return other,
            }
        }
    }

    /// Reads the status of the warehouse.
    ///
    /// # Errors
    /// Fails when the database cannot be reached or takes too long.
    pub async fn status(&self) -> Result<WarehouseStatus, SchemaError> {
        let _turn = self.turn().await?;
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
        status::read(&self.inner.connections).await
    }

    /// Waits for a connection of the viewer's share, then for one of all: who waits in a viewer's
    /// own queue holds nothing that others wait for.
    async fn turn(&self) -> Result<[Option<SemaphorePermit<'_>>; 2], SchemaError> {
        let share = match &self.share {
            Some(share) => Some(turn(share).await?),
            None => None,
        };
        Ok([share, Some(turn(&self.inner.permits).await?)])
    }

    async fn run(&self, statement: Statement<'_>) -> Result<Vec<Row>, QueryError> {
        let inner = &self.inner;
        let work = async |connection: &mut AsyncPgConnection| {
            inner.statements.fetch_add(1, Ordering::Relaxed);
            let began = Instant::now();
            let rows = async { connection.load(statement).await?.map_ok(Row).try_collect().await };
            rows.await.map_err(|error: DieselError| match error {
                // Diesel keeps no SQLSTATE: what fails when its time is up was cut off.
                DieselError::DatabaseError(DatabaseErrorKind::Unknown, _)
                    if Loss::of(&error).is_none() && began.elapsed() >= inner.timeout =>
                {
                    QueryError::Timeout
                }
                error => QueryError::Database(error),
            })
        };
        inner.connections.run(work).await
    }
}

impl Inner {
    /// Returns whether connections keep this statement prepared.
    fn keeps(&self, select: &Select) -> bool {
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

async fn turn(queue: &Semaphore) -> Result<SemaphorePermit<'_>, SchemaError> {
    queue.acquire().await.map_err(|_| SchemaError::Database("the pool is closed".into()))
}

fn is_passing(error: &DieselError) -> bool {
    let gave_way =
        matches!(error, DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _));
    gave_way || Loss::of(error).is_some()
}

impl From<QueryError> for async_graphql::Error {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Connect(error) => super::error::from_schema(&error),
            QueryError::Timeout => super::error::timeout(),
            QueryError::Database(error) => super::error::from_database(&error),
        }
    }
}
