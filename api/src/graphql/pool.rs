//! Connections to Postgres with their prepared statements; a query whose asker goes away is
//! cancelled in Postgres. A key uses at most its share of the connections at once; its further
//! queries wait in its own queue, so that others pass.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use hotwash_schema::SchemaError;
use hotwash_schema::access::Viewer;
use hotwash_schema::connect::{cancel, connect};
use hotwash_schema::loss::Loss;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

/// Prepared statements kept a connection; further ones are prepared each time.
const MOST_STATEMENTS: usize = 256;

/// Shares known before those that nobody uses are forgotten.
const MOST_SHARES: usize = 1_000;

/// A pool of connections, as all or one viewer may use it.
#[derive(Clone)]
pub struct Pool {
    inner: Arc<Inner>,
    /// Connections that the viewer may use at once; none for the server itself and for local users.
    share: Option<Arc<Semaphore>>,
}

struct Inner {
    url: String,
    timeout: Duration,
    permits: Semaphore,
    /// Connections that one viewer may use at once.
    share: usize,
    /// Shares of the viewers that have queries, by name.
    shares: Mutex<HashMap<String, Weak<Semaphore>>>,
    idle: Mutex<Vec<Connection>>,
    statements: AtomicU64,
}

struct Connection {
    client: Client,
    prepared: HashMap<String, Statement>,
}

/// Error of a query.
#[derive(Debug)]
pub enum QueryError {
    /// No connection.
    Connect(SchemaError),
    /// The database refused it.
    Database(tokio_postgres::Error),
}

impl Pool {
    /// A pool of at most `size` connections, of which one viewer uses at most `share` at once;
    /// statements are cut off after `timeout`.
    pub fn new(url: &str, size: usize, share: usize, timeout: Duration) -> Self {
        let inner = Inner {
            url: url.to_owned(),
            timeout,
            permits: Semaphore::new(size),
            share: share.clamp(1, size.max(1)),
            shares: Mutex::default(),
            idle: Mutex::default(),
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

    /// Runs a statement with text parameters, preparing it once a connection.
    pub async fn query(
        &self,
        sql: &str,
        parameters: &[Option<String>],
    ) -> Result<Vec<Row>, QueryError> {
        // First the viewer's own queue: who waits there holds nothing that others wait for.
        let _share = match &self.share {
            Some(share) => Some(turn(share).await?),
            None => None,
        };
        let _permit = turn(&self.inner.permits).await?;
        let mut tries = 0;
        loop {
            tries += 1;
            let (connection, fresh) = self.take().await?;
            match self.run(connection, sql, parameters).await {
                // An idle connection may have died since its last use: a fresh one decides.
                Err(QueryError::Database(error))
                    if Loss::of(&error).is_some() && !fresh && tries < 4 => {}
                // A replica gives way to what it must replay; what was only read can be read again.
                Err(QueryError::Database(error)) if gave_way(&error) && tries < 4 => {}
                other => return other,
            }
        }
    }

    async fn take(&self) -> Result<(Connection, bool), QueryError> {
        let idle = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle.filter(|connection| !connection.client.is_closed()) {
            return Ok((connection, false));
        }
        let client = connect(&self.inner.url).await.map_err(QueryError::Connect)?;
        let set = format!(
            "set statement_timeout = {}; set default_transaction_read_only = on; set jit = off; \
             set application_name = 'hotwash api'",
            self.inner.timeout.as_millis()
        );
        client.batch_execute(&set).await.map_err(QueryError::Database)?;
        Ok((Connection { client, prepared: HashMap::new() }, true))
    }

    async fn run(
        &self,
        connection: Connection,
        sql: &str,
        parameters: &[Option<String>],
    ) -> Result<Vec<Row>, QueryError> {
        let mut guard = Cancel { connection: Some(connection), pool: self };
        let Some(connection) = guard.connection.as_mut() else { return Ok(Vec::new()) };
        let statement = match connection.prepared.get(sql) {
            Some(statement) => statement.clone(),
            None => {
                let types = vec![tokio_postgres::types::Type::TEXT; parameters.len()];
                let statement = connection
                    .client
                    .prepare_typed(sql, &types)
                    .await
                    .map_err(QueryError::Database)?;
                if connection.prepared.len() < MOST_STATEMENTS {
                    connection.prepared.insert(sql.to_owned(), statement.clone());
                }
                statement
            }
        };
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
        let values: Vec<&(dyn ToSql + Sync)> =
            parameters.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let rows = connection.client.query(&statement, &values).await.map_err(QueryError::Database);
        guard.give_back();
        rows
    }
}

impl Inner {
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

async fn turn(queue: &Semaphore) -> Result<SemaphorePermit<'_>, QueryError> {
    queue
        .acquire()
        .await
        .map_err(|_| QueryError::Connect(SchemaError::Database("the pool is closed".into())))
}

fn gave_way(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::T_R_SERIALIZATION_FAILURE)
}

/// Holds a connection while a query runs; dropped before its end, it cancels the query and lets the
/// connection go.
struct Cancel<'a> {
    connection: Option<Connection>,
    pool: &'a Pool,
}

impl Cancel<'_> {
    fn give_back(mut self) {
        if let Some(connection) =
            self.connection.take().filter(|connection| !connection.client.is_closed())
        {
            self.pool.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

impl Drop for Cancel<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let token = connection.client.cancel_token();
            let url = self.pool.inner.url.clone();
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(async move {
                    cancel(&url, token).await;
                    drop(connection);
                });
            }
        }
    }
}

impl From<QueryError> for async_graphql::Error {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Connect(error) => super::error::from_schema(&error),
            QueryError::Database(error) => super::error::from_database(&error),
        }
    }
}
